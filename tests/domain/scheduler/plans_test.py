"""Plans: what runs do that unfold as somebody said."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from mock_airflow.domain import dag_runs
from mock_airflow.domain.records import Dag
from mock_airflow.domain.scheduler import plans
from mock_airflow.errors import PlanError
from tests.domain.plain import Plain, dag, day, task

ETL = dag(
    "etl",
    task("extract", "transform"),
    task("transform", "load", retries=2, retry_delay=timedelta(seconds=60)),
    task("load"),
)


def triggered(declared: Dag, form: dict[str, Any]) -> Plain:
    """A DAG whose run was triggered just now, and will go so."""
    mock = Plain(declared)
    mock.plan(declared.dag_id, form)
    mock.trigger(declared.dag_id)
    return mock


def seen(mock: Plain, task_id: str, seconds: int) -> list[str | None]:
    """The states that a poller meets in a run of ``etl``, each once in a row."""
    met: list[str | None] = []
    for _ in range(seconds):
        state = mock.one("etl", task_id).state
        if not met or met[-1] != state:
            met.append(state)
        mock.wait(1)
    return met


def test_task_takes_its_seconds_and_ends_as_told() -> None:
    mock = triggered(ETL, {"extract": 30, "transform": "skipped"})
    mock.wait(31)
    assert mock.one("etl", "extract").state == "running"
    mock.wait(60)
    assert mock.states("etl") == {"extract": "success", "transform": "skipped", "load": "skipped"}
    assert mock.one("etl", "extract").duration == 30


def test_fails_twice_then_succeeds() -> None:
    mock = triggered(ETL, {"extract": 1, "transform": {"fails": 2, "seconds": [5, 6, 7], "error": "ValueError: no"}})

    once = ["queued", "running", "up_for_retry"]
    assert seen(mock, "transform", 200) == [None, *once, *once, "queued", "running", "success"]
    tries = [(each.try_number, each.state, each.duration) for each in mock.airflow.tries]
    assert tries == [(1, "failed", 5), (2, "failed", 6)]
    assert mock.run("etl").state == "success"


def test_backing_off_waits_longer_each_time_and_no_longer_than_allowed() -> None:
    ten, most = timedelta(seconds=10), timedelta(seconds=35)
    slow = task("t", retries=3, retry_delay=ten, retry_exponential_backoff=True, max_retry_delay=most)
    mock = triggered(dag("slow", slow), {"t": {"outcome": "failed", "seconds": 1}})
    mock.wait(1000)

    gaps = [
        (after.queued_when - before.end_date).total_seconds()
        for before, after in pairwise(mock.attempts("slow", "t"))
        if after.queued_when is not None and before.end_date is not None
    ]
    assert 10 <= gaps[0] < 20 <= gaps[1] <= 35 == gaps[2]


def test_execution_timeout_fails_the_attempt() -> None:
    mock = triggered(dag("long", task("t", execution_timeout=timedelta(seconds=20))), {"t": 300})
    mock.wait(60)
    assert mock.states("long") == {"t": "failed"}
    assert mock.one("long", "t").duration == 20


def test_sensor_pokes_and_lets_go_in_between() -> None:
    mock = triggered(ETL, {"extract": {"pokes": 2, "interval": 30, "seconds": 3}})
    once = ["queued", "running", "up_for_reschedule"]
    assert seen(mock, "extract", 90) == [None, *once, *once, "queued", "running", "success"]
    row = mock.one("etl", "extract")
    assert row.try_number == 1
    assert row.duration is not None
    assert row.duration > 60


def test_held_task_runs_until_it_is_released() -> None:
    mock = triggered(ETL, {"extract": {"hold": True}})
    mock.wait(3 * 86_400)
    assert mock.one("etl", "extract").state == "running"
    assert [row.task_id for row in plans.release(mock.airflow, "etl", "new", "extract")] == ["extract"]
    mock.wait(1)
    assert mock.one("etl", "extract").state == "success"
    with pytest.raises(PlanError, match="Nothing is held"):
        plans.release(mock.airflow, "etl", "new", None)


def test_branch_goes_where_it_is_told() -> None:
    kind = {"operator_name": "BranchPythonOperator", "class_name": "BranchPythonOperator"}
    fork = dag("fork", task("choose", "left", "right", **kind), task("left"), task("right"))
    mock = triggered(fork, {"choose": {"follow": "right"}})
    mock.wait(30)
    assert mock.states("fork") == {"choose": "success", "left": "skipped", "right": "success"}


@pytest.mark.parametrize(
    ("form", "states"),
    [
        (
            {"length": 3, "items": {1: "failed"}},
            {"spread": ["success", "failed", "success"], "join": "upstream_failed"},
        ),
        ({"length": 0}, {"spread": "skipped", "join": "skipped"}),
    ],
)
def test_mapped_task_has_as_many_instances_as_told_and_each_its_own_fate(
    form: dict[str, Any], states: dict[str, Any]
) -> None:
    mock = triggered(dag("fan", task("spread", "join", is_mapped=True), task("join")), {"spread": form})
    mock.wait(30)
    assert mock.states("fan") == states


def test_mapped_task_follows_the_list_before_it() -> None:
    fan = dag("fan", task("names", "each"), task("each", is_mapped=True))
    mock = triggered(fan, {"names": {"returns": ["a", "b", "c", "d"]}})
    mock.wait(30)
    assert len(mock.states("fan")["each"]) == 4


def test_trigger_starts_the_run_that_the_plan_names() -> None:
    kind = {"operator_name": "TriggerDagRunOperator", "class_name": "TriggerDagRunOperator"}
    mock = Plain(dag("child", task("work")), dag("parent", task("kick", **kind)))
    mock.plan("parent", {"kick": {"triggers": {"dag_id": "child", "run_id": "from_parent", "conf": {"a": 1}}}})
    mock.trigger("parent")
    mock.wait(30)
    run = mock.run("child", "from_parent")
    assert (run.state, run.conf) == ("success", {"a": 1})


def test_plan_of_one_run_leaves_the_others() -> None:
    mock = Plain(ETL)
    for name, number in (("a", 1), ("b", 2)):
        mock.trigger("etl", name, day(number))
    plans.give(mock.airflow, "etl", {"extract": "failed"}, "a")
    mock.wait(600)

    assert [dag_runs.get(mock.airflow, "etl", name).state for name in ("a", "b")] == ["failed", "success"]


def test_plan_that_cannot_be_changes_nothing() -> None:
    mock = Plain(ETL)
    with pytest.raises(PlanError):
        mock.plan("etl", {"extract": 3, "transform": {"fails": 3}})

    assert len(mock.airflow.plans) == 0
