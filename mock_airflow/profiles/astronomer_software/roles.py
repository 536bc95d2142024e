"""Houston's roles: what each may do, and which role of Airflow's it comes down to (code: its default configuration)."""

from __future__ import annotations

from typing import NamedTuple

_WORKSPACE_VIEWER = (
    "workspace.config.get workspace.deployments.get workspace.invites.get workspace.serviceAccounts.get "
    "workspace.users.get"
).split()
_WORKSPACE_EDITOR = [
    *_WORKSPACE_VIEWER,
    *(
        "workspace.config.update workspace.deployments.create workspace.serviceAccounts.create "
        "workspace.serviceAccounts.update workspace.serviceAccounts.delete"
    ).split(),
]
_DEPLOYMENT_VIEWER = (
    "deployment.airflow.get deployment.config.get deployment.logs.get deployment.images.pull deployment.metrics.get "
    "deployment.serviceAccounts.get"
).split()
_DEPLOYMENT_EDITOR = [
    *_DEPLOYMENT_VIEWER,
    *(
        "deployment.airflow.user deployment.config.update deployment.images.push deployment.serviceAccounts.create "
        "deployment.serviceAccounts.update deployment.serviceAccounts.delete"
    ).split(),
]
_SYSTEM_VIEWER = (
    "system.monitoring.get system.serviceAccounts.get system.airflow.get system.updates.get system.workspace.get"
).split()
_SYSTEM_EDITOR = [*_SYSTEM_VIEWER, *"system.iam.update system.serviceAccounts.update system.airflow.user".split()]

PERMISSIONS: dict[str, frozenset[str]] = {
    "WORKSPACE_VIEWER": frozenset(_WORKSPACE_VIEWER),
    "WORKSPACE_EDITOR": frozenset(_WORKSPACE_EDITOR),
    "WORKSPACE_ADMIN": frozenset(
        [*_WORKSPACE_EDITOR, *"workspace.billing.update workspace.config.delete workspace.iam.update".split()]
    ),
    "DEPLOYMENT_VIEWER": frozenset(_DEPLOYMENT_VIEWER),
    "DEPLOYMENT_EDITOR": frozenset(_DEPLOYMENT_EDITOR),
    "DEPLOYMENT_ADMIN": frozenset([*_DEPLOYMENT_EDITOR, "deployment.airflow.admin", "deployment.config.delete"]),
    "SYSTEM_VIEWER": frozenset(_SYSTEM_VIEWER),
    "SYSTEM_EDITOR": frozenset(_SYSTEM_EDITOR),
    "SYSTEM_ADMIN": frozenset(
        [
            *_SYSTEM_EDITOR,
            *(
                "system.deployments.get system.deployments.update system.deployments.delete system.users.get "
                "system.serviceAccounts.create system.serviceAccounts.delete system.workspace.delete "
                "system.airflow.admin"
            ).split(),
        ]
    ),
    "USER": frozenset(["system.workspace.create"]),
}
LEVEL_OF_SCOPE = {"read-only": "VIEWER", "read-write": "EDITOR", "admin": "ADMIN"}
SCOPE_OF_LEVEL = {level: scope for scope, level in LEVEL_OF_SCOPE.items()}
_AIRFLOW = (("admin", "Admin"), ("op", "Op"), ("user", "User"), ("get", "Viewer"))


class Binding(NamedTuple):
    """A role that somebody has on something; what belongs to no entity holds for the whole system."""

    role: str
    entity_id: str = ""


def kind_of(role: str) -> str:
    """What a role is a role on: workspace, deployment or system."""
    return role.partition("_")[0].lower()


def allows(bindings: tuple[Binding, ...], permission: str, entity_id: str = "") -> bool:
    """Whether a permission such as ``deployment.airflow.get`` is among those of the roles held on the entity."""
    kind = permission.partition(".")[0]
    return any(
        permission in PERMISSIONS.get(binding.role, ()) and (kind == "system" or binding.entity_id == entity_id)
        for binding in bindings
    )


def airflow_role(bindings: tuple[Binding, ...], deployment_id: str) -> str | None:
    """The highest of Airflow's roles that the bindings give in a deployment; None where they give none."""
    for level, role in _AIRFLOW:
        if allows(bindings, f"deployment.airflow.{level}", deployment_id) or allows(
            bindings, f"system.airflow.{level}"
        ):
            return role
    return None
