"""DAG runs: list, trigger, read, change, clear, delete."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from msgspec.structs import replace

from mock_airflow.access.permissions import on, on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import FIELDS, ORDER_BY, PAGE, Query, between, bounds, order_from
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.dag_run_fields import (
    CLEAR_FORM,
    CLEARED,
    DAG_RUN,
    LIST_FORM,
    LIST_FORM_AS_READ,
    NOTE_FORM,
    STATE_FORM,
)
from mock_airflow.api.v1.dataset_fields import DATASET_EVENT
from mock_airflow.api.v1.form_dates import load_with_dates
from mock_airflow.api.v1.references import REFERENCE
from mock_airflow.domain import dag_runs, dags, triggering
from mock_airflow.domain.errors import (
    DagNotFoundError,
    DagRunNotFoundError,
    DataIntervalOutOfRangeError,
    RunIdMalformedError,
)
from mock_airflow.domain.query import Order, Page
from mock_airflow.domain.scheduler.timetables import manual_data_interval
from mock_airflow.domain.triggering import NewRun
from mock_airflow.errors import LoadError, UnknownFieldsError

operation = API.tagged("DAGRun")

_ORDERS = (
    "id",
    "state",
    "dag_id",
    "execution_date",
    "dag_run_id",
    "start_date",
    "end_date",
    "updated_at",
    "external_trigger",
    "conf",
)
_RANGES = {
    "logical_date": "execution_date",
    "start_date": "start_date",
    "end_date": "end_date",
    "updated_at": "updated_at",
}
_COLUMNS = {"dag_run_id": "run_id", "execution_date": "logical_date"}
_NOT_IN_DAG = {DagRunNotFoundError: Words("Dag Run id {run_id} not found in dag {dag_id}")}


def _order(text: str) -> Order | None:
    order = order_from(text, _ORDERS, _COLUMNS)
    return None if order == Order("id") else order


def _only(call: Call, title: str) -> frozenset[str] | None:
    try:
        return DAG_RUN.chosen(call.query.get("fields"))
    except UnknownFieldsError as error:
        raise bad_request(f"{error.names[0]} not in DAGRunSchema", title) from None


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns",
    access=on_dag("GET", "DAG Runs"),
    query=(
        *PAGE,
        *(bound for name in _RANGES.values() for bound in between(name)),
        Query("state", "array"),
        ORDER_BY,
        FIELDS,
    ),
    answer=DAG_RUN,
    listed="dag_runs",
)
def get_dag_runs(call: Call) -> Answer:
    """List the runs of a DAG; ``~`` means those of all DAGs."""
    limit = call.limit
    every = call.path["dag_id"] == "~"
    page = dag_runs.find(
        call.airflow,
        dag_id=None if every else call.path["dag_id"],
        permitted=call.permitted_dags("can_read") if every else None,
        states=call.query.get("state"),
        ranges={attribute: bounds(call.query, name) for attribute, name in _RANGES.items()},
        order=_order(call.query.get("order_by", "id")),
        offset=call.offset,
        limit=limit,
    )
    only = _only(call, "DAGRunCollectionSchema error") if page.rows else None
    return call.collection("dag_runs", DAG_RUN, page, only)


@operation(
    "POST", "/dags/~/dagRuns/list", access=on_dag("GET", "DAG Runs"), body=LIST_FORM, answer=DAG_RUN, listed="dag_runs"
)
def get_dag_runs_batch(call: Call) -> Answer:
    """List runs by a form; its page_limit is not capped (observed)."""
    form = load_with_dates(call, "updated_at_gte", "updated_at_lte", schema=LIST_FORM_AS_READ)
    permitted = call.permitted_dags("can_read")
    wanted = frozenset(form["dag_ids"]) if form.get("dag_ids") else None
    offset, limit = call.page_of(form)
    page = dag_runs.find(
        call.airflow,
        permitted=permitted if wanted is None else lambda one: one in wanted and (not permitted or permitted(one)),
        states=form.get("states"),
        ranges={attribute: bounds(form, name) for attribute, name in _RANGES.items() if name != "updated_at"},
        order=_order(form.get("order_by", "id")),
        offset=offset,
        limit=limit,
    )
    return call.collection("dag_runs", DAG_RUN, page)


@operation(
    "POST",
    "/dags/{dag_id}/dagRuns",
    access=on_dag("POST", "DAG Runs"),
    body=DAG_RUN,
    answer=DAG_RUN,
    conflicts=True,
    words={DagNotFoundError: Words("DAG not found", "DAG with dag_id: '{dag_id}' not found")},
    event=True,
)
def post_dag_run(call: Call) -> Answer:
    """Trigger a run. Its dates are answered in the zone they were sent in, this once (observed)."""
    dag = triggering.triggerable(call.airflow, call.path["dag_id"])
    form = _trigger_form(call)
    logical_date: datetime = form["logical_date"]
    start, end = form.get("data_interval_start"), form.get("data_interval_end")
    try:
        if start is None or end is None:
            start, end = manual_data_interval(dag, logical_date)
        new = NewRun(
            dag_id=dag.dag_id,
            run_id=form["dag_run_id"],
            logical_date=logical_date,
            data_interval=_utc(start, end),
            conf=form.get("conf") or {},
            note=form.get("note") or None,
        )
        triggering.see_that_date_is_free(call.airflow, new)
        triggering.see_that_id_is_free(call.airflow, new)
        run = triggering.triggered(call.airflow, new)
    except (RunIdMalformedError, DataIntervalOutOfRangeError) as error:
        raise Oops(str(error)) from None
    as_sent = replace(run, logical_date=logical_date, data_interval_start=start, data_interval_end=end)
    return call.one(DAG_RUN, as_sent)


def _utc(*moments: datetime) -> Any:
    return tuple(moment.astimezone(timezone.utc) for moment in moments)


def _trigger_form(call: Call) -> dict[str, Any]:
    """The body with the two names of the logical date made one, and what is missing made up (code)."""
    body = dict(call.body)
    execution_date = body.pop("execution_date", call)
    logical_date = body.get("logical_date", call)
    if logical_date is call and execution_date is call:
        body["logical_date"] = triggering.moment_of_its_own(call.airflow, call.path["dag_id"])
    elif logical_date is call:
        body["logical_date"] = execution_date
    elif execution_date is not call and logical_date != execution_date:
        raise bad_request(f"{logical_date!r} != {execution_date!r}", "logical_date conflicts with execution_date")
    if "dag_run_id" not in body:
        if body["logical_date"] is None:
            raise bad_request("'None' is not an instance of 'str'", "Incorrect datetime argument")
        body["dag_run_id"] = ""
    try:
        form = DAG_RUN.load(body)
        if (form.get("data_interval_start") is None) != (form.get("data_interval_end") is None):
            raise LoadError(
                {"_schema": ["Both 'data_interval_start' and 'data_interval_end' must be specified together"]}
            )
    except LoadError as error:
        raise bad_request(str(error)) from None
    return form


@operation(
    "GET", "/dags/{dag_id}/dagRuns/{dag_run_id}", access=on_dag("GET", "DAG Runs"), query=(FIELDS,), answer=DAG_RUN
)
def get_dag_run(call: Call) -> Answer:
    """Read a run."""
    run = dag_runs.get(call.airflow, call.path["dag_id"], call.path["dag_run_id"])
    return call.one(DAG_RUN, run, _only(call, "DAGRunSchema error"))


@operation(
    "DELETE",
    "/dags/{dag_id}/dagRuns/{dag_run_id}",
    access=on_dag("DELETE", "DAG Runs"),
    words={
        DagRunNotFoundError: Words("Not Found", "DAGRun with DAG ID: '{dag_id}' and DagRun ID: '{run_id}' not found"),
    },
    event=True,
    success=204,
)
def delete_dag_run(call: Call) -> None:
    """Delete a run with its task instances."""
    dag_runs.delete(call.airflow, call.path["dag_id"], call.path["dag_run_id"])


@operation(
    "PATCH",
    "/dags/{dag_id}/dagRuns/{dag_run_id}",
    access=on_dag("PUT", "DAG Runs"),
    body=STATE_FORM,
    answer=DAG_RUN,
    words=_NOT_IN_DAG,
    event=True,
)
def update_dag_run_state(call: Call) -> Answer:
    """Put a run into a state."""
    dag_id, run_id = call.path["dag_id"], call.path["dag_run_id"]
    dag_runs.get(call.airflow, dag_id, run_id)
    form = call.load()
    if "state" not in form:
        raise Oops("The body has no 'state'; it is what this operation changes.")
    return call.one(DAG_RUN, dag_runs.set_state(call.airflow, dag_id, run_id, form["state"]))


@operation(
    "POST",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/clear",
    access=on_dag("PUT", "DAG Runs"),
    body=CLEAR_FORM,
    answer=DAG_RUN,
    or_answer=CLEARED,
    words={DagRunNotFoundError: Words("Dag Run id {run_id} not found in dag   {dag_id}")},  # three spaces (observed)
    event=True,
)
def clear_dag_run(call: Call) -> Answer:
    """Make a run run again; without ``dry_run: false`` only tell what that would touch."""
    dag_id, run_id = call.path["dag_id"], call.path["dag_run_id"]
    touched = dag_runs.to_be_cleared(call.airflow, dag_id, run_id)
    dry_run = call.load().get("dry_run", True)
    try:
        dags.declared(call.airflow, dag_id)
    except DagNotFoundError as error:
        raise Oops(f"{error} Its file is gone, and Airflow does not expect that here.") from None
    if dry_run:
        return call.listing("task_instances", REFERENCE, touched)
    return call.one(DAG_RUN, dag_runs.clear(call.airflow, dag_id, run_id))


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents",
    access=on_dag("GET", "DAG Runs").and_also(on("GET", "Datasets")),
    answer=DATASET_EVENT,
    listed="dataset_events",
)
def get_upstream_dataset_events(call: Call) -> Answer:
    """List the dataset events that started a run."""
    run = dag_runs.get(call.airflow, call.path["dag_id"], call.path["dag_run_id"])
    rows = [event for number in run.consumed_event_ids if (event := call.airflow.asset_events.get(number))]
    return call.collection("dataset_events", DATASET_EVENT, Page(rows, len(rows)))


@operation(
    "PATCH",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/setNote",
    access=on_dag("PUT", "DAG Runs"),
    body=NOTE_FORM,
    answer=DAG_RUN,
    words=_NOT_IN_DAG,
    event=True,
)
def set_dag_run_note(call: Call) -> Answer:
    """Give a run a note."""
    dag_id, run_id = call.path["dag_id"], call.path["dag_run_id"]
    dag_runs.get(call.airflow, dag_id, run_id)
    form = call.load()
    if "note" not in form:
        raise Oops("The body has no 'note'; it is what this operation changes.")
    return call.one(DAG_RUN, dag_runs.set_note(call.airflow, dag_id, run_id, form["note"]))
