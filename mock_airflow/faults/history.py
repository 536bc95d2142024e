"""Earlier states of an Airflow, kept while a rule answers from them."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain.airflow import Airflow, Snapshot

_KEPT = 64


class EarlierStates:
    """States by the moment at which they were seen, oldest first. The first one stays; of the later ones a bounded few.

    A state costs memory for what changes after it. So those that nobody asks for are dropped, of one moment the last
    is kept, and among too many every second one goes: an answer is then from a state that is a little older.
    """

    def __init__(self) -> None:
        self._states: list[tuple[datetime, Snapshot]] = []

    def copy(self) -> EarlierStates:
        """One with the same states, which later changes of this one leave alone."""
        same = EarlierStates()
        same._states = self._states.copy()
        return same

    def note(self, airflow: Airflow, wanted: datetime) -> None:
        """Keep the state as it is now; nobody will ask for one of before ``wanted``, but for the first."""
        states, now = self._states, airflow.now()
        while len(states) > 2 and states[2][0] <= wanted:
            del states[1]
        if len(states) > 1 and states[-1][0] == now:
            del states[-1]
        if len(states) >= _KEPT:
            del states[1:-1:2]
        states.append((now, airflow.snapshot()))

    def as_of(self, moment: datetime) -> tuple[datetime, Snapshot]:
        """The latest state that was seen by then, or else the first."""
        for at, state in reversed(self._states):
            if at <= moment:
                return at, state
        return self._states[0]

    def __len__(self) -> int:
        return len(self._states)

    def clear(self) -> None:
        """Forget all of them."""
        self._states.clear()
