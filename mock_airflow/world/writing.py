"""Writing a world file as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(file: Path, pieces: Iterable[str], *, private: bool = False) -> int:
    """Write a text beside the file and then put it in its place; gives the characters. Raises OSError.

    A file that was there stays as it was when there is no room. Only its owner may read a ``private`` one.
    """
    file = file.resolve()
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            size = sum(out.write(piece) for piece in pieces)
        part.replace(file)
        return size
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
