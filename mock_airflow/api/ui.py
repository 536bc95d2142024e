"""The few pages of Airflow's UI that scripts go through to log in: a form, a session's cookie, and the way out.

With that cookie the stable API is open as with a user's name and password. Statuses, headers, redirects and the words
about CSRF tokens are a real Airflow's (observed); the pages themselves are small ones of our own.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from werkzeug.utils import redirect

from mock_airflow.access.admission import Admission
from mock_airflow.access.passwords import by_password, user_principal
from mock_airflow.access.principals import NOBODY, Principal
from mock_airflow.access.sessions import Session
from mock_airflow.answers import HTML, Answer, Refusal
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call, Operation
from mock_airflow.domain.records import User
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request


_VARY = {"Vary": "Cookie"}
LOGIN_HEADERS = {
    **_VARY,
    "Cache-Control": "no-store, no-cache, must-revalidate, max-age=0",
    "Pragma": "no-cache",
    "Expires": "0",
}
_CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>Sign In - Airflow</title>
  </head>
  <body>
    <form action="" method="post" name="login">
      <input id="csrf_token" name="csrf_token" type="hidden" value="{token}">
      <label>Username: <input id="username" name="username" type="text" autofocus></label>
      <label>Password: <input id="password" name="password" type="password"></label>
      <input type="submit" value="Sign In">
    </form>
    {notice}
  </body>
</html>
"""
_HOME_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>DAGs - Airflow</title>
  </head>
  <body>
    <p>{user} is logged in.</p>
    {notice}
    <form action="{root}/logout/" method="post" name="logout">
      <input id="csrf_token" name="csrf_token" type="hidden" value="{token}">
      <input type="submit" value="Log Out">
    </form>
  </body>
</html>
"""
_GRID_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>{dag_id} - Grid - Airflow</title>
  </head>
  <body>
    <p>The DAG {dag_id} is here; its page is not.</p>
    {notice}
  </body>
</html>
"""


class Visit(NamedTuple):
    """Who asks for a page, and with what. ``wanted`` is where a login leads to."""

    session: Session | None
    user: User | None
    form: Mapping[str, str]
    wanted: str
    url: str
    root: str


class UiDialect(Dialect2):
    """No shape, no permissions and no credential but the session's cookie; a form needs its CSRF token (observed)."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call, whose body is the visit. Raises Refusal for a form without a good CSRF token."""
        request, sessions = admission.request, admission.deployment.sessions
        request.get_data(cache=True)  # kept for the journal, which comes after the form was parsed
        session = sessions.find(request)
        user = sessions.user_of(session)
        if user is not None:
            admission.principal = user_principal(admission.deployment, user)
        if request.method == "POST":
            check_csrf(request, session)
        visit = Visit(session, user, request.form, _wanted(request), request.url, request.root_path)
        return Call(operation, admission.deployment, admission.principal or NOBODY, path, {}, visit, request.headers)

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Let a page's own Cache-Control stand alone, and add no cross-origin headers (observed)."""
        headers["Cache-Control"] = headers.getlist("Cache-Control")[0]


API = Api("ui", "", "Session login of Airflow's UI", UiDialect())
operation = API.tagged("Login")


@operation("GET", "/", access=None, media=(HTML,), success=302)
def index(call: Call) -> Answer:
    """Redirect to the home page"""
    visit: Visit = call.body
    return redirect_to(f"{visit.root}/home")


@operation("GET", "/home", access=None, media=(HTML,))
def home(call: Call) -> Answer:
    """Page that tells who is logged in"""
    visit: Visit = call.body
    if visit.session is None or visit.user is None:
        return _login_first(visit)
    page = _HOME_PAGE.format(
        root=visit.root, user=escape(visit.user.username), token=visit.session.csrf_token, notice=pages.NOTICE
    )
    return Answer(page, 200, HTML, _VARY)


@operation("GET", "/login/", access=None, media=(HTML,))
def login_form(call: Call) -> Answer:
    """Form with a CSRF token, to log in with"""
    visit: Visit = call.body
    if visit.user is not None:
        return redirect_to(f"{visit.root}/", LOGIN_HEADERS)
    return _form(visit.session or call.deployment.sessions.begin())


@operation("POST", "/login/", access=None, media=(HTML,), success=302)
def login(call: Call) -> Answer:
    """Log in with the form, for a session"""
    visit: Visit = call.body
    assert visit.session is not None
    name, password = visit.form.get("username", ""), visit.form.get("password", "")
    if visit.user is not None:
        return redirect_to(f"{visit.root}/", LOGIN_HEADERS)
    if not name or not password:
        return _form(visit.session)  # the form is shown again without a look at the user (code)
    found = by_password(name, password, call.deployment)
    user = call.airflow.users.get(found.name) if isinstance(found, Principal) else None
    if user is None:
        return redirect_to(_login_before(visit, visit.wanted), LOGIN_HEADERS)
    session = call.deployment.sessions.begin(user, after=visit.session)
    return redirect_to(visit.wanted, {**LOGIN_HEADERS, "Set-Cookie": session.cookie()})


@operation("POST", "/logout/", access=None, media=(HTML,), success=302)
def logout(call: Call) -> Answer:
    """End the session"""
    visit: Visit = call.body
    assert visit.session is not None
    call.deployment.sessions.end(visit.session)
    return redirect_to(f"{visit.root}/", _VARY)


_pages = API.tagged("Pages")


@_pages("GET", "/dags/{dag_id}", access=None, media=(HTML,), success=302)
def dag_page(call: Call) -> Answer:
    """Redirect to the grid of a DAG, whether or not there is one"""
    return _to_grid(call)


@_pages("GET", "/dags/{dag_id}/details", access=None, media=(HTML,), success=302)
def dag_details_page(call: Call) -> Answer:
    """Redirect to the grid of a DAG"""
    return _to_grid(call, kept=False)


@_pages("GET", "/dags/{dag_id}/graph", access=None, media=(HTML,), success=302)
def graph_page(call: Call) -> Answer:
    """Redirect to the grid of a DAG, or home where there is no such DAG"""
    visit: Visit = call.body
    return _to_grid(call, tab="graph") if _is_declared(call) else redirect_to(f"{visit.root}/home", _VARY)


@_pages("GET", "/dags/{dag_id}/calendar", access=None, media=(HTML,), success=302)
def calendar_page(call: Call) -> Answer:
    """Redirect to the grid of a DAG"""
    return _to_grid(call, tab="calendar")


@_pages("GET", "/dags/{dag_id}/code", access=None, media=(HTML,), success=302)
def code_page(call: Call) -> Answer:
    """Redirect to the grid of a DAG, for whoever is logged in"""
    visit: Visit = call.body
    return _login_first(visit) if visit.user is None else _to_grid(call, tab="code")


@_pages("GET", "/dags/{dag_id}/grid", access=None, media=(HTML,))
def grid_page(call: Call) -> Answer:
    """Page of a DAG, for whoever is logged in"""
    visit: Visit = call.body
    if visit.user is None:
        return _login_first(visit)
    if not _is_declared(call):
        return redirect_to(f"{visit.root}/home", _VARY)
    return Answer(_GRID_PAGE.format(dag_id=escape(call.path["dag_id"]), notice=pages.NOTICE), 200, HTML, _VARY)


def _is_declared(call: Call) -> bool:
    dag = call.airflow.dags.get(call.path["dag_id"])
    return dag is not None and dag.is_active


def _to_grid(call: Call, *, kept: bool = True, **more: str) -> Answer:
    """The way to a DAG's grid, with what was asked for besides, as far as it does not begin with _ (code)."""
    visit: Visit = call.body
    asked = parse_qsl(urlsplit(visit.url).query, keep_blank_values=True) if kept else []
    first: dict[str, str] = {}
    for name, value in asked:
        if not name.startswith("_"):
            first.setdefault(name, value)
    first |= more
    query = f"?{urlencode(first)}" if first else ""
    return redirect_to(f"{visit.root}/dags/{quote(call.path['dag_id'], safe='')}/grid{query}")


def _login_first(visit: Visit) -> Answer:
    return redirect_to(_login_before(visit, visit.url), _VARY)


def _form(session: Session) -> Answer:
    headers = {**LOGIN_HEADERS, "Set-Cookie": session.cookie()}
    return Answer(LOGIN_PAGE.format(token=session.csrf_token, notice=pages.NOTICE), 200, HTML, headers)


def redirect_to(location: str, headers: Mapping[str, str] | None = None) -> Answer:
    made = redirect(location)
    return Answer(made.get_data(), 302, HTML, {**(headers or {}), "Location": made.headers["Location"]})


def _login_before(visit: Visit, wanted: str) -> str:
    """The login form's address, leading on to ``wanted``; its characters are left as werkzeug leaves them."""
    return f"{visit.root}/login/?" + urlencode({"next": wanted}, safe="!$'()*,/:;?@")


def _wanted(request: Request) -> str:
    """Where the ``next`` parameter leads, if that is on the same host; the home page otherwise."""
    wanted = request.args.get("next", "")
    try:
        url = urlsplit(wanted)
    except ValueError:
        return f"{request.root_path}/home"
    on_host = (not url.scheme and not url.netloc) or (url.scheme in ("http", "https") and url.netloc == request.host)
    clean = wanted.isprintable() and "\\" not in wanted and not wanted.startswith(("//", " "))
    return wanted if wanted and on_host and clean else f"{request.root_path}/home"


def check_csrf(request: Request, session: Session | None) -> None:
    """Raise Refusal unless the form, or one of two headers, carries the session's CSRF token (code)."""
    sent = request.form.get("csrf_token") or next(filter(None, map(request.headers.get, _CSRF_HEADERS)), None)
    if not sent:
        raise _bad_csrf("The CSRF token is missing.", {})
    if session is None:
        raise _bad_csrf("The CSRF session token is missing.", _VARY)
    if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), session.csrf_token.encode()):
        raise _bad_csrf("The CSRF tokens do not match.", _VARY)


def _bad_csrf(sentence: str, headers: Mapping[str, str]) -> Refusal:
    return Refusal(
        status=400,
        body=pages.bad_request_page(sentence),
        content_type=HTML,
        why=Why(
            sentence, would_pass="the csrf_token of the login form, sent with the session's cookie that came with it"
        ),
        headers=dict(headers),
    )
