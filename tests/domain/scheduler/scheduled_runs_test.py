"""Runs that schedules make: when, for which interval, how many at a time, and what the DAG tells of the next one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from mock_airflow import MockAirflow
from tests.support import Deploy

WORK = [{"task_id": "work", "operator_name": "PythonOperator"}]


def dag(**fields: Any) -> dict[str, Any]:
    return {"dags": [{"dag_id": "d", "tasks": WORK, **fields}]}


def run_ids(call: Any, dag_id: str = "d") -> list[str]:
    rows = call.get(f"/api/v1/dags/{dag_id}/dagRuns").get_json()["dag_runs"]
    return [row["dag_run_id"] for row in rows]


def planned(call: Any) -> tuple[str | None, str | None]:
    told = call.get("/api/v1/dags/d").get_json()
    return told["next_dagrun"], told["next_dagrun_create_after"]


def test_catchup_makes_the_past_runs_in_order(deploy: Deploy) -> None:
    call = deploy(dag(schedule="0 6 * * *", start_date="2025-05-29T00:00:00Z"))
    call.deployment.clock.advance(60)

    rows = call.get("/api/v1/dags/d/dagRuns").get_json()["dag_runs"]
    assert [row["dag_run_id"] for row in rows] == [
        "scheduled__2025-05-29T06:00:00+00:00",
        "scheduled__2025-05-30T06:00:00+00:00",
        "scheduled__2025-05-31T06:00:00+00:00",
    ]
    assert {row["state"] for row in rows} == {"success"}
    assert rows[0]["run_type"] == "scheduled"
    assert rows[0]["external_trigger"] is False
    assert (rows[0]["data_interval_start"], rows[0]["data_interval_end"]) == (
        "2025-05-29T06:00:00+00:00",
        "2025-05-30T06:00:00+00:00",
    )
    assert planned(call) == ("2025-06-01T06:00:00+00:00", "2025-06-02T06:00:00+00:00")


def test_without_catchup_only_the_latest_interval_is_run(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-01-01T00:00:00Z", catchup=False))
    call.deployment.clock.advance(60)
    assert run_ids(call) == ["scheduled__2025-05-31T00:00:00+00:00"]


def test_dag_without_start_date_begins_with_the_interval_under_way(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily"))
    call.deployment.clock.advance(11 * 3600)
    assert run_ids(call) == []
    call.deployment.clock.advance(2 * 3600)
    assert run_ids(call) == ["scheduled__2025-06-01T00:00:00+00:00"]


def test_run_is_queued_running_and_over_in_true_order(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@hourly"))
    call.deployment.clock.set(datetime.fromisoformat("2025-06-01T13:00:00+00:00"))
    seen = []
    for _ in range(8):
        seen += [row["state"] for row in call.get("/api/v1/dags/d/dagRuns").get_json()["dag_runs"]]
        call.deployment.clock.advance(1)
    assert list(dict.fromkeys(seen)) == ["queued", "running", "success"]


def test_month_passes_in_order_with_its_dataset_consequences(deploy: Deploy) -> None:
    call = deploy(
        {
            "dags": [
                {"dag_id": "d", "tasks": [{**WORK[0], "outlets": ["s3://x"]}], "schedule": "@daily"},
                {"dag_id": "reader", "tasks": WORK, "schedule": ["s3://x"]},
            ],
            "datasets": [
                {
                    "uri": "s3://x",
                    "consuming_dags": [{"dag_id": "reader"}],
                    "producing_tasks": [{"dag_id": "d", "task_id": "work"}],
                }
            ],
        }
    )
    call.deployment.clock.advance(30 * 86400)
    call.deployment.settle()
    runs = list(call.deployment.airflow.dag_runs)

    assert [run.run_id for run in runs if run.dag_id == "d"] == [
        f"scheduled__2025-06-{day:02d}T00:00:00+00:00" for day in range(1, 31)
    ]
    readers = [run for run in runs if run.dag_id == "reader"]
    assert len(readers) == 30
    assert [run.queued_at for run in runs] == sorted(run.queued_at for run in runs)
    assert readers[0].data_interval_start == runs[0].data_interval_start


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("30 2 * * *", ["03-29T01:30", "03-30T01:30"]),
        ("0 */12 * * *", ["03-29T11:00", "03-29T23:00", "03-30T10:00", "03-30T22:00"]),
        ("0 1,4 * * *", ["03-29T00:00", "03-29T03:00", "03-30T00:00", "03-30T02:00", "03-30T23:00"]),
    ],
)
def test_cron_counts_in_the_zone_of_the_dag(deploy: Deploy, schedule: str, expected: list[str]) -> None:
    """The clocks of Berlin skip the hour from two to three on 30 March 2025."""
    call = deploy(
        dag(schedule=schedule, timezone="Europe/Berlin", start_date="2025-03-28T23:30:00Z"),
        clock="2025-03-31T12:00:00Z",
    )
    call.deployment.clock.advance(60)
    assert run_ids(call) == [f"scheduled__2025-{start}:00+00:00" for start in expected]


def test_open_runs_are_bounded_and_the_plan_waits(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-05-01T00:00:00Z", max_active_runs=2))
    call.deployment.clock.advance(2)
    assert len(run_ids(call)) == 2
    assert planned(call) == ("2025-05-02T00:00:00+00:00", None)
    call.deployment.clock.advance(1000)
    assert len(run_ids(call)) == 31
    assert planned(call) == ("2025-06-01T00:00:00+00:00", "2025-06-02T00:00:00+00:00")


def test_end_date_ends_the_schedule(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-05-01T00:00:00Z", end_date="2025-05-03T00:00:00Z"))
    call.deployment.clock.advance(100)
    assert run_ids(call) == [f"scheduled__2025-05-0{day}T00:00:00+00:00" for day in (1, 2, 3)]
    assert planned(call) == (None, None)


def test_period_counts_from_the_start_date(deploy: Deploy) -> None:
    call = deploy(dag(schedule=90 * 60, start_date="2025-06-01T08:10:00Z"))
    call.deployment.clock.advance(100)
    assert run_ids(call) == ["scheduled__2025-06-01T08:10:00+00:00", "scheduled__2025-06-01T09:40:00+00:00"]


def test_months_are_counted_by_the_calendar(deploy: Deploy) -> None:
    interval = {"__type": "RelativeDelta", "months": 1}
    call = deploy(dag(schedule_interval=interval, start_date="2025-03-10T00:00:00Z"))
    call.deployment.clock.advance(100)
    assert run_ids(call) == ["scheduled__2025-03-10T00:00:00+00:00", "scheduled__2025-04-10T00:00:00+00:00"]
    told = call.get("/api/v1/dags/d").get_json()["schedule_interval"]
    assert (told["__type"], told["months"], told["years"], told["day"]) == ("RelativeDelta", 1, 0, None)


def test_once_is_once(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@once", start_date="2025-03-10T00:00:00Z"))
    call.deployment.clock.advance(30 * 86400)
    assert run_ids(call) == ["scheduled__2025-03-10T00:00:00+00:00"]
    assert planned(call) == (None, None)


def test_continuous_follows_its_own_end(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@continuous", start_date="2025-06-01T00:00:00Z"))
    call.deployment.clock.advance(60)
    rows = call.get("/api/v1/dags/d/dagRuns").get_json()["dag_runs"]
    assert len(rows) > 5
    for before, after in pairwise(rows):
        assert after["data_interval_start"] == before["data_interval_end"]
        assert after["start_date"] is None or after["start_date"] > before["end_date"]


def test_paused_dag_makes_no_runs_until_it_is_unpaused(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-05-30T00:00:00Z", is_paused=True))
    call.deployment.clock.advance(86400)
    assert run_ids(call) == []
    call.patch("/api/v1/dags/d", json={"is_paused": False})
    call.deployment.clock.advance(60)
    assert len(run_ids(call)) == 3


def test_unpausing_without_catchup_runs_the_latest_interval_only(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-05-01T00:00:00Z", is_paused=True, catchup=False))
    assert planned(call)[0] == "2025-05-31T00:00:00+00:00"
    call.deployment.clock.advance(5 * 86400)
    assert planned(call)[0] == "2025-06-05T00:00:00+00:00"
    call.patch("/api/v1/dags/d", json={"is_paused": False})
    call.deployment.clock.advance(60)
    assert run_ids(call) == ["scheduled__2025-06-05T00:00:00+00:00"]


def test_plan_of_a_captured_dag_is_followed(deploy: Deploy) -> None:
    call = deploy(
        dag(
            schedule="@daily",
            start_date="2025-01-01T00:00:00Z",
            next_dagrun="2025-06-01T00:00:00Z",
            next_dagrun_data_interval_start="2025-06-01T00:00:00Z",
            next_dagrun_data_interval_end="2025-06-02T00:00:00Z",
            next_dagrun_create_after="2025-06-02T00:00:00Z",
        )
    )
    call.deployment.clock.advance(60)
    assert run_ids(call) == []
    call.deployment.clock.advance(86400)
    assert run_ids(call) == ["scheduled__2025-06-01T00:00:00+00:00"]


def test_manual_runs_make_no_schedule(deploy: Deploy) -> None:
    call = deploy(dag(schedule="@daily", start_date="2025-01-01T00:00:00Z"), runs="manual")
    call.deployment.clock.advance(5 * 86400)
    assert run_ids(call) == []
    assert planned(call) == (None, None)


def test_manual_run_takes_the_interval_of_the_dags_zone() -> None:
    with MockAirflow(clock="2025-07-01T12:00:00Z", frozen=True) as airflow:
        airflow.add_dag("d", ("a",), schedule="0 6 * * *", timezone="Europe/Berlin")
        assert str(airflow.trigger("d").data_interval_end) == "2025-07-01 04:00:00+00:00"


def test_half_an_hour_of_polling_passes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's sleep moves the clock, so it meets every state in order without waiting."""
    import time

    import requests

    with MockAirflow(clock="2025-07-01T12:00:00Z", frozen=True) as airflow:
        airflow.add_dag("d", ("a", "b"))
        monkeypatch.setattr(time, "sleep", airflow.clock.sleep)
        with airflow.intercept("http://airflow.example.org"):
            run = airflow.trigger("d", plan={"a": 1700, "b": 60})
            url = f"http://airflow.example.org/api/v1/dags/d/dagRuns/{run.run_id.replace('+', '%2B')}"
            met = []
            while not met or met[-1] not in ("success", "failed"):
                met.append(requests.get(url, headers=airflow.headers, timeout=5).json()["state"])
                time.sleep(10)

    assert list(dict.fromkeys(met)) == ["queued", "running", "success"]
    assert len(met) > 170
