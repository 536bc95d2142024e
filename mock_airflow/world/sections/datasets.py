"""Datasets of a world file, and their events."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.records import Asset, AssetEvent, AssetReference, QueuedEvent, RunKey, Schedule
from mock_airflow.world.entry import WorldEntry, complain
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, entries, rows, section


@section("datasets")
def _datasets(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        created = entry.moment("created_at", draft.airflow.now())
        uri = entry.text("uri")
        dataset = Asset(
            id=draft.dataset_number(entry, uri),
            uri=uri,
            extra=entry.object("extra", None),
            created_at=created,
            updated_at=entry.moment("updated_at", created),
            aliases=entry.objects("aliases"),
            consuming_dags=tuple(reference_of(child, created) for child in entry.children("consuming_dags")),
            producing_tasks=tuple(reference_of(child, created) for child in entry.children("producing_tasks")),
        )
        entry.done()
        draft.put_asset(dataset)
        for reference in dataset.producing_tasks:
            add_outlet(draft, reference, dataset.uri)
    complete_consumers(draft)


def reference_of(entry: WorldEntry, created: Any) -> AssetReference:
    """That a DAG, or one of its tasks, has to do with a dataset."""
    usual = {"task_id": None, "created_at": created, "updated_at": created}
    reference = record(entry, AssetReference, usual)
    entry.done()
    return reference


def add_outlet(draft: Draft, reference: AssetReference, uri: str) -> None:
    """Have the task of a DAG that was read change the dataset."""
    dag = draft.get("dags", reference.dag_id)
    task = dag.tasks.get(reference.task_id) if dag else None
    if task is not None and uri not in task.outlets:
        tasks = {**dag.tasks, task.task_id: replace(task, outlets=(*task.outlets, uri))}
        draft.put("dags", replace(dag, tasks=tasks))


def complete_consumers(draft: Draft) -> None:
    """A DAG that is scheduled by datasets without saying how waits for all that it consumes."""
    for dag in draft.all("dags"):
        if dag.schedule.kind == "assets" and not dag.schedule.assets:
            uris = [
                dataset.uri
                for dataset in draft.all("assets")
                if any(reference.dag_id == dag.dag_id for reference in dataset.consuming_dags)
            ]
            draft.put("dags", replace(dag, schedule=Schedule(kind="assets", assets={"all": uris})))


@rows("dataset_events", "asset_events")
def _dataset_event(draft: Draft, entry: WorldEntry) -> AssetEvent:
    uri = entry.text("dataset_uri")
    dataset = draft.asset(uri)
    if dataset is None:
        complain(f"{entry.place}.dataset_uri", f"there is no dataset {uri!r} in the section 'datasets'.")
    entry.whole("dataset_id", dataset.id)
    created = [RunKey(run.text("dag_id"), run.text("dag_run_id")) for run in entry.children("created_dagruns")]
    return record(
        entry,
        AssetEvent,
        {"timestamp": draft.airflow.now()},
        id=draft.number("asset_events", entry),
        asset_id=dataset.id,
        asset_uri=uri,
        created_dagruns=tuple(created),
        partition_key=None,
    )


@rows("queued_events")
def _queued_event(draft: Draft, entry: WorldEntry) -> QueuedEvent:
    entry.ignore("dag_display_name")
    uri = asset_of(draft, entry).uri if entry.has("asset_id") else entry.text("uri")
    return record(entry, QueuedEvent, {"created_at": draft.airflow.now()}, uri=uri)


def asset_of(draft: Draft, entry: WorldEntry) -> Asset:
    """The asset that an entry names by its number."""
    number = entry.whole("asset_id")
    asset: Asset | None = draft.get("assets", number)
    if asset is None:
        complain(f"{entry.place}.asset_id", f"there is no asset {number} in the section 'assets'.")
    return asset


@section("upstream_asset_events")
@section("upstream_dataset_events")
def _upstream(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        run = draft.run(entry)
        name = "asset_event_ids" if entry.has("asset_event_ids") else "dataset_event_ids"
        numbers = enumerate(entry.array(name, ()))
        ids = tuple(WorldEntry({"id": each}, f"{entry.place}.{name}[{index}]").whole("id") for index, each in numbers)
        draft.put("dag_runs", replace(run, consumed_event_ids=ids))
        entry.done()
