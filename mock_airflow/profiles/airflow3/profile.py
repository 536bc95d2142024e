"""An Airflow 3 of one's own with the Simple auth manager: users with one role each, and tokens (observed on 3.3.2).

A token counts by what it claims: a rightly signed one of a user that nobody knows is let in (observed). One that is
wrong in any way but its time is refused with a 403, an expired one with a 401.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from mock_airflow.access.passwords import add_user
from mock_airflow.access.presented import FORGET, presented
from mock_airflow.access.principals import Principal, permissions_of
from mock_airflow.access.simple_roles import ROLES
from mock_airflow.answers import Oops, Refusal
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.simple_auth.signing_in import ALGORITHM, ANONYMOUS, AUDIENCE, issue, sign_in, signing_key
from mock_airflow.domain.records import User
from mock_airflow.errors import UnknownRoleError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Probe, Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

LEEWAY = timedelta(seconds=10)


class Airflow3(Profile):
    """Bearer tokens of the Simple auth manager."""

    name = "airflow3"
    title = "Airflow 3 with the Simple auth manager"
    signs_tokens = True
    rsa = False

    security: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "OAuth2PasswordBearer": {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "/auth/token"}}},
        "HTTPBearer": {"type": "http", "scheme": "bearer"},
    }

    def prepare(self, deployment: Site) -> dict[str, str]:
        """The first administrator; one named admin with that password where there is none whose password is known."""
        return self.credentials_for(deployment, "Admin")

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A user of that role whose password equals the name, made when there is none. Raises UnknownRoleError."""
        if role.upper() not in ROLES and not deployment.settings.fab_auth_manager:
            raise UnknownRoleError(
                f"The Simple auth manager has no role {role!r}; its roles are Viewer, User, Op and Admin. With"
                " auth_manager=fab the deployment's own roles count."
            )
        for name, password in deployment.passwords.items():
            user = deployment.airflow.users.get(name)
            if user is not None and user.active and _role(user) == role.upper():
                return {"username": name, "password": password}
        name = role.lower()
        add_user(deployment, name, name, role)
        return {"username": name, "password": name}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Who the token of the header, or of the cookie, says it is. Raises Refusal."""
        text, where = presented(request)
        if text is None:
            if deployment.settings.simple_auth_manager_all_admins:
                return _principal(ANONYMOUS, "ADMIN", "anonymous")
            raise _refused(401, "Not authenticated", "No bearer token was sent.", where)
        claims = self.claims(text, deployment, where)
        if deployment.settings.fab_auth_manager:
            return _of_fab(deployment, claims, where)
        role = claims.get("role")
        if not isinstance(role, str) or role.upper() not in ROLES:
            raise Oops(f"The token's role is {role!r}, which the Simple auth manager does not know.")
        return _principal(str(claims.get("sub")), role.upper(), f"user:{claims.get('sub')}")

    def claims(self, text: str, deployment: Site, where: str) -> dict[str, Any]:
        """The claims of a token that counts now. Raises Refusal."""
        import jwt

        now = deployment.airflow.now()
        try:
            claims = dict(_claims(text, signing_key(deployment.settings)))
            ends = datetime.fromtimestamp(float(claims["exp"]), timezone.utc)
            starts = datetime.fromtimestamp(float(claims["nbf"]), timezone.utc)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            raise _refused(403, "Invalid JWT token", f"The token does not count: {error}.", where) from None
        if ends + LEEWAY <= now:
            raise _refused(401, "Token Expired", f"The token expired at {ends.isoformat()}.", where, since=ends)
        if starts - LEEWAY > now:
            raise _refused(403, "Invalid JWT token", f"The token counts from {starts.isoformat()} on.", where)
        row = deployment.tokens.row(text)
        if row is not None and row.ended_at is not None:
            if row.why == "expired":
                raise _refused(401, "Token Expired", "The token was made to expire.", where, since=row.ended_at)
            raise _refused(403, "Invalid JWT token", "The token was revoked.", where, since=row.ended_at)
        return claims

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """A 429 in Airflow 3's form (assumed: Airflow itself has no such limit)."""
        return Detail(429, exceeded.rule.words, why=too_many(exceeded)).refusal("")

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """A bearer token, newly signed in for; one that no longer counts, where signing in is refused.

        The second is what a client still holds whose user was deleted or made inactive.
        """
        seconds, name = deployment.settings.jwt_expiration_time, credentials["username"]
        with deployment.lock:
            try:
                token = sign_in(deployment, name, credentials["password"], seconds)
            except Detail:
                token = issue(deployment, name, "viewer", seconds)
                deployment.tokens.revoke(token)
        return {"Authorization": f"Bearer {token}"}

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe | None:
        """The sign-in."""
        return Probe("POST", "/auth/token", dict(credentials), signed=False)

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """Names that scripts commonly read (assumed: Airflow documents none)."""
        return {
            "AIRFLOW_API_URL": f"{url}/api/v2",
            "AIRFLOW_USERNAME": credentials["username"],
            "AIRFLOW_PASSWORD": credentials["password"],
        }


@lru_cache(maxsize=64)
def _claims(text: str, key: bytes) -> Mapping[str, Any]:
    """The claims of a rightly signed token, whatever its time; worked out once, as it comes with each call.

    Raises jwt.InvalidTokenError.
    """
    import jwt

    options: Any = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "iss")}
    options["require"] = ["exp", "iat", "nbf"]
    found: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
    return found


def _role(user: User) -> str:
    return user.roles[0].upper() if user.roles else ""


def _principal(name: str, role: str, credential: str) -> Principal:
    return Principal(name=name, roles=(role,), permissions=ROLES[role], credential_id=credential)


def _of_fab(deployment: Site, claims: Mapping[str, Any], where: str) -> Principal:
    """The user whose number the token says; what the user may do is what its roles permit now."""
    user = next((row for row in deployment.airflow.users if str(row.id) == claims.get("sub") and row.active), None)
    if user is None:
        raise _refused(403, "Invalid JWT token", f"There is no active user {claims.get('sub')!r} by now.", where)
    permissions = permissions_of(deployment.airflow, user.roles, 3)
    return Principal(
        name=user.username, roles=user.roles, permissions=permissions, credential_id=f"user:{user.username}"
    )


def _refused(status: int, told: str, reason: str, where: str, since: datetime | None = None) -> Refusal:
    passing = "a token from POST /auth/token, sent as Authorization: Bearer <token>"
    why = Why(reason, rule="no good credential", read_from=where, would_pass=passing, since=since)
    return Detail(status, told, headers={"Set-Cookie": FORGET} if "cookie" in where else {}, why=why).refusal("")


PROFILE = Airflow3()
