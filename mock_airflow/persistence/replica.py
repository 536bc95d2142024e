"""A deployment that is kept in a database, together with its copies in other processes.

Rows are worked on in memory, as ever. A turn (``turns.py``) begins with what others wrote since and ends with one
transaction of what changed: rows, agenda, serials, ids, clock, journal. What cannot be written is taken back in memory
too, so that memory never has what the database has not.
"""

from __future__ import annotations

import contextlib
import logging
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from mock_airflow.domain.airflow import AGENDA
from mock_airflow.errors import (
    BrokenConnectionError,
    DatabaseAwayError,
    DatabaseError,
    DocumentError,
    JournalError,
    LostTurnError,
)
from mock_airflow.persistence.journal import KeptJournal
from mock_airflow.persistence.together import Together
from mock_airflow.persistence.turns import MACHINE_SLEEP, PAUSES, Manner, WriteTurns
from mock_airflow.persistence.writes import Meta, Texts, Told, meta_of, read_rows, read_since, read_told, stamped
from mock_airflow.storage.schema import see_number
from mock_airflow.storage.sql import Database, Turn
from mock_airflow.storage.tables import Change, singly

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from mock_airflow.deployment import Deployment

    A = TypeVar("A")

log = logging.getLogger("mock_airflow.database")
_QUIET = 1.0  # seconds after a failure in which the database is not asked again
_NOWHERE = Turn(-1, "")  # from where nothing can be gone on
_WARY = 16  # turns, after one that others came before, which begin firmly


class Replica:
    """What keeps a deployment in step with a database. All but ``walk`` and ``close`` is called in a turn."""

    def __init__(self, deployment: Deployment, database: Database, name: str) -> None:
        self.deployment, self.database, self.name = deployment, database, name
        self.turns = WriteTurns(self)
        self._seen = _NOWHERE  # where the database was when memory was as it
        self.meta = Meta({}, 0, deployment.clock.setting)
        self.journal = KeptJournal(deployment.settings.journal_size, deployment.settings.journal_bytes)
        self._changes: list[Change] = []  # since the last write
        self._noted = self._entered = 0  # how many of them, and of the journal's entries, are among what is left
        self._left: Together | None = None  # turns that are over and not yet written
        self._texts = Texts()
        self._rewritten = False  # whether the state was put in another one's place
        self._beside = False  # whether something was written that is no row
        self.gone = False
        self.commits = 0
        self._begun = False
        self._manner = Manner.FIRMLY
        self._wary = 0  # how many turns are still to begin firmly
        self._away: tuple[float, DatabaseAwayError] | None = None

    @property
    def conflicts(self) -> int:
        """How many turns were lost to others."""
        return self.turns.conflicts

    # ---------------------------------------------------------------------------------------------------------- turns

    def is_at(self, turn: Turn, meta: Meta) -> None:
        """Memory is as the database is there."""
        self._seen, self.meta = turn, meta

    def begin(self, manner: Manner) -> None:
        """Take over what others wrote, but for a turn that hopes. Raises DatabaseAwayError."""
        if (
            manner is Manner.HOPING
            and (self._left is not None or not (self._wary or self._away))
            and self._seen is not _NOWHERE
        ):
            self._begun, self._beside = True, False
            self._manner = manner if self._left is None else self._manner
            return
        self.write_left()
        if self._away is not None and time.monotonic() < self._away[0]:
            raise self._away[1]
        self._wary -= self._wary > 0
        self._manner = Manner.LIGHTLY if manner is Manner.LIGHTLY else Manner.FIRMLY
        try:
            self._follow_others()
        except DatabaseAwayError as error:
            self._failed(error)
            raise
        except DocumentError as error:
            self.database.roll_back()
            self._seen = _NOWHERE
            raise DatabaseError(f"The database {self.database.shown} is damaged: {error}") from None
        self._away = None
        self._begun, self._beside = True, False

    def _follow_others(self) -> None:
        """Be as the database is; nothing was done yet, so what came in between is no matter for whoever asked."""
        pauses = [0.0, *PAUSES]
        while True:
            try:
                with self.database.told_clearly():
                    take = self.database.turn if self._manner is Manner.LIGHTLY else self.database.take_turn
                    return self._follow(take(self.name))
            except (LostTurnError, BrokenConnectionError) as error:
                broke = isinstance(error, BrokenConnectionError)
                if not pauses or (broke and len(pauses) <= len(PAUSES)):  # a second new connection breaks no better
                    raise
                self.database.roll_back()
                MACHINE_SLEEP(pauses.pop(0))

    def _follow(self, turn: Turn | None) -> None:
        """Be as the database is there."""
        if turn is None:
            self.database.roll_back()
            self.gone = True
            raise DatabaseAwayError(
                f"The deployment {self.name!r} is not in the database {self.database.shown} any more."
            )
        if turn == self._seen:
            return
        self._wary = _WARY
        if self._seen is not _NOWHERE:
            seen = self._seen.version
            found = [each for each in self.database.commits(self.name, seen - 1) if each.version <= turn.version]
            ours = not found or found[0].version > seen or found.pop(0).doc.startswith(stamped(self.meta.stamp))
            told = [(each.version, read_told(each.doc)) for each in found]
            if ours and len(told) == turn.version - seen > 0 and all(each.changes is not None for _, each in told):
                self._same(told[-1][1].meta)
                for number, each in told:
                    self._take_over(number, each)
                self._seen = turn
                return
        self._read_everything()

    def _take_over(self, version: int, told: Told) -> None:
        assert told.changes is not None
        self.deployment.airflow.redo(told.changes)
        self.deployment.history.note(told.changes)
        self._put_meta(told.meta)
        self.journal.take_over(version, told.entries, told.meta.entries, emptied=told.emptied)

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
        see_number(self.database.shown, self.database.schema() or 0)  # another server may have made it a later one
        head = self.database.head(self.name)
        assert head is not None
        meta = self._same(meta_of(head.meta))
        read_rows(self.deployment, self.database.rows(self.name))
        self.deployment.history.forget()
        self.deployment.faults.history.clear()
        self._put_meta(meta)
        self.journal.take_over(0, [], 0, emptied=True)
        for commit in self.database.commits(self.name, -1):
            if commit.version < head.version:
                told = read_told(commit.doc)
                self.journal.take_over(commit.version, told.entries, told.meta.entries, emptied=told.emptied)
        self.journal.take_over(0, [], self.meta.entries, emptied=False)
        self._seen = Turn(head.version - 1, head.meta)  # the turn that was taken has counted on
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

    def now(self) -> Meta:
        """What of the deployment, as it is now, is no row."""
        airflow, last = self.deployment.airflow, self.meta if self._left is None else self._left.meta
        return Meta(
            {name: number for name, number in airflow.serials.items() if number},
            airflow.ids.drawn,
            airflow.clock.setting,
            last.places,
            self.deployment.snapshots_taken,
            self.journal.latest,
            last.born,
            last.stamp,
        )

    def end(self, *, leave: bool = False) -> Together | None:
        """Write what changed since the turn began, and what was left; or ``leave`` it for whoever has the next turn.

        Raises DatabaseAwayError and LostTurnError; all of it is taken back then.
        """
        if not self._close():
            return None
        if leave and self._left is not None and not self._left.is_closed:
            return self._left.left()
        self._write()
        return None

    def write_left(self) -> None:
        """Write what was left, if it still is; those who left it are told what became of it."""
        if self._left is not None:
            with contextlib.suppress(DatabaseError):
                self._write()

    def _close(self) -> bool:
        """Add what changed in this turn to what is to be written; whether the database has to be asked for anything."""
        self.deployment.collect()
        if not self._begun:  # the turn failed before; what was done since is to be forgotten
            if self._changes or self._rewritten:
                self._seen = _NOWHERE
            self._changes.clear()
            self._rewritten = False
            return False
        self._begun = False
        now, changes = self.now(), self._changes[self._noted :]
        last = self.meta if self._left is None else self._left.meta
        if changes or self._rewritten or self._beside or not self.journal.is_written_but(self._entered) or now != last:
            if self._left is None:
                self._left = Together(self._seen, self.meta, self._texts)
            entries, emptied = self.journal.unwritten, self.journal.emptied
            anew = self.deployment.airflow if self._rewritten else None
            try:
                self._left.add(now, changes, entries if emptied else entries[self._entered :], anew, emptied=emptied)
            except BaseException as error:
                self._give_up(error)
                raise
            self._left.is_closed |= self._beside
            self._noted, self._entered = len(self._changes), len(entries)
        return True

    def _write(self) -> None:
        """Write what was left; nothing but a look, whether that still counts, where nothing was."""
        left, firm = self._left, self._manner is Manner.FIRMLY
        try:
            with self.database.told_clearly():
                if left is not None:
                    if firm and not self.database.open_transaction:
                        raise BrokenConnectionError(f"The connection to the database {self.database.shown} broke.")
                    left.write(
                        self.database,
                        self.name,
                        has_turn=firm,
                        forget_until=self.journal.forgotten(left.turn.version, self._seen.version),
                    )
                elif self._manner is Manner.HOPING and self.database.turn(self.name) != self._seen:
                    raise LostTurnError(f"Another server wrote to the deployment {self.name!r} first.")
                else:
                    self.database.roll_back()
        except BrokenConnectionError as error:
            self._find_out(error)
        except BaseException as error:
            self._give_up(error)
            raise
        self.database.rest()
        if left is not None:
            self._written(left)

    def _written(self, left: Together) -> None:
        self.journal.versions.update(left.numbers)
        self.is_at(left.turn, left.meta)
        self.commits += len(left.commits)
        self._changes.clear()
        self._rewritten = False
        self.journal.written()
        self._left, self._noted, self._entered = None, 0, 0
        left.is_over()

    def _find_out(self, error: BrokenConnectionError) -> None:
        """Whether a write was done whose connection broke. Raises LostTurnError where not, or DatabaseAwayError.

        The turn is taken first, so that the write is over, one way or the other.
        """
        left = self._left
        try:
            with self.database.told_clearly():
                self.database.take_turn(self.name)
                found = self.database.commits(self.name, self._seen.version)[:1]
                self.database.roll_back()
        except DatabaseAwayError as later:
            self._give_up(later)
            raise
        if left is None or found != left.commits[:1]:
            self._give_up(lost := LostTurnError(str(error)))
            raise lost

    # ------------------------------------------------------------------------------------------------- when it fails

    def _failed(self, error: DatabaseAwayError) -> None:
        if not isinstance(error, LostTurnError):
            log.warning("%s", error)
            self._away = time.monotonic() + _QUIET, error
        else:
            self._wary = _WARY
        self._take_back()

    def _give_up(self, error: BaseException) -> None:
        """Take back all that is not written, and tell those who left it."""
        left = self._left
        if isinstance(error, DatabaseAwayError):
            self._failed(error)
        else:
            self._take_back()
        if left is not None:
            left.is_over(error if isinstance(error, DatabaseError) else LostTurnError(str(error)))

    def _take_back(self) -> None:
        """Have memory be as the database is, or have it read anew by whoever has the next turn."""
        self.database.roll_back()
        self._begun = False
        self._left, self._noted, self._entered = None, 0, 0
        self.deployment.collect()
        changes, self._changes = self._changes, []
        known, self._rewritten = self._seen is not _NOWHERE and not self._rewritten and not self.journal.emptied, False
        if known and not any(change.after is None and change.table != AGENDA for change in changes):
            self.deployment.airflow.undo_exactly(changes)
            self._put_meta(self.meta)
            self.journal.take_back(self.meta.entries)
        else:  # a row that was deleted would come back to another place
            self._seen = _NOWHERE
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

    def walk(
        self, carry_out: Callable[[], A], lost: Callable[[], object], *, lightly: bool = False, hoping: bool = False
    ) -> A:
        """Carry out a request in one turn, and again whenever another server's write came first.

        ``lost`` is called for each time that was in vain. Raises DatabaseAwayError.
        """
        manner = Manner.LIGHTLY if lightly else Manner.HOPING if hoping else Manner.FIRMLY
        return self.turns.walk(carry_out, lost, manner)

    # ------------------------------------------------------------------------------------------------------ rewinding

    def go_back(self, number: int) -> None:
        """Go back to just before a call of which this process knows no way back. Raises JournalError."""
        first = self.journal.versions.get(number)
        told = [] if first is None else read_since(self.database.commits(self.name, first - 2), first - 1)
        if not told or any(each.changes is None for each in told[1:]):
            raise JournalError(
                f"What was before the call {number} is not known any more: the state was put back since, or too many"
                " calls have come."
            )
        airflow = self.deployment.airflow
        for each in reversed(told[1:]):
            assert each.changes is not None
            airflow.undo_exactly(each.changes)
        now = self.meta
        self._put_meta(told[0].meta._replace(places=now.places, snapshots=now.snapshots, stamp=now.stamp))
        self.rewritten()
