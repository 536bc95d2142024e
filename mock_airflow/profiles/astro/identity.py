"""Who a bearer token is to Astro: what a Deployment API key was exchanged for, an API token, or a user's token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.access.digests import matches
from mock_airflow.access.keys import Key
from mock_airflow.access.principals import ROLE_OF_SCOPE, scheme_seen
from mock_airflow.answers import Unidentified
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astro.roles import (
    DEPLOYMENT,
    ORGANIZATION,
    TOKEN_KIND,
    WORKSPACE,
    Role,
    airflow_role,
    owns,
    role_on,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.domain.records import User
    from mock_airflow.profiles.astro.estate import AstroEstate
    from mock_airflow.settings import Settings

KEY_TOKEN_LIFETIME = timedelta(hours=24)
NEVER = 365_030  # days: the longest period of the API's reference, for a token that has no end of its own (assumed)
AUTH_HOST = "https://auth.astronomer.io"
_ROLE_CLAIM = "https://mock-airflow.invalid/airflow_role"  # so that a token outlives its key without anybody's memory
_ROLE_OF_USER = {"Admin": "WORKSPACE_OWNER", "Op": "WORKSPACE_OPERATOR", "User": "WORKSPACE_AUTHOR"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AstroActor:
    """Somebody whom Astro knows. ``airflow`` is the one role of Airflow's that is held, whatever Astro's come to."""

    id: str
    name: str
    credential_id: str
    roles: tuple[Role, ...]
    deployment_id: str | None = None
    airflow: str | None = None
    key: Key | None = None
    user: User | None = None

    @property
    def is_api_key(self) -> bool:
        """Whether a Deployment API key stands behind it."""
        return self.user is None and self.deployment_id is not None

    def airflow_roles(self, deployment_id: str, estate: AstroEstate) -> tuple[str, ...]:
        """The roles of Airflow's with which the actor comes into a deployment; none where there is no way in."""
        if self.user is not None:
            return self.user.roles
        if self.deployment_id is not None:
            return (self.airflow or "Admin",) if self.deployment_id == deployment_id else ()
        role = airflow_role(self.roles, (deployment_id, estate.workspace_id, estate.organization_id))
        if role == "Admin" and all(each["role"] == "DEPLOYMENT_ADMIN" for each in self.roles):
            role = estate.deployment_role
        return () if role is None else (self.airflow or role,)

    def manages(self, kind: str, id: str, deployment: Site) -> bool:
        """Whether the actor may manage API tokens of an organization, a workspace or a deployment."""
        estate: AstroEstate = deployment.vendor
        if self.is_api_key:
            return deployment.settings.astro_keys_manage_tokens and self.airflow in (None, "Admin")
        above = {ORGANIZATION: (), WORKSPACE: (estate.organization_id,)}.get(
            kind, (estate.workspace_id, estate.organization_id)
        )
        return owns(self.roles, (id, *above))


def identify(request: Request, deployment: Site) -> AstroActor:
    """Who the request is. Raises Unidentified. The scheme's spelling does not matter (code)."""
    header = request.headers.get("Authorization", "")
    if not header:
        raise Unidentified(Why("No Authorization header was sent.", "no credential"))
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != "bearer":
        said = f"The Authorization header has {scheme_seen(header)}, or is not two words."
        raise Unidentified(Why(said, "scheme"))
    settings = deployment.settings
    claims = deployment.tokens.read(
        parts[1], algorithm="RS256", issuer=settings.astro_issuer or None, audience=settings.astro_audience
    )
    if claims.get("apiTokenId"):
        return _api_token(parts[1], str(claims["apiTokenId"]), deployment)
    if claims.get("gty") == "client-credentials":
        if not takes_keys(deployment.settings):
            raise Unidentified(Why("Deployment API keys open nothing any more (astro_api_keys).", "keys are gone"))
        return _api_key(claims, deployment)
    return _user(claims, deployment)


def _api_token(text: str, id: str, deployment: Site) -> AstroActor:
    key = deployment.keys.by_public_id(id)
    if key is None:
        raise Unidentified(Why(f"The API token {id} was deleted.", "deleted token"))
    if not matches(text, key.digest):
        raise Unidentified(Why(f"The API token {id} was rotated; this is a value from before.", "rotated token"))
    _demand_living(key, deployment)
    key = deployment.keys.used(key)
    return AstroActor(
        id=key.public_id,
        name=key.name,
        credential_id=f"token:{key.public_id}",
        roles=tuple(key.details.get("roles") or ()),
        airflow=key.details.get("airflow_role"),
        key=key,
    )


def _demand_living(key: Key, deployment: Site) -> None:
    why = key.ended(deployment.airflow.now())
    if why is not None:
        said = why.reason.replace(f"The key {key.prefix}", f"The credential {key.public_id}")
        raise Unidentified(why._replace(reason=said, rule=why.rule.removesuffix(" key")))


def _api_key(claims: Any, deployment: Site) -> AstroActor:
    id = str(claims.get("azp"))
    key = deployment.keys.by_public_id(id)
    estate: AstroEstate = deployment.vendor
    if key is not None:
        if not deployment.settings.astro_tokens_outlive_keys:
            _demand_living(key, deployment)
        key = deployment.keys.used(key)
    elif not deployment.settings.astro_tokens_outlive_keys:
        raise Unidentified(Why(f"The Deployment API key {id} was deleted.", "deleted key"))
    permissions = [str(each).partition(":") for each in claims.get("permissions") or ()]
    of = next((rest for kind, _, rest in permissions if kind == "deploymentId"), estate.main_id)
    return AstroActor(
        id=id,
        name=key.name if key is not None else id,
        credential_id=f"key:{id}",
        roles=(role_on(DEPLOYMENT, of, "DEPLOYMENT_ADMIN"),),
        deployment_id=of,
        airflow=str(claims.get(_ROLE_CLAIM) or "Admin"),
        key=key,
    )


def _user(claims: Any, deployment: Site) -> AstroActor:
    subject = claims.get("sub")
    user = next((user for user in deployment.airflow.users if user_id(user) == subject), None)
    if user is None or not user.active:
        raise Unidentified(Why("The token names a user who does not exist, or is not active.", "unknown user"))
    estate: AstroEstate = deployment.vendor
    level = next((role for role in ("Admin", "Op", "User") if role in user.roles), "")
    roles = [role_on(WORKSPACE, estate.workspace_id, _ROLE_OF_USER.get(level, "WORKSPACE_MEMBER"))]
    if level == "Admin":
        roles.append(role_on(ORGANIZATION, estate.organization_id, "ORGANIZATION_OWNER"))
    return AstroActor(
        id=user_id(user),
        name=f"{user.first_name} {user.last_name}".strip(),
        credential_id=f"user:{user.username}",
        roles=tuple(roles),
        user=user,
    )


def user_id(user: User) -> str:
    """What the auth host calls a user by."""
    return "auth0|" + hashlib.sha256(user.username.encode()).hexdigest()[:24]


def takes_keys(settings: Settings) -> bool:
    """Whether Deployment API keys are exchanged for tokens."""
    said = settings.astro_api_keys
    return settings.generation == 2 if said is None else said


# ------------------------------------------------------------------------------------------------- tokens that are made


def issuer(deployment: Site, origin: str = "") -> str:
    """Who tokens say they are from: the auth host that was called, with a slash at its end."""
    return deployment.settings.astro_issuer or f"{origin or AUTH_HOST}/"


def key_token(key: Key, deployment: Site, origin: str = "") -> str:
    """What a Deployment API key is exchanged for: a day's token with Auth0's claims for a machine (assumed)."""
    estate: AstroEstate = deployment.vendor
    of = str(key.details.get("deployment_id") or estate.main_id)
    permissions = [
        f"deploymentId:{of}",
        f"workspaceId:{estate.workspace_id}",
        f"organizationId:{estate.organization_id}",
    ]
    role = str(key.details.get("airflow_role") or ROLE_OF_SCOPE[key.scope])
    claims = {
        "iss": issuer(deployment, origin),
        "aud": deployment.settings.astro_audience,
        "azp": key.public_id,
        "gty": "client-credentials",
        "scope": "",
        "permissions": permissions,
        _ROLE_CLAIM: role,
    }
    subject = f"{key.public_id}@clients"
    return deployment.tokens.issue(
        subject, KEY_TOKEN_LIFETIME, credential=key.public_id, claims=claims, algorithm="RS256", kind="api key"
    )


def user_token(user: User, deployment: Site, origin: str = "") -> str:
    """A user's temporary token, as the page ``/token`` shows it."""
    claims = {
        "iss": issuer(deployment, origin),
        "aud": deployment.settings.astro_audience,
        "email": user.email,
        "scope": "openid profile email",
        "permissions": [],
    }
    lifetime = timedelta(hours=deployment.settings.astro_user_token_hours)
    return deployment.tokens.issue(
        user_id(user), lifetime, credential=f"user:{user.username}", claims=claims, algorithm="RS256", kind="user"
    )


def api_token_text(id: str, roles: list[dict[str, str]], days: int | None, deployment: Site, origin: str) -> str:
    """The value of an API token: a JWT with the claims that the vendor's command line reads (code)."""
    from mock_airflow.access.signing import key_id

    estate: AstroEstate = deployment.vendor
    kinds = {ORGANIZATION: "organizationId", WORKSPACE: "workspaceId", DEPLOYMENT: "deploymentId"}
    permissions = [f"{kinds[role['entityType']]}:{role['entityId']}" for role in roles]
    for more in (f"workspaceId:{estate.workspace_id}", f"organizationId:{estate.organization_id}"):
        kind = more.partition(":")[0]
        narrow = any(role["entityType"] != ORGANIZATION for role in roles)
        if not any(each.startswith(kind) for each in permissions) and (kind == "organizationId" or narrow):
            permissions.append(more)
    claims = {
        "iss": issuer(deployment, origin),
        "aud": deployment.settings.astro_audience,
        "apiTokenId": id,
        "isAstronomerGenerated": True,
        "kid": key_id(),
        "org_id": f"org_{estate.organization_id[-16:]}",
        "scope": "apiTokenId:" + id,
        "version": "v1",
        "permissions": [f"apiTokenId:{id}", *permissions],
    }
    return deployment.tokens.issue(
        id, timedelta(days=days or NEVER), credential=f"token:{id}", claims=claims, algorithm="RS256", kind=TOKEN_KIND
    )
