"""The estate: what AnomalyArmor watches, kept in tables of the deployment's own, so that snapshots hold it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Asset
from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.storage.tables import Table


class Column(NamedTuple):
    """A column of a table."""

    name: str
    type: str
    nullable: bool = True


class WatchedAsset(Struct, frozen=True, kw_only=True):
    """A data source (``database``), or something in one (``table``, ``view``).

    ``dataset_uri`` is the Airflow dataset that it stands for; its freshness follows that dataset's events. Without one,
    data arrives every ``every_hours`` until ``stopped_at``. ``last_update_time`` is what the latest check, at
    ``checked_at``, saw. ``undiscovered`` are columns that the source has and nobody looked at yet.
    """

    id: str
    qualified_name: str
    name: str
    asset_type: str
    source_type: str
    database: str
    schema: str
    description: str = ""
    dataset_uri: str | None = None
    columns: tuple[Column, ...] = ()
    undiscovered: tuple[Column, ...] = ()
    row_count: int = 0
    every_hours: float | None = None
    stopped_at: datetime | None = None
    first_load_at: datetime | None = None
    threshold_hours: int | None = 24
    last_update_time: datetime | None = None
    checked_at: datetime
    is_active: bool = True
    created_at: datetime
    updated_at: datetime

    @property
    def source(self) -> str:
        """The qualified name of the data source that it is in, or is."""
        return f"{self.source_type}.{self.database}"

    @property
    def path(self) -> str:
        """What names it within its data source."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def columns_as_json(self) -> list[dict[str, Any]]:
        """The columns that are known of it."""
        return [column._asdict() for column in self.columns]

    def age(self, now: datetime) -> float | None:
        """The hours since its last known update; None when none is known."""
        return None if self.last_update_time is None else (now - self.last_update_time) / timedelta(hours=1)

    def freshness(self, now: datetime) -> str:
        """``fresh``, ``stale``, ``unknown`` (no update is known) or ``disabled`` (nothing is expected)."""
        age = self.age(now)
        if self.threshold_hours is None:
            return "disabled"
        if age is None:
            return "unknown"
        return "stale" if age > self.threshold_hours else "fresh"


class Item(Struct, frozen=True, kw_only=True):
    """Something that is said of an asset or of the company, such as an alert, a rule or a job, by its ``kind``.

    ``number`` is what the vendor's own database calls it, of which some answers tell. ``facts`` are plain JSON.
    ``ends_at`` is when something that takes time will be over, ``done_at`` when it was.
    """

    id: str
    kind: str
    number: int
    asset_id: str | None = None
    parent_id: str | None = None
    facts: JsonObject = {}
    ends_at: datetime | None = None
    done_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def __getitem__(self, fact: str) -> Any:
        """One of its facts; None for one that it lacks."""
        return self.facts.get(fact)


_DATASET_COLUMNS = (Column("id", "bigint", False), Column("updated_at", "timestamp"))


class ArmorEstate:
    """Assets, and items by kind. Each Airflow dataset is an asset too, from the moment it is looked for."""

    def __init__(self, airflow: Airflow) -> None:
        self.airflow = airflow
        self.assets: Table[str, WatchedAsset] = airflow.add_table(
            "armor_assets",
            lambda asset: asset.id,
            groups={"name": lambda asset: asset.qualified_name, "uri": lambda asset: asset.dataset_uri},
        )
        self.said: Table[str, Item] = airflow.add_table(
            "armor_items",
            lambda item: item.id,
            groups={
                "kind": lambda item: item.kind,
                "asset": lambda item: (item.kind, item.asset_id),
                "parent": lambda item: (item.kind, item.parent_id),
            },
        )

    def named_id(self, name: str) -> str:
        """The UUID of what the estate has from the start; the same for the same seed, whatever was drawn before."""
        return str(UUID(bytes=hashlib.sha256(f"{self.airflow.ids.seed}/{name}".encode()).digest()[:16], version=4))

    def share(self, name: str) -> float:
        """A number from 0 up to 1 that belongs to a name, for what is measured; the same for the same seed."""
        digest = hashlib.sha256(f"{self.airflow.ids.seed}/share/{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / (1 << 48)

    # --------------------------------------------------------------------------------------------------------- assets

    def new_asset(self, named: str, names: tuple[str, str, str, str], at: datetime, **facts: Any) -> WatchedAsset:
        """An asset that is there since a moment, by source, database, schema and table; its id is the one of a name."""
        source_type, database, schema, name = names
        return WatchedAsset(
            id=self.named_id(named),
            qualified_name=".".join(part for part in names if part),
            name=name or database,
            source_type=source_type,
            database=database,
            schema=schema,
            created_at=at,
            **{"asset_type": "table", "checked_at": at, "updated_at": at, **facts},
        )

    def new_source(self, source_type: str, database: str, at: datetime, description: str = "") -> WatchedAsset:
        """A data source, whose own freshness nobody asks about."""
        facts: dict[str, Any] = {"asset_type": "database", "description": description, "threshold_hours": None}
        return self.new_asset(f"source {source_type}.{database}", (source_type, database, "", ""), at, **facts)

    def asset(self, named: str) -> WatchedAsset | None:
        """The asset of this id, first eight characters of an id, qualified name, or name that only one has."""
        found = self.assets.get(named) or next(iter(self.assets.group("name", named).values()), None)
        if found is not None:
            return found
        by_id = [asset for asset in self.assets if len(named) >= 8 and asset.id.startswith(named)]
        by_name = [asset for asset in self.assets if asset.name == named]
        return next((same[0] for same in (by_id, by_name) if len(same) == 1), None)

    def tables_of(self, asset: WatchedAsset) -> list[WatchedAsset]:
        """The tables in a data source; of a table, itself."""
        if asset.asset_type != "database":
            return [asset]
        return [other for other in self.assets if other.source == asset.source and other.asset_type != "database"]

    def table(self, asset: WatchedAsset, path: str) -> WatchedAsset | None:
        """The table that a path such as ``public.orders`` names, in an asset's data source."""
        for other in self.assets:
            names = (other.path, other.qualified_name, f"{other.database}.{other.path}", other.name)
            if other.asset_type != "database" and other.source == asset.source and path in names:
                return other
        return None

    def take_in_datasets(self) -> None:
        """Have an asset for each Airflow dataset."""
        for dataset in self.airflow.assets:
            if not self.assets.group("uri", dataset.uri):
                asset = self._asset_of(dataset)
                if not self.assets.group("name", asset.source):
                    self.assets.put(self.new_source(asset.source_type, asset.database, asset.created_at))
                self.assets.put(asset)

    def _asset_of(self, dataset: Asset) -> WatchedAsset:
        uri, now = dataset.uri, self.airflow.now()
        asset = self.new_asset(
            f"dataset {uri}",
            names_of(uri),
            dataset.created_at,
            description=f"The Airflow dataset {uri}",
            dataset_uri=uri,
            columns=_DATASET_COLUMNS,
            checked_at=now,
            updated_at=dataset.updated_at,
        )
        return replace(asset, last_update_time=self.latest_update(asset, now))

    def latest_update(self, asset: WatchedAsset, now: datetime) -> datetime | None:
        """When data last arrived, as a check would see it now."""
        if asset.dataset_uri is not None:
            dataset = self.airflow.assets.lookup("uri", asset.dataset_uri)
            events = [] if dataset is None else self.airflow.asset_events.group("asset", dataset.id).values()
            return max((event.timestamp for event in events if event.timestamp <= now), default=None)
        if asset.every_hours is None or asset.first_load_at is None:
            return asset.last_update_time
        until = min(now, asset.stopped_at or now)
        loads = max(0, int((until - asset.first_load_at) / timedelta(hours=asset.every_hours)))
        return asset.first_load_at + loads * timedelta(hours=asset.every_hours)

    def neighbours(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Which assets feed which, and which are fed by which, by id: as items tell it, and as DAGs link datasets."""
        down: dict[str, list[str]] = {}
        up: dict[str, list[str]] = {}
        pairs = [(item.asset_id or "", item.facts["target"]) for item in self.items("edge")]
        by_uri = {asset.dataset_uri: asset.id for asset in self.assets if asset.dataset_uri}
        read: dict[str, list[str]] = {}
        for dataset in self.airflow.assets:
            for reference in dataset.consuming_dags:
                read.setdefault(reference.dag_id, []).append(dataset.uri)
        for dataset in self.airflow.assets:
            for reference in dataset.producing_tasks:
                pairs += [(by_uri[uri], by_uri[dataset.uri]) for uri in read.get(reference.dag_id, ())]
        for source, target in dict.fromkeys(pairs):
            if source != target:
                down.setdefault(source, []).append(target)
                up.setdefault(target, []).append(source)
        return up, down

    # ---------------------------------------------------------------------------------------------------------- items

    def items(self, kind: str, asset_id: str | None = None) -> list[Item]:
        """The items of a kind, of one asset if it is given, oldest first."""
        group = self.said.group("kind", kind) if asset_id is None else self.said.group("asset", (kind, asset_id))
        return list(group.values())

    def children(self, kind: str, parent_id: str) -> list[Item]:
        """The items of a kind that belong to another item, oldest first."""
        return list(self.said.group("parent", (kind, parent_id)).values())

    def item(self, kind: str, item_id: str) -> Item | None:
        """The item of a kind by its id."""
        found = self.said.get(item_id)
        return found if found is not None and found.kind == kind else None

    def add(
        self,
        kind: str,
        *,
        asset_id: str | None = None,
        parent_id: str | None = None,
        item_id: str | None = None,
        at: datetime | None = None,
        ends_at: datetime | None = None,
        **facts: Any,
    ) -> Item:
        """A new item; its facts are plain JSON."""
        now = at or self.airflow.now()
        item = Item(
            id=item_id or self.airflow.ids.uuid(f"armor {kind}"),
            kind=kind,
            number=self.airflow.next_id(f"armor {kind}"),
            asset_id=asset_id,
            parent_id=parent_id,
            facts=facts,
            ends_at=ends_at,
            created_at=now,
            updated_at=now,
        )
        return self.said.put(item)

    def change(self, item: Item, *, done_at: datetime | None = None, **facts: Any) -> Item:
        """An item with other facts."""
        current = self.said.get(item.id) or item
        changed = replace(current, facts={**current.facts, **facts}, updated_at=self.airflow.now())
        return self.said.put(changed if done_at is None else replace(changed, done_at=done_at))

    def remove(self, items: Iterable[Item]) -> None:
        """Forget items."""
        for item in items:
            self.said.delete(item.id)


def names_of(uri: str) -> tuple[str, str, str, str]:
    """Source, database, schema and table that a dataset's URI stands for: ``snowflake://prod/sales/orders``.

    Parts that the URI lacks are empty; one that is a plain word is a table of the source ``airflow``.
    """
    split = urlsplit(uri) if "://" in uri else None
    if split is None or not split.scheme:
        return "airflow", "datasets", "", _plain(uri)
    host = split.netloc.rpartition("@")[2].partition(":")[0]
    parts = [_plain(part) for part in (host, *unquote(split.path).split("/")) if part]
    database, *rest = parts or ["default"]
    if not rest:
        return split.scheme, database, "", database
    return split.scheme, database, ".".join(rest[:-1]), rest[-1]


def _plain(text: str) -> str:
    return "".join(character if character.isalnum() or character in "._-" else "_" for character in text)
