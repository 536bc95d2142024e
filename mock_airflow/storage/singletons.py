"""What there is only one of in a deployment, such as its fault rules: each is a row of the one table ``singletons``.

So snapshots, restores, forks and rewinds have it by themselves, as they have every other row.
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from mock_airflow.storage.tables import Table

V = TypeVar("V")


class Singleton(NamedTuple):
    """One value by its name. It is never changed in place: another one is put."""

    name: str
    value: Any

    def __repr__(self) -> str:
        return f"<Singleton {self.name}>"  # the value may be what passwords are known


class _Owner(Protocol):
    @property
    def singletons(self) -> Table[str, Singleton]: ...


class Single(Generic[V]):
    """An attribute that is kept as a row of its owner's ``singletons``; ``start`` is what it is before it is set.

    Until then there is no row, so that what nobody touched costs nothing.
    """

    def __init__(self, name: str, start: V) -> None:
        self._name, self._start = name, start

    def __get__(self, owner: _Owner, kind: type) -> V:
        row = owner.singletons.get(self._name)
        return self._start if row is None else row.value

    def __set__(self, owner: _Owner, value: V) -> None:
        if value is not self.__get__(owner, type(owner)):
            owner.singletons.put(Singleton(self._name, value))
