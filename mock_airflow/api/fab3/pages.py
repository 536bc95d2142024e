"""Pages of the FAB auth manager of an Airflow 3, below `/auth`: a login form, and what leads to it (observed).

Scripts go through the form to get the cookie `_token`. Statuses, headers, redirects and the words about CSRF tokens are
a real one's; the pages themselves are small ones of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from werkzeug.http import dump_cookie

from mock_airflow.access.admission import Admission
from mock_airflow.access.presented import COOKIE, FORGET
from mock_airflow.access.sessions import Session
from mock_airflow.answers import HTML, Answer, Refusal
from mock_airflow.api.airflow2.pages import NOTICE
from mock_airflow.api.airflow3.pages import NO_PAGE
from mock_airflow.api.simple_auth.signing_in import identified, issue
from mock_airflow.api.ui import LOGIN_HEADERS, LOGIN_PAGE, check_csrf, redirect_to
from mock_airflow.api.v2.login import is_ours

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_READ = ("GET", "HEAD", "OPTIONS")
_FORM = ("GET", "HEAD", "OPTIONS", "POST")
_HOME, _LOGIN, _LOGOUT = "/auth/", "/auth/login/", "/auth/logout/"
_RULES = {
    _HOME: _READ,
    _LOGIN: _FORM,
    _LOGOUT: _READ,
    "/auth/api/v1/security/login": ("OPTIONS", "POST"),
    **{f"/auth/{noun}/list/": _READ for noun in ("users", "roles", "permissions", "actions", "resources")},
    **{f"/auth/{noun}/add": _FORM for noun in ("users", "roles")},
    "/auth/users/userinfo/": _READ,
    "/auth/resetmypassword/form": _FORM,
}
_FORGET_SESSION = FORGET.replace(f"{COOKIE}=", "session=", 1)
_NOT_ALLOWED = "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n"


def page(admission: Admission) -> Answer:
    """What Flask answers, which has everything below `/auth` that the auth manager's own routes leave over."""
    request = admission.request
    path, method, base = request.path, request.method, request.host_url.rstrip("/")
    if path == "/auth/logout" and method == "GET":
        cookies = (_FORGET_SESSION, FORGET)
        return Answer("", 307, "", {"Location": f"{base}{_LOGIN}"}, cookies=cookies)
    methods = _RULES.get(path)
    if methods is None:
        if method not in _RULES.get(f"{path}/", ()):
            return NO_PAGE
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect_to(f"{base}{path}/{query}")._replace(status=308)
    if method == "OPTIONS" or method not in methods:
        known = {"Allow": ", ".join(methods)}
        return Answer("", 200, HTML, known) if method == "OPTIONS" else Answer(_NOT_ALLOWED, 405, HTML, known)
    try:
        return _asked(admission, base)
    except Refusal as refusal:
        admission.decision, admission.why = "refused", refusal.why
        return refusal.answer


def _asked(admission: Admission, base: str) -> Answer:
    request, sessions = admission.request, admission.deployment.sessions
    path = request.path
    session = sessions.find(request)
    if request.method == "POST":
        request.get_data(cache=True)  # kept for the journal, which comes after the form was parsed
        check_csrf(request, session)
    if path == _HOME:
        return redirect_to(base)
    if path == _LOGIN:
        return _login(admission, session)
    if path.startswith("/auth/api/"):
        return NO_PAGE
    if path == _LOGOUT:
        if session is not None:
            sessions.end(session)
        return redirect_to(_HOME)
    session = session or sessions.begin()
    return _redirect(f"{_LOGIN}?next={base}{path}", {}, session.cookie())


def _login(admission: Admission, session: Session | None) -> Answer:
    """The form; for who is logged in, or sends a name and a password, the way on with a token in a cookie."""
    deployment, request = admission.deployment, admission.request
    user = deployment.sessions.user_of(session)
    if user is None:
        name, password = request.form.get("username"), request.form.get("password")
        session = session or deployment.sessions.begin()
        if not name or not password:
            text = LOGIN_PAGE.format(token=session.csrf_token, notice=NOTICE)
            return Answer(text, 200, HTML, LOGIN_HEADERS, cookies=(session.cookie(),))
        try:
            user = identified(deployment, name, password)
        except Refusal as refusal:
            admission.decision, admission.why = "refused", refusal.why
            again = f"{request.host_url.rstrip('/')}{_LOGIN}?{urlencode({'next': _wanted(request)})}"
            return _redirect(again, LOGIN_HEADERS, session.cookie())
        session = deployment.sessions.begin(user, after=session)
    assert session is not None
    role = user.roles[0].lower() if user.roles else ""
    token = issue(deployment, user.username, role, deployment.settings.jwt_expiration_time)
    cookie = dump_cookie(COOKIE, token, httponly=True, path="/", samesite="Lax")
    return _redirect(_wanted(request), LOGIN_HEADERS, cookie, session.cookie())


def _wanted(request: Request) -> str:
    """Where ``next`` leads, if that is on this server; the start page otherwise."""
    wanted = request.args.get("next", "")
    return urljoin(request.host_url, wanted) if wanted and is_ours(wanted, request.host) else _HOME


def _redirect(location: str, headers: Mapping[str, str], *cookies: str) -> Answer:
    return redirect_to(location, headers)._replace(cookies=cookies)
