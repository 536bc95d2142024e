"""JSON objects: their type, and what cannot be in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

JsonObject = dict[str, Any]


def unstorable(value: Any) -> str | None:
    """What in a value no answer could hold, as the end of a sentence; None for what JSON and UTF-8 can tell."""
    if isinstance(value, str):
        half = not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value)
        return "a text with half a character (a lone surrogate)" if half else None
    if isinstance(value, Mapping):
        return next(filter(None, map(unstorable, (*value, *value.values()))), None)
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(unstorable, value)), None)
    if value is None or isinstance(value, (bool, int, float, date)):  # moments are told as text
        return None
    return f"a value of the type {type(value).__name__}"


def storable(text: str) -> str:
    """The text with each half character written out (``\\ud800``), as Python does where it prints an error."""
    return text.encode("utf-8", "backslashreplace").decode()
