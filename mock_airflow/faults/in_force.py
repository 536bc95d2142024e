"""The fault rules that are in force: which of them hit a call, and the states that some of them answer from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.faults.history import EarlierStates
from mock_airflow.storage.singletons import Single

if TYPE_CHECKING:
    from mock_airflow.faults.rule import Rule


class RulesInForce:
    """The fault rules of one deployment, in the order in which they were added.

    The first rule that is due and that decides about the answer does so; those behind it do not see the call.
    """

    rules: Single[tuple[Rule, ...]] = Single("fault_rules", ())

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow
        self.singletons = airflow.singletons
        self.history = EarlierStates()

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

    def hit(self, concerns: Callable[[Rule], bool]) -> list[Rule]:
        """Count a call; gives the rules that hit it, in order, of those that concern it."""
        now, seed = self._airflow.now(), self._airflow.ids.seed
        hit: list[Rule] = []
        for rule in self.rules:
            if rule.works(now) and concerns(rule):
                counted, due = rule.counted(seed)
                self._put(counted)
                if due:
                    hit.append(counted)
                    if counted.answers:
                        break
        return hit

    def never_fired(self) -> list[Rule]:
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
