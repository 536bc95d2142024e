"""Showing the control token once, in a form; a cookie stands for it afterwards, which tells nothing of it."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from werkzeug.http import dump_cookie

from mock_airflow.answers import HTML, Answer
from mock_airflow.control.guard import COOKIE, pass_of
from mock_airflow.control.page.page import HEADERS, root_of
from mock_airflow.control.page.rendering import render

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.deployment import Deployment

PATHS = ("login", "logout")
_LOCATION = re.compile(r"[!-\[\]-~]+")  # printable, without the backslash that browsers take for a slash


def answer(deployment: Deployment, request: Request, path: str) -> Answer:
    """The form, and what is sent with it; leaving again."""
    token, root = deployment.settings.control_token, root_of(request)
    if path == "logout" and request.method == "POST":
        return _led(f"{root}/page/login", _cookie("", root, request, 0))
    if token is None or path == "logout":
        return _led(f"{root}/page/")
    wanted = request.values.get("next", "")
    if not wanted.startswith(f"{root}/page/") or not _LOCATION.fullmatch(wanted):
        wanted = f"{root}/page/"
    if request.method != "POST":
        return _form(root, wanted, wrong=False)
    if not hmac.compare_digest(request.form.get("token", "").strip().encode(), token.encode()):
        return _form(root, wanted, wrong=True)
    return _led(wanted, _cookie(pass_of(token), root, request))


def _form(root: str, wanted: str, *, wrong: bool) -> Answer:
    text = render("login.html", root=root, wanted=wanted, wrong=wrong)
    return Answer(text, 401 if wrong else 200, HTML, HEADERS)


def _led(location: str, cookie: str | None = None) -> Answer:
    return Answer("", 303, HTML, {**HEADERS, "Location": location, **({"Set-Cookie": cookie} if cookie else {})})


def _cookie(value: str, root: str, request: Request, seconds: int | None = None) -> str:
    return dump_cookie(
        COOKIE, value, max_age=seconds, path=root, secure=request.is_secure, httponly=True, samesite="Strict"
    )
