"""Who a request is to Houston: the service account of a key, or the user of a login's token (code)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mock_airflow.answers import TokenRefused, Unidentified
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astronomer_software.estate import DEPLOYMENT_ID, HoustonEstate
from mock_airflow.profiles.astronomer_software.roles import LEVEL_OF_SCOPE, Binding, airflow_role, allows, kind_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.records import User

TOKEN_LIFETIME = timedelta(hours=24)
_KEY_LENGTH = 32
_LEVEL_OF_USER = {"Admin": "ADMIN", "Op": "EDITOR", "User": "EDITOR", "Viewer": "VIEWER"}


@dataclass(frozen=True, kw_only=True, slots=True)
class HoustonActor:
    """Somebody whom Houston knows. ``own_roles`` are those of a user in Airflow, None for a service account."""

    id: str
    label: str
    email: str
    credential_id: str
    bindings: tuple[Binding, ...]
    key: Key | None = None
    user: User | None = None

    def may(self, permission: str, entity_id: str = "") -> bool:
        """Whether the actor has a permission, on an entity where it is one on entities."""
        return allows(self.bindings, permission, entity_id)

    def airflow_roles(self, deployment_id: str) -> tuple[str, ...]:
        """The roles of Airflow's with which the actor comes into a deployment; none where there is no way in."""
        if self.user is not None:
            return self.user.roles if airflow_role(self.bindings, deployment_id) else ()
        role = airflow_role(self.bindings, deployment_id)
        given = self.key.details.get("airflow_role") if self.key is not None else None
        return () if role is None else (str(given or role),)


def cookie_name(deployment: Site) -> str:
    """The name of the login's cookie, which carries the base domain's (assumed)."""
    domain = deployment.settings.astronomer_software_base_domain.replace(".", "_")
    return f"astronomer_{domain}_auth" if domain else "astronomer_auth"


def identify(request: Request, deployment: Site) -> HoustonActor:
    """Who the request is, by its header or else its cookie. Raises Unidentified.

    The header's word ``Bearer`` is taken away in just this spelling, and what is left is a key or a token by its shape.
    """
    header = request.headers.get("Authorization", "").replace("Bearer ", "", 1)
    value = header or request.cookies.get(cookie_name(deployment), "")
    read_from = "the Authorization header" if header else f"the cookie {cookie_name(deployment)}"
    if not value:
        raise Unidentified(
            Why("Neither an Authorization header nor a login cookie was sent.", "no credential", "nowhere")
        )
    key = deployment.keys.find(value)
    if key is not None:
        return _account(key, deployment, read_from)
    if len(value) == _KEY_LENGTH and "." not in value:
        said = f"There is no service account whose key begins with {value[:8]!r}."
        raise Unidentified(Why(said, "unknown key", read_from))
    return _user(value, deployment, read_from)


def _account(key: Key, deployment: Site, read_from: str) -> HoustonActor:
    why = key.ended(deployment.airflow.now())
    if why is not None:
        raise Unidentified(why._replace(read_from=read_from))
    key = deployment.keys.used(key)
    return HoustonActor(
        id=key.public_id,
        label=key.name,
        email=f"{key.public_id}@sa.astro.io",
        credential_id=f"key:{key.prefix}",
        bindings=with_deployments((binding_of(key),), deployment.vendor),
        key=key,
    )


def binding_of(key: Key) -> Binding:
    """The one role that a service account has. A key that Houston did not make is one of this deployment's own."""
    role = key.details.get("role")
    if role is None:
        return Binding(f"DEPLOYMENT_{LEVEL_OF_SCOPE[key.scope]}", DEPLOYMENT_ID)
    return Binding(str(role), str(key.details.get("entity_id") or ""))


def with_deployments(bindings: tuple[Binding, ...], estate: HoustonEstate) -> tuple[Binding, ...]:
    """The bindings with those that a role in a workspace gives in each of its deployments (code)."""
    implied = [
        Binding(binding.role.replace("WORKSPACE", "DEPLOYMENT", 1), release.id)
        for binding in bindings
        if kind_of(binding.role) == "workspace"
        for release in estate.in_workspace(binding.entity_id)
    ]
    return (*bindings, *implied, Binding("USER"))


def _user(token: str, deployment: Site, read_from: str) -> HoustonActor:
    try:
        claims = deployment.tokens.read(token, algorithm="RS256")
    except TokenRefused as refused:
        if refused.why.rule == "malformed":
            said = "The credential is neither a service account's key nor a token of this platform."
            raise Unidentified(Why(said, "malformed credential", read_from)) from None
        raise Unidentified(refused.why._replace(rule=f"token: {refused.why.rule}", read_from=read_from)) from None
    if "aud" in claims:
        said = "The token is for an Airflow behind the gate, not for the platform; a login's token has no aud."
        raise Unidentified(Why(said, "token: audience", read_from))
    found = next((user for user in deployment.airflow.users if user_id(user) == claims.get("uuid")), None)
    if found is None:
        raise Unidentified(Why("The token names a user who does not exist.", "unknown user", read_from))
    if not found.active:
        raise Unidentified(Why(f"The user {found.username!r} is not active.", "inactive user", read_from))
    return user_actor(found, deployment)


def user_actor(user: User, deployment: Site) -> HoustonActor:
    """A user of the platform, who is one of Airflow's too."""
    estate: HoustonEstate = deployment.vendor
    levels = {_LEVEL_OF_USER[role] for role in user.roles if role in _LEVEL_OF_USER}
    level = next((level for level in ("ADMIN", "EDITOR", "VIEWER") if level in levels), None)
    bindings = () if level is None else tuple(Binding(f"WORKSPACE_{level}", row.id) for row in estate.workspaces)
    if level == "ADMIN":
        bindings = (Binding("SYSTEM_ADMIN"), *bindings)
    return HoustonActor(
        id=user_id(user),
        label=f"{user.first_name} {user.last_name}".strip(),
        email=user.email,
        credential_id=f"user:{user.username}",
        bindings=with_deployments(bindings, estate),
        user=user,
    )


def user_id(user: User) -> str:
    """What Houston calls a user by."""
    return "ck" + hashlib.sha256(user.username.encode()).hexdigest()[:23]


def login_token(user: User, deployment: Site) -> str:
    """A user's temporary token, good for a day."""
    return deployment.tokens.issue(
        user.username,
        TOKEN_LIFETIME,
        credential=f"user:{user.username}",
        claims={"uuid": user_id(user)},
        algorithm="RS256",
        kind="login",
    )


def platform_token(actor: HoustonActor, roles: tuple[str, ...], audience: str, deployment: Site) -> str:
    """The token with which the gate sends a request on to Airflow (code: its claims)."""
    full_name = actor.label if actor.user is not None else f"Service Account: {actor.label}"
    claims = {"aud": audience, "roles": list(roles), "email": actor.email, "full_name": full_name}
    return deployment.tokens.issue(
        actor.id, TOKEN_LIFETIME, credential=actor.credential_id, claims=claims, algorithm="RS256", kind="platform"
    )
