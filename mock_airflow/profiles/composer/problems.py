"""Google's refusals: an API's JSON, the token host's, and the pages of what stands before a web server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from mock_airflow.answers import HTML, Answer, Refusal, compact
from mock_airflow.journal.why import Why

JSON_UTF8 = "application/json; charset=UTF-8"
SERVICE = "composer.googleapis.com"
_SIGN_IN = "https://developers.google.com/identity/sign-in/web/devconsole-project"
MISSING = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid"
    f" authentication credential. See {_SIGN_IN}."
)
INVALID = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    f" authentication credential. See {_SIGN_IN}."
)
UNSCOPED = "Request had insufficient authentication scopes."
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
}
_TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}
_SENTENCES = {
    401: "Your client does not have permission to the requested URL.",
    403: "Your client does not have permission to get this URL from this server.",
    404: "The requested URL was not found on this server.",
    429: "Too many requests came in; try again later.",
}
_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error {status} ({title})</title>
  <p><b>{status}.</b> That is an error.
  <p>{said}
"""


def laid_out(value: Any) -> str:
    """JSON as Google's APIs lay it out."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def told(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of an API's."""
    return Answer(laid_out(value), status, JSON_UTF8, headers or {})


def api_error(status: int, message: str, why: Why, reason: str = "", method: str = "") -> Refusal:
    """An API's refusal (its form and the two messages on credentials: reported; other messages: assumed)."""
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUS[status]}
    if reason:
        about = {"service": SERVICE} | ({"method": method} if method else {})
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
                "metadata": about,
            }
        ]
    headers = {}
    if status == 401:
        more = "" if reason == "CREDENTIALS_MISSING" else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="https://accounts.google.com/"{more}'
    why = why._replace(reason=why.reason or message, rule=why.rule or _STATUS[status].lower())
    return Refusal(status=status, body=laid_out({"error": error}), content_type=JSON_UTF8, why=why, headers=headers)


def token_error(status: int, error: str, description: str, why: Why) -> Refusal:
    """The token host's refusal (reported; its layout is assumed)."""
    body = compact({"error": error, "error_description": description})
    return Refusal(status=status, body=body, content_type=JSON_UTF8, why=why)


def page(status: int, why: Why, headers: dict[str, str] | None = None) -> Refusal:
    """What is answered in the place of the web server (assumed: its words)."""
    body = _PAGE.format(status=status, title=_TITLES[status], said=escape(_SENTENCES[status]))
    return Refusal(status=status, body=body, content_type=HTML, why=why, headers=headers or {})
