"""The smallest role, and the smallest scope of a key, that would have passed every call that was made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from werkzeug.exceptions import HTTPException

from mock_airflow.access.permissions import Access
from mock_airflow.access.principals import ROLE_OF_SCOPE, permissions_of

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

ROLES = ("Public", "Viewer", "User", "Op", "Admin")  # Airflow's own, each with more than the one before it


class LeastPrivilege(NamedTuple):
    """What would have been enough.

    ``role`` is one of Airflow's own and ``scope`` one of a key's, each None where not even the greatest would do.
    ``permissions`` are what a role made for it needs, such as ``can_read on DAGs``; ``calls`` is how many calls were
    looked at.
    """

    role: str | None
    scope: str | None
    permissions: tuple[str, ...]
    calls: int

    def __str__(self) -> str:
        needed = ", ".join(self.permissions) or "nothing"
        role, scope = self.role or "beyond Admin", self.scope or "beyond admin"
        return f"role {role}, scope {scope} ({needed}; calls: {self.calls})"


def least_privilege(deployment: Deployment) -> LeastPrivilege:
    """What the calls in the journal needed; those that Airflow's APIs have no operation for need nothing."""
    return of_calls(deployment, needs_of(deployment))


def of_calls(deployment: Deployment, needs: Iterable[tuple[Access, str | None]]) -> LeastPrivilege:
    """What these accesses need, each with the DAG that its call named."""
    wanted = list(needs)
    airflow = deployment.airflow

    def passes(role: str) -> bool:
        permissions = permissions_of(airflow, (role,))
        return all(access.missing(permissions, dag_id) is None for access, dag_id in wanted)

    role = next((role for role in ROLES if airflow.roles.get(role) is not None and passes(role)), None)
    scope = next((scope for scope, role in ROLE_OF_SCOPE.items() if passes(role)), None)
    needed = sorted({str(missing) for access, _ in wanted for missing in access.needed()})
    return LeastPrivilege(role, scope, tuple(needed), len(wanted))


def needs_of(deployment: Deployment) -> Iterable[tuple[Access, str | None]]:
    """What each call in the journal needed, with the DAG that it named."""
    from mock_airflow.corridor.app import create_app
    from mock_airflow.corridor.routes import routes

    profile = deployment.profile
    accesses = {
        f"{api.name}.{operation.operation_id}": operation.access
        for api, operation in routes(profile)
        if api not in profile.apis
    }
    paths = create_app(profile.name).url_map.bind("localhost")
    for call in deployment.journal:
        if call.operation_id is None:
            continue
        try:
            endpoint, values = paths.match(call.path, method=call.method)
        except HTTPException:
            continue
        access = accesses.get(endpoint)
        if access is not None:
            named = values.get("dag_id") or parse_qs(call.query).get("dag_id", [None])[0]
            yield access, None if named == "~" else named
