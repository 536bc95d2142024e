"""JSON the way Airflow 2 prints it: keys sorted, two spaces a level, ASCII only, a newline at the end.

The standard library indents in pure Python, ten times slower than it encodes; so scalars are encoded by its C function
and the layout is laid around them here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

quote: Callable[[str], str] = encode_basestring_ascii


def text_of(value: Any) -> str:
    """``value`` as JSON text, its first line not indented, further lines indented from column 0; no final newline."""
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value.__class__ is int:
        return repr(value)
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    if isinstance(value, Mapping):
        return object_text((quote(str(key)), text_of(value[key])) for key in sorted(value))
    if isinstance(value, (list, tuple)):
        return array_text(map(text_of, value))
    return json.dumps(value)


def deeper(text: str) -> str:
    """The text as it stands a level further in. JSON strings hold no raw newline, so this touches only layout."""
    return text.replace("\n", "\n  ")


def object_text(members: Iterable[tuple[str, str]]) -> str:
    """An object of members whose names are quoted and sorted already and whose values are texts."""
    lines = [f"\n  {name}: {deeper(value) if value[0] in '{[' else value}" for name, value in members]
    return "{" + ",".join(lines) + "\n}" if lines else "{}"


def array_text(items: Iterable[str]) -> str:
    """An array of texts."""
    lines = ["\n  " + deeper(item) for item in items]
    return "[" + ",".join(lines) + "\n]" if lines else "[]"
