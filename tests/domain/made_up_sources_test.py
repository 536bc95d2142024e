"""Sources of DAGs whose file nobody gave: they are there, and say what the DAGs are."""

import ast
import json
import re

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.world.generating import generate
from tests.support import Deploy

TEXT = {"Accept": "text/plain"}
ODD = {
    "dag_id": "odd.names",
    "fileloc": "/dags/odd.py",
    "description": 'says "hello"\nand \\ goes',
    "dag_display_name": "Odd ones",
    "dataset_expression": {"any": ["s3://a", {"all": ["s3://b", "s3://c"]}]},
    "params": {"region": "north"},
    "doc_md": "# Odd",
    "tasks": [
        {"task_id": "group.first", "downstream_task_ids": ["class", "2nd"], "retries": 3, "retry_delay": 90},
        {"task_id": "class", "trigger_rule": "all_done", "pool": "p", "outlets": ["s3://out"]},
        {"task_id": "2nd", "owner": "ben", "execution_timeout": 60},
    ],
}
SAME = {
    "dag_id": "same_file",
    "fileloc": "/dags/odd.py",
    "schedule": 3600,
    "tasks": ["x"],
    "start_date": "2025-01-01T00:00:00Z",
}


def sources(airflow, headers=TEXT):
    """The text of each DAG's file, by the DAG's id."""
    found = {}
    named_by = "file_token" if airflow.settings.generation == 2 else "dag_id"
    for dag in requests.get(f"{airflow.api_url}/dags?limit=100", headers=airflow.headers, timeout=30).json()["dags"]:
        path = f"{airflow.api_url}/dagSources/{dag[named_by]}"
        answer = requests.get(path, headers={**airflow.headers, **headers}, timeout=30)
        assert answer.status_code == 200, dag
        found[dag["dag_id"]] = answer.text
    return found


def told(airflow):
    """What a real file would tell of each DAG and its tasks."""
    kept = {}
    get = lambda path: requests.get(f"{airflow.api_url}{path}", headers=airflow.headers, timeout=30).json()  # noqa: E731
    for dag in get("/dags?limit=100")["dags"]:
        detail = get(f"/dags/{dag['dag_id']}/details")
        names = (
            "description timetable_summary timetable_description asset_expression max_active_runs catchup doc_md"
            " dag_display_name dag_run_timeout"
            if airflow.settings.generation == 3
            else "description schedule_interval dataset_expression max_active_runs catchup doc_md dag_display_name"
            " dag_run_timeout"
        )
        tasks = [
            {
                name: sorted(task[name]) if name == "downstream_task_ids" else task[name]
                for name in (
                    "task_id downstream_task_ids retries retry_delay trigger_rule pool owner operator_name class_ref"
                    " is_mapped execution_timeout"
                ).split()
            }
            for task in get(f"/dags/{dag['dag_id']}/tasks")["tasks"]
        ]
        tags = sorted(tag["name"] for tag in dag["tags"])
        kept[dag["dag_id"]] = ({name: detail[name] for name in names.split()}, tags, tasks)
    return kept


def generated(tmp_path):
    pytest.importorskip("faker")
    file = tmp_path / "made.json"
    file.write_text("".join(generate(dags=12, runs=20, seed=3)))
    return str(file)


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
@pytest.mark.parametrize("world", ["demo", "etl", "generated", "odd"])
def test_a_source_read_as_a_dag_file_gives_the_same_dags(tmp_path, world, version):
    chosen = world
    if world == "generated":
        chosen = generated(tmp_path)
    elif world == "odd":
        chosen = tmp_path / "odd.json"
        chosen.write_text(json.dumps({"dags": [ODD, SAME], "pools": [{"name": "p", "slots": 1}]}))
    folder = tmp_path / "dags"
    folder.mkdir()
    with MockAirflow(world=chosen, airflow_version=version) as airflow:
        for number, text in enumerate(dict.fromkeys(sources(airflow).values())):
            ast.parse(text)
            assert ("from airflow.sdk import" in text) == (version == "3.3.2")
            assert version == "2.11.2" or not re.search(r"airflow\.(operators|datasets|decorators|sensors)", text)
            (folder / f"{number}.py").write_text(text)
        expected = told(airflow)
    with MockAirflow(dags_folder=folder, airflow_version=version) as again:
        errors = requests.get(f"{again.api_url}/importErrors", headers=again.headers, timeout=30).json()
        assert errors["import_errors"] == []
        assert told(again) == expected


def test_the_experimental_api_tells_it_too():
    with MockAirflow(world="demo", enable_experimental_api=True) as airflow:
        answer = requests.get(f"{airflow.url}/api/experimental/dags/daily_sales/code", timeout=30)
        assert (answer.status_code, answer.text) == (200, sources(airflow)["daily_sales"])
        assert "extract >> transform" in answer.text


def test_a_source_outlives_its_dag(deploy: Deploy):
    airflow = deploy({"dags": [SAME]})
    token = airflow.get("/api/v1/dags/same_file").json["file_token"]
    before = airflow.get(f"/api/v1/dagSources/{token}", headers=TEXT)
    assert airflow.delete("/api/v1/dags/same_file").status_code == 204
    assert airflow.get(f"/api/v1/dagSources/{token}", headers=TEXT).text == before.text


def test_a_source_that_is_given_is_told_as_it_is(deploy: Deploy):
    airflow = deploy({"dags": [SAME], "dag_sources": {"/dags/odd.py": "# mine\n"}})
    token = airflow.get("/api/v1/dags/same_file").json["file_token"]
    assert airflow.get(f"/api/v1/dagSources/{token}", headers=TEXT).text == "# mine\n"


@pytest.mark.parametrize("world", ["demo", "etl"])
@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("/dags/~/dagRuns/~/taskInstances/~/xcomEntries", 2),
        ("/eventLogs", 2),
        ("/importErrors", 1),
        ("/users", 2),
    ],
)
def test_built_in_worlds_have_something_of_all(world, path, least):
    with MockAirflow(world=world) as airflow:
        answer = requests.get(f"{airflow.api_url}{path}", headers=airflow.headers, timeout=30).json()
        assert answer["total_entries"] >= least


def test_the_demo_worlds_past_is_as_an_airflow_3_made_it():
    with MockAirflow(world="demo", airflow_version="3.3.2") as airflow:
        path = f"{airflow.api_url}/dags/hourly_sync/dagRuns"
        runs = requests.get(path, headers=airflow.headers, timeout=30).json()["dag_runs"]
        assert runs
        for run in runs:
            assert run["logical_date"] == run["run_after"] == run["data_interval_start"] == run["data_interval_end"]
        tasks = requests.get(f"{airflow.api_url}/dags/daily_sales/tasks", headers=airflow.headers, timeout=30).json()
        assert {task["class_ref"]["module_path"].rpartition(".")[0] for task in tasks["tasks"]} == {
            "airflow.providers.standard.operators"
        }
