"""Variables."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2 import update_mask
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, UPDATE_MASK
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import variables
from mock_airflow.domain.errors import VariableNotFoundError

operation = API.tagged("Variable")

VARIABLE = Schema("Variable", Field("key"), Field("description", nullable=True), Field("value"))
# Airflow's document says that the list has no values, and its answers have them (observed)
VARIABLE_ITEM = VARIABLE.extended("VariableCollectionItem", Field("value", documented=False))
# what marshmallow reads: another order, and no description of null
_FORM = Schema("Variable", Field("key"), Field("value"), Field("description"), demanded=("key", "value"))
_INVALID = "Invalid Variable schema"
_IN_MASK = {"val": "value", "description": "description"}


@operation(
    "GET",
    "/variables",
    access=on("GET", "Variables"),
    query=(*PAGE, ORDER_BY),
    answer=VARIABLE_ITEM,
    listed="variables",
)
def get_variables(call: Call) -> Answer:
    """List variables with their values, none of them masked."""
    # those ordered by value come as their encrypted values do (observed)
    page = call.page(call.airflow.variables, "id", ("value", "key", "id"), {"value": "ciphertext"})
    return call.collection("variables", VARIABLE_ITEM, page)


@operation(
    "POST", "/variables", access=on("POST", "Variables"), body=VARIABLE, answer=VARIABLE, event="variable.create"
)
def post_variables(call: Call) -> Answer:
    """Set a variable, whether it exists or not; the answer has what was sent."""
    form = call.load(_FORM, title=_INVALID)
    return call.one(VARIABLE, variables.put(call.airflow, **form), frozenset(form))


@operation("GET", "/variables/{variable_key}", access=on("GET", "Variables"), answer=VARIABLE)
def get_variable(call: Call) -> Answer:
    """Read a variable."""
    return call.one(VARIABLE, variables.get(call.airflow, call.path["variable_key"]))


@operation(
    "PATCH",
    "/variables/{variable_key}",
    access=on("PUT", "Variables"),
    query=(UPDATE_MASK,),
    body=VARIABLE,
    answer=VARIABLE,
    event="variable.edit",
)
def patch_variable(call: Call) -> Answer:
    """Change a variable; key and value are always needed."""
    key = call.path["variable_key"]
    values = call.load(_FORM, title=_INVALID)
    if values["key"] != key:
        raise bad_request("key from request body doesn't match uri parameter", title="Invalid post body")
    variables.get(call.airflow, key)
    if call.query.get("update_mask"):
        values = update_mask.chosen(values, call.query["update_mask"], _IN_MASK)
    return call.one(VARIABLE, variables.change(call.airflow, key, **values))


@operation(
    "DELETE",
    "/variables/{variable_key}",
    access=on("DELETE", "Variables"),
    words={VariableNotFoundError: Words("Variable not found")},
    event="variable.delete",
    success=204,
)
def delete_variable(call: Call) -> Answer:
    """Delete a variable."""
    variables.delete(call.airflow, call.path["variable_key"])
    return Answer(status=204, content_type=HTML)
