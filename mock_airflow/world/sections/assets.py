"""Assets of a world file, as an Airflow 3 tells them: what a 2.x calls datasets, with their aliases and events."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.records import Asset, AssetAlias, AssetEvent, AssetState, RunKey
from mock_airflow.world.entry import WorldEntry, complain, nearest
from mock_airflow.world.fields import record
from mock_airflow.world.sections.datasets import add_outlet, asset_of, complete_consumers, reference_of
from mock_airflow.world.sections.transaction import Draft, entries, rows, section


@rows("asset_aliases")
def _alias(draft: Draft, entry: WorldEntry) -> AssetAlias:
    name = entry.text("name")
    return record(entry, AssetAlias, id=draft.number("asset_aliases", entry, name), name=name)


def _put_alias(draft: Draft, entry: WorldEntry) -> dict[str, Any]:
    alias = _alias(draft, entry)
    entry.done()
    draft.put("asset_aliases", alias)
    return {"id": alias.id, "name": alias.name, "group": alias.group}


@section("assets")
def _assets(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        uri, created = entry.text("uri"), entry.moment("created_at", draft.airflow.now())
        entry.ignore("last_asset_event")
        asset = record(
            entry,
            Asset,
            {"name": uri, "extra": {}, "updated_at": created},
            id=draft.asset_number(entry, uri),
            created_at=created,
            aliases=tuple(_put_alias(draft, child) for child in entry.children("aliases")),
            consuming_dags=tuple(reference_of(child, created) for child in entry.children("scheduled_dags")),
            producing_tasks=tuple(reference_of(child, created) for child in entry.children("producing_tasks")),
            consuming_tasks=tuple(reference_of(child, created) for child in entry.children("consuming_tasks")),
            is_active=True,
        )
        entry.done()
        draft.put_asset(asset)
        for reference in asset.producing_tasks:
            add_outlet(draft, reference, uri)
    complete_consumers(draft)


@section("active_assets")
def _active(draft: Draft, content: Any, place: str) -> None:
    """The names of the assets that are active; the others of this world are not."""
    if not isinstance(content, list):
        complain(place, "this section is a list of names.")
    named = {row.asset_name: row for row in draft.all("assets")}
    for name in content:
        if name not in named:
            complain(place, f"there is no asset {name!r} in the section 'assets'.{nearest(str(name), named)}")
    for row in named.values():
        draft.put("assets", replace(row, is_active=row.asset_name in content))


@rows("asset_events")
def _event(draft: Draft, entry: WorldEntry) -> AssetEvent:
    asset = asset_of(draft, entry)
    entry.ignore("uri", "name", "group")
    created = [RunKey(run.text("dag_id"), run.text("run_id")) for run in entry.children("created_dagruns")]
    return record(
        entry,
        AssetEvent,
        {"timestamp": draft.airflow.now(), "extra": {}},
        id=draft.number("asset_events", entry),
        asset_id=asset.id,
        asset_uri=asset.uri,
        created_dagruns=tuple(created),
    )


@rows("asset_state_store", "asset_states")
def _state(draft: Draft, entry: WorldEntry) -> AssetState:
    """A value kept with an asset, in the form of the API, with the number of its asset."""
    asset = asset_of(draft, entry)
    writer = entry.child("last_updated_by") if entry.has("last_updated_by") else None
    entry.ignore("last_updated_by")
    return AssetState(
        asset_id=asset.id,
        key=entry.text("key"),
        value=entry.any("value"),
        updated_at=entry.moment("updated_at", draft.airflow.now()),
        kind=writer.text("kind", "api") if writer else None,
        dag_id=writer.text("dag_id", None) if writer else None,
        run_id=writer.text("run_id", None) if writer else None,
        task_id=writer.text("task_id", None) if writer else None,
        map_index=writer.whole("map_index", None) if writer else None,
    )
