"""Requests' calls to one base URL, answered in this process without a socket.

    with Interception(deployment.wsgi, "https://airflow.example/team-a"):
        requests.get("https://airflow.example/team-a/api/v1/dags", auth=("admin", "admin"))

It sits where a session chooses its adapter, above all that `responses` and its like replace, so a test may use both.
"""

from __future__ import annotations

import functools
import inspect
import re
import threading
from collections.abc import Callable
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse, Retry
from urllib3._collections import HTTPHeaderDict  # where urllib3 1 has it too
from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError

from mock_airflow.errors import MockAirflowError
from mock_airflow.transports.mishaps import mishap, what_comes
from mock_airflow.transports.wsgi_call import Reply, wsgi_call

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import Self

__all__ = ["BaseUrlError", "Interception"]

F = TypeVar("F", bound=Callable[..., Any])
_PORTS = {"http": 80, "https": 443}
_API_ROOT = re.compile(r"/api/(v\d+|experimental)\Z")  # an emulator knows these paths itself
_patching = threading.Lock()


class BaseUrlError(MockAirflowError):
    """What was given is no URL that requests could be sent to."""


class Interception:
    """While entered, requests in any thread to ``base_url`` and below it reach the WSGI application.

    Everything else goes where it went before. The part of the base URL's path before ``/api/v1`` stands for the
    application's root. A context manager, and a decorator of functions and coroutine functions; either can be entered
    again while it is entered. Where several fit a URL, the one that was entered last answers. Raises BaseUrlError.
    """

    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self._origin, self._path = _origin_and_path(base_url)
        self._mount = _API_ROOT.sub("", self._path)
        self._patches: list[_Patch] = []

    def __repr__(self) -> str:
        return f"Interception({self.base_url!r})"

    def takes(self, url: str) -> bool:
        """Whether a request to this URL is answered here."""
        try:
            origin, path = _origin_and_path(url)
        except BaseUrlError:  # such as "https://", by which some ask a session for an adapter
            return False
        return origin == self._origin and f"{path}/".startswith(f"{self._path}/")

    def __enter__(self) -> Self:
        with _patching:
            self._patches.append(_Patch(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _patching:
            self._patches.pop().end()

    def __call__(self, function: F) -> F:
        """The function with the interception entered around each call."""
        if inspect.isclass(function):
            raise TypeError(f"Decorate the methods of {function.__name__}, not the class: intercept() wraps calls.")

        def within(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        async def within_coroutine(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        wrapper: Any = within_coroutine if inspect.iscoroutinefunction(function) else within
        return functools.wraps(function)(wrapper)  # type: ignore[return-value]

    def answer(self, request: requests.PreparedRequest, body: bytes, patience: float | None = None) -> Reply:
        """The application's answer to a request that requests has prepared, with its body read.

        ``patience`` is the time that requests would wait for it.
        """
        return wsgi_call(
            self.app,
            request.method or "GET",
            request.url or "",
            [(_text(name), _text(value)) for name, value in request.headers.items()],
            body,
            mount=self._mount,
            patience=patience,
        )


class _Patch:
    """One layer over `Session.get_adapter`.

    Others may put theirs on top and take it away later than we take ours, so a layer that has ended passes everything
    on until it lies on top again and can be removed.
    """

    def __init__(self, interception: Interception) -> None:
        below: Any = requests.Session.get_adapter

        @functools.wraps(below)
        def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
            adapter: BaseAdapter = below(session, url)
            takes = not self.ended and interception.takes(_text(url))
            return _InProcess(interception, adapter) if takes else adapter

        self.below, self.ours = below, get_adapter
        self.ended = False
        get_adapter.mock_airflow_patch = self  # type: ignore[attr-defined]
        _replace_get_adapter(get_adapter)

    def end(self) -> None:
        self.ended = True
        current = requests.Session.get_adapter
        while (patch := getattr(current, "mock_airflow_patch", None)) is not None and patch.ended:
            if patch.ours is not current:  # somebody's layer that has copied our attributes
                break
            _replace_get_adapter(current := patch.below)


def _replace_get_adapter(function: Callable[..., BaseAdapter]) -> None:
    requests.Session.get_adapter = function  # type: ignore[method-assign]


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
        body = _body(request.body)  # read once: a second attempt would find a file at its end
        patience = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
        while True:
            reply = self._interception.answer(request, body, patience)
            failure = mishap(reply, url, patience)
            if failure is not None:
                retries = _after(failure, retries, request)
                retries.sleep()
                continue
            raw = _raw(reply, method, url, patience)
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


def _raw(reply: Reply, method: str, url: str, patience: float | None) -> HTTPResponse:
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


def _after(failure: ProtocolError | ReadTimeoutError, retries: Retry, request: requests.PreparedRequest) -> Retry:
    """The retries that are left after an attempt without an answer; without any, what requests raises."""
    try:
        return retries.increment(request.method, request.url, error=failure)
    except MaxRetryError as error:
        raise requests.ConnectionError(error, request=request) from error
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error, request=request) from error
    except ProtocolError as error:
        raise requests.ConnectionError(error, request=request) from error


def _origin_and_path(url: str) -> tuple[tuple[str, str, int], str]:
    """What has to be equal, scheme, host and port, and the path without a slash at its end."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
        if scheme in _PORTS and host:
            return (scheme, host, port or _PORTS[scheme]), parts.path.rstrip("/")
    except (ValueError, AttributeError):  # a port that is no number, an open bracket; no text at all
        pass
    raise BaseUrlError(f"{url!r} is not a base URL; give one such as https://airflow.example/team-a.")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:
    """The bytes of any body that requests takes: none, text, bytes, a file, or pieces of them."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if hasattr(body, "read"):
        return _body(body.read())
    return b"".join(_body(piece) for piece in body)
