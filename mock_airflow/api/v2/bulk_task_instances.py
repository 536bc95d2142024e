"""Changing and deleting many task instances in one request (code)."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail, worded
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk import BulkBody
from mock_airflow.api.v2.task_instance_changes import (
    PatchTaskInstanceBody,
    given,
    instances_of,
    put_into_state,
    selected,
    set_notes,
)
from mock_airflow.api.v2.task_instances import ALL, EDIT
from mock_airflow.domain import task_instances
from mock_airflow.domain.errors import DomainError
from mock_airflow.domain.records import RunKey, TaskInstanceKey

operation = API.tagged("Task Instance")


class BulkTaskInstanceBody(PatchTaskInstanceBody):
    """A task instance in a bulk change; without a map_index it stands for all of its task's."""

    task_id: str
    map_index: int | None = None
    dag_id: str | None = None
    dag_run_id: str | None = None


@operation("PATCH", ALL, access=EDIT, body=BulkBody[BulkTaskInstanceBody], answer="BulkResponse", refuses=())
def bulk_task_instances(call: Call) -> Answer:
    """Change and delete task instances; making them is refused inside of the answer."""
    outcomes: dict[str, Any] = {"create": None, "update": None, "delete": None}
    for action in call.body.actions:
        outcome = outcomes[action.action] = outcomes[action.action] or {"success": [], "errors": []}
        if action.action == "create":
            refused = "Task instances bulk create is not supported"
            outcome["errors"].append({"error": refused, "status_code": 405})
            continue
        try:
            _carry_out(call, action, outcome)
        except Detail as refusal:
            # what an action did before it stumbled stays, the rest of it is left undone (code)
            text = refusal.told if isinstance(refusal.told, str) else str(tuple(refusal.told))
            outcome["errors"].append({"error": text, "status_code": refusal.status})
    return answer(outcomes)


def _carry_out(call: Call, action: Any, outcome: dict[str, Any]) -> None:
    """Do what an action asks: first the instances that are named with an index, then whole tasks. Raises Detail."""
    single: dict[TaskInstanceKey, Any] = {}
    whole: dict[TaskInstanceKey, Any] = {}
    for entity in action.entities:
        key, index = _key(call, entity)
        if "~" in (key.dag_id, key.run_id):
            outcome["errors"].append({"error": _wildcard(entity), "status_code": 400})
        else:
            (whole if index is None else single)[key] = entity
    strict = action.action_on_non_existence == "fail"
    absent = [key for key in single if key not in call.airflow.task_instances]
    if absent and strict:
        shown = [
            {"dag_id": key.dag_id, "dag_run_id": key.run_id, "task_id": key.task_id, "map_index": key.map_index}
            for key in absent
        ]
        raise Detail(404, f"The task instances with these identifiers: {shown} were not found")
    for key, entity in single.items():
        if key not in absent:
            _one(call, action, key, entity, outcome)
    for key, entity in whole.items():
        rows = call.airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id)).values()
        found = [ti.key for ti in rows if ti.task_id == key.task_id]
        if not found and strict:
            raise Detail(
                404,
                f"No task instances found for dag_id: {key.dag_id}, run_id: {key.run_id}, task_id: {key.task_id}",
            )
        for each in found:
            _one(call, action, each, entity, outcome)


def _key(call: Call, entity: Any) -> tuple[TaskInstanceKey, int | None]:
    path = call.path
    if isinstance(entity, str):
        return TaskInstanceKey(path["dag_id"], path["dag_run_id"], entity), None
    index = entity.map_index
    key = TaskInstanceKey(
        entity.dag_id or path["dag_id"],
        entity.dag_run_id or path["dag_run_id"],
        entity.task_id,
        -1 if index is None else index,
    )
    return key, index


def _wildcard(entity: Any) -> str:
    must = "When using wildcard in path, dag_id and dag_run_id must be specified in"
    if isinstance(entity, str):
        return f"{must} BulkTaskInstanceBody object, not as string for task_id: {entity}"
    return f"{must} request body for task_id: {entity.task_id}"


def _one(call: Call, action: Any, key: TaskInstanceKey, entity: Any, outcome: dict[str, Any]) -> None:
    if action.action == "delete":
        task_instances.delete(call.airflow, key)
    else:
        _update(call, action, key, entity)
    outcome["success"].append(f"{key.dag_id}.{key.run_id}.{key.task_id}[{key.map_index}]")


def _update(call: Call, action: Any, key: TaskInstanceKey, entity: BulkTaskInstanceBody) -> None:
    """Change one instance; its state by the entity's own index, so that without one the first takes the others along.

    The others are then in the state already, which ends the action with a 409 (code).
    """
    try:
        dag, rows = instances_of(call, key, key.map_index)
    except DomainError as error:
        refusal: Detail = worded(error, {})
        raise refusal from None
    counted = given(entity, action.update_mask)
    if "note" in counted:
        set_notes(call, rows, entity.note)
    if "new_state" in counted:
        if not selected(call, dag, [key.task_id], key.run_id, entity.map_index, entity):
            raise Detail(409, f"Task id {key.task_id} is already in {entity.new_state} state")
        put_into_state(call, dag, [key.task_id], key.run_id, entity.map_index, entity)
