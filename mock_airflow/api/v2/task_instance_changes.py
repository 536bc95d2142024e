"""Changing task instances by hand: their state, their note, one by one or by task group, and deleting them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import Field, field_validator

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import MAP_INDEX, UPDATE_MASK, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.states import TaskInstanceState
from mock_airflow.api.v2.task_instance_fields import missing, named, told
from mock_airflow.api.v2.task_instances import DELETE, EDIT, MAPPED, ONE
from mock_airflow.domain import marking, task_instances
from mock_airflow.domain.dags import declared, tasks_of_group
from mock_airflow.domain.records import Dag, RunKey, TaskInstance, TaskInstanceKey

operation = API.tagged("Task Instance")

_GROUP = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}"
_SETTABLE = ["success", "failed", "skipped"]
_ANY_INDEX = Parameter("map_index", int)


class PatchTaskInstanceBody(Body):
    """What of a task instance changes, and how far that reaches."""

    new_state: Annotated[str, Field(json_schema_extra={"enum": [*TaskInstanceState]})] | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False

    @field_validator("new_state", mode="before")
    @classmethod
    def _settable(cls, state: Any) -> Any:
        if state is None:
            raise ValueError("'new_state' should not be empty")
        if not isinstance(state, str):
            raise Oops("A real Airflow fails at a new_state that is not a text.")
        if state.lower() not in _SETTABLE:
            raise ValueError(f"'{state.lower()}' is not one of {_SETTABLE}")
        return state.lower()


def given(body: PatchTaskInstanceBody, mask: Collection[str] | None) -> set[str]:
    """What of a body counts: what was sent, and is in the mask if there is one."""
    return {name for name in body.model_fields_set if not mask or name in mask}


def instances_of(call: Call, key: TaskInstanceKey, map_index: int | None) -> tuple[Dag, list[TaskInstance]]:
    """The DAG, and the instances that a change is of. Raises DagNotFoundError, or Detail for a task or an instance."""
    dag = declared(call.airflow, key.dag_id)
    if key.task_id not in dag.tasks:
        raise Detail(404, f"Task '{key.task_id}' not found in Dag '{key.dag_id}'")
    run = call.airflow.task_instances.group("run", RunKey(key.dag_id, key.run_id)).values()
    rows = [ti for ti in run if ti.task_id == key.task_id and map_index in (None, ti.map_index)]
    if not rows:
        # a list of one sentence, which names the index as Python does (observed)
        index = "None" if map_index is None else str(map_index)
        raise Detail(404, [missing(key).replace("map_index: `-1`", f"map_index: `{index}`")])
    return dag, sorted(rows, key=lambda ti: ti.map_index)


def selected(
    call: Call, dag: Dag, names: Sequence[str], run_id: str, map_index: int | None, body: PatchTaskInstanceBody
) -> list[TaskInstance]:
    """The task instances that putting these tasks into the body's state would change."""
    run = call.airflow.dag_runs.get(RunKey(dag.dag_id, run_id))
    if run is None or body.new_state is None:
        return []
    return marking.select_to_mark(call.airflow, dag, names, run, body.new_state, map_index=map_index, **_reach(body))


def put_into_state(
    call: Call, dag: Dag, names: Sequence[str], run_id: str, map_index: int | None, body: PatchTaskInstanceBody
) -> list[TaskInstance]:
    """Put tasks of a run into the body's state; what had failed after them is cleared."""
    run = call.airflow.dag_runs.get(RunKey(dag.dag_id, run_id))
    assert run is not None
    assert body.new_state is not None
    return marking.mark(call.airflow, dag, names, run, body.new_state, map_index=map_index, **_reach(body))


def _reach(body: PatchTaskInstanceBody) -> dict[str, bool]:
    return {
        "upstream": body.include_upstream,
        "downstream": body.include_downstream,
        "future": body.include_future,
        "past": body.include_past,
    }


def set_notes(call: Call, rows: Sequence[TaskInstance], note: str | None, *, masked: bool = False) -> None:
    """Give task instances a note; the empty text takes it away, and null does so only where a mask names it."""
    if note is None and not masked:
        return
    for ti in rows:
        current = call.airflow.task_instances.get(ti.key)
        if current is not None:
            call.airflow.task_instances.put(replace(current, note=note or None))


def without_new_notes(before: Sequence[TaskInstance], after: Sequence[TaskInstance]) -> list[TaskInstance]:
    """Task instances as some answers tell them: a first note shows from the next request on (observed)."""
    unnoted = {ti.key for ti in before if ti.note is None}
    return [replace(ti, note=None) if ti.key in unnoted else ti for ti in after]


def as_they_are(call: Call, rows: Sequence[TaskInstance]) -> list[TaskInstance]:
    return [found for ti in rows if (found := call.airflow.task_instances.get(ti.key)) is not None]


@operation(
    "PATCH", f"{_GROUP}/dry_run", access=EDIT, body=PatchTaskInstanceBody, answer="TaskInstanceCollectionResponse"
)
def patch_task_group_instances_dry_run(call: Call) -> Answer:
    """Tell which task instances a change of a task group would reach."""
    dag, names, rows = _group(call)
    if call.body.new_state:
        rows = selected(call, dag, names, call.path["dag_run_id"], None, call.body)
    return told(call, rows)


def _group(call: Call) -> tuple[Dag, list[str], list[TaskInstance]]:
    dag, group_id, run_id = declared(call.airflow, call.path["dag_id"]), call.path["group_id"], call.path["dag_run_id"]
    names = tasks_of_group(dag, group_id)
    if not names:
        raise Detail(404, f"Task group '{group_id}' not found in DAG '{dag.dag_id}'")
    run = call.airflow.task_instances.group("run", RunKey(dag.dag_id, run_id)).values()
    rows = [ti for ti in run if ti.task_id in names]
    if not rows:
        raise Detail(404, f"No task instances found for task group '{group_id}' in dag run '{run_id}'")
    return dag, names, rows


@operation(
    "PATCH",
    _GROUP,
    access=EDIT,
    query=(UPDATE_MASK,),
    body=PatchTaskInstanceBody,
    event=True,
    answer="TaskInstanceCollectionResponse",
    refuses=(404, 409),
)
def patch_task_group_instances(call: Call) -> Answer:
    """Change the task instances of a task group; tells those that changed."""
    dag, names, rows = _group(call)
    body, mask, run_id = call.body, call.query["update_mask"], call.path["dag_run_id"]
    counted = given(body, mask)
    marks = "new_state" in counted
    if marks and not selected(call, dag, names, run_id, None, body):
        raise Detail(409, f"All task instances in the group are already in {body.new_state} state")
    if "note" in counted:
        set_notes(call, rows, body.note, masked=bool(mask))
    if marks:
        return told(call, put_into_state(call, dag, names, run_id, None, body))
    return told(call, without_new_notes(rows, as_they_are(call, rows)))


_ANSWER = "TaskInstanceCollectionResponse"


@operation(
    "PATCH",
    f"{MAPPED}/dry_run",
    operation_id="patch_task_instance_dry_run_by_map_index",
    access=EDIT,
    query=(UPDATE_MASK,),
    body=PatchTaskInstanceBody,
    answer=_ANSWER,
)
@operation(
    "PATCH", f"{ONE}/dry_run", access=EDIT, query=(_ANY_INDEX, UPDATE_MASK), body=PatchTaskInstanceBody, answer=_ANSWER
)
def patch_task_instance_dry_run(call: Call) -> Answer:
    """Tell which task instances a change would reach."""
    index = call.path.get("map_index", call.query.get("map_index"))
    key = named(call, -1)
    dag, rows = instances_of(call, key, index)
    if "new_state" in given(call.body, call.query["update_mask"]):
        rows = selected(call, dag, [key.task_id], key.run_id, index, call.body)
    return told(call, rows)


@operation(
    "PATCH",
    MAPPED,
    operation_id="patch_task_instance_by_map_index",
    access=EDIT,
    query=(UPDATE_MASK,),
    body=PatchTaskInstanceBody,
    event="patch_task_instance",
    answer=_ANSWER,
    refuses=(404, 409),
)
@operation(
    "PATCH",
    ONE,
    access=EDIT,
    query=(_ANY_INDEX, UPDATE_MASK),
    body=PatchTaskInstanceBody,
    event=True,
    answer=_ANSWER,
    refuses=(404, 409),
)
def patch_task_instance(call: Call) -> Answer:
    """Change a task instance's state, its note, or both; of a mapped task without a map_index, all of its instances."""
    index = call.path.get("map_index", call.query.get("map_index"))
    key = named(call, -1)
    dag, rows = instances_of(call, key, index)
    change(call, dag, rows, key, index, call.query["update_mask"])
    return told(call, as_they_are(call, rows))


def change(
    call: Call, dag: Dag, rows: Sequence[TaskInstance], key: TaskInstanceKey, index: int | None, mask: Any
) -> None:
    """Change these instances of a task as the call's body asks. Raises Detail where all are in the state already."""
    body = call.body
    counted = given(body, mask)
    marks = "new_state" in counted
    if marks and not selected(call, dag, [key.task_id], key.run_id, index, body):
        raise Detail(409, f"Task id {key.task_id} is already in {body.new_state} state")
    if "note" in counted:
        set_notes(call, rows, body.note, masked=bool(mask))
    if marks:
        put_into_state(call, dag, [key.task_id], key.run_id, index, body)


@operation("DELETE", ONE, access=DELETE, query=(MAP_INDEX,))
def delete_task_instance(call: Call) -> Answer:
    """Delete a task instance with what it left; answers null."""
    key = named(call)
    if key not in call.airflow.task_instances:
        raise Detail(404, missing(key))
    task_instances.delete(call.airflow, key)
    return answer(None)
