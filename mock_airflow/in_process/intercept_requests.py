"""Requests, intercepted where a session chooses its adapter.

That is above all that `responses` and its like replace, so a test may use both.
"""

from __future__ import annotations

from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse, Retry
from urllib3._collections import HTTPHeaderDict  # where urllib3 1 has it too
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError

from mock_airflow.in_process.broken_answers import mishap, what_comes
from mock_airflow.in_process.interception import Interception, Layer

if TYPE_CHECKING:
    from mock_airflow.in_process.wsgi_call import Reply


def layers(interception: Interception) -> list[Layer]:
    """What is laid over requests while the interception is entered."""

    def make(below: Any, layer: Layer) -> Any:
        def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
            adapter: BaseAdapter = below(session, url)
            takes = not layer.ended and interception.takes(text_of(url))
            return _InProcess(interception.for_caller(), adapter) if takes else adapter

        return get_adapter

    return [Layer(requests.Session, "get_adapter", make)]


class _InProcess(HTTPAdapter):
    """Answers with the application; retries as the adapter that the session would have used is set to."""

    def __init__(self, interception: Interception, behind: BaseAdapter) -> None:
        self._interception = interception  # HTTPAdapter's own __init__ makes a pool of connections, which nobody needs
        self.max_retries = getattr(behind, "max_retries", None) or Retry(0, read=False)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """The answer, after as many attempts as the retries allow. Nothing is waited for but between attempts.

        Raises what requests raises where the answer does not come.
        """
        retries = self.max_retries
        method, url = request.method or "GET", request.url or ""
        body = body_of(request.body)  # read once: a second attempt would find a file at its end
        patience = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
        while True:
            headers = [(text_of(name), text_of(value)) for name, value in request.headers.items()]
            reply = self._interception.answer(method, url, headers, body, patience)
            failure = mishap(reply, url, patience)
            if failure is not None:
                retries = failed(failure, retries, request)
                retries.sleep()
                continue
            raw = raw_response(reply, method, url, patience)
            if not retries.is_retry(method, raw.status, "Retry-After" in raw.headers):
                return self.build_response(request, raw)
            try:
                retries = retries.increment(method, url, response=raw)
            except MaxRetryError as error:
                if retries.raise_on_status:
                    raise requests.exceptions.RetryError(error, request=request) from error
                return self.build_response(request, raw)
            retries.sleep(raw)

    def close(self) -> None:
        """There is nothing to close."""


class _Received:
    """What requests asks `http.client`'s response for: the headers, to find cookies."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = HTTPMessage()
        for name, value in headers.iteritems():
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        pass


def raw_response(reply: Reply, method: str, url: str, patience: float | None) -> HTTPResponse:
    """The answer as urllib3 hands it to requests."""
    headers = HTTPHeaderDict()
    for name, value in reply.headers:
        headers.add(name, value)
    return HTTPResponse(
        body=what_comes(reply, patience),
        headers=headers,
        status=reply.status,
        version=11,
        reason=reply.reason,
        preload_content=False,
        decode_content=False,
        original_response=_Received(headers),  # type: ignore[arg-type]
        request_method=method,
        request_url=url,
    )


def failed(failure: ProtocolError | ReadTimeoutError, retries: Retry, request: requests.PreparedRequest) -> Retry:
    """The retries that are left after an attempt without an answer; without any, what requests raises."""
    try:
        return retries.increment(request.method, request.url, error=failure)
    except MaxRetryError as error:
        raise requests.ConnectionError(error, request=request) from error
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error, request=request) from error
    except ProtocolError as error:
        raise requests.ConnectionError(error, request=request) from error


def text_of(value: str | bytes) -> str:
    """A URL or header that requests may hold as bytes."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def body_of(body: Any) -> bytes:
    """The bytes of any body that requests takes: none, text, bytes, a file, or pieces of them."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if hasattr(body, "read"):
        return body_of(body.read())
    return b"".join(body_of(piece) for piece in body)
