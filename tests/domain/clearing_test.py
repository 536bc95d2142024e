"""Clearing: which task instances a selection means, what becomes of them, and what is kept of their past."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.domain import clearing
from mock_airflow.domain.clearing import Selection
from mock_airflow.domain.records import TaskInstance
from tests.domain.plain import Plain, dag, day, task

DAYS = (1, 2, 3)


@pytest.fixture
def mock() -> Plain:
    """Three runs of a chain, the second of which failed in its middle."""
    made = Plain(dag("etl", task("a", "b"), task("b", "c", retries=2), task("c")))
    for number in DAYS:
        made.plan("etl", {"b": {"outcome": "failed", "gives_up": True}} if number == 2 else {})
        made.trigger("etl", f"run_{number}", day(number))
        made.wait(600)
    return made


def selected(mock: Plain, **selection: Any) -> list[tuple[str, str]]:
    chosen = clearing.select(mock.airflow, mock.dag("etl"), Selection(**selection))
    return [(row.run_id, row.task_id) for row in chosen]


def row(mock: Plain, task_id: str, run_id: str) -> TaskInstance:
    (found,) = [each for each in mock.instances("etl", run_id) if each.task_id == task_id]
    return found


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        ({}, [(f"run_{number}", name) for number in DAYS for name in "abc"]),
        ({"task_ids": ["b"]}, [("run_1", "b"), ("run_2", "b"), ("run_3", "b")]),
        ({"task_ids": ["b"], "upstream": True, "start": day(3)}, [("run_3", "a"), ("run_3", "b")]),
        ({"task_ids": ["b"], "downstream": True, "end": day(1)}, [("run_1", "b"), ("run_1", "c")]),
        ({"task_ids": ["b"], "downstream": True, "start": day(2), "end": day(2)}, [("run_2", "b"), ("run_2", "c")]),
        ({"states": clearing.FAILED}, [("run_2", "b"), ("run_2", "c")]),
        ({"start": day(3), "excluding": ["a", "c"]}, [("run_3", "b")]),
        ({"start": day(4)}, []),
    ],
    ids=["all", "task", "upstream", "downstream", "one run", "failed", "excluding", "none"],
)
def test_selection_means(mock: Plain, selection: dict[str, Any], chosen: list[tuple[str, str]]) -> None:
    assert selected(mock, **selection) == chosen


def test_cleared_instance_has_its_retries_anew_and_its_past_is_kept(mock: Plain) -> None:
    before = row(mock, "b", "run_2")
    clearing.clear(mock.airflow, [before])
    after = row(mock, "b", "run_2")

    assert (after.state, after.try_number, after.max_tries) == (None, 1, 3)
    assert after.start_date == before.start_date  # until it starts again
    assert [(each.try_number, each.state) for each in mock.airflow.tries if each.run_id == "run_2"] == [(1, "failed")]


def test_cleared_tasks_run_again_and_so_does_their_run(mock: Plain) -> None:
    mock.plan("etl", {})
    clearing.clear(mock.airflow, [row(mock, name, "run_2") for name in "bc"])
    assert mock.run("etl", "run_2").state == "queued"
    mock.wait(600)

    assert mock.states("etl", "run_2") == dict.fromkeys("abc", "success")
    assert row(mock, "b", "run_2").try_number == 2
    assert row(mock, "a", "run_2").try_number == 1
    assert mock.run("etl", "run_2").state == "success"


def test_run_stays_as_it_is_where_it_is_not_to_be_reopened(mock: Plain) -> None:
    clearing.clear(mock.airflow, [row(mock, "b", "run_2")], reopen_runs=False)
    mock.wait(600)

    assert mock.run("etl", "run_2").state == "failed"
    assert row(mock, "b", "run_2").state is None


def test_clearing_twice_keeps_one_past(mock: Plain) -> None:
    for _ in range(2):
        clearing.clear(mock.airflow, [row(mock, "b", "run_2")])

    assert len([each for each in mock.airflow.tries if each.run_id == "run_2"]) == 1
    assert row(mock, "b", "run_2").max_tries == 3


def test_weight_is_as_if_the_dag_had_only_the_tasks_asked_for(mock: Plain) -> None:
    clearing.clear(mock.airflow, [row(mock, "a", "run_1")], within=["a", "b"])
    clearing.clear(mock.airflow, [row(mock, "a", "run_3")])

    assert (row(mock, "a", "run_1").priority_weight, row(mock, "a", "run_3").priority_weight) == (2, 3)
