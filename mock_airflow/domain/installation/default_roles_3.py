"""The permissions that the FAB auth manager of Airflow 3 makes, and the roles that it gives them to (observed)."""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Permission, Role

# In the order in which they are made, with the least of the roles that has them in front.
_MADE = """
User can_edit: DAGs
User can_delete: DAGs
Viewer can_read: DAGs, DAG Dependencies, DAG Code, DAG Runs, DAG Versions, DAG Warnings, Assets, Asset Aliases
Viewer can_read: Backfills, Cluster Activity, Pools, ImportError, Jobs, My Password
Viewer can_edit: My Password
Viewer can_read: My Profile
Viewer can_edit: My Profile
Viewer can_read: SLA Misses, Task Instances, Task Logs, XComs, HITL Detail, Website
Viewer menu_access: Browse, DAGs, DAG Dependencies, DAG Runs, Assets, Cluster Activity, Documentation, Docs
Viewer menu_access: Jobs, SLA Misses, Task Instances
User can_create: Task Instances
User can_edit: Task Instances
User can_delete: Task Instances
User can_create: DAG Runs
User can_edit: DAG Runs
User can_delete: DAG Runs
User can_edit: HITL Detail
User can_create: Assets
Op menu_access: Admin, Configurations, Connections, Pools, Plugins, Variables, Providers, XComs, HITL Detail
Op can_read: Configurations
Op can_create: Connections
Op can_read: Connections
Op can_edit: Connections
Op can_delete: Connections
Op can_create: Pools
Op can_edit: Pools
Op can_delete: Pools
Op can_read: Plugins, Providers
Op can_create: Variables
Op can_read: Variables
Op can_edit: Variables
Op can_delete: Variables
Op can_create: XComs
Op can_edit: XComs
Op can_delete: XComs
Op can_edit: Assets
Op can_delete: Assets
Op can_create: Backfills
Op can_edit: Backfills
Op can_delete: Backfills
Admin can_read: Audit Logs
Admin menu_access: Audit Logs
Admin can_read: All Audit Logs, All Import Errors, All Reparses, Task Reschedules
Admin menu_access: Task Reschedules
Admin can_read: Triggers
Admin menu_access: Triggers
Admin can_read: Passwords
Admin can_edit: Passwords
Admin can_read: Roles
Admin can_edit: Roles
Admin can_create: Users
Admin can_read: Users
Admin can_edit: Users
Admin can_delete: Users
Admin menu_access: List Users, Security
Admin can_create: Roles
Admin can_delete: Roles
Admin menu_access: List Roles
Admin can_read: User Stats Chart
Admin menu_access: User's Statistics
Admin can_read: Permissions
Admin menu_access: Actions
Admin can_read: View Menus
Admin menu_access: Resources
Admin can_read: Permission Views
Admin menu_access: Permission Pairs
"""
_ROLES = ("Viewer", "User", "Op", "Admin")


def _parsed() -> dict[Permission, str]:
    found: dict[Permission, str] = {}
    for line in _MADE.strip().splitlines():
        names, _, resources = line.partition(": ")
        role, action = names.split()
        found.update({Permission(action, resource): role for resource in resources.split(", ")})
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
