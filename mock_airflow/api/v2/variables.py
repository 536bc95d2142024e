"""Variables. Values whose key sounds secret are masked, and so are such keys inside of JSON (observed)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import Field, JsonValue

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import TeamlessBody
from mock_airflow.api.airflow3.dialect import BulkAccess, answer
from mock_airflow.api.airflow3.parameters import PAGE, UPDATE_MASK, order_by, order_keys, pattern
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk import BulkBody, BulkCollection, changes, see_immutable
from mock_airflow.api.v2.filters import matching
from mock_airflow.api.v2.lists import OwnView, listing, ordered
from mock_airflow.domain import variables
from mock_airflow.domain.masking import MASK, is_sensitive_in_3 as is_sensitive, masked_in_3 as masked
from mock_airflow.domain.records import Variable

operation = API.tagged("Variable")

ORDER_KEYS = order_keys(
    "id", "key", "description", _val="ciphertext", is_encrypted=lambda row: True, team_name=lambda row: None
)
_FIELDS = ("value", "description")


class VariableBody(TeamlessBody):
    """A variable; a value that is not a text is kept as JSON."""

    key: Annotated[str, Field(max_length=250)]
    value: JsonValue
    description: str | None = None
    team_name: Annotated[str, Field(max_length=50)] | None = None


def shown_value(variable: Variable) -> str | None:
    """The value as it may be seen."""
    if variable.value is None:
        return None
    try:
        content = json.loads(variable.value)
    except (ValueError, RecursionError):
        return MASK if is_sensitive(variable.key) else variable.value
    if isinstance(content, (dict, list)):
        return json.dumps(masked(content, variable.key))
    return MASK if is_sensitive(variable.key) else variable.value


@OwnView
def variable_view(variable: Variable) -> dict[str, Any]:
    """A variable."""
    return {
        "key": variable.key,
        "value": shown_value(variable),
        "description": variable.description,
        "is_encrypted": True,
        "team_name": None,
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2)


@operation("DELETE", "/variables/{variable_key}", access=on("DELETE", "Variables"), event=True, success=204)
def delete_variable(call: Call) -> None:
    """Delete a variable."""
    variables.delete(call.airflow, call.path["variable_key"])


@operation(
    "GET", "/variables/{variable_key}", access=on("GET", "Variables"), confidential=True, answer="VariableResponse"
)
def get_variable(call: Call) -> Answer:
    """Read a variable."""
    return answer(variable_view(call, variables.get(call.airflow, call.path["variable_key"])))


@operation(
    "PATCH",
    "/variables/{variable_key}",
    access=on("PUT", "Variables"),
    query=(UPDATE_MASK,),
    body=VariableBody,
    event=True,
    confidential=True,
    answer="VariableResponse",
)
def patch_variable(call: Call) -> Answer:
    """Change a variable; its key stays."""
    key, body = call.path["variable_key"], call.body
    if body.key != key:
        raise Detail(400, "Invalid body, key from request body doesn't match uri parameter")
    see_immutable(call.query["update_mask"], "key")
    given = changes(body, call.query["update_mask"], _FIELDS)
    if "value" in given:
        given["value"] = _text(given["value"])
    return answer(variable_view(call, variables.change(call.airflow, key, **given)))


@operation(
    "GET",
    "/variables",
    access=on("GET", "Variables"),
    query=(*PAGE, order_by("id"), *pattern("variable_key")),
    confidential=True,
    answer="VariableCollectionResponse",
)
def get_variables(call: Call) -> Answer:
    """List variables."""
    rows = matching(call, call.airflow.variables, "variable_key", lambda row: row.key)
    return listing(call, "variables", ordered(call, rows, ORDER_KEYS, "id", lambda row: row.id), variable_view)


@operation(
    "POST",
    "/variables",
    access=on("POST", "Variables"),
    body=VariableBody,
    event=True,
    success=201,
    confidential=True,
    answer="VariableResponse",
    refuses=(409,),
)
def post_variable(call: Call) -> Answer:
    """Make a variable."""
    body = call.body
    if body.key in call.airflow.variables:
        raise Detail(409, f"The Variable with key: `{body.key}` already exists")
    made = variables.put(call.airflow, key=body.key, value=_text(body.value), description=body.description)
    return answer(variable_view(call, made), 201)


def _create(call: Call, entity: VariableBody, taken: bool) -> None:
    variables.put(call.airflow, key=entity.key, value=_text(entity.value), description=entity.description)


def _update(call: Call, entity: VariableBody, mask: list[str] | None) -> None:
    given = changes(entity, mask, _FIELDS)
    if "value" in given:
        given["value"] = _text(given["value"])
    variables.change(call.airflow, entity.key, **given)


VARIABLES = BulkCollection(
    "variable",
    "variables with these keys",
    exists=lambda call, key: key in call.airflow.variables,
    create=_create,
    update=_update,
    delete=lambda call, key: variables.delete(call.airflow, key),
    name=lambda entity: entity.key,
    repeatable=True,
)


@operation(
    "PATCH",
    "/variables",
    access=BulkAccess("GET", ("Variables",)),
    body=BulkBody[VariableBody],
    event=True,
    confidential=True,
    answer="BulkResponse",
    refuses=(409,),
)
def bulk_variables(call: Call) -> Answer:
    """Make, change and delete variables in one request."""
    return VARIABLES.carry_out(call)
