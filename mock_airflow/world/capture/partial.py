"""What was read so far, in a file beside the output, so that a capture that was cut off can go on."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any, BinaryIO

from mock_airflow.errors import PartialError


class Partial:
    """Answers by what was asked for, one a line; only its owner may read the file. It holds no credential.

    Raises PartialError when the file is there and holds something else than answers of ``url``.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self._answers: dict[str, Any] = {}
        self._lock = threading.Lock()
        head = json.dumps({"capture": url})
        whole = 0
        try:
            if path.exists():
                whole = self._read(path, head)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise PartialError(f"The file {path} cannot be used: {error.strerror or error}.") from None
        self._file: BinaryIO = os.fdopen(descriptor, "r+b", buffering=0)
        self._file.truncate(whole)  # a line that was cut off goes
        self._file.seek(whole)
        if not whole:
            self._write(f"{head}\n".encode())
        self.found = len(self._answers)

    def _read(self, path: Path, head: str) -> int:
        """Read the answers; gives the length of what is whole."""
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        first, *lines = content[:whole].decode("utf-8", "replace").split("\n")
        if content and first != head:
            raise PartialError(
                f"The file {path} is that of another capture, or of none; finish that one, or move the file away."
            )
        for line in lines[:-1]:
            asked, answer = json.loads(line)
            self._answers[asked] = answer
        return whole

    def get(self, asked: str) -> Any:
        """The answer, or None when there is none yet."""
        return self._answers.get(asked)

    def keep(self, asked: str, answer: Any) -> None:
        """Note an answer; it is in the file when this returns."""
        line = json.dumps([asked, answer], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self._write(line)
            self._answers[asked] = answer

    def _write(self, line: bytes) -> None:
        """Raises PartialError when there is no room; what is cut off then goes with the next call."""
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError as error:
            raise PartialError(f"The file {self.path} cannot be written: {error.strerror or error}.") from None

    def close(self) -> None:
        """Close the file; it stays for a second call, unless next to nothing was read."""
        self._file.close()
        if len(self._answers) < 2:
            self.path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Close the file and take it away."""
        self._file.close()
        self.path.unlink(missing_ok=True)
