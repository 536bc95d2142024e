"""What runs do by their DAG's last finished run: failures, branches, mapped tasks, whom they start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_airflow.domain import dag_runs
from mock_airflow.domain.records import Dag, Schedule
from mock_airflow.domain.scheduler import plans
from tests.domain.plain import Plain, dag, day, task

FLAKY = dag("flaky", task("boom", "after", retries=1, retry_delay=timedelta(seconds=30)), task("after"))
BRANCHY = dag(
    "branchy",
    task("choose", "left", "right", class_name="BranchPythonOperator", operator_name="BranchPythonOperator"),
    task("left", "spread"),
    task("right", "done"),
    task("spread", "done", is_mapped=True),
    task("done", trigger_rule="none_failed_min_one_success"),
)


def with_past(*declared: Dag, past: dict[str, Any]) -> Plain:
    """DAGs of which the first had one run, that went so; later ones have no plan but that."""
    mock, first = Plain(*declared), declared[0].dag_id
    mock.plan(first, past)
    mock.trigger(first, "old", day(1))
    mock.wait(1000)
    plans.forget(mock.airflow, first)
    plans.learn(mock.airflow, first)
    return mock


def again(mock: Plain, dag_id: str) -> None:
    mock.trigger(dag_id, "new", day(20))
    mock.wait(600)


def test_failure_is_repeated_with_its_retry() -> None:
    mock = with_past(FLAKY, past={"boom": {"outcome": "failed", "seconds": [3, 4]}})
    mock.trigger("flaky", "new", day(20))
    mock.wait(10)
    assert mock.one("flaky", "boom").state == "up_for_retry"
    mock.wait(60)

    told = [(each.try_number, each.state, each.duration, each.max_tries) for each in mock.attempts("flaky", "boom")]
    assert told == [(1, "failed", 3.0, 1), (2, "failed", 4.0, 1)]
    assert mock.states("flaky") == {"boom": "failed", "after": "upstream_failed"}
    assert mock.run("flaky").state == "failed"


def test_branch_skips_what_it_did_not_follow_and_the_rest_expands() -> None:
    mock = with_past(BRANCHY, past={"choose": {"follow": "left"}, "spread": {"length": 2}})
    again(mock, "branchy")

    skipped = mock.one("branchy", "right")
    assert (skipped.state, skipped.duration, skipped.try_number) == ("skipped", None, 0)
    assert mock.states("branchy")["spread"] == ["success", "success"]
    assert mock.states("branchy")["done"] == "success"


def test_what_its_model_left_is_left_again() -> None:
    mock = with_past(dag("report", task("collect")), past={"collect": {"returns": ["north", 5]}})
    again(mock, "report")

    assert [(row.run_id, row.value) for row in mock.airflow.xcoms] == [("old", ["north", 5]), ("new", ["north", 5])]


def test_success_of_a_producer_starts_the_consumer() -> None:
    consumer = dag("consumer", task("read"), schedule=Schedule(kind="assets", assets={"all": ["s3://lake/a"]}))
    mock = with_past(dag("producer", task("write", outlets=("s3://lake/a",))), consumer, past={"write": 2})
    again(mock, "producer")

    started = [run for run in mock.airflow.dag_runs if run.dag_id == "consumer"]
    assert [run.state for run in started] == ["success", "success"]
    assert started[1].data_interval_start == day(20)


def test_dag_without_history_succeeds() -> None:
    mock = Plain(dag("plain", task("work")))
    again(mock, "plain")

    assert mock.run("plain").state == "success"
    assert 1.0 <= (mock.one("plain", "work").duration or 0) <= 3.0


@pytest.mark.parametrize("change", ["marked", "deleted"])
def test_changing_history_by_hand_does_not_change_the_dag(change: str) -> None:
    mock = with_past(FLAKY, past={"boom": {"outcome": "failed", "seconds": [3, 4]}})
    if change == "marked":
        dag_runs.set_state(mock.airflow, "flaky", "old", "success")
    else:
        dag_runs.delete(mock.airflow, "flaky", "old")
    again(mock, "flaky")

    assert mock.run("flaky").state == "failed"
    assert mock.one("flaky", "boom").duration == 4.0
