"""Who a request is to Google: the account that an access token, an id token or a service account's own JWT names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from mock_airflow.access import signing
from mock_airflow.access.principals import ROLE_OF_SCOPE, scheme_seen
from mock_airflow.answers import TokenRefused, Unidentified
from mock_airflow.journal.why import Why
from mock_airflow.profiles.composer.accounts import CLOUD_PLATFORM, email_of, unique_id

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site

ISSUER = "https://accounts.google.com"
USER_SCOPES = ("openid", "https://www.googleapis.com/auth/userinfo.email", CLOUD_PLATFORM)
_LONGEST_ASSERTION = timedelta(hours=1)
_SKEW = timedelta(minutes=5)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, kw_only=True, slots=True)
class GoogleAccount:
    """Somebody whom Google knows. ``role`` is the one of Airflow's that the key is bound to, if it is to one.

    ``scopes`` are None for a credential that no scope narrows. ``granted`` tells whether IAM lets the account into the
    environment.
    """

    email: str
    credential_id: str
    scopes: tuple[str, ...] | None = None
    role: str | None = None
    granted: bool = True
    key: Key | None = None

    @property
    def number(self) -> str:
        """What Google knows the account by."""
        return unique_id(self.email)

    @property
    def scoped(self) -> bool:
        """Whether what was shown is for Google Cloud."""
        return self.scopes is None or CLOUD_PLATFORM in self.scopes


def bearer(request: Request) -> str:
    """What the Authorization header carries. Raises Unidentified."""
    header = request.headers.get("Authorization", "")
    if not header.strip():
        raise Unidentified(Why("No Authorization header was sent.", "no credential"))
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != "bearer":
        said = f"The Authorization header has {scheme_seen(header)}, or is not two words."
        raise Unidentified(Why(said, "scheme"))
    return parts[1]


def by_access_token(text: str, deployment: Site) -> GoogleAccount:
    """The account that an access token was handed out for. Raises Unidentified."""
    row = deployment.tokens.handed_out(text)
    if "scope" not in row.claims:
        raise TokenRefused("unknown", "The token is an id token, and no access token.")
    key = deployment.keys.by_public_id(row.credential)
    if not deployment.settings.composer_tokens_outlive_keys:
        _demand_living(key, row.credential, deployment)
    scopes = tuple(str(row.claims["scope"]).split())
    if key is None:
        return GoogleAccount(email=row.subject, credential_id=f"account:{row.subject}", scopes=scopes)
    return _account(deployment.keys.used(key), deployment, scopes)


def by_id_token(text: str, deployment: Site, audience: str | None) -> GoogleAccount:
    """The account that an id token names, for an audience. Raises Unidentified."""
    claims = deployment.tokens.read(text, algorithm="RS256", issuer=ISSUER, audience=audience)
    email = claims.get("email")
    if not isinstance(email, str):
        raise TokenRefused("claims", "The id token has no e-mail address.")
    row = deployment.tokens.row(text)
    key = deployment.keys.by_public_id(row.credential) if row is not None else None
    if key is None:
        granted = row is not None or _is_of_here(email, deployment)
        return GoogleAccount(email=email, credential_id=f"account:{email}", granted=granted)
    return _account(deployment.keys.used(key), deployment, None)


def _is_of_here(email: str, deployment: Site) -> bool:
    """Whether an account has a key of this deployment, or is a user of its Airflow; any other is a stranger to IAM."""
    if deployment.airflow.users.lookup("email", email) is not None:
        return True
    return any(email_of(key, deployment.airflow, deployment.settings) == email for key in deployment.keys.list())


def by_own_jwt(text: str, deployment: Site, audiences: tuple[str, ...]) -> GoogleAccount:
    """The service account that signed a JWT for one of Google's APIs, as its client libraries do. Raises Unidentified.

    It is for an audience that is one of these, or has a scope (code).
    """
    claims, key = signed_by_key(text, deployment)
    scope = claims.get("scope")
    if claims.get("aud") not in audiences and not scope:
        raise TokenRefused("audience", f"The JWT is for {claims.get('aud')!r}, and not for this API.")
    scopes = tuple(str(scope).split()) if scope else None
    return _account(deployment.keys.used(key), deployment, scopes)


def signed_by_key(text: str, deployment: Site) -> tuple[dict[str, Any], Key]:
    """The claims of a JWT that a service account signed with a key that counts, and the key. Raises Unidentified.

    Every key has the same RSA key pair here; the header's ``kid`` tells which one it is.
    """
    import jwt

    options: Any = {f"verify_{name}": False for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
    try:
        kid = jwt.get_unverified_header(text).get("kid")
        claims: dict[str, Any] = jwt.decode(
            text, signing.private_key().public_key(), algorithms=["RS256"], options=options
        )
    except jwt.InvalidSignatureError:
        raise TokenRefused("signature", "The JWT was not signed with a service account's key of here.") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
        raise TokenRefused("malformed", "The text is no JWT that is signed with RS256.") from None
    key = deployment.keys.find(str(kid)) if kid else None
    email = claims.get("iss")
    if key is None or email != email_of(key, deployment.airflow, deployment.settings):
        raise TokenRefused("unknown", f"No service account {str(email)[:80]!r} has the key that the JWT names.")
    _demand_living(key, key.public_id, deployment)
    _in_time(claims, deployment)
    return claims, key


def _demand_living(key: Key | None, id: str, deployment: Site) -> None:
    why = Why(f"The key {id[:8]} was deleted.", "deleted key") if key is None else key.ended(deployment.airflow.now())
    if why is not None:
        raise Unidentified(why)


def _in_time(claims: dict[str, Any], deployment: Site) -> None:
    try:
        starts = datetime.fromtimestamp(float(claims["iat"]), timezone.utc)
        ends = datetime.fromtimestamp(float(claims["exp"]), timezone.utc)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise TokenRefused("time", "The JWT's iat and exp are not both times.") from None
    if ends - starts > _LONGEST_ASSERTION or ends <= starts:
        raise TokenRefused("time", "The JWT is good for longer than an hour, or for no time.")
    if not deployment.settings.composer_assertion_times:
        return
    now = deployment.airflow.now()
    if ends <= now - _SKEW:
        raise TokenRefused("time", f"The JWT expired at {ends.isoformat()}.", since=ends)
    if starts > now + _SKEW:
        raise TokenRefused("time", f"The JWT counts from {starts.isoformat()} on.", until=starts)


def _account(key: Key, deployment: Site, scopes: tuple[str, ...] | None) -> GoogleAccount:
    role = key.details.get("airflow_role") or (ROLE_OF_SCOPE[key.scope] if key.scope != "admin" else None)
    return GoogleAccount(
        email=email_of(key, deployment.airflow, deployment.settings),
        credential_id=f"key:{key.prefix}",
        scopes=scopes,
        role=None if role is None else str(role),
        granted=bool(key.details.get("granted", True)),
        key=key,
    )


# ------------------------------------------------------------------------------------------------- tokens that are made


def access_token(key: Key, scopes: tuple[str, ...], deployment: Site) -> str:
    """A new access token for whoever has the key: a text that tells nothing by itself."""
    email = email_of(key, deployment.airflow, deployment.settings)
    text = "ya29." + deployment.airflow.ids.text(96, _LETTERS, "access token")
    lifetime = timedelta(seconds=deployment.settings.composer_token_seconds)
    claims = {"scope": " ".join(scopes), "email": email}
    deployment.tokens.hand_out(text, email, lifetime, credential=key.public_id, claims=claims)
    return text


def id_token(key: Key, audience: str, deployment: Site) -> str:
    """A new id token of whoever has the key, for an audience: a JWT of an hour."""
    email = email_of(key, deployment.airflow, deployment.settings)
    claims = {"iss": ISSUER, "aud": audience, "azp": email, "email": email, "email_verified": True}
    lifetime = timedelta(seconds=deployment.settings.composer_token_seconds)
    return deployment.tokens.issue(
        unique_id(email), lifetime, credential=key.public_id, claims=claims, algorithm="RS256", kind="id"
    )
