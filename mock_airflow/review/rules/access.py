"""Credentials: how they are had, shown and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from mock_airflow.journal.journal import Entry
from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.least_privilege import ROLES, needs_of_calls, of_calls
from mock_airflow.review.traffic import FETCHES, Seen, Traffic, grouped

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

rule = partial(ReviewRule, subject="access")

_FETCHES = 3
_YOUNG = 60.0  # seconds; no vendor's token lives shorter (airbyte's live 180 s)


def fetches(entries: Iterable[Entry]) -> list[Entry]:
    """The calls that were handed out a token."""
    return [
        entry
        for entry in entries
        if entry.method == "POST" and 200 <= entry.status < 300 and entry.path.rstrip("/").endswith(FETCHES)
    ]


def needless_fetches(entries: Sequence[Entry], lifetime: float | None = None) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of calls that fetched a token, of which the second came although the first's was not refused in between.

    With ``lifetime``, in seconds on the clock, a token that is that old may be replaced before it is refused.
    """
    refused = sorted(entry.number for entry in entries if entry.status == 401)
    for one, other in pairwise(fetches(entries)):
        in_between = any(one.number < number < other.number for number in refused)
        old = lifetime is not None and (other.at - one.at).total_seconds() >= lifetime
        if not in_between and not old:
            yield one, other


@rule(
    "token-for-every-call",
    "Fetches a token for every call",
    severity=Severity.WARNING,
    source="documented: tokens live from three minutes (Airbyte) to a day (Airflow 3)",
    consequence="Every call costs two, the token endpoint has a limit of its own, and its slow password check is paid"
    " each time.",
    way_out="if token is None or response.status_code == 401: token = fetch()",
    needs_times=True,
)
def token_each(traffic: Traffic) -> Iterable[Finding]:
    """
    One client, told by its User-Agent, fetched at least three tokens for the same user although the one before was not
    refused with 401 and was less than a minute old, and no more than two other calls were made for each, by whomever. A
    token that is fetched anew after a 401, or when it has grown old, is none of this.
    """
    for calls in grouped(traffic, lambda call: call.agent).values():
        refused = [call.entry for call in calls if call.status == 401]
        users = _users(calls)
        of_user = grouped(
            (call for call in calls if call.is_fetch),
            lambda call: (call.place, call.entry.request_body, users[call.number]),  # noqa: B023 - used up here
        )
        pairs = [
            pair
            for fetched in of_user.values()
            for pair in needless_fetches([*(call.entry for call in fetched), *refused], lifetime=_YOUNG)
        ]
        if len(pairs) < _FETCHES - 1:
            continue
        got = [call for call in calls if call.is_fetch]
        others = len(traffic) - len(traffic.fetches)
        if len(got) >= _FETCHES and others <= 2 * len(got):
            needless = {other.number for _, other in pairs}
            yield Finding(
                f"{len(got)} tokens were fetched for {others} other calls, {len(pairs)} of them while the one before"
                " was young and had not been refused.",
                tuple(got),
                {"tokens": len(got), "calls": others, "needless": len(pairs)},
                avoidable=tuple(call for call in got if call.number in needless),
            )


@rule(
    "dead-credential",
    "Goes on with a credential that is refused",
    severity=Severity.ERROR,
    source="documented: RFC 9110, 15.5.2; vendors lock out addresses after some dozen 401",
    consequence="After a key is rotated or a token has expired every call fails until the process is started again, and"
    " the address may be locked out.",
    way_out="if response.status_code == 401: session.headers[...] = fetch_again()",
)
def dead_credential(traffic: Traffic) -> Iterable[Finding]:
    """
    One client was answered with 401 at least three times in a row while it showed a credential that looked the same,
    without having fetched a token in between. Calls without a credential, one more attempt after a 401, and what other
    threads had sent before the refusal came do not count.
    """
    for (credential, agent, _), calls in grouped(
        traffic, lambda call: (call.entry.credential, call.agent, call.place)
    ).items():
        if not credential:
            continue
        renewed = [call.number for call in traffic.fetches if call.agent == agent]
        row: list[Seen] = []
        for call in [*calls, None]:
            if call is not None and call.status == 401:
                if row and any(row[-1].number < number < call.number for number in renewed):
                    row = []
                if not row or not traffic.overlaps(row[-1], call):
                    row.append(call)
                continue
            if len(row) >= 3:
                yield Finding(
                    f"From #{row[0].number} on the credential {credential} was refused {len(row)} times in a row.",
                    tuple(row),
                    {"refused": len(row)},
                    avoidable=tuple(row[2:]),
                )
            row = []


@rule(
    "authorization-sent-on",
    "Sends its credential on to another host",
    severity=Severity.ERROR,
    source="documented: RFC 9110, 15.4: a redirect to another origin should lose the credential",
    consequence="Whoever answers there has a key to Airflow; a redirect to a login page hands it to the identity"
    " provider.",
    way_out="requests.get(url, allow_redirects=False)  # an API has no reason to redirect",
)
def sent_on(traffic: Traffic) -> Iterable[Finding]:
    """
    A call was answered with a redirect to another host, and the same client's next call went to that host and path and
    carried an Authorization header. A redirect within the host, or one that is followed without the credential, is not
    meant.
    """
    for calls in grouped(traffic, lambda call: call.agent).values():
        for one, other in pairwise(calls):
            target = _target(one)
            if target is None or not target.netloc or not one.entry.host or not one.headers.get("authorization"):
                continue
            host = other.entry.host.lower()
            followed = host == target.netloc.lower() and other.entry.root + other.entry.path == (target.path or "/")
            if followed and host != one.entry.host.lower() and other.headers.get("authorization"):
                yield Finding(
                    f"#{one.number} was redirected from {one.entry.host} to {target.netloc}, and"
                    f" #{other.number} sent the Authorization header there.",
                    (one, other),
                    {"from": one.entry.host, "to": target.netloc},
                )


def _target(call: Seen) -> SplitResult | None:
    """Where a redirect leads; None for another answer, or where it leads nowhere."""
    try:
        return urlsplit(call.told.get("location", "")) if 300 <= call.status < 400 else None
    except ValueError:
        return None


@rule(
    "more-rights-than-needed",
    "Has more rights than it needs",
    severity=Severity.NOTE,
    source="code: the permissions of each operation, and Airflow's own roles",
    consequence="Whoever finds the credential can do more than the client ever did, such as reading every connection.",
    way_out="",
    needs_state=True,
)
def more_rights(traffic: Traffic) -> Iterable[Finding]:
    """
    A user with one of Airflow's own roles made calls that a smaller one of them would have passed, every one, by the
    permissions that each operation demands. Roles of a world's own, and principals that are no users, are not compared.
    """
    deployment = traffic.deployment
    assert deployment is not None
    for name, calls in grouped(traffic, lambda call: call.entry.principal).items():
        user = None if name is None else deployment.airflow.users.get(name)
        held = [role for role in ROLES if user is not None and role in user.roles]
        needs = list(needs_of_calls(call for call in calls if call.ok))
        if not held or not needs:
            continue
        least = of_calls(deployment, needs)
        if least.role is not None and ROLES.index(least.role) < ROLES.index(held[-1]):
            yield Finding(
                f"{name} is {held[-1]}, and {least.role} would have passed {_every(len(needs))}"
                f" ({', '.join(least.permissions) or 'no permission'}).",
                tuple(calls[:10]),
                {"role": held[-1], "enough": least.role, "permissions": list(least.permissions)},
                way_out=_given(deployment, str(name), held[-1], least.role),
            )


def _given(deployment: Deployment, user: str, held: str, enough: str) -> str:
    """How somebody is given the smaller role: Airflow 3's Simple auth manager has it in its configuration."""
    if deployment.generation == 3 and not deployment.settings.fab_auth_manager:
        return f"[core] simple_auth_manager_users = {user}:{enough.lower()}"
    return f"airflow users add-role -u {user} -r {enough}; airflow users remove-role -u {user} -r {held}"


def _users(calls: Sequence[Seen]) -> dict[int, str | None]:
    """For each call who made the next one that fetched no token: whom a token was for, as its request is hidden."""
    found: dict[int, str | None] = {}
    user: str | None = None
    for call in reversed(calls):
        user = user if call.is_fetch else call.entry.principal
        found[call.number] = user
    return found


def _every(calls: int) -> str:
    return f"all of its {calls} calls" if calls > 1 else "its only call"
