"""DAGs that a test declares: the forms of their tasks, what is refused, schedules by dataset and by period."""

from datetime import timedelta

import pytest

from mock_airflow import MockAirflowError
from mock_airflow.errors import (
    DagError,
    WorldError,
)
from tests.testing.calling import call

# ----------------------------------------------------------------------------------------------------- DAGs and runs


def downstream(dag):
    return {task.task_id: task.downstream_task_ids for task in dag.tasks.values()}


def test_dag_without_tasks(airflow):
    assert downstream(airflow.add_dag("etl")) == {}
    assert airflow.trigger("etl").state == "queued"


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (("a", "b", "c"), {"a": ("b",), "b": ("c",), "c": ()}),
        (["a"], {"a": ()}),
        ({"a": ["b", "c"]}, {"a": ("b", "c"), "b": (), "c": ()}),
        ({"b": [], "a": ["b"]}, {"a": ("b",), "b": ()}),
        ([{"task_id": "a", "downstream_task_ids": ["b"]}, {"task_id": "b", "retries": 2}], {"a": ("b",), "b": ()}),
    ],
)
def test_forms_of_tasks(airflow, tasks, expected):
    dag = airflow.add_dag("etl", tasks)

    assert downstream(dag) == expected
    assert {task.class_name for task in dag.tasks.values()} == {"PythonOperator"}
    assert airflow.calls == []
    listed = call(airflow, "GET", "/dags/etl/tasks").json()["tasks"]
    assert [task["task_id"] for task in listed] == sorted(expected)


def test_fields_of_dag_and_tasks_are_airflows_own(airflow):
    tasks = [{"task_id": "a", "operator_name": "EmptyOperator", "pool": "p", "retries": 3}]
    airflow.add_dag("etl", tasks, "@daily", tags=["x"], is_paused=True, params={"n": 1}, description="Loads")
    details = call(airflow, "GET", "/dags/etl/details").json()
    task = call(airflow, "GET", "/dags/etl/tasks/a").json()

    assert (details["is_paused"], details["description"], details["tags"]) == (True, "Loads", [{"name": "x"}])
    assert details["schedule_interval"] == {"__type": "CronExpression", "value": "@daily"}
    assert details["params"]["n"]["value"] == 1
    assert (task["pool"], task["retries"], task["class_ref"]["class_name"]) == ("p", 3, "EmptyOperator")


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"dag_id": "taken"}, DagError, "There already is a DAG 'taken'"),
        ({"dag_id": ""}, DagError, "at least one character"),
        ({"tasks": "extract"}, DagError, "a sequence such as .'extract', 'load'."),
        ({"tasks": 3}, DagError, "not 3"),
        ({"tasks": {"a": "b"}}, DagError, "is a list of task ids, such as .'b'., not 'b'"),
        ({"tasks": ("a", "a")}, WorldError, "two tasks 'a'"),
        ({"tasks": ("a", 3)}, WorldError, "an object is expected, not the number 3"),
        ({"tasks": {"a": ["b"], "b": ["a"]}}, WorldError, "'a', 'b' depend on each other in a circle"),
        (
            {"tasks": [{"task_id": "load", "downstream_task_ids": ["lod"]}]},
            WorldError,
            "'load' has 'lod' downstream, which the DAG does not have. Did you mean 'load'?",
        ),
        ({"tasks": [{"task_id": "a", "retry": 2}]}, WorldError, "no key 'retry' here. Did you mean 'retries'?"),
        ({"schedule": "at six"}, DagError, "The schedule 'at six' of the DAG 'etl' cannot be understood"),
        ({"tagz": ["x"]}, WorldError, "no key 'tagz' here. Did you mean 'tags'?"),
    ],
)
def test_dag_that_makes_no_sense_is_refused_and_nothing_changed(airflow, more, error, message):
    airflow.add_dag("taken")
    before = airflow.snapshot()
    with pytest.raises(error, match=message) as raised:
        airflow.add_dag(**{"dag_id": "etl", **more})

    assert isinstance(raised.value, MockAirflowError)
    assert airflow.snapshot().tables["dags"] == before.tables["dags"]


def test_dag_scheduled_by_datasets_runs_when_they_change(airflow):
    airflow.add_dag("producer", [{"task_id": "write", "outlets": ["s3://a"]}])
    airflow.add_dag("consumer", ("read",), schedule=["s3://a", "s3://b"])
    airflow.add_dag("either", schedule={"any": ["s3://a", "s3://b"]})
    datasets = {each["uri"]: each for each in call(airflow, "GET", "/datasets").json()["datasets"]}
    airflow.trigger("producer")
    airflow.clock.advance(minutes=5)
    call(airflow, "POST", "/datasets/events", json={"dataset_uri": "s3://b"})
    airflow.clock.advance(minutes=5)
    runs = [call(airflow, "GET", f"/dags/{dag}/dagRuns").json()["dag_runs"] for dag in ("consumer", "either")]

    assert [each["dag_id"] for each in datasets["s3://a"]["consuming_dags"]] == ["consumer", "either"]
    assert [each["task_id"] for each in datasets["s3://a"]["producing_tasks"]] == ["write"]
    assert len({each["id"] for each in datasets.values()}) == 2
    assert [[run["run_type"] for run in each] for each in runs] == [["dataset_triggered"], ["dataset_triggered"] * 2]


def test_schedule_of_a_period(airflow):
    dag = airflow.add_dag("etl", schedule=timedelta(hours=2))

    assert (dag.schedule.kind, dag.schedule.delta) == ("timedelta", timedelta(hours=2))
