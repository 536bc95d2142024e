"""The platform's own endpoints: Houston's GraphQL and its authorization subrequest, the login and token pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from werkzeug.http import dump_cookie

from mock_airflow.access.digests import matches
from mock_airflow.answers import HTML, JSON, Answer, Refusal, Unidentified, compact
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.domain import users
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astronomer_software import pages
from mock_airflow.profiles.astronomer_software.identity import (
    TOKEN_LIFETIME,
    HoustonActor,
    cookie_name,
    identify,
    login_token,
    platform_token,
)
from mock_airflow.profiles.dialect import VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.profiles.astronomer_software.execution import Carried

TEXT = "text/plain; charset=utf-8"


class HoustonDialect(VendorDialect):
    """Everybody may come in; each query and page decides for itself."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """The web framework's answer (assumed)."""
        return Refusal(status=400, body="Bad Request", content_type=TEXT, why=Why("The body is not JSON.", rule="body"))


API = Api("astronomer", "", "Astronomer Software", dialect=HoustonDialect())
graphql = API.tagged("Houston")
app = API.tagged("App")


def _actor(call: Call) -> HoustonActor | Unidentified:
    try:
        return identify(call.request, call.deployment)
    except Unidentified as nobody:
        return nobody


@graphql("POST", "/v1", access=None, confidential=True)
def houston_graphql(call: Call) -> Answer:
    """Carry out a GraphQL document, or a list of them."""
    if isinstance(call.body, list):
        carried = [_carried(call, request) for request in call.body]
        told: Any = [each.told for each in carried]
        return _told(call, told, 200, carried)
    one = _carried(call, call.body)
    return _told(call, one.told, one.status, [one])


@graphql("GET", "/v1", access=None, confidential=True)
def houston_graphql_query(call: Call) -> Answer:
    """Carry out a GraphQL query that stands in the URL."""
    request: dict[str, Any] = {name: call.query[name] for name in ("query", "operationName") if name in call.query}
    try:
        request["variables"] = json.loads(call.query.get("variables") or "null")
    except ValueError:
        request["variables"] = "unreadable"
    one = _carried(call, request, reading=True)
    return _told(call, one.told, one.status, [one])


def _carried(call: Call, request: Any, *, reading: bool = False) -> Carried:
    from mock_airflow.profiles.astronomer_software.execution import carry_out

    found = _actor(call)
    actor = found if isinstance(found, HoustonActor) else None
    return carry_out(call.deployment, actor, _base(call), request, reading=reading)


def _base(call: Call) -> str:
    domain = call.settings.astronomer_software_base_domain
    return f"https://deployments.{domain}" if domain else call.origin


def _told(call: Call, told: Any, status: int, carried: list[Carried]) -> Answer:
    body = f"{compact(told)}\n"
    headers = {}
    token = next((each.token for each in carried if each.token), None)
    if token is not None:
        headers["Set-Cookie"] = _cookie(call.deployment, token)
    problem = next((each.problem for each in carried if each.problem), None)
    refusal = None
    if problem is not None and problem.code in ("UNAUTHENTICATED", "FORBIDDEN"):
        found, why = _actor(call), problem.why
        if isinstance(found, Unidentified):
            why = found.why._replace(reason=f"{found.why.reason} {why.reason}")
        passing = problem.why.would_pass or "a service account's key, or a user's token, with that permission"
        refusal = Refusal(
            status=status,
            body=body,
            content_type=JSON,
            why=why._replace(read_from=why.read_from or "the Authorization header", would_pass=passing),
        )
    return Answer(body, status, JSON, headers, refusal)


def _cookie(deployment: Site, token: str) -> str:
    expires = deployment.airflow.now() + TOKEN_LIFETIME
    return dump_cookie(cookie_name(deployment), token, expires=expires, path="/", httponly=True, samesite="Lax")


@graphql("GET", "/v1/authorization", access=None)
def authorize_request(call: Call) -> Answer:
    """Tell the ingress whether a request to ``X-Original-URL`` may go on, and as whom."""
    found = _actor(call)
    if isinstance(found, Unidentified):
        raise _plain(401, found.why)
    parts = urlsplit(call.headers.get("X-Original-URL", ""))
    host = (parts.hostname or "").lower()
    here = host.partition(".")[0] == "deployments" or host == urlsplit(call.origin).hostname
    release, _, service = parts.path.lstrip("/").partition("/")
    row = call.deployment.vendor.releases.lookup("release_name", release)
    if not here or service.partition("/")[0] not in ("airflow", "flower"):
        said = "X-Original-URL is not the URL of a deployment's Airflow."
        raise _plain(401, Why(said, "original url", "X-Original-URL"))
    roles = found.airflow_roles(row.id) if row is not None else ()
    if not roles:
        said = f"{found.label!r} has no role on the release {release!r}."
        raise _plain(403, Why(said, "no role", "X-Original-URL"))
    token = platform_token(found, roles, f"{host}/{release}", call.deployment)
    return Answer("OK", 200, TEXT, {"Authorization": f"Bearer {token}"})


def _plain(status: int, why: Why) -> Refusal:
    """Houston's own refusal, which is the status's name and nothing else (code)."""
    body = "Unauthorized" if status == 401 else "Forbidden"
    passing = "a key or token with a role on the release that X-Original-URL names"
    return Refusal(
        status=status,
        body=body,
        content_type=TEXT,
        why=why._replace(would_pass=passing),
    )


# --------------------------------------------------------------------------------------------------------- app's pages


@app("GET", "/login", access=None)
def login_page(call: Call) -> Answer:
    """Show the login page, to which the gate redirects whoever is nobody."""
    return Answer(pages.login(_login_path(call.query)), 200, HTML)


@app("POST", "/login", access=None)
def log_in(call: Call) -> Answer:
    """Log a user in by the page's form: a cookie, and back to where the user came from (assumed)."""
    form = call.body if isinstance(call.body, Mapping) else {}
    user = users.by_login(call.airflow, str(form.get("identity", "")))
    if user is None or not user.active or not matches(str(form.get("password", "")), user.password_digest):
        return Answer(pages.login(_login_path(call.query), refused=True), 200, HTML)
    token = login_token(users.logged_in(call.airflow, user), call.deployment)
    back = call.query.get("rd", "")
    here = back.startswith(f"{call.origin}/") or back.startswith(f"{call.origin}%2F")
    headers = {"Location": back if here else "/token", "Set-Cookie": _cookie(call.deployment, token)}
    return Answer("", 302, HTML, headers)


def _login_path(query: Mapping[str, Any]) -> str:
    back = query.get("rd")
    return f"/login?rd={quote(back, safe='')}" if back else "/login"


@app("GET", "/token", access=None, confidential=True)
def token_page(call: Call) -> Answer:
    """Show a user who is logged in a temporary token, good for 24 hours."""
    found = _actor(call)
    if isinstance(found, HoustonActor) and found.user is not None:
        return Answer(pages.token(login_token(found.user, call.deployment)), 200, HTML)
    why = Why("A service account has no temporary token.", "no user", "the Authorization header")
    if isinstance(found, Unidentified):
        why = found.why
    raise Refusal(
        status=302,
        body="",
        content_type=HTML,
        why=why._replace(would_pass="the cookie of a login, or a user's token"),
        headers={"Location": "/login"},
    )
