"""One forked process for many plain files: those that cannot leave anything behind for the next one.

A process for each file is what Airflow has, and what keeps files apart, but to fork takes several times as long as to
read a usual file. So a file that imports nothing but Airflow and a few modules of the standard library, and changes
nothing but its own names, is read beside others of its kind.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

_HARMLESS = frozenset(("airflow", "datetime", "pendulum", "typing", "__future__", "json", "textwrap", "math"))
_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)([^\n]*)", re.MULTILINE)
_REACHES_OUT = re.compile(
    r"\b(?:exec|eval|setattr|delattr|globals|vars|open|register|Plugin|AirflowPlugin|nonlocal|exit)\b"
    r"|__(?!name__|file__|doc__|main__|future__)\w+__"
    r"|^[ \t]*[\w.\[\]\"']+\.\w+[ \t]*(?::[^=\n]+)?=(?!=)",  # an attribute of something is set
    re.MULTILINE,
)
_FILES = 100  # until the process is renewed

Read = Callable[[str], dict[str, Any]]
Receive = Callable[[int, float], "tuple[bytes, bool]"]


def is_plain(path: str) -> bool:
    """Whether a file, by its text, leaves nothing behind."""
    if not path.endswith(".py"):
        return False
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return False
    for module, rest in _IMPORTED.findall(text):
        if module.partition(".")[0] not in _HARMLESS or module.startswith("airflow.plugins"):
            return False
        if "," in rest and "import" not in rest:  # `import datetime, os`
            return False
    return not _REACHES_OUT.search(text)


class SharedProcess:
    """A process that reads one plain file after another, forked when the first one comes."""

    def __init__(self, read: Read, begin: Callable[[], object]) -> None:
        self._read, self._begin = read, begin
        self._pid = 0
        self._files = 0
        self._ask = self._answers = -1

    def answer(self, path: str, received: Receive, timeout: float) -> tuple[bytes, bool]:
        """What the process tells of a file, empty if it died of it, and whether it took too long.

        In both cases another process is forked for the next file.
        """
        if not self._pid or self._files >= _FILES:
            self.end()
            self._fork()
        self._files += 1
        os.write(self._ask, json.dumps(path).encode() + b"\n")
        text, late = received(self._answers, timeout)
        if late or not text:
            self.end(kill=late)
        return text, late

    def end(self, *, kill: bool = False) -> None:
        """Let the process go, or end it at once."""
        if not self._pid:
            return
        os.close(self._ask)
        os.close(self._answers)
        if kill:
            import signal

            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._pid = self._files = 0

    def _fork(self) -> None:
        questions, self._ask = os.pipe()
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid:
            os.close(questions)
            os.close(answers)
            return
        try:
            os.close(self._ask)
            os.close(self._answers)
            self._begin()
            with os.fdopen(questions, encoding="utf-8") as asked, os.fdopen(answers, "wb") as told:
                for line in asked:
                    told.write(json.dumps(self._read(json.loads(line)), default=str).encode() + b"\n")
                    told.flush()
        finally:
            os._exit(0)
