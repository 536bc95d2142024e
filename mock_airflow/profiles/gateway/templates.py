"""What the gateway answers, as texts with names in them such as ``$reason``."""

from __future__ import annotations

import json
from html import escape
from string import Template
from typing import Any

NAMES = ("status", "title", "reason", "rule", "path", "url", "request_id", "retry_after")


def template(value: Any) -> str:
    """A text with known names in it. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    for match in Template.pattern.finditer(value):
        if match["invalid"] is not None:
            raise ValueError("every $ in it has to begin a name, or to be written as $$")
        name = match["named"] or match["braced"]
        if name is not None and name not in NAMES:
            known = ", ".join(f"${each}" for each in NAMES)
            raise ValueError(f"${name} is no name of a template; there are {known}")
    return value


def filled(text: str, content_type: str, values: dict[str, str]) -> str:
    """The text with the values for its names, written so that they break neither JSON nor HTML."""
    if "json" in content_type:
        values = {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
    elif "html" in content_type:
        values = {name: escape(value) for name, value in values.items()}
    return Template(text).substitute(values)
