"""Pools."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body, TeamlessBody
from mock_airflow.api.airflow3.dialect import BulkAccess, answer
from mock_airflow.api.airflow3.parameters import PAGE, UPDATE_MASK, order_by, order_keys, pattern
from mock_airflow.api.airflow3.problems import Detail, unique_violation
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk import BulkBody, BulkCollection, changes
from mock_airflow.api.v2.filters import matching
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain import pools
from mock_airflow.domain.errors import PoolNameTakenError
from mock_airflow.domain.records import Pool

operation = API.tagged("Pool")

ORDER_KEYS = order_keys("id", "name", pool="name")
_FREE_IN_DEFAULT = {"slots", "include_deferred"}
_ONLY_SLOTS = "Only slots and included_deferred can be modified on Default Pool"
Slots = Annotated[int, Field(ge=-1)]


class PoolBody(TeamlessBody):
    """A new pool."""

    name: Annotated[str, Field(max_length=256)]
    slots: Slots
    description: str | None = None
    include_deferred: bool = False
    team_name: Annotated[str, Field(max_length=50)] | None = None


class PoolPatchBody(TeamlessBody):
    """What of a pool changes."""

    name: Annotated[str | None, Field(alias="pool")] = None
    slots: Slots | None = None
    description: str | None = None
    include_deferred: bool | None = None
    team_name: Annotated[str, Field(max_length=50)] | None = None

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class WholePool(Body):
    """What a change without a mask has to say; told of without ``body`` in its place (observed)."""

    pool: str
    slots: int
    include_deferred: bool
    description: str | None = None

    model_config = ConfigDict(extra="ignore")


def pool_view(call: Call, pool: Pool) -> dict[str, Any]:
    """A pool, and how full it is."""
    held = pools.occupation(call.airflow, pool)
    return {
        "name": pool.name,
        "slots": pool.slots,
        "description": pool.description,
        "include_deferred": pool.include_deferred,
        "occupied_slots": held.occupied_slots,
        "running_slots": held.running_slots,
        "queued_slots": held.queued_slots,
        "scheduled_slots": held.scheduled_slots,
        "open_slots": -1 if held.open_slots == math.inf else int(held.open_slots),
        "deferred_slots": held.deferred_slots,
        "team_name": None,
    }


@operation("DELETE", "/pools/{pool_name}", access=on("DELETE", "Pools"), event=True, success=204)
def delete_pool(call: Call) -> None:
    """Delete a pool; never the default one."""
    if call.path["pool_name"] == pools.DEFAULT_POOL:
        raise Detail(400, "Default Pool can't be deleted")
    pools.delete(call.airflow, call.path["pool_name"])


@operation("GET", "/pools/{pool_name}", access=on("GET", "Pools"), answer="PoolResponse")
def get_pool(call: Call) -> Answer:
    """Read a pool."""
    return answer(pool_view(call, pools.get(call.airflow, call.path["pool_name"])))


@operation(
    "PATCH",
    "/pools/{pool_name}",
    access=on("PUT", "Pools"),
    query=(UPDATE_MASK,),
    body=PoolPatchBody,
    event=True,
    answer="PoolResponse",
)
def patch_pool(call: Call) -> Answer:
    """Change a pool; of the default one only its slots and what counts for them."""
    name, mask, body = call.path["pool_name"], call.query["update_mask"], call.body
    if body.name and body.name != name:
        raise Detail(400, "Invalid body, pool name from request body doesn't match uri parameter")
    default = name == pools.DEFAULT_POOL
    if default and not (mask and set(mask) <= _FREE_IN_DEFAULT):
        raise Detail(400, _ONLY_SLOTS)
    pools.get(call.airflow, name)
    if not default:
        _see_that_it_is_whole(body)
    fields = ("slots", "description", "include_deferred")
    given = changes(body, mask, fields)
    if default:
        given = {field: value for field, value in given.items() if value is not None}
    return answer(pool_view(call, pools.change(call.airflow, name, **given)))


def _see_that_it_is_whole(body: PoolPatchBody) -> None:
    sent = body.model_dump(exclude_unset=True, by_alias=True)
    try:
        WholePool.model_validate(sent)
    except ValidationError as error:
        raise Detail(422, [dict(fault) for fault in error.errors()]) from None


@operation(
    "GET",
    "/pools",
    access=on("GET", "Pools"),
    query=(*PAGE, order_by("id"), *pattern("pool_name")),
    answer="PoolCollectionResponse",
)
def get_pools(call: Call) -> Answer:
    """List pools."""
    rows = matching(call, call.airflow.pools, "pool_name", lambda pool: pool.name)
    return listing(call, "pools", ordered(call, rows, ORDER_KEYS, "id", lambda pool: pool.id), pool_view)


@operation(
    "POST",
    "/pools",
    access=on("POST", "Pools"),
    body=PoolBody,
    event=True,
    success=201,
    answer="PoolResponse",
    refuses=(409,),
)
def post_pool(call: Call) -> Answer:
    """Make a pool."""
    try:
        pool = pools.create(call.airflow, **call.body.model_dump(exclude={"team_name"}))
    except PoolNameTakenError as error:
        raise unique_violation(call, str(error)) from None
    return answer(pool_view(call, pool), 201)


def _create(call: Call, entity: PoolBody, taken: bool) -> None:
    values = entity.model_dump(exclude={"team_name"}, exclude_unset=taken)
    if taken:
        pools.change(call.airflow, values.pop("name"), **values)
    else:
        pools.create(call.airflow, **values)


def _update(call: Call, entity: PoolBody, mask: list[str] | None) -> None:
    if entity.name == pools.DEFAULT_POOL and not (mask and set(mask) <= _FREE_IN_DEFAULT):
        raise Detail(400, _ONLY_SLOTS)
    pools.change(call.airflow, entity.name, **changes(entity, mask, ("slots", "description", "include_deferred")))


POOLS = BulkCollection(
    "pool",
    "pools with these pool names",
    exists=lambda call, name: name in call.airflow.pools,
    create=_create,
    update=_update,
    delete=lambda call, name: pools.delete(call.airflow, name),
    name=lambda entity: entity.name,
)


@operation(
    "PATCH",
    "/pools",
    access=BulkAccess("GET", ("Pools",)),
    body=BulkBody[PoolBody],
    event=True,
    answer="BulkResponse",
    refuses=(409,),
)
def bulk_pools(call: Call) -> Answer:
    """Make, change and delete pools in one request."""
    return POOLS.carry_out(call)
