"""The roles of Airflow 3's Simple auth manager, each with what the ones before it may do (observed)."""

from __future__ import annotations

from mock_airflow.access.permissions import Permissions

READ = (
    "DAGs",
    "DAG Runs",
    "DAG Code",
    "DAG Dependencies",
    "DAG Versions",
    "DAG Warnings",
    "Task Instances",
    "Task Logs",
    "XComs",
    "HITL Detail",
    "Assets",
    "Asset Aliases",
    "Backfills",
    "Pools",
    "Audit Logs",
    "Jobs",
    "Plugins",
    "Providers",
    "ImportError",
    "Configurations",
    "Website",
)
_WRITTEN_BY_USERS = ("DAGs", "DAG Runs", "Task Instances", "XComs", "HITL Detail", "Backfills")
_WRITTEN_BY_OPS = ("Connections", "Variables", "Pools", "Assets", "Asset Aliases")
_READ_BY_OPS = ("Connections", "Variables")
_ACTIONS = ("can_create", "can_edit", "can_delete")


def _may(actions: tuple[str, ...], resources: tuple[str, ...]) -> Permissions:
    return frozenset((action, resource) for action in actions for resource in resources)


_VIEWER = _may(("can_read", "menu_access"), READ)
_USER = _VIEWER | _may(_ACTIONS, _WRITTEN_BY_USERS)
_OP = _USER | _may(_ACTIONS, _WRITTEN_BY_OPS) | _may(("can_read",), _READ_BY_OPS)
_ADMIN = _OP | _may((*_ACTIONS, "can_read"), (*READ, *_READ_BY_OPS))

ROLES: dict[str, Permissions] = {"VIEWER": _VIEWER, "USER": _USER, "OP": _OP, "ADMIN": _ADMIN}
