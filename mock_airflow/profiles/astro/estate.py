"""The organization, its workspace and its deployments; one of these deployments is the Airflow that answers here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mock_airflow.domain.airflow import Airflow
from mock_airflow.profiles.astro.roles import TOKEN_KIND, belongs_to

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.settings import Settings
    from mock_airflow.storage.tables import Table

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def cuid(airflow: Airflow) -> str:
    """An id as Astro makes them: c, l and 23 letters and digits."""
    return "cl" + airflow.ids.text(23, _ALPHABET, "cuid")


def short_id(deployment_id: str) -> str:
    """The part of a deployment's id by which its address names it: d and the last seven characters (documented)."""
    return "d" + deployment_id[-7:]


@dataclass(frozen=True, kw_only=True, slots=True)
class AstroDeployment:
    """A deployment as the API knows it."""

    id: str
    name: str
    description: str
    workspace_id: str
    created_at: datetime


class AstroEstate:
    """What the organization has; goes with the snapshots of the Airflow that it belongs to."""

    def __init__(self, airflow: Airflow, settings: Settings) -> None:
        self._airflow = airflow
        self.organization_id = settings.astro_organization_id
        self.workspace_id = settings.astro_workspace_id
        self.main_id = settings.astro_deployment_id
        self.deployment_role = settings.astro_deployment_token_role
        self.begun_at = airflow.now()
        self.deployments: Table[str, AstroDeployment] = airflow.add_table("astro_deployments", lambda row: row.id)
        self.deployments.put(
            AstroDeployment(
                id=self.main_id,
                name="mock-airflow",
                description="",
                workspace_id=self.workspace_id,
                created_at=self.begun_at,
            )
        )

    def add(self, name: str, description: str) -> AstroDeployment:
        """A new deployment, which has no Airflow here; it is for keys that must not open ours."""
        row = AstroDeployment(
            id=cuid(self._airflow),
            name=name,
            description=description,
            workspace_id=self.workspace_id,
            created_at=self._airflow.now(),
        )
        return self.deployments.put(row)

    def delete(self, row: AstroDeployment, deployment: Site) -> None:
        """Forget a deployment. Its API keys and its API tokens go with it, and every other token's role on it."""
        keys = deployment.keys
        for key in keys.list():
            if belongs_to(key, self.main_id) == row.id:
                deployment.tokens.revoke_of(key.public_id)
                keys.delete(key)
            elif key.details.get("kind") == TOKEN_KIND:
                roles = key.details.get("roles") or []
                left = [role for role in roles if role["entityId"] != row.id]
                if left != roles:
                    keys.change(key, details={**key.details, "roles": left})
        self.deployments.delete(row.id)
