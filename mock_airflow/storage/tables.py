"""Tables of immutable rows, kept in insertion order, with indexes that are kept up to date.

A snapshot takes references to a table's dicts, and the next write copies what it touches first. So a snapshot and a
restore cost the number of tables, not of rows. Every write is noted in a change log; from it come the journal's state
changes and the way back when a request fails half-way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar, cast

from msgspec import Struct

from mock_airflow.storage.batches import Batch, Batches

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
S = TypeVar("S")


_value = itemgetter(0)
_NOTHING: Mapping[str, Any] = {}


class Change(Struct, frozen=True, gc=False):  # nothing in it leads back to it, and there are very many
    """One row before and after; None stands for no row. ``singly`` tells of a batch that was added row by row."""

    table: str
    key: Any
    before: Any
    after: Any


def singly(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes of single rows that changes come to."""
    for change in changes:
        if isinstance(change.after, Batch):
            for key, row in change.after.present().items():
                yield Change(change.table, key, None, row)
        else:
            yield change


class TableState(NamedTuple):
    """A table's content at one moment. Nothing writes to these dicts any more."""

    rows: dict[Any, Any]
    groups: dict[str, dict[Any, dict[Any, Any]]]
    unique: dict[str, dict[Any, Any]]
    orders: dict[str, dict[Any, list[tuple[Any, Any]]]]
    batches: int = 0
    batched: int = 0

    @property
    def total(self) -> int:
        """How many rows it has."""
        return len(self.rows) - self.batches + self.batched

    def every(self) -> Iterator[Any]:
        """Every row."""
        return _every(self.rows)


def _every(rows: Mapping[Any, Any]) -> Iterator[Any]:
    for row in rows.values():
        if row.__class__ is Batch:
            yield from row.present().values()
        else:
            yield row


class RowOrder(NamedTuple):
    """An order of rows beside that of creation: by which group, None for those that are left out, and which value."""

    group: Callable[[Any], Hashable | None]
    value: Callable[[Any], Any]


class Table(Generic[K, R]):
    """Rows by key, grouped, uniquely indexed, and kept in orders, by functions of the row."""

    def __init__(
        self,
        name: str,
        key: Callable[[R], K],
        changes: list[Change],
        *,
        groups: Mapping[str, Callable[[R], Hashable]] | None = None,
        unique: Mapping[str, Callable[[R], Hashable]] | None = None,
        orders: Mapping[str, RowOrder] | None = None,
        batched: Batches | None = None,
    ) -> None:
        self.name = name
        self.key = key
        self.version = 0  # another one after every write, so that what is worked out from the rows can be kept
        self._changes = changes
        self._group_by = groups or _NOTHING
        self._unique_by = unique or _NOTHING
        self._order_by = orders or _NOTHING
        self._batched = batched
        self._batches = 0  # how many there are, each under a tuple of its name among the rows
        self._in_batches = 0  # how many rows those have
        self._starts: list[Any] | None = None  # the names of batches whose keys are numbers, sorted; None: not known
        self._rows: dict[Any, Any] = {}
        self._groups: dict[str, dict[Hashable, dict[K, R]]] = {name: {} for name in groups} if groups else {}
        self._unique: dict[str, dict[Hashable, K]] = {name: {} for name in unique} if unique else {}
        self._orders: dict[str, dict[Hashable, list[tuple[Any, K]]]] = {name: {} for name in orders} if orders else {}
        self._shared = False
        # By group or order, whose names differ, and value; None: no snapshot was ever taken, all is our own.
        self._owned: set[tuple[str, Hashable]] | None = None

    def __len__(self) -> int:
        return len(self._rows) - self._batches + self._in_batches

    def __iter__(self) -> Iterator[R]:
        return _every(self._rows) if self._batches else iter(self._rows.values())

    def __contains__(self, key: object) -> bool:
        return key in self._rows or (self._batches > 0 and self.get(key) is not None)  # type: ignore[arg-type]

    def get(self, key: K) -> R | None:
        """The row with this key, or None."""
        row: R | None = self._rows.get(key)
        if row is None and self._batches:
            batch = self._rows.get(self._batch_of(key))
            return None if batch is None else batch.rows.get(key)
        return row

    def group(self, name: str, value: Hashable) -> Mapping[K, R]:
        """The rows whose group function gave ``value``, by key, in insertion order; None is no group."""
        members = self._groups[name].get(value, {})
        if self._batches and self._batched is not None and name in self._batched.groups:
            batch: Batch[K, R] | None = self._rows.get((self._batched.groups[name](value),))
            if batch is not None:
                function = self._group_by[name]
                return {key: row for key, row in batch.present().items() if function(row) == value} | members
        return members

    def lookup(self, name: str, value: Hashable) -> R | None:
        """The one row whose unique function gave ``value``, or None."""
        key = self._unique[name].get(value)
        return None if key is None else self._rows.get(key)

    def before(self, name: str, value: Hashable, bound: Any = None, *, included: bool = False) -> Iterator[R]:
        """The rows of a group of an order whose value lies before the bound, the last first; without a bound all."""
        members = self._orders[name].get(value, [])
        search = bisect_right if included else bisect_left
        end = len(members) if bound is None else search(members, bound, key=_value)
        return (self._rows[members[place][1]] for place in range(end - 1, -1, -1))

    def first(self, name: str, value: Hashable, count: int) -> list[R]:
        """The first rows of a group of an order."""
        return [self._rows[key] for _, key in self._orders[name].get(value, [])[:count]]

    def eldest(self, beyond: int, at_least: int) -> list[K]:
        """The keys of the rows that were added first, but for so many later ones; none, where they are too few.

        Batches do not count, which take no memory.
        """
        extra = len(self._rows) - self._batches - beyond
        if extra < at_least:
            return []
        return list(islice((key for key, row in self._rows.items() if row.__class__ is not Batch), extra))

    def put(self, row: R) -> R:
        """Add the row, or replace the one with its key (which keeps its place)."""
        key = self.key(row)
        before = self.get(key) if self._batches else self._rows.get(key)
        self._write(key, before, row)
        self._changes.append(Change(self.name, key, before, row))
        return row

    def add_batch(self, name: Hashable, count: int, make: Callable[[S], Mapping[K, R]], source: S) -> None:
        """Add so many rows with new keys, which ``make`` makes of the source when one is read: in no time and memory.

        The table has neither unique indexes nor orders, and of its groups the rows are in those of its Batches alone.
        """
        batch: Batch[K, R] = Batch(count, make, source)
        place = (name,)
        self._write_batch(place, None, batch)
        self._changes.append(Change(self.name, place, None, batch))

    def delete(self, key: K) -> R | None:
        """Remove and give the row with this key; None when there is none."""
        before = self.get(key)
        if before is not None:
            self._write(key, before, None)
            self._changes.append(Change(self.name, key, before, None))
        return before

    def undo(self, change: Change) -> None:
        """Take one noted change back. A deleted row with an ``id``, or a number as key, returns to its place."""
        if isinstance(change.after, Batch):
            self._write_batch(change.key, change.after, None)
            return
        self._write(change.key, change.after, change.before)
        if change.after is None and self._batched is None and hasattr(change.before, "id"):
            self._rows = dict(sorted(self._rows.items(), key=lambda item: item[1].id))
        elif change.after is None and not self._batches and isinstance(change.key, int):
            self._rows = dict(sorted(self._rows.items()))

    def redo(self, change: Change) -> None:
        """Make one noted change again, without noting it."""
        if isinstance(change.after, Batch):
            self._write_batch(change.key, None, change.after)
        else:
            self._write(change.key, change.before, change.after)

    def refill(self, rows: Iterable[R]) -> None:
        """Have these rows, in this order, in the place of all others; nothing is noted."""
        self._rows = {}
        self._groups = {name: {} for name in self._group_by}
        self._unique = {name: {} for name in self._unique_by}
        self._orders = {name: {} for name in self._order_by}
        self._shared, self._owned = False, None
        self._batches, self._in_batches, self._starts = 0, 0, None
        self.version += 1
        for row in rows:
            self._write(self.key(row), None, row)

    def snapshot(self) -> TableState:
        """The content as it is now, for restore()."""
        self._disown()
        return TableState(self._rows, self._groups, self._unique, self._orders, self._batches, self._in_batches)

    def restore(self, state: TableState) -> None:
        """Go back to what snapshot() gave, any number of times."""
        self._rows, self._groups, self._unique, self._orders, self._batches, self._in_batches = state
        self._starts = None
        self.version += 1
        self._disown()

    def _disown(self) -> None:
        """Have the next writes copy what they touch, as a snapshot has it."""
        self._shared = True
        self._owned = set()

    def _unshare(self) -> None:
        """Have dicts of our own in the place of those that a snapshot has."""
        self._rows = dict(self._rows)
        self._groups = {name: dict(values) for name, values in self._groups.items()}
        self._unique = {name: dict(values) for name, values in self._unique.items()}
        self._orders = {name: dict(values) for name, values in self._orders.items()}
        self._shared = False

    def _write(self, key: K, before: R | None, after: R | None) -> None:
        if self._shared:
            self._unshare()
        self.version += 1
        elsewhere = self._write_in_batch(key, after) if self._batches else None
        if elsewhere is None and after is None:
            self._rows.pop(key, None)
        elif elsewhere is None:
            self._rows[key] = after
        for name, function in self._group_by.items():
            if elsewhere is not None and name in elsewhere:
                continue
            new: Hashable | None = None if after is None else function(after)
            if before is not None and (old := function(before)) != new and old is not None:
                members = self._own_group(name, old)
                members.pop(key, None)
                if not members:
                    del self._groups[name][old]
            if new is not None:
                self._own_group(name, new)[key] = cast("R", after)
        for name, function in self._unique_by.items():
            if before is not None:
                self._unique[name].pop(function(before), None)
            if after is not None:
                self._unique[name][function(after)] = key
        for name, (group, place) in self._order_by.items():
            left = None if before is None else (group(before), place(before))
            taken = None if after is None else (group(after), place(after))
            if left != taken:
                self._move(name, key, left, taken)

    def _write_batch(self, place: tuple[Hashable], before: Batch[K, R] | None, after: Batch[K, R] | None) -> None:
        """Add a batch, or take it out."""
        if self._shared:
            self._unshare()
        self.version += 1
        sign, batch = (1, after) if after is not None else (-1, self._rows.pop(place))
        assert batch is not None
        if after is not None:
            self._rows[place] = after
        self._batches += sign
        self._in_batches += sign * batch.count
        if self._starts is not None and after is not None:
            self._starts.append(place[0])
        else:
            self._starts = None

    def _write_in_batch(self, key: K, after: R | None) -> Collection[str] | None:
        """Write a row in its batch, if it is of one; gives the groups that need no more then."""
        place = self._batch_of(key)
        batch: Batch[K, R] | None = self._rows.get(place)
        if batch is None or key not in batch.rows:
            return None
        assert self._batched is not None
        self._rows[place] = changed = batch.changed(key, after)
        self._in_batches += changed.count - batch.count
        return self._batched.groups

    def _batch_of(self, key: K) -> tuple[Hashable]:
        """Where a batch is that has this key, if there is one."""
        assert self._batched is not None
        if self._batched.of is not None:
            return (self._batched.of(key),)
        if self._starts is None:
            self._starts = sorted(place[0] for place in self._rows if isinstance(place, tuple))
        found = bisect_right(self._starts, key)
        place = (self._starts[found - 1] if found else None,)
        batch = self._rows.get(place)
        return place if batch is not None and key < place[0] + batch.span else (None,)

    def _move(self, name: str, key: K, left: tuple[Any, Any] | None, taken: tuple[Any, Any] | None) -> None:
        """Take a row out of one place of an order, and into another."""
        if left is not None and left[0] is not None:
            members = self._own_order(name, left[0])
            del members[bisect_left(members, (left[1], key))]
        if taken is not None and taken[0] is not None:
            insort(self._own_order(name, taken[0]), (taken[1], key))

    def _own_order(self, name: str, value: Hashable) -> list[tuple[Any, K]]:
        orders = self._orders[name]
        members = orders.setdefault(value, [])
        if self._owned is not None and (name, value) not in self._owned:
            members = orders[value] = list(members)
            self._owned.add((name, value))
        return members

    def _own_group(self, name: str, value: Hashable) -> dict[K, R]:
        groups = self._groups[name]
        members = groups.get(value)
        if self._owned is None:
            if members is None:
                members = groups[value] = {}
        elif members is None or (name, value) not in self._owned:
            members = groups[value] = {} if members is None else dict(members)
            self._owned.add((name, value))
        return members
