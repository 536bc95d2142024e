"""The line of a world file at which something stands, found by walking down to it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]  # the standard library's stubs leave it out
from typing import Any

Step = str | int

_SPACE = re.compile(r"[ \t\n\r]*")
_JSON = json.JSONDecoder()


def line_of(source: str, text: str, steps: Sequence[Step], key: str | None = None) -> int:
    """The line of what the steps lead to, or of the key there; as far down as there is something."""
    way = [*steps, key] if key is not None else steps
    if source.endswith((".yaml", ".yml")):
        return _yaml_line(text, way)
    return text.count("\n", 0, _json_position(text, way)) + 1


def _json_position(text: str, steps: Sequence[Step]) -> int:
    position = value = _after_space(text, 0)
    for step in steps:
        found = _json_member(text, value, step)
        if found is None:
            break
        position, value = found
    return position


def _json_member(text: str, at: int, step: Step) -> tuple[int, int] | None:
    """Where a member of the object or array at a position begins, with its key, and where its value does."""
    opened, at, number = text[at], _after_space(text, at + 1), 0
    while text[at] not in "]}":
        begun: int = at
        name: Step = number
        if opened == "{":
            name, at = scanstring(text, at + 1)
            at = _after_space(text, _after_space(text, at) + 1)
        if name == step:
            return begun, at
        at = _after_space(text, _JSON.raw_decode(text, at)[1])
        at, number = _after_space(text, at + 1) if text[at] == "," else at, number + 1
    return None


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _yaml_line(text: str, steps: Sequence[Step]) -> int:
    import yaml

    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    line: int = node.start_mark.line
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            members = [(name, value) for name, value in node.value if name.value == str(step)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            members = [(value, value) for value in node.value[step : step + 1]]
        else:
            members = []
        if not members:
            break
        name, node = members[-1]
        line = name.start_mark.line
    return line + 1
