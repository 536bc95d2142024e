"""How answers about tokens, users and roles look, which the auth managers give below `/auth`."""

from __future__ import annotations

from typing_extensions import NotRequired, TypedDict


class LoginResponse(TypedDict):
    """A token."""

    access_token: str


class Action(TypedDict):
    """What may be done."""

    name: str


class Resource(TypedDict):
    """With what."""

    name: str


class PermittedAction(TypedDict):
    """An action on a resource."""

    action: Action
    resource: Resource


class RoleResponse(TypedDict):
    """A role with what it permits."""

    name: str
    actions: NotRequired[list[PermittedAction]]


class PermissionCollectionResponse(TypedDict):
    """A page of permissions."""

    actions: NotRequired[list[PermittedAction]]
    total_entries: int


class HeldRole(TypedDict):
    """A role that somebody has."""

    name: str


class UserResponse(TypedDict):
    """A user; dates have no zone."""

    username: str
    email: str
    first_name: str
    last_name: str
    roles: NotRequired[list[HeldRole] | None]
    active: NotRequired[bool | None]
    last_login: NotRequired[str | None]
    login_count: NotRequired[int | None]
    fail_login_count: NotRequired[int | None]
    created_on: NotRequired[str | None]
    changed_on: NotRequired[str | None]
