"""Bulk changes of runs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import BulkAccess, answer
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk import BulkBody
from mock_airflow.api.v2.dag_runs import change_run
from mock_airflow.api.v2.states import DagRunMutableStates
from mock_airflow.domain import dag_runs

operation = API.tagged("DagRun")


class BulkDAGRunBody(Body):
    """A run in a bulk change."""

    dag_run_id: str
    dag_id: str | None = None
    state: DagRunMutableStates | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None


@operation(
    "PATCH",
    "/dags/{dag_id}/dagRuns",
    access=BulkAccess("GET", ("DAG Runs",), dag="can_edit"),
    body=BulkBody[BulkDAGRunBody],
    event=True,
    answer="BulkResponse",
    refuses=(),
)
def bulk_dag_runs(call: Call) -> Answer:
    """Change and delete runs in one request; making them this way is refused inside of the answer (observed)."""
    told: dict[str, Any] = {"create": None, "update": None, "delete": None}
    for action in call.body.actions:
        outcome = told[action.action] = told[action.action] or {"success": [], "errors": []}
        if action.action == "create":
            text = "Dag Runs bulk create is not supported. Use the trigger Dag Run endpoint instead."
            outcome["errors"].append({"error": text, "status_code": 405})
            continue
        _bulk_runs(call, action, outcome)
    return answer(told)


def _bulk_runs(call: Call, action: Any, outcome: dict[str, Any]) -> None:
    def refuse(text: str, status: int) -> None:
        outcome["errors"].append({"error": text, "status_code": status})

    named: dict[tuple[str, str], Any] = {}
    for entity in action.entities:
        run_id = entity if isinstance(entity, str) else entity.dag_run_id
        dag_id = (None if isinstance(entity, str) else entity.dag_id) or call.path["dag_id"]
        if "~" in (dag_id, run_id):
            where = "BulkDAGRunBody object, not as string" if isinstance(entity, str) else "request body"
            refuse(f"When using wildcard in path, dag_id must be specified in {where} for dag_run_id: {run_id}", 400)
            continue
        named[dag_id, run_id] = entity
    missing = sorted(pair for pair in named if pair not in call.airflow.dag_runs)
    if missing and action.action_on_non_existence == "fail":
        refuse(f"The DagRuns with these identifiers: {missing} were not found", 404)
        return
    there = [pair for pair in named if pair not in missing]
    for dag_id, run_id in there if action.action == "update" else sorted(there):
        if action.action == "update":
            change_run(call, dag_id, run_id, _without_null(named[dag_id, run_id]), None)  # whatever the mask (observed)
        elif (state := dag_runs.get(call.airflow, dag_id, run_id).state) == "running":
            refuse(f"The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` cannot be deleted in {state} state", 409)
            continue
        else:
            dag_runs.delete(call.airflow, dag_id, run_id)
        outcome["success"].append(f"{dag_id}.{run_id}")


def _without_null(entity: BulkDAGRunBody) -> BulkDAGRunBody:
    """What an entity changes; null changes nothing."""
    return BulkDAGRunBody(**entity.model_dump(exclude_none=True))
