"""Which calls a text names: the one language of fault rules, assertions and ``expect``.

*                        every call
GET /api/v1/dags*        a method and a path; ``*`` stands for any characters, slashes too
/api/v1/dags/*/dagRuns   every method
GET *?*limit=2*          with ``?`` the query counts too
get_dag_run              an operation by its id
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, unquote

from mock_airflow.domain.wildcards import matcher
from mock_airflow.errors import PatternError
from mock_airflow.journal.differences import first_difference
from mock_airflow.settings.spelling import nearest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_LONGEST = 4094  # as a request line may be (documented by gunicorn); no longer path is ever asked for
_SHOWN = 120
_PARAMETER, _ENCODED = re.compile(r"{\w+}|<[\w:]+>|:[a-z]\w*"), re.compile("%[0-9A-Fa-f]{2}")


class Asked(Protocol):
    """What a pattern is held against: a request that came, or an entry of the journal. ``root`` is its mount."""

    @property
    def method(self) -> str: ...
    @property
    def root(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def operation_id(self) -> str | None: ...


class Route(NamedTuple):
    """What a deployment answers: ``path`` is a template below ``prefix``; parameters in ``whole`` take slashes."""

    method: str
    prefix: str
    path: str
    operation_id: str | None = None
    whole: frozenset[str] = frozenset()

    def takes(self, method: str | None) -> bool:
        """Whether it answers that method, None for any; HEAD goes where GET does, and OPTIONS everywhere."""
        return method in (None, self.method, "OPTIONS") or (method == "HEAD" and self.method == "GET")


@dataclass(frozen=True, slots=True)
class CallPattern:
    """The calls that a text names."""

    text: str
    method: str | None = None
    path: str | None = field(default=None, repr=False)
    query: str | None = field(default=None, repr=False)
    operation_id: str | None = None

    @staticmethod
    def of(text: Any) -> CallPattern:
        """What a text means. Raises PatternError for one that names no calls in any deployment."""
        if not (isinstance(text, str) and text.strip()):
            raise PatternError(f"Calls are named by a text such as 'GET /api/v1/dags*', not {text!r}.")
        return _read(text.strip())

    def difference(self, call: Asked) -> str | None:
        """What is first found to differ, as the end of a sentence; None when it is such a call."""
        if self.operation_id is not None:
            if call.operation_id != self.operation_id:
                return f"its operation is {call.operation_id}, not {self.operation_id}"
            return None
        if self.method not in (None, call.method):
            return f"its method is {call.method}, not {self.method}"
        assert self.path is not None
        fits = matcher(self.path)
        if not fits(call.path) and not (call.root and fits(call.root + call.path)):
            return f"its path is {call.path}, not {self.path}"
        if self.query is None:
            return None
        if "*" in self.query:
            return None if matcher(self.query)(call.query) else f"its query is {call.query!r}, not {self.query!r}"
        difference = first_difference(parse_qs(self.query, True), parse_qs(call.query, True))
        return f"its query differs at {difference}" if difference else None

    def check(self, routes: Sequence[Route]) -> None:
        """See that some request could be such a call. Raises PatternError, with what may have been meant."""
        if self.operation_id is not None:
            known = [route.operation_id for route in routes if route.operation_id is not None]
            if self.operation_id not in known:
                raise PatternError(
                    f"There is no operation {self.operation_id!r}{_meant(self.operation_id, known)} "
                    "`mock-airflow routes` lists them; a path begins with / or *."
                )
        elif self.path is not None and self.path.strip("*"):
            self._check_spelling(self.path)
            hit = self._may_hit(routes)
            if hit is None:
                raise PatternError(
                    f"No operation of this deployment is ever called as {_short(self.text)!r}{self._instead(routes)} "
                    "`mock-airflow routes` lists them."
                )
            if not hit.prefix and "{" in hit.path and (below := self._below_a_prefix(routes)) is not None:
                raise PatternError(
                    f"{_short(self.text)!r} is a page of the user interface, which its operation {hit.operation_id!r} "
                    f"names; did you mean {below!r}?"
                )

    def _check_spelling(self, path: str) -> None:
        """Refuse a template, and an encoded path: the calls' paths are decoded, and have no parameters any more."""
        parts = path.split("/")
        if any(_PARAMETER.fullmatch(part) for part in parts):
            meant = "/".join("*" if _PARAMETER.fullmatch(part) else part for part in parts)
            raise PatternError(f"A parameter is written as *; did you mean {meant!r} instead of {_short(path)!r}?")
        if _ENCODED.search(path):
            raise PatternError(f"A path is written as it is once decoded: {_short(unquote(path))!r}, or with a *.")

    def _may_hit(self, routes: Sequence[Route]) -> Route | None:
        """The first route that such a call may have; one below a prefix goes first."""
        assert self.path is not None
        for route in sorted(routes, key=lambda each: not each.prefix):
            if route.takes(self.method):
                tokens = _tokens(route.prefix + route.path, route.whole)
                # It may be asked for below a mount, which only the request tells.
                mount = max(self.path.find(f"{route.prefix}/"), 0) if route.prefix else 0
                if _meet(self.path, tokens) or (mount and _meet(self.path[mount:], tokens)):
                    return route
        return None

    def _below_a_prefix(self, routes: Sequence[Route]) -> str | None:
        """The same path where an API has it, for who left the prefix out."""
        assert self.path is not None
        verb = f"{self.method} " if self.method else ""
        for route in routes:
            if route.prefix and route.takes(self.method) and _meet(self.path, _tokens(route.path, route.whole)):
                return _short(f"{verb}{route.prefix}{self.path}")
        return None

    def _instead(self, routes: Sequence[Route]) -> str:
        """The end of the sentence: what may have been meant."""
        assert self.path is not None
        path, verb = self.path, f"{self.method} " if self.method else ""
        if (below := self._below_a_prefix(routes)) is not None:
            return f"; did you mean {below!r}?"
        fitting = [each for each in routes if _meet(path, _tokens(each.prefix + each.path, each.whole))]
        if fitting:
            methods = sorted({route.method for route in fitting})
            return f": {_short(path)} has no {self.method}, it has {', '.join(methods)}."
        shaped = {
            _filled(route.prefix + route.path, path[:_SHOWN]): route for route in routes if route.takes(self.method)
        }
        near = nearest(path[:_SHOWN], shaped)
        return "." if near is None else f"; did you mean {verb + near!r}?"


@lru_cache(maxsize=512)
def _read(text: str) -> CallPattern:
    if len(text) > _LONGEST:
        raise PatternError(
            f"A pattern for calls has at most {_LONGEST} characters, as a request line has, not {len(text)}."
        )
    method, space, path = text.partition(" ")
    if not space:
        method, path = "*", text
    path = path.strip()
    if not path.startswith(("/", "*")):
        if space:
            raise PatternError(f"The path {path!r} has to begin with / or *, as in 'GET /api/v1/dags*'.")
        return CallPattern(path, operation_id=path)
    chosen = None if method == "*" else method.upper()
    if chosen is not None and chosen not in METHODS:
        raise PatternError(f"There is no method {method!r}{_meant(chosen, METHODS)}")
    path, mark, query = path.partition("?")
    return CallPattern(text, chosen, path, query if mark else None)


_SEGMENT, _ANYTHING = object(), object()


@lru_cache(maxsize=1024)
def _tokens(template: str, whole: frozenset[str]) -> tuple[Any, ...]:
    """A template's characters, with a sign for each parameter."""
    tokens: list[Any] = []
    for part in re.split(r"({\w+})", template):
        if part.startswith("{"):
            tokens.append(_ANYTHING if part[1:-1] in whole else _SEGMENT)
        else:
            tokens += part
    return tuple(tokens)


def _meet(pattern: str, tokens: Sequence[Any]) -> bool:
    """Whether some path fits both a pattern with ``*`` and a template."""
    count = len(tokens)
    places, before = {0}, ""
    for sign in pattern:
        if sign == "*":
            if before != "*":
                places = set(range(min(places), count + 1))
        else:
            after = set()
            for place in places:
                token = tokens[place] if place < count else None
                if token == sign:
                    after.add(place + 1)
                elif token is _ANYTHING or (token is _SEGMENT and sign != "/"):
                    after |= {place, place + 1}
            places = after
        before = sign
        if not places:
            return False
    return count in places


def _filled(template: str, path: str) -> str:
    """The template with its parameters filled from the path where the two run side by side."""
    have = path.split("/")
    parts = template.split("/")
    return "/".join(have[i] if part[:1] == "{" and have[i : i + 1] > [""] else part for i, part in enumerate(parts))


def _meant(name: str, known: Iterable[str]) -> str:
    found = nearest(name, known)
    return f"; did you mean {found!r}?" if found is not None else "."


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
