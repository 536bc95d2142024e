"""Values that are kept with assets."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import AfterValidator, JsonValue

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.assets import found
from mock_airflow.api.v2.lists import listing
from mock_airflow.domain.records import AssetState

operation = API.tagged("Asset State Store")

_NO_ASSET = "Asset with id {} not found"
LONGEST_VALUE = 65535  # [state_store] max_value_storage_bytes, out of the box (code)


def storable(value: JsonValue) -> JsonValue:
    """The value, if it can be kept. Raises ValueError."""
    if value is None:
        raise ValueError("value cannot be null")
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("value contains non-finite numbers; NaN and Inf are not JSON representable") from None
    if len(text) > LONGEST_VALUE:
        raise ValueError(
            f"value exceeds max_value_storage_bytes ({LONGEST_VALUE}); raise [state_store] max_value_storage_bytes or"
            " set it to 0 to disable the limit"
        )
    return value


Storable = Annotated[JsonValue, AfterValidator(storable)]


class AssetStateStoreBody(Body):
    """A value of any kind but null."""

    value: Storable


def _view(call: Call, state: AssetState) -> dict[str, Any]:
    writer = {name: getattr(state, name) for name in ("kind", "dag_id", "run_id", "task_id", "map_index")}
    return {
        "key": state.key,
        "value": state.value,
        "updated_at": state.updated_at,
        "last_updated_by": writer if state.kind is not None else None,
    }


@operation(
    "GET",
    "/assets/{asset_id}/state-store",
    access=on("GET", "Assets"),
    query=PAGE,
    answer="AssetStateStoreCollectionResponse",
)
def list_asset_state_store(call: Call) -> Answer:
    """List what is kept with an asset, by its keys."""
    rows = call.airflow.asset_states.group("asset", found(call, _NO_ASSET).id).values()
    return listing(call, "asset_state_store", sorted(rows, key=lambda state: state.key), _view)


@operation("DELETE", "/assets/{asset_id}/state-store", access=on("DELETE", "Assets"), success=204)
def clear_asset_state_store(call: Call) -> None:
    """Forget all that is kept with an asset."""
    for key in list(call.airflow.asset_states.group("asset", found(call, _NO_ASSET).id)):
        call.airflow.asset_states.delete(key)


@operation("GET", "/assets/{asset_id}/state-store/{key}", access=on("GET", "Assets"), answer="AssetStateStoreResponse")
def get_asset_state_store(call: Call) -> Answer:
    """Read a value that is kept with an asset."""
    key = call.path["key"]
    state = call.airflow.asset_states.get((found(call, _NO_ASSET).id, key))
    if state is None:
        raise Detail(404, f"Asset state store key {key!r} not found")
    return answer(_view(call, state))


@operation(
    "PUT",
    "/assets/{asset_id}/state-store/{key}",
    access=on("PUT", "Assets"),
    body=AssetStateStoreBody,
    there=lambda call: found(call, _NO_ASSET),
    success=204,
)
def set_asset_state_store(call: Call) -> None:
    """Keep a value with an asset."""
    asset = found(call, _NO_ASSET)
    state = AssetState(asset_id=asset.id, key=call.path["key"], value=call.body.value, updated_at=call.airflow.now())
    call.airflow.asset_states.put(state)


@operation("DELETE", "/assets/{asset_id}/state-store/{key}", access=on("DELETE", "Assets"), success=204)
def delete_asset_state_store(call: Call) -> None:
    """Forget a value, if it is kept with the asset."""
    call.airflow.asset_states.delete((found(call, _NO_ASSET).id, call.path["key"]))
