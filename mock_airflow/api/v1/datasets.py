"""Datasets and their events."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, Query
from mock_airflow.api.airflow2.problems import Words
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.dataset_fields import CREATE_EVENT, DATASET, DATASET_EVENT
from mock_airflow.domain import assets
from mock_airflow.domain.errors import AssetNotFoundError

operation = API.tagged("Dataset")

_SOURCE = ("source_dag_id", "source_task_id", "source_run_id", "source_map_index")


@operation(
    "GET",
    "/datasets",
    access=on("GET", "Datasets"),
    query=(*PAGE, ORDER_BY, Query("uri_pattern"), Query("dag_ids")),
    answer=DATASET,
    listed="datasets",
)
def get_datasets(call: Call) -> Answer:
    """List datasets."""
    dag_ids = call.query["dag_ids"].split(",") if call.query.get("dag_ids") else None
    rows = assets.find(call.airflow, uri_pattern=call.query.get("uri_pattern"), dag_ids=dag_ids)
    # the total counts all there are, whatever the filters (observed)
    page = call.page(rows, "id", ("id", "uri", "created_at", "updated_at"), total=len(call.airflow.assets))
    return call.collection("datasets", DATASET, page)


@operation("GET", "/datasets/{uri}", access=on("GET", "Datasets"), answer=DATASET)
def get_dataset(call: Call) -> Answer:
    """Read a dataset."""
    return call.one(DATASET, assets.get(call.airflow, call.path["uri"]))


@operation(
    "GET",
    "/datasets/events",
    access=on("GET", "Datasets"),
    query=(
        *PAGE,
        ORDER_BY,
        Query("dataset_id", "integer"),
        Query("source_dag_id"),
        Query("source_task_id"),
        Query("source_run_id"),
        Query("source_map_index", "integer"),
    ),
    answer=DATASET_EVENT,
    listed="dataset_events",
)
def get_dataset_events(call: Call) -> Answer:
    """List dataset events."""
    equal = {name: call.query.get(name) for name in _SOURCE}
    rows = assets.find_events(call.airflow, asset_id=call.query.get("dataset_id"), **equal)
    return call.collection("dataset_events", DATASET_EVENT, call.page(rows, "timestamp", (*_SOURCE, "timestamp")))


@operation(
    "POST",
    "/datasets/events",
    access=on("POST", "Datasets"),
    body=CREATE_EVENT,
    answer=DATASET_EVENT,
    words={AssetNotFoundError: Words("Dataset not found", "Dataset with uri: '{uri}' not found")},
    event=True,
)
def create_dataset_event(call: Call) -> Answer:
    """Tell that a dataset changed; consumers that are not paused are queued for it."""
    form = call.load()
    extra = {**(form.get("extra") or {}), "from_rest_api": True}
    return call.one(DATASET_EVENT, assets.change(call.airflow, form["dataset_uri"], extra=extra))
