"""A request that knows where its path leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from mock_airflow.answers import WAITS

MAXIMUM_BODY = 16 * 1024 * 1024


class RoutedRequest(Request):
    """A request with its route, or why there is none; a route may say how large a body it takes."""

    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    routing_exception: HTTPException | None = None
    _longest: int | None = MAXIMUM_BODY

    @property
    def endpoint(self) -> str | None:
        """The name of its route; None where the path leads nowhere."""
        return None if self.url_rule is None else self.url_rule.endpoint

    def waits(self) -> None:
        """Have the server, where one answers, see to others meanwhile, as this is about to wait."""
        waits: Callable[[], object] | None = self.environ.get(WAITS)
        if waits is not None:
            waits()

    @property
    def max_content_length(self) -> int | None:
        """The most bytes that are read of a body."""
        return self._longest

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._longest = value
