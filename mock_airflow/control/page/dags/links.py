"""Where the pages of runs and tasks are, below that of DAGs. Ids stand in the query, since they may hold anything."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from mock_airflow.domain.records import DagRun, TaskInstance


def dag_link(dag_id: str) -> str:
    """The page of a DAG."""
    return f"/{quote(dag_id, safe='')}"


def run_link(run: DagRun) -> str:
    """The page of a run."""
    return f"{dag_link(run.dag_id)}/run?{urlencode({'run': run.run_id})}"


def task_link(run: DagRun | TaskInstance, task_id: str, map_index: int = -1, **more: object) -> str:
    """The page of a task in a run."""
    index = {"index": map_index} if map_index >= 0 else {}
    return f"{dag_link(run.dag_id)}/task?{urlencode({'run': run.run_id, 'task': task_id, **index, **more})}"
