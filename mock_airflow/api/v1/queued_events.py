"""What datasets have queued for the DAGs that wait for them."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.permissions import on, on_dag
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Words
from mock_airflow.api.airflow2.schema import Field, Schema, nested, parse_datetime
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import queued_events
from mock_airflow.domain.errors import DomainError, QueuedEventNotFoundError
from mock_airflow.domain.query import Page

operation = API.tagged("Dataset")

QUEUED_EVENT = Schema(
    "QueuedEvent",
    Field("uri"),
    Field("dag_id"),
    Field("created_at", format="date-time"),
)
# Airflow's document has another name for the list (observed)
_QUEUED_EVENTS = Schema(
    "QueuedEventCollection",
    nested("datasets", QUEUED_EVENT, many=True, answered=False),
    nested("queued_events", QUEUED_EVENT, many=True, documented=False),
    Field("total_entries", "integer"),
)
_BEFORE = (Query("before", format="date-time", description="Only events queued before this moment."),)


def _words(what: str) -> dict[type[DomainError], Words]:
    return {QueuedEventNotFoundError: Words("Queue event not found", f"Queue event with {what} was not found")}


_DAG, _DATASET = "dag_id: `{dag_id}`", "dataset uri: `{uri}`"
_OF_DAG = "/dags/{dag_id}/datasets/queuedEvent"
_OF_DATASET = "/datasets/queuedEvent/{uri}"


def _named(call: Call) -> dict[str, Any]:
    """What path and query ask for; without a DAG in the path, of the DAGs that may be read."""
    before = call.query.get("before")
    return {
        "dag_id": call.path.get("dag_id"),
        "uri": call.path.get("uri"),
        "before": parse_datetime(before) if before is not None else None,
        "permitted": None if "dag_id" in call.path else call.permitted_dags("can_read"),
    }


def _listed(call: Call) -> Answer:
    rows = queued_events.find(call.airflow, **_named(call))
    return call.collection("queued_events", QUEUED_EVENT, Page(rows, len(rows)))


def _deleted(call: Call) -> Answer:
    queued_events.delete(call.airflow, **_named(call))
    return NO_CONTENT


@operation(
    "GET",
    f"{_OF_DAG}/{{uri}}",
    access=on("GET", "Datasets").and_also(on_dag("GET")),
    query=_BEFORE,
    answer=QUEUED_EVENT,
    words=_words(f"{_DAG} and {_DATASET}"),
)
def get_dag_dataset_queued_event(call: Call) -> Answer:
    """Read what a dataset has queued for a DAG."""
    return call.one(QUEUED_EVENT, queued_events.find(call.airflow, **_named(call))[0])


@operation(
    "DELETE",
    f"{_OF_DAG}/{{uri}}",
    access=on("DELETE", "Datasets").and_also(on_dag("GET")),
    query=_BEFORE,
    words=_words(f"{_DAG} and {_DATASET}"),
    event=True,
    success=204,
)
def delete_dag_dataset_queued_event(call: Call) -> Answer:
    """Forget what a dataset has queued for a DAG."""
    return _deleted(call)


@operation(
    "GET",
    _OF_DAG,
    access=on("GET", "Datasets").and_also(on_dag("GET")),
    query=_BEFORE,
    answer=_QUEUED_EVENTS,
    words=_words(_DAG),
)
def get_dag_dataset_queued_events(call: Call) -> Answer:
    """List what is queued for a DAG; nothing is a 404 (observed)."""
    return _listed(call)


@operation(
    "DELETE",
    _OF_DAG,
    access=on("DELETE", "Datasets").and_also(on_dag("GET")),
    query=_BEFORE,
    words=_words(_DAG),
    event=True,
    success=204,
)
def delete_dag_dataset_queued_events(call: Call) -> Answer:
    """Forget everything that is queued for a DAG."""
    return _deleted(call)


@operation(
    "GET", _OF_DATASET, access=on("GET", "Datasets"), query=_BEFORE, answer=_QUEUED_EVENTS, words=_words(_DATASET)
)
def get_dataset_queued_events(call: Call) -> Answer:
    """List what a dataset has queued; nothing is a 404 (observed)."""
    return _listed(call)


@operation(
    "DELETE",
    _OF_DATASET,
    access=on("DELETE", "Datasets"),
    query=_BEFORE,
    words=_words(_DATASET),
    event=True,
    success=204,
)
def delete_dataset_queued_events(call: Call) -> Answer:
    """Forget everything that a dataset has queued."""
    return _deleted(call)
