"""The snapshots of a deployment that is kept in a database: what is kept by one server is there for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

from mock_airflow.domain.state_documents import read_state, state_text
from mock_airflow.persistence.secrets import is_unwritten, know_passwords

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Snapshot
    from mock_airflow.persistence.replica import Replica

START = 0  # the number of the starting state, which ``reset()`` goes back to


class KeptSnapshots(MutableMapping[int, "Snapshot"]):
    """Snapshots by number, in a turn."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._read: dict[int, Snapshot] = {}

    def __getitem__(self, number: int) -> Snapshot:
        if number not in self._numbers():
            self._read.pop(number, None)
            raise KeyError(number)
        if number not in self._read:
            self._read[number] = self.read(number)
        return self._read[number]

    def read(self, number: int) -> Snapshot:
        """One that is kept, out of the database. Raises KeyError and DocumentError."""
        database, name = self._replica.database, self._replica.name
        with database.told_clearly():
            text = database.snapshot(name, number)
        if text is None:
            raise KeyError(number)
        return _snapshot_of(self._replica.deployment, text)

    def __setitem__(self, number: int, snapshot: Snapshot) -> None:
        database, name = self._replica.database, self._replica.name
        with database.told_clearly():
            database.delete_snapshot(name, number)
            database.put_snapshot(name, number, text_of(snapshot))
        self._replica.wrote_beside()

    def __delitem__(self, number: int) -> None:
        if number not in self._numbers():
            raise KeyError(number)
        database, name = self._replica.database, self._replica.name
        with database.told_clearly():
            database.delete_snapshot(name, number)
        self._replica.wrote_beside()
        self._read.pop(number, None)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers())

    def __len__(self) -> int:
        return len(self._numbers())

    def _numbers(self) -> list[int]:
        database, name = self._replica.database, self._replica.name
        with database.told_clearly():
            return [number for number in database.snapshots(name) if number != START]


def text_of(snapshot: Snapshot) -> str:
    """A snapshot as a text."""
    return state_text(snapshot, left_out=is_unwritten)


def _snapshot_of(deployment: Deployment, text: str) -> Snapshot:
    """What ``text_of`` was given, with the passwords that can be known again."""
    copy = deployment.empty_copy()
    read_state(copy.airflow, json.loads(text))
    know_passwords(copy)
    return copy.airflow.snapshot()
