"""Documents in a database: what is kept of each deployment, and how it is read and written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from mock_airflow.storage.connection import Connected

_CUT = 500_000  # characters of one part of a snapshot


_TOGETHER = (64, 16, 4, 2, 1)  # rows that one statement writes; of few sizes, so that a server has each one prepared


class Row(NamedTuple):
    """A row of a table of a deployment as it is kept; its place tells the order in the table."""

    name: str
    key: str
    place: int
    doc: str


class Commit(NamedTuple):
    """A write as other servers learn of it: its number, and what it changed."""

    version: int
    doc: str


class Turn(NamedTuple):
    """Where a deployment is: the number of the last write, and what every write changes, as that write left it.

    A database that has forgotten the last writes when it crashed gives their numbers again; the text is another then.
    """

    version: int
    meta: str


class Head(NamedTuple):
    """What is kept of a deployment besides its rows: its version, how it was set up, and what every write changes."""

    version: int
    about: str
    meta: str


@cache
def _putting(size: int) -> str:
    """What writes so many rows."""
    rows = ", ".join(f"(:deployment, :name{n}, :key{n}, :place{n}, :doc{n})" for n in range(size))
    return (
        f"INSERT INTO mock_airflow_rows (deployment, name, key, place, doc) VALUES {rows}"
        " ON CONFLICT (deployment, name, key) DO UPDATE SET doc = excluded.doc"
    )


def short_key(key: str) -> str:
    """What a row is found by: of any length of key the same."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class Database(Connected):
    """The deployments of a database, each call in a transaction or by itself."""

    def names(self) -> list[str]:
        """The deployments that are kept."""
        return [name for (name,) in self._run("SELECT id FROM mock_airflow_deployments ORDER BY id")]

    def abouts(self) -> list[tuple[str, str]]:
        """The deployments that are kept, each with how it was set up."""
        return [(name, about) for name, about in self._run("SELECT id, about FROM mock_airflow_deployments")]

    def head(self, name: str) -> Head | None:
        """What is kept of a deployment besides its rows; None where there is none."""
        found = self._run(
            "SELECT version, about, meta FROM mock_airflow_deployments WHERE id = :name", name=name
        ).fetchone()
        return None if found is None else Head(*found)

    def turn(self, name: str) -> Turn | None:
        """Where a deployment is; None where it is gone."""
        found = self._run("SELECT version, meta FROM mock_airflow_deployments WHERE id = :name", name=name).fetchone()
        return None if found is None else Turn(int(found[0]), found[1])

    def take_turn(self, name: str) -> Turn | None:
        """Begin a transaction in which nobody else writes to the deployment; gives where it was before.

        None where the deployment is gone.
        """
        with self.batch() as rows:
            self.begin()
            self._run(
                "UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name RETURNING version, meta",
                name=name,
            )
        return Turn(int(rows[0][0]) - 1, rows[0][1]) if rows else None

    def begin_from(self, name: str, seen: Turn, to: Turn) -> None:
        """Begin such a transaction, in a batch, and write where the deployment is at its end.

        If anybody has written since ``seen``, ``put_commits`` fails.
        """
        self.begin()
        self._run(
            "UPDATE mock_airflow_deployments SET version = :version, meta = :meta"
            " WHERE id = :name AND version = :seen AND meta = :seen_meta",
            name=name,
            seen=seen.version,
            seen_meta=seen.meta,
            **to._asdict(),
        )

    def put_turn(self, name: str, to: Turn) -> None:
        """Write where a deployment is, whose turn was taken."""
        self._run(
            "UPDATE mock_airflow_deployments SET version = :version, meta = :meta WHERE id = :name",
            name=name,
            **to._asdict(),
        )

    def wait_for_no_disk(self) -> None:
        """Have the transaction that has begun be committed before the disk has it."""
        if not self.is_sqlite:  # which never waits
            self._run("SET LOCAL synchronous_commit TO off")

    def create(self, name: str, version: int, about: str, meta: str) -> bool:
        """Add a deployment without rows; False where another server has just done so."""
        found = self._run(
            "INSERT INTO mock_airflow_deployments (id, version, about, meta) VALUES (:name, :version, :about, :meta)"
            " ON CONFLICT (id) DO NOTHING",
            name=name,
            version=version,
            about=about,
            meta=meta,
        )
        return bool(found.rowcount)

    def delete(self, name: str) -> None:
        """Forget a deployment and all that belongs to it."""
        self._run("DELETE FROM mock_airflow_deployments WHERE id = :name", name=name)
        for table in ("rows", "commits", "snapshots"):
            self._run(f"DELETE FROM mock_airflow_{table} WHERE deployment = :name", name=name)

    # ------------------------------------------------------------------------- from an older schema to that of today

    def replace_schema(self, old: int, new: int) -> bool:
        """Write down that documents are of another schema; False where another server has done so meanwhile."""
        done = self._run("DELETE FROM mock_airflow_schema WHERE number = :old", old=old).rowcount
        if done:
            self.put_schema(new)
        return bool(done)

    def count_on(self, name: str) -> None:
        """Count a write of which nobody is told: whoever has the deployment reads everything again."""
        self._run("UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name", name=name)

    def put_head(self, name: str, about: str, meta: str) -> None:
        """Write how a deployment was set up, and what every write changes."""
        self._run(
            "UPDATE mock_airflow_deployments SET about = :about, meta = :meta WHERE id = :name",
            name=name,
            about=about,
            meta=meta,
        )

    def whole_rows(self, name: str) -> list[Row]:
        """All rows, in order."""
        found = self._run(
            "SELECT name, key, place, doc FROM mock_airflow_rows WHERE deployment = :name ORDER BY place", name=name
        )
        return [Row(*row) for row in found]

    def delete_rows_of(self, name: str) -> None:
        """Delete all rows of a deployment."""
        self._run("DELETE FROM mock_airflow_rows WHERE deployment = :name", name=name)

    def replace_commit(self, name: str, version: int, doc: str) -> None:
        """Tell otherwise what a write changed."""
        self._run(
            "UPDATE mock_airflow_commits SET doc = :doc WHERE deployment = :name AND version = :version",
            name=name,
            version=version,
            doc=doc,
        )

    # ----------------------------------------------------------------------------------- rows, writes and snapshots

    def rows(self, name: str) -> Iterable[tuple[str, str]]:
        """The name of the table and the document of each row, in order."""
        found: Iterable[tuple[str, str]] = self._run(
            "SELECT name, doc FROM mock_airflow_rows WHERE deployment = :name ORDER BY place", name=name
        )
        return found

    def put_rows(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows; one that is there keeps its place."""
        start = 0
        for size in _TOGETHER:
            while len(rows) - start >= size:
                values: dict[str, Any] = {"deployment": name}
                for number, row in enumerate(rows[start : start + size]):
                    values |= {f"{field}{number}": value for field, value in zip(Row._fields, row, strict=True)}
                self._run(_putting(size), **values)
                start += size

    def delete_rows(self, name: str, keys: Iterable[tuple[str, str]]) -> None:
        """Delete rows by table and key."""
        for table, key in keys:
            self._run(
                "DELETE FROM mock_airflow_rows WHERE deployment = :name AND name = :table AND key = :key",
                name=name,
                table=table,
                key=key,
            )

    def delete_table(self, name: str, table: str) -> None:
        """Delete all rows of a table."""
        self._run("DELETE FROM mock_airflow_rows WHERE deployment = :name AND name = :table", name=name, table=table)

    def put_commits(self, name: str, commits: Sequence[Commit]) -> None:
        """Write down what some writes changed, for the other servers. Fails where the turn is another's."""
        last = commits[-1].version
        for commit in commits:
            self._run(
                "INSERT INTO mock_airflow_commits (deployment, version, doc) VALUES (:name,"  # which takes no null
                " (SELECT :version FROM mock_airflow_deployments WHERE id = :name AND version = :last), :doc)",
                name=name,
                last=last,
                **commit._asdict(),
            )

    def commits(self, name: str, since: int) -> list[Commit]:
        """The writes after that version, in order."""
        found = self._run(
            "SELECT version, doc FROM mock_airflow_commits WHERE deployment = :name AND version > :since"
            " ORDER BY version",
            name=name,
            since=since,
        )
        return [Commit(int(version), doc) for version, doc in found]

    def forget_commits(self, name: str, until: int) -> None:
        """Delete the writes up to that version."""
        self._run(
            "DELETE FROM mock_airflow_commits WHERE deployment = :name AND version <= :until", name=name, until=until
        )

    def put_snapshot(self, name: str, number: int, doc: str) -> None:
        """Keep a snapshot, in parts that every database takes."""
        for part, start in enumerate(range(0, len(doc), _CUT)):
            self._run(
                "INSERT INTO mock_airflow_snapshots (deployment, number, part, doc)"
                " VALUES (:name, :number, :part, :doc)",
                name=name,
                number=number,
                part=part,
                doc=doc[start : start + _CUT],
            )

    def snapshot(self, name: str, number: int) -> str | None:
        """A snapshot that is kept, or None."""
        found = self._run(
            "SELECT doc FROM mock_airflow_snapshots WHERE deployment = :name AND number = :number ORDER BY part",
            name=name,
            number=number,
        )
        return "".join([doc for (doc,) in found]) or None

    def snapshots(self, name: str) -> list[int]:
        """The numbers of those that are kept."""
        found = self._run(
            "SELECT number FROM mock_airflow_snapshots WHERE deployment = :name AND part = 0 ORDER BY number", name=name
        )
        return [int(number) for (number,) in found]

    def delete_snapshot(self, name: str, number: int) -> None:
        """Forget a snapshot."""
        self._run(
            "DELETE FROM mock_airflow_snapshots WHERE deployment = :name AND number = :number", name=name, number=number
        )
