"""The fault rules of one deployment.

What adding a rule and hitting a call need is imported then: most deployments have no rule, and pay one look at an empty
tuple for each request.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.errors import FaultError
from mock_airflow.faults.history import EarlierStates
from mock_airflow.storage.locking import locked
from mock_airflow.storage.singletons import Single

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule
    from mock_airflow.journal.pattern import Route


class Faults:
    """The fault rules of one deployment, in the order in which they were added.

    A rule is named by its number, or by itself as it was when it was added.
    The first rule that is due and that decides about the answer does so; those behind it do not see the call.
    """

    rules: Single[tuple[Rule, ...]] = Single("fault_rules", ())

    def __init__(
        self, airflow: Airflow, known_calls: Callable[[], Sequence[Route]], lock: AbstractContextManager[Any]
    ) -> None:
        self.lock = lock
        self._airflow = airflow
        self._known_calls = known_calls
        self.singletons = airflow.singletons
        self.history = EarlierStates()

    def add(self, where: str = "*", **parts: Any) -> Rule:
        """One more rule, behind the others: what happens to which calls. Gives the rule, with its number, ``.id``.

        ``where`` is a method and a path with ``*`` in it, such as ``GET /api/v1/dags*``, or an operation's id.
        Conditions: ``principal``, ``after``, ``every``, ``times``, ``chance``, ``since``, ``until`` (moments, or
        seconds from now). Effects, of which it needs one: ``status``, ``page``, ``body``, ``headers``, ``retry_after``,
        ``content_type``, ``garbage``, ``date_skew``, ``latency``, ``drip``, ``truncate``, ``reset``, ``empty``,
        ``lost_answer``, ``duplicate``, ``stale``, ``drift``, ``expire_credential``, ``credential``, ``send``; the page
        docs/faults.md tells what each takes. Raises FaultError with the reason for a rule that cannot be; nothing was
        changed then.
        """
        with self.lock:
            return self._add([{**parts, "where": where}], None)[0]

    @locked
    def preset(self, name: str, where: str | None = None) -> builtins.list[Rule]:
        """The rules of a preset such as ``flaky-gateway``, for its calls or those of ``where``. Raises FaultError."""
        from mock_airflow.faults.presets import preset

        return self._add(preset(name, where), name)

    def check(self, given: dict[str, Any]) -> None:
        """See that ``add(**given)``, or with a ``preset`` among it that one, would work. Raises FaultError."""
        self._read(self._expanded(given), None)

    def add_given(self, given: dict[str, Any]) -> builtins.list[Rule]:
        """The rule, or the preset's rules, that an object as the control API takes it describes. Raises FaultError."""
        return self._add(self._expanded(given), given.get("preset"))

    def _expanded(self, given: dict[str, Any]) -> builtins.list[dict[str, Any]]:
        if "preset" not in given:
            return [{**given}]
        from mock_airflow.faults.presets import preset

        rest = sorted(given.keys() - {"preset", "where"})
        if rest:
            raise FaultError(f"A preset takes nothing but the calls it is for, so not {', '.join(rest)}.")
        return preset(given["preset"], given.get("where"))

    def _read(self, several: builtins.list[dict[str, Any]], name: str | None) -> builtins.list[Rule]:
        from mock_airflow.faults.reading import rule_of

        now = self._airflow.now()
        return [
            replace(rule_of(given, self._known_calls, now), id=number, preset=name)
            for number, given in enumerate(several, self._airflow.last_id("fault_rules") + 1)
        ]

    def _add(self, several: builtins.list[dict[str, Any]], name: str | None) -> builtins.list[Rule]:
        rules = self._read(several, name)
        self.rules += tuple(rules)
        self._airflow.next_ids("fault_rules", len(rules))
        self.remember()
        return rules

    def get(self, which: int | Rule) -> Rule:
        """The rule of this number. Raises FaultError."""
        number = getattr(which, "id", which)
        for rule in self.rules:
            if rule.id == number:
                return rule
        known = ", ".join(str(rule.id) for rule in self.rules) or "none"
        raise FaultError(f"There is no fault rule {number!r}; the rules are {known}.")

    @locked
    def list(self) -> builtins.list[Rule]:
        """All rules with what they saw and how often they fired, in the order in which they are tried."""
        return [*self.rules]

    @locked
    def heal(self, which: int | Rule) -> Rule:
        """Have a rule hit no call from now on; it stays in the list. Raises FaultError."""
        healed = replace(self.get(which), healed=True)
        self._put(healed)
        return healed

    @locked
    def remove(self, which: int | Rule) -> Rule:
        """Forget a rule; gives it with its last counters. Raises FaultError."""
        gone = self.get(which)
        self.rules = tuple(rule for rule in self.rules if rule.id != gone.id)
        return gone

    @locked
    def clear(self) -> None:
        """Forget all rules."""
        self.rules = ()
        self.history.clear()

    def _put(self, changed: Rule) -> None:
        self.rules = tuple(changed if rule.id == changed.id else rule for rule in self.rules)

    def remember(self) -> None:
        """Keep the state as it is now, if a rule will answer from it."""
        lags = [
            effect.value
            for rule in self.rules
            if not rule.healed
            for effect in rule.effects
            if effect.keyword == "stale"
        ]
        if lags:
            longest = max((lag for lag in lags if lag is not True), default=0.0)
            self.history.note(self._airflow, self._airflow.now() - timedelta(seconds=longest))

    def hit(self, course: Course) -> builtins.list[Rule]:
        """Count a call; gives the rules that hit it, in order."""
        now, seed = self._airflow.now(), self._airflow.ids.seed
        hit: builtins.list[Rule] = []
        for rule in self.rules:
            if rule.works(now) and course.concerns(rule):
                counted, due = rule.counted(seed)
                self._put(counted)
                if due:
                    hit.append(counted)
                    if counted.answers:
                        break
        return hit

    def never_fired(self) -> builtins.list[Rule]:
        """The rules that might have fired and never did.

        One by chance, or one of a preset, counts only where no call came that it was for: luck, and the other rules of
        the preset, may have kept it from it.
        """
        met = {(rule.preset, rule.added_at) for rule in self.rules if rule.preset is not None and rule.seen}
        return [
            rule
            for rule in self.rules
            if not (rule.fired or rule.healed)
            and not (rule.chance < 1 and rule.seen)
            and (rule.preset, rule.added_at) not in met
        ]

    def excuse(self) -> None:
        """Have all rules that there are now be optional."""
        if not all(rule.optional for rule in self.rules):
            self.rules = tuple(replace(rule, optional=True) for rule in self.rules)

    def begin_now(self) -> None:
        """Have the windows of all rules begin now, as if they had been added now."""
        self.rules = tuple(replace(rule, added_at=self._airflow.now()) for rule in self.rules)
