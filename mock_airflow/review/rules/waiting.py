"""Waiting where the server said for how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import NamedTuple

from mock_airflow.journal.journal import Entry
from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="waiting")

BUSY = (429, 503)


class TooEarly(NamedTuple):
    """That somebody came back too early: who told, until when, who came, and how many seconds too early."""

    told: Entry
    until: datetime
    came: Entry
    seconds: float


def come_back_at(entry: Entry) -> datetime | None:
    """The moment that a refusal names; None where it names none that can be understood."""
    if entry.status not in BUSY:
        return None
    value = {name.lower(): value for name, value in entry.response_headers}.get("retry-after")
    if value is None:
        return None
    try:
        if value.isascii() and value.isdigit():
            return entry.at + timedelta(seconds=int(value))
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if found.tzinfo is None:
        return None
    try:
        told = parsedate_to_datetime({name.lower(): value for name, value in entry.response_headers}.get("date", ""))
    except (TypeError, ValueError, OverflowError):
        return found
    # Its date is by the clock of who answered, which need not go as the one by which the calls are told.
    skew = told - entry.at if told.tzinfo is not None else _NONE
    return found - skew if abs(skew) < _ANOTHER_CLOCK else found


_NONE = timedelta(0)
_ANOTHER_CLOCK = timedelta(hours=1)  # more is no skew: a test's clock beside the machine's


def too_early(entries: Sequence[Entry]) -> Iterator[TooEarly]:
    """Who came back with the same credential before the moment that a 429 or a 503 had named.

    Looked at is the next call with that credential which was not on its way already; another program that shows the
    same one, by another User-Agent, was told nothing.
    """
    following: dict[int, Entry] = {}
    next_of: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:  # each told entry waits for the next call of its client
        client = entry.credential, _agent(entry), entry.host
        waiting = next_of.get(client, [])
        for told in [each for each in waiting if not _on_its_way(each, entry)]:
            following[told.number] = entry
            waiting.remove(told)
        if come_back_at(entry) is not None:
            next_of.setdefault(client, []).append(entry)
    for told in entries:
        until, came = come_back_at(told), following.get(told.number)
        if until is None or came is None:
            continue
        really = came.began - told.began - told.duration if told.began else 0.0
        waited = max((came.at - told.at).total_seconds(), really)
        early = (until - told.at).total_seconds() - waited
        if early > 0:
            yield TooEarly(told, until, came, early)


def _agent(entry: Entry) -> str:
    return next((value for name, value in entry.request_headers if name.lower() == "user-agent"), "")


def _on_its_way(told: Entry, other: Entry) -> bool:
    return bool(told.began) and other.began < told.began + told.duration


@rule(
    "retry-after-ignored",
    "Comes back before Retry-After",
    severity=Severity.ERROR,
    source="documented: RFC 9110, 10.2.3; gateways count refused calls too",
    consequence="The refused calls count against the limit as well, so the client keeps itself locked out, and the"
    " vendor may lock the key.",
    way_out='time.sleep(float(response.headers["Retry-After"]))',
    needs_times=True,
)
def retry_after_ignored(traffic: Traffic) -> Iterable[Finding]:
    """
    A 429 or 503 named a moment in Retry-After, in seconds or as a date, and the next call with the same credential and
    User-Agent came before it. The pause is taken by the deployment's clock, or really, whichever is longer. Calls that
    were on their way when the refusal was answered do not count, nor do headers that cannot be understood.
    """
    found = list(too_early([call.entry for call in traffic]))
    by_number = {call.number: call for call in traffic}
    for _, early in grouped_by_credential(found).items():
        pairs = [(by_number[each.told.number], by_number[each.came.number]) for each in early]
        worst = max(early, key=lambda each: each.seconds)
        times = "once" if len(early) == 1 else f"{len(early)} times"
        yield Finding(
            f"#{worst.came.number} came {worst.seconds:.3g} s before the moment that #{worst.told.number} named in"
            f" Retry-After; so it was {times}.",
            tuple(dict.fromkeys(call for pair in pairs for call in pair)),
            {"times": len(early), "seconds_too_early": round(worst.seconds, 3), "until": worst.until.isoformat()},
            avoidable=tuple(dict.fromkeys(came for _, came in pairs if came.status in BUSY)),
        )


def grouped_by_credential(found: Iterable[TooEarly]) -> dict[str, list[TooEarly]]:
    """Those that came early, by the credential that they came with."""
    groups: dict[str, list[TooEarly]] = {}
    for each in found:
        groups.setdefault(each.told.credential, []).append(each)
    return groups


_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_PASSES = (429, 502, 503, 504)
_A_WHILE = 60.0  # seconds; in traffic that may go on, a client that still waits has not given up


@rule(
    "gave-up-at-first-error",
    "Gives up at the first 429, 502, 503 or 504",
    severity=Severity.WARNING,
    source="observed: a webserver that restarts answers 502 and 503 for seconds; every vendor's gateway answers 429",
    consequence="Each restart, deployment or busy minute of Airflow becomes a failure of the client's own job.",
    way_out="session.mount(url, HTTPAdapter(max_retries=Retry(5, backoff_factor=1,"
    " status_forcelist=(429, 502, 503, 504))))",
    needs_times=True,
)
def gave_up(traffic: Traffic) -> Iterable[Finding]:
    """
    A GET, HEAD, PUT or DELETE, or any call that a 429 refused, was answered with 429, 502, 503 or 504, and the client
    never asked the same again, by whichever credential; a POST may have another body then, such as a new run id. In
    traffic that may go on, such as a server's journal or a file, it also has to have made another call a minute later,
    or after the moment that Retry-After named. A POST that a gateway cut off does not count: to repeat it may do things
    twice.
    """
    repeated = {_attempt(call): call for call in traffic}  # the last of its kind
    last = {call.client: call for call in traffic}
    given_up = []
    for call in traffic:
        if call.status not in _PASSES or (call.method not in _IDEMPOTENT and call.status != 429):
            continue
        if repeated[_attempt(call)] is not call or call.entry.path.startswith("/__mock__"):
            continue
        if not traffic.finished:
            until = come_back_at(call.entry)
            wait = max(_A_WHILE, (until - call.entry.at).total_seconds() if until is not None else 0)
            if traffic.pause(call, last[call.client]) < wait:
                continue
        if _earlier_tries(traffic, call.number) < 1:
            given_up.append(call)
    for status, calls in sorted(grouped(given_up, lambda call: call.status).items()):
        times = "and the client never asked again" if len(calls) == 1 else f"so it was with {len(calls)} requests"
        yield Finding(
            f"{calls[0].method} {calls[0].entry.path} was answered with {status} once, {times}.",
            tuple(calls),
            {"status": status, "requests": len(calls)},
        )


def _attempt(call: Seen) -> tuple[str, ...]:
    """What attempts at the same thing share."""
    request = call.request if call.method in _IDEMPOTENT else (call.method, call.entry.path)
    return call.agent, call.entry.host, *request


def _earlier_tries(traffic: Traffic, number: int) -> int:
    """How many calls just before a given one asked the same and failed too."""
    place = traffic.places[number]
    call = traffic.calls[place]
    tries = 0
    for before in reversed(traffic.calls[max(place - 50, 0) : place]):
        if _attempt(before) == _attempt(call):
            if before.status not in _PASSES and before.status != 0:
                break
            tries += 1
    return tries
