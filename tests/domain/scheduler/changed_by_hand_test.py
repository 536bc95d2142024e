"""What becomes of runs whose tasks are cleared, marked or deleted by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_airflow.domain import clearing, dag_runs, dags, marking
from mock_airflow.domain.clearing import Selection
from mock_airflow.domain.scheduler.settling import settle
from tests.domain.plain import NOON, Plain, dag, day, task

STOPPED = NOON + timedelta(seconds=2.5)
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def mock() -> Plain:
    """A chain whose first task fails twice, one that leaves something, and one of a single task."""
    made = Plain(
        dag("flaky", task("boom", "after", retries=1, retry_delay=HALF_MINUTE), task("after")),
        dag("report", task("collect", "kick"), task("kick")),
        dag("plain", task("write"), max_active_runs=2),
    )
    made.plan("flaky", {"boom": {"outcome": "failed", "seconds": [3, 4]}})
    made.plan("report", {"collect": {"seconds": 2, "returns": ["north", 5]}})
    made.plan("plain", {"write": 2})
    return made


def clear(mock: Plain, dag_id: str, *, reopen: bool = False, **selection: Any) -> int:
    chosen = clearing.select(mock.airflow, mock.dag(dag_id), Selection(**selection))
    clearing.clear(mock.airflow, chosen, reopen_runs=reopen)
    return len(chosen)


def test_cleared_attempts_count_on(mock: Plain) -> None:
    mock.trigger("flaky")
    mock.wait(100)
    clear(mock, "flaky", reopen=True)
    mock.wait(100)

    assert [(each.try_number, each.max_tries) for each in mock.attempts("flaky", "boom")] == [
        (1, 1),
        (2, 1),
        (3, 3),
        (4, 3),
    ]
    assert mock.run("flaky").state == "failed"


def test_rerun_starts_without_its_old_xcoms(mock: Plain) -> None:
    mock.trigger("report")
    mock.wait(60)
    dag_runs.clear(mock.airflow, "report", "new")
    assert [row.task_id for row in mock.airflow.xcoms if row.task_id == "collect"] == ["collect"]
    mock.wait(2.5)
    assert mock.one("report", "collect").state == "running"
    assert [row.task_id for row in mock.airflow.xcoms if row.task_id == "collect"] == []


def test_running_task_that_is_cleared_goes_on_to_its_end(mock: Plain) -> None:
    mock.trigger("plain")
    mock.wait(2.5)
    assert clear(mock, "plain", states=frozenset({"running"})) == 1
    settle(mock.airflow)
    assert mock.one("plain", "write").state == "running"
    mock.wait(100)
    told = mock.one("plain", "write")
    assert (told.state, told.try_number, told.max_tries) == ("success", 1, 0)
    assert mock.run("plain").state == "success"


@pytest.mark.parametrize(("state", "expected"), [("failed", "upstream_failed"), ("success", "success")])
def test_marking_a_running_task_ends_it_and_the_run_goes_on(mock: Plain, state: str, expected: str) -> None:
    mock.trigger("flaky")
    mock.wait(2.5)
    marking.mark(mock.airflow, mock.dag("flaky"), ["boom"], mock.run("flaky"), state)
    mock.wait(100)

    assert mock.states("flaky") == {"boom": state, "after": expected}
    assert mock.one("flaky", "boom").end_date == STOPPED


def test_marking_a_run_stops_it(mock: Plain) -> None:
    mock.trigger("report")
    mock.wait(2.5)
    dag_runs.set_state(mock.airflow, "report", "new", "failed")
    mock.wait(100)

    assert mock.states("report") == {"collect": "failed", "kick": "skipped"}
    assert mock.run("report").end_date == STOPPED


def test_run_that_is_queued_again_ends_by_its_tasks_as_they_are(mock: Plain) -> None:
    mock.trigger("flaky")
    mock.wait(100)
    dag_runs.set_state(mock.airflow, "flaky", "new", "queued")
    mock.wait(5)

    told = mock.run("flaky")
    assert told.state == "failed"
    assert told.start_date == told.end_date == NOON + timedelta(seconds=101)


def test_runs_beyond_the_most_active_ones_wait_for_room(mock: Plain) -> None:
    names = [f"r{number}" for number in range(3)]
    for number, name in enumerate(names):
        mock.trigger("plain", name, day(20 + number))
    mock.wait(2)
    assert [mock.run("plain", name).state for name in names] == ["running", "running", "queued"]
    mock.wait(100)
    assert [mock.run("plain", name).state for name in names] == ["success"] * 3


def test_deleted_run_takes_everything_along_and_can_be_made_again(mock: Plain) -> None:
    mock.trigger("report")
    mock.wait(60)
    logged = len(mock.airflow.event_logs)
    dag_runs.delete(mock.airflow, "report", "new")

    airflow = mock.airflow
    tables = (airflow.task_instances, airflow.tries, airflow.xcoms, airflow.task_logs, airflow.extra_links)
    assert [len(table) for table in tables] == [0] * 5
    assert len(mock.airflow.event_logs) == logged > 0
    mock.trigger("report")
    assert mock.states("report") == {"collect": None, "kick": None}


def test_deleted_dag_takes_everything_along_but_the_event_log(mock: Plain) -> None:
    mock.trigger("report")
    mock.wait(60)
    dags.delete(mock.airflow, "report")

    airflow = mock.airflow
    tables = (airflow.dag_runs, airflow.task_instances, airflow.xcoms, airflow.task_logs, airflow.models)
    assert [len(table) for table in tables] == [0] * 5
    assert [row.event for row in airflow.event_logs if row.event == "success"]


def test_snapshot_holds_what_is_still_to_happen(mock: Plain) -> None:
    mock.trigger("plain")
    mock.wait(2.5)
    snapshot = mock.airflow.snapshot()
    mock.wait(100)
    assert mock.run("plain").state == "success"
    for _ in range(2):
        mock.airflow.restore(snapshot)
        assert mock.run("plain").state == "running"
        mock.wait(100)
        assert mock.run("plain").state == "success"
