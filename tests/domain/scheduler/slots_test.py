"""Who is let in when slots of a pool, or of a DAG, come free: over all runs and DAGs, and however they came free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from mock_airflow.domain import clearing, dag_runs, marking, pools
from mock_airflow.domain.records import Task
from mock_airflow.domain.scheduler.slots import Slots
from tests.domain import plain
from tests.domain.plain import Plain, dag


def task(task_id: str, weight: int = 1, slots: int = 1, after: tuple[str, ...] = (), **more: Any) -> Task:
    told = {"weight_rule": "absolute", "pool": "line", "priority_weight": weight, "pool_slots": slots}
    return plain.task(task_id, *after, **{**told, **more})


def made(dags: Mapping[str, list[Task]], slots: int = 0, **more: Any) -> Plain:
    """DAGs whose tasks take a second each and share a pool of so many slots."""
    mock = Plain(*(dag(dag_id, *tasks, **more) for dag_id, tasks in dags.items()), pools={"line": slots, "other": 9})
    for dag_id, tasks in dags.items():
        mock.plan(dag_id, {one.task_id: 1 for one in tasks})
    return mock


def trigger(mock: Plain, dag_id: str, run_id: str, day: int) -> None:
    mock.trigger(dag_id, run_id, datetime(2025, 3, day, tzinfo=timezone.utc))


def in_turn(mock: Plain) -> list[str]:
    """The task instances that began, in that order."""
    begun = [(row.start_date, row) for row in mock.airflow.task_instances if row.start_date is not None]
    return [
        f"{row.run_id} {row.task_id}" + (f" {row.map_index}" if row.map_index >= 0 else "")
        for _, row in sorted(begun, key=lambda pair: pair[0])
    ]


def give(mock: Plain, slots: int) -> None:
    pools.change(mock.airflow, "line", slots=slots)


def test_opened_pool_takes_by_weight_then_date_then_map_index() -> None:
    """The order that a real one showed."""
    mock = made(
        {
            "one": [task("light"), task("heavy", 7), task("middle", 4)],
            "two": [task("heavier", 8), task("mapped", 4, is_mapped=True), task("a_mapped", 4, is_mapped=True)],
        }
    )
    mock.plan("two", {name: {"length": 2, "seconds": 1} for name in ("mapped", "a_mapped")})
    for dag_id, run_id, day in (("one", "A", 5), ("two", "B", 3), ("one", "C", 1), ("two", "D", 2)):
        trigger(mock, dag_id, run_id, day)
    mock.wait(10)
    assert {row.state for row in mock.airflow.task_instances} == {"scheduled"}
    give(mock, 1)
    mock.wait(200)

    mapped = ["mapped 0", "a_mapped 0", "mapped 1", "a_mapped 1"]
    assert in_turn(mock) == [
        *("D heavier", "B heavier", "C heavy", "A heavy", "C middle"),
        *(f"D {name}" for name in mapped),
        *(f"B {name}" for name in mapped),
        *("A middle", "C light", "A light"),
    ]


def test_runs_that_begin_together_share_by_weight() -> None:
    mock = made({"first": [task("low")], "second": [task("high", 5)]}, slots=1)
    trigger(mock, "first", "A", 1)
    trigger(mock, "second", "B", 2)
    mock.wait(20)

    assert in_turn(mock) == ["B high", "A low"]


def test_heavier_one_that_waits_comes_before_what_follows() -> None:
    """The slot that a task frees is not kept for the task after it."""
    mock = made({"chain": [task("head", after=("tail",)), task("tail")], "rival": [task("big", 9)]}, slots=1)
    trigger(mock, "chain", "A", 1)
    mock.wait(1.5)
    trigger(mock, "rival", "B", 2)
    mock.wait(20)

    assert in_turn(mock) == ["A head", "B big", "A tail"]


def test_narrow_ones_pass_a_wide_one_that_has_no_room() -> None:
    mock = made({"d": [task("wide", 9, 3), task("narrow"), task("too", 5)]})
    trigger(mock, "d", "A", 1)
    mock.wait(5)
    give(mock, 2)
    mock.wait(20)
    assert in_turn(mock) in (["A too", "A narrow"], ["A narrow", "A too"])
    give(mock, 3)
    mock.wait(20)
    assert in_turn(mock)[-1] == "A wide"


def test_slots_of_the_dag_go_to_the_heaviest_of_all_pools() -> None:
    tasks = [task("a_low", 1, pool="other"), task("b_high", 5), task("c_middle", 3, pool="other")]
    mock = made({"d": tasks}, slots=5, max_active_tasks=1)
    trigger(mock, "d", "A", 1)
    mock.wait(30)

    assert in_turn(mock) == ["A b_high", "A c_middle", "A a_low"]


def mark(state: str) -> Callable[[Plain], object]:
    return lambda mock: marking.mark(mock.airflow, mock.dag("d"), ["work"], mock.run("d", "A"), state)


FREEING: dict[str, Callable[[Plain], object]] = {
    "delete the run": lambda mock: dag_runs.delete(mock.airflow, "d", "A"),
    "fail the run": lambda mock: dag_runs.set_state(mock.airflow, "d", "A", "failed"),
    "end the run": lambda mock: dag_runs.set_state(mock.airflow, "d", "A", "success"),
    "fail the task": mark("failed"),
    "end the task": mark("success"),
    "widen the pool": lambda mock: give(mock, 2),
}


@pytest.mark.parametrize("free", FREEING.values(), ids=FREEING)
@pytest.mark.parametrize("after", [1.5, 60])
def test_whatever_frees_a_slot_lets_others_in(free: Callable[[Plain], object], after: float) -> None:
    """While the one that holds the slot is queued, or runs; those who wait are another run's and another DAG's."""
    mock = made({"d": [task("work")], "e": [task("work")]}, slots=1)
    mock.plan("d", {"work": 5000})
    trigger(mock, "d", "A", 1)
    trigger(mock, "e", "C", 3)
    mock.wait(after)
    assert (mock.states("d", "A"), mock.states("e", "C")) == (
        {"work": "queued" if after < 2 else "running"},
        {"work": "scheduled"},
    )
    free(mock)
    mock.wait(10)

    assert mock.states("e", "C") == {"work": "success"}


def test_queued_task_that_is_cleared_stands_in_line_again() -> None:
    mock = made({"d": [task("work")], "e": [task("work", 9)]}, slots=1)
    trigger(mock, "d", "A", 1)
    mock.wait(1)
    trigger(mock, "e", "C", 3)
    mock.wait(0.5)
    assert mock.states("d", "A") == {"work": "queued"}
    clearing.clear(mock.airflow, mock.instances("d", "A"), reopen_runs=False)
    mock.wait(30)

    assert in_turn(mock) == ["C work", "A work"]


def counted(mock: Plain, dag_id: str = "d") -> Slots:
    """What is counted of a DAG and of the pool ``line``, as the tables have it now."""
    slots = Slots(mock.airflow)
    slots.know(mock.dag(dag_id), ["line"])
    return slots


def test_who_is_queued_or_runs_takes_slots_of_the_pool_and_of_the_dag() -> None:
    mock = made({"d": [task("wide", slots=2), task("narrow")]}, slots=4)
    assert counted(mock).taken == {"line": 0}
    trigger(mock, "d", "A", 1)
    mock.wait(1)
    slots = counted(mock)

    assert (slots.taken, slots.active, slots.count) == ({"line": 3}, {"d": 2}, 0)
    wide = mock.one("d", "wide", "A")
    assert slots.moved(replace(wide, state="success"), "running") is True
    assert (slots.taken, slots.active) == ({"line": 1}, {"d": 1})
    assert slots.moved(replace(wide, state="running"), "queued") is False


@pytest.mark.parametrize(("counts", "taken"), [(True, 2), (False, 0)])
def test_deferred_one_keeps_its_slots_where_the_pool_counts_it(counts: bool, taken: int) -> None:
    mock = made({"d": [task("work", slots=2)]}, slots=4)
    pools.change(mock.airflow, "line", include_deferred=counts)
    mock.plan("d", {"work": {"deferred": 60}})
    trigger(mock, "d", "A", 1)
    mock.wait(30)
    assert mock.states("d", "A") == {"work": "deferred"}

    assert counted(mock).taken == {"line": taken}
    assert counted(mock).active == {"d": 0}


def test_there_is_room_as_long_as_pool_and_dag_have_some() -> None:
    mock = made({"d": [task("one"), task("two")]}, slots=1, max_active_tasks=1)
    trigger(mock, "d", "A", 1)
    row, declared = mock.one("d", "one", "A"), mock.dag("d")
    slots = counted(mock)

    assert slots.room(row, declared) is True
    assert slots.are_free(declared, 1, {"line": 1}) is True
    assert slots.are_free(declared, 1, {"line": 2}) is False
    assert slots.are_free(declared, 2, {"line": 1}) is False
    assert slots.room(replace(row, pool="none"), declared) is False
    slots.moved(replace(row, state="queued"), "scheduled")
    assert slots.room(row, declared) is False


def test_those_who_wait_come_by_weight_and_some_dags_not_at_all() -> None:
    mock = made({"d": [task("low"), task("high", 5)], "e": [task("higher", 9)]})
    trigger(mock, "d", "A", 1)
    trigger(mock, "e", "B", 1)
    slots = Slots(mock.airflow)
    for row in mock.airflow.task_instances:
        slots.wait(row)

    assert slots.count == 3
    found = [slots.next(["line"], but_not) for but_not in (("e",), (), (), ())]
    assert [key and key.task_id for key in found] == ["high", "higher", "low", None]
    assert slots.count == 0
