"""The way back to just before a call.

A stretch is a snapshot and every change since, in order; a mark says how far into its stretch a call found things. To
go back is to restore the snapshot and to make those changes again, which gives tables the very order they had. So a
call costs a few references, not a snapshot: the next write after one copies the tables that it touches. A stretch ends
when it has as many changes as there are rows, within bounds, or holds too many bytes, and is forgotten with the last
entry that leads into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mock_airflow.domain.clock import ClockState
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow, Snapshot
    from mock_airflow.settings import Settings

_SHORTEST, _LONGEST = 256, 8192  # changes of a stretch
_SHARE = 8  # of the journal's bytes one stretch may hold


class Stretch(NamedTuple):
    """A snapshot, and what changed since."""

    start: Snapshot
    changes: list[Change]


class Mark(NamedTuple):
    """Where a call stands in a stretch, and what its changes do not tell."""

    stretch: Stretch
    length: int
    ids_drawn: int
    serials: Mapping[str, int]
    clock: ClockState


_mark = partial(tuple.__new__, Mark)  # in a quarter of the time of Mark()


class Rewindable(Protocol):
    """A deployment, for who brings it back to where it stood."""

    @property
    def airflow(self) -> Airflow:
        """Its state and its clock."""

    @property
    def settings(self) -> Settings:
        """How it behaves."""

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot."""


class History:
    """The stretches of a deployment; call it under the deployment's lock."""

    def __init__(self, deployment: Rewindable) -> None:
        self._deployment = deployment
        self._stretch: Stretch | None = None
        self._longest: int | None = None  # found out once it matters
        self._weight = 0
        self._heaviest = deployment.settings.journal_bytes // _SHARE
        self._last: Mark | None = None

    def begin(self, start: Snapshot | None = None) -> None:
        """A new stretch, from now: from ``start``, if the deployment was just put there."""
        self._stretch = Stretch(start or self._deployment.snapshot(), [])
        self._longest, self._last, self._weight = None, None, 0

    def forget(self) -> None:
        """Begin anew with the next call."""
        self._stretch = self._last = None

    def note(self, changes: list[Change]) -> None:
        """What changed since this was called last."""
        if self._stretch is not None:
            self._stretch.changes.extend(changes)

    def weigh(self, weight: int) -> None:
        """Count what a call brought, in bytes: a stretch that holds much ends, so that the journal can let it go."""
        self._weight += weight

    @property
    def _is_full(self) -> bool:
        if self._stretch is None:
            return False
        count = len(self._stretch.changes)
        return self._weight > self._heaviest or (count > _SHORTEST and count > self._most(self._stretch))

    def _most(self, stretch: Stretch) -> int:
        if self._longest is None:
            rows = sum(state.total for state in stretch.start.tables.values())
            self._longest = min(max(rows, _SHORTEST), _LONGEST)
        return self._longest

    def roll_over(self) -> None:
        """End a stretch that is full: what came after the last mark in it is needed by nobody."""
        if self._is_full:
            self.begin()

    def mark(self) -> Mark:
        """Where things stand now."""
        if self._stretch is None or self._is_full:
            self.begin()
        assert self._stretch is not None
        airflow, stretch, last = self._deployment.airflow, self._stretch, self._last
        serials: Mapping[str, int] = dict(airflow.serials)  # as counters compare and copy themselves in Python
        if last is not None and last.serials == serials:
            serials = last.serials
        self._last = _mark((stretch, len(stretch.changes), airflow.ids.drawn, serials, airflow.clock.save()))
        return self._last

    def go_back(self, mark: Mark) -> None:
        """Put the deployment where it stood at a mark; the marks that follow stay good too."""
        deployment, airflow = self._deployment, self._deployment.airflow
        deployment.restore(mark.stretch.start)
        airflow.redo(mark.stretch.changes[: mark.length])
        airflow.serials = Counter(mark.serials)
        airflow.ids.drawn = mark.ids_drawn
        airflow.clock.load(mark.clock)
        self.begin()
