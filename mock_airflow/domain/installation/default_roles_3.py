"""The permissions that the FAB auth manager of Airflow 3 makes, and the roles that it gives them to (observed)."""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.installation.default_roles import permissions_in
from mock_airflow.domain.records import Permission, Role

# In the order in which they are made, with the least of the roles that has them in front.
_MADE = """
User: can_edit can_delete: DAGs
Viewer: can_read: DAGs, DAG Dependencies, DAG Code, DAG Runs, DAG Versions, DAG Warnings, Assets, Asset Aliases
Viewer: can_read: Backfills, Cluster Activity, Pools, ImportError, Jobs
Viewer: can_read can_edit: My Password, My Profile
Viewer: can_read: SLA Misses, Task Instances, Task Logs, XComs, HITL Detail, Website
Viewer: menu_access: Browse, DAGs, DAG Dependencies, DAG Runs, Assets, Cluster Activity, Documentation, Docs
Viewer: menu_access: Jobs, SLA Misses, Task Instances
User: can_create can_edit can_delete: Task Instances, DAG Runs
User: can_edit: HITL Detail
User: can_create: Assets
Op: menu_access: Admin, Configurations, Connections, Pools, Plugins, Variables, Providers, XComs, HITL Detail
Op: can_read: Configurations
Op: can_create can_read can_edit can_delete: Connections
Op: can_create can_edit can_delete: Pools
Op: can_read: Plugins, Providers
Op: can_create can_read can_edit can_delete: Variables
Op: can_create can_edit can_delete: XComs
Op: can_edit can_delete: Assets
Op: can_create can_edit can_delete: Backfills
Admin: can_read menu_access: Audit Logs
Admin: can_read: All Audit Logs, All Import Errors, All Reparses
Admin: can_read menu_access: Task Reschedules, Triggers
Admin: can_read can_edit: Passwords, Roles
Admin: can_create can_read can_edit can_delete: Users
Admin: menu_access: List Users, Security
Admin: can_create can_delete: Roles
Admin: menu_access: List Roles
Admin: can_read: User Stats Chart
Admin: menu_access: User's Statistics
Admin: can_read: Permissions
Admin: menu_access: Actions
Admin: can_read: View Menus
Admin: menu_access: Resources
Admin: can_read: Permission Views
Admin: menu_access: Permission Pairs
"""
_ROLES = ("Viewer", "User", "Op", "Admin")


def _parsed() -> dict[Permission, str]:
    found: dict[Permission, str] = {}
    for line in _MADE.strip().splitlines():
        role, _, permissions = line.partition(": ")
        found.update(dict.fromkeys(permissions_in(permissions), role))
    return found


_LEAST = _parsed()
PERMISSIONS_3 = tuple(_LEAST)
ROLES_3 = {
    name: tuple(each for each, least in _LEAST.items() if _ROLES.index(least) <= _ROLES.index(name)) for name in _ROLES
} | {"Public": ()}


def add_default_roles_3(airflow: Airflow) -> None:
    """Give a fresh Airflow 3 its actions and roles."""
    for permission in PERMISSIONS_3:
        airflow.actions.put(permission.action)
    for name in ("Admin", "Public", "Viewer", "User", "Op"):
        airflow.roles.put(Role(id=airflow.next_id("roles"), name=name, actions=ROLES_3[name]))
