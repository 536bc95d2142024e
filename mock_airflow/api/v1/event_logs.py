"""The audit log."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, Query, order_from
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only, parse_datetime
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import in_64_bits
from mock_airflow.domain import event_logs
from mock_airflow.domain.query import paged

operation = API.tagged("EventLog")

EVENT_LOG = Schema(
    "EventLog",
    *as_read_only(
        Field("event_log_id", "integer"),
        Field("when", format="date-time"),
        Field("dag_id", nullable=True),
        Field("task_id", nullable=True),
        Field("run_id", nullable=True),
        Field("map_index", "integer", nullable=True),
        Field("try_number", "integer", nullable=True),
        Field("event"),
        Field("execution_date", format="date-time", nullable=True),
        Field("owner", nullable=True),
        Field("extra", nullable=True),
    ),
)
_EQUAL = (
    Query("dag_id", description="The DAG that the entries are about."),
    Query("task_id", description="The task that the entries are about."),
    Query("run_id", description="The run that the entries are about."),
    Query("map_index", "integer", description="The mapped instance; 0 is taken as no filter."),
    Query("try_number", "integer", description="The try; 0 is taken as no filter."),
    Query("event", description="The name of the event."),
    Query("owner", description="Who did it."),
)
_RANGE = (
    Query("before", format="date-time", description="Entries older than this."),
    Query("after", format="date-time", description="Entries younger than this."),
)
_EVENTS = (
    Query("included_events", description="Names of events, with commas between; only these."),
    Query("excluded_events", description="Names of events, with commas between; all but these."),
)
_ORDERS = ("event_log_id", "when", "dag_id", "task_id", "run_id", "event", "execution_date", "owner", "extra")


@operation(
    "GET",
    "/eventLogs",
    access=on_dag("GET", "Audit Logs"),
    query=(*PAGE, ORDER_BY, *_EQUAL, *_RANGE, *_EVENTS),
    answer=EVENT_LOG,
    listed="event_logs",
)
def get_event_logs(call: Call) -> Answer:
    """List the audit log; an empty filter, and a number of 0, is none (observed)."""
    limit = call.limit
    order = order_from(call.query.get("order_by", "event_log_id"), _ORDERS)
    equal = {each.name: value for each in _EQUAL if (value := call.query.get(each.name))}
    for name in ("map_index", "try_number"):
        in_64_bits(equal.get(name, 0), name)
    before, after = (parse_datetime(call.query[each.name]) if each.name in call.query else None for each in _RANGE)
    included, excluded = (names.split(",") if (names := call.query.get(each.name)) else () for each in _EVENTS)
    rows = event_logs.find(call.airflow, equal=equal, included=included, excluded=excluded, before=before, after=after)
    return call.collection("event_logs", EVENT_LOG, paged(rows, order=order, offset=call.offset, limit=limit))


@operation("GET", "/eventLogs/{event_log_id}", access=on_dag("GET", "Audit Logs"), answer=EVENT_LOG)
def get_event_log(call: Call) -> Answer:
    """Read an entry of the audit log."""
    number = in_64_bits(call.path["event_log_id"], "event_log_id")
    return call.one(EVENT_LOG, event_logs.get(call.airflow, number))
