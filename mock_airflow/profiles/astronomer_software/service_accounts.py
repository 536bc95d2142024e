"""Service accounts: Houston's verbs on keys, for a workspace, a deployment or the whole system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.keys import Key, KeyForm
from mock_airflow.profiles.astronomer_software.estate import cuid
from mock_airflow.profiles.astronomer_software.identity import HoustonActor, binding_of
from mock_airflow.profiles.astronomer_software.problems import (
    InputProblem,
    MissingInputProblem,
    NotFoundProblem,
    demand,
)
from mock_airflow.profiles.astronomer_software.roles import SCOPE_OF_LEVEL, kind_of

if TYPE_CHECKING:
    from mock_airflow.access.site import Site

# A key is 16 random bytes in hexadecimal, and Houston tells it again whenever it is asked (code).
FORM = KeyForm(new_value=lambda airflow: airflow.ids.hex(32, "service account"), new_public_id=cuid, shown_again=True)


def create(
    deployment: Site,
    actor: HoustonActor | None,
    kind: str,
    entity_id: str,
    *,
    label: str | None = None,
    category: str | None = None,
    role: str | None = None,
) -> Key:
    """A new service account with a role on the entity. Raises HoustonProblem."""
    verb = "serviceAccounts.create"
    demand(actor, (f"{kind}.{verb}", f"system.{verb}"), entity_id, deployment)
    for name, value in (("label", label), ("role", role)):
        if not value:
            raise MissingInputProblem(name)
    assert role is not None
    if kind_of(role) != kind:
        raise InputProblem("Entity and role types don't match")
    details = {"role": role, "entity_id": entity_id, "category": category}
    scope = SCOPE_OF_LEVEL[role.rpartition("_")[2]]
    made_by = actor.label if actor is not None else ""
    return deployment.keys.issue(
        name=label or "", scope=scope, owner=label or "", created_by=made_by, details=details
    ).key


def of_entity(deployment: Site, actor: HoustonActor | None, kind: str, entity_id: str) -> list[Key]:
    """The service accounts of an entity, oldest first. Raises HoustonProblem."""
    demand(actor, (f"{kind}.serviceAccounts.get", "system.serviceAccounts.get"), entity_id, deployment)
    return [key for key in deployment.keys.list() if entity_of(key) == (kind, entity_id)]


def one(deployment: Site, actor: HoustonActor | None, verb: str, kind: str, entity_id: str, id: str | None) -> Key:
    """A service account of an entity, for an actor who may do ``verb`` with it. Raises HoustonProblem."""
    demand(actor, (f"{kind}.serviceAccounts.{verb}", f"system.serviceAccounts.{verb}"), entity_id, deployment)
    key = deployment.keys.by_public_id(id or "")
    if key is None or entity_of(key) != (kind, entity_id):
        raise NotFoundProblem
    return key


def wherever(deployment: Site, actor: HoustonActor | None, verb: str, id: str | None) -> Key:
    """A service account by its id alone, as the oldest verbs take it. Raises HoustonProblem."""
    key = deployment.keys.by_public_id(id or "")
    if key is None:
        demand(actor, (f"system.serviceAccounts.{verb}",), "", deployment)
        raise NotFoundProblem
    return one(deployment, actor, verb, *entity_of(key), key.public_id)


def change(deployment: Site, key: Key, payload: Any) -> Key:
    """A service account with another label, category or role; what else the payload has is left out (code)."""
    if not isinstance(payload, Mapping):
        raise MissingInputProblem("payload")
    fields: dict[str, Any] = {}
    details = dict(key.details)
    if "label" in payload:
        fields["name"] = fields["owner"] = _text(payload, "label")
    if "category" in payload:
        details["category"] = _text(payload, "category")
    role = payload.get("role")
    if role:
        if (
            not isinstance(role, str)
            or kind_of(role) != entity_of(key)[0]
            or role.rpartition("_")[2] not in SCOPE_OF_LEVEL
        ):
            raise InputProblem("Entity and role types don't match")
        details |= {"role": role, "entity_id": entity_of(key)[1]}
        fields["scope"] = SCOPE_OF_LEVEL[role.rpartition("_")[2]]
    return deployment.keys.change(key, details=details, **fields)


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload[name]
    if not isinstance(value, str):
        raise InputProblem(f"A {name} is a text.")
    return value


def delete(deployment: Site, key: Key) -> Key:
    """Forget a service account; gives what it was. Its key opens nothing from now on."""
    return deployment.keys.delete(key)


def entity_of(key: Key) -> tuple[str, str]:
    """What a service account belongs to: its kind and its id."""
    binding = binding_of(key)
    return kind_of(binding.role), binding.entity_id


def shown_value(deployment: Site, key: Key) -> str:
    """The key as Houston tells it: whole, or some minutes after it was made its first characters and stars."""
    value, minutes = key.value or "", deployment.settings.astronomer_software_key_shown_minutes
    age = (deployment.airflow.now() - key.created_at).total_seconds()
    if minutes is None or age < minutes * 60:
        return value
    return value[:6].ljust(len(value), "*")
