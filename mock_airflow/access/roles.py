"""The five roles that every Airflow 2 comes with, and what they allow (observed on 2.11.2).

Each role holds what the one before it holds, and more; the public role holds nothing.
"""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Role

Grants = tuple[tuple[str, str], ...]


def _grants(**resources: str) -> Grants:
    """Pairs from ``can_read="DAGs, Pools"``."""
    return tuple((action, resource) for action, names in resources.items() for resource in names.split(", "))


_VIEWER = _grants(
    can_edit="My Password, My Profile",
    can_read=(
        "My Password, My Profile, DAGs, DAG Dependencies, DAG Code, DAG Runs, Datasets, Cluster Activity, "
        "Pools, ImportError, DAG Warnings, Jobs, SLA Misses, Task Instances, Task Logs, XComs, Website"
    ),
    menu_access=(
        "Browse, DAGs, DAG Dependencies, DAG Runs, Datasets, Cluster Activity, Documentation, Docs, Jobs, "
        "SLA Misses, Task Instances"
    ),
)
_USER = _grants(
    can_delete="DAGs, Task Instances, DAG Runs",
    can_edit="DAGs, Task Instances, DAG Runs",
    can_create="Task Instances, DAG Runs, Datasets",
)
_OP = _grants(
    can_read="Configurations, Connections, Plugins, Providers, Variables",
    menu_access="Admin, Configurations, Connections, Pools, Plugins, Variables, Providers, XComs",
    can_create="Connections, Pools, Variables",
    can_edit="Connections, Pools, Variables",
    can_delete="Connections, Pools, Variables, XComs, Datasets",
)
_ADMIN = _grants(
    can_edit="Passwords, Users, Roles, SLA Misses",
    can_read=(
        "Passwords, Users, Roles, User Stats Chart, Permissions, View Menus, Permission Views, Audit "
        "Logs, Task Reschedules, Triggers"
    ),
    can_create="Users, Roles",
    can_delete="Users, Roles, SLA Misses",
    menu_access=(
        "List Users, Security, List Roles, User's Statistics, Actions, Resources, Permission Pairs, Audit "
        "Logs, Task Reschedules, Triggers"
    ),
)

DEFAULT_ROLES: dict[str, Grants] = {
    "Admin": _VIEWER + _USER + _OP + _ADMIN,
    "Public": (),
    "Viewer": _VIEWER,
    "User": _VIEWER + _USER,
    "Op": _VIEWER + _USER + _OP,
}


def add_default_roles(airflow: Airflow) -> None:
    """Give a fresh Airflow its roles."""
    for name, actions in DEFAULT_ROLES.items():
        airflow.roles.put(Role(id=airflow.next_id("roles"), name=name, actions=actions))
