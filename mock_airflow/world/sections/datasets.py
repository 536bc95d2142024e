"""Datasets of a world file, and their events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_airflow.domain.records import Dataset, DatasetEvent, DatasetReference, QueuedEvent, RunKey, Schedule
from mock_airflow.world.entry import Entry, complain
from mock_airflow.world.sections.transaction import Draft, entries, section


@section("datasets")
def _datasets(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        number = entry.whole("id", None)
        created = entry.moment("created_at", draft.airflow.now())
        dataset = Dataset(
            id=draft.claim_id("datasets", number) if number else draft.next_id("datasets"),
            uri=entry.text("uri"),
            extra=entry.object("extra", None),
            created_at=created,
            updated_at=entry.moment("updated_at", created),
            aliases=tuple(entry.array("aliases", ())),
            consuming_dags=tuple(reference_of(child, created) for child in entry.children("consuming_dags")),
            producing_tasks=tuple(reference_of(child, created) for child in entry.children("producing_tasks")),
        )
        entry.done()
        draft.put("datasets", dataset)
        for reference in dataset.producing_tasks:
            add_outlet(draft, reference, dataset.uri)
    complete_consumers(draft)


def reference_of(entry: Entry, created: Any) -> DatasetReference:
    """That a DAG, or one of its tasks, has to do with a dataset."""
    reference = DatasetReference(
        dag_id=entry.text("dag_id"),
        task_id=entry.text("task_id", None),
        created_at=entry.moment("created_at", created),
        updated_at=entry.moment("updated_at", created),
    )
    entry.done()
    return reference


def add_outlet(draft: Draft, reference: DatasetReference, uri: str) -> None:
    """Have the task of a DAG that was read change the dataset."""
    dag = draft.get("dags", reference.dag_id)
    task = dag.tasks.get(reference.task_id) if dag else None
    if task is not None and uri not in task.outlets:
        tasks = {**dag.tasks, task.task_id: replace(task, outlets=(*task.outlets, uri))}
        draft.put("dags", replace(dag, tasks=tasks))


def complete_consumers(draft: Draft) -> None:
    """A DAG that is scheduled by datasets without saying how waits for all that it consumes."""
    for dag in draft.all("dags"):
        if dag.schedule.kind == "datasets" and not dag.schedule.datasets:
            uris = [
                dataset.uri
                for dataset in draft.all("datasets")
                if any(reference.dag_id == dag.dag_id for reference in dataset.consuming_dags)
            ]
            draft.put("dags", replace(dag, schedule=Schedule(kind="datasets", datasets={"all": uris})))


@section("dataset_events")
def _dataset_events(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        uri = entry.text("dataset_uri")
        dataset = draft.get("datasets", uri)
        if dataset is None:
            complain(f"{entry.place}.dataset_uri", f"there is no dataset {uri!r} in the section 'datasets'.")
        entry.whole("dataset_id", dataset.id)
        number = entry.whole("id", None)
        created = []
        for run in entry.children("created_dagruns"):
            created.append(RunKey(run.text("dag_id"), run.text("dag_run_id")))
        draft.put(
            "dataset_events",
            DatasetEvent(
                id=draft.claim_id("dataset_events", number) if number else draft.next_id("dataset_events"),
                dataset_id=dataset.id,
                dataset_uri=uri,
                timestamp=entry.moment("timestamp", draft.airflow.now()),
                extra=entry.object("extra", None),
                source_dag_id=entry.text("source_dag_id", None),
                source_task_id=entry.text("source_task_id", None),
                source_run_id=entry.text("source_run_id", None),
                source_map_index=entry.whole("source_map_index", -1),
                created_dagruns=tuple(created),
            ),
        )
        entry.done()


@section("queued_events")
def _queued_events(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        entry.ignore("dag_display_name")
        event = QueuedEvent(
            dag_id=entry.text("dag_id"),
            uri=uri_of(draft, entry) if entry.has("asset_id") else entry.text("uri"),
            created_at=entry.moment("created_at", draft.airflow.now()),
        )
        entry.done()
        draft.put("queued_events", event)


def uri_of(draft: Draft, entry: Entry) -> str:
    """The URI of the asset that an entry names by its number."""
    number = entry.whole("asset_id")
    for row in (*draft.all("datasets"), *draft.airflow.datasets):
        if row.id == number:
            return str(row.uri)
    complain(f"{entry.place}.asset_id", f"there is no asset {number} in the section 'assets'.")


@section("upstream_asset_events")
@section("upstream_dataset_events")
def _upstream(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        dag_id, run_id = entry.text("dag_id"), entry.text("dag_run_id")
        run = draft.get("dag_runs", RunKey(dag_id, run_id))
        if run is None:
            complain(entry.place, f"the section 'dag_runs' has no run {run_id!r} of {dag_id!r}.")
        name = "asset_event_ids" if entry.has("asset_event_ids") else "dataset_event_ids"
        numbers = enumerate(entry.array(name, ()))
        ids = tuple(Entry({"id": each}, f"{entry.place}.{name}[{index}]").whole("id") for index, each in numbers)
        draft.put("dag_runs", replace(run, consumed_event_ids=ids))
        entry.done()
