"""A deployment that is kept in a database, together with its copies in other processes.

Rows are worked on in memory, as ever. A turn (``turns.py``) begins with what others wrote since and ends with one
transaction of what changed: rows, agenda, serials, ids, clock, journal. What cannot be written is taken back in memory
too, so that memory never has what the database has not.
"""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from mock_airflow.domain.airflow import AGENDA, Due
from mock_airflow.errors import (
    BrokenConnectionError,
    DatabaseAwayError,
    DatabaseError,
    DocumentError,
    JournalError,
    LostTurnError,
)
from mock_airflow.persistence.journal import KeptJournal
from mock_airflow.persistence.turns import Undone, WriteTurns
from mock_airflow.persistence.writes import Meta, Texts, Told, Writing, meta_of, read_told
from mock_airflow.storage.documents import from_text, to_text
from mock_airflow.storage.schema import see_number
from mock_airflow.storage.sql import Database
from mock_airflow.storage.tables import Change, singly

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from mock_airflow.deployment import Deployment

    A = TypeVar("A")

log = logging.getLogger("mock_airflow.database")
_MACHINE_SLEEP = time.sleep  # the machine's own, whatever a test has put in its place
_QUIET = 1.0  # seconds after a failure in which the database is not asked again
_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # seconds, between attempts that lost their turn
_TIDIED_EVERY = 64  # writes
_FEWEST_KEPT = 256  # writes that are kept for others to read


class Replica:
    """What keeps a deployment in step with a database. All but ``walk`` and ``close`` is called in a turn."""

    def __init__(self, deployment: Deployment, database: Database, name: str) -> None:
        self.deployment, self.database, self.name = deployment, database, name
        self.turns = WriteTurns(self)
        self.seen = -1  # the version that memory has; -1 for none that can be gone on from
        self.meta = Meta({}, 0, deployment.clock.setting)
        self.journal = KeptJournal(deployment.settings.journal_size, deployment.settings.journal_bytes)
        self._changes: list[Change] = []
        self._texts = Texts()
        self._rewritten = False  # whether the state was put in another one's place
        self._beside = False  # whether something was written that is no row
        self.gone = False
        self.commits = self.conflicts = 0  # writes, and turns that were lost to others
        self._begun = False
        self._firm = False
        self._sent: tuple[int, Meta, str] | None = None  # the write whose commit was asked for last
        self._away: tuple[float, DatabaseAwayError] | None = None
        self._versions: dict[int, int] = {}  # in which write an entry of the journal came, by its number

    # ---------------------------------------------------------------------------------------------------------- turns

    def begin(self, *, firmly: bool) -> None:
        """Take over what others wrote; ``firmly`` keeps them from writing until the end. Raises DatabaseAwayError."""
        if self._away is not None and time.monotonic() < self._away[0]:
            raise self._away[1]
        try:
            self._follow_others(firmly)
        except DatabaseAwayError as error:
            self._failed(error)
            raise
        except DocumentError as error:
            self.database.roll_back()
            self.seen = -1
            raise DatabaseError(f"The database {self.database.shown} is damaged: {error}") from None
        self._away = None
        self._begun, self._firm, self._beside = True, firmly, False

    def _follow_others(self, firmly: bool) -> None:
        """Be as the database is; nothing was done yet, so what came in between is no matter for whoever asked."""
        pauses = [0.0, *_PAUSES]
        while True:
            try:
                with self.database.told_clearly():
                    take = self.database.take_turn if firmly else self.database.version
                    return self._follow(take(self.name))
            except (LostTurnError, BrokenConnectionError) as error:
                broke = isinstance(error, BrokenConnectionError)
                if not pauses or (broke and len(pauses) <= len(_PAUSES)):  # a second new connection breaks no better
                    raise
                self.database.roll_back()
                _MACHINE_SLEEP(pauses.pop(0))

    def _follow(self, version: int | None) -> None:
        """Be as the database is at that version."""
        if version is None:
            self.database.roll_back()
            self.gone = True
            raise DatabaseAwayError(
                f"The deployment {self.name!r} is not in the database {self.database.shown} any more."
            )
        if version == self.seen:
            return
        if self.seen >= 0:
            told = [(number, read_told(text)) for number, text in self.database.commits(self.name, self.seen)]
            told = [each for each in told if each[0] <= version]
            if len(told) == version - self.seen and all(each.changes is not None for _, each in told):
                self._same(told[-1][1].meta)
                for number, each in told:
                    self._take_over(number, each)
                return
        self._read_everything()

    def _take_over(self, version: int, told: Told) -> None:
        deployment, airflow = self.deployment, self.deployment.airflow
        assert told.changes is not None
        airflow.redo(told.changes)
        deployment.history.note(told.changes)
        self._put_meta(told.meta)
        self._take_entries(version, told)
        self.seen = version

    def _take_entries(self, version: int, told: Told) -> None:
        for entry, _ in told.entries:
            self._versions[entry.number] = version
        self.journal.take_over(told.entries, told.meta.entries, emptied=told.emptied)

    def _same(self, meta: Meta) -> Meta:
        """Raise DatabaseAwayError where another deployment has taken this one's name."""
        if meta.born != self.meta.born and self.meta.born:
            self.gone = True
            raise DatabaseAwayError(
                f"The deployment {self.name!r} of the database {self.database.shown} was begun anew by another server;"
                " start this one again."
            )
        return meta

    def _put_meta(self, meta: Meta) -> None:
        airflow = self.deployment.airflow
        airflow.serials.clear()
        airflow.serials.update(meta.serials)
        airflow.ids.drawn = meta.ids_drawn
        self.deployment.snapshots_taken = meta.snapshots
        if airflow.clock.setting != meta.clock:
            airflow.clock.adopt(meta.clock)
        self.meta = meta

    def _read_everything(self) -> None:
        """Be as the database is, whatever memory has."""
        in_one = not self.database.open_transaction
        if in_one:  # no write comes in between while the turn is ours
            self.database.take_turn(self.name)
        see_number(
            self.database.shown, self.database.schema() or 0
        )  # another server may have brought it to a later one
        head = self.database.head(self.name)
        assert head is not None
        meta = self._same(meta_of(head.meta))
        deployment, airflow = self.deployment, self.deployment.airflow
        passwords = deployment.passwords
        rows: dict[str, list[Any]] = {name: [] for name in (*airflow.tables, AGENDA)}
        for name, doc in self.database.rows(self.name):
            if name not in rows:
                raise DocumentError(f"there is no table {name!r} in this version.")
            rows[name].append(from_text(doc))
        agenda: list[Due] = rows.pop(AGENDA)
        for name, found in rows.items():
            airflow.tables[name].refill(found)
        airflow.plan(agenda)
        airflow.graphs.clear()
        deployment.passwords = passwords
        airflow.changes.clear()
        deployment.history.forget()
        deployment.faults.history.clear()
        self._put_meta(meta)
        self.journal.take_over([], 0, emptied=True)
        self._versions.clear()
        for number, text in self.database.commits(self.name, -1):
            if number < head.version:
                self._take_entries(number, read_told(text))
        self.journal.take_over([], self.meta.entries, emptied=False)
        self.seen = head.version - 1  # the turn that was taken has counted on
        if in_one:
            self.database.roll_back()

    def note(self, changes: list[Change]) -> None:
        """Have what changed be written at the turn's end."""
        self._changes.extend(singly(changes))

    def rewritten(self) -> None:
        """The state was put in another one's place: all of it is written anew."""
        self._rewritten = True

    def wrote_beside(self) -> None:
        """Something that is no row was written in this turn, which is to last."""
        self._beside = True

    def now(self, writing: Writing | None = None) -> Meta:
        """What of the deployment, as it is now, is no row."""
        airflow = self.deployment.airflow
        return Meta(
            {name: number for name, number in airflow.serials.items() if number},
            airflow.ids.drawn,
            airflow.clock.setting,
            self.meta.places if writing is None else writing.places,
            self.deployment.snapshots_taken,
            self.journal.latest,
            self.meta.born,
        )

    def end(self) -> None:
        """Write what changed since the turn began.

        Raises DatabaseAwayError and LostTurnError; all of it is taken back then.
        """
        self.deployment.collect()
        if not self._begun:  # the turn failed before; what was done since is to be forgotten
            if self._changes or self._rewritten:
                self.seen = -1
            self._changes.clear()
            self._rewritten = False
            return
        self._begun = False
        now = self.now()
        changed = self._changes or self._rewritten or self._beside or not self.journal.is_written or now != self.meta
        try:
            with self.database.told_clearly():
                if changed:
                    self._write()
                else:
                    self.database.roll_back()
        except BrokenConnectionError as error:
            self._find_out(error)
        except DatabaseAwayError as error:
            self._failed(error)
            raise
        except BaseException:
            self._take_back()
            raise
        self.database.rest()
        self._changes.clear()
        self._rewritten = False
        self.journal.written()

    def _write(self) -> None:
        database, name = self.database, self.name
        self._sent = None
        if not self._firm:
            if not database.guard(name, self.seen):
                raise LostTurnError(f"Another server wrote to the deployment {name!r} first.")
        elif not database.open_transaction:
            raise BrokenConnectionError(f"The connection to the database {database.shown} broke.")
        writing, airflow = Writing(self.meta.places, self._texts), self.deployment.airflow
        if self._rewritten:
            writing.fill(airflow, [*airflow.tables, AGENDA])
        else:
            writing.note(self._changes)
        gone, rows = writing.split()
        meta, version = self.now(writing), self.seen + 1
        told = to_text(meta)
        text = writing.told(told, self.journal.unwritten, emptied=self.journal.emptied)
        with database.batch():
            for table in writing.emptied:
                database.delete_table(name, table)
            database.delete_rows(name, gone)
            database.put_rows(name, rows)
            database.put_commit(name, version, text)
            database.put_meta(name, told)
            if version % _TIDIED_EVERY == 0:
                self._tidy(version)
            self._sent = version, meta, text
            database.commit()
        self._written(version, meta)

    def _written(self, version: int, meta: Meta) -> None:
        for entry, _ in self.journal.unwritten:
            self._versions[entry.number] = version
        self.meta, self.seen = meta, version
        self.commits += 1

    def _tidy(self, version: int) -> None:
        """Forget the writes that nobody needs: for others to follow, for the journal, or for the way back in it."""
        until = version - _FEWEST_KEPT
        if (oldest := self.journal.oldest) is not None:
            until = min(until, self._versions.get(oldest, 0) - 2)
        self.database.forget_commits(self.name, until)
        for number in [number for number, at in self._versions.items() if at <= until]:
            del self._versions[number]

    def _find_out(self, error: BrokenConnectionError) -> None:
        """Whether a write was done whose connection broke. Raises LostTurnError where not, or DatabaseAwayError.

        The turn is taken first, so that the write is over, one way or the other.
        """
        try:
            with self.database.told_clearly():
                self.database.take_turn(self.name)
                found = self.database.commits(self.name, self.seen)[:1] if self._sent else []
                self.database.roll_back()
        except DatabaseAwayError as later:
            self._failed(later)
            raise
        if self._sent is None or found != [(self._sent[0], self._sent[2])]:
            self._take_back()
            raise LostTurnError(str(error))
        self._written(*self._sent[:2])

    # ------------------------------------------------------------------------------------------------- when it fails

    def _failed(self, error: DatabaseAwayError) -> None:
        if not isinstance(error, LostTurnError):
            log.warning("%s", error)
            self._away = time.monotonic() + _QUIET, error
        self._take_back()

    def _take_back(self) -> None:
        """Have memory be as the database is, or have it read anew by whoever has the next turn."""
        self.database.roll_back()
        self._begun = False
        self.deployment.collect()
        changes, self._changes = self._changes, []
        known, self._rewritten = self.seen >= 0 and not self._rewritten, False
        if known and not any(change.after is None and change.table != AGENDA for change in changes):
            self.deployment.airflow.undo_exactly(changes)
            self._put_meta(self.meta)
            self.journal.take_back(self.meta.entries)
        else:  # a row that was deleted would come back to another place
            self.seen = -1
            self.journal.written()
        self.deployment.history.forget()
        self.database.rest()

    def others(self) -> AbstractContextManager[None]:
        """Let others have the deployment meanwhile."""
        return self.turns.interrupted()

    def hang_up(self) -> None:
        """Close the connections; the next turn opens another."""
        self.database.hang_up()

    def close(self) -> None:
        """Close the connections; a turn that comes later opens one for itself alone. May be called outside of turns."""
        self.database.close()

    # ------------------------------------------------------------------------------------------------------- requests

    def walk(self, carry_out: Callable[[], A], lost: Callable[[], object], *, lightly: bool) -> A:
        """Carry out a request in one turn, and again whenever another server's write came first.

        ``lost`` is called for each time that was in vain. Raises DatabaseAwayError.
        """
        for pause in (0.0, *_PAUSES, None):
            try:
                with self.turns.lightly(lightly and pause == 0.0):
                    return carry_out()
            except (LostTurnError, Undone) as error:
                lost()
                why = error.why if isinstance(error, Undone) else error
                if pause is None or not isinstance(why, LostTurnError):
                    raise why from None
                self.conflicts += 1
                _MACHINE_SLEEP(pause)
        raise AssertionError

    # ------------------------------------------------------------------------------------------------------ rewinding

    def go_back(self, number: int) -> None:
        """Go back to just before a call of which this process knows no way back. Raises JournalError."""
        first = self._versions.get(number)
        found = [] if first is None else self.database.commits(self.name, first - 2)
        told = [read_told(text) for _, text in found]
        if first is None or not found or found[0][0] != first - 1 or any(each.changes is None for each in told[1:]):
            raise JournalError(
                f"What was before the call {number} is not known any more: the state was put back since, or too many"
                " calls have come."
            )
        airflow = self.deployment.airflow
        for each in reversed(told[1:]):
            assert each.changes is not None
            airflow.undo_exactly(each.changes)
        self._put_meta(told[0].meta._replace(places=self.meta.places, snapshots=self.meta.snapshots))
        self.rewritten()
