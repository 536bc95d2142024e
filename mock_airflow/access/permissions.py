"""Airflow's permissions: an action on a resource, with the special rules for DAGs (code: FAB auth manager 1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

DAGS = "DAGs"
RUNS = "DAG Runs"
_ACTIONS = {"GET": "can_read", "POST": "can_create", "PUT": "can_edit", "DELETE": "can_delete", "MENU": "menu_access"}

Permissions = frozenset[tuple[str, str]]


class Missing(NamedTuple):
    """The permission a request lacked."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


class Access(Struct, frozen=True):
    """What an operation demands.

    ``method`` becomes the action on each of ``resources``. ``dag`` is the action on the DAG itself: on all DAGs, or on
    the one that the path names (``DAG:<id>``). With ``any_dag`` an operation without a DAG in its path is open to
    whoever may do ``dag`` on at least one. ``also`` is demanded besides.
    """

    method: str
    resources: tuple[str, ...] = ()
    dag: str | None = None
    any_dag: bool = False
    also: Access | None = None

    def and_also(self, other: Access) -> Access:
        """This and something else."""
        return replace(self, also=other)

    def missing(self, permissions: Permissions, dag_id: str | None) -> Missing | None:
        """The first permission that is lacking, or None."""
        action = _ACTIONS[self.method]
        if self.dag is not None and not self._dag_allowed(permissions, dag_id):
            return Missing(self.dag, DAGS if dag_id is None else f"DAG:{dag_id}")
        for resource in self.resources:
            if (action, resource) not in permissions and not self._of_one_dag(permissions, action, resource, dag_id):
                return Missing(action, resource)
        return self.also.missing(permissions, dag_id) if self.also else None

    def _of_one_dag(self, permissions: Permissions, action: str, resource: str, dag_id: str | None) -> bool:
        """Runs are the one thing in a DAG that can be permitted for that DAG alone."""
        return resource == RUNS and (action, f"DAG Run:{dag_id}") in permissions

    def _dag_allowed(self, permissions: Permissions, dag_id: str | None) -> bool:
        assert self.dag is not None
        if (self.dag, DAGS) in permissions:
            return True
        if dag_id is not None:
            return (self.dag, f"DAG:{dag_id}") in permissions
        return self.any_dag and any(
            action == self.dag and resource.startswith("DAG:") for action, resource in permissions
        )

    def needed(self) -> tuple[Missing, ...]:
        """Every permission the operation demands, for tables and documents."""
        own = [Missing(self.dag, DAGS)] if self.dag is not None else []
        own += [Missing(_ACTIONS[self.method], resource) for resource in self.resources]
        return (*own, *(self.also.needed() if self.also else ()))


def on(method: str, *resources: str) -> Access:
    """Access to things that are not DAGs: ``on("GET", "Pools")`` is can_read on Pools."""
    return Access(method, resources)


def on_dag(method: str, *entities: str) -> Access:
    """Access to a DAG (``on_dag("PUT")``), or to what belongs to one (``on_dag("GET", "DAG Runs")``).

    For an entity, the DAG that the path names must be readable (GET) or editable (anything else) too; where no DAG is
    named, only the entity is looked at (code).
    """
    if not entities:
        return Access(method, dag=_ACTIONS[method], any_dag=method in ("GET", "PUT"))
    return _EntityAccess(method, entities, dag=_ACTIONS["GET" if method == "GET" else "PUT"])


class _EntityAccess(Access, frozen=True):
    def _dag_allowed(self, permissions: Permissions, dag_id: str | None) -> bool:
        return dag_id is None or Access._dag_allowed(self, permissions, dag_id)


class DagInBody(_EntityAccess, frozen=True):
    """What is demanded of the DAG that the body names, and not the path."""

    @staticmethod
    def of(method: str, entity: str) -> DagInBody:
        """Access to what belongs to that DAG."""
        return DagInBody(method, (entity,), dag=_ACTIONS["GET" if method == "GET" else "PUT"])


def permitted_dags(permissions: Permissions, *actions: str) -> Callable[[str], bool] | None:
    """Which DAGs a list may show: those with one of ``actions`` (can_read, can_edit). None means all of them."""
    wanted = actions or ("can_edit", "can_read")
    for action in wanted:
        if (action, DAGS) in permissions:
            return None
    named = {resource[4:] for action, resource in permissions if action in wanted and resource.startswith("DAG:")}
    return named.__contains__
