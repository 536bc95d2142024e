"""Who may come in, and how often: keys, tokens, principals and roles, limits and their levels, and what would pass."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.control.page.trial import FIRST, NOBODY, asked, operations, principals
from mock_airflow.errors import AccessKeyError, LimitError
from mock_airflow.limits.algorithms import ALGORITHMS
from mock_airflow.limits.limits import PER

PAGE = ConsolePage("access", "Access", "a")
_SHOWN = 100  # keys, tokens, users, accounts: the latest


@PAGE.shows()
def access(visit: ConsoleVisit) -> Answer:
    """Show who may come in; with ``call`` and ``principal`` in the query, whether that one would."""
    return _page(visit)


def _page(visit: ConsoleVisit, issued: dict[str, Any] | None = None) -> Answer:
    deployment, now = visit.deployment, visit.deployment.airflow.now()
    keys, tokens = visit.ask("list_keys")["keys"], visit.ask("list_tokens")["tokens"]
    airflow = deployment.airflow
    known, args = operations(deployment), visit.request.args
    call, principal = args.get("call", "").strip(), args.get("principal", "")
    return visit.show(
        "access.html",
        issued=issued,
        keys=keys[::-1][:_SHOWN],
        all_keys=len(keys),
        scopes=("read-only", "read-write", "admin"),
        tokens=tokens[::-1][:_SHOWN],
        all_tokens=len(tokens),
        users=list(airflow.users)[:_SHOWN],
        all_users=len(airflow.users),
        roles=[(role.name, len(role.actions)) for role in airflow.roles],
        limits=visit.ask("get_limits"),
        algorithms=tuple(ALGORITHMS),
        per=PER,
        levels=deployment.limits.levels(now)[:_SHOWN],
        now=now,
        known=sorted(known),
        principals=principals(deployment),
        first=FIRST,
        nobody=NOBODY,
        call=call,
        principal=principal or FIRST,
        verdict=asked(deployment, call, principal or FIRST) if call else None,
    )


@PAGE.does("/keys")
def create_key(visit: ConsoleVisit) -> Answer:
    """Make a key, and show its value this once."""
    given: dict[str, Any] = visit.given("name", "description", "scope", "owner", "tier")
    if "expires_in" in (days := visit.given("expires_in")):
        try:
            given["expires_in"] = float(days["expires_in"]) * 86400
        except ValueError:
            raise AccessKeyError(f"A key expires in a number of days, not in {days['expires_in']!r}.") from None
    return _page(visit, visit.ask("create_key", body=given))


@PAGE.does("/keys/<id>/rotate")
def rotate(visit: ConsoleVisit, id: str) -> Answer:
    """Give a key a new value, and show it this once."""
    return _page(visit, visit.ask("rotate_key", id=id))


PAGE.asks("/keys/<id>/revoke", "revoke_key", "The key {prefix} opens nothing from now on.")
PAGE.asks("/keys/<id>/expire", "expire_key", "The key {prefix} has expired.")


PAGE.asks("/tokens/expire", "expire_tokens", "Tokens that expired: {expired}.")


@PAGE.does("/limits")
def put_limits(visit: ConsoleVisit) -> Answer:
    """Put limits in force for everybody."""
    given: dict[str, Any] = visit.given("limit", "burst", "per", "algorithm", "concurrency")
    if "concurrency" in given:
        if not given["concurrency"].isdecimal():
            raise LimitError(f"At once may be answered a whole number of requests, not {given['concurrency']!r}.")
        given["concurrency"] = int(given["concurrency"])
    told = visit.ask("put_limits", body=given)
    return visit.back(
        said=f"The limit is {told['limit'] or 'none'}{', burst ' + told['burst'] if told['burst'] else ''}."
    )


@PAGE.does("/tier")
def put_tier(visit: ConsoleVisit) -> Answer:
    """Have a tier's limits hold: for a key, or for everybody."""
    given: dict[str, Any] = visit.given("key")
    given["tier"] = visit.form.get("tier") or None
    visit.ask("put_tier", body=given)
    whom = f"the key {given['key']}" if "key" in given else "everybody"
    return visit.back(said=f"For {whom} the tier {given['tier'] or 'none'} holds.")


PAGE.asks("/limits/exhaust", "exhaust_limits", "Everybody's next request is one too many.")
PAGE.asks("/limits/clear", "clear_limits", "No limit holds.")
