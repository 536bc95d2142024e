"""Pools."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.api.operation import HTML, Answer, Call
from mock_airflow.api.parameters import ORDER_BY, PAGE, UPDATE_MASK, order_from
from mock_airflow.api.problems import Oops, Problem, bad_request
from mock_airflow.api.schema import Field, Schema
from mock_airflow.api.v1 import API
from mock_airflow.domain import pools
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import PoolNameTaken
from mock_airflow.domain.records import Pool

operation = API.tagged("Pool")


def _slots(kind: str) -> Field:
    def count(pool: Pool, airflow: Airflow) -> int | float:
        held = pools.occupation(airflow, pool.name)
        if kind == "occupied_slots":
            return held.occupied(pool)
        return held.open(pool) if kind == "open_slots" else getattr(held, kind)  # type: ignore[no-any-return]

    return Field(kind, "integer", of=count, computed=True, read_only=True)


POOL = Schema(
    "Pool",
    Field("name", max_length=256),
    Field("slots", "integer"),
    _slots("occupied_slots"),
    _slots("running_slots"),
    _slots("queued_slots"),
    _slots("open_slots"),
    _slots("scheduled_slots"),
    _slots("deferred_slots"),
    Field("description", nullable=True),
    Field("include_deferred", "boolean"),
)


def _answer(call: Call, pool: Pool) -> Answer:
    if pool.slots == -1:
        # Airflow's own check of its answers trips over open_slots, which is infinite (observed)
        raise Problem(500, "Response body does not conform to specification", _nonconforming(), linked=False)
    return call.one(POOL, pool)


def _nonconforming() -> str:
    return "inf is not of type 'integer'"


@operation(
    "GET", "/pools", "get_pools", access=on("GET", "Pools"), query=(*PAGE, ORDER_BY), answer=POOL, listed="pools"
)
def get_pools(call: Call) -> Answer:
    """List pools."""
    limit = call.limit
    order = order_from(call.query.get("order_by", "id"), ("name", "slots", "id"))
    return call.collection("pools", POOL, pools.find(call.airflow, order=order, offset=call.offset, limit=limit))


@operation(
    "POST", "/pools", "post_pool", access=on("POST", "Pools"), body=POOL, answer=POOL, event="post_pool"
)
def post_pool(call: Call) -> Answer:
    """Make a pool."""
    _demand_name_and_slots(call)
    return _answer(call, pools.create(call.airflow, **call.load()))


@operation("GET", "/pools/{pool_name}", "get_pool", access=on("GET", "Pools"), answer=POOL)
def get_pool(call: Call) -> Answer:
    """Read a pool."""
    return _answer(call, pools.get(call.airflow, call.path["pool_name"]))


@operation(
    "PATCH",
    "/pools/{pool_name}",
    "patch_pool",
    access=on("PUT", "Pools"),
    query=(UPDATE_MASK,),
    body=POOL,
    answer=POOL,
    event="patch_pool",
)
def patch_pool(call: Call) -> Answer:
    """Change a pool; without ``update_mask`` what is left out falls back to its default."""
    name = call.path["pool_name"]
    mask = [part.strip() for part in call.query.get("update_mask") or ()]
    if name == pools.DEFAULT_POOL and call.body.get("name") != name and not (mask and set(mask) <= _FREE_IN_DEFAULT):
        raise bad_request("Default Pool's name can't be modified")
    pools.get(call.airflow, name)
    values = {"include_deferred": False, **call.load()}
    if mask:
        for field in mask:
            if field not in POOL.fields:
                raise bad_request(f"Invalid field: {field} in update mask")
            if field not in values:
                raise Oops(f"The update_mask names {field!r}, which the body does not have.")
        values = {field: values[field] for field in mask}
    else:
        _demand_name_and_slots(call)
    try:
        return _answer(call, pools.change(call.airflow, name, **values))
    except PoolNameTaken as error:
        raise Oops(str(error)) from None


_FREE_IN_DEFAULT = {"slots", "include_deferred"}


def _demand_name_and_slots(call: Call) -> None:
    missing = sorted({"name", "slots"} - set(call.body))
    if missing:
        raise bad_request(f"Missing required property(ies): {missing}")


@operation("DELETE", "/pools/{pool_name}", "delete_pool", access=on("DELETE", "Pools"), event="delete_pool", success=204)
def delete_pool(call: Call) -> Answer:
    """Delete a pool; never the default one."""
    if call.path["pool_name"] == pools.DEFAULT_POOL:
        raise bad_request("Default Pool can't be deleted")
    pools.delete(call.airflow, call.path["pool_name"])
    return Answer(status=204, content_type=HTML)
