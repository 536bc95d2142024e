"""The audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Moment, Parameter, order_by, order_keys, pattern
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.filters import equal, matching
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain import event_logs
from mock_airflow.domain.records import EventLog, TaskInstanceKey

operation = API.tagged("Event Log")

READ = on_dag("GET", "Audit Logs")
ORDER_KEYS = order_keys(
    *("event_log_id", "when", "dag_id", "task_id", "run_id", "event", "owner", "extra"),
    id="event_log_id",
    dttm="when",
    logical_date="execution_date",
)
_EQUAL = ("dag_id", "task_id", "run_id", "map_index", "try_number", "owner", "event")
_SEARCHED = ("dag_id", "task_id", "run_id", "owner", "event")


def _view(call: Call, row: EventLog) -> dict[str, Any]:
    dag = call.airflow.dags.get(row.dag_id) if row.dag_id is not None else None
    ti = None
    if row.dag_id and row.run_id and row.task_id and row.map_index is not None:
        key = TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index)
        ti = call.airflow.task_instances.get(key)
    return {
        "event_log_id": row.event_log_id,
        "when": row.when,
        "dag_id": row.dag_id,
        "task_id": row.task_id,
        "run_id": row.run_id,
        "map_index": row.map_index,
        "try_number": row.try_number,
        "event": row.event,
        "logical_date": row.execution_date,
        "owner": row.owner,
        "extra": row.extra,
        "dag_display_name": dag.dag_display_name if dag is not None else None,
        "task_display_name": ti.task_display_name if ti is not None else None,
    }


@operation("GET", "/eventLogs/{event_log_id}", access=READ, answer="EventLogResponse")
def get_event_log(call: Call) -> Answer:
    """Read an entry of the audit log."""
    try:
        number = int(call.path["event_log_id"])
    except ValueError:
        raise Detail(400, "'event_log_id' must be an integer") from None
    return answer(_view(call, event_logs.get(call.airflow, number)))


@operation(
    "GET",
    "/eventLogs",
    access=READ,
    query=(
        *PAGE,
        order_by("id"),
        *(Parameter(name, int if name in ("map_index", "try_number") else str) for name in _EQUAL),
        Parameter("excluded_events", repeated=True),
        Parameter("included_events", repeated=True),
        Parameter("before", Moment),
        Parameter("after", Moment),
        *(parameter for name in _SEARCHED for parameter in pattern(name)),
    ),
    answer="EventLogCollectionResponse",
)
def get_event_logs(call: Call) -> Answer:
    """List the entries of the audit log."""
    rows: Iterable[EventLog] = call.airflow.event_logs
    permitted = (
        call.permitted_dags("can_read") or call.airflow.dags.__contains__
    )  # none of a DAG that is gone (observed)
    rows = [row for row in rows if row.dag_id is None or permitted(row.dag_id)]
    for name in _EQUAL:
        rows = equal(call, rows, name)
    if excluded := call.query["excluded_events"]:
        rows = [row for row in rows if row.event not in excluded]
    if included := call.query["included_events"]:
        rows = [row for row in rows if row.event in included]
    if (before := call.query["before"]) is not None:
        rows = [row for row in rows if row.when < before]
    if (after := call.query["after"]) is not None:
        rows = [row for row in rows if row.when > after]
    for name in _SEARCHED:
        rows = matching(call, rows, name)
    found = ordered(call, rows, ORDER_KEYS, "id", lambda row: row.event_log_id)
    return listing(call, "event_logs", found, _view)
