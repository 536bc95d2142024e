"""Which operation of Airflow a path is, for calls to any Airflow: both generations, and below any mount."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mock_airflow.api.operation import Operation
from mock_airflow.profiles.calls import airflows

PREFIXES = ("/api/v1", "/api/v2", "/auth/fab/v1", "/api/experimental", "/auth")


class Described(NamedTuple):
    """What is known of a path: the mount before it, the API, its operation if there is one, and the names in it."""

    root: str
    api: str
    prefix: str
    operation: Operation | None
    names: Mapping[str, str]


_SLASHES = frozenset(("path", "anything"))  # converters that take slashes
NOTHING = Described("", "", "", None, {})


@lru_cache(maxsize=16384)
def described(method: str, path: str, generation: int | None = None) -> Described:
    """What a path is, in the Airflow of that generation, or of the one that the path names."""
    for prefix in PREFIXES:
        start = path.find(f"{prefix}/")
        if start >= 0:
            root, rest = path[:start], path[start + len(prefix) :]
            of = 3 if prefix == "/api/v2" else 2 if prefix in ("/api/v1", "/api/experimental") else generation or 3
            return _within(method, root, prefix, rest, of)
    return NOTHING


def _within(method: str, root: str, prefix: str, rest: str, generation: int) -> Described:
    api = next((api for api in airflows(generation) if api.prefix == prefix), None)
    if api is None:
        return NOTHING
    segments = rest[1:].split("/")
    plain, odd = _table(generation, prefix)
    for parts, operation in (*plain.get((method, len(segments)), ()), *((None, each) for each in odd)):
        names = _names(operation, rest) if parts is None else _filled(parts, segments)
        if names is not None and operation.method == method:
            return Described(root, api.name, prefix, operation, names)
    return Described(root, api.name, prefix, None, {})


_Parts = tuple[str, ...]


@cache
def _table(
    generation: int, prefix: str
) -> tuple[dict[tuple[str, int], list[tuple[_Parts | None, Operation]]], tuple[Operation, ...]]:
    """An API's operations by method and number of parts, plainest first; and those whose names take slashes."""
    plain: dict[tuple[str, int], list[tuple[_Parts | None, Operation]]] = {}
    odd: list[Operation] = []
    for operation in (operation for api in airflows(generation) if api.prefix == prefix for operation in api):
        if not _SLASHES.isdisjoint(operation.converters.values()):
            odd.append(operation)
        else:
            parts = tuple(operation.path.strip("/").split("/"))
            plain.setdefault((operation.method, len(parts)), []).append((parts, operation))
    for found in plain.values():
        found.sort(key=lambda each: [part.startswith("{") for part in each[0] or ()])
    odd.sort(key=lambda each: (each.path.count("{"), -len(each.path)))
    return plain, tuple(odd)


def _filled(parts: _Parts, segments: list[str]) -> dict[str, str] | None:
    names = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{"):
            names[part[1:-1]] = unquote(segment)
        elif part != segment:
            return None
    return names


def _names(operation: Operation, rest: str) -> dict[str, str] | None:
    match = _pattern(operation.path).fullmatch(rest)
    return None if match is None else {name: unquote(value) for name, value in match.groupdict().items()}


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", path)
    texts = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+)" for place, part in enumerate(parts)]
    return re.compile("".join(texts))
