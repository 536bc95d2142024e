"""Changing task instances: clearing them, putting them into a state, noting them."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call, json_answer
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.form_dates import load_with_dates
from mock_airflow.api.v1.references import REFERENCE, REFERENCES
from mock_airflow.api.v1.task_instances import MAPPED, NOT_FOUND_BY_NAME, ONE, TASK_INSTANCE, key_of
from mock_airflow.domain import clearing, dag_runs, dags, marking, task_instances
from mock_airflow.domain.errors import (
    DagNotFoundError,
    DagRunNotFoundError,
    DomainError,
    TaskInstanceNotFoundByDateError,
    TaskInstanceNotFoundError,
    TaskNotFoundError,
)

operation = API.tagged("TaskInstance")
_operation_of_dag = API.tagged("DAG")

_EDIT = on_dag("PUT", "DAG Runs", "Task Instances")
_RELATIVES = ("include_upstream", "include_downstream", "include_future", "include_past")
_CLEAR_FORM = Schema(
    "ClearTaskInstances",
    Field("dry_run", "boolean", default=True),
    Field("task_ids", "array", items=Field(""), min_items=1),
    Field("start_date", format="datetime"),
    Field("end_date", format="datetime"),
    Field("only_failed", "boolean", default=True),
    Field("only_running", "boolean", default=False),
    Field("include_subdags", "boolean"),
    Field("include_parentdag", "boolean"),
    Field("reset_dag_runs", "boolean"),
    Field("dag_run_id", nullable=True),
    *(Field(name, "boolean", default=False) for name in _RELATIVES),
)
_NEW_STATE = Field("new_state", enum=("success", "failed", "skipped"))
_STATE_FORM = Schema(
    "UpdateTaskInstancesState",
    Field("dry_run", "boolean", default=True),
    Field("task_id"),
    Field("execution_date", format="datetime"),
    Field("dag_run_id"),
    *(Field(name, "boolean") for name in _RELATIVES),
    _NEW_STATE,
    demanded=("task_id", *_RELATIVES, "new_state"),
)
_ONE_STATE_FORM = Schema(
    "UpdateTaskInstance", Field("dry_run", "boolean", default=True), _NEW_STATE, demanded=("new_state",)
)
# Airflow reads a map_index too, which its document does not know, and then does nothing with it (observed)
_NOTE_FORM = Schema("SetTaskInstanceNote", Field("note", max_length=1000), required=("note",))
_NOTE_AS_READ = Schema("SetTaskInstanceNote", Field("map_index", "integer"), *_NOTE_FORM.fields.values())
_NOT_IN_RUN: dict[type[DomainError], Words] = {
    TaskInstanceNotFoundError: Words(
        "Not Found", "Task instance not found for task {task_id!r} on DAG run with ID {run_id!r}"
    )
}


@_operation_of_dag(
    "POST",
    "/dags/{dag_id}/clearTaskInstances",
    access=_EDIT,
    body=_CLEAR_FORM,
    answer=REFERENCES,
    words={
        DagNotFoundError: Words("Dag id {dag_id} not found"),
        DagRunNotFoundError: Words("Dag Run id {run_id} not found in dag {dag_id}"),
    },
    event=True,
)
def post_clear_task_instances(call: Call) -> Answer:
    """Make task instances of a DAG run again; without ``dry_run: false`` only tell which."""
    form = _read_clear_form(call)
    dag = dags.declared(call.airflow, call.path["dag_id"])
    selection = _selection(call, form)
    chosen = clearing.select(call.airflow, dag, selection)
    if not form.get("dry_run", True):
        within = clearing.tasks_of(dag, selection)
        clearing.clear(call.airflow, chosen, within=within, reopen_runs=form.get("reset_dag_runs", False))
    return call.listing("task_instances", REFERENCE, chosen)


def _read_clear_form(call: Call) -> dict[str, Any]:
    form = load_with_dates(call, "start_date", "end_date")
    start, end, run_id = form.get("start_date"), form.get("end_date"), form.get("dag_run_id")
    if form.get("only_failed", True) and form.get("only_running"):
        raise _conflict("only_failed and only_running both are set to True")
    if start and end and start > end:
        raise _conflict("end_date is sooner than start_date")
    if run_id and (start or end):
        other = "(start_date and end_date)" if start and end else "start_date" if start else "end_date"
        raise _conflict(f"Exactly one of dag_run_id or {other} must be provided")
    return form


def _conflict(sentence: str) -> Exception:
    return bad_request(str({"_schema": [sentence]}))


def _selection(call: Call, form: dict[str, Any]) -> clearing.Selection:
    start, end = form.get("start_date"), form.get("end_date")
    if form.get("dag_run_id") is not None:
        start = end = dag_runs.get(call.airflow, call.path["dag_id"], form["dag_run_id"]).logical_date
    states = clearing.FAILED if form.get("only_failed", True) else None
    return clearing.Selection(
        start=None if form.get("include_past") else start,
        end=None if form.get("include_future") else end,
        task_ids=form.get("task_ids"),
        upstream=form.get("include_upstream", False),
        downstream=form.get("include_downstream", False),
        states=frozenset({"running"}) if form.get("only_running") else states,
    )


@_operation_of_dag(
    "POST",
    "/dags/{dag_id}/updateTaskInstancesState",
    access=_EDIT,
    body=_STATE_FORM,
    answer=REFERENCES,
    words={
        DagNotFoundError: Words("Dag ID {dag_id} not found"),
        TaskNotFoundError: Words("Task ID {task_id} not found"),
        TaskInstanceNotFoundByDateError: Words(
            "Not Found", "Task instance not found for task {task_id!r} on execution_date {execution_date}"
        ),
        **_NOT_IN_RUN,
    },
    event=True,
)
def post_set_task_instances_state(call: Call) -> Answer:
    """Put a task's instance, and those that the form adds, into a state; without ``dry_run: false`` only tell which."""
    form = load_with_dates(call, "execution_date")
    if bool(form.get("execution_date")) == bool(form.get("dag_run_id")):
        raise _conflict("Exactly one of execution_date or dag_run_id must be provided")
    dag = dags.declared(call.airflow, call.path["dag_id"])
    task_id = dags.get_task(call.airflow, dag.dag_id, form["task_id"]).task_id
    if form.get("dag_run_id"):
        run = marking.run_by_id(call.airflow, dag.dag_id, form["dag_run_id"], task_id)
    else:
        try:
            run = marking.run_by_date(call.airflow, dag.dag_id, form["execution_date"], task_id)
        except ValueError as error:
            raise Oops(str(error)) from None
    reach: dict[str, bool] = {name.removeprefix("include_"): form[name] for name in _RELATIVES}
    act = marking.select_to_mark if form.get("dry_run", True) else marking.mark
    return call.listing("task_instances", REFERENCE, act(call.airflow, dag, [task_id], run, form["new_state"], **reach))


_PATCH_WORDS: dict[type[DomainError], Words] = {
    DagNotFoundError: Words("DAG not found", "DAG {dag_id!r} not found"),
    TaskNotFoundError: Words("Task not found", "Task {task_id!r} not found in DAG {dag_id!r}"),
    **_NOT_IN_RUN,
}


@operation("PATCH", ONE, access=_EDIT, body=_ONE_STATE_FORM, answer=REFERENCE, words=_PATCH_WORDS, event=True)
def patch_task_instance(call: Call) -> Answer:
    """Put a task instance into a state, which answers nothing; without ``dry_run: false`` only tell its name."""
    form = call.load()
    key = key_of(call)
    dags.get_task(call.airflow, key.dag_id, key.task_id)
    ti = task_instances.get_exactly(call.airflow, key)
    if form.get("dry_run", True):
        return call.one(REFERENCE, ti)
    dag, run = dags.declared(call.airflow, key.dag_id), dag_runs.get(call.airflow, key.dag_id, key.run_id)
    marking.mark(call.airflow, dag, [key.task_id], run, form["new_state"], map_index=key.map_index)
    return json_answer({})


@operation(
    "PATCH",
    MAPPED,
    access=_EDIT,
    body=_ONE_STATE_FORM,
    answer=REFERENCE,
    words=_PATCH_WORDS,
    event="patch_mapped_task_instance patch_task_instance",
)
def patch_mapped_task_instance(call: Call) -> Answer:
    """Put one instance of a mapped task into a state."""
    return patch_task_instance(call)


@operation(
    "PATCH", f"{ONE}/setNote", access=_EDIT, body=_NOTE_FORM, answer=TASK_INSTANCE, words=NOT_FOUND_BY_NAME, event=True
)
def set_task_instance_note(call: Call) -> Answer:
    """Give a task instance a note."""
    form = call.load(_NOTE_AS_READ)
    return call.one(TASK_INSTANCE, task_instances.set_note(call.airflow, key_of(call), form["note"]))


@operation(
    "PATCH",
    f"{MAPPED}/setNote",
    access=_EDIT,
    body=_NOTE_FORM,
    answer=TASK_INSTANCE,
    words=NOT_FOUND_BY_NAME,
    event="set_task_instance_note",
)
def set_mapped_task_instance_note(call: Call) -> Answer:
    """Give one instance of a mapped task a note."""
    return set_task_instance_note(call)
