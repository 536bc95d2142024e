"""What goes out, and what is raised to go out: an answer in somebody's words is no error of ours."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_airflow.journal.why import UNSAID, Why

JSON = "application/json"
DELIVERY = "mock_airflow.delivery"  # in the environ of a request: how its answer reaches the client, where not whole
WAITS = "mock_airflow.waits"  # in that environ, where a server answers: what is called before the answer waits
HTML = "text/html; charset=utf-8"


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """What goes out. ``refusal`` tells why it refuses, where it does and what was done stays done all the same.

    ``page`` tells of a list how many items it has here and on the whole. A ``harmless`` body has no secret's name in
    it, so that nobody has to look for secrets there. ``lines`` are what goes out piece by piece instead of a body; each
    is made when the one before it is out, without the deployment being held. ``cookies`` are values of Set-Cookie.
    """

    body: str | bytes = ""
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = _NO_HEADERS
    refusal: Refusal | None = None
    page: tuple[int, int] | None = None
    harmless: bool = False
    lines: Iterator[str] | None = None
    cookies: tuple[str, ...] = ()


NO_CONTENT = Answer(status=204)


def compact(value: Any) -> str:
    """JSON without spaces, as most vendors' hosts send it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class RaisedAnswer(Exception):
    """An answer that ends the walk of its request where it is raised; what the request had changed is taken back."""


@dataclass(kw_only=True)
class Refusal(RaisedAnswer):
    """That a request does not get in, worded for its profile.

    ``body`` is text, sent as it is. ``changes_stay`` keeps what was written before it was raised, such as that a stolen
    token ended; otherwise a refused request leaves no trace.
    """

    status: int
    body: str
    content_type: str
    why: Why
    headers: dict[str, str] = field(default_factory=dict)
    changes_stay: bool = False

    @property
    def answer(self) -> Answer:
        """The refusal as it goes out."""
        return Answer(self.body, self.status, self.content_type, self.headers)


class Unidentified(RaisedAnswer):
    """That a request is nobody; each API of a vendor words that in its own way."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.reason)
        self.why = why


class TokenRefused(Unidentified):
    """A token does not count. The rule is one word: malformed, signature, unknown, expired, early, revoked, issuer or
    audience.

    ``why.since`` is when it stopped to count, ``why.until`` when it begins to, where that is what is wrong.
    """

    def __init__(self, rule: str, reason: str, since: datetime | None = None, until: datetime | None = None) -> None:
        super().__init__(Why(reason, rule, since=since, until=until))


class ApiProblem(RaisedAnswer, ABC):
    """A refusal of an API, which an Airflow words by its version."""

    content_type = JSON

    def __init__(
        self,
        status: int,
        title: str | None,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        why: Why = UNSAID,
    ) -> None:
        self.status, self.title, self.detail, self.headers = status, title, detail, dict(headers or {})
        self.why = why._replace(reason=why.reason or detail or title or "")
        super().__init__(f"{status} {title}: {detail}")

    @abstractmethod
    def body(self, airflow_version: str) -> str:
        """The answer's text."""

    def answer(self, airflow_version: str) -> Answer:
        """The refusal as it goes out."""
        return Answer(self.body(airflow_version), self.status, self.content_type, self.headers)

    def refusal(self, airflow_version: str) -> Refusal:
        """The same where a request does not get in."""
        body = self.body(airflow_version)
        return Refusal(
            status=self.status, body=body, content_type=self.content_type, why=self.why, headers=self.headers
        )


class Oops(RaisedAnswer):
    """A request that makes a real Airflow fail with its HTML error page.

    It is answered so under the setting ``airflow_bugs``; without it, with a 400 that has ``detail``. ``bare`` is for
    failures so early that the web server's own page answers.
    """

    def __init__(self, detail: str, *, bare: bool = False) -> None:
        self.detail, self.bare = detail, bare
        super().__init__(detail)
