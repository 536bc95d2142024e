"""Which calls a rule is for: a method and a path with ``*`` in it, or the id of an operation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import FaultError
from mock_airflow.settings.spelling import nearest
from mock_airflow.wildcards import matcher

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Where:
    """The calls that a text such as ``GET /api/v1/dags*`` or ``get_dags`` names."""

    text: str
    method: str | None = None
    pattern: str | None = field(default=None, repr=False)
    operation_id: str | None = None

    @staticmethod
    def of(text: Any, operation_ids: Callable[[], Collection[str]]) -> Where:
        """What a text means. ``*`` stands for any characters, slashes too. Raises FaultError.

        Forms: ``*`` (every call), ``/path*``, ``METHOD /path*`` and an operation's id, which ``operation_ids`` has to
        know. A path with ``?`` in it is held against the query too.
        """
        if not (isinstance(text, str) and text.strip()):
            raise FaultError(f"A fault rule's calls are named by a text such as 'GET /api/v1/dags*', not {text!r}.")
        method, space, path = text.strip().partition(" ")
        if not space:
            method, path = "*", method
        path = path.strip()
        if path.startswith(("/", "*")):
            chosen = None if method == "*" else method.upper()
            if chosen is not None and chosen not in METHODS:
                raise FaultError(f"There is no method {method!r}{_nearest(chosen, METHODS)}")
            return Where(text.strip(), chosen, path)
        if space:
            raise FaultError(f"The path {path!r} of a fault rule has to begin with / or *, as in 'GET /api/v1/dags*'.")
        known = operation_ids()
        if path not in known:
            raise FaultError(
                f"There is no operation {path!r}{_nearest(path, known)} `mock-airflow routes` lists them; a path "
                "begins with / or *."
            )
        return Where(path, operation_id=path)

    def fits(self, request: Request) -> bool:
        """Whether the request is one of the calls."""
        if self.operation_id is not None:
            return request.url_rule is not None and _operation_id(request) == self.operation_id  # type: ignore[attr-defined]
        if self.method is not None and self.method != request.method:
            return False
        assert self.pattern is not None
        fits = matcher(self.pattern)
        query = ""
        if "?" in self.pattern:
            query = "?" + request.query_string.decode("latin-1")
        return fits(request.path + query) or (
            bool(request.root_path) and fits(request.root_path + request.path + query)
        )


def _operation_id(request: Request) -> str:
    """The id in a route's endpoint, which is ``api.operation_id``."""
    endpoint: str = request.url_rule.endpoint  # type: ignore[attr-defined]
    return endpoint.rpartition(".")[2]


def _nearest(name: str, known: Collection[str]) -> str:
    found = nearest(name, known)
    return f"; did you mean {found!r}?" if found is not None else "."
