"""Tables: rows by key, indexes, snapshots that cost nothing, and the way back after a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import given, strategies as st

from mock_airflow.storage.batches import Batches
from mock_airflow.storage.tables import Change, RowOrder, Table, singly


@dataclass(frozen=True)
class Row:
    id: int
    colour: str
    tag: int


def table() -> Table[int, Row]:
    changes: list[Change] = []
    return Table(
        "rows",
        lambda row: row.id,
        changes,
        groups={"colour": lambda row: row.colour},
        unique={"tag": lambda row: row.tag},
        orders={"even": RowOrder(lambda row: None if row.tag % 2 else row.colour, lambda row: row.tag)},
    )


def content(rows: Table[int, Row]) -> tuple[Any, ...]:
    """Everything a reader can see."""
    everything = list(rows)
    groups = {colour: list(rows.group("colour", colour).values()) for colour in "rgb"}
    orders = {colour: list(rows.before("even", colour)) for colour in "rgb"}
    return everything, groups, [rows.lookup("tag", tag) for tag in range(12)], orders


def test_replaced_row_keeps_its_place_and_moves_between_groups() -> None:
    rows = table()
    rows.put(Row(1, "r", 1))
    rows.put(Row(2, "r", 2))
    rows.put(Row(1, "g", 3))

    assert list(rows) == [Row(1, "g", 3), Row(2, "r", 2)]
    assert list(rows.group("colour", "r")) == [2]
    assert (rows.lookup("tag", 1), rows.lookup("tag", 3)) == (None, Row(1, "g", 3))


def test_order_has_the_rows_of_a_group_from_any_bound_down() -> None:
    rows = table()
    for number, tag in enumerate((4, 0, 3, 8, 6)):
        rows.put(Row(number, "r", tag))
    rows.put(Row(4, "g", 6))

    def tags(*bound: int, **more: bool) -> list[int]:
        return [row.tag for row in rows.before("even", "r", *bound, **more)]

    assert (tags(), tags(4), tags(4, included=True), tags(5)) == ([8, 4, 0], [0], [4, 0], [4, 0])
    assert [row.tag for row in rows.first("even", "r", 2)] == [0, 4]
    assert list(rows.before("even", "b")) == rows.first("even", "b", 3) == []
    rows.delete(0)
    assert tags() == [8, 0]


def test_deleting_what_is_not_there_is_no_change() -> None:
    rows = table()

    assert rows.delete(1) is None
    assert rows._changes == []


WRITES = st.lists(st.tuples(st.sampled_from(["put", "delete"]), st.integers(0, 5), st.sampled_from("rgb")), max_size=30)


def write(rows: Table[int, Row], writes: list[tuple[str, int, str]]) -> None:
    for verb, number, colour in writes:
        if verb == "put":
            rows.put(Row(number, colour, number))
        else:
            rows.delete(number)


@given(WRITES, WRITES, WRITES)
def test_snapshot_is_what_was_there_however_often_it_is_restored(first: Any, second: Any, third: Any) -> None:
    rows = table()
    write(rows, first)
    before = content(rows)
    snapshot = rows.snapshot()
    for writes in (second, third):
        write(rows, writes)
        rows.restore(snapshot)
        assert content(rows) == before


@given(WRITES, WRITES)
def test_copies_of_a_snapshot_do_not_see_each_other(first: Any, second: Any) -> None:
    rows, twin = table(), table()
    write(rows, first)
    twin.restore(rows.snapshot())
    before = content(twin)

    write(rows, second)

    assert content(twin) == before


@given(WRITES, WRITES)
def test_changes_taken_back_leave_the_same_rows_in_the_same_places(first: Any, second: Any) -> None:
    rows = table()
    for number in range(6):
        rows.put(Row(number, "r", number))
    write(rows, [step for step in first if step[0] == "put"])
    before = content(rows)
    mark = len(rows._changes)

    write(rows, second)
    for change in reversed(rows._changes[mark:]):
        rows.undo(change)

    everything, groups, unique, orders = content(rows)
    assert (everything, unique, orders) == (before[0], *before[2:])
    assert {colour: set(members) for colour, members in groups.items()} == {
        colour: set(members) for colour, members in before[1].items()
    }


class Part(NamedTuple):
    run: str
    task: int
    text: str


def parts(batched: Batches | None) -> Table[tuple[str, int], Part]:
    """A table of parts by run and task."""
    groups = {"run": lambda row: row.run, "long": lambda row: row.text if len(row.text) > 1 else None}
    return Table("parts", lambda row: (row.run, row.task), [], groups=groups, batched=batched)


BY_RUN = Batches(lambda key: key[0], {"run": lambda value: value})
KEYS = [(run, task) for run in "xyz" for task in range(4)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["batch", "put", "delete"]), st.sampled_from("xyz"), st.integers(0, 3), st.sampled_from("a bb")
    ),
    max_size=20,
)


def act(rows: Table[tuple[str, int], Part], steps: Any, *, in_batches: bool) -> None:
    for verb, run, task, text in steps:
        fresh = {(run, number): Part(run, number, "a") for number in range(3)}
        if verb == "put":
            rows.put(Part(run, task, text))
        elif verb == "delete":
            rows.delete((run, task))
        elif any(rows.get(key) is not None for key in KEYS if key[0] == run):
            continue
        elif not in_batches:
            for row in fresh.values():
                rows.put(row)
        elif rows.get((run, 0)) is None and (run,) not in rows._rows:
            rows.add_batch(run, 3, dict, fresh)
        else:  # the empty place of a batch of that name
            for row in fresh.values():
                rows.put(row)


def seen(rows: Table[tuple[str, int], Part]) -> tuple[Any, ...]:
    groups = [dict(rows.group("run", run)) for run in "xyz"] + [dict(rows.group("long", "bb"))]
    return (
        len(rows),
        {row[:2]: row for row in rows},
        [rows.get(key) for key in KEYS],
        [key in rows for key in KEYS],
        groups,
    )


@given(STEPS, STEPS)
def test_rows_of_a_batch_are_rows_like_others(first: Any, second: Any) -> None:
    plain, batched = parts(None), parts(BY_RUN)
    act(plain, first, in_batches=False)
    act(batched, first, in_batches=True)
    before, snapshot, mark = seen(batched), batched.snapshot(), len(batched._changes)
    assert before == seen(plain)
    assert list(snapshot.every()) == list(batched)

    act(plain, second, in_batches=False)
    act(batched, second, in_batches=True)
    after = seen(batched)
    assert after == seen(plain)
    single = [*singly(batched._changes)]
    assert {change.key: change.after for change in single} == {change.key: change.after for change in plain._changes}

    changes = batched._changes[mark:]
    for change in reversed(changes):
        batched.undo(change)
    assert seen(batched) == before
    batched.restore(snapshot)
    assert seen(batched) == before
    for change in changes:
        batched.redo(change)
    assert seen(batched) == after


def test_a_batch_of_numbers_is_found_by_its_first_one() -> None:
    made: list[int] = []
    rows: Table[int, Row] = Table("rows", lambda row: row.id, [], batched=Batches(None, {}))

    def batch(first: int) -> dict[int, Row]:
        made.append(first)
        return {number: Row(number, "r", number) for number in range(first, first + 3)}

    rows.put(Row(1, "r", 1))
    rows.add_batch(2, 3, batch, 2)
    rows.put(Row(5, "r", 5))
    rows.add_batch(10, 3, batch, 10)
    rows.put(Row(13, "r", 13))
    assert (len(rows), made) == (9, [])  # to count and to add, none has to be made

    assert (rows.get(1), rows.get(4), rows.get(5), rows.get(9)) == (
        Row(1, "r", 1),
        Row(4, "r", 4),
        Row(5, "r", 5),
        None,
    )
    assert made == [2]
    assert rows.put(Row(4, "g", 4)) == rows.get(4)
    assert [row.id for row in rows] == [1, 2, 3, 4, 5, 10, 11, 12, 13]
    rows.delete(10)
    assert (len(rows), 10 in rows, 11 in rows, rows.get(12)) == (8, False, True, Row(12, "r", 12))
