"""What was refused, and what the client made of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from urllib.parse import unquote

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.retrying import is_trigger
from mock_airflow.review.traffic import Seen, Traffic

rule = partial(ReviewRule, subject="refusals")

_FOR_GOOD = frozenset({400, 403, 404, 405, 406, 409, 410, 413, 415, 422})
_TIMES = 3
_ANEW = 600.0  # seconds, after which the same is asked anew, as by a job that makes sure of a thing every hour
_NOT_REFUSED = frozenset({408, 409, 425, 429})  # of a trigger: it may be made later, or is there


@rule(
    "refusal-repeated",
    "Sends again unchanged what was refused",
    severity=Severity.WARNING,
    source="documented: RFC 9110, 15.5: the client erred, and the same request errs again",
    consequence="Each attempt counts against the limit and delays the moment at which somebody sees the real error.",
    way_out="Retry(status_forcelist=(429, 502, 503, 504))  # and no 4xx but 429",
)
def repeated(traffic: Traffic) -> Iterable[Finding]:
    """
    One client sent the same request at least three times in a row, with no other call of its in between, and was
    answered with the same 4xx each time, no ten minutes between two of them and none sent before the other was
    answered. 401, 408, 425 and 429 are not meant, and neither is a GET that was 404 until
    the thing was there.
    """
    for calls in traffic.by_client.values():
        row: list[Seen] = []
        for call in [*calls, None]:
            if call is not None and row and call.request == row[0].request and call.status == row[0].status:
                if traffic.overlaps(row[-1], call):
                    continue
                if not traffic.knows_times or traffic.pause(row[-1], call) <= _ANEW:
                    row.append(call)
                    continue
            came_at_last = (
                call is not None and row and call.request == row[0].request and call.ok and row[0].status == 404
            )
            if len(row) >= _TIMES and not came_at_last:
                yield Finding(
                    f"{row[0].method} {row[0].entry.path} was sent {len(row)} times and answered with"
                    f" {row[0].status} each time.",
                    tuple(row),
                    {"times": len(row), "status": row[0].status},
                    avoidable=tuple(row[1:]),
                )
            row = [call] if call is not None and call.status in _FOR_GOOD else []


_NOTHING = frozenset({"None", "null", "undefined", "NaN", "nil", "[object Object]"})


@rule(
    "error-read-as-success",
    "Reads an error as if it were a success",
    severity=Severity.ERROR,
    source="observed: the body of an error has none of the answer's fields, so whoever takes one out has nothing",
    consequence="The client goes on without what it asked for, and fails later elsewhere, or never says that it"
    " failed.",
    way_out="response.raise_for_status()  # before .json()",
)
def as_success(traffic: Traffic) -> Iterable[Finding]:
    """
    A call was refused, and a later call of the same client shows that its answer was used: it names None, null or
    undefined where an id belongs and no such thing is there, as whoever takes an id out of an error's body does; or it
    asks for the very run whose trigger had been refused (for good, so not with 408, 409, 425 or 429) and gets 404.
    """
    for calls in traffic.by_client.values():
        failed: Seen | None = None
        refused_runs: dict[tuple[str, str], Seen] = {}
        for call in calls:
            empty = sorted(name for name, value in call.names.items() if unquote(value) in _NOTHING)
            there = call.ok and (call.page is None or call.page[1] > 0)
            if empty and failed is not None and not there:
                yield Finding(
                    f"After #{failed.number} was answered with {failed.status}, #{call.number} asked for"
                    f" {call.entry.path}.",
                    (failed, call),
                    {"status": failed.status, "names": empty},
                )
                failed = None
            elif call.run in refused_runs and call.status == 404:
                trigger = refused_runs.pop(call.run)
                yield Finding(
                    f"#{trigger.number} was refused with {trigger.status}, and #{call.number} asked for its run all the"
                    " same.",
                    (trigger, call),
                    {"status": trigger.status},
                )
            elif call.status >= 400:
                failed = call
                name = call.body.get("dag_run_id")
                if is_trigger(call) and call.status not in _NOT_REFUSED and call.status < 500 and isinstance(name, str):
                    refused_runs[call.names.get("dag_id", ""), name] = call
