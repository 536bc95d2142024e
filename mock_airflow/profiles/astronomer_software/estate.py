"""The workspaces and deployments that Houston knows of; one of these deployments is the Airflow that answers here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mock_airflow.domain.airflow import Airflow

if TYPE_CHECKING:
    from mock_airflow.access.keys import Keys
    from mock_airflow.settings import Settings
    from mock_airflow.storage.tables import Table

WORKSPACE_ID = "ckw0000000001"
DEPLOYMENT_ID = "ckd0000000001"
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def cuid(airflow: Airflow) -> str:
    """An id as the platform makes them: c, k and 23 letters and digits."""
    return "ck" + airflow.ids.text(23, _ALPHABET, "cuid")


@dataclass(frozen=True, kw_only=True, slots=True)
class HoustonWorkspace:
    """A group of deployments."""

    id: str
    label: str
    description: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A deployment as Houston knows it; its release name is a part of its address."""

    id: str
    release_name: str
    label: str
    workspace_id: str
    created_at: datetime


class HoustonEstate:
    """What there is in the installation; goes with the snapshots of the Airflow that it belongs to."""

    def __init__(self, airflow: Airflow, settings: Settings) -> None:
        self._airflow = airflow
        self.workspaces: Table[str, HoustonWorkspace] = airflow.add_table("workspaces", lambda row: row.id)
        self.releases: Table[str, Release] = airflow.add_table(
            "releases",
            lambda row: row.id,
            groups={"workspace": lambda row: row.workspace_id},
            unique={"release_name": lambda row: row.release_name},
        )
        now = airflow.now()
        self.workspaces.put(HoustonWorkspace(id=WORKSPACE_ID, label="Default", description="", created_at=now))
        name = settings.astronomer_software_release
        self.releases.put(
            Release(id=DEPLOYMENT_ID, release_name=name, label=name, workspace_id=WORKSPACE_ID, created_at=now)
        )

    def add_workspace(self, label: str, description: str) -> HoustonWorkspace:
        """A new workspace."""
        row = HoustonWorkspace(
            id=cuid(self._airflow), label=label, description=description, created_at=self._airflow.now()
        )
        return self.workspaces.put(row)

    def add_release(self, label: str, workspace_id: str, release_name: str | None = None) -> Release:
        """A new deployment, which has no Airflow here; it is for keys that must not open ours."""
        return self.releases.put(
            Release(
                id=cuid(self._airflow),
                release_name=release_name or self._free_name(),
                label=label,
                workspace_id=workspace_id,
                created_at=self._airflow.now(),
            )
        )

    def _free_name(self) -> str:
        while True:
            number = 1000 + int(self._airflow.ids.fraction("release") * 9000)
            name = f"{'quasar nebula comet pulsar nova orbit'.split()[number % 6]}-{number}"
            if self.releases.lookup("release_name", name) is None:
                return name

    def delete_release(self, release: Release, keys: Keys) -> None:
        """Forget a deployment; the keys that belong to it go with it."""
        keys.delete_all([key for key in keys.list() if key.details.get("entity_id") == release.id])
        self.releases.delete(release.id)

    def delete_workspace(self, workspace: HoustonWorkspace, keys: Keys) -> None:
        """Forget a workspace that has no deployments; the keys that belong to it go with it."""
        keys.delete_all([key for key in keys.list() if key.details.get("entity_id") == workspace.id])
        self.workspaces.delete(workspace.id)

    def in_workspace(self, workspace_id: str) -> Iterable[Release]:
        """The deployments of a workspace, oldest first."""
        return list(self.releases.group("workspace", workspace_id).values())
