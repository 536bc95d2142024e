"""Somebody who may call a deployment: made where there is nobody yet, and told as a client holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from mock_airflow.errors import UnknownRoleError
from mock_airflow.settings.spelling import hint

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment


class Account(Struct, frozen=True, kw_only=True):
    """Somebody who may call: a name as the journal tells it, roles, a credential as a client holds it, its headers."""

    name: str
    roles: tuple[str, ...]
    credentials: dict[str, str]
    headers: dict[str, str]

    def __repr__(self) -> str:
        return f"Account(name={self.name!r}, roles={self.roles!r})"


def account_of(deployment: Deployment, role: str) -> Account:
    """Somebody who acts with a role; hold the deployment's lock. Raises UnknownRoleError."""
    from mock_airflow.in_process.first_credential import taken_for

    roles = deployment.airflow.roles
    if role not in roles:
        known = [row.name for row in roles]
        raise UnknownRoleError(f"There is no role {role!r}; {hint(role, known, 'the roles are')}")
    credentials = deployment.profile.credentials_for(deployment, role)
    headers = deployment.profile.headers(credentials, deployment)
    name, acted = taken_for(deployment, headers)
    return Account(name=name, roles=acted, credentials=credentials, headers=headers)
