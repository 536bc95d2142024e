"""Who a request to the control plane is, and who a web token makes of that in Airflow."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mock_airflow.access.keys import Key
from mock_airflow.access.presented import COOKIE
from mock_airflow.access.principals import Principal
from mock_airflow.answers import TokenRefused, Unidentified
from mock_airflow.domain import users
from mock_airflow.domain.records import User
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import acting
from mock_airflow.profiles.mwaa import sigv4
from mock_airflow.profiles.mwaa.iam import ROLES, principal_of
from mock_airflow.profiles.mwaa.problems import PASSES, refused
from mock_airflow.profiles.mwaa.sigv4 import Place, Presented, SignatureRefused, SignedRequest

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.domain.records.json_object import JsonObject

SESSION_COOKIE = "session"
WEB, CLI, SESSION = "mwaa web login", "mwaa cli", "mwaa session"
_LONGEST_NAME = 64  # of an AirflowIdentity (code: the service's model)
_BAD_TOKEN = "The security token included in the request is invalid."
_OLD_TOKEN = "The security token included in the request is expired"


def identify(request: Request, deployment: Site) -> Key:
    """The key that the request is signed with. Raises Refusal."""
    settings, sent = deployment.settings, sent_of(request)
    by_machine = settings.mwaa_signature_clock == "machine"
    now = deployment.machine_now() if by_machine else deployment.airflow.now()
    place = Place(settings.mwaa_region, "airflow", timedelta(minutes=settings.mwaa_clock_skew_minutes))
    try:
        found = sigv4.presented(sent, place, now) if settings.mwaa_check_signatures else _trusted(sent)
        key = _living(found, deployment)
        if settings.mwaa_check_signatures:
            sigv4.check(sent, found, key.value or "")
        if found.token is not None:  # a key that is given for good comes without one
            raise SignatureRefused(sigv4.UNKNOWN, _BAD_TOKEN, "session token")
    except SignatureRefused as fault:
        where = "the query" if "authorization" not in dict(sent.headers) else "the Authorization header"
        why = Why(fault.message.partition("\n")[0], fault.rule, read_from=where, would_pass=PASSES)
        raise refused(fault.code, fault.message, why) from None
    return deployment.keys.used(key)


def _trusted(sent: SignedRequest) -> Presented:
    """What a request shows that nobody checks: the key that it names. Raises SignatureRefused."""
    text = sent.header("authorization") or sigv4.parameters(sent.target).get("X-Amz-Credential", "")
    _, _, credential = text.rpartition("Credential=")
    key_id, _, scope = credential.partition(",")[0].partition("/")
    if not key_id:
        raise SignatureRefused(sigv4.MISSING, "Missing Authentication Token", "no credential")
    token = sent.header("x-amz-security-token") or sigv4.parameters(sent.target).get("X-Amz-Security-Token")
    return Presented(key_id, scope, (), "", sigv4.EPOCH, token)


def sent_of(request: Request) -> SignedRequest:
    """The request as its client signed it."""
    environ = request.environ
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI") or request.script_root + request.full_path.rstrip("?")
    lines = environ.get("mock_airflow.raw_headers") or request.headers
    headers = tuple((name.lower(), value) for name, value in lines)
    text = str(target).encode("latin-1", "replace").decode("utf-8", "replace")
    return SignedRequest(request.method, text, headers, request.get_data(cache=True))


def _living(found: Presented, deployment: Site) -> Key:
    """The key that is named, while it opens something. Raises SignatureRefused."""
    key = deployment.keys.by_public_id(found.key_id)
    if key is None:
        raise SignatureRefused(sigv4.UNKNOWN, _BAD_TOKEN, "unknown key")
    ended = key.ended(deployment.airflow.now())
    if ended is None:
        return key
    if ended.rule == "expired key":
        raise SignatureRefused(sigv4.EXPIRED, _OLD_TOKEN, ended.rule)
    raise SignatureRefused(sigv4.UNKNOWN, _BAD_TOKEN, ended.rule)


def principal(key: Key, roles: tuple[str, ...], deployment: Site) -> Principal:
    """A key's owner with roles of Airflow's."""
    return acting(deployment, principal_of(key, deployment.settings).name, roles, f"key:{key.public_id}", key)


def airflow_identity(name: str) -> str:
    """The name of the user in Airflow that an IAM principal is (documented: the same, as ``user/mwaa-user``)."""
    return name[:_LONGEST_NAME]


def token_for(kind: str, key: Key, roles: tuple[str, ...], deployment: Site) -> str:
    """A web or CLI token for a key's owner, with the roles that it may act with."""
    lifetime = timedelta(seconds=deployment.settings.mwaa_token_seconds)
    subject = principal_of(key, deployment.settings).name
    claims = {"kind": kind, "key": key.public_id, "roles": list(roles), "for": deployment.settings.mwaa_environment}
    return deployment.tokens.issue(subject, lifetime, credential=key.public_id, claims=claims, kind=kind)


def read_token(text: str, kind: str, deployment: Site) -> JsonObject:
    """What a web token, a CLI token or a session says; ``credential`` is the key behind it. Raises Unidentified."""
    if not text:
        raise Unidentified(Why("No token was sent.", "no credential"))
    claims = deployment.tokens.read(text)
    if claims.get("kind") != kind:
        raise TokenRefused("audience", f"The token is no {kind} token.")
    if claims.get("for") != deployment.settings.mwaa_environment:
        raise TokenRefused("audience", f"The token is for the environment {claims.get('for')!r}.")
    return claims


def session_of(user: User, key_id: str, deployment: Site) -> tuple[str, str]:
    """The cookie of a new session: its name, and a token that ends with its time or as it is revoked.

    In Airflow 2 nobody but the web server reads it; in Airflow 3 it is Airflow's own.
    """
    lifetime = timedelta(hours=deployment.settings.mwaa_session_hours)
    issue = deployment.tokens.issue
    if deployment.settings.generation == 2:
        told = {"kind": SESSION, "for": deployment.settings.mwaa_environment}
        return SESSION_COOKIE, issue(user.username, lifetime, credential=key_id, claims=told, kind=SESSION)
    from mock_airflow.api.simple_auth import signing_in

    now = int(deployment.airflow.now().timestamp())
    claims = {"sub": str(user.id), "aud": signing_in.AUDIENCE, "nbf": now}
    text = issue(
        user.username,
        lifetime,
        credential=key_id,
        claims=claims,
        algorithm=signing_in.ALGORITHM,
        headers={"kid": "not-used"},
        kind=SESSION,
        key=signing_in.signing_key(deployment.settings),
    )
    return COOKIE, text


def session_user(request: Request, deployment: Site) -> User:
    """Whose session the request's cookie is. Raises Unidentified."""
    text = request.cookies.get(SESSION_COOKIE)
    if text is None:
        raise Unidentified(Why("No session's cookie was sent; MWAA's web server takes nothing else.", "no credential"))
    name = str(read_token(text, SESSION, deployment)["sub"])
    user = users.named(deployment.airflow, name)
    if user is None or not user.active:
        raise Unidentified(Why(f"There is no active user {name!r} by now.", "no user"))
    return user


def signed_in(name: str, roles: tuple[str, ...], deployment: Site) -> User:
    """The user in Airflow that a principal is, made at its first login.

    Of the five default roles it has those that IAM allows now; roles of Airflow's own that somebody gave it stay
    (documented).
    """
    airflow, username = deployment.airflow, airflow_identity(name)
    user = users.named(airflow, username)
    if user is None:
        now = airflow.now()
        user = User(
            id=airflow.next_id("users"),
            username=username,
            password_digest="signed in by IAM, so no password fits",
            first_name=username,
            last_name="",
            email=f"{username.replace('/', '-')}@mwaa.invalid",
            created_on=now,
            changed_on=now,
        )
    own = tuple(role for role in user.roles if role not in ROLES)
    return users.logged_in(airflow, replace(user, roles=(*roles, *own), active=True))
