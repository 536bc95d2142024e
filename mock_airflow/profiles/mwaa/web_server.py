"""The environment's web server, as far as it is AWS's own: signing in by a web token, and the command line over HTTP.

Documented: the paths, the form field, the header, the two fields of the answer in base64. From code: that in Airflow 3
they lie below ``/pluginsv2`` and that the session is the cookie ``_token`` there. Assumed: the bodies of refusals, and
the statuses of commands that fail or are not let through.
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from werkzeug.http import dump_cookie

from mock_airflow.airflow_cli import run
from mock_airflow.answers import HTML, JSON, Answer, Refusal, Unidentified, compact
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call, Handler
from mock_airflow.journal.why import Why
from mock_airflow.profiles.dialect import VendorDialect
from mock_airflow.profiles.mwaa import pages
from mock_airflow.profiles.mwaa.commands import let_through
from mock_airflow.profiles.mwaa.identity import CLI, WEB, read_token, session_of, signed_in

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site

_TEXT = "text/plain; charset=utf-8"
_BELOW = ("", "/pluginsv2")  # the second is where Airflow 3 puts plugins of Airflow 2's kind


class WebServerDialect(VendorDialect):
    """Each operation looks at its own token."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """A body is read as text here, so none is unreadable; this is for one that says that it is JSON."""
        return _refused(deployment, Why("The body is not JSON.", "malformed body"), status=400)

    def _body(self, request: Request, deployment: Site) -> object:
        return request.get_data(cache=True).decode("utf-8", "replace")


API = Api("mwaa-web-server", "", "MWAA's web server", dialect=WebServerDialect())


def _at(method: str, path: str, operation_id: str) -> Callable[[Handler], Handler]:
    """Describe an operation that stands at both places, with and without a slash at its end."""

    def register(handler: Handler) -> Handler:
        for below in _BELOW:
            for end in ("", "/"):
                name = f"{operation_id}{'_3' if below else ''}{'_slash' if end else ''}"
                describe = API.tagged("Web server")
                describe(method, f"{below}/aws_mwaa/{path}{end}", name, access=None, confidential=True)(handler)
        return handler

    return register


def _refused(deployment: Site, why: Why, status: int | None = None) -> Refusal:
    """That a token does not count (assumed: the body)."""
    return Refusal(
        status=status or int(deployment.settings.mwaa_refused_token_status),
        body="Forbidden",
        content_type=_TEXT,
        why=why._replace(would_pass=why.would_pass or "a token that was made less than 60 seconds before"),
    )


@_at("POST", "login", "mwaa_login")
def login(call: Call) -> Answer:
    """Exchange a web token for a session of Airflow's."""
    try:
        claims = read_token(call.request.form.get("token", ""), WEB, call.deployment)
    except Unidentified as nobody:
        raise _refused(call.deployment, nobody.why._replace(read_from="the form's token")) from None
    user = signed_in(str(claims["sub"]), tuple(claims["roles"]), call.deployment)
    name, value = session_of(user, str(claims["key"]), call.deployment)
    lifetime = timedelta(hours=call.settings.mwaa_session_hours)
    cookie = dump_cookie(
        name,
        value,
        max_age=lifetime,
        path=call.request.script_root or "/",  # of several deployments at one address, each has its own
        httponly=True,
        samesite="Lax",
        secure=call.request.is_secure,
    )
    return Answer("", 200, HTML, {"Set-Cookie": cookie})


@_at("GET", "aws-console-sso", "mwaa_console_sso")
def console_sso(call: Call) -> Answer:
    """Show the page that signs a browser in by the token behind the # of its address."""
    return Answer(pages.signing_in(call.request.path.rpartition("/aws-console-sso")[0]), 200, HTML)


@_at("POST", "cli", "mwaa_cli")
def cli(call: Call) -> Answer:
    """Run a command of Airflow's, which is the body, and tell what it printed."""
    scheme, _, token = call.headers.get("Authorization", "").strip().partition(" ")
    try:
        claims = read_token(token.strip() if scheme.lower() == "bearer" else "", CLI, call.deployment)
    except Unidentified as nobody:
        why = nobody.why._replace(read_from="the Authorization header")
        raise _refused(call.deployment, why) from None
    try:
        argv = shlex.split(str(call.body))
    except ValueError as error:
        return _told("", f"{error}\n", int(call.settings.mwaa_failed_command_status))
    refusal = let_through(argv, call.settings.generation)
    if refusal is not None:
        said = Why(refusal, "command", would_pass="a command of MWAA's list, such as dags list")
        raise Refusal(status=500, body=compact({"message": "Internal Server Error"}), content_type=JSON, why=said)
    done = run(call.deployment, argv, str(claims["sub"]))
    failed = int(call.settings.mwaa_failed_command_status)
    return _told(done.stdout, done.stderr, 200 if done.exit_code == 0 else failed)


def _told(stdout: str, stderr: str, status: int) -> Answer:
    """What a command printed, in base64."""
    streams = {"stderr": stderr, "stdout": stdout}
    told = {name: base64.b64encode(text.encode()).decode() for name, text in streams.items()}
    return Answer(compact(told), status, JSON)
