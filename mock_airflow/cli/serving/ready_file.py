"""The file that tells programs that a server answers, and how to reach it. It is there only while that is so."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mock_airflow.errors import ServerError


class ReadyFile:
    """The file at ``path``; without one nothing is written. Raises ServerError where it cannot be."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written: str | None = None

    def clear(self) -> None:
        """Take away what an earlier server said, so that nobody reads it; nothing but a file is ever replaced."""
        if self._path is None:
            return
        with contextlib.suppress(FileNotFoundError), _refusing(self._path):
            if not stat.S_ISREG(self._path.lstat().st_mode):
                raise ServerError(
                    f"The ready file {self._path} cannot be written: there is something else than a file."
                )
            self._path.unlink()

    def write(self, text: str) -> None:
        """Write it so that only its owner may read it, as a whole or not at all."""
        if self._path is None:
            return
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with _refusing(self._path):
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
            part.replace(self._path)
        self._written = f"{text}\n"

    def remove(self) -> None:
        """Take away what was written, unless another server has written its own since."""
        if self._path is not None and self._written is not None:
            with contextlib.suppress(OSError):  # it may be gone, and the server is at its end
                if self._path.read_text("utf-8") == self._written:
                    self._path.unlink()


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if path.parent.is_dir():
            raise
        raise ServerError(f"The ready file {path} cannot be written: there is no folder {path.parent}.") from error
    except OSError as error:
        raise ServerError(f"The ready file {path} cannot be written: {error.strerror or error}.") from error
