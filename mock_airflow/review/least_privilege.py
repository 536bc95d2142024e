"""The smallest role, and the smallest scope of a key, that would have passed every call that was made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.access.permissions import Access, Permissions
from mock_airflow.access.principals import ROLE_OF_SCOPE, permissions_of

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.review.traffic import Seen

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

    def passes(role: str) -> bool:
        permissions = _permissions(deployment, role)
        return all(access.missing(permissions, dag_id) is None for access, dag_id in wanted)

    role = next((role for role in ROLES if _is_there(deployment, role) and passes(role)), None)
    scope = next((scope for scope, role in ROLE_OF_SCOPE.items() if passes(role)), None)
    needed = sorted({str(missing) for access, _ in wanted for missing in access.needed()})
    return LeastPrivilege(role, scope, tuple(needed), len(wanted))


def needs_of(deployment: Deployment) -> Iterable[tuple[Access, str | None]]:
    """What each call in the journal needed, with the DAG that it named."""
    from mock_airflow.review.traffic import Traffic

    return needs_of_calls(Traffic(deployment.journal, deployment))


def needs_of_calls(calls: Iterable[Seen]) -> Iterable[tuple[Access, str | None]]:
    """What each of these calls needed, with the DAG that it named; a call that led to no operation needed nothing."""
    for call in calls:
        if call.operation is not None and call.operation.access is not None and call.entry.operation_id is not None:
            named = call.names.get("dag_id") or call.asked("dag_id")
            yield call.operation.access, None if named == "~" else named


def _permissions(deployment: Deployment, role: str) -> Permissions:
    """What one of Airflow's own roles allows, by the auth manager that the deployment has."""
    if deployment.generation == 3 and not deployment.settings.fab_auth_manager:
        from mock_airflow.access.simple_roles import ROLES as SIMPLE

        return SIMPLE.get(role.upper(), frozenset())
    return permissions_of(deployment.airflow, (role,), deployment.generation)


def _is_there(deployment: Deployment, role: str) -> bool:
    """Whether the deployment has the role; without the FAB auth manager, Airflow 3 has them by their code."""
    if deployment.generation == 3 and not deployment.settings.fab_auth_manager:
        return role != "Public"
    return deployment.airflow.roles.get(role) is not None
