"""Roles and the permissions they hold."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import ActionUnknownError, ResourceUnknownError, RoleNameTakenError, RoleNotFoundError
from mock_airflow.domain.installation.default_roles import PERMISSIONS
from mock_airflow.domain.installation.role_wording import actions_in
from mock_airflow.domain.records import Permission, Role

_AS_MADE = {permission: place for place, permission in enumerate(PERMISSIONS)}
_RESOURCES = frozenset(permission.resource for permission in PERMISSIONS)
_OF_A_DAG = ("DAG:", "DAG Run:")


def get(airflow: Airflow, name: str) -> Role:
    """The role. Raises RoleNotFoundError."""
    role = airflow.roles.get(name)
    if role is None:
        raise RoleNotFoundError(name=name)
    return role


def as_listed(airflow: Airflow, role: Role) -> list[Permission]:
    """The role's permissions in the order of a list, which is that in which the permissions were made (observed).

    Airflow makes those of single DAGs when it parses the DAG, and any other when a role first gets it.
    """
    later = {permission: place for place, permission in enumerate(airflow.permissions)}

    def place(permission: Permission) -> tuple[int, int, str, int, str]:
        if permission in _AS_MADE:
            return 0, _AS_MADE[permission], "", 0, ""
        dag_id = _dag_of(permission.resource)
        if dag_id is not None and dag_id in airflow.dags:
            return 1, 0, dag_id, len(permission.resource), permission.action
        return 2, later.get(permission, len(later)), "", 0, ""

    return sorted(actions_in(role, 2), key=place)


def create(airflow: Airflow, name: str, permissions: Iterable[Permission]) -> Role:
    """Add a role. Raises RoleNameTakenError, ActionUnknownError or ResourceUnknownError."""
    if name in airflow.roles:
        raise RoleNameTakenError(name=name)
    known = _known(airflow, permissions)
    return airflow.roles.put(Role(id=airflow.next_id("roles"), name=name, actions=known))


def change(airflow: Airflow, which: str, *, name: str | None, permissions: Iterable[Permission]) -> Role:
    """Give a role further permissions, and another name unless that is taken, which is passed over (observed).

    Raises RoleNotFoundError, ActionUnknownError or ResourceUnknownError.
    """
    role = get(airflow, which)
    role = replace(role, actions=tuple(dict.fromkeys((*role.actions, *_known(airflow, permissions)))))
    if name is not None and name not in airflow.roles:
        airflow.roles.delete(which)
        role = replace(role, name=name)
        _rename_in_users(airflow, which, (name,))
    return airflow.roles.put(role)


def delete(airflow: Airflow, name: str) -> None:
    """Remove the role, from its users too. Raises RoleNotFoundError."""
    get(airflow, name)
    airflow.roles.delete(name)
    _rename_in_users(airflow, name, ())


def _rename_in_users(airflow: Airflow, name: str, instead: tuple[str, ...]) -> None:
    for user in [user for user in airflow.users if name in user.roles]:
        place = user.roles.index(name)
        airflow.users.put(replace(user, roles=(*user.roles[:place], *instead, *user.roles[place + 1 :])))


def _known(airflow: Airflow, permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """The permissions without repetition, once each is known to make sense; those that are new are made."""
    unique = tuple(dict.fromkeys(permissions))
    for permission in unique:
        if permission.action not in airflow.actions:
            raise ActionUnknownError(action=permission.action)
        if not _is_resource(airflow, permission.resource):
            raise ResourceUnknownError(resource=permission.resource)
    for permission in unique:
        note(airflow, permission)
    return unique


def note(airflow: Airflow, permission: Permission) -> None:
    """Remember when a permission was made that a fresh Airflow does not have."""
    if permission not in _AS_MADE and permission not in airflow.permissions:
        airflow.permissions.put(permission)


def _is_resource(airflow: Airflow, name: str) -> bool:
    return (
        name in _RESOURCES
        or _dag_of(name) in airflow.dags
        or any(permission.resource == name for permission in airflow.permissions)
    )


def _dag_of(resource: str) -> str | None:
    prefix = next((prefix for prefix in _OF_A_DAG if resource.startswith(prefix)), None)
    return None if prefix is None else resource[len(prefix) :]
