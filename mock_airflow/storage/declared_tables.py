"""Tables that are declared as attributes of a class, and made when somebody looks at one.

Most tests look at a few of the tables that an Airflow has. What a snapshot put into the others waits until they do.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from mock_airflow.storage.tables import Change, Table, TableState

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class _Owner(Protocol):
    @property
    def tables(self) -> Tables: ...


class TableOf(Generic[K, R]):
    """An attribute that is a table of its owner's ``tables``; takes what a Table takes, but for the changes."""

    def __init__(self, name: str, key: Any, **indexes: Any) -> None:
        self.name, self._key, self._indexes = name, key, indexes

    def __set_name__(self, kind: type, attribute: str) -> None:
        self._attribute = attribute

    def __get__(self, owner: _Owner, kind: type) -> Table[K, R]:
        table: Table[K, R] = owner.tables[self.name]
        vars(owner)[self._attribute] = table  # which is found before this from now on
        return table

    def made(self, changes: list[Change]) -> Table[K, R]:
        """A table without rows."""
        return Table(self.name, self._key, changes, **self._indexes)


class Tables(Mapping[str, Table[Any, Any]]):
    """The tables of one owner by name: those that its class declares, in that order, then those that were added."""

    def __init__(self, kind: type, changes: list[Change]) -> None:
        self._declared = _declared_by(kind)
        self._changes = changes
        self._made: dict[str, Table[Any, Any]] = {}
        self._waiting: Mapping[str, TableState] = {}  # what those will have that are not made yet

    def __getitem__(self, name: str) -> Table[Any, Any]:
        table = self._made.get(name)
        if table is None:
            table = self._declared[name].made(self._changes)
            if name in self._waiting:
                table.restore(self._waiting[name])
            return self._made.setdefault(name, table)  # another thread may have been quicker
        return table

    def __iter__(self) -> Iterator[str]:
        return iter([*self._declared, *(name for name in list(self._made) if name not in self._declared)])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, name: str, key: Any, **indexes: Any) -> Table[Any, Any]:
        """One more, made at once."""
        self._made[name] = Table(name, key, self._changes, **indexes)
        return self._made[name]

    def sizes(self) -> dict[str, int]:
        """How many rows each has. None is made for it, so who does not hold the Airflow may ask."""
        sizes = {name: state.total for name, state in self._waiting.items()}
        sizes |= {name: len(table) for name, table in list(self._made.items())}
        return {name: sizes.get(name, 0) for name in self}

    def snapshot(self) -> dict[str, TableState]:
        """The content of all as it is now."""
        made, waiting = self._made, self._waiting
        return {name: waiting[name] if name not in made and name in waiting else self[name].snapshot() for name in self}

    def restore(self, states: Mapping[str, TableState]) -> None:
        """Go back to a snapshot; a table that it does not tell of stays as it is."""
        self._waiting = {**self._waiting, **states}
        for name, table in list(self._made.items()):
            if name in states:
                table.restore(states[name])


@cache
def _declared_by(kind: type) -> dict[str, TableOf[Any, Any]]:
    """The tables that a class declares, by name."""
    return {each.name: each for each in vars(kind).values() if isinstance(each, TableOf)}
