"""DAGs: list, read, pause, delete."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import FIELDS, ORDER_BY, PAGE, UPDATE_MASK, Query, order_from
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema, Type, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.schedule_fields import (
    CRON_EXPRESSION,
    RELATIVE_DELTA,
    TIME_DELTA,
    schedule_interval,
    time_delta,
)
from mock_airflow.domain import dags
from mock_airflow.domain.errors import DagNotFoundError
from mock_airflow.domain.query import Page
from mock_airflow.domain.records import Dag
from mock_airflow.errors import UnknownFieldsError

operation = API.tagged("DAG")

TAG = Schema("Tag", Field("name", of=lambda name: name))


def _time(name: str) -> Field:
    return Field(name, read_only=True, nullable=True, format="date-time")


def _told(name: str, kind: Type = "string", **options: Any) -> Field:
    return Field(name, kind, read_only=True, **options)


DAG = Schema(
    "DAG",
    _told("dag_id"),
    _told("dag_display_name"),
    _told("root_dag_id", nullable=True),
    Field("is_paused", "boolean", nullable=True),
    _told("is_active", "boolean", nullable=True, refused_first=True),
    _told("is_subdag", "boolean"),
    _time("last_parsed_time"),
    _time("last_pickled"),
    _time("last_expired"),
    _told("scheduler_lock", "boolean", nullable=True),
    _told("pickle_id", nullable=True),
    _told("default_view", nullable=True),
    _told("fileloc"),
    _told("file_token"),
    _told("owners", "array", items=Field("")),
    _told("description", nullable=True),
    _told(
        "schedule_interval",
        "object",
        nullable=True,
        shapes=(TIME_DELTA, RELATIVE_DELTA, CRON_EXPRESSION),
        of=lambda dag: schedule_interval(dag.schedule),
        refused_first=True,
    ),
    _told("timetable_description", nullable=True),
    nested("tags", TAG, many=True, read_only=True, nullable=True),
    _told("max_active_tasks", "integer", nullable=True),
    _told("max_active_runs", "integer", nullable=True),
    _told("has_task_concurrency_limits", "boolean", nullable=True),
    _told("has_import_errors", "boolean", nullable=True),
    _time("next_dagrun"),
    _time("next_dagrun_data_interval_start"),
    _time("next_dagrun_data_interval_end"),
    _time("next_dagrun_create_after"),
    _told("max_consecutive_failed_dag_runs", "integer", nullable=True),
)
DAG_DETAIL = DAG.extended(
    "DAGDetail",
    _told("owners", "array", items=Field(""), of=lambda dag: []),  # always empty in details (observed)
    Field("timezone", of="default_timezone"),
    _told("catchup", "boolean", nullable=True),
    _told("orientation", nullable=True),
    _told("concurrency", "number", nullable=True, of="max_active_tasks"),
    _time("start_date"),
    Field("dag_run_timeout", "object", shapes=(TIME_DELTA,), of=lambda dag: time_delta(dag.dag_run_timeout)),
    Field("dataset_expression", "object", nullable=True, of=lambda dag: dag.schedule.assets),
    _told("doc_md", nullable=True),
    _told("params", "object"),
    _time("end_date"),
    _told("is_paused_upon_creation", "boolean", nullable=True),
    _time("last_parsed"),
    Field("template_search_path", "array", nullable=True, items=Field(""), answered=False),
    Field("template_searchpath", "array", nullable=True, items=Field(""), documented=False),
    _told("render_template_as_native_obj", "boolean", nullable=True),
)

_TAGS = Query("tags", "array", description="DAGs with any of these tags.")
_ONLY_ACTIVE = Query("only_active", "boolean", default=True, description="Leave out DAGs whose file is gone.")
_PATTERN = "SQL ILIKE pattern that the dag_id contains"
_BY_ID_SHORT = {DagNotFoundError: Words("Dag with id: '{dag_id}' not found")}


# marshmallow names fields by attribute, which for this one is not what the answer calls it (observed)
_NAME_IN_FIELDS = {"last_loaded": "last_parsed"}


def _only(call: Call, schema: Schema, title: str) -> frozenset[str] | None:
    """What the parameter ``fields`` asks for; a dotted name means a part of a field, of which the whole is answered."""
    names = call.query.get("fields")
    if not names:
        return None
    asked = []
    for name in names:
        head, dot, _ = name.partition(".")
        if dot and head == "schedule_interval":
            raise Oops("A part of schedule_interval cannot be asked for.", bare=schema is DAG)
        asked.append("" if head in _NAME_IN_FIELDS.values() else _NAME_IN_FIELDS.get(head, head))
    try:
        return schema.chosen(asked)
    except UnknownFieldsError as error:
        unknown = dict.fromkeys(name for name, head in zip(names, asked, strict=True) if head in error.names)
        wanted = "DAGDetailSchema" if schema is DAG_DETAIL else "DAGSchema"
        told = ", ".join(map(repr, unknown))
        raise bad_request(f"Invalid fields for <{wanted}(many=False)>: OrderedSet([{told}]).", title) from None


@operation(
    "GET",
    "/dags",
    access=on_dag("GET"),
    query=(
        *PAGE,
        ORDER_BY,
        _TAGS,
        _ONLY_ACTIVE,
        Query("paused", "boolean"),
        FIELDS,
        Query("dag_id_pattern", description=_PATTERN),
    ),
    answer=DAG,
    listed="dags",
)
def get_dags(call: Call) -> Answer:
    """List DAGs."""
    limit = call.limit
    order = order_from(call.query.get("order_by", "dag_id"), ("dag_id",))
    page = dags.find(
        call.airflow,
        permitted=call.permitted_dags(),
        only_active=call.query["only_active"],
        paused=call.query.get("paused"),
        tags=call.query.get("tags"),
        dag_id_pattern=call.query.get("dag_id_pattern"),
        descending=order.descending,
        offset=call.offset,
        limit=limit,
    )
    return call.collection("dags", DAG, page, _only(call, DAG, "DAGCollectionSchema error"))


@operation("GET", "/dags/{dag_id}", access=on_dag("GET"), query=(FIELDS,), answer=DAG)
def get_dag(call: Call) -> Answer:
    """Read a DAG."""
    dag = dags.get(call.airflow, call.path["dag_id"])
    return call.one(DAG, dag, _only(call, DAG, "DAGSchema init error"))


@operation("GET", "/dags/{dag_id}/details", access=on_dag("GET"), query=(FIELDS,), answer=DAG_DETAIL)
def get_dag_details(call: Call) -> Answer:
    """Read a DAG with what its file declares."""
    dag = dags.declared(call.airflow, call.path["dag_id"])
    return call.one(DAG_DETAIL, dag, _only(call, DAG_DETAIL, "DAGDetailSchema init error"))


def _is_paused(call: Call) -> bool | None:
    """What the body says of ``is_paused``; a body without it makes Airflow fail (observed)."""
    values = call.load()
    mask = call.query.get("update_mask")
    if mask and mask != ["is_paused"]:
        raise bad_request("Only `is_paused` field can be updated through the REST API")
    if "is_paused" not in values:
        raise Oops("The body has no 'is_paused'; it is the only field that can be changed.")
    paused: bool | None = values["is_paused"]
    return paused


@operation(
    "PATCH",
    "/dags/{dag_id}",
    access=on_dag("PUT"),
    query=(UPDATE_MASK,),
    body=DAG,
    answer=DAG,
    words=_BY_ID_SHORT,
    event=True,
)
def patch_dag(call: Call) -> Answer:
    """Pause or unpause a DAG."""
    try:
        paused = _is_paused(call)
    except Oops:
        dags.get(call.airflow, call.path["dag_id"])  # an unknown DAG is told first
        raise
    return call.one(DAG, dags.set_paused(call.airflow, call.path["dag_id"], paused))


@operation(
    "PATCH",
    "/dags",
    access=on_dag("PUT"),
    query=(*PAGE, _TAGS, UPDATE_MASK, _ONLY_ACTIVE, Query("dag_id_pattern", required=True, description=_PATTERN)),
    body=DAG,
    answer=DAG,
    listed="dags",
    event=True,
)
def patch_dags(call: Call) -> Answer:
    """Pause or unpause the DAGs of one page of a list; ``~`` as pattern means all."""
    limit = call.limit
    paused = _is_paused(call)
    pattern = call.query["dag_id_pattern"]
    page = dags.find(
        call.airflow,
        permitted=call.permitted_dags("can_edit"),
        only_active=call.query["only_active"],
        tags=call.query.get("tags"),
        dag_id_pattern="%" if pattern == "~" else pattern,
        offset=call.offset,
        limit=limit,
    )
    changed: list[Dag] = [dags.set_paused(call.airflow, dag.dag_id, paused) for dag in page.rows]
    return call.collection("dags", DAG, Page(changed, page.total_entries))


@operation(
    "DELETE", "/dags/{dag_id}", access=on_dag("DELETE"), conflicts=True, words=_BY_ID_SHORT, event=True, success=204
)
def delete_dag(call: Call) -> None:
    """Delete a DAG and all that hangs on it."""
    dags.delete(call.airflow, call.path["dag_id"])
