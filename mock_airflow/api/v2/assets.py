"""Assets, their aliases and events, and runs that make them anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, between, order_by, order_keys, pattern, several
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.asset_fields import alias_view, asset_view, event_view
from mock_airflow.api.v2.dag_run_fields import run_view
from mock_airflow.api.v2.dag_runs import TriggerDAGRunPostBody, make_run
from mock_airflow.api.v2.filters import equal, matching, within
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain import assets
from mock_airflow.domain.records import Asset, AssetEvent

operation = API.tagged("Asset")

ORDER_KEYS = order_keys("id", "uri", "created_at", "updated_at", name="asset_name")
ALIAS_KEYS = order_keys("id", "name")
EVENT_KEYS = order_keys("source_task_id", "source_dag_id", "source_run_id", "source_map_index", "timestamp")
READ = on("GET", "Assets")


class AssetEventAccessControl(Body):
    """Which teams an event is for."""

    consumer_teams: list[str] | None = None
    allow_global: bool = True


class CreateAssetEventsBody(Body):
    """That an asset changed."""

    asset_id: int
    partition_key: Annotated[str, Field(pattern=r"\S", max_length=250)] | None = None
    extra: Annotated[dict[str, Any], Field(default_factory=dict)]
    access_control: AssetEventAccessControl | None = None


class MaterializeAssetBody(TriggerDAGRunPostBody):
    """A run that makes an asset anew; unlike one that is triggered it may leave the logical date out."""

    optional = True
    logical_date: AwareDatetime | None = None


def found(call: Call, words: str) -> Asset:
    """The asset that the path names. Raises Detail in these words."""
    number = call.path["asset_id"]
    asset = call.airflow.assets.get(number)
    if asset is None:
        raise Detail(404, words.format(number))
    return asset


@operation(
    "GET",
    "/assets",
    access=READ.and_also(on("GET", "Asset Aliases")),
    query=(
        *PAGE,
        *pattern("name"),
        *pattern("uri"),
        *several("dag_ids"),
        Parameter("only_active", bool, default=True),
        order_by("id"),
    ),
    answer="AssetCollectionResponse",
    refuses=(404,),
)
def get_assets(call: Call) -> Answer:
    """List assets, the active ones unless all are asked for."""
    rows: Iterable[Asset] = call.airflow.assets
    if call.query["only_active"]:
        rows = [asset for asset in rows if asset.is_active]
    rows = matching(call, rows, "name", lambda asset: asset.asset_name)
    rows = matching(call, rows, "uri")
    wanted = set(call.query["dag_ids"])
    if wanted:
        rows = [asset for asset in rows if wanted & _dags_of(asset)]
    return listing(call, "assets", ordered(call, rows, ORDER_KEYS, "id", lambda asset: asset.id), asset_view)


def _dags_of(asset: Asset) -> set[str]:
    references = (*asset.consuming_dags, *asset.producing_tasks, *asset.consuming_tasks)
    return {reference.dag_id for reference in references}


@operation(
    "GET",
    "/assets/aliases",
    access=on("GET", "Asset Aliases"),
    query=(*PAGE, *pattern("name"), order_by("id")),
    answer="AssetAliasCollectionResponse",
    refuses=(404,),
)
def get_asset_aliases(call: Call) -> Answer:
    """List aliases of assets."""
    rows = matching(call, call.airflow.asset_aliases, "name")
    found = ordered(call, rows, ALIAS_KEYS, "id", lambda alias: alias.id)
    return listing(call, "asset_aliases", found, alias_view)


@operation("GET", "/assets/aliases/{asset_alias_id}", access=on("GET", "Asset Aliases"))
def get_asset_alias(call: Call) -> Answer:
    """Read an alias of assets."""
    number = call.path["asset_alias_id"]
    alias = call.airflow.asset_aliases.lookup("id", number)
    if alias is None:
        raise Detail(404, f"The Asset Alias with ID: `{number}` was not found")
    return answer(alias_view(call, alias))


_EQUAL = ("asset_id", "source_dag_id", "source_task_id", "source_run_id", "source_map_index")


@operation(
    "GET",
    "/assets/events",
    access=READ,
    query=(
        *PAGE,
        order_by("timestamp"),
        *(Parameter(name, int if name in ("asset_id", "source_map_index") else str) for name in _EQUAL),
        *pattern("name"),
        *between("timestamp"),
    ),
    answer="AssetEventCollectionResponse",
    refuses=(404,),
)
def get_asset_events(call: Call) -> Answer:
    """List the events of assets."""
    rows: Iterable[AssetEvent] = call.airflow.asset_events
    for name in _EQUAL:
        rows = equal(call, rows, name)
    rows = matching(call, rows, "name", lambda event: _name_of(call, event))
    rows = within(call, rows, "timestamp")
    found = ordered(call, rows, EVENT_KEYS, "timestamp", lambda event: event.id)
    wanted, prefix = call.query["name_pattern"], call.query["name_prefix_pattern"]
    if call.settings.airflow_bugs and not wanted and (prefix in ("", "~") or (wanted == "" and not prefix)):
        found = [event for event in found for _ in call.airflow.assets]  # joined with all of them (observed)
    return listing(call, "asset_events", found, event_view)


def _name_of(call: Call, event: AssetEvent) -> str:
    asset = call.airflow.assets.lookup("uri", event.asset_uri)
    return asset.asset_name if asset is not None else event.asset_uri


@operation(
    "POST",
    "/assets/events",
    access=on("POST", "Assets"),
    body=CreateAssetEventsBody,
    event=True,
    answer="AssetEventResponse",
    refuses=(404,),
)
def create_asset_event(call: Call) -> Answer:
    """Tell that an asset changed, which queues it for the DAGs that wait for it."""
    body = call.body
    asset = call.airflow.assets.get(body.asset_id)
    if asset is None:
        raise Detail(404, f"Asset with ID: `{body.asset_id}` was not found")
    extra = {**body.extra, "from_rest_api": True} if "extra" in body.model_fields_set else {}
    event = assets.change(call.airflow, asset.uri, extra=extra, partition_key=body.partition_key)
    return answer(event_view(call, event))


@operation(
    "POST",
    "/assets/{asset_id}/materialize",
    access=on("POST", "Assets"),
    body=MaterializeAssetBody,
    event=True,
    answer="DAGRunResponse",
    refuses=(404, 409),
)
def materialize_asset(call: Call) -> Answer:
    """Trigger the one DAG that makes the asset."""
    number = call.path["asset_id"]
    asset = call.airflow.assets.get(number)
    makers = sorted({each.dag_id for each in asset.producing_tasks}) if asset is not None else []
    if not makers:
        raise Detail(404, f"No Dag materializes asset with ID: {number}")
    if len(makers) > 1:
        raise Detail(409, f"More than one Dag materializes asset with ID: {number}")
    dag = call.airflow.dags.get(makers[0])
    if dag is None:
        raise Detail(404, f"The Dag with ID: `{makers[0]}` was not found")
    allowed = dag.details.get("allowed_run_types")
    if allowed is not None and "asset_materialization" not in allowed:
        raise Detail(400, f"Dag with dag_id: '{dag.dag_id}' does not allow asset materialization runs")
    return answer(run_view(call, make_run(call, dag, call.body or MaterializeAssetBody(), "asset_materialization")))


@operation("GET", "/assets/{asset_id}", access=READ.and_also(on("GET", "Asset Aliases")), answer="AssetResponse")
def get_asset(call: Call) -> Answer:
    """Read an asset."""
    return answer(asset_view(call, found(call, "The Asset with ID: `{}` was not found")))
