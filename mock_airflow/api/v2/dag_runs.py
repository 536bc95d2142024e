"""DAG runs: triggering, listing, changing, clearing, waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import (
    CURSOR,
    PAGE,
    TILDE,
    UPDATE_MASK,
    Moment,
    Parameter,
    between,
    order_by,
    order_keys,
    pattern,
)
from mock_airflow.api.airflow3.problems import Detail, unique_violation
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.batches import in_body_range, list_answer, with_ranges
from mock_airflow.api.v2.cursors import page_answer
from mock_airflow.api.v2.dag_run_fields import (
    consumed,
    duration_of,
    made_by,
    run_after_of,
    run_view,
)
from mock_airflow.api.v2.filters import holds, matching, within
from mock_airflow.api.v2.lists import ordered
from mock_airflow.api.v2.states import DagRunMutableStates, DagRunState, DagRunType, words
from mock_airflow.domain import dag_runs
from mock_airflow.domain.errors import LogicalDateTakenError, PartitionKeyError, RunIdMalformedError, RunIdTakenError
from mock_airflow.domain.query import ilike
from mock_airflow.domain.records import RUN_STATES, Dag, DagRun
from mock_airflow.domain.schedules import partitions
from mock_airflow.domain.triggering import NewRun, moment_of_its_own, triggered

operation = API.tagged("DagRun")

READ, CREATE, EDIT, DELETE = (on_dag(method, "DAG Runs") for method in ("GET", "POST", "PUT", "DELETE"))
_MALFORMED = (
    "The run_id provided '{run_id}' does not match regex pattern '^[A-Za-z0-9_.~:+-]+$' or"
    r" '^(?:manual|scheduled|asset_triggered)__(?:\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}\+00:00)$'"
)
ORDER_KEYS = order_keys(
    *("id", "state", "dag_id", "run_id", "partition_date", "start_date", "end_date", "updated_at"),
    dag_run_id="run_id",
    logical_date=lambda run: None if run.dateless else run.logical_date,
    run_after=run_after_of,
    conf=lambda run: json.dumps(run.conf),
    duration=duration_of,
)


class TriggerDAGRunPostBody(Body):
    """A run that is asked for."""

    dag_run_id: str | None = None
    data_interval_start: AwareDatetime | None = None
    data_interval_end: AwareDatetime | None = None
    logical_date: AwareDatetime | None
    run_after: Moment | None = None
    conf: dict[str, Any] | None = None
    note: str | None = None
    partition_key: str | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> TriggerDAGRunPostBody:
        if (self.data_interval_start is None) != (self.data_interval_end is None):
            raise ValueError(
                "Either both data_interval_start and data_interval_end must be provided or both must be None"
            )
        return self


class DAGRunPatchBody(Body):
    """What of a run changes."""

    state: DagRunMutableStates | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None


def make_run(call: Call, dag: Dag, body: Any, run_type: str = "manual") -> DagRun:
    """Trigger a run as the body asks. Raises Detail."""
    try:
        partition_date = partitions.date_of(call.airflow, dag, body.partition_key)
    except PartitionKeyError as error:
        raise Detail(400, str(error)) from None
    run_after = body.run_after or moment_of_its_own(call.airflow, dag.dag_id, run_type=run_type)
    own_id = None if body.dag_run_id else partitions.id_of_its_own(call.airflow, dag, run_type, run_after)
    dated = body.logical_date is not None and body.data_interval_start is not None
    interval = None if not dated else (body.data_interval_start, body.data_interval_end)
    try:
        new = NewRun(
            dag_id=dag.dag_id,
            run_id=own_id or body.dag_run_id,
            run_type=run_type,
            logical_date=body.logical_date,
            run_after=run_after,
            data_interval=interval,
            conf=body.conf or {},
            note=body.note,
            facts={
                "triggered_by": "rest_api",
                "triggering_user_name": call.principal.name,
                "partition_key": body.partition_key,
                "partition_date": partition_date,
            },
        )
        return triggered(call.airflow, new)
    except (RunIdTakenError, LogicalDateTakenError) as error:
        raise unique_violation(call, str(error)) from None
    except RunIdMalformedError:
        raise Detail(400, _MALFORMED.format(run_id=body.dag_run_id)) from None


@operation("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}", access=READ, answer="DAGRunResponse")
def get_dag_run(call: Call) -> Answer:
    """Read a run."""
    return answer(run_view(call, _run(call)))


def _run(call: Call) -> DagRun:
    return dag_runs.get(call.airflow, call.path["dag_id"], call.path["dag_run_id"])


@operation("DELETE", "/dags/{dag_id}/dagRuns/{dag_run_id}", access=DELETE, event=True, success=204, refuses=(404, 409))
def delete_dag_run(call: Call) -> None:
    """Delete a run that is not running."""
    run = _run(call)
    if run.state == "running":
        raise Detail(
            409,
            f"The DagRun with dag_id: `{run.dag_id}` and run_id: `{run.run_id}` cannot be deleted in running state",
        )
    dag_runs.delete(call.airflow, run.dag_id, run.run_id)


@operation(
    "PATCH",
    "/dags/{dag_id}/dagRuns/{dag_run_id}",
    access=EDIT,
    query=(UPDATE_MASK,),
    body=DAGRunPatchBody,
    event=True,
    answer="DAGRunResponse",
)
def patch_dag_run(call: Call) -> Answer:
    """Change a run's state, its note, or both."""
    _run(call)
    change_run(call, call.path["dag_id"], call.path["dag_run_id"], call.body, call.query["update_mask"])
    return answer(run_view(call, _run(call)))


def change_run(call: Call, dag_id: str, run_id: str, body: Any, mask: list[str] | None) -> None:
    """Change what of a run was sent, and is in the mask if there is one."""
    given = {name for name in body.model_fields_set if not mask or name in mask}
    if "state" in given and body.state is not None:
        dag_runs.set_state(call.airflow, dag_id, run_id, body.state, as_3=True)
    if "note" in given:
        dag_runs.set_note(call.airflow, dag_id, run_id, body.note or None)


_FILTERS = (
    Parameter("partition_date_gte", date),
    Parameter("partition_date_lte", date),
    *between("run_after"),
    *between("logical_date"),
    *between("start_date"),
    *between("end_date"),
    *between("duration", float),
    *between("updated_at"),
    Parameter("conf_contains"),
    Parameter("run_type", repeated=True, default=()),
    Parameter("state", repeated=True, default=()),
    Parameter("dag_version", int, repeated=True, default=()),
    Parameter("bundle_version"),
    order_by("id"),
    *pattern("run_id"),
    *pattern("triggering_user_name"),
    *pattern("dag_id"),
    *pattern("partition_key"),
    Parameter("consuming_asset_pattern"),
)


@operation(
    "GET", "/dags/{dag_id}/dagRuns", access=READ, query=(CURSOR, *PAGE, *_FILTERS), answer="DAGRunCollectionResponse"
)
def get_dag_runs(call: Call) -> Answer:
    """List the runs of a DAG, or of all."""
    dag_id = call.path["dag_id"]
    words(call.query["run_type"], [*DagRunType.__members__], "run type")
    words(call.query["state"], RUN_STATES, "state")
    rows: Iterable[DagRun] = call.airflow.dag_runs
    if dag_id == "~" and (call.query["partition_date_gte"] or call.query["partition_date_lte"]):
        raise Detail(400, "partition_date_gte and partition_date_lte require a specific dag_id.")
    if dag_id != "~":
        if dag_id not in call.airflow.dags:
            raise Detail(404, f"The Dag with ID: `{dag_id}` was not found")
        rows = call.airflow.dag_runs.group("dag_id", dag_id).values()
    rows = _filtered(call, rows)
    found = ordered(call, rows, ORDER_KEYS, "id", lambda run: run.id)
    return page_answer(call, "dag_runs", found, run_view)


_VALUES: dict[str, Callable[[DagRun], Any]] = {
    "run_after": run_after_of,
    "logical_date": lambda run: None if run.dateless else run.logical_date,
    "start_date": lambda run: run.start_date,
    "end_date": lambda run: run.end_date,
    "duration": duration_of,
    "updated_at": lambda run: run.updated_at,
}


def _day(run: DagRun) -> date:
    assert run.partition_date is not None
    return run.partition_date.date()


def _filtered(call: Call, rows: Iterable[DagRun]) -> Iterable[DagRun]:
    query = call.query
    for name, value in _VALUES.items():
        rows = within(call, rows, name, value)
    if query["run_type"]:
        rows = [run for run in rows if run.run_type in query["run_type"]]
    if query["state"]:
        rows = [run for run in rows if run.state in query["state"]]
    if query["conf_contains"]:
        fits = ilike(query["conf_contains"])
        rows = [run for run in rows if fits(json.dumps(run.conf))]
    if query["dag_version"]:
        wanted = set(query["dag_version"])
        rows = [run for run in rows if wanted & {each.version_number for each in made_by(call, run)}]
    if query["bundle_version"]:
        rows = [run for run in rows if run.bundle_version == query["bundle_version"]]
    low, high = query["partition_date_gte"], query["partition_date_lte"]
    if low is not None or high is not None:
        dated = [run for run in rows if run.partition_date is not None]
        rows = [run for run in dated if (low or date.min) <= _day(run) <= (high or date.max)]
    if query["consuming_asset_pattern"]:
        part = query["consuming_asset_pattern"]
        rows = [run for run in rows if any(holds(name, part) for name in consumed(call, run))]
    for name in ("run_id", "triggering_user_name", "dag_id"):
        rows = matching(call, rows, name)
    return matching(call, rows, "partition_key", bars=False)


@operation(
    "POST",
    "/dags/{dag_id}/dagRuns",
    access=CREATE,
    body=TriggerDAGRunPostBody,
    event=True,
    answer="DAGRunResponse",
    refuses=(404, 409),
)
def trigger_dag_run(call: Call) -> Answer:
    """Trigger a run."""
    dag = call.airflow.dags.get(call.path["dag_id"])
    if dag is None or not dag.is_active:
        raise Detail(404, f"Dag with dag_id: '{call.path['dag_id']}' not found")
    if dag.has_import_errors:
        raise Detail(400, f"DAG with dag_id: '{dag.dag_id}' has import errors and cannot be triggered")
    run = make_run(call, dag, call.body)
    view = run_view(call, run)
    for name in ("logical_date", "run_after", "data_interval_start", "data_interval_end"):
        sent = getattr(call.body, name)
        if sent is None and name.startswith("data_interval") and dag.schedule.kind == "none":
            sent = call.body.logical_date  # which is all of its interval
        if sent is not None and sent.utcoffset():
            view[name] = sent.isoformat()  # the caller's own offset comes back (observed)
    return answer(view)


@operation(
    "GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", access=READ, answer="AssetEventCollectionResponse"
)
def get_upstream_asset_events(call: Call) -> Answer:
    """List the events of assets that started a run."""
    from mock_airflow.api.v2.asset_fields import event_view

    events = [event for number in _run(call).consumed_event_ids if (event := call.airflow.asset_events.get(number))]
    return answer({"asset_events": [event_view(call, event) for event in events], "total_entries": len(events)})


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/wait",
    access=READ,
    query=(Parameter("interval", Annotated[float, Field(gt=0)], required=True), Parameter("result", repeated=True)),
    media=("application/json", "application/x-ndjson"),
)
def wait_dag_run_until_finished(call: Call) -> Answer:
    """Tell a run's state, a line a poll, until it is over; then what tasks returned, where that is asked for."""
    from mock_airflow.api.v2.waiting import lines, see_readable

    see_readable(call)
    return Answer(status=200, content_type="", lines=lines(call, _run(call)))


_RANGES: dict[str, Any] = {"run_after": AwareDatetime, "logical_date": AwareDatetime, "start_date": AwareDatetime}
_RANGES |= {"end_date": AwareDatetime, "duration": float}


class _ListBody(Body):
    order_by: str | None = None
    page_offset: Annotated[int, Field(ge=0)] = 0
    page_limit: Annotated[int, Field(ge=0)] = 100
    dag_ids: list[str] | None = None
    states: list[DagRunState | None] | None = None


DAGRunsBatchBody = with_ranges("DAGRunsBatchBody", _ListBody, _RANGES, conf_contains=str | None)


@operation(
    "POST",
    "/dags/{dag_id}/dagRuns/list",
    access=READ,
    body=DAGRunsBatchBody,
    in_path={"dag_id": TILDE},
    answer="DAGRunCollectionResponse",
)
def get_list_dag_runs_batch(call: Call) -> Answer:
    """List runs of any DAGs, by a body; its limit is not capped."""
    body = call.body
    rows: Iterable[DagRun] = call.airflow.dag_runs
    if body.dag_ids:
        rows = [run for run in rows if run.dag_id in body.dag_ids]
    if body.states:
        rows = [run for run in rows if run.state in body.states]
    if body.conf_contains:
        rows = [run for run in rows if body.conf_contains.lower() in json.dumps(run.conf).lower()]
    for name, value in _VALUES.items():
        if name in _RANGES:
            rows = in_body_range(body, rows, name, value)
    return list_answer(call, "dag_runs", rows, ORDER_KEYS, "id", lambda run: run.id, run_view)
