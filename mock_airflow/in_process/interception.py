"""Calls of the client libraries in this process to one base URL, answered without a socket.

    with Interception(deployment.wsgi, "https://airflow.example/team-a"):
        requests.get("https://airflow.example/team-a/api/v1/dags", auth=("admin", "admin"))
        httpx.get("https://airflow.example/team-a/api/v1/dags", auth=("admin", "admin"))

Requests and httpx are taken once they are imported, be it while it is entered; httpx's asynchronous clients too. Each
is a module beside this one, which lays a layer over the place where the library chooses how to send.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar, Token
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from mock_airflow.errors import BaseUrlError
from mock_airflow.in_process.arrivals import Arrivals
from mock_airflow.in_process.ownership import Home
from mock_airflow.in_process.wsgi_call import Reply, wsgi_call

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import Self

__all__ = ["BaseUrlError", "Interception", "Layer"]

F = TypeVar("F", bound=Callable[..., Any])
_LIBRARIES = ("requests", "httpx")
_PORTS = {"http": 80, "https": 443}
_API_ROOT = re.compile(r"/api/(v\d+|experimental)\Z")  # an emulator knows these paths itself
_patching = threading.Lock()
_entered: ContextVar[Home | None] = ContextVar("mock_airflow_entered", default=None)


class Interception:
    """While entered, calls in any thread to ``base_url`` and below it reach the WSGI application.

    Everything else goes where it went before. The part of the base URL's path before ``/api/v1`` stands for the
    application's root. A context manager, and a decorator of functions and coroutine functions; either can be entered
    again while it is entered. Where several fit a URL, the one that was entered last answers. Raises BaseUrlError, and
    ImportError where none of the libraries is installed. ``home`` knows who calls from an earlier test. ``is_prompt``
    tells whether the application makes nobody wait for real time now.
    """

    def __init__(
        self,
        app: WSGIApplication,
        base_url: str,
        home: Home | None = None,
        is_prompt: Callable[[], bool] = lambda: False,
    ) -> None:
        self.app = app
        self.is_prompt = is_prompt
        self.home = home or Home()
        self.base_url = base_url
        self._origin, self._path = _origin_and_path(base_url)
        self._mount = _API_ROOT.sub("", self._path)
        self._entered: list[_Entry] = []
        self._tokens: list[Token[Home | None] | None] = []

    def __repr__(self) -> str:
        return f"Interception({self.base_url!r})"

    def takes(self, url: str) -> bool:
        """Whether a request to this URL is answered here."""
        try:
            origin, path = _origin_and_path(url)
        except BaseUrlError:  # such as "https://", by which some ask a session for an adapter
            return False
        return origin == self._origin and f"{path}/".startswith(f"{self._path}/")

    def for_caller(self) -> Interception:
        """What answers whoever calls now, in this thread or task: this one, or what stands for an earlier test's."""
        app = self.home.app_instead(_entered.get())
        if app is None:
            return self
        late = copy.copy(self)
        late.app, late.is_prompt = app, lambda: False
        return late

    def __enter__(self) -> Self:
        if not any(name in sys.modules or find_spec(name) is not None for name in _LIBRARIES):
            raise ImportError("There is nothing to intercept: neither requests nor httpx is installed.")
        entry = _Entry(self)
        with _patching:
            _in_force.append(entry)
            self._entered.append(entry)
        for name in _LIBRARIES:
            if name in sys.modules:  # another is taken when it is imported
                entry.take(name)
        # Tasks that begin in here bear it along. Not elsewhere: a loop that begins in a fixture outlives many tests.
        self._tokens.append(_entered.set(self.home) if _in_a_loop() else None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _patching:
            entry = self._entered.pop()
            _in_force.remove(entry)
            for layer in chain.from_iterable(entry.layers.values()):
                layer.end()
        token = self._tokens.pop()
        if token is not None:
            with suppress(ValueError):  # left in another task than it was entered in
                _entered.reset(token)

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

    def answer(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        patience: float | None = None,
    ) -> Reply:
        """The application's answer to one request. ``patience`` is how long the client would wait for it."""
        return wsgi_call(self.app, method, url, headers, body, mount=self._mount, patience=patience)


class _Entry:
    """That an interception was entered: the layers that lie over each library that it has taken."""

    def __init__(self, interception: Interception) -> None:
        self._interception = interception
        self.layers: dict[str, list[Layer]] = {}

    def take(self, library: str) -> None:
        """Lay the layers over a library, unless that is done or the interception was left meanwhile."""
        module = import_module(f"mock_airflow.in_process.intercept_{library}")
        with _patching:
            if self in _in_force and library not in self.layers:
                self.layers[library] = module.layers(self._interception)


def _take_where_entered(library: str) -> None:
    for entry in [*_in_force]:
        entry.take(library)


_in_force: list[_Entry] = []
_arrivals = Arrivals(_LIBRARIES, _take_where_entered)


class Layer:
    """One layer over a method of a library's class.

    Others may put theirs on top and take it away later than we take ours, so a layer that has ended passes everything
    on until it lies on top again and can be removed. ``make`` gets the method below and the layer, and gives the method
    on top.
    """

    def __init__(self, owner: type, name: str, make: Callable[[Any, Layer], Callable[..., Any]]) -> None:
        self.owner, self.name = owner, name
        self.below: Any = getattr(owner, name)
        self.ended = False
        self.ours = cast("Any", make(self.below, self))
        functools.update_wrapper(self.ours, self.below)
        self.ours.mock_airflow_layer = self
        setattr(owner, name, self.ours)

    def end(self) -> None:
        """Pass everything on from now on, and go as soon as nothing lies on top."""
        self.ended = True
        current = getattr(self.owner, self.name)
        while (layer := getattr(current, "mock_airflow_layer", None)) is not None and layer.ended:
            if layer.ours is not current:  # somebody's layer that has copied our attributes
                break
            current = layer.below
            setattr(self.owner, self.name, current)


def _in_a_loop() -> bool:
    """Whether asyncio runs this code; it is not imported to find out that it does not."""
    events = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def _origin_and_path(url: str) -> tuple[tuple[str, str, int], str]:
    """What has to be equal, scheme, host and port, and the path without a slash at its end."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
        if scheme in _PORTS and host:
            return (scheme, host, port or _PORTS[scheme]), parts.path.rstrip("/")
    except (ValueError, AttributeError):  # a port that is not a number, an open bracket; no text at all
        pass
    raise BaseUrlError(f"{url!r} is not a base URL; give one such as https://airflow.example/team-a.")
