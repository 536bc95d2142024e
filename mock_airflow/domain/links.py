"""The links that operators offer beside a task instance."""

from __future__ import annotations

from typing import NamedTuple

from mock_airflow.domain import dags
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import TaskInstanceKey
from mock_airflow.domain.task_instances import get_exactly

TRIGGER = "TriggerDagRunOperator"
TRIGGERED = "Triggered DAG"
RUN_ID_XCOM = "trigger_run_id"
_LINK_XCOM = "_link_TriggerDagRunLink"


class TriggeredRun(NamedTuple):
    """What a link to a triggered run points at: the run, or its DAG alone."""

    dag_id: str
    run_id: str | None


def of(airflow: Airflow, key: TaskInstanceKey) -> dict[str, str | TriggeredRun | None]:
    """The links of a task instance: name to address or run, or None where there is nothing to point at yet.

    The link to a triggered run follows from the xcom that the trigger left, so it outlives a clear, and before the
    first run it names the DAG alone (observed). Raises DagNotFoundError, TaskNotFoundError, TaskInstanceNotFoundError,
    in this order.
    """
    task = dags.get_task(airflow, key.dag_id, key.task_id)
    ti = get_exactly(airflow, key)
    stored = airflow.extra_links.get(key)
    links: dict[str, str | TriggeredRun | None] = {}
    links.update(stored.links if stored else dict.fromkeys(_names_by_model(airflow, key)))
    if any(str(link.get("class_name", "")).endswith("TriggerDagRunLink") for link in task.extra_links):
        target = ti.rendered_fields.get("trigger_dag_id") or triggered_dag(airflow, key)
        if target:
            run = airflow.xcoms.get((key, RUN_ID_XCOM))
            links[TRIGGERED] = TriggeredRun(target, run.value if run else None)
        else:
            links.setdefault(TRIGGERED, None)
    return dict(sorted(links.items()))


def triggered_dag(airflow: Airflow, key: TaskInstanceKey) -> str | None:
    """The DAG that a task starts, as the DAG's model tells."""
    model = airflow.models.get(key.dag_id)
    same = model.instances.get(key.task_id, ()) if model else ()
    return next((ti.rendered_fields["trigger_dag_id"] for ti in same if ti.rendered_fields.get("trigger_dag_id")), None)


def _names_by_model(airflow: Airflow, key: TaskInstanceKey) -> list[str]:
    model = airflow.models.get(key.dag_id)
    rows = model.links.get((key.task_id, key.map_index), ()) if model else ()
    return [name for row in rows for name in row.links]


def of_xcoms(airflow: Airflow, key: TaskInstanceKey) -> dict[str, str | None]:
    """The links as Airflow 3 keeps them: each in an xcom that the operator left as it ran."""
    stored = airflow.extra_links.get(key)
    links = dict(stored.links) if stored else dict.fromkeys(_names_by_model(airflow, key))
    ti = airflow.task_instances.get(key)
    if ti is not None and ti.operator == TRIGGER and links.get(TRIGGERED) is None:
        left = airflow.xcoms.get((key, _LINK_XCOM))
        links[TRIGGERED] = left.value if left is not None else None
    return dict(sorted(links.items()))
