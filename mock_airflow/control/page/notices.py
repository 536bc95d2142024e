"""What is told once on the next page, after a form was carried out: a cookie keeps it, and no server has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from werkzeug.http import dump_cookie

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

REFRESHES = "X-Mock-Airflow-Refresh"  # a header of the console's script
_NAME = "mock_airflow_notice"
_LONGEST = 1000
_SECONDS = 60


class Notice(NamedTuple):
    """A sentence, and whether it tells of something that did not work."""

    text: str
    problem: bool


def kept(text: str, *, problem: bool, root: str, secure: bool) -> str:
    """The Set-Cookie header that keeps a notice for the next page."""
    value = quote(("!" if problem else "-") + text[:_LONGEST], safe="")
    return _cookie(value, _SECONDS, root, secure)


def read(request: Request) -> Notice | None:
    """The notice that a request brings along, unless it only refreshes a page: it would be told to nobody."""
    if REFRESHES in request.headers:
        return None
    value = unquote(request.cookies.get(_NAME, ""))
    return Notice(value[1:], value[0] == "!") if value else None


def told(root: str, secure: bool) -> str:
    """The Set-Cookie header that forgets it."""
    return _cookie("", 0, root, secure)


def _cookie(value: str, seconds: int, root: str, secure: bool) -> str:
    return dump_cookie(
        _NAME, value, max_age=seconds, path=f"{root}/page", secure=secure, httponly=True, samesite="Strict"
    )
