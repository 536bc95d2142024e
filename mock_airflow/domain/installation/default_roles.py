"""The permissions and the five roles that a fresh Airflow 2 has (observed on 2.11.2).

A list of roles tells a role's permissions in the order in which Airflow made the permissions; a single role tells them
in the order in which it got them (observed). So both orders are kept here.
"""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Permission, Role


def permissions_in(lines: str) -> tuple[Permission, ...]:
    """What lines tell: actions, a colon, resources with commas between; each resource takes all actions in turn."""
    found = []
    for line in lines.strip().splitlines():
        actions, _, resources = line.partition(":")
        found += [
            Permission(action, resource.strip()) for resource in resources.split(",") for action in actions.split()
        ]
    return tuple(found)


_SECURITY = permissions_in("""
    can_edit can_read: Passwords
    can_edit can_read: My Password, My Profile
    can_create can_read can_edit can_delete: Users
    menu_access: List Users, Security
    can_create can_read can_edit can_delete: Roles
    menu_access: List Roles
    can_read: User Stats Chart
    menu_access: User's Statistics
    can_read: Permissions
    menu_access: Actions
    can_read: View Menus
    menu_access: Resources
    can_read: Permission Views
    menu_access: Permission Pairs
    can_delete can_edit can_read: DAGs
""")
_READING = permissions_in("""
    can_read: DAGs, DAG Dependencies, DAG Code, DAG Runs, Datasets, Cluster Activity, Pools, ImportError, DAG Warnings
    can_read: Jobs
""")
_ONESELF = permissions_in("can_read can_edit: My Password, My Profile")
_READING_MORE = permissions_in("""
    can_read: SLA Misses, Task Instances, Task Logs, XComs, Website
    menu_access: Browse, DAGs, DAG Dependencies, DAG Runs, Datasets, Cluster Activity, Documentation, Docs, Jobs
    menu_access: SLA Misses, Task Instances
""")
_DAGS = permissions_in("can_edit can_delete: DAGs")
_RUNS = permissions_in("""
    can_create can_edit can_delete: Task Instances, DAG Runs
    can_create: Datasets
""")
_OPERATING = permissions_in("""
    can_read: Configurations
    menu_access: Admin, Configurations, Connections, Pools, Plugins, Variables, Providers, XComs
    can_create can_read can_edit can_delete: Connections
    can_create can_edit can_delete: Pools
    can_read: Plugins, Providers
    can_create can_read can_edit can_delete: Variables
    can_delete: XComs, Datasets
""")
_AUDITING = permissions_in("""
    can_read menu_access: Audit Logs, Task Reschedules, Triggers
    can_delete can_edit: SLA Misses
""")

_VIEWER = _READING + _ONESELF + _READING_MORE
_USER = _VIEWER + _DAGS + _RUNS

# every permission, in the order in which Airflow makes them
PERMISSIONS = tuple(dict.fromkeys(_SECURITY + _READING + _READING_MORE + _RUNS + _OPERATING + _AUDITING))
ACTIONS = tuple(dict.fromkeys(permission.action for permission in PERMISSIONS))
ROLES = {"Admin": PERMISSIONS, "Public": (), "Viewer": _VIEWER, "User": _USER, "Op": _USER + _OPERATING}


def add_default_roles(airflow: Airflow) -> None:
    """Give a fresh Airflow its actions and roles."""
    for action in ACTIONS:
        airflow.actions.put(action)
    for name, permissions in ROLES.items():
        airflow.roles.put(Role(id=airflow.next_id("roles"), name=name, actions=permissions))
