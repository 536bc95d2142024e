"""Applications and the tokens that they are exchanged for (code: airbyte-platform; documented: the pages on access).

An application is a key whose public id is the client id and whose value, the client secret, is told whenever somebody
asks. Enterprise keeps any number of them, Keycloak (cloud) at most two a user under names that differ, and community
has one that was there before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from mock_airflow.access.digests import matches
from mock_airflow.access.keys import Key
from mock_airflow.answers import JSON, Answer, Refusal
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.airbyte.dialect import API, PUBLIC_PREFIXES
from mock_airflow.profiles.airbyte.wording import failed, hal, not_found, written
from mock_airflow.profiles.dialect import SIGNED_IN

if TYPE_CHECKING:
    from mock_airflow.access.site import Site

NOBODYS_ID = "00000000-0000-0000-0000-000000000000"  # who a token of the community edition stands for
AUDIENCE = "airbyte-server"
CLOUDS_APPLICATIONS = 2  # a user, with Keycloak
_COMMUNITY_ROLES = ["ADMIN", "AUTHENTICATED_USER", "EDITOR", "READER"]

operation = API.tagged("Applications")


def algorithm(deployment: Site) -> str:
    """How tokens are signed: by Keycloak with RS256 (code), by the others with HS256 (assumed)."""
    return "RS256" if deployment.settings.airbyte_edition == "cloud" else "HS256"


def lifetime(deployment: Site) -> timedelta:
    """How long a token counts."""
    return timedelta(minutes=deployment.settings.airbyte_token_minutes)


def issue(deployment: Site, key: Key) -> str:
    """A new access token for an application."""
    settings = deployment.settings
    claims: dict[str, Any] = {"iss": settings.airbyte_url, "aud": AUDIENCE}
    if settings.airbyte_edition == "community":
        claims["roles"] = _COMMUNITY_ROLES
    deployment.keys.used(key)
    return deployment.tokens.issue(
        _user_id(deployment, key),
        lifetime(deployment),
        credential=key.public_id,
        claims=claims,
        algorithm=algorithm(deployment),
        details=_holder(key),
    )


def _user_id(deployment: Site, key: Key) -> str:
    """Who a token stands for."""
    community = deployment.settings.airbyte_edition == "community"
    return NOBODYS_ID if community else str(uuid5(NAMESPACE_URL, f"airbyte/users/{key.owner}"))


def bearer_of(deployment: Site, text: str) -> dict[str, Any] | None:
    """Whose token it is (owner, scope, tier, client_id), if it counts. Raises TokenRefused; None for nobody's.

    A token that another server with the same key handed out stands for the user whom it names, as with any server that
    only checks signatures. SDKs keep a token for an application across servers.
    """
    claims = deployment.tokens.read(text, algorithm=algorithm(deployment), audience=AUDIENCE)
    row = deployment.tokens.row(text)
    if row is not None:
        return row.details
    keys = (key for key in deployment.keys.list() if key.revoked_at is None)
    key = next((key for key in keys if _user_id(deployment, key) == claims.get("sub")), None)
    return None if key is None else _holder(key)


def _holder(key: Key) -> dict[str, Any]:
    return {"owner": key.owner, "scope": key.scope, "tier": key.tier, "client_id": key.public_id}


def told(deployment: Site, key: Key) -> dict[str, Any]:
    """An application as every answer tells it, its secret included."""
    return {
        "id": _application_id(deployment, key),
        "name": key.name,
        "clientId": key.public_id,
        "clientSecret": key.value,
        "createdAt": int(key.created_at.timestamp()),
    }


def _exchanged(call: Call) -> str:
    """The token for the pair in the body. Raises Refusal."""
    deployment, body = call.deployment, call.body
    form = call.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
    if form and call.settings.airbyte_json_only:
        raise failed(deployment, 401, "This deployment reads JSON only, and a form came (airbyte_json_only).", "body")
    if not isinstance(body, dict):
        raise failed(deployment, 400, "The body holds no object with client_id and client_secret.")
    client_id, client_secret = body.get("client_id"), body.get("client_secret")
    if not isinstance(client_id, str) or not isinstance(client_secret, str):
        missing = "client_secret" if isinstance(client_id, str) else "client_id"
        raise failed(deployment, 400, f"The body has no {missing}.")
    grant = body.get("grant_type", body.get("grant-type", "client_credentials"))
    if grant != "client_credentials":
        raise failed(deployment, 400, "The grant type is not client_credentials.", "wrong grant")
    key = deployment.keys.by_public_id(client_id)
    if key is None:
        raise _wrong_pair(call, Why("There is no application with this client id.", "unknown key"))
    if not matches(client_secret, key.digest):
        raise _wrong_pair(call, Why(f"The client secret of {client_id} does not match.", "wrong secret"))
    why = key.ended(call.airflow.now())
    if why is not None:
        raise _wrong_pair(call, why)
    return issue(deployment, key)


def _wrong_pair(call: Call, why: Why) -> Refusal:
    """Each edition has another way to say so; the setting airbyte_wrong_pair picks one by hand."""
    chosen = call.settings.airbyte_wrong_pair
    by_edition = {"community": "400", "enterprise": "401", "cloud": "401"}
    status = int(by_edition[call.settings.airbyte_edition] if chosen == "by-edition" else chosen)
    if status == 400:
        body = hal(call.operation.path, "Invalid client id or token", 400)
        refusal = Refusal(status=400, body=body, content_type=JSON, why=why)
    else:
        refusal = failed(call.deployment, status, *why[:2])
    passing = "the client id and the client secret of one application"
    refusal.why = why._replace(read_from="the body", would_pass=passing)
    return refusal


@operation("POST", "/api/v1/applications/token", access=None)
def applications_token(call: Call) -> Answer:
    """Exchange a client id and its secret for an access token; the answer tells nothing else (code)."""
    return written({"access_token": _exchanged(call)})


def public_token(call: Call) -> Answer:
    """Exchange a client id and its secret for an access token, as JSON or as a form."""
    token = _exchanged(call)
    seconds = call.settings.airbyte_expires_in or int(lifetime(call.deployment).total_seconds())
    return written({"access_token": token, "token_type": "Bearer", "expires_in": seconds})


# The root is where airbyte-api's own default lands: it joins `/applications/token` to the host alone (measured).
for _name, _prefix in (*PUBLIC_PREFIXES.items(), ("root", "")):
    operation("POST", f"{_prefix}/applications/token", f"{_name}_applications_token", access=None)(public_token)


def _mine(call: Call) -> list[Key]:
    return [key for key in call.deployment.keys.list() if key.owner == call.principal.name and key.revoked_at is None]


def _create(call: Call) -> Key:
    name = call.body.get("name") if isinstance(call.body, dict) else None
    if not isinstance(name, str) or not name:
        raise failed(call.deployment, 400, "The body has no name.")
    edition = call.settings.airbyte_edition
    if edition == "community":
        raise failed(
            call.deployment, 500, "The community edition makes no applications; it has one.", "not implemented"
        )
    mine = _mine(call)
    if edition == "cloud" and len(mine) >= CLOUDS_APPLICATIONS:
        said = f"User already has {CLOUDS_APPLICATIONS} Applications"
        raise _refused_by_keycloak(call, said, "number of keys")
    if edition == "cloud" and any(key.name == name for key in mine):
        raise _refused_by_keycloak(call, "User already has a key with this name", "name taken")
    return new_application(call.deployment, name, call.principal.scope or "admin", call.principal.name)


def _refused_by_keycloak(call: Call, message: str, rule: str) -> Refusal:
    """The message is Keycloak's service's (code), the status assumed."""
    body = hal(call.operation.path, message, 400)
    return Refusal(status=400, body=body, content_type=JSON, why=Why(f"{message}.", rule=rule))


def new_application(deployment: Site, name: str, scope: str, owner: str) -> Key:
    """An application of somebody's."""
    return deployment.keys.issue(name=name, scope=scope, owner=owner).key


def _application_id(deployment: Site, key: Key) -> str:
    """What the endpoints call an application by: its client id with Keycloak, an id of its own elsewhere (code)."""
    cloud = deployment.settings.airbyte_edition == "cloud"
    return key.public_id if cloud else str(uuid5(NAMESPACE_URL, f"airbyte/applications/{key.public_id}"))


def _found(call: Call, application_id: object) -> Key | None:
    return next((key for key in _mine(call) if _application_id(call.deployment, key) == application_id), None)


def _delete(call: Call, key: Key) -> None:
    if call.settings.airbyte_edition == "community":
        raise failed(call.deployment, 500, "The community edition keeps its one application.", "not implemented")
    call.deployment.keys.delete(key)
    if not call.settings.airbyte_tokens_outlive_application:
        call.deployment.tokens.revoke_of(key.public_id)


@operation("POST", "/api/v1/applications/create", access=SIGNED_IN)
def create_application(call: Call) -> Answer:
    """Make an application of the caller's own."""
    return written(told(call.deployment, _create(call)))


@operation("POST", "/api/v1/applications/list", access=SIGNED_IN)
def list_applications(call: Call) -> Answer:
    """List the caller's applications with their secrets."""
    return written({"applications": [told(call.deployment, key) for key in _mine(call)]})


@operation("POST", "/api/v1/applications/delete", access=SIGNED_IN)
def delete_application(call: Call) -> Answer:
    """Delete an application; the answer is empty."""
    wanted = call.body.get("applicationId") if isinstance(call.body, dict) else None
    if not isinstance(wanted, str):
        raise failed(call.deployment, 400, "The body has no applicationId.")
    key = _found(call, wanted)
    if key is None:
        raise failed(
            call.deployment, 404, f"There is no application {wanted!r} of {call.principal.name!r}.", "existence"
        )
    _delete(call, key)
    return Answer("", int(call.settings.airbyte_delete_status), "")


def public_list(call: Call) -> Answer:
    """List the caller's applications with their secrets."""
    return list_applications(call)


def public_create(call: Call) -> Answer:
    """Make an application of the caller's own; answered with 200, not 201 (code)."""
    return create_application(call)


def _named(call: Call) -> Key:
    key = _found(call, call.path["application_id"])
    if key is None:
        raise not_found("application", call.path["application_id"])
    return key


def public_get(call: Call) -> Answer:
    """Tell one of the caller's applications with its secret."""
    return written(told(call.deployment, _named(call)))


def public_delete(call: Call) -> Answer:
    """Delete one of the caller's applications; tells what it was."""
    key = _named(call)
    _delete(call, key)
    return written(told(call.deployment, key))


for _name, _prefix in PUBLIC_PREFIXES.items():
    _all, _one = f"{_prefix}/applications", f"{_prefix}/applications/{{application_id}}"
    operation("GET", _all, f"{_name}_list_applications", access=SIGNED_IN)(public_list)
    operation("POST", _all, f"{_name}_create_application", access=SIGNED_IN)(public_create)
    operation("GET", _one, f"{_name}_get_application", access=SIGNED_IN)(public_get)
    operation("DELETE", _one, f"{_name}_delete_application", access=SIGNED_IN)(public_delete)
