"""API tokens of a deployment, a workspace or the organization: create, list, get, update, rotate, delete.

Two shapes of the same: ``/tokens`` of the public API, and the command line's older ``/api-tokens`` below what they are
for. A value is told by create and rotate alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.access.keys import Issued, Key
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.operation import Call
from mock_airflow.profiles.astro.api import (
    ALPHA,
    IAM,
    V1,
    actor_of,
    at,
    bad_request,
    demand,
    fields,
    moment,
    not_found,
    of_organization,
    page,
    several,
    subject,
    text,
    told,
)
from mock_airflow.profiles.astro.estate import cuid
from mock_airflow.profiles.astro.identity import NEVER, api_token_text
from mock_airflow.profiles.astro.roles import (
    DEPLOYMENT,
    ORGANIZATION,
    ROLES,
    TOKEN_KIND,
    WORKSPACE,
    role_on,
)

if TYPE_CHECKING:
    from mock_airflow.access.site import Site

PUBLIC = (V1, IAM)
OLDER = (ALPHA,)
_ONE = "/{organization_id}/tokens/{token_id}"
_BELOW = {
    ORGANIZATION: "/{organization_id}/api-tokens",
    WORKSPACE: "/{organization_id}/workspaces/{workspace_id}/api-tokens",
    DEPLOYMENT: "/{organization_id}/deployments/{deployment_id}/api-tokens",
}


def _view(key: Key, secret: str | None = None) -> dict[str, Any]:
    details = key.details
    view: dict[str, Any] = {
        "id": key.public_id,
        "name": key.name,
        "description": key.description,
        "shortToken": key.suffix,
        "type": details["type"],
        "startAt": details["start_at"],
        "createdAt": moment(key.created_at),
        "createdBy": details["created_by"],
        "updatedAt": moment(key.updated_at),
        "updatedBy": details["updated_by"],
        "roles": details["roles"],
    }
    if details["days"] is not None:
        view |= {"expiryPeriodInDays": details["days"], "endAt": moment(key.expires_at)}
    if key.last_used_at is not None:
        view["lastUsedAt"] = moment(key.last_used_at)
    if secret is not None:
        view["token"] = secret
    return view


# ------------------------------------------------------------------------------------------------------------ the verbs


def _entity(call: Call, kind: str, id: str | None) -> str:
    """The id of what a token is for, which has to exist. Raises Refusal."""
    estate = of_organization(call)
    if kind == ORGANIZATION:
        return estate.organization_id
    if not id:
        raise bad_request(call, f"entityId is required for a token of the type {kind}")
    if kind == WORKSPACE and id != estate.workspace_id:
        raise not_found(call, "Workspace", id)
    if kind == DEPLOYMENT and estate.deployments.get(id) is None:
        raise not_found(call, "Deployment", id)
    return id


def _demand_manager(call: Call, kind: str, id: str) -> None:
    allowed = actor_of(call).manages(kind, id, call.deployment)
    demand(call, allowed, f"the highest role on the {kind.lower()} {id}, or that of an owner above")


def _role(call: Call, kind: str, role: Any) -> str:
    if role not in ROLES[kind]:
        raise bad_request(call, f"role is one of {', '.join(ROLES[kind])}")
    return str(role)


def _create(call: Call, kind: str, id: str | None) -> Answer:
    entity = _entity(call, kind, id)
    _demand_manager(call, kind, entity)
    name, description = text(call, "name"), text(call, "description", required=False)
    days = fields(call).get("tokenExpiryPeriodInDays")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= NEVER):
        raise bad_request(call, f"tokenExpiryPeriodInDays is a number from 1 to {NEVER}")
    roles = [role_on(kind, entity, _role(call, kind, fields(call).get("role")))]
    issued = made(
        call.deployment,
        name,
        kind,
        roles,
        days,
        by=subject(actor_of(call)),
        origin=call.origin,
        description=description,
        created_by=call.principal.name,
    )
    return told(_view(issued.key, issued.secret))


def made(
    deployment: Site,
    name: str,
    kind: str,
    roles: list[dict[str, str]],
    days: int | None = None,
    *,
    by: Mapping[str, str],
    origin: str = "",
    also: Mapping[str, Any] | None = None,
    **more: Any,
) -> Issued:
    """A new API token with these roles, for as many days; ``more`` is what ``Keys.issue`` takes, ``also`` details."""
    airflow = deployment.airflow
    token_id = cuid(airflow)
    secret = api_token_text(token_id, roles, days, deployment, origin)
    details = {
        "kind": TOKEN_KIND,
        "type": kind,
        "roles": roles,
        "days": days,
        "start_at": moment(airflow.now()),
        "created_by": dict(by),
        "updated_by": dict(by),
        **(also or {}),
    }
    period = {} if days is None else {"expires_in": timedelta(days=days)}
    return deployment.keys.issue(
        name=name, owner=name, secret=secret, public_id=token_id, details=details, **{**more, **period}
    )


def _all(call: Call) -> list[Key]:
    return [key for key in call.deployment.keys.list() if key.details.get("kind") == TOKEN_KIND]


def _concerns(key: Key, ids: list[str]) -> bool:
    return any(role["entityId"] in ids for role in key.details["roles"])


def _entity_above(call: Call) -> tuple[str, str] | None:
    """What the older path has a token below, which has to exist; None for the public path. Raises Refusal."""
    kind = next((kind for kind, path in _BELOW.items() if path in call.operation.path), None)
    return None if kind is None else (kind, _entity(call, kind, call.path.get(f"{kind.lower()}_id")))


def _found(call: Call) -> Key:
    """The token that the path names, for whoever may manage one of the things that it has a role on. Raises Refusal."""
    estate, above = of_organization(call), _entity_above(call)
    key = call.deployment.keys.by_public_id(call.path["token_id"])
    if key is None or key.details.get("kind") != TOKEN_KIND or (above is not None and not _concerns(key, [above[1]])):
        raise not_found(call, "API token", call.path["token_id"])
    actor = actor_of(call)
    entities = [(role["entityType"], role["entityId"]) for role in key.details["roles"]]
    entities = entities or [(ORGANIZATION, estate.organization_id)]
    allowed = actor.id == key.public_id or any(actor.manages(*entity, call.deployment) for entity in entities)
    demand(call, allowed, "the highest role on what the token is for, or that of an owner above")
    return key


def _update(call: Call, key: Key, kind: str | None = None, id: str = "") -> Answer:
    details = {**key.details, "updated_by": subject(actor_of(call))}
    role = fields(call).get("role")
    if kind is not None and role is not None:
        others = [each for each in details["roles"] if each["entityId"] != id]
        details["roles"] = [*others, role_on(kind, id, _role(call, kind, role))]
    changed = {"details": details, "name": text(call, "name")}
    if "description" in fields(call):
        changed["description"] = text(call, "description", required=False)
    return told(_view(call.deployment.keys.change(key, **changed)))


def _set_roles(call: Call, key: Key) -> Answer:
    given = fields(call).get("roles")
    if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
        raise bad_request(call, "roles is a list of roles with entityType, entityId and role")
    roles = []
    for each in given:
        kind = each.get("entityType")
        if kind not in ROLES:
            raise bad_request(call, f"entityType is one of {', '.join(ROLES)}")
        id = each.get("entityId")
        entity = _entity(call, kind, id if isinstance(id, str) else None)
        _demand_manager(call, kind, entity)
        roles.append(role_on(kind, entity, _role(call, kind, each.get("role"))))
    details = {**key.details, "roles": roles, "updated_by": subject(actor_of(call))}
    call.deployment.keys.change(key, details=details)
    return told({"roles": roles})


def renewed(deployment: Site, key: Key, origin: str = "", by: Mapping[str, str] | None = None) -> Issued:
    """An API token with a new value; the one before opens nothing from now on, and a period begins anew."""
    days, now = key.details["days"], deployment.airflow.now()
    deployment.tokens.revoke_of(f"token:{key.public_id}")
    secret = api_token_text(key.public_id, key.details["roles"], days, deployment, origin)
    details = {**key.details, "start_at": moment(now), "updated_by": dict(by or key.details["updated_by"])}
    expires = None if days is None else now + timedelta(days=days)
    rotated = deployment.keys.renew(key, secret)
    return Issued(deployment.keys.change(rotated, details=details, expires_at=expires), secret)


# ------------------------------------------------------------------------------------------------------- the public API


@at("API tokens", PUBLIC, "POST", "/{organization_id}/tokens", "create_token")
def create_token(call: Call) -> Answer:
    """Make an API token, and tell its value this once."""
    of_organization(call)
    kind = text(call, "type")
    if kind not in ROLES:
        raise bad_request(call, f"type is one of {', '.join(ROLES)}")
    return _create(call, kind, text(call, "entityId", required=False) or None)


@at("API tokens", PUBLIC, "GET", "/{organization_id}/tokens", "list_tokens")
def list_tokens(call: Call) -> Answer:
    """List the API tokens that whoever asks may manage; never their values."""
    estate, actor = of_organization(call), actor_of(call)
    ids = [*several(call, "workspaceId"), *several(call, "deploymentId")]
    only = call.query.get("includeOnlyOrganizationTokens", "").lower() == "true"
    manages = {
        kind: actor.manages(kind, id, call.deployment)
        for kind, id in ((ORGANIZATION, estate.organization_id), (WORKSPACE, estate.workspace_id))
    }
    anything = any(manages.values()) or any(
        actor.manages(DEPLOYMENT, row.id, call.deployment) for row in estate.deployments
    )
    demand(call, anything, "the highest role on a deployment, a workspace or the organization")

    def seen(key: Key) -> bool:
        return (
            any(actor.manages(role["entityType"], role["entityId"], call.deployment) for role in key.details["roles"])
            or manages[ORGANIZATION]
        )

    rows = [
        _view(key)
        for key in _all(call)
        if seen(key) and (not ids or _concerns(key, ids)) and (not only or key.details["type"] == ORGANIZATION)
    ]
    return page(call, "tokens", rows)


@at("API tokens", PUBLIC, "GET", _ONE, "get_token")
def get_token(call: Call) -> Answer:
    """Read an API token; never its value."""
    return told(_view(_found(call)))


@at("API tokens", PUBLIC, "POST", _ONE, "update_token")
def update_token(call: Call) -> Answer:
    """Give an API token another name or description."""
    return _update(call, _found(call))


@at("API tokens", PUBLIC, "POST", f"{_ONE}/roles", "update_token_roles")
def update_token_roles(call: Call) -> Answer:
    """Give an API token other roles, all at once."""
    return _set_roles(call, _found(call))


@at("API tokens", PUBLIC, "POST", f"{_ONE}/rotate", "rotate_token")
def rotate_token(call: Call) -> Answer:
    """Give an API token a new value, and tell it this once."""
    issued = renewed(call.deployment, _found(call), call.origin, subject(actor_of(call)))
    return told(_view(issued.key, issued.secret))


@at("API tokens", PUBLIC, "DELETE", _ONE, "delete_token")
def delete_token(call: Call) -> Answer:
    """Delete an API token; it cannot be recovered."""
    key = _found(call)
    call.deployment.tokens.revoke_of(f"token:{key.public_id}")
    call.deployment.keys.delete(key)
    return NO_CONTENT


# ---------------------------------------------------------------------------------- the command line's, below an entity


def _above(call: Call) -> tuple[str, str]:
    """What the older path is below, for whoever may manage tokens there. Raises Refusal."""
    above = _entity_above(call)
    assert above is not None
    _demand_manager(call, *above)
    return above


def list_api_tokens(call: Call) -> Answer:
    """List the API tokens that have a role on this; never their values."""
    (_, id), types = _above(call), several(call, "tokenTypes")
    rows = [key for key in _all(call) if _concerns(key, [id]) and (not types or key.details["type"] in types)]
    return page(call, "apiTokens", [_view(key) for key in rows])


def create_api_token(call: Call) -> Answer:
    """Make an API token for this, and tell its value this once."""
    return _create(call, *_above(call))


def update_api_token(call: Call) -> Answer:
    """Give an API token another name or description, or a role on this."""
    above = _above(call)
    return _update(call, _found(call), *above)


for _kind, _path in _BELOW.items():
    _one, _of = f"{_path}/{{token_id}}", f"{_kind.lower()}_api_token"
    at("API tokens", OLDER, "GET", _path, f"list_{_of}s")(list_api_tokens)
    at("API tokens", OLDER, "POST", _path, f"create_{_of}")(create_api_token)
    at("API tokens", OLDER, "GET", _one, f"get_{_of}")(get_token)
    at("API tokens", OLDER, "POST", _one, f"update_{_of}")(update_api_token)
    at("API tokens", OLDER, "POST", f"{_one}/rotate", f"rotate_{_of}")(rotate_token)
    at("API tokens", OLDER, "DELETE", _one, f"delete_{_of}")(delete_token)
