"""Clearing task instances of a DAG, over all of its runs or in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_clearing import version_to_run
from mock_airflow.api.v2.task_instance_changes import as_they_are, set_notes, without_new_notes
from mock_airflow.api.v2.task_instance_fields import told
from mock_airflow.api.v2.task_instances import EDIT
from mock_airflow.domain import clearing
from mock_airflow.domain.dags import declared, relatives_of
from mock_airflow.domain.records import Dag, DagRun, RunKey, TaskInstance

operation = API.tagged("Task Instance")

_RUNNING = (
    "AirflowClearRunningTaskException: Disable 'prevent_running_task' to proceed, or wait until the task is not"
    " running, queued, or scheduled state."
)


class ClearTaskInstancesBody(Body):
    """Which task instances are cleared, and how."""

    dry_run: bool = True
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None
    only_failed: bool = True
    only_running: bool = False
    reset_dag_runs: bool = True
    task_ids: list[str | tuple[str, int]] | None = None
    dag_run_id: str | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_future: bool = False
    include_past: bool = False
    run_on_latest_version: bool | None = None
    prevent_running_task: bool = False
    note: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _fits_together(cls, sent: Any) -> Any:
        if not isinstance(sent, Mapping):
            raise Oops("A real Airflow fails at a body for clearing that is not an object.")
        start, end, run_id = sent.get("start_date"), sent.get("end_date"), sent.get("dag_run_id")
        if sent.get("only_failed") and sent.get("only_running"):
            raise ValueError("only_failed and only_running both are set to True")
        if start and end and _later(start, end):
            raise ValueError("end_date is sooner than start_date")
        if start and end and run_id:
            raise ValueError("Exactly one of dag_run_id or (start_date and end_date) must be provided")
        if start and run_id:
            raise ValueError("Exactly one of dag_run_id or start_date must be provided")
        if end and run_id:
            raise ValueError("Exactly one of dag_run_id or end_date must be provided")
        if sent.get("task_ids") == []:
            raise ValueError("task_ids list should have at least 1 element.")
        return sent


def _later(one: Any, other: Any) -> bool:
    """Whether one value as it was sent is greater than another; texts are compared as texts (code)."""
    try:
        return bool(one > other)
    except TypeError:
        raise Oops("A real Airflow fails at dates of different kinds.") from None


@operation(
    "POST",
    "/dags/{dag_id}/clearTaskInstances",
    access=EDIT,
    body=ClearTaskInstancesBody,
    event=True,
    answer="TaskInstanceCollectionResponse",
    refuses=(404, 409),
)
def post_clear_task_instances(call: Call) -> Answer:
    """Clear task instances; a dry run, which is the default, tells which. Only failed ones unless asked otherwise."""
    body, airflow = call.body, call.airflow
    dag = declared(airflow, call.path["dag_id"])
    run = None
    if body.dag_run_id is not None:
        run = airflow.dag_runs.get(RunKey(dag.dag_id, body.dag_run_id))
        if run is None:
            raise Detail(404, f"Dag Run id {body.dag_run_id} not found in dag {dag.dag_id}")
        if (body.include_past or body.include_future) and run.dateless:
            raise Detail(
                400,
                "Cannot use include_past or include_future with no logical_date(e.g. manually or asset-triggered).",
            )
    chosen = _chosen(call, dag, _runs(call, dag, run))
    if not body.dry_run:
        if body.prevent_running_task and any(ti.state == "running" for ti in chosen):
            raise Detail(409, _RUNNING)
        version = version_to_run(call, dag.dag_id, body.run_on_latest_version)
        clearing.clear(airflow, chosen, reopen_runs=body.reset_dag_runs, dag_version=version)
        set_notes(call, chosen, body.note)
        chosen = without_new_notes(chosen, as_they_are(call, chosen))
    return told(call, chosen)


def _runs(call: Call, dag: Dag, run: DagRun | None) -> list[DagRun]:
    """The runs that a body is about: the one it names, those before or after it, or those between two dates."""
    body = call.body
    if run is not None and not (body.include_past or body.include_future):
        return [run]
    start = run.logical_date if run is not None else body.start_date
    end = run.logical_date if run is not None else body.end_date
    start = None if body.include_past else start
    end = None if body.include_future else end
    return [
        each
        for each in call.airflow.dag_runs.group("dag_id", dag.dag_id).values()
        if (start is end is None or not each.dateless)
        and (start is None or each.logical_date >= start)
        and (end is None or each.logical_date <= end)
    ]


@dataclass(frozen=True)
class _Marked:
    """Which tasks are meant: whole ones, and single instances of mapped ones."""

    whole: frozenset[str]
    single: frozenset[tuple[str, int]]

    def has(self, ti: TaskInstance) -> bool:
        return ti.task_id in self.whole or (ti.task_id, ti.map_index) in self.single


def _chosen(call: Call, dag: Dag, runs: list[DagRun]) -> list[TaskInstance]:
    body = call.body
    marked = _marked(dag, body) if body.task_ids is not None else None
    states = frozenset({"running"}) if body.only_running else clearing.FAILED if body.only_failed else None
    return clearing.by_name(
        ti
        for run in runs
        for ti in call.airflow.task_instances.group("run", run.key).values()
        if (marked is None or marked.has(ti)) and (states is None or ti.state in states)
    )


def _marked(dag: Dag, body: Any) -> _Marked:
    whole = {each for each in body.task_ids if isinstance(each, str)}
    single = {tuple(each) for each in body.task_ids if not isinstance(each, str)}
    named = whole | {task_id for task_id, _ in single}
    around = relatives_of(dag, named, upstream=body.include_upstream, downstream=body.include_downstream)
    return _Marked(frozenset(whole | (around - named)), frozenset(single))
