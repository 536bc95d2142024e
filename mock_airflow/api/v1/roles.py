"""Roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, UPDATE_MASK
from mock_airflow.api.airflow2.problems import bad_request
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.fab import in_both
from mock_airflow.api.operation import Call, json_answer
from mock_airflow.api.v1.api import API
from mock_airflow.domain import roles
from mock_airflow.domain.installation.role_wording import actions_in
from mock_airflow.domain.query import Order, paged
from mock_airflow.domain.records import Permission

operation = in_both(API, "Role")

ACTION = Schema("Action", Field("name", of=lambda name: name, max_length=100), demanded=("name",))
_RESOURCE = Schema("Resource", Field("name", of=lambda name: name, max_length=250), demanded=("name",))
_PERMISSION = Schema("ActionResource", nested("action", ACTION), nested("resource", _RESOURCE))
ROLE = Schema(
    "Role",
    Field("name", min_length=1, max_length=64),
    nested("actions", _PERMISSION, many=True, of=lambda role: actions_in(role, 2)),
    demanded=("name",),
)
_LISTED = ROLE.extended(
    "Role",
    nested("actions", _PERMISSION, many=True, of=lambda role, airflow: roles.as_listed(airflow, role), computed=True),
)
_ORDERS = {"name": "name", "role_id": "id"}


@operation("GET", "/roles", access=on("GET", "Roles"), query=(*PAGE, ORDER_BY), answer=ROLE, listed="roles")
def get_roles(call: Call) -> Answer:
    """List roles with what they permit."""
    limit = call.limit
    order = call.query.get("order_by", "name")
    if order not in _ORDERS:
        raise bad_request(f"Ordering with '{order}' is disallowed or the attribute does not exist on the model")
    page = paged(call.airflow.roles, order=Order(_ORDERS[order]), offset=call.offset, limit=limit)
    return call.collection("roles", _LISTED, page)


@operation("POST", "/roles", access=on("POST", "Roles"), body=ROLE, answer=ROLE, conflicts=True)
def post_role(call: Call) -> Answer:
    """Make a role; the answer is empty, because Airflow answers the role that it had not found before."""
    form = call.load()
    roles.create(call.airflow, form["name"], _permissions(form))
    return json_answer({})


@operation("GET", "/roles/{role_name}", access=on("GET", "Roles"), answer=ROLE)
def get_role(call: Call) -> Answer:
    """Read a role with what it permits."""
    return call.one(ROLE, roles.get(call.airflow, call.path["role_name"]))


@operation("PATCH", "/roles/{role_name}", access=on("PUT", "Roles"), query=(UPDATE_MASK,), body=ROLE, answer=ROLE)
def patch_role(call: Call) -> Answer:
    """Rename a role or let it permit more; what it permits already is never taken away."""
    form = call.load()
    name = call.path["role_name"]
    roles.get(call.airflow, name)
    form = _chosen(form, call.query.get("update_mask") or form)
    permissions = _permissions(form) if "actions" in form else ()
    return call.one(ROLE, roles.change(call.airflow, name, name=form.get("name"), permissions=permissions))


@operation("DELETE", "/roles/{role_name}", access=on("DELETE", "Roles"), success=204)
def delete_role(call: Call) -> None:
    """Delete a role; its users lose what it permitted at once."""
    roles.delete(call.airflow, call.path["role_name"])


def _permissions(form: dict[str, Any]) -> Iterator[Permission]:
    """What the form permits, empty pairs left out. Raises Oops where Airflow looks for a part that is missing."""
    if "actions" not in form:
        raise Oops("The body has no 'actions'; give an empty list for a role that permits nothing.")
    for pair in filter(None, form["actions"]):
        if len(pair) < 2:
            raise Oops("Each of 'actions' needs both an action and a resource.")
        yield Permission(pair["action"]["name"], pair["resource"]["name"])


def _chosen(form: dict[str, Any], mask: Iterable[str]) -> dict[str, Any]:
    """What the mask names of the form. Raises Problem for an unknown name, Oops for ``actions`` that are not there."""
    chosen = {}
    for name in map(str.strip, mask):
        if name not in ROLE.fields:
            raise bad_request(f"'{name}' in update_mask is unknown")
        if name not in form:
            raise Oops(f"The update_mask names {name!r}, which the body does not have.")
        chosen[name] = form[name]
    return chosen
