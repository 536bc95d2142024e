"""Which variables of the environment a DAG file reads, so that a change of one has the file read again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

_read: dict[str, None] = {}


class _Noting(os._Environ):  # type: ignore[type-arg]
    """The environment, which notes what is asked of it; ``*`` for all of it."""

    def __getitem__(self, key: Any) -> Any:
        _read[str(key)] = None
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _read[str(key)] = None
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        _read["*"] = None
        return super().__iter__()


def watch() -> dict[str, None]:
    """Note from now on which variables are read; gives the notes, which may be emptied."""
    os.environ.__class__ = _Noting
    return _read
