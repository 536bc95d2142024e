"""A fault rule: for which calls, how often, and which effects then act on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.domain.ids import Ids
from mock_airflow.journal.pattern import CallPattern

# An effect gets the course of a call (``course.py``), which stands above its rule.
Act = Callable[[Any, "Rule", Any], Iterator[None] | None]
EFFECTS: dict[str, EffectKind] = {}  # by keyword, in the order in which they act


class EffectKind(NamedTuple):
    """What a keyword of ``faults.add`` does.

    ``read`` gives the value as it is kept, in plain JSON, or raises ValueError that says what is expected; ``text``
    tells it in a few words. ``concerns`` says whether it means anything for a call: calls that it does not concern are
    not counted. ``answers`` is True for one that decides what the client gets, ``shapes`` for one that needs an answer
    to change, ``delays`` for one that only takes time, ``ends`` for one that breaks the answer off.
    """

    act: Act
    help: str
    read: Callable[[Any], Any]
    text: Callable[[Any], str]
    concerns: Callable[[Any], bool]
    answers: bool
    shapes: bool
    delays: bool
    ends: bool


class Effect(Struct, frozen=True):
    """One thing that a rule does to the calls that it hits: a keyword and its value, in plain JSON."""

    keyword: str
    value: Any

    @property
    def kind(self) -> EffectKind:
        """What the keyword does."""
        return EFFECTS[self.keyword]

    @property
    def text(self) -> str:
        """The effect in a few words."""
        return self.kind.text(self.value)

    def act(self, course: Any, rule: Rule) -> Iterator[None]:
        """Act on a call up to the first step before it gets to Airflow, and from there on once there is an answer."""
        steps = self.kind.act(course, rule, self.value)
        yield from steps if steps is not None else ()


class Rule(Struct, frozen=True, kw_only=True):
    """One rule, with how many calls it saw and how often it fired.

    Of the calls that it is for, the first ``after`` pass; of the others every ``every``-th is hit, with the chance
    ``chance``, and no more than ``times``. Calls before ``since`` and from ``until`` on, both by the deployment's
    clock, do not count; either may be a period, counted from ``added_at``. Without ``times`` and ``until`` a rule lasts
    until it is healed. It is ``optional`` where nobody minds that it never fires.
    """

    id: int
    where: CallPattern
    effects: tuple[Effect, ...]
    added_at: datetime
    principal: str | None = None
    after: int = 0
    every: int = 1
    times: int | None = None
    chance: float = 1.0
    since: datetime | timedelta | None = None
    until: datetime | timedelta | None = None
    preset: str | None = None
    optional: bool = False
    healed: bool = False
    seen: int = 0
    fired: int = 0

    @property
    def text(self) -> str:
        """The rule in a line, such as ``GET /api/v1/dags*: status 503, 2 times``."""
        parts = [effect.text for effect in self.effects]
        if self.principal is not None:
            parts.append(f"for {self.principal}")
        if self.after:
            parts.append(f"after {self.after} {'call' if self.after == 1 else 'calls'}")
        if self.every > 1:
            parts.append(f"every {_ordinal(self.every)} call")
        if self.times is not None:
            parts.append("once" if self.times == 1 else f"{self.times} times")
        if self.chance < 1:
            parts.append(f"with chance {self.chance:g}")
        for word, moment in (("since", self.begins), ("until", self.ends)):
            if moment is not None:
                parts.append(f"{word} {moment.isoformat()}")
        return f"{self.where.text}: {', '.join(parts)}"

    @property
    def answers(self) -> bool:
        """Whether it decides what the client gets, so that later rules do not see the call."""
        return any(effect.kind.answers for effect in self.effects)

    @property
    def spent(self) -> bool:
        """Whether it has fired as often as it may."""
        return self.times is not None and self.fired >= self.times

    def works(self, now: datetime) -> bool:
        """Whether it looks at calls at this moment."""
        if self.healed or self.spent:
            return False
        since, until = self.begins, self.ends
        return (since is None or since <= now) and (until is None or now < until)

    def counted(self, seed: int) -> tuple[Rule, bool]:
        """The rule after one more call, and whether that call is hit."""
        rule = replace(self, seen=self.seen + 1)
        place = rule.seen - rule.after
        if place <= 0 or place % rule.every or (rule.chance < 1 and rule.draw(seed, "chance") >= rule.chance):
            return rule, False
        return replace(rule, fired=rule.fired + 1), True

    def draw(self, seed: int, purpose: str) -> float:
        """A number from 0 to 1 that belongs to the call seen last: the same seed and calls give the same numbers.

        It comes from a stream of the rule's own, so that a rule changes no id that the deployment gives.
        """
        stream = Ids(seed)
        stream.drawn = self.seen
        return stream.fraction(f"fault {self.id} {purpose}")

    @property
    def begins(self) -> datetime | None:
        """From when on calls count; None for ever."""
        return self._moment(self.since)

    @property
    def ends(self) -> datetime | None:
        """Until when calls count; None for ever."""
        return self._moment(self.until)

    def _moment(self, edge: datetime | timedelta | None) -> datetime | None:
        return self.added_at + edge if isinstance(edge, timedelta) else edge


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
