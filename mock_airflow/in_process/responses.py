"""Calls to one base URL, answered inside of a test's own `responses` mock.

with responses.RequestsMock() as rsps:
    register(rsps, deployment.wsgi, "https://airflow.example")
    rsps.get("https://airflow.example/api/v1/health", status=503)  # the test's own entries come first
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from responses import BaseResponse, RequestsMock
from responses.registries import OrderedRegistry
from urllib3 import HTTPResponse, Retry

from mock_airflow.in_process.broken_answers import mishap
from mock_airflow.in_process.intercept_requests import body_of, failed, raw_response, text_of
from mock_airflow.in_process.interception import Interception
from mock_airflow.in_process.ownership import Home

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from requests import PreparedRequest


def register(rsps: RequestsMock, app: WSGIApplication, base_url: str, home: Home | None = None) -> None:
    """Have the application answer what is below the base URL and fits none of the mock's other entries.

    Raises BaseUrlError, and TypeError for a mock whose entries have to come in order, as the application has no place
    in an order.
    """
    if isinstance(rsps.get_registry(), OrderedRegistry):
        raise TypeError(
            "A mock with the OrderedRegistry takes its entries one after another, and an application that answers any "
            "number of calls has no place among them; use the default registry."
        )
    rsps.add(_Application(rsps, Interception(app, base_url, home)))


class _Application(BaseResponse):
    """An entry that fits whatever lies below the base URL and no entry of the test's own fits."""

    def __init__(self, rsps: RequestsMock, interception: Interception) -> None:
        super().__init__("ANY", interception.base_url)
        self._rsps, self._interception = rsps, interception

    def matches(self, request: PreparedRequest) -> tuple[bool, str]:
        """Whether it fits, and why not."""
        if not self._interception.takes(request.url or ""):
            return False, f"The URL is not below {self._interception.base_url}"
        over = self._interception.home.gone is not None
        others = (each for each in self._rsps.registered() if not isinstance(each, _Application))
        if any(each.matches(request)[0] for each in others):
            return False, "An entry of the test's own comes first"
        if over and any(each.goes_on(request) for each in self._rsps.registered() if isinstance(each, _Application)):
            return False, "The test that registered it is over, and another has registered its own"
        return True, ""

    def goes_on(self, request: PreparedRequest) -> bool:
        """Whether it would answer this for a test that is not over."""
        return self._interception.home.gone is None and self._interception.takes(request.url or "")

    @property
    def call_count(self) -> int:
        """At least one, since nobody has to call the application."""
        return max(1, super().call_count)

    def get_response(self, request: PreparedRequest) -> HTTPResponse:
        """The application's answer. Raises what requests raises where none comes."""
        method, url = request.method or "GET", request.url or ""
        headers = [(text_of(name), text_of(value)) for name, value in request.headers.items()]
        sent: dict[str, Any] = getattr(request, "req_kwargs", {})
        timeout = sent.get("timeout")
        patience = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
        reply = self._interception.for_caller().answer(method, url, headers, body_of(request.body), patience)
        failure = mishap(reply, url, patience)
        if failure is not None:
            failed(failure, Retry(0, read=False), request)
        return raw_response(reply, method, url, patience)
