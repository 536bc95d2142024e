"""YAML in block style, of plain data.

JSON is YAML too, but people read this, and some clients only take what looks like YAML. A dependency for one answer is
not worth it: scalars are written as JSON writes them, which YAML takes as they are, and plain words without quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Words that nobody could read as a number, a boolean, null, a date or a piece of syntax, under YAML 1.1 as well.
_PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_./$-]*(?: [A-Za-z0-9_./$(-][A-Za-z0-9_.,/$()-]*)*")
_TAKEN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def yaml_text(value: Mapping[str, Any]) -> str:
    """The mapping as a YAML document, keys in their order."""
    return "\n".join(_block(value, "")) + "\n"


def _block(value: Any, indent: str) -> Iterator[str]:
    """The lines of a collection that is not empty."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            name = _scalar(str(key))
            if _is_block(member):
                yield f"{indent}{name}:"
                yield from _block(member, indent + ("" if isinstance(member, list) else "  "))
            else:
                yield f"{indent}{name}: {_scalar(member)}"
    else:
        for item in value:
            if _is_block(item):
                first, *rest = _block(item, indent + "  ")
                yield f"{indent}- {first[len(indent) + 2 :]}"
                yield from rest
            else:
                yield f"{indent}- {_scalar(item)}"


def _is_block(value: Any) -> bool:
    return isinstance(value, (Mapping, list)) and bool(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.lower() not in _TAKEN else _quoted(value)
    text = json.dumps(value)
    # YAML 1.1 takes 1e+16 for a word
    return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text


def _quoted(text: str) -> str:
    """The text in double quotes, all but ASCII escaped; beyond 16 bits YAML has an escape that JSON lacks."""
    return '"' + "".join(json.dumps(c)[1:-1] if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in text) + '"'
