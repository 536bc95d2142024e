"""What the control API answers with, as its document describes it."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer


def told(schema: Schema, record: object, **more: Any) -> dict[str, Any]:
    """What the schema has fields for: the record's attributes of these names, or ``more`` in their place."""
    return {name: more[name] if name in more else getattr(record, name) for name in schema.fields}


def listing(name: str, rows: list[dict[str, Any]]) -> Answer:
    """A list as a whole, with how many it has."""
    return json_answer({name: rows, "total_entries": len(rows)})


HEALTH = Schema("Health", Field("status"), Field("version"), Field("profile"))
READY = Schema("Ready", Field("status"))

_KEY = (
    Field("id", "integer"),
    Field("public_id", description="what the vendor's own API calls it by"),
    Field("name"),
    Field("description"),
    Field("prefix"),
    Field("suffix"),
    Field("scope"),
    Field("tier", nullable=True),
    Field("owner"),
    Field("details", "object"),
    Field("created_at", format="date-time"),
    Field("expires_at", format="date-time", nullable=True),
    Field("last_used_at", format="date-time", nullable=True),
    Field("revoked_at", format="date-time", nullable=True),
    Field("works", "boolean"),
)
KEY = Schema("Key", *_KEY)
ISSUED_KEY = Schema("IssuedKey", *_KEY, Field("secret", description="the key's value, told this once"))
TOKEN = Schema(
    "Token",
    Field("number", "integer"),
    Field("kind"),
    Field("subject"),
    Field("credential"),
    Field("issued_at", format="date-time"),
    Field("expires_at", format="date-time"),
    Field("ended_at", format="date-time", nullable=True),
    Field("works", "boolean"),
)
EXPIRED = Schema("Expired", Field("expired", "integer", description="how many tokens counted until now"))

FAULT = Schema(
    "Fault",
    Field("id", "integer"),
    Field("where", description="the calls that it may hit"),
    Field("effects", "object"),
    Field("principal", nullable=True),
    Field("after", "integer", nullable=True),
    Field("every", "integer", nullable=True),
    Field("times", "integer", nullable=True),
    Field("chance", "number", nullable=True),
    Field("since", format="date-time", nullable=True),
    Field("until", format="date-time", nullable=True),
    Field("optional", "boolean", description="the setting strict does not mind that it never fires"),
    Field("preset", nullable=True),
    Field("text", description="the rule in words"),
    Field("seen", "integer"),
    Field("fired", "integer"),
    Field("healed", "boolean"),
    Field("works", "boolean"),
)
PRESET = Schema("Preset", Field("name"), Field("title"), Field("rules", "array", items=Field("rule", "object")))

_FAILURE = (Field("name"), Field("kind"), Field("title"))
FAILURE = Schema("Failure", *_FAILURE)
LOOK = Schema(
    "Look",
    Field("request"),
    Field("status", "integer", nullable=True),
    Field("headers", "object"),
    Field("body"),
    Field("rule"),
    Field("reason"),
)
SEEN_FAILURE = Schema("SeenFailure", *_FAILURE, Field("looks", schema=LOOK))

PLAN = Schema(
    "GivenPlan",
    Field("dag_id"),
    Field("run_id", nullable=True, description="null for all later runs of the DAG"),
    Field("tasks", "object", description="what each task does, by its id"),
)
_TASK = Schema("ReleasedTask", Field("task_id"), Field("map_index", "integer"))
RELEASED = Schema("Released", Field("state"), Field("released", "array", items=Field("task", schema=_TASK)))
SAVED = Schema("SavedDeployment", Field("saved", description="the content of a file, to be written as it is"))
