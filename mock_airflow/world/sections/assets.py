"""Assets of a world file, as an Airflow 3 tells them: what a 2.x calls datasets, with their aliases and events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mock_airflow.domain.records import AssetAlias, AssetState, Dataset, DatasetEvent, RunKey
from mock_airflow.world.entry import Entry, complain, nearest
from mock_airflow.world.sections.datasets import add_outlet, complete_consumers, reference_of, uri_of
from mock_airflow.world.sections.transaction import Draft, entries, section


@section("asset_aliases")
def _aliases(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        put_alias(draft, entry)


def put_alias(draft: Draft, entry: Entry) -> AssetAlias:
    """Read an alias, and keep it."""
    name, number = entry.text("name"), entry.whole("id", None)
    known = draft.get("asset_aliases", name)
    given = known.id if known else draft.next_id("asset_aliases")
    alias = AssetAlias(
        id=draft.claim_id("asset_aliases", number) if number else given,
        name=name,
        group=entry.text("group", "asset"),
    )
    entry.done()
    draft.put("asset_aliases", alias)
    return alias


@section("assets")
def _assets(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        number = entry.whole("id", None)
        created = entry.moment("created_at", draft.airflow.now())
        uri = entry.text("uri")
        aliases = [put_alias(draft, child) for child in entry.children("aliases")]
        entry.ignore("last_asset_event")
        asset = Dataset(
            id=draft.claim_id("datasets", number) if number else draft.id_of("datasets", uri),
            uri=uri,
            name=entry.text("name", uri),
            group=entry.text("group", "asset"),
            extra=entry.object("extra", {}),
            created_at=created,
            updated_at=entry.moment("updated_at", created),
            aliases=tuple({"id": alias.id, "name": alias.name, "group": alias.group} for alias in aliases),
            consuming_dags=tuple(reference_of(child, created) for child in entry.children("scheduled_dags")),
            producing_tasks=tuple(reference_of(child, created) for child in entry.children("producing_tasks")),
            consuming_tasks=tuple(reference_of(child, created) for child in entry.children("consuming_tasks")),
            watchers=tuple(entry.array("watchers", ())),
        )
        entry.done()
        draft.put("datasets", asset)
        for reference in asset.producing_tasks:
            add_outlet(draft, reference, uri)
    complete_consumers(draft)


@section("active_assets")
def _active(draft: Draft, content: Any, place: str) -> None:
    """The names of the assets that are active; the others of this world are not."""
    if not isinstance(content, list):
        complain(place, "this section is a list of names.")
    rows = {row.asset_name: row for row in draft.all("datasets")}
    for name in content:
        if name not in rows:
            complain(place, f"there is no asset {name!r} in the section 'assets'.{nearest(str(name), rows)}")
    for row in rows.values():
        draft.put("datasets", replace(row, is_active=row.asset_name in content))


@section("asset_events")
def _events(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        uri = uri_of(draft, entry)
        number = entry.whole("id", None)
        entry.ignore("uri", "name", "group")
        created = [RunKey(run.text("dag_id"), run.text("run_id")) for run in entry.children("created_dagruns")]
        event = DatasetEvent(
            id=draft.claim_id("dataset_events", number) if number else draft.next_id("dataset_events"),
            dataset_id=draft.get("datasets", uri).id,
            dataset_uri=uri,
            timestamp=entry.moment("timestamp", draft.airflow.now()),
            extra=entry.object("extra", {}),
            source_dag_id=entry.text("source_dag_id", None),
            source_task_id=entry.text("source_task_id", None),
            source_run_id=entry.text("source_run_id", None),
            source_map_index=entry.whole("source_map_index", -1),
            created_dagruns=tuple(created),
            partition_key=entry.text("partition_key", None),
        )
        entry.done()
        draft.put("dataset_events", event)


@section("asset_state_store")
def _states(draft: Draft, content: Any, place: str) -> None:
    """Values kept with assets, in the form of the API, each with the number of its asset."""
    for entry in entries(content, place):
        uri = uri_of(draft, entry)
        writer = entry.child("last_updated_by") if entry.has("last_updated_by") else None
        entry.ignore("last_updated_by")
        state = AssetState(
            asset_id=draft.get("datasets", uri).id,
            key=entry.text("key"),
            value=entry.any("value"),
            updated_at=entry.moment("updated_at", draft.airflow.now()),
            kind=writer.text("kind", "api") if writer else None,
            dag_id=writer.text("dag_id", None) if writer else None,
            run_id=writer.text("run_id", None) if writer else None,
            task_id=writer.text("task_id", None) if writer else None,
            map_index=writer.whole("map_index", None) if writer else None,
        )
        entry.done()
        draft.put("asset_states", state)
