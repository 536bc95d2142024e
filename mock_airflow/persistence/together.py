"""Turns of several requests that are written together: in one transaction, for which the disk is waited for once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mock_airflow.access.keys import Key
from mock_airflow.persistence.writes import Meta, Texts, Writing
from mock_airflow.storage.documents import to_text
from mock_airflow.storage.sql import Commit, Turn

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.journal.journal import Entry
    from mock_airflow.storage.sql import Database
    from mock_airflow.storage.tables import Change

_MOST = 16  # turns
_LOOK_AGAIN = 1.0  # seconds


class Together:
    """The turns that go to the database with its next transaction; each is a write, with a number, of its own.

    They are written from where the deployment was ``seen`` last.
    """

    def __init__(self, seen: Turn, meta: Meta, texts: Texts) -> None:
        self.seen, self.meta = seen, meta
        self.commits: list[Commit] = []
        self.numbers: list[tuple[int, int]] = []  # of the journal's entries, each with its write's
        self.is_closed = False  # whether no more can come to it
        self._writing = Writing(meta.places, texts)
        self._meta = ""
        self._only_counts = True
        self._over: threading.Event | None = None
        self._error: Exception | None = None

    def add(
        self,
        meta: Meta,
        changes: list[Change],
        entries: list[tuple[Entry, int]],
        anew: Airflow | None,
        *,
        emptied: bool,
    ) -> None:
        """Add a turn: what is no row after it, the rows that it changed, and its entries of the journal.

        ``anew`` is the Airflow whose rows are to be written anew, ``emptied`` whether the journal was before the
        entries.
        """
        counted = meta._replace(places=self.meta.places, entries=self.meta.entries, stamp=self.meta.stamp) == self.meta
        self._only_counts &= counted and anew is None and not emptied and all(map(_counts, changes))
        if anew is None:
            self._writing.note(changes)
        else:
            self._writing.fill(anew)
        self.meta = meta._replace(places=self._writing.places, stamp=os.urandom(8).hex())
        self._meta = to_text(self.meta)
        version = self.seen.version + len(self.commits) + 1
        self.commits.append(Commit(version, self._writing.told(self.meta.stamp, self._meta, entries, emptied=emptied)))
        self.numbers += [(entry.number, version) for entry, _ in entries]
        self.is_closed = anew is not None or emptied or len(self.commits) >= _MOST

    @property
    def turn(self) -> Turn:
        """Where the deployment is when they are written."""
        return Turn(self.commits[-1].version, self._meta)

    def write(self, database: Database, name: str, *, has_turn: bool, forget_until: int | None) -> None:
        """Write them. Where the turn was not taken, it fails if another server has written since.

        What only counts requests need not wait for the disk: no client has written anything.
        """
        with database.batch():
            if has_turn:
                database.put_turn(name, self.turn)
            else:
                database.begin_from(name, self.seen, self.turn)
            if self._only_counts:
                database.wait_for_no_disk()
            database.put_commits(name, self.commits)
            gone, rows = self._writing.split()
            for table in self._writing.emptied:
                database.delete_table(name, table)
            database.delete_rows(name, gone)
            database.put_rows(name, rows)
            if forget_until is not None:
                database.forget_commits(name, forget_until)
            database.commit()

    def is_over(self, error: Exception | None = None) -> None:
        """Tell those who wait what became of it."""
        self._error = error
        if self._over is not None:
            self._over.set()

    def wait(self, write: Callable[[], object]) -> None:
        """Wait until it is written, by the next who has a turn; ``write`` does it, if nobody comes.

        Raises what stood in the way.
        """
        assert self._over is not None
        while not self._over.wait(_LOOK_AGAIN):
            write()
        if self._error is not None:
            raise self._error.with_traceback(None)

    def left(self) -> Together:
        """Itself, for who leaves the writing to another."""
        self._over = self._over or threading.Event()
        return self


def _counts(change: Change) -> bool:
    """Whether a change is no more than that somebody has sent one more request."""
    before, after = change.before, change.after
    if change.table == "keys" and isinstance(before, Key) and isinstance(after, Key):
        return replace(before, last_used_at=after.last_used_at) == after
    return change.table == "limits"
