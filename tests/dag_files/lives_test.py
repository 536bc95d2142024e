"""The DAG files of the lives, read without an Airflow: what a real Airflow 2.11.2 answered of them, before any run."""

import json
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking

LIVES = Path(__file__).parent.parent.parent / "fixtures" / "recordings" / "airflow-2.11.2-lives"
START = json.loads((LIVES / "start.json").read_text(encoding="utf-8"))
# Where the files lay, and what is of the moment at which they were parsed.
_OF_THE_SERVER = ("fileloc", "file_token", "last_parsed", "last_parsed_time")
_OF_THE_MOMENT = {"continuous": ("next_dagrun_data_interval_end", "next_dagrun_create_after")}


@pytest.fixture(scope="module")
def airflow():
    with MockAirflow(dags_folder=LIVES / "dags", clock="2026-11-21T07:30:50Z", frozen=True) as airflow:
        yield Asking(airflow)


def _settled(entry, dag_id):
    left_out = (*_OF_THE_SERVER, *_OF_THE_MOMENT.get(dag_id, ()))
    told = {name: value for name, value in entry.items() if name not in left_out}
    if "downstream_task_ids" in told:
        told["downstream_task_ids"] = sorted(told["downstream_task_ids"])
    return told


@pytest.mark.parametrize("dag_id", START["dag_details"])
def test_a_dag_and_its_tasks_are_as_airflow_told(airflow, dag_id):
    recorded = next(dag for dag in START["dags"] if dag["dag_id"] == dag_id)
    tasks = airflow.get(f"/dags/{dag_id}/tasks")["tasks"]

    assert _settled(airflow.get(f"/dags/{dag_id}"), dag_id) == _settled(recorded, dag_id)
    assert _settled(airflow.get(f"/dags/{dag_id}/details"), dag_id) == _settled(START["dag_details"][dag_id], dag_id)
    assert [_settled(task, dag_id) for task in tasks] == [_settled(task, dag_id) for task in START["tasks"][dag_id]]
