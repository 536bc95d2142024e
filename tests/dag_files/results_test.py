"""What a DAG of Airflow 3 returns, told at the end of waiting for its run."""

import requests

from mock_airflow import MockAirflow

RESULTS = """
from airflow.sdk import dag, result, task

@dag(schedule=None)
def returning():
    @task
    def one(): return {"a": 1}
    @task
    def two(x): return [x, "é"]
    return two(one())

@dag(schedule=None)
def keyed():
    @task(multiple_outputs=True)
    def one(): return {"a": 1}
    return one()["a"]

@dag(schedule=None)
def mapped():
    @task
    def one(x): return x
    return one.expand(x=[1, 2])

@dag(schedule=None)
def marked():
    @result
    @task
    def one(): return {"a": 1}
    one()

returning(), keyed(), mapped(), marked()
"""


def test_what_a_dag_of_airflow_3_returns_is_told_at_the_end_of_waiting(folder):
    """As a real one says it of these files, run with these values."""
    folder("results.py", RESULTS)
    with MockAirflow(dags_folder=folder.path, airflow_version="3.3.2", clock="2025-06-01T12:00:00Z") as airflow:
        airflow.clock.freeze()
        told = {}
        for dag_id in ("returning", "keyed", "mapped", "marked"):
            url = f"{airflow.api_url}/dags/{dag_id}"
            requests.patch(url, json={"is_paused": False}, headers=airflow.headers)
            value = {"one": {"returns": {"a": 1}}, "two": {"returns": [{"a": 1}, "é"]}}
            if dag_id == "mapped":
                value["one"]["length"] = 2
            known = {name: value[name] for name in airflow.deployment.airflow.dags.get(dag_id).tasks}
            run = airflow.trigger(dag_id, plan=known)
            waited = requests.get(f"{url}/dagRuns/{run.run_id}/wait", params={"interval": 9}, headers=airflow.headers)
            told[dag_id] = waited.text.splitlines()[-1]

    assert told == {
        "returning": '{"state": "success", "results": {"two": [{"a": 1}, "\\u00e9"]}}',
        "keyed": '{"state": "success"}',
        "mapped": '{"state": "success", "results": {"one": [{"a": 1}, {"a": 1}]}}',
        "marked": '{"state": "success", "results": {"one": {"a": 1}}}',
    }
