"""How an answer goes out: its headers, and what is answered where a request is not carried out."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from mock_airflow._version import __version__
from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.control.api import API as CONTROL
from mock_airflow.control.guard import READ_ONLY
from mock_airflow.corridor.exchange import Exchange
from mock_airflow.errors import MissingExtraError
from mock_airflow.journal.why import Why
from mock_airflow.limits.headers import limit_headers
from mock_airflow.limits.standing import Standing
from mock_airflow.server.request_id import HEADER, request_id
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mock_airflow.api.airflow3 import cross_origin
else:
    (cross_origin,) = on_demand("mock_airflow.api.airflow3", "cross_origin")

log = logging.getLogger("mock_airflow")

_WITHOUT_BODY = frozenset({204, 304, *range(100, 200)})
_REWRITTEN = frozenset({"location", "content-location"})
_SERVER = ("Server", f"mock-airflow/{__version__}")
_EVERYWHERE = {
    2: (("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"), _SERVER),
    3: (("Vary", "Accept-Encoding"), _SERVER),
}


class _Ready(Response):
    """A response that goes out as it is, where nothing of it is to be rewritten.

    Werkzeug goes over each header of a response to look for the few that it rewrites, and copies them all for it.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it."""
        headers = self.headers.to_wsgi_list()
        body: Any = self.response
        names = {name.lower() for name, _ in headers}
        whole = isinstance(body, list) and "content-length" in names and self.status_code not in _WITHOUT_BODY
        if not whole or self._on_close or environ["REQUEST_METHOD"] == "HEAD" or not names.isdisjoint(_REWRITTEN):
            return super().__call__(environ, start_response)
        start_response(self.status, headers)
        return body  # type: ignore[no-any-return]


def response_of(answer: Answer) -> Response:
    """The answer as it is sent."""
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    response = _Ready([body] if answer.lines is None else answer.lines, answer.status, content_type=answer.content_type)
    if answer.lines is None:
        response.headers.add("Content-Length", str(len(body)))
    if answer.status == 204 and answer.content_type:
        response.headers["Content-Type"] = answer.content_type
    elif not answer.content_type:
        response.headers.pop("Content-Type", None)
    for name, value in answer.headers.items():
        response.headers[name] = value
    for cookie in answer.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def dressed(exchange: Exchange, response: Response) -> Response:
    """The answer with the headers that every answer of Airflow carries."""
    headers, settings = response.headers, exchange.deployment.settings
    for name, value in _EVERYWHERE[settings.generation]:
        headers.add(name, value)
    if settings.generation == 3 and cross_origin.is_on(settings) and not CONTROL.covers(exchange.request.path):
        cross_origin.allow(exchange.request, headers, settings)
    if exchange.dialect is not None:
        exchange.dialect.dress(headers, exchange)
    if exchange.behind_gate and exchange.why.rule != READ_ONLY:
        deployment = exchange.deployment
        response = deployment.profile.sent(exchange.request, response, deployment)
    if exchange.standing is not None:
        _tell_limits(exchange, exchange.standing, response)
    if exchange.why.reason:
        exchange.explain(response)
    if settings.request_id_header:
        headers[HEADER] = request_id(exchange.request.environ)
    return response


def _tell_limits(exchange: Exchange, standing: Standing, response: Response) -> None:
    """Add the headers that tell of the limits."""
    deployment = exchange.deployment
    style = deployment.limits.terms.headers or deployment.profile.limit_headers
    if style != "none":
        for name, value in limit_headers(style, standing, deployment.airflow.now()).items():
            response.headers[name] = value


def too_large(exchange: Exchange, error: RequestEntityTooLarge) -> Response:
    """What is answered to a body that is not read: the framework's page, where Airflow bounds it (observed)."""
    request, settings = exchange.request, exchange.deployment.settings
    if exchange.dialect is None or exchange.dialect.longest_body(settings) is None:
        return response_of(exchange.problem(Problem(413, "Payload Too Large", error.description, linked=False)))
    exchange.decision = "refused"
    exchange.why = Why(
        f"The body has {request.content_length} bytes, and the setting allowed_payload_size lets in"
        f" {request.max_content_length}."
    )
    return response_of(Answer(pages.too_large_page(), 413, HTML))


def unexpected(exchange: Exchange, error: Exception) -> Response:
    """A fault of ours, in the log with its traceback, or a missing package by its name; to the client a page."""
    path, trace = exchange.without_secrets(exchange.request.path), exchange.without_secrets(traceback.format_exc())
    exchange.decision = "failed"
    if isinstance(error, MissingExtraError):
        log.error("The request %s %s cannot be carried out here. %s", exchange.request.method, path, error)
        exchange.why = Why(str(error))
    else:
        log.error("The request %s %s failed inside of mock-airflow.\n%s", exchange.request.method, path, trace)
        exchange.why = Why(f"mock-airflow itself failed with {type(error).__name__}.")
    return response_of(Answer(pages.oops_page(), 500, HTML))
