"""A company's own proxy: what it reads, whom it knows and what it says are settings, so nothing here is a vendor's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from mock_airflow.access import signing
from mock_airflow.access.passwords import add_user
from mock_airflow.access.principals import NOBODY, SCOPE_OF_ROLE, Principal
from mock_airflow.answers import Answer, Refusal, Unidentified
from mock_airflow.errors import AccessKeyError, SettingError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Probe, Profile, too_many
from mock_airflow.profiles.gateway import tokens
from mock_airflow.profiles.gateway.credentials import NoRole, identify
from mock_airflow.profiles.gateway.pasted_keys import pasted
from mock_airflow.profiles.gateway.settings import BASIC, JWT, KEY, SUBJECT
from mock_airflow.profiles.gateway.templates import filled

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Issued, Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

_FIRST = "first client"


class Gateway(Profile):
    """The proxy decides who calls, and with which of Airflow's roles."""

    name = "gateway"
    title = "Airflow behind a proxy of one's own"
    gateway = True
    reads_keys = True
    apis = (tokens.API,)
    security: ClassVar = {"Gateway": {"type": "apiKey", "in": "header", "name": "Authorization"}}

    def attach(self, airflow: Airflow, settings: Settings) -> Any:
        """Nothing. Raises SettingError for settings that do not go together, for keys that cannot be used, and without
        the package that JWTs take."""
        _demand_sense(settings)
        if settings.gateway_credential == JWT:
            signing.require(self.name)
            if settings.gateway_jwks:
                pasted(settings.gateway_jwks)

    def mount(self, settings: Settings) -> str:
        """The path of the settings."""
        return settings.gateway_mount

    def unmounted(self, request: Request, deployment: Site) -> Answer | None:
        """A plain 404: the proxy leads nowhere else."""
        return Answer("404 page not found\n", 404, "text/plain; charset=utf-8")

    def credential_header(self, settings: Settings) -> str:
        """The header of the settings."""
        return settings.gateway_header

    def prepare(self, deployment: Site) -> dict[str, str]:
        """A credential of the kind that is read, with every permission. Raises SettingError for an unknown role."""
        known = [role.name for role in deployment.airflow.roles]
        for each in deployment.settings.gateway_roles:
            role = each.partition("=")[2]
            if role not in known:
                raise SettingError(
                    f"gateway_roles gives {each!r}, and there is no such role; there are {', '.join(known)}."
                )
        return self.credentials_for(deployment, "Admin")

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A credential of the kind that is read, of somebody who acts with that role."""
        kind, settings = deployment.settings.gateway_credential, deployment.settings
        name = _FIRST if role == "Admin" else role
        if kind == JWT and settings.gateway_jwks:
            return {}  # nobody here can sign what those keys check
        if kind == BASIC:
            user = add_user(deployment, role.lower(), role.lower(), role)
            return {"username": user.username, "password": role.lower()}
        more: dict[str, Any] = {"scope": SCOPE_OF_ROLE.get(role, "admin"), "details": {"airflow_role": role}}
        if kind == SUBJECT:
            more["secret"] = f"CN={name}-{len(deployment.keys.list())},O=Example".replace(" ", "-")
        issued = deployment.keys.issue(name=name, owner=name, **more)
        if kind == JWT:
            return {"client_id": issued.key.public_id, "client_secret": issued.secret}
        return {"api_key" if kind == KEY else "subject": issued.secret}

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe | None:
        """A client's id and secret, for a JWT."""
        if "client_id" not in credentials:
            return None
        body = {**credentials, "grant_type": tokens.GRANT}
        if settings.gateway_audience:
            body["audience"] = settings.gateway_audience
        return Probe("POST", "/oauth/token", body, airflows=False, signed=False)

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The role that the key is bound to."""
        return {**key.details, "airflow_role": role}

    def issue(self, deployment: Site, name: str, scope: str, owner: str, **more: Any) -> Issued:
        """A key, a client, or a certificate's subject. Raises AccessKeyError where none is read."""
        settings = deployment.settings
        if settings.gateway_credential == BASIC or (settings.gateway_credential == JWT and settings.gateway_jwks):
            raise AccessKeyError("This gateway reads no keys, so one would open nothing; see gateway_credential.")
        return super().issue(deployment, name, scope, owner, **more)

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever the credential proves, with a role. Raises Refusal."""
        settings = deployment.settings
        if not {request.path, request.script_root + request.path}.isdisjoint(settings.gateway_open_paths):
            return NOBODY
        try:
            return identify(request, deployment)
        except NoRole as known:
            status, body, why = settings.gateway_forbidden_status, settings.gateway_forbidden_body, known.why
        except Unidentified as nobody:
            status, body, why = settings.gateway_refused_status, settings.gateway_refused_body, nobody.why
            if why.rule in ("no credential", "scheme"):
                status, body = settings.gateway_missing_status, settings.gateway_missing_body
        raise _refused(status, body, why, deployment, request)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """The template for one request too many; ``limit_headers`` and ``retry_after`` say what tells of the limit."""
        body = deployment.settings.gateway_limited_body
        return _refused(429, body, too_many(exceeded), deployment, retry_after=str(exceeded.retry_after))

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The header that carries the credential; none where only others can make one.

        Raises AccessKeyError for a client that is no more.
        """
        from mock_airflow.profiles.airflow2.profile import PROFILE as AIRFLOW_2

        settings = deployment.settings
        if not credentials:
            return {}
        if settings.gateway_credential == BASIC:
            return {settings.gateway_header: AIRFLOW_2.headers(credentials, deployment)["Authorization"]}
        if settings.gateway_credential == SUBJECT:
            subject = credentials["subject"]
            value = f'Hash=0;Subject="{subject}"' if settings.gateway_subject_form == "xfcc" else subject
            verified = settings.gateway_verified_header
            return {settings.gateway_header: value} | ({verified: "SUCCESS"} if verified else {})
        value = credentials.get("api_key") or self._jwt(credentials["client_id"], deployment)
        scheme = f"{settings.gateway_scheme} " if settings.gateway_scheme else ""
        return {settings.gateway_header: f"{scheme}{value}"}

    def _jwt(self, client_id: str, deployment: Site) -> str:
        key = deployment.keys.get(client_id)
        if key.ended(deployment.airflow.now()) is not None:
            raise AccessKeyError(f"The client {client_id} gets no JWT any more.")
        return tokens.jwt_of(key, deployment)

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """Names that scripts commonly read (ours: a company has its own)."""
        version = "v2" if settings.generation == 3 else "v1"
        names = {
            "api_key": "AIRFLOW_API_KEY",
            "username": "AIRFLOW_USERNAME",
            "password": "AIRFLOW_PASSWORD",
            "client_id": "OAUTH_CLIENT_ID",
            "client_secret": "OAUTH_CLIENT_SECRET",
            "subject": "AIRFLOW_CLIENT_SUBJECT",
        }
        told = {"AIRFLOW_API_URL": f"{url}{settings.gateway_mount}/api/{version}"}
        if "client_id" in credentials:
            told["OAUTH_TOKEN_URL"] = f"{url}/oauth/token"
        return told | {names[name]: value for name, value in credentials.items()}


def _demand_sense(settings: Settings) -> None:
    """Refuse settings that each make sense and do not together. Raises SettingError."""
    if settings.gateway_verified_header.lower() == settings.gateway_header.lower():
        raise SettingError("gateway_verified_header and gateway_header name the same header; two are expected.")
    for kind in ("missing", "refused", "forbidden"):
        status = getattr(settings, f"gateway_{kind}_status")
        if status < 400 and not settings.gateway_sign_in:
            raise SettingError(f"gateway_{kind}_status={status} leads somewhere else; say where by gateway_sign_in.")
    names, roles = settings.gateway_name_claim, settings.gateway_role_claim.partition(".")[0]
    if settings.gateway_credential == JWT and not settings.gateway_jwks and names == roles:
        raise SettingError(f"gateway_name_claim and gateway_role_claim are both in {names!r}, so no JWT can be made.")


def _refused(
    status: int, body: str, why: Why, deployment: Site, request: Request | None = None, retry_after: str = "0"
) -> Refusal:
    """A refusal as the settings word it."""
    settings = deployment.settings
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    values = {
        "status": str(status),
        "title": title,
        "reason": why.reason,
        "rule": why.rule,
        "path": request.path if request is not None else "",
        "url": request.url if request is not None else "",
        "request_id": deployment.airflow.ids.uuid("request"),
        "retry_after": retry_after,
    }
    headers = {"WWW-Authenticate": settings.gateway_challenge} if status == 401 and settings.gateway_challenge else {}
    if 300 <= status < 400 and settings.gateway_sign_in:
        from urllib.parse import quote

        values_in_url = {name: quote(value, safe="") for name, value in values.items()}
        headers["Location"] = filled(settings.gateway_sign_in, "", values_in_url)
    why = why._replace(
        read_from=f"the header {settings.gateway_header}",
        would_pass=why.would_pass or f"a {settings.gateway_credential} that counts, in {settings.gateway_header}",
    )
    text = filled(body, settings.gateway_content_type, values)
    return Refusal(status=status, body=text, content_type=settings.gateway_content_type, why=why, headers=headers)


PROFILE = Gateway()
