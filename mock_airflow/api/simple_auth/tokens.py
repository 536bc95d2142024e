"""Tokens of the Simple auth manager (observed)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body, read_body, sent_body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.pages import NO_PAGE
from mock_airflow.api.airflow3.problems import Detail, Fault, invalid
from mock_airflow.api.operation import Call
from mock_airflow.api.simple_auth.api import API
from mock_airflow.api.simple_auth.signing_in import sign_in

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


operation = API.tagged("SimpleAuthManagerLogin")

_ONLY_ALL_ADMINS = "This method is only allowed if ``[core] simple_auth_manager_all_admins`` is True"


class LoginBody(Body):
    """Name and password."""

    username: str
    password: str


_LOGIN = TypeAdapter(LoginBody)


@operation("POST", "/token", access=None, success=201, confidential=True)
def create_token(call: Call) -> Answer:
    """Sign in, as JSON or as a form. What is wrong with the body is told as one text."""
    if call.settings.fab_auth_manager:
        return _signed_in_by_fab(call, call.settings.jwt_expiration_time)
    kind = (call.request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind in ("application/json", ""):
        given = _object(call)
    elif kind == "application/x-www-form-urlencoded":
        given = _form(call.request)
    else:
        raise Detail(415, "Only application/json or application/x-www-form-urlencoded is supported")
    try:
        body = _LOGIN.validate_python(given)
    except ValidationError as error:
        raise Detail(422, str(error)) from None
    return _signed_in(call, body, call.settings.jwt_expiration_time)


def _form(request: Request) -> dict[str, str | None]:
    """The two fields of the form; one that is missing counts as null (observed)."""
    sent = dict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))
    return {name: sent.get(name) for name in ("username", "password")}


def _object(call: Call) -> Any:
    try:
        given = json.loads(call.request.get_data(cache=True))
    except (ValueError, RecursionError):
        raise Oops("The body is not JSON, at which a real Airflow fails.") from None
    if not isinstance(given, dict):
        raise Oops("The body is not a JSON object, at which a real Airflow fails.")
    return given


@operation("POST", "/token/cli", access=None, success=201, confidential=True)
def create_token_cli(call: Call) -> Answer:
    """Sign in for a shorter time, as JSON."""
    if call.settings.fab_auth_manager:
        return _signed_in_by_fab(call, call.settings.jwt_cli_expiration_time)
    return _signed_in(call, _body(call, LoginBody), call.settings.jwt_cli_expiration_time)


def _body(call: Call, kind: Any) -> Any:
    """The body as its model reads it. Raises Detail (422)."""
    faults: list[Fault] = []
    body = read_body(kind, sent_body(call.request), faults)
    if faults:
        raise invalid(faults)
    return body


def _signed_in_by_fab(call: Call, seconds: int) -> Answer:
    """Sign in with the FAB auth manager, which takes any object and looks at two of its keys (observed)."""
    body = _body(call, dict[str, Any])
    token = sign_in(call.deployment, body.get("username"), body.get("password"), seconds)
    return answer({"access_token": token}, 201)


def _signed_in(call: Call, body: LoginBody, seconds: int) -> Answer:
    token = sign_in(call.deployment, body.username, body.password, seconds)
    return answer({"access_token": token}, 201)


@operation("GET", "/token", access=None, success=201, confidential=True)
def create_token_all_admins(call: Call) -> Answer:
    """Get a token without signing in, where everybody is an administrator."""
    if call.settings.fab_auth_manager:
        return NO_PAGE
    return answer({"access_token": _for_all(call)}, 201)


@operation("GET", "/token/login", access=None, success=307, confidential=True)
def login_all_admins(call: Call) -> Answer:
    """Get the cookie without signing in, where everybody is an administrator."""
    if call.settings.fab_auth_manager:
        return NO_PAGE
    cookie = f"_token={_for_all(call)}; Path=/; SameSite=lax"
    return Answer("", 307, "", {"Location": "/", "Set-Cookie": cookie})


def _for_all(call: Call) -> str:
    if not call.settings.simple_auth_manager_all_admins:
        raise Detail(403, _ONLY_ALL_ADMINS)
    return sign_in(call.deployment, "", "", call.settings.jwt_expiration_time)
