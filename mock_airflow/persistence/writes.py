"""What one write to a database changes: rows for the table of rows, and a text from which other servers learn it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.domain.airflow import AGENDA, Due
from mock_airflow.domain.clock import ClockSetting
from mock_airflow.errors import DocumentError
from mock_airflow.journal.changes import AsTold, told
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.secrets import NOTHING
from mock_airflow.persistence.secrets import is_unwritten
from mock_airflow.storage.documents import decode, from_text, to_text
from mock_airflow.storage.sql import Row, short_key
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.storage.sql import Commit

_KNOWN = 2000  # rows
_MOST_TOLD = 2000  # changes that others are told one by one; after more of them they read everything again


class Meta(NamedTuple):
    """What of a deployment is no row and no part of the journal."""

    serials: dict[str, int]
    ids_drawn: int
    clock: ClockSetting
    places: int = 0  # that rows were given so far
    snapshots: int = 0  # that were taken so far
    entries: int = 0  # that the journal counted so far
    born: int = 0  # the version that it began with, which no two of one name have in common
    stamp: str = ""  # of the last write, which no two have in common


class Told(NamedTuple):
    """A write as other servers read it. ``changes`` is None where they have to read everything again."""

    meta: Meta
    changes: list[Change] | None
    entries: list[tuple[Entry, int]]
    emptied: bool  # whether the journal was, before these entries


def stamped(stamp: str) -> str:
    """How the text of a write with this stamp begins."""
    return f'{{"write":"{stamp}"'


def read_told(text: str) -> Told:
    """What ``Writing.told`` wrote. Raises DocumentError."""
    document = from_text(text)
    changes = None if document["changes"] is None else [Change(*change) for change in document["changes"]]
    entries = [(_entry(entry, shown, changes or []), weight) for entry, shown, weight in document["entries"]]
    return Told(document["meta"], changes, entries, document["emptied"])


def read_since(commits: list[Commit], first: int) -> list[Told]:
    """Writes in order; none where the first is not that one."""
    return [read_told(commit.doc) for commit in commits] if commits and commits[0].version == first else []


def read_rows(deployment: Deployment, rows: Iterable[tuple[str, str]]) -> None:
    """Put the rows of a database in place of those of a deployment. Raises DocumentError."""
    airflow, passwords = deployment.airflow, deployment.passwords
    read: dict[str, list[Any]] = {name: [] for name in (*airflow.tables, AGENDA)}
    for name, doc in rows:
        if name not in read:
            raise DocumentError(f"there is no table {name!r} in this version.")
        read[name].append(from_text(doc))
    agenda: list[Due] = read.pop(AGENDA)
    for name, found in read.items():
        airflow.tables[name].refill(found)
    airflow.plan(agenda)
    airflow.graphs.clear()
    deployment.passwords = passwords
    airflow.changes.clear()


def _entry(entry: Entry, shown: list[Any], changes: list[Change]) -> Entry:
    return entry._replace(changes=tuple(changes[one] if isinstance(one, int) else _as_told(one) for one in shown))


def _as_told(shown: dict[str, Any]) -> Change:
    rows = [None if shown[side] is None else AsTold(shown[side]) for side in ("before", "after")]
    return Change(shown["table"], shown["key"], *rows)


class Texts:
    """Rows as texts. The one that a write puts is mostly what the next write finds: each is made once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, str]] = {}  # by the row's identity, which lasts as long as it is here

    def __call__(self, row: Any) -> str:
        """The row as ``to_text`` writes it."""
        known = self._known.get(id(row))
        if known is not None:
            return known[1]
        text = to_text(row)
        if row is not None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[id(row)] = row, text
        return text


class Writing:
    """The rows of one write, the latest of each key; ``places`` counts on from what was given so far."""

    def __init__(self, places: int, texts: Texts | None = None) -> None:
        self.places = places
        self.rows: dict[tuple[str, str], Row | None] = {}
        self.emptied: list[str] = []  # tables that are written anew
        self._changes: list[str] = []
        self._place: dict[int, int] = {}  # of a change in those texts, by its identity
        self._text = texts or Texts()

    def note(self, changes: Iterable[Change]) -> None:
        """Add what the change log of an Airflow has."""
        for change in changes:
            if is_unwritten(change.table, change.after or change.before):
                continue
            key, before = to_text(change.key), self._text(change.before)
            after = self._put(change.table, key, change.before, change.after)
            self._place[id(change)] = len(self._changes)
            self._changes.append(f'["{change.table}",{key},{before},{after}]')

    def _put(self, table: str, key: str, before: Any, after: Any) -> str:
        """Note a row, unless it was written as it was; gives its text."""
        found = table, short_key(key)
        if after is None:
            self.rows[found] = None
            return "null"
        known, text = self.rows.get(found), self._text(after)
        if known is not None:
            self.rows[found] = known._replace(doc=text)
            return text
        if before is not None and found not in self.rows and self._text(before) == text:
            return text
        self.places += 1  # one that is there already keeps the place that it has in the database
        if before is None and found in self.rows:  # deleted and added again: it goes to the end
            table = f"{table}!"
        self.rows[found] = Row(table, found[1], self.places, text)
        return text

    def fill(self, airflow: Airflow) -> None:
        """Write all tables anew, and with them the agenda."""
        for name in (*airflow.tables, AGENDA):
            self.emptied.append(name)
            for found in [each for each in self.rows if each[0] == name]:
                del self.rows[found]
            rows = airflow.agenda() if name == AGENDA else airflow.tables[name]
            for row in rows:
                if not is_unwritten(name, row):
                    key = row.what if isinstance(row, Due) else airflow.tables[name].key(row)
                    self._put(name, to_text(key), None, row)

    def split(self) -> tuple[list[tuple[str, str]], list[Row]]:
        """The keys to delete, then the rows to put."""
        gone = [found for found, row in self.rows.items() if row is None or row.name.endswith("!")]
        rows = [row._replace(name=row.name.rstrip("!")) for row in self.rows.values() if row is not None]
        return gone, rows

    def told(self, stamp: str, meta: str, entries: list[tuple[Entry, int]], *, emptied: bool) -> str:
        """What was noted since this was called last, as ``read_told`` reads it, after ``meta`` as a text.

        ``stamp`` tells it from a write of another server with the same content.
        """
        everything = bool(self.emptied) or len(self._changes) > _MOST_TOLD
        changes = "null" if everything else f"[{','.join(self._changes)}]"
        told = ",".join([self._entry(*entry, refer=not everything) for entry in entries])
        self._changes, self._place = [], {}
        return (
            f'{stamped(stamp)},"meta":{meta},"changes":{changes},"entries":[{told}],"emptied":{str(emptied).lower()}}}'
        )

    def _entry(self, entry: Entry, weight: int, *, refer: bool) -> str:
        """An entry without what leads back and what hides secrets.

        What it tells of rows are places among the changes, but for a row in which a secret has to be hidden by its
        value: that is written as it may be told.
        """
        shown: list[Any] = []
        for change in entry.changes:
            place = self._place.get(id(change)) if refer else None
            text = "" if place is None else self._changes[place]
            plain = place is not None and "\\" not in text and entry.mask.hide(text) == text
            shown.append(place if plain else entry.mask.hide_inside(told(change)))
        return f"[{to_text(entry._replace(changes=(), mark=None, mask=NOTHING))},{to_text(shown)},{weight}]"


def meta_of(text: str) -> Meta:
    """What ``to_text`` wrote of a Meta. Raises DocumentError."""
    found: Meta = decode(json.loads(text))
    return found
