"""How many rows a real Airflow deletes with a DAG."""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import TaskInstance, TaskInstanceTry


def of_dag(airflow: Airflow, dag_id: str) -> int:
    """The number that the experimental API tells when a DAG is deleted; 0 for an unknown one.

    Airflow counts what its statements delete, not what the database takes along with a run, and goes through its tables
    in no fixed order, so its number varies (observed: 7 or 9 for one and the same DAG). This is the lowest number that
    was seen: the DAG, its tags, its runs, its places at datasets, its warnings, a job for each attempt that was
    started, and a record of each that failed.
    """
    dag = airflow.dags.get(dag_id)
    if dag is None:
        return 0
    runs = [run.key for run in airflow.dag_runs.group("dag_id", dag_id).values()]
    instances = [ti for run in runs for ti in airflow.task_instances.group("run", run).values()]
    past = [attempt for run in runs for attempt in airflow.tries.group("run", run).values()]
    every: list[TaskInstance | TaskInstanceTry] = [*past, *instances]
    places = [
        reference
        for dataset in airflow.assets
        for reference in (*dataset.consuming_dags, *dataset.producing_tasks)
        if reference.dag_id == dag_id
    ]
    started = {(ti.run_id, ti.task_id, ti.map_index, ti.try_number): ti.state for ti in every if ti.pid is not None}
    return (
        1
        + len(dag.tags)
        + len(runs)
        + len(places)
        + sum(warning.dag_id == dag_id for warning in airflow.dag_warnings)
        + len(started)
        + sum(state == "failed" for state in started.values())
    )
