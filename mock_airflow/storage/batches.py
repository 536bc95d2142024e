"""Rows that came together, and are made when somebody reads one of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class Batch(Generic[K, R]):
    """So many rows by key, in their order; ``make`` makes them all of ``source``, the same ones whenever it is called.

    The two are apart, since a bound method for each batch would be the larger part of what one takes. A row that was
    deleted since has None, and so keeps its place for an undo.
    """

    __slots__ = ("_make", "_rows", "_source", "count")

    def __init__(self, count: int, make: Callable[[Any], Mapping[K, R | None]], source: Any) -> None:
        self.count = count
        self._make, self._source = make, source
        self._rows: Mapping[K, R | None] | None = None

    @property
    def rows(self) -> Mapping[K, R | None]:
        """The rows, which stay once they were made."""
        if self._rows is None:
            self._rows = self._make(self._source)
        return self._rows

    @property
    def span(self) -> int:
        """How many keys it has, with those of deleted rows; to know it, none has to be made."""
        return self.count if self._rows is None else len(self._rows)

    def present(self) -> dict[K, R]:
        """The rows that are there."""
        return {key: row for key, row in self.rows.items() if row is not None}

    def changed(self, key: K, row: R | None) -> Batch[K, R]:
        """One that has this row for a key of this one's."""
        rows = {**self.rows, key: row}
        batch: Batch[K, R] = Batch(sum(each is not None for each in rows.values()), dict, rows)
        batch._rows = rows
        return batch


class Batches(NamedTuple):
    """What a table has to know of its keys to have batches: the name of the batch in which a key would be.

    ``of`` is None for keys that are numbers; then a batch is named by its first one. ``groups`` are those indexes whose
    members are looked for in a batch too, with the batch's name by the group's value. In other groups the rows of a
    batch are not.
    """

    of: Callable[[Any], Hashable] | None
    groups: Mapping[str, Callable[[Any], Hashable]]
