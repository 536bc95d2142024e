"""Events of assets that wait until the DAGs that want them run."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, TypeAdapter, ValidationError

from mock_airflow.access.permissions import on, on_dag
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import Moment, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.asset_fields import queued_event_view
from mock_airflow.domain.records import QueuedEvent

operation = API.tagged("Asset")

BEFORE = Parameter("before")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment, config=ConfigDict(defer_build=True))
_READ = on("GET", "Assets")
_READ_OF_DAG = _READ.and_also(on_dag("GET"))
_DELETE = on("DELETE", "Assets").and_also(on_dag("PUT"))


def _queued(call: Call) -> list[QueuedEvent]:
    """The events of the DAG and the asset that the path names, made before a moment."""
    before = _before(call)
    dag_id, asset_id = call.path.get("dag_id"), call.path.get("asset_id")
    asset = call.airflow.assets.get(asset_id) if asset_id is not None else None
    return [
        event
        for event in call.airflow.queued_events
        if (dag_id is None or event.dag_id == dag_id)
        and (asset_id is None or (asset is not None and event.uri == asset.uri))
        and (before is None or event.created_at < before)
    ]


def _before(call: Call) -> datetime | None:
    """The moment that ``before`` names; what is none is a 400 in words of its own (observed)."""
    text = call.query["before"]
    if text is None:
        return None
    try:
        return _MOMENT.validate_python(text)
    except ValidationError:
        raise Detail(400, f"Invalid datetime: {text!r}. Please check the date parameter have this value.") from None


def _listed(call: Call) -> Answer:
    rows = [queued_event_view(call, event) for event in _queued(call)]
    return answer({"queued_events": rows, "total_entries": len(rows)})


def _deleted(call: Call, words: str) -> Answer:
    rows = _queued(call)
    if not rows:
        raise Detail(404, words.format(**call.path))
    for event in rows:
        call.airflow.queued_events.delete((event.dag_id, event.uri))
    return NO_CONTENT


_ONE = "Queued event with dag_id: `{dag_id}` and asset_id: `{asset_id}` was not found"


@operation(
    "GET",
    "/assets/{asset_id}/queuedEvents",
    access=_READ,
    query=(BEFORE,),
    answer="QueuedEventCollectionResponse",
    refuses=(),
)
def get_asset_queued_events(call: Call) -> Answer:
    """List what an asset has queued."""
    return _listed(call)


@operation("DELETE", "/assets/{asset_id}/queuedEvents", access=_DELETE, query=(BEFORE,), event=True, success=204)
def delete_asset_queued_events(call: Call) -> Answer:
    """Forget what an asset has queued."""
    return _deleted(call, "Queue event with asset_id: `{asset_id}` was not found")


@operation(
    "GET",
    "/dags/{dag_id}/assets/queuedEvents",
    access=_READ_OF_DAG,
    query=(BEFORE,),
    answer="QueuedEventCollectionResponse",
    refuses=(),
)
def get_dag_asset_queued_events(call: Call) -> Answer:
    """List what is queued for a DAG."""
    return _listed(call)


@operation("DELETE", "/dags/{dag_id}/assets/queuedEvents", access=_DELETE, query=(BEFORE,), event=True, success=204)
def delete_dag_asset_queued_events(call: Call) -> Answer:
    """Forget what is queued for a DAG."""
    return _deleted(call, "Queue event with dag_id: `{dag_id}` was not found")


@operation(
    "GET",
    "/dags/{dag_id}/assets/{asset_id}/queuedEvents",
    access=_READ_OF_DAG,
    query=(BEFORE,),
    answer="QueuedEventResponse",
)
def get_dag_asset_queued_event(call: Call) -> Answer:
    """Read what an asset has queued for a DAG."""
    rows = _queued(call)
    if not rows:
        raise Detail(404, _ONE.format(**call.path))
    return answer(queued_event_view(call, rows[0]))


@operation(
    "DELETE", "/dags/{dag_id}/assets/{asset_id}/queuedEvents", access=_DELETE, query=(BEFORE,), event=True, success=204
)
def delete_dag_asset_queued_event(call: Call) -> Answer:
    """Forget what an asset has queued for a DAG."""
    return _deleted(call, _ONE)
