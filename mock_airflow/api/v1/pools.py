"""Pools."""

from __future__ import annotations

import math
from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import HTML, Answer, Oops
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, UPDATE_MASK
from mock_airflow.api.airflow2.problems import PROBLEM_JSON, Problem, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import pools
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import PoolNameTakenError
from mock_airflow.domain.records import Pool

operation = API.tagged("Pool")

INFINITE = -1
_FREE_IN_DEFAULT = {"slots", "include_deferred"}


def _slots(kind: str) -> Field:
    def count(pool: Pool, airflow: Airflow) -> int:
        # an infinite pool is only ever answered without airflow_bugs; -1 is infinite in ``slots`` as well
        value = getattr(pools.occupation(airflow, pool), kind)
        return -1 if value == math.inf else int(value)

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
    if pool.slots == INFINITE and call.settings.airflow_bugs:
        return _nonconforming(call, "schema", "instance")
    return call.one(POOL, pool)


def _nonconforming(call: Call, schema: str, instance: str) -> Answer:
    """What Airflow's own check of its answers says of open_slots, which is infinite (observed)."""
    problem = Problem(
        500,
        "Response body does not conform to specification",
        f"inf is not of type 'integer'\n\nFailed validating 'type' in {schema}['properties']['open_slots']:\n"
        "    {'type': 'integer',\n     'readOnly': True,\n"
        "     'description': 'The number of free slots at the moment.'}\n\n"
        f"On {instance}['open_slots']:\n    inf",
    )
    return Answer(problem.body(call.settings.airflow_version), 500, PROBLEM_JSON)


def _storable(values: dict[str, Any], call: Call) -> dict[str, Any]:
    """The values, if the database takes them. Raises Oops, also for what only the answer would fail at."""
    slots = values.get("slots", 0)
    if not -(1 << 63) <= slots < 1 << 63:
        raise Oops(f"A pool cannot have {slots} slots: the database keeps 64 bits.")
    if slots == INFINITE and not call.settings.airflow_bugs:
        raise Oops("A pool of -1 slots is infinite, and Airflow cannot answer how many of them are open.")
    return values


@operation("GET", "/pools", access=on("GET", "Pools"), query=(*PAGE, ORDER_BY), answer=POOL, listed="pools")
def get_pools(call: Call) -> Answer:
    """List pools."""
    page = call.page(call.airflow.pools, "id", ("name", "slots", "id"))
    if call.settings.airflow_bugs:
        for index, pool in enumerate(page.rows):
            if pool.slots == INFINITE:
                place = "schema['allOf'][0]['properties']['pools']['items']"
                return _nonconforming(call, place, f"instance['pools'][{index}]")
    return call.collection("pools", POOL, page)


@operation("POST", "/pools", access=on("POST", "Pools"), body=POOL, answer=POOL, conflicts=True, event=True)
def post_pool(call: Call) -> Answer:
    """Make a pool."""
    _demand_name_and_slots(call)
    return _answer(call, pools.create(call.airflow, **_storable(call.load(), call)))


@operation("GET", "/pools/{pool_name}", access=on("GET", "Pools"), answer=POOL)
def get_pool(call: Call) -> Answer:
    """Read a pool."""
    return _answer(call, pools.get(call.airflow, call.path["pool_name"]))


@operation(
    "PATCH", "/pools/{pool_name}", access=on("PUT", "Pools"), query=(UPDATE_MASK,), body=POOL, answer=POOL, event=True
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
        return _answer(call, pools.change(call.airflow, name, **_storable(values, call)))
    except PoolNameTakenError as error:
        raise Oops(str(error)) from None


def _demand_name_and_slots(call: Call) -> None:
    missing = sorted({"name", "slots"} - set(call.body))
    if missing:
        raise bad_request(f"Missing required property(ies): {missing}")


@operation("DELETE", "/pools/{pool_name}", access=on("DELETE", "Pools"), event=True, success=204)
def delete_pool(call: Call) -> Answer:
    """Delete a pool; never the default one."""
    if call.path["pool_name"] == pools.DEFAULT_POOL:
        raise bad_request("Default Pool can't be deleted")
    pools.delete(call.airflow, call.path["pool_name"])
    return Answer(status=204, content_type=HTML)
