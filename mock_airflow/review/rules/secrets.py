"""Secrets where others read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from mock_airflow.domain.masking import MASK, is_sensitive
from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.retrying import is_trigger
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="secrets")


@rule(
    "secret-in-url",
    "Puts a secret into the URL",
    severity=Severity.ERROR,
    source="documented: RFC 6750, 5.3: URLs are written to logs; every proxy and webserver on the way does so",
    consequence="The secret stands in the access log of every server on the way, where it outlives its rotation.",
    way_out='headers={"Authorization": f"Bearer {token}"}  # not params=',
)
def in_url(traffic: Traffic) -> Iterable[Finding]:
    """
    The query, or the path, of a call held a value that had to be hidden: a parameter that is called like a secret, such
    as token or password, a user's password before the host, or a value that the deployment keeps as a secret. Names
    that Airflow's own operations declare, such as the token of a log, are none, and neither are those of pages, such as
    page_token, or of what is said about a secret, such as secret_name.
    """
    shown = [call for call in traffic if MASK in call.entry.path or _parameters(call)]
    for calls in grouped(shown, lambda call: (call.client, call.entry.path)).values():
        names = sorted({name for call in calls for name in _parameters(call)})
        said = f"in {', '.join(names)}" if names else "in its path"
        yield Finding(
            f"#{calls[0].number} {calls[0].method} {calls[0].entry.path} had a secret {said}.",
            tuple(calls),
            {"parameters": names, "calls": len(calls)},
        )


def _parameters(call: Seen) -> list[str]:
    declared = call.operation.query if call.operation is not None else ()
    return [
        name
        for name, values in call.query.items()
        if name not in declared and not _ABOUT.fullmatch(name) and any(MASK in each for each in values)
    ]


@rule(
    "secret-in-conf",
    "Puts a secret into a run's conf",
    severity=Severity.WARNING,
    source="documented: conf is shown to everybody who may read the run, and kept with it",
    consequence="Everybody who sees the run in the UI, and everybody who reads the database's backup, has the secret.",
    way_out='conf={"connection_id": "warehouse"}  # and the DAG reads it from the connection',
)
def in_conf(traffic: Traffic) -> Iterable[Finding]:
    """
    A trigger, or a backfill, sent a conf with a member that is called like a secret and that has a value, or with a
    value that looks like a signed token or an address with a password. Names that only speak of secrets, such as
    secret_name or max_tokens, are none.
    """
    for call in traffic:
        conf = call.body.get("conf") if is_trigger(call) or call.id == "create_backfill" else None
        paths = list(_hidden(conf, "conf"))
        if paths:
            yield Finding(f"#{call.number} sent a secret in {', '.join(paths)}.", (call,), {"members": paths})


# What sounds secret and is none: what a secret is called or where it lies, how many words, where a page begins.
_ABOUT = re.compile(
    r"(?i).*[_-](?:names?|path|arn|type|count|limit|scope|version)|(?:max|min|num|total|input|output)[_-].*tokens|"
    r"(?:next[_-]?)?(?:page|next|continuation|sync)[_-]?token"
)
# Where stars stand for a secret: alone, or where a password or a token stood. Others are the client's own.
_PUT_THERE = re.compile(r"^\*{3}$|[\w\":=@/.-]\*{3}(?!\*)|(?<!\*)\*{3}[\w@/.-]|(?i:bearer|basic|token) \*{3}")


def _hidden(value: Any, path: str, named: bool = False) -> Iterator[str]:
    """Where in a JSON value something had to be hidden."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not _ABOUT.fullmatch(name):
                yield from _hidden(item, f"{path}.{name}", is_sensitive(name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _hidden(item, f"{path}[{place}]", named)
    elif isinstance(value, str) and (MASK in value if named else _PUT_THERE.search(value)):
        yield path


@rule(
    "secret-variable-in-clear",
    "Keeps a secret in a variable that shows it",
    severity=Severity.WARNING,
    source="code: Airflow hides the values of variables whose key holds a word such as password, secret or token",
    consequence="The UI, the logs and every answer show the value in clear.",
    way_out='f"{key}_secret"  # a key by which Airflow hides it; better a connection or a secrets backend',
)
def variable_in_clear(traffic: Traffic) -> Iterable[Finding]:
    """
    A variable was written whose value holds an address with a password, a signed token among other words, or JSON with
    a member that is called like a secret, under a key by which Airflow hides nothing. Of Airflow 3 the journal keeps no
    values of variables, so nothing is said of them.
    """
    for call in traffic:
        if call.id not in ("post_variables", "post_variable", "patch_variable") or not call.ok:
            continue
        key = call.body.get("key") or call.names.get("variable_key")
        value = call.body.get("value")
        if (
            isinstance(key, str)
            and not is_sensitive(key)
            and isinstance(value, str)
            and MASK in value
            and value != MASK
        ):
            yield Finding(
                f"#{call.number} wrote the variable {key}, whose value holds a secret.", (call,), {"variable": key}
            )
