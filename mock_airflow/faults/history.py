"""Earlier states of an Airflow, kept while a rule answers from them."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain.airflow import Airflow, Snapshot

_KEPT = 1000


class History:
    """States by the moment at which they were seen, oldest first. The first one stays; of the others the latest do."""

    def __init__(self) -> None:
        self._states: list[tuple[datetime, Snapshot]] = []

    def note(self, airflow: Airflow) -> None:
        """Keep the state as it is now; costs microseconds, and memory only for what changes later."""
        self._states.append((airflow.now(), airflow.snapshot()))
        if len(self._states) > _KEPT:
            del self._states[1]

    def as_of(self, moment: datetime) -> tuple[datetime, Snapshot]:
        """The latest state that was seen by then, or else the first."""
        for at, state in reversed(self._states):
            if at <= moment:
                return at, state
        return self._states[0]

    def clear(self) -> None:
        """Forget all of them."""
        self._states.clear()
