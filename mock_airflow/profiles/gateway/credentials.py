"""Who a request is to the gateway: by a key, a JWT, a name and a password, or a certificate's subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.passwords import basic
from mock_airflow.access.principals import ROLE_OF_SCOPE, Principal, behind_gate, scheme_seen
from mock_airflow.answers import TokenRefused, Unidentified
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import acting
from mock_airflow.profiles.gateway.pasted_keys import claims_by
from mock_airflow.profiles.gateway.settings import BASIC, JWT, KEY
from mock_airflow.profiles.gateway.subjects import common_name, names_in_xfcc

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.settings import Settings


class NoRole(Unidentified):
    """That somebody is known, and no role follows from that."""


def identify(request: Request, deployment: Site) -> Principal:
    """Who the request is, with a role. Raises Unidentified, or NoRole."""
    settings = deployment.settings
    value = request.headers.get(settings.gateway_header, "").strip()
    if not value:
        raise Unidentified(Why(f"No header {settings.gateway_header} was sent.", "no credential"))
    if settings.gateway_credential == BASIC:
        return _by_password(value, deployment)
    if settings.gateway_credential in (KEY, JWT):
        value = _after_scheme(value, settings)
        return _by_key(value, deployment) if settings.gateway_credential == KEY else _by_jwt(value, deployment)
    return _by_subject(request, value, deployment)


def _after_scheme(value: str, settings: Settings) -> str:
    if not settings.gateway_scheme:
        return value
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != settings.gateway_scheme.lower() or not rest.strip():
        said = f"The header {settings.gateway_header} has {scheme_seen(value)}; {settings.gateway_scheme} is read."
        raise Unidentified(Why(said, "scheme"))
    return rest.strip()


# ------------------------------------------------------------------------------------------------------------- roles


def mapped(names: Iterable[str], settings: Settings) -> tuple[str, ...] | None:
    """The roles that the settings give to these names; None where they give none to any."""
    roles = dict(each.split("=", 1) for each in settings.gateway_roles)
    found = tuple(dict.fromkeys(roles[name] for name in names if name in roles))
    return found or ((roles["*"],) if "*" in roles else None)


def _principal(
    name: str, names: Iterable[str], own: tuple[str, ...], credential: str, deployment: Site, key: Key | None = None
) -> Principal:
    """Who comes in, with the roles of the mapping, or with ``own`` where there is no mapping. Raises NoRole."""
    settings = deployment.settings
    bound = key.details.get("airflow_role") if key is not None else None
    roles = (str(bound),) if bound else mapped(names, settings) if settings.gateway_roles else own
    if not roles:
        given = f"{name!r} is known, and has no role by gateway_roles or the claim {settings.gateway_role_claim}."
        raise NoRole(Why(given, "no role", would_pass="a name or a group that gateway_roles gives a role"))
    return acting(deployment, name, roles, credential, key)


# -------------------------------------------------------------------------------------------------- kinds of credential


def _living(key: Key | None, deployment: Site, unknown: str) -> Key:
    if key is None:
        raise Unidentified(Why(unknown, "unknown key"))
    why = key.ended(deployment.airflow.now())
    if why is not None:
        raise Unidentified(why)
    return deployment.keys.used(key)


def _of_key(key: Key, names: tuple[str, ...], deployment: Site) -> Principal:
    generation, id = deployment.settings.generation, f"key:{key.prefix}"
    own = behind_gate(deployment.airflow, key.owner, key.scope, generation, credential_id=id).roles
    return _principal(key.name or key.owner, names, own, id, deployment, key)


def _by_key(value: str, deployment: Site) -> Principal:
    key = _living(deployment.keys.find(value), deployment, f"There is no key that begins with {value[:8]!r}.")
    return _of_key(key, (key.name, key.owner), deployment)


def _by_password(value: str, deployment: Site) -> Principal:
    found = basic(value, deployment)
    if isinstance(found, str):
        raise Unidentified(Why(found, "no good credential"))
    return _principal(found.name, (found.name,), found.roles, found.credential_id, deployment)


def _by_subject(request: Request, value: str, deployment: Site) -> Principal:
    settings = deployment.settings
    verified = settings.gateway_verified_header
    if verified and request.headers.get(verified) != "SUCCESS":
        said = f"The header {verified} says {request.headers.get(verified, 'nothing')[:40]!r}, and not SUCCESS."
        raise Unidentified(Why(said, "unverified certificate"))
    names: tuple[str, ...] = (value,)
    if settings.gateway_subject_form == "xfcc":
        found = names_in_xfcc(value)
        if found is None:
            raise Unidentified(Why("The header is not of the form of X-Forwarded-Client-Cert.", "malformed header"))
        names = found or ("",)
    names += tuple(common for name in names if (common := common_name(name)))
    key = next((key for name in names if (key := deployment.keys.find(name)) is not None), None)
    if key is not None:
        return _of_key(_living(key, deployment, ""), (*names, key.name), deployment)
    roles = mapped(names, settings) if settings.gateway_roles else None
    if roles is None:
        raise Unidentified(Why(f"Nobody is known by the subject {value[:80]!r}.", "unknown subject"))
    return _principal(names[-1], names, roles, f"subject:{names[-1]}", deployment)


def _by_jwt(value: str, deployment: Site) -> Principal:
    settings = deployment.settings
    demands = {"issuer": settings.gateway_issuer or None, "audience": settings.gateway_audience or None}
    if settings.gateway_jwks:
        claims = claims_by(settings.gateway_jwks, value, deployment.tokens, demands)
    else:
        claims = deployment.tokens.read(value, algorithm="RS256", **demands)
    name = claims.get(settings.gateway_name_claim)
    if not isinstance(name, str) or not name:
        raise TokenRefused("claims", f"The JWT has no claim {settings.gateway_name_claim}.")
    held = _client(claims, deployment)
    groups = _groups(claims, settings.gateway_role_claim)
    own = tuple(role.name for role in deployment.airflow.roles if role.name.lower() in map(str.lower, groups))
    return _principal(name, (name, *groups), own, f"key:{held.prefix}" if held else f"subject:{name}", deployment)


def _client(claims: Mapping[str, Any], deployment: Site) -> Key | None:
    """The client of this server's that a JWT was made for; None for a JWT of somebody else's."""
    id = claims.get("azp")
    key = deployment.keys.by_public_id(id) if isinstance(id, str) else None
    return deployment.keys.used(key) if key is not None else None


def _groups(claims: Mapping[str, Any], path: str) -> list[str]:
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split()
    return [str(each) for each in found] if isinstance(found, list) else []


def role_name(key: Key, settings: Settings) -> str:
    """What a JWT of the key's says in its claim of roles: a name that the settings give the role, or the role's."""
    role = str(key.details.get("airflow_role") or ROLE_OF_SCOPE[key.scope])
    roles = dict(each.split("=", 1) for each in settings.gateway_roles)
    return next((name for name, each in roles.items() if each == role and name != "*"), role)
