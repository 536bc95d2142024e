"""Roles of the FAB auth manager, and the permissions that there are."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import ConfigDict, Field

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body, LooseBody
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.fab3.api import API
from mock_airflow.api.fab3.lists import UPDATE_MASK, page_by, told
from mock_airflow.api.operation import Call
from mock_airflow.domain import roles
from mock_airflow.domain.errors import RoleNotFoundError
from mock_airflow.domain.installation.default_roles_3 import PERMISSIONS_3
from mock_airflow.domain.installation.role_wording import actions_in
from mock_airflow.domain.records import Permission, Role

operation = API.tagged("FabAuthManager")

_OF_A_DAG = {
    "DAG": ("can_edit", "can_delete", "can_read"),
    "DAG Run": ("can_delete", "menu_access", "can_read", "can_create"),
}
_WORDS: Any = {RoleNotFoundError: "Role with name {name!r} does not exist."}


class Name(LooseBody):
    """Of an action, or of a resource; more keys are passed over."""

    name: str


class ActionResource(LooseBody):
    """An action on a resource."""

    action: Name
    resource: Name


class RoleBody(Body):
    """A role with its permissions."""

    model_config = ConfigDict(populate_by_name=True)

    name: Annotated[str, Field(min_length=1)]
    permissions: Annotated[list[ActionResource], Field(default_factory=list, alias="actions")]

    def given(self) -> tuple[Permission, ...]:
        """The permissions as they were sent."""
        return tuple(Permission(each.action.name, each.resource.name) for each in self.permissions)


def _all(call: Call) -> list[Permission]:
    """Every permission: Airflow's own, those that each DAG brings, those that roles were given besides."""
    of_dags = (
        Permission(action, f"{resource}:{dag.dag_id}")
        for dag in call.airflow.dags
        for resource, actions in _OF_A_DAG.items()
        for action in actions
    )
    return list(dict.fromkeys((*PERMISSIONS_3, *of_dags, *call.airflow.permissions)))


def _told(permissions: tuple[Permission, ...]) -> list[dict[str, Any]]:
    return [{"action": {"name": each.action}, "resource": {"name": each.resource}} for each in permissions]


def _view(call: Call, role: Role) -> dict[str, Any]:
    places = {permission: place for place, permission in enumerate(_all(call))}
    held = sorted(actions_in(role, 3), key=lambda each: places.get(each, len(places)))
    return {"name": role.name, "actions": _told(tuple(held))}


def _see_known(call: Call, permissions: tuple[Permission, ...]) -> None:
    known = _all(call)
    actions, resources = {each.action for each in known}, {each.resource for each in known}
    for action, resource in permissions:
        if action not in actions:
            raise Detail(400, f"The specified action: {action!r} was not found")
        if resource not in resources:
            raise Detail(400, f"The specified resource: {resource!r} was not found")


def _note(call: Call, permissions: tuple[Permission, ...]) -> None:
    for permission in permissions:
        if permission not in _all(call):
            call.airflow.permissions.put(permission)


@operation("POST", "/roles", access=on("POST", "Roles"), answer="RoleResponse", refuses=(409,), body=RoleBody)
def create_role(call: Call) -> Answer:
    """Make a role."""
    body = call.body
    if body.name in call.airflow.roles:
        raise Detail(409, f"Role with name {body.name!r} already exists; please update with the PATCH endpoint")
    permissions = tuple(dict.fromkeys(body.given()))
    _see_known(call, permissions)
    _note(call, permissions)
    made = Role(id=call.airflow.next_id("roles"), name=body.name, actions=permissions)
    return answer(_view(call, call.airflow.roles.put(made)))


@operation("GET", "/roles", access=on("GET", "Roles"), answer="RoleCollectionResponse", query=page_by("name"))
def get_roles(call: Call) -> Answer:
    """List roles."""
    keys = {"name": lambda role: role.name, "role_id": lambda role: role.id}
    return told(call, "roles", call.airflow.roles, keys, lambda role: _view(call, role))


@operation("DELETE", "/roles/{name}", access=on("DELETE", "Roles"), words=_WORDS)
def delete_role(call: Call) -> Answer:
    """Delete a role, from its users too."""
    roles.delete(call.airflow, call.path["name"])
    return answer(None)


@operation("GET", "/roles/{name}", access=on("GET", "Roles"), answer="RoleResponse", words=_WORDS)
def get_role(call: Call) -> Answer:
    """Read a role."""
    return answer(_view(call, roles.get(call.airflow, call.path["name"])))


@operation(
    "PATCH",
    "/roles/{name}",
    access=on("PUT", "Roles"),
    answer="RoleResponse",
    query=(UPDATE_MASK,),
    body=RoleBody,
    words=_WORDS,
)
def patch_role(call: Call) -> Answer:
    """Give a role another name, or exactly these permissions."""
    role, body = roles.get(call.airflow, call.path["name"]), call.body
    chosen = set(body.model_fields_set)
    if mask := call.query["update_mask"]:
        asked = [part.strip() for part in mask.split(",") if part.strip()]
        unknown = [name for name in asked if name != "actions" and not hasattr(body, name)]
        if unknown:
            raise Detail(400, f"'{unknown[0]}' in update_mask is unknown")
        chosen &= {"permissions" if name == "actions" else name for name in asked}
    view = _view(call, role)
    if "permissions" in chosen:
        permissions = body.given()
        _see_known(call, permissions)
        _note(call, permissions)
        call.airflow.roles.put(replace(role, actions=tuple(dict.fromkeys(permissions))))
        view["actions"] = _told(permissions)
    if "name" in chosen and body.name != role.name:
        roles.change(call.airflow, role.name, name=body.name, permissions=())
        view["name"] = body.name
    return answer(view)


@operation("GET", "/permissions", access=on("GET", "Roles"), answer="PermissionCollectionResponse", query=page_by("id"))
def get_permissions(call: Call) -> Answer:
    """List the permissions that there are."""
    rows = _all(call)
    made = {permission: place for place, permission in enumerate(rows)}
    actions = list(dict.fromkeys(each.action for each in rows))
    resources = list(dict.fromkeys(each.resource for each in rows))
    keys = {
        "id": lambda each: made[each],
        "action_id": lambda each: (actions.index(each.action), resources.index(each.resource)),  # an index orders both
        "resource_id": lambda each: resources.index(each.resource),
    }
    return told(call, "actions", rows, keys, lambda each: _told((each,))[0])
