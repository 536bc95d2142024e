"""Astro's roles, and which role of Airflow's each comes down to in a deployment.

Documented: the roles and that each has the rights of those below it. Assumed: Airflow's roles at each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_airflow.access.keys import Key

ORGANIZATION, WORKSPACE, DEPLOYMENT = "ORGANIZATION", "WORKSPACE", "DEPLOYMENT"
ROLES = {
    ORGANIZATION: ("ORGANIZATION_MEMBER", "ORGANIZATION_BILLING_ADMIN", "ORGANIZATION_OWNER"),
    WORKSPACE: (
        "WORKSPACE_ACCESSOR",
        "WORKSPACE_MEMBER",
        "WORKSPACE_AUTHOR",
        "WORKSPACE_OPERATOR",
        "WORKSPACE_OWNER",
    ),
    DEPLOYMENT: ("DEPLOYMENT_ADMIN",),
}
TOKEN_KIND = "api_token"  # a key of this kind is an API token; any other is a Deployment API key
_AIRFLOW = {
    "ORGANIZATION_OWNER": "Admin",
    "WORKSPACE_OWNER": "Admin",
    "WORKSPACE_OPERATOR": "Op",
    "WORKSPACE_AUTHOR": "User",
    "WORKSPACE_MEMBER": "Viewer",
    "DEPLOYMENT_ADMIN": "Admin",
}
_ORDER = ("Admin", "Op", "User", "Viewer")
_OWNERS = ("ORGANIZATION_OWNER", "WORKSPACE_OWNER", "DEPLOYMENT_ADMIN")

Role = Mapping[str, Any]  # entityType, entityId and role, as the API tells it


def role_on(kind: str, id: str, role: str) -> dict[str, str]:
    """A role on something."""
    return {"entityType": kind, "entityId": id, "role": role}


def airflow_role(roles: Iterable[Role], entities: Iterable[str]) -> str | None:
    """The highest of Airflow's roles that the roles on any of the entities give; None where they give none."""
    wanted = set(entities)
    given = {_AIRFLOW[role["role"]] for role in roles if role["entityId"] in wanted and role["role"] in _AIRFLOW}
    return next((role for role in _ORDER if role in given), None)


def owns(roles: Iterable[Role], entities: Iterable[str]) -> bool:
    """Whether one of the roles is the highest on any of the entities, so that its holder may manage tokens there."""
    wanted = set(entities)
    return any(role["entityId"] in wanted and role["role"] in _OWNERS for role in roles)


def belongs_to(key: Key, main_id: str) -> str | None:
    """The deployment that a key is of: any Deployment API key, and a token of the type DEPLOYMENT."""
    if key.details.get("kind") != TOKEN_KIND:
        return str(key.details.get("deployment_id") or main_id)
    if key.details.get("type") != DEPLOYMENT:
        return None
    roles = key.details.get("roles") or []
    return next((str(role["entityId"]) for role in roles if role["entityType"] == DEPLOYMENT), None)
