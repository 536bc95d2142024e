"""What the command line writes: a verb's answer as text or JSON, tables, and how far something has come."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

_BAR = 30  # characters


class Said(NamedTuple):
    """What a verb answers: a text for people and, for programs, the same as JSON.

    Without ``data`` the text is a message, and is that in JSON too. ``complaints`` go to stderr; ``code`` is the exit
    code.
    """

    text: str
    data: Any = None
    complaints: str = ""
    code: int = 0


def say(said: Said, as_json: bool) -> int:
    """Write an answer; gives the exit code."""
    if said.complaints:
        complain(said.complaints)
    if as_json:
        print(json_text({"message": said.text} if said.data is None else said.data), flush=True)
    elif said.text:
        print(said.text, flush=True)
    return said.code


def complain(text: str) -> None:
    """Write to stderr."""
    print(text, file=sys.stderr, flush=True)


def json_text(data: Any) -> str:
    """Indented JSON; a list of objects has one a line, so that it can be searched line by line."""
    if isinstance(data, list):
        return "[\n" + ",\n".join(f"  {json.dumps(each)}" for each in data) + "\n]" if data else "[]"
    return json.dumps(data, indent=2)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns under a header, which stands in capitals."""
    return columns([[name.upper() for name in header], *rows])


def columns(rows: Iterable[Sequence[Any]]) -> str:
    """Columns that are as wide as they have to be; None is an empty cell."""
    lines = [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


class Progress:
    """A bar on stderr, where somebody looks at it; what takes less than half a second shows none."""

    def __init__(self, label: str = "") -> None:
        self._label = label
        self._shown = sys.stderr.isatty()
        self._last = time.monotonic() + 0.4

    def __call__(self, done: int, of: int, *, label: str = "", note: str = "") -> None:
        """Show that ``done`` of ``of`` is done."""
        now = time.monotonic()
        if self._shown and now - self._last > 0.1:
            self._last = now
            bar = ("#" * (_BAR * done // max(1, of))).ljust(_BAR, ".")
            self._write(f"{label or self._label} [{bar}] {done}/{of}  {note}".rstrip())

    def clear(self) -> None:
        """Take the bar away."""
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
