"""The organization, its workspace and its deployments, as far as tools ask for them to find an Airflow."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.operation import Call
from mock_airflow.profiles.astro.api import (
    ALPHA,
    API,
    PLATFORM,
    V1,
    actor_of,
    at,
    demand,
    moment,
    not_found,
    of_organization,
    page,
    several,
    text,
    told,
)
from mock_airflow.profiles.astro.estate import AstroDeployment, AstroEstate, short_id
from mock_airflow.profiles.astro.identity import AstroActor
from mock_airflow.profiles.astro.roles import DEPLOYMENT, owns

WHEREVER = (V1, PLATFORM, ALPHA)


def _organization(estate: AstroEstate) -> dict[str, Any]:
    return {
        "id": estate.organization_id,
        "name": "Mock Organization",
        "product": "HOSTED",
        "status": "ACTIVE",
        "supportPlan": "BASIC",
        "isScimEnabled": False,
        "createdAt": moment(estate.begun_at),
        "updatedAt": moment(estate.begun_at),
    }


def _workspace(estate: AstroEstate) -> dict[str, Any]:
    return {
        "id": estate.workspace_id,
        "name": "Default",
        "description": "",
        "organizationId": estate.organization_id,
        "organizationName": "Mock Organization",
        "cicdEnforcedDefault": False,
        "createdAt": moment(estate.begun_at),
        "updatedAt": moment(estate.begun_at),
    }


def _deployment(call: Call, row: AstroDeployment) -> dict[str, Any]:
    estate: AstroEstate = call.deployment.vendor
    address = f"{call.request.host}/{short_id(row.id)}"
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "namespace": row.name,
        "organizationId": estate.organization_id,
        "workspaceId": row.workspace_id,
        "workspaceName": "Default",
        "type": "STANDARD",
        "status": "HEALTHY" if row.id == estate.main_id else "UNHEALTHY",
        "airflowVersion": call.settings.airflow_version,
        "executor": "CELERY",
        "webServerUrl": address,
        "webServerAirflowApiUrl": f"{address}/api/v1",
        "webServerIngressHostname": call.request.host,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.created_at),
    }


def _may_see(actor: AstroActor, row: AstroDeployment, estate: AstroEstate) -> bool:
    if actor.user is not None:
        return True
    return any(role["entityId"] in (row.id, row.workspace_id, estate.organization_id) for role in actor.roles)


@at("Organization", WHEREVER, "GET", "", "list_organizations")
def list_organizations(call: Call) -> Answer:
    """List the organizations of whoever asks: the one that there is."""
    return page(call, "organizations", [_organization(call.deployment.vendor)])


@at("Organization", WHEREVER, "GET", "/{organization_id}", "get_organization")
def get_organization(call: Call) -> Answer:
    """Read the organization."""
    return told(_organization(of_organization(call)))


@at("Workspace", WHEREVER, "GET", "/{organization_id}/workspaces", "list_workspaces")
def list_workspaces(call: Call) -> Answer:
    """List the workspaces: the one that there is."""
    return page(call, "workspaces", [_workspace(of_organization(call))])


@at("Workspace", WHEREVER, "GET", "/{organization_id}/workspaces/{workspace_id}", "get_workspace")
def get_workspace(call: Call) -> Answer:
    """Read the workspace."""
    estate = of_organization(call)
    if call.path["workspace_id"] != estate.workspace_id:
        raise not_found(call, "Workspace", call.path["workspace_id"])
    return told(_workspace(estate))


@at("Deployment", WHEREVER, "GET", "/{organization_id}/deployments", "list_deployments")
def list_deployments(call: Call) -> Answer:
    """List the deployments that whoever asks has a role in."""
    estate, actor = of_organization(call), actor_of(call)
    wanted, named, within = (several(call, name) for name in ("deploymentIds", "names", "workspaceIds"))
    rows = [
        _deployment(call, row)
        for row in estate.deployments
        if _may_see(actor, row, estate)
        and (not wanted or row.id in wanted)
        and (not named or row.name in named)
        and (not within or row.workspace_id in within)
    ]
    return page(call, "deployments", rows)


def _named(call: Call) -> AstroDeployment:
    estate, id = of_organization(call), call.path["deployment_id"]
    row = estate.deployments.get(id)
    if row is None or not _may_see(actor_of(call), row, estate):
        raise not_found(call, "Deployment", id)
    return row


@at("Deployment", WHEREVER, "GET", "/{organization_id}/deployments/{deployment_id}", "get_deployment")
def get_deployment(call: Call) -> Answer:
    """Read a deployment."""
    return told(_deployment(call, _named(call)))


@at("Deployment", WHEREVER, "POST", "/{organization_id}/deployments", "create_deployment")
def create_deployment(call: Call) -> Answer:
    """Make a deployment, which has no Airflow here. A Deployment API key may not (documented)."""
    estate, actor = of_organization(call), actor_of(call)
    allowed = not actor.is_api_key and owns(actor.roles, (estate.workspace_id, estate.organization_id))
    demand(call, allowed, "the role WORKSPACE_OWNER or ORGANIZATION_OWNER")
    return told(_deployment(call, estate.add(text(call, "name"), text(call, "description", required=False))))


@at("Deployment", WHEREVER, "DELETE", "/{organization_id}/deployments/{deployment_id}", "delete_deployment")
def delete_deployment(call: Call) -> Answer:
    """Delete a deployment; its Deployment API keys and API tokens go with it (documented)."""
    row, actor = _named(call), actor_of(call)
    allowed = not actor.is_api_key and actor.manages(DEPLOYMENT, row.id, call.deployment)
    demand(call, allowed, f"the role DEPLOYMENT_ADMIN on {row.id}, or that of an owner above")
    call.deployment.vendor.delete(row, call.deployment)
    return NO_CONTENT


__all__ = ["API"]
