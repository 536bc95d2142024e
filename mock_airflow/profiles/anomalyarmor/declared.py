"""Fields in a text: what a body or a tool takes, declared once.

``name:kind`` in a row, with ``?`` behind what may be left out and ``=default`` behind what is then something else. A
kind is text (what is meant without one), flag, number, list or object, or the words that are allowed, as in
``severity:info|warning``; a tool has whole and texts besides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

_FIELD = re.compile(r"(?P<name>\w+)(:(?P<kind>[^\s?=]+))?(?P<left_out>\?)?(=(?P<default>\S+))?")


class DeclaredField(NamedTuple):
    """One of them."""

    name: str
    kind: str
    options: tuple[str, ...]
    required: bool
    default: Any


@cache
def declared(text: str) -> tuple[DeclaredField, ...]:
    """The fields that a text declares."""
    return tuple(_field(**match.groupdict()) for match in map(_FIELD.fullmatch, text.split()) if match)


def _field(name: str, kind: str | None, left_out: str | None, default: str | None) -> DeclaredField:
    options = tuple(kind.split("|")) if kind and "|" in kind else ()
    kind = "text" if kind is None or options else kind
    value = default if default is None or kind == "text" else json.loads(default)
    return DeclaredField(name, kind, options, left_out is None and default is None, value)


def defaults(fields: Iterable[DeclaredField]) -> dict[str, Any]:
    """What the fields are that nobody gives."""
    return {one.name: one.default for one in fields if one.default is not None}
