"""Documents in a database: what is kept of each deployment, and how it is read and written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mock_airflow.storage.connection import Connected

_CUT = 500_000  # characters of one part of a snapshot


class Row(NamedTuple):
    """A row of a table of a deployment as it is kept; its place tells the order in the table."""

    name: str
    key: str
    place: int
    doc: str


class Head(NamedTuple):
    """What is kept of a deployment besides its rows: its version, how it was set up, and what every write changes."""

    version: int
    about: str
    meta: str


def short_key(key: str) -> str:
    """What a row is found by: of any length of key the same."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class Database(Connected):
    """The deployments of a database, each call in a transaction or by itself."""

    def names(self) -> list[str]:
        """The deployments that are kept."""
        return [name for (name,) in self._run("SELECT id FROM mock_airflow_deployments ORDER BY id")]

    def head(self, name: str) -> Head | None:
        """What is kept of a deployment besides its rows; None where there is none."""
        found = self._run(
            "SELECT version, about, meta FROM mock_airflow_deployments WHERE id = :name", name=name
        ).first()
        return None if found is None else Head(*found)

    def version(self, name: str) -> int | None:
        """The number of the last write; None where the deployment is gone."""
        found = self._run("SELECT version FROM mock_airflow_deployments WHERE id = :name", name=name).first()
        return None if found is None else int(found[0])

    def take_turn(self, name: str) -> int | None:
        """Have nobody else write to the deployment until the transaction ends; gives the version before."""
        found = self._run(
            "UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name RETURNING version", name=name
        ).first()
        return None if found is None else int(found[0]) - 1

    def guard(self, name: str, seen: int) -> bool:
        """Take the turn if nobody has written since that version; whether it is so."""
        done = self._run(
            "UPDATE mock_airflow_deployments SET version = version + 1 WHERE id = :name AND version = :seen",
            name=name,
            seen=seen,
        )
        return bool(done.rowcount)

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

    def rows(self, name: str) -> Iterator[tuple[str, str]]:
        """The name of the table and the document of each row, in order."""
        yield from self._run(
            "SELECT name, doc FROM mock_airflow_rows WHERE deployment = :name ORDER BY place", name=name
        ).yield_per(2000)

    def put_rows(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows; one that is there keeps its place."""
        if rows:
            self._run(
                "INSERT INTO mock_airflow_rows (deployment, name, key, place, doc)"
                " VALUES (:deployment, :name, :key, :place, :doc)"
                " ON CONFLICT (deployment, name, key) DO UPDATE SET doc = excluded.doc",
                [{"deployment": name, **row._asdict()} for row in rows],
            )

    def delete_rows(self, name: str, keys: Iterable[tuple[str, str]]) -> None:
        """Delete rows by table and key."""
        given = [{"deployment": name, "name": table, "key": key} for table, key in keys]
        if given:
            self._run(
                "DELETE FROM mock_airflow_rows WHERE deployment = :deployment AND name = :name AND key = :key", given
            )

    def delete_table(self, name: str, table: str) -> None:
        """Delete all rows of a table."""
        self._run("DELETE FROM mock_airflow_rows WHERE deployment = :name AND name = :table", name=name, table=table)

    def put_meta(self, name: str, meta: str) -> None:
        """Write what every write changes."""
        self._run("UPDATE mock_airflow_deployments SET meta = :meta WHERE id = :name", name=name, meta=meta)

    def put_commit(self, name: str, version: int, doc: str) -> None:
        """Write down what a write changed, for the other servers."""
        self._run(
            "INSERT INTO mock_airflow_commits (deployment, version, doc) VALUES (:name, :version, :doc)",
            name=name,
            version=version,
            doc=doc,
        )

    def commits(self, name: str, since: int) -> list[tuple[int, str]]:
        """The writes after that version, in order."""
        found = self._run(
            "SELECT version, doc FROM mock_airflow_commits WHERE deployment = :name AND version > :since"
            " ORDER BY version",
            name=name,
            since=since,
        )
        return [(int(version), doc) for version, doc in found]

    def forget_commits(self, name: str, until: int) -> None:
        """Delete the writes up to that version."""
        self._run(
            "DELETE FROM mock_airflow_commits WHERE deployment = :name AND version <= :until", name=name, until=until
        )

    def put_snapshot(self, name: str, number: int, doc: str) -> None:
        """Keep a snapshot, in parts that every database takes."""
        parts = [doc[start : start + _CUT] for start in range(0, len(doc), _CUT)]
        self._run(
            "INSERT INTO mock_airflow_snapshots (deployment, number, part, doc) VALUES (:name, :number, :part, :doc)",
            [{"name": name, "number": number, "part": part, "doc": piece} for part, piece in enumerate(parts)],
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
