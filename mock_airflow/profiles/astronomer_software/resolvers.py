"""What Houston's queries and mutations do, and what they tell of a service account, a workspace or a deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partialmethod
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__
from mock_airflow.access.digests import matches
from mock_airflow.domain import users
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astronomer_software import service_accounts
from mock_airflow.profiles.astronomer_software.estate import DEPLOYMENT_ID, HoustonWorkspace, Release
from mock_airflow.profiles.astronomer_software.identity import (
    TOKEN_LIFETIME,
    HoustonActor,
    login_token,
    user_actor,
    user_id,
)
from mock_airflow.profiles.astronomer_software.problems import (
    HoustonProblem,
    InputProblem,
    MissingInputProblem,
    NotFoundProblem,
    demand,
)

if TYPE_CHECKING:
    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.records import User
    from mock_airflow.profiles.astronomer_software.estate import HoustonEstate

RELEASE_NAME = re.compile(r"(?!\d+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def _moment(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Root:
    """Every query and mutation, as a method of its name. All raise HoustonProblem for what they refuse."""

    def __init__(self, deployment: Site, actor: HoustonActor | None, url: str) -> None:
        self._deployment, self._actor, self._url = deployment, actor, url
        self._estate: HoustonEstate = deployment.vendor
        self.token: str | None = None

    def _demand(self, entity_id: str, *permissions: str) -> HoustonActor:
        return demand(self._actor, permissions, entity_id, self._deployment)

    # ------------------------------------------------------------------------------------------------------- the views

    def _account(self, key: Key) -> dict[str, Any]:
        kind, entity_id = service_accounts.entity_of(key)
        return {
            "id": key.public_id,
            "label": key.name,
            "category": key.details.get("category"),
            "apiKey": service_accounts.shown_value(self._deployment, key),
            "active": key.ended(self._deployment.airflow.now()) is None,
            "entityType": kind.upper(),
            "entityUuid": entity_id or None,
            "deploymentUuid": entity_id if kind == "deployment" else None,
            "workspaceUuid": entity_id if kind == "workspace" else None,
            "roleBinding": lambda: self._binding(key),
            "createdAt": _moment(key.created_at),
            "updatedAt": _moment(key.updated_at),
            "lastUsedAt": _moment(key.last_used_at),
        }

    def _binding(self, key: Key) -> dict[str, Any]:
        kind, entity_id = service_accounts.entity_of(key)
        workspace, release = self._estate.workspaces.get(entity_id), self._estate.releases.get(entity_id)
        return {
            "role": key.details.get("role") or f"{kind.upper()}_ADMIN",
            "workspace": None if workspace is None else self._workspace(workspace),
            "deployment": None if release is None else self._release(release),
        }

    def _workspace(self, row: HoustonWorkspace) -> dict[str, Any]:
        return {
            "id": row.id,
            "uuid": row.id,
            "label": row.label,
            "description": row.description,
            "active": True,
            "createdAt": _moment(row.created_at),
            "updatedAt": _moment(row.created_at),
            "deployments": lambda: [self._release(each) for each in self._estate.in_workspace(row.id)],
        }

    def _release(self, row: Release) -> dict[str, Any]:
        workspace = self._estate.workspaces.get(row.workspace_id)
        version = self._deployment.settings.airflow_version
        return {
            "id": row.id,
            "label": row.label,
            "description": "",
            "releaseName": row.release_name,
            "type": "airflow",
            "status": None,
            "version": __version__,
            "airflowVersion": version if row.id == DEPLOYMENT_ID else None,
            "urls": [{"type": "airflow", "url": f"{self._url}/{row.release_name}/airflow"}],
            "deployInfo": {"current": None, "nextCli": "deploy-1"},
            "workspace": None if workspace is None else lambda: self._workspace(workspace),
            "createdAt": _moment(row.created_at),
            "updatedAt": _moment(row.created_at),
        }

    def _login(self, user: User, token: str | None) -> dict[str, Any]:
        admin = user_actor(user, self._deployment).may("system.airflow.admin")
        now = int(self._deployment.airflow.now().timestamp())
        expires = now + int(TOKEN_LIFETIME.total_seconds())
        payload = {"uuid": user_id(user), "iat": now, "exp": expires}
        return {
            "user": {
                "id": user_id(user),
                "username": user.username,
                "fullName": f"{user.first_name} {user.last_name}".strip(),
                "status": "active" if user.active else "inactive",
            },
            "token": None if token is None else {"value": token, "payload": payload},
            "isAdmin": admin,
            "authUserCapabilities": {"canSysAdmin": admin},
        }

    # ----------------------------------------------------------------------------------------- who is there, and where

    def app_config(self) -> dict[str, Any]:
        domain = self._deployment.settings.astronomer_software_base_domain or None
        return {"version": __version__, "baseDomain": domain, "smtpConfigured": False, "manualReleaseNames": True}

    def auth_config(self, **_: Any) -> dict[str, Any]:
        return {"localEnabled": True, "publicSignup": False, "initialSignup": False, "providers": []}

    def self(self) -> dict[str, Any]:
        if self._actor is None or self._actor.user is None:
            demand(None, ("a login",), "", self._deployment)
        assert self._actor is not None
        assert self._actor.user is not None
        return self._login(self._actor.user, None)

    def create_token(self, identity: str | None = None, password: str | None = None, **_: Any) -> dict[str, Any]:
        user = find_user(self._deployment, identity or "")
        if user is None:
            raise NotFoundProblem
        if not password or not matches(password, user.password_digest) or not user.active:
            users.login_failed(self._deployment.airflow, user)
            raise HoustonProblem(
                "Invalid password and username combination", "INTERNAL_SERVER_ERROR", Why(rule="password")
            )
        user = users.logged_in(self._deployment.airflow, user)
        self.token = login_token(user, self._deployment)
        return self._login(user, self.token)

    def workspaces(self) -> list[dict[str, Any]]:
        actor = self._demand("", "system.workspace.create")
        seen = [row for row in self._estate.workspaces if actor.may("workspace.config.get", row.id)]
        return [self._workspace(row) for row in seen]

    def workspace(self, workspace_uuid: str) -> dict[str, Any] | None:
        self._demand(workspace_uuid, "workspace.config.get", "system.workspace.get")
        row = self._estate.workspaces.get(workspace_uuid)
        return None if row is None else self._workspace(row)

    def create_workspace(self, label: str | None = None, description: str | None = None) -> dict[str, Any]:
        self._demand("", "system.workspace.create")
        if not label:
            raise MissingInputProblem("label")
        return self._workspace(self._estate.add_workspace(label, description or ""))

    def delete_workspace(self, workspace_uuid: str | None = None) -> dict[str, Any]:
        self._demand(workspace_uuid or "", "workspace.config.delete", "system.workspace.delete")
        row = self._estate.workspaces.get(workspace_uuid or "")
        if row is None:
            raise NotFoundProblem
        if self._estate.in_workspace(row.id):
            said = "You must first deprovision all deployments before you can delete your workspace."
            raise HoustonProblem(said, "INTERNAL_SERVER_ERROR")
        told = {**self._workspace(row), "deployments": []}
        self._estate.delete_workspace(row, self._deployment.keys)
        return told

    def deployments(self) -> list[dict[str, Any]]:
        actor = self._demand("", "system.workspace.create")
        everywhere = actor.may("system.deployments.get")
        rows = [row for row in self._estate.releases if everywhere or actor.may("deployment.config.get", row.id)]
        return [self._release(row) for row in rows]

    def deployment(self, where: Mapping[str, Any]) -> dict[str, Any] | None:
        row = self._estate.releases.get(where.get("id") or "")
        if row is None and where.get("releaseName"):
            row = self._estate.releases.lookup("release_name", where["releaseName"])
        id = row.id if row is not None else ""
        self._demand(id, "deployment.config.get", "system.deployments.get")
        return None if row is None else self._release(row)

    def workspace_deployments(self, workspace_uuid: str, release_name: str | None = None) -> list[dict[str, Any]]:
        self._demand(workspace_uuid, "workspace.deployments.get", "system.deployments.get")
        rows = self._estate.in_workspace(workspace_uuid)
        return [self._release(row) for row in rows if release_name in (None, row.release_name)]

    def workspace_deployment(self, workspace_uuid: str, release_name: str) -> dict[str, Any] | None:
        return next(iter(self.workspace_deployments(workspace_uuid, release_name)), None)

    def create_deployment(
        self,
        workspace_uuid: str | None = None,
        label: str | None = None,
        release_name: str | None = None,
        type: str | None = None,
    ) -> dict[str, Any]:
        self._demand(workspace_uuid or "", "workspace.deployments.create")
        if workspace_uuid is None or self._estate.workspaces.get(workspace_uuid) is None:
            raise NotFoundProblem
        if not label:
            raise MissingInputProblem("label")
        if any(row.label == label for row in self._estate.in_workspace(workspace_uuid)):
            raise InputProblem(f"Workspace already has a deployment named {label}")
        if release_name is not None and RELEASE_NAME.fullmatch(release_name) is None:
            raise InputProblem("Release name not formatted correctly.")
        if release_name is not None and self._estate.releases.lookup("release_name", release_name) is not None:
            raise InputProblem(f"Workspace already has a deployment named {release_name}")
        return self._release(self._estate.add_release(label, workspace_uuid, release_name))

    def delete_deployment(self, deployment_uuid: str | None = None) -> dict[str, Any]:
        self._demand(deployment_uuid or "", "deployment.config.delete", "system.deployments.delete")
        row = self._estate.releases.get(deployment_uuid or "")
        if row is None:
            raise NotFoundProblem
        told = self._release(row)
        self._estate.delete_release(row, self._deployment.keys)
        return told

    # ------------------------------------------------------------------------------------------------ service accounts

    def _listed(self, kind: str, entity_id: str) -> list[dict[str, Any]]:
        found = service_accounts.of_entity(self._deployment, self._actor, kind, entity_id)
        return [self._account(key) for key in found]

    def _one(self, verb: str, kind: str, id: str | None, entity: Mapping[str, str | None]) -> Key:
        entity_id = entity.get(f"{kind}_uuid") or ""
        return service_accounts.one(self._deployment, self._actor, verb, kind, entity_id, id)

    def _wherever(self, verb: str, id: str | None) -> Key:
        return service_accounts.wherever(self._deployment, self._actor, verb, id)

    def _created(self, kind: str, entity_id: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
        return self._account(service_accounts.create(self._deployment, self._actor, kind, entity_id or "", **values))

    def _changed(self, key: Key, payload: Any) -> dict[str, Any]:
        return self._account(service_accounts.change(self._deployment, key, payload))

    def _deleted(self, key: Key) -> dict[str, Any]:
        told = {**self._account(key), "roleBinding": self._binding(key)}
        service_accounts.delete(self._deployment, key)
        return told

    # The same verbs for each kind of entity, which its own argument names, such as ``workspace_uuid``.

    def _list(self, kind: str, **entity: str) -> list[dict[str, Any]]:
        return self._listed(kind, entity[f"{kind}_uuid"])

    def _get(self, kind: str, service_account_uuid: str, **entity: str) -> dict[str, Any]:
        return self._account(self._one("get", kind, service_account_uuid, entity))

    def _create(self, kind: str, **given: Any) -> dict[str, Any]:
        return self._created(kind, given.pop(f"{kind}_uuid", None), given)

    def _update(
        self, kind: str, service_account_uuid: str | None = None, payload: Any = None, **entity: str | None
    ) -> dict[str, Any]:
        return self._changed(self._one("update", kind, service_account_uuid, entity), payload)

    def _delete(self, kind: str, service_account_uuid: str | None = None, **entity: str | None) -> dict[str, Any]:
        return self._deleted(self._one("delete", kind, service_account_uuid, entity))

    deployment_service_accounts = partialmethod(_list, "deployment")
    workspace_service_accounts = partialmethod(_list, "workspace")
    deployment_service_account = partialmethod(_get, "deployment")
    workspace_service_account = partialmethod(_get, "workspace")
    create_deployment_service_account = partialmethod(_create, "deployment")
    create_workspace_service_account = partialmethod(_create, "workspace")
    create_system_service_account = partialmethod(_create, "system")
    update_deployment_service_account = partialmethod(_update, "deployment")
    update_workspace_service_account = partialmethod(_update, "workspace")
    delete_deployment_service_account = partialmethod(_delete, "deployment")
    delete_workspace_service_account = partialmethod(_delete, "workspace")
    delete_system_service_account = partialmethod(_delete, "system")

    def service_accounts(
        self, entity_type: str, entity_uuid: str | None = None, service_account_uuid: str | None = None
    ) -> list[dict[str, Any]]:
        found = self._listed(entity_type.lower(), entity_uuid or "")
        return [row for row in found if service_account_uuid in (None, row["id"])]

    def create_service_account(
        self, entity_type: str | None = None, entity_uuid: str | None = None, **values: Any
    ) -> dict[str, Any]:
        if entity_type is None:
            raise MissingInputProblem("entityType")
        return self._created(entity_type.lower(), entity_uuid, values)

    def update_service_account(self, service_account_uuid: str | None = None, payload: Any = None) -> dict[str, Any]:
        return self._changed(self._wherever("update", service_account_uuid), payload)

    def delete_service_account(self, service_account_uuid: str | None = None) -> dict[str, Any]:
        return self._deleted(self._wherever("delete", service_account_uuid))


def find_user(deployment: Site, identity: str) -> User | None:
    """The user whom a login names, by user name or e-mail address."""
    found = users.by_login(deployment.airflow, identity) if identity else None
    return found or next((user for user in deployment.airflow.users if identity and user.email == identity), None)
