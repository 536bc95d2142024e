"""Triggering a run by hand: its name and moment, and in which order what is wrong with it is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mock_airflow.domain import errors
from mock_airflow.domain.records import Schedule
from mock_airflow.domain.triggering import NewRun, triggered
from tests.domain.plain import NOON, Plain, dag, day, task

DAILY = Schedule(kind="cron", value="0 6 * * *")
WANTED = {"region": {"__class": "airflow.models.param.Param", "value": "north", "schema": {"type": "string"}}}


def etl(**fields: Any) -> Plain:
    return Plain(dag("etl", task("load"), task("late", start_date=day(20)), **fields))


def test_run_is_queued_with_its_task_instances() -> None:
    mock = etl(schedule=DAILY)
    run = mock.trigger("etl", "mine", day(10), conf={"a": 1})

    assert (run.state, run.run_type, run.external_trigger, run.conf) == ("queued", "manual", True, {"a": 1})
    assert (run.data_interval_start, run.data_interval_end) == (day(8, 6), day(9, 6))
    assert mock.states("etl", "mine") == {"load": None}  # the other begins later


def test_run_without_a_name_has_that_of_its_moment() -> None:
    mock = etl()

    assert mock.trigger("etl", None).run_id == "manual__2025-06-01T12:00:00+00:00"  # type: ignore[arg-type]


def test_runs_without_a_moment_have_one_each() -> None:
    mock = etl()
    moments = [triggered(mock.airflow, NewRun(dag_id="etl")).logical_date for _ in range(3)]

    assert moments == [NOON + timedelta(microseconds=number) for number in range(3)]


def test_paused_dag_keeps_its_run_queued() -> None:
    mock = etl(is_paused=True)
    mock.trigger("etl")
    mock.wait(600)

    assert mock.run("etl").state == "queued"


@pytest.mark.parametrize(
    ("new", "error"),
    [
        ({"dag_id": "none", "run_id": "scheduled__x"}, errors.DagNotFoundError),
        ({"run_id": "scheduled__x", "conf": {"region": 7}}, errors.RunIdReservedError),
        ({"run_id": "a b", "conf": {"region": 7}}, errors.RunIdMalformedError),
        ({"run_id": "there", "conf": {"region": 7}}, errors.ParamInvalidError),
        ({"run_id": "there", "logical_date": NOON}, errors.RunIdTakenError),
        ({"run_id": "other", "logical_date": NOON}, errors.LogicalDateTakenError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_first_thing_that_is_wrong_is_told(new: dict[str, Any], error: type[Exception]) -> None:
    """Each case has what later ones are refused for, too."""
    mock = etl(params=WANTED)
    mock.trigger("etl", "there")
    with pytest.raises(error):
        triggered(mock.airflow, NewRun(**{"dag_id": "etl", **new}))

    assert [run.run_id for run in mock.airflow.dag_runs] == ["there"]
