"""A DAG's tasks as the scheduler needs them: what comes before and after each, worked out once for a DAG."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from mock_airflow.domain import dag_versions
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import priority_weight_total, relatives_of, upstream_of
from mock_airflow.domain.records import Dag, Graph, Node, Task, TaskInstance

NO_WORK = frozenset({"EmptyOperator", "DummyOperator"})  # Airflow finishes these without starting a process
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


def graph_of(airflow: Airflow, dag: Dag) -> Graph:
    """The DAG's graph; kept as long as the DAG's row stays the same."""
    known = airflow.graphs.get(dag.dag_id)
    if known is None or known.dag is not dag:
        if known is not None and known.dag.tasks is dag.tasks:
            known = Graph(dag, known.nodes, known.leaves, known.by_past, known.bounded, known.mapped)
        else:
            version = dag_versions.newest(airflow, dag.dag_id)
            known = _graph(dag, version.version_number if version is not None else None)
        airflow.graphs[dag.dag_id] = known
    return known


def _graph(dag: Dag, version: int | None) -> Graph:
    upstream = upstream_of(dag)
    setups = {task_id: _setups(dag, task_id, upstream[task_id]) for task_id in dag.tasks}
    nodes = {}
    for index, (task_id, task) in enumerate(dag.tasks.items()):
        held = [other for other, needed in setups.items() if task_id in needed]
        nodes[task_id] = Node(
            task,
            index,
            tuple(name for name in upstream[task_id] if name in dag.tasks),
            setups[task_id],
            tuple(dict.fromkeys([*(one for one in task.downstream_task_ids if one in dag.tasks), *held])),
            task.class_name in NO_WORK and not task.outlets,
            fresh_row(dag, task, version),
            {name: _PLAIN.get(name) for name in task.template_fields},
        )
    return Graph(
        dag,
        nodes,
        frozenset(_leaves(dag)),
        any(task.depends_on_past or task.wait_for_downstream for task in dag.tasks.values()),
        any(task.max_active_tis_per_dag or task.max_active_tis_per_dagrun for task in dag.tasks.values()),
        any(task.is_mapped or task.mapped_group for task in dag.tasks.values()),
    )


_PLAIN: dict[str, Any] = {"op_args": [], "op_kwargs": {}}


def fresh_row(dag: Dag, task: Task, version: int | None = None) -> TaskInstance:
    """The row of a task that has not been looked at yet, of no run; ``version`` is the number of the DAG's."""
    return TaskInstance(
        dag_id=dag.dag_id,
        run_id="",
        task_id=task.task_id,
        logical_date=_NEVER,
        task_display_name=task.task_display_name,
        operator=task.class_name,
        max_tries=task.retries,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=priority_weight_total(dag, task.task_id),
        dag_version=version,
    )


def _setups(dag: Dag, task_id: str, direct: list[str]) -> tuple[str, ...]:
    """The setups further up that a task relies on: those without a teardown, or with one below the task (code)."""
    if dag.tasks[task_id].is_teardown or not any(task.is_setup for task in dag.tasks.values()):
        return ()
    below = relatives_of(dag, [task_id], downstream=True)
    found = []
    for name in sorted(relatives_of(dag, [task_id], upstream=True) - {task_id, *direct}):
        if dag.tasks[name].is_setup:
            after = dag.tasks[name].downstream_task_ids
            teardowns = {one for one in after if one in dag.tasks and dag.tasks[one].is_teardown}
            if not teardowns or teardowns & below:
                found.append(name)
    return tuple(found)


def _leaves(dag: Dag) -> list[str]:
    """The tasks that decide on the run's state: the last ones, where teardowns that may fail do not count (code)."""

    def ignored(task_id: str) -> bool:
        task = dag.tasks.get(task_id)
        return task is None or (task.is_teardown and not task.on_failure_fail_dagrun)

    leaves = [
        task_id
        for task_id, task in dag.tasks.items()
        if not ignored(task_id) and all(ignored(one) for one in task.downstream_task_ids)
    ]
    return leaves or [task_id for task_id, task in dag.tasks.items() if not task.downstream_task_ids]
