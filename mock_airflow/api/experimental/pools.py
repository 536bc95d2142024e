"""Pools, with fewer fields than elsewhere; making one that exists overwrites it."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.schema import Field, Schema, has_half_character
from mock_airflow.api.experimental.answers import TextProblem, told
from mock_airflow.api.experimental.api import API
from mock_airflow.api.operation import Call
from mock_airflow.domain import pools
from mock_airflow.domain.errors import DefaultPoolIsFixedError
from mock_airflow.domain.records import Pool

operation = API.tagged("Pool")

LONGEST_NAME = 256
POOL = Schema(
    "Pool",
    Field("id", "integer"),
    Field("pool", of="name"),
    Field("slots", "integer"),
    Field("description", nullable=True),
    Field("include_deferred", "boolean"),
)
AIRFLOW_1_POOL = POOL.without("Airflow1Pool", "include_deferred")
_FORM = Schema("NewPool", Field("name"), Field("slots", "integer"), Field("description", nullable=True))


def _values(call: Call, pool: Pool) -> dict[str, Any]:
    return (AIRFLOW_1_POOL if call.deployment.profile.airflow_1(call.settings) else POOL).values(pool)


def _named(name: Any) -> str:
    """A pool's name. Raises TextProblem for one without a visible character, Oops for what is not a text."""
    if not name or (isinstance(name, str) and not name.strip()):
        raise TextProblem(400, "Pool name shouldn't be empty")
    if not isinstance(name, str):
        raise Oops(f"A pool's name is a text, not {name!r}.")
    return name


@operation("GET", "/pools", access=None, answer=POOL)
def get_pools(call: Call) -> Answer:
    """List all pools."""
    return told([_values(call, pool) for pool in sorted(call.airflow.pools, key=lambda pool: pool.id)])


@operation("GET", "/pools/{name}", access=None, answer=POOL)
def get_pool(call: Call) -> Answer:
    """Read a pool."""
    return told(_values(call, pools.get(call.airflow, _named(call.path["name"]))))


@operation("POST", "/pools", access=None, body=_FORM, answer=POOL)
def create_pool(call: Call) -> Answer:
    """Make a pool, or give the one of that name other slots and another description."""
    form = _form(call)
    if form["name"] in call.airflow.pools:
        return told(_values(call, pools.change(call.airflow, form["name"], **form)))
    return told(_values(call, pools.create(call.airflow, **form)))


def _form(call: Call) -> dict[str, Any]:
    """The three values, which a real Airflow hands to a function as they are: it fails unless it gets just those."""
    body = call.body
    if not isinstance(body, dict) or set(body) != set(_FORM.fields):
        raise Oops("A pool is made of exactly name, slots and description.")
    name = _named(body["name"])
    try:
        slots = int(body["slots"])
    except ValueError:
        raise TextProblem(400, f"Bad value for `slots`: {body['slots']}") from None
    except (TypeError, OverflowError):
        raise Oops(f"A pool's slots are a number, not {body['slots']!r}.") from None
    if len(name) > LONGEST_NAME:
        raise TextProblem(400, f"Pool name can't be more than {LONGEST_NAME} characters")
    if not -(1 << 63) <= slots < 1 << 63:
        raise Oops(f"A pool cannot have {slots} slots: the database keeps 64 bits.")
    description = body["description"]
    if has_half_character(name) or has_half_character(description):
        raise Oops("The name or the description has half a character, which no database takes.")
    if isinstance(description, (dict, list)):
        raise Oops("A pool's description is a text.")
    return {"name": name, "slots": slots, "description": None if description is None else str(description)}


@operation("DELETE", "/pools/{name}", access=None, answer=POOL)
def delete_pool(call: Call) -> Answer:
    """Delete a pool, and tell what it was; never the default one."""
    name = _named(call.path["name"])
    if name == pools.DEFAULT_POOL:
        raise DefaultPoolIsFixedError
    pool = pools.get(call.airflow, name)
    pools.delete(call.airflow, name)
    return told(_values(call, pool))
