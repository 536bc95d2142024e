"""From what somebody wrote to a rule: every part checked, every complaint with reason and nearest known name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from mock_airflow.errors import FaultError, PatternError
from mock_airflow.faults.effects import EFFECTS
from mock_airflow.faults.rule import Effect, EffectKind, Rule
from mock_airflow.journal.pattern import CallPattern, Route
from mock_airflow.settings.spelling import hint

# What a rule may say besides its effects, for the documents and the command line.
CONDITIONS: Mapping[str, str] = {
    "principal": "only calls of this one: a name, or a credential such as key:7f3a91c2",
    "after": "so many calls pass before the first that is hit",
    "every": "of the calls then, every so many-th is hit",
    "times": "how many calls are hit in all",
    "chance": "each is hit with this chance only, above 0 and up to 1; drawn from the seed",
    "since": "calls count from this moment on: a time, or seconds from now on the clock",
    "until": "calls count until this moment: a time, or seconds from now on the clock",
    "optional": "the setting strict does not mind that it never fires",
}


def rule_of(given: Mapping[str, Any], known_calls: Callable[[], Sequence[Route]], now: datetime) -> Rule:
    """The rule that the arguments of ``faults.add`` mean; its number is still 0. Raises FaultError.

    A part that is None or False is as good as left out.
    """
    parts = {name: value for name, value in given.items() if value is not None and value is not False}
    where = _where(parts.pop("where", "*"), known_calls)
    for name in parts:
        if name not in CONDITIONS and name not in EFFECTS:
            known = [*CONDITIONS, *EFFECTS]
            raise FaultError(f"A fault rule has no part {name!r}; {hint(name, known, 'the parts are')}")
    effects = tuple(_effect(keyword, kind, parts[keyword]) for keyword, kind in EFFECTS.items() if keyword in parts)
    if not effects:
        raise FaultError(
            f"A fault rule needs an effect, such as status=503 or reset=True; the effects are {', '.join(EFFECTS)}."
        )
    _fit_together({effect.keyword: effect for effect in effects})
    principal = parts.get("principal")
    if principal is not None and not isinstance(principal, str):
        raise FaultError(f"A fault rule's principal is a name, not {principal!r}.")
    since, until = _moment("since", parts.get("since"), now), _moment("until", parts.get("until"), now)
    if until is not None and _at(until, now) <= max(now, _at(since, now) if since is not None else now):
        raise FaultError("A fault rule's 'until' has to lie after its 'since' and after the clock's moment.")
    return Rule(
        id=0,
        where=where,
        effects=effects,
        added_at=now,
        principal=principal,
        after=_whole("after", parts.get("after", 0), 0),
        every=_whole("every", parts.get("every", 1), 1),
        times=_whole("times", parts["times"], 1) if "times" in parts else None,
        chance=_chance(parts.get("chance", 1.0)),
        since=since,
        until=until,
        optional=_flag("optional", parts.get("optional", False)),
    )


def _where(text: Any, known_calls: Callable[[], Sequence[Route]]) -> CallPattern:
    try:
        where = CallPattern.of(text)
        if where.path != "*":  # to know all calls takes importing what answers them
            where.check(known_calls())
    except PatternError as error:
        raise FaultError(str(error)) from None
    return where


def _effect(keyword: str, kind: EffectKind, value: Any) -> Effect:
    try:
        return Effect(keyword, kind.read(value))
    except ValueError as error:
        raise FaultError(f"A fault rule's {keyword!r} cannot be {value!r}: {error}.") from None


def _fit_together(effects: Mapping[str, Effect]) -> None:
    """Refuse effects of which one leaves the other nothing to do."""
    endings = [name for name, effect in effects.items() if effect.kind.ends]
    cut_off = "reset" in effects and effects["reset"].value == "after"
    if len(endings) > 1 and not (endings == ["truncate", "reset"] and cut_off):
        raise FaultError(
            f"A fault rule cannot end the same answer by {' and '.join(map(repr, endings))}; add two rules, or "
            "truncate with reset='after' to break off in the middle of the body."
        )
    silent = [name for name in ("empty", "reset") if name in effects and not (name == "reset" and cut_off)]
    if not silent and "lost_answer" in effects and "status" not in effects:
        silent = ["lost_answer"]
    shaping = [name for name, effect in effects.items() if effect.kind.shapes]
    if silent and shaping:
        raise FaultError(
            f"With {silent[0]!r} the client hears nothing, so {' and '.join(map(repr, shaping))} would never be seen; "
            "add two rules, or leave one of them out."
        )
    if "page" in effects and "status" not in effects:
        raise FaultError("A fault rule's 'page' says in whose words a status comes; give the status too.")


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise FaultError(f"A fault rule's {name!r} is a whole number from {least} on, not {value!r}.")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FaultError(f"A fault rule's {name!r} is true or false, not {value!r}.")
    return value


def _chance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise FaultError(f"A fault rule's 'chance' must be above 0 and at most 1, not {value!r}.")
    return float(value)


def _moment(name: str, value: Any, now: datetime) -> datetime | timedelta | None:
    """A moment, or a period that is counted from when the rule is added."""
    edge: datetime | timedelta | None
    if value is None or isinstance(value, timedelta):
        edge = value
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        edge = timedelta(seconds=min(value, 1e10))
    elif isinstance(value, (str, datetime)):
        edge = _parsed(name, value)
    else:
        raise _no_moment(name, value)
    try:
        if edge is not None:
            _at(edge, now)
    except OverflowError:
        raise _no_moment(name, value) from None
    return edge


def _parsed(name: str, value: str | datetime) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise _no_moment(name, value) from None
    return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def _at(edge: datetime | timedelta, now: datetime) -> datetime:
    return now + edge if isinstance(edge, timedelta) else edge


def _no_moment(name: str, value: Any) -> FaultError:
    return FaultError(
        f"A fault rule's {name!r} is a time such as 2025-01-01T06:00:00Z or a number of seconds from now, "
        f"not {value!r}."
    )
