"""Fields and views in a text, declared once: what a body or a tool takes, and what an answer shows.

Fields are ``name:kind`` in a row, with ``?`` behind what may be left out and ``=default`` behind what is then something
else. A kind is one of ``KINDS``, text where none is said, or words that are allowed, as in ``severity:info|warning``.

A view is the names of an answer in their order, or ``name=source`` where something else is shown. What a source stands
for is said by the resource's method of that name with an underscore before it, else by the row's attribute, else by its
facts; ``asset.name`` is the name of what ``asset`` stands for. Behind a ``|`` stands, as JSON, what is shown where that
is nothing. A report is such a view too, of what was counted for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of values: what it is called, which types have it, and how JSON Schema names it."""

    said: str
    types: tuple[type, ...]
    schema: dict[str, Any]


KINDS = {
    "text": Kind("text", (str,), {"type": "string"}),
    "whole": Kind("whole number", (int,), {"type": "integer"}),
    "number": Kind("number", (int, float), {"type": "number"}),
    "flag": Kind("yes or no", (bool,), {"type": "boolean"}),
    "list": Kind("list", (list,), {"type": "array"}),
    "texts": Kind("list of texts", (list,), {"type": "array", "items": {"type": "string"}}),
    "object": Kind("object", (dict,), {"type": "object"}),
}
_FIELD = re.compile(r"(\w+)(?::([^\s?=]+))?(\?)?(?:=(\S+))?")  # name, kind, whether it may be left out, default
_SHOWN = re.compile(r"(\w+)(?:=([\w.]+))?(?:\|(\S+))?")  # name, source, what is shown instead of nothing


class DeclaredField(NamedTuple):
    """One of them."""

    name: str
    kind: str
    options: tuple[str, ...]
    required: bool
    default: Any

    def fits(self, value: Any) -> bool:
        """Whether a value is of its kind; yes and no are no numbers."""
        if isinstance(value, bool):
            return self.kind == "flag"
        if self.kind == "texts":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        return isinstance(value, KINDS[self.kind].types)


@cache
def declared(text: str) -> tuple[DeclaredField, ...]:
    """The fields that a text declares."""
    return tuple(map(_field, text.split()))


def _field(part: str) -> DeclaredField:
    match = _FIELD.fullmatch(part)
    assert match is not None, f"{part!r} declares no field"
    name, kind, left_out, default = match.groups()
    options = tuple(kind.split("|")) if kind and "|" in kind else ()
    kind = "text" if kind is None or options else kind
    assert kind in KINDS, f"{part!r} is of no kind that there is"
    value = default if default is None or kind == "text" else json.loads(default)
    return DeclaredField(name, kind, options, not left_out and default is None, value)


def defaults(fields: Iterable[DeclaredField]) -> dict[str, Any]:
    """What the fields are that nobody gives."""
    return {one.name: one.default for one in fields if one.default is not None}


class ShownName(NamedTuple):
    """A name of a view, what it stands for, and what is shown where that is nothing, if anything else is."""

    name: str
    source: str
    otherwise: tuple[Any, ...]


@cache
def shown_in(view: str) -> tuple[ShownName, ...]:
    """The names in a view."""
    found = [_SHOWN.fullmatch(part) for part in view.split()]
    assert all(found), f"{view!r} is no view"
    return tuple(
        ShownName(one[1], one[2] or one[1], () if one[3] is None else (json.loads(one[3]),)) for one in found if one
    )
