"""The recordings' own DAG folder, read without an Airflow: what a real Airflow 2.11.2 answered of it, word for word."""

import json
import re
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking

RECORDINGS = Path(__file__).parent.parent.parent / "fixtures" / "recordings" / "airflow-2.11.2"
START = json.loads((RECORDINGS / "start.json").read_text(encoding="utf-8"))
# The moment of parsing, and what the secret of a server's signs; neither stands in a file.
_OF_THE_SERVER = ("last_parsed", "last_parsed_time", "file_token")
# By then the schedules had made their runs, which a deployment that has just begun has not.
_OF_THE_RUNS = (
    "next_dagrun",
    "next_dagrun_create_after",
    "next_dagrun_data_interval_end",
    "next_dagrun_data_interval_start",
)


@pytest.fixture(scope="module")
def airflow():
    with MockAirflow(dags_folder=RECORDINGS / "dags") as airflow:
        yield Asking(airflow)


def _as_recorded(value):
    """The answer, with paths as on the recorded server; sets, which Airflow tells in any order, sorted."""
    text = json.dumps(value).replace(str(RECORDINGS / "dags"), "/opt/airflow/dags")
    return json.loads(re.sub(r"importlib._bootstrap>\\\", line \d+", 'importlib._bootstrap>\\\\", line 241', text))


def _settled(entry):
    told = {name: value for name, value in entry.items() if name not in _OF_THE_SERVER + _OF_THE_RUNS}
    for name in ("tags", "owners", "downstream_task_ids"):
        if name in told:
            told[name] = sorted(each["name"] if isinstance(each, dict) else each.strip() for each in told[name])
    return told


def _datasets(rows):
    return [
        {
            "uri": row["uri"],
            "extra": row["extra"],
            "consuming": [each["dag_id"] for each in row["consuming_dags"]],
            "producing": [(each["dag_id"], each["task_id"]) for each in row["producing_tasks"]],
        }
        for row in rows
    ]


def test_the_dags_are_those_of_the_recording(airflow):
    told = _as_recorded(airflow.get("/dags")["dags"])
    assert [_settled(dag) for dag in told] == [_settled(dag) for dag in START["dags"]]


@pytest.mark.parametrize("dag_id", sorted(START["dag_details"]))
def test_the_details_and_tasks_are_those_of_the_recording(airflow, dag_id):
    details = _as_recorded(airflow.get(f"/dags/{dag_id}/details"))
    assert _settled(details) == _settled(START["dag_details"][dag_id])
    tasks = _as_recorded(airflow.get(f"/dags/{dag_id}/tasks")["tasks"])
    assert [_settled(task) for task in tasks] == [_settled(task) for task in START["tasks"][dag_id]]


def test_the_datasets_are_those_of_the_recording(airflow):
    told = airflow.get("/datasets")["datasets"]
    assert sorted(_datasets(told), key=lambda row: row["uri"]) == sorted(
        _datasets(START["datasets"]), key=lambda row: row["uri"]
    )


def test_the_import_error_is_that_of_the_recording_to_the_last_character(airflow):
    (error,) = _as_recorded(airflow.get("/importErrors")["import_errors"])
    (recorded,) = START["import_errors"]
    assert (error["filename"], error["stack_trace"]) == (recorded["filename"], recorded["stack_trace"])


def test_the_pools_that_nobody_made_are_warned_of_as_in_the_recording():
    pools = {"pools": [pool for pool in START["pools"] if pool["name"] != "default_pool"]}
    with MockAirflow(dags_folder=RECORDINGS / "dags") as bare, MockAirflow() as empty:
        del empty
        messages = {row["message"] for row in Asking(bare).get("/dagWarnings")["dag_warnings"]}
    assert {row["message"] for row in START["dag_warnings"]} <= messages
    assert len(messages) == 1 + len(pools["pools"][:1])


def test_the_sources_are_the_files(airflow):
    for dag in airflow.get("/dags")["dags"]:
        source = airflow.get(f"/dagSources/{dag['file_token']}", {"Accept": "application/json"})["content"]
        assert source == Path(dag["fileloc"]).read_text(encoding="utf-8")
