"""The fault rules of one deployment.

What adding a rule and hitting a call need is imported then: most deployments have no rule, and pay one look at an empty
tuple for each request.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.errors import FaultError
from mock_airflow.faults.in_force import RulesInForce
from mock_airflow.storage.locking import locked

if TYPE_CHECKING:
    from mock_airflow.faults.rule import Rule
    from mock_airflow.journal.pattern import Route


class Faults(RulesInForce):
    """The fault rules of one deployment, to be added and taken away.

    A rule is named by its number, or by itself as it was when it was added. The first rule that is due and that decides
    about the answer does so; those behind it do not see the call.
    """

    def __init__(
        self, airflow: Airflow, known_calls: Callable[[], Sequence[Route]], lock: AbstractContextManager[Any]
    ) -> None:
        super().__init__(airflow)
        self.lock = lock
        self._known_calls = known_calls

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
