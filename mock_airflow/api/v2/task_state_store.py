"""The state store of tasks: values by name, which a task instance keeps over its attempts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.asset_state_store import Storable
from mock_airflow.api.v2.lists import listing
from mock_airflow.api.v2.task_instance_fields import named
from mock_airflow.domain import task_state_store
from mock_airflow.domain.records import RunKey, TaskInstanceKey, TaskState

operation = API.tagged("Task State Store")

_READ, _EDIT, _DELETE = (on_dag(method, "Task Instances") for method in ("GET", "PUT", "DELETE"))
_ALL = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store"
_ONE = f"{_ALL}/{{key}}"
_INDEX = Parameter("map_index", Annotated[int, Field(ge=-1)], default=-1)


class TaskStateStoreBody(Body):
    """A value to keep, and until when."""

    value: Storable
    expires_at: AwareDatetime | Literal["default"] | None = "default"


class TaskStateStorePatchBody(Body):
    """A value to keep in the place of another."""

    value: Storable


def _view(call: Call, row: TaskState) -> dict[str, Any]:
    return {"key": row.key, "value": row.value, "updated_at": row.updated_at, "expires_at": row.expires_at}


def _required(call: Call) -> TaskInstanceKey:
    """The task instance that is asked about. Raises Detail where there is none."""
    key = named(call)
    if key not in call.airflow.task_instances:
        raise Detail(404, _absent(key, f"map_index={key.map_index}"))
    return key


def _absent(key: TaskInstanceKey, addressed: str) -> str:
    return (
        f"Task instance not found for dag_id={key.dag_id!r}, run_id={key.run_id!r}, task_id={key.task_id!r},"
        f" {addressed}"
    )


def _there(call: Call, key: TaskInstanceKey) -> TaskState:
    row = call.airflow.task_states.get((key, call.path["key"]))
    if row is None:
        raise Detail(404, f"Task state store key {call.path['key']!r} not found")
    return row


@operation("GET", _ALL, access=_READ, query=(_INDEX, *PAGE), answer="TaskStateStoreCollectionResponse", refuses=())
def list_task_state_store(call: Call) -> Answer:
    """List what a task instance keeps; nothing for one that is not there."""
    return listing(call, "task_state_store", task_state_store.of(call.airflow, named(call)), _view)


@operation(
    "DELETE", _ALL, access=_DELETE, query=(Parameter("all_map_indices", bool, default=False), _INDEX), success=204
)
def clear_task_state_store(call: Call) -> Answer:
    """Remove all that a task instance keeps, or all instances of a mapped task."""
    if not call.query["all_map_indices"]:
        task_state_store.forget(call.airflow, [_required(call)])
        return NO_CONTENT
    key = named(call)
    run = call.airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id))
    keys = [each for each in run if each.task_id == key.task_id]
    if not keys:
        raise Detail(404, _absent(key, "all_map_indices=True"))
    task_state_store.forget(call.airflow, keys)
    return NO_CONTENT


@operation("GET", _ONE, access=_READ, query=(_INDEX,), answer="TaskStateStoreResponse")
def get_task_state_store(call: Call) -> Answer:
    """Read a value."""
    return answer(_view(call, _there(call, named(call))))


@operation("PUT", _ONE, access=_EDIT, query=(_INDEX,), body=TaskStateStoreBody, there=_required, success=204)
def set_task_state_store(call: Call) -> None:
    """Keep a value, for 30 days unless the request says otherwise."""
    key, until = _required(call), call.body.expires_at
    expires_at = call.airflow.now() + task_state_store.RETENTION if until == "default" else until
    task_state_store.keep(call.airflow, key, call.path["key"], call.body.value, expires_at)


@operation("PATCH", _ONE, access=_EDIT, query=(_INDEX,), body=TaskStateStorePatchBody, there=_required)
def patch_task_state_store(call: Call) -> Answer:
    """Put another value in the place of one; it is kept as long as that. Answers null."""
    key = _required(call)
    row = _there(call, key)
    task_state_store.keep(call.airflow, key, row.key, call.body.value, row.expires_at)
    return answer(None)


@operation("DELETE", _ONE, access=_DELETE, query=(_INDEX,), success=204)
def delete_task_state_store(call: Call) -> None:
    """Remove a value; whether there was any is not told."""
    call.airflow.task_states.delete((_required(call), call.path["key"]))
