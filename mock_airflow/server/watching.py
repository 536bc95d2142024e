"""Watching requests from outside of the application: what a log line and a metric are made of.

A server that nobody watches has none of this in the way of its requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mock_airflow.server.request_id import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from mock_airflow.deployment import Deployment

HOSTED = "mock_airflow.hosted"  # in the environ: the name of the hub's deployment that the request is for
_LONGEST = 500  # characters of a text that a client sent


class SeenRequest:
    """A request that was answered: what there is to tell of it, looked at only when it is told."""

    def __init__(self, environ: WSGIEnvironment, status: str, reason: str, seconds: float) -> None:
        self.environ, self.seconds = environ, seconds
        self._status, self._reason = status, reason
        self._exchange: Any = environ.get("mock_airflow.exchange")

    @property
    def request_id(self) -> str:
        """Its name."""
        return self._told(request_id(self.environ))

    @property
    def status(self) -> int:
        """The status of the answer; 0 where nobody hears it."""
        exchange = self._exchange
        if exchange is not None and exchange.delivery is not None and not exchange.delivery.head:
            return 0
        return int(self._status[:3])

    @property
    def method(self) -> str:
        """The method."""
        method: str = self.environ["REQUEST_METHOD"]
        return method

    @property
    def deployment(self) -> Deployment | None:
        """The deployment that it was for; None where there is no such one."""
        found: Deployment | None = self.environ.get("mock_airflow.deployment")
        return found

    @property
    def hosted(self) -> str | None:
        """The name of that deployment, if it is one of a hub."""
        name: str | None = self.environ.get(HOSTED)
        return name

    @property
    def operation(self) -> str | None:
        """The operation that it led to."""
        operation = self._exchange.operation if self._exchange is not None else None
        return None if operation is None else str(operation.operation_id)

    @property
    def principal(self) -> str | None:
        """Who asked."""
        principal = self._exchange.principal if self._exchange is not None else None
        return None if principal is None else self._told(str(principal.name))

    @property
    def decision(self) -> str:
        """What was decided: one of the journal's words, or that the server itself refused it."""
        return "turned-away" if self._exchange is None else str(self._exchange.decision)

    @property
    def limited(self) -> bool:
        """Whether a limit was asked about it."""
        return self._exchange is not None and self._exchange.standing is not None

    @property
    def path(self) -> str:
        """The path, without secrets."""
        path = self.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        return _bounded(path if self._exchange is None else self._exchange.without_secrets(path))

    @property
    def reason(self) -> str:
        """Why it was decided so, without secrets."""
        return self._told(self._reason if self._exchange is None else self._exchange.why.reason)

    @property
    def user_agent(self) -> str:
        """What the client calls itself, without secrets."""
        return self._told(self.environ.get("HTTP_USER_AGENT", ""))

    def _told(self, text: str) -> str:
        if self._exchange is not None:
            text = self._exchange.without_secrets(text)
        text = " ".join(text.split())
        return _bounded("".join(each if each.isprintable() else "?" for each in text))


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


Look = Callable[[SeenRequest], object]


def watched(app: WSGIApplication, watchers: Sequence[Look]) -> WSGIApplication:
    """The application, with what was seen of each request told to the watchers before its answer has gone out.

    One that goes out piece by piece is told of when it is over.
    """

    def watching(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        status, reason, whole = "000", "", False

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status, reason, whole
            status = line
            for name, value in headers:
                if name == "X-Mock-Airflow-Reason":
                    reason = value
                elif name == "Content-Length":
                    whole = True
            return start_response(line, headers, exc_info)

        def tell() -> None:
            seen = SeenRequest(environ, status, reason, time.perf_counter() - started)
            for watcher in watchers:
                watcher(seen)

        try:
            result = app(environ, start)
        except BaseException:
            tell()
            raise
        if whole or isinstance(result, list | tuple) or "mock_airflow.delivery" in environ:
            tell()
            return result
        return _Lasting(result, tell)

    return watching


class _Lasting:
    """An answer that goes out piece by piece, of which something is done at its end."""

    def __init__(self, pieces: Iterable[bytes], over: Callable[[], object]) -> None:
        self._pieces, self._over = pieces, over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """End it, however far it has come."""
        try:
            close = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        finally:
            self._over()
