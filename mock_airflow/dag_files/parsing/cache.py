"""What files declared when they were last read, kept between starts; good until something that they looked at changes.

One file for a folder and a version of everything that reads it, in the user's cache folder. It holds what the files
declare, nothing of the world's variables or connections but a digest.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

# What makes a file declare something else at another time; what it declared is good for that day.
_OF_ITS_DAY = re.compile(rb"\bnow\(|\btoday\(|days_ago\(|yesterday\(|utcnow|time\.time|\brandom\b|uuid")


class Cache:
    """The results for one folder. ``get`` gives one that is still good, ``put`` keeps one, ``save`` writes them."""

    def __init__(self, folder: str, request: Mapping[str, Any], day: str) -> None:
        asked = {name: value for name, value in request.items() if name != "verbose"}
        name = _digest(json.dumps([folder, _version(), sys.version, asked], sort_keys=True, default=str).encode())
        self.path = _cache_folder() / f"dags-{name[:32]}.json"
        self.day = day
        self.installed = installed(request)
        self._entries: dict[str, Any] = {}
        self._new: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._entries = json.loads(self.path.read_text(encoding="utf-8"))
        self._fingerprints: dict[str, str] = {}

    def fingerprint(self, path: str) -> str:
        """What tells that a file, or what is in a folder, changed."""
        if path not in self._fingerprints:
            self._fingerprints[path] = fingerprint(path)
        return self._fingerprints[path]

    def get(self, path: str) -> Any:
        """What the file declared, if it would declare the same today; else None."""
        entry = self._entries.get(path)
        if entry is None or entry["content"] != self.fingerprint(path) or entry["day"] not in ("", self.day):
            return None
        if entry.get("installed") != self.installed:
            return None
        if any(self.fingerprint(each) != before for each, before in entry["seen"].items()):
            return None
        if any(environment(name) != before for name, before in entry["environment"].items()):
            return None
        self._new[path] = entry
        return entry["answer"]

    def put(self, path: str, answer: Mapping[str, Any]) -> None:
        """Keep what a file declared."""
        content = b""
        with suppress(OSError):
            content = Path(path).read_bytes()
        self._new[path] = {
            "content": self.fingerprint(path),
            "installed": self.installed,
            "day": self.day if _OF_ITS_DAY.search(content) else "",
            "seen": {each: self.fingerprint(each) for each in answer["seen"]},
            "environment": {name: environment(name) for name in answer["environment"]},
            "answer": answer,
        }

    def save(self, others: Collection[str] = ()) -> None:
        """Write what was asked for and kept by now, and what was known of ``others``.

        As a whole or, where the folder cannot be written, not at all.
        """
        for path in others:
            if path in self._entries:
                self._new.setdefault(path, self._entries[path])
        if self._new == self._entries:
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self.path.parent, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(self._new, file)
            os.replace(part, self.path)


def installed(request: Mapping[str, Any]) -> str:
    """A digest of what can be imported beside the project, by name and version as the folders' names tell.

    A library may look for another one, and so may a library that it imports; whichever comes or goes, what a file
    declares may change.
    """
    own = tuple(
        os.path.join(folder, "") for folder in (*request.get("folders", ()), request.get("project", "")) if folder
    )
    names: list[str] = []
    for place in request.get("sys_path", ()):
        if (os.path.isabs(place) and not os.path.join(place, "").startswith(own)) or "site-packages" in place:
            with suppress(OSError):
                names += [place, *sorted(name for name in os.listdir(place) if name != "__pycache__")]
    return _digest("\n".join(names).encode("utf-8", "surrogateescape"))


def fingerprint(path: str) -> str:
    """A digest of a file's content, or of the names in a folder; the empty text for what is not there."""
    try:
        if os.path.isdir(path):
            return _digest("\n".join(sorted(os.listdir(path))).encode())
        with open(path, "rb") as file:
            return _digest(file.read())
    except OSError:
        return ""


def environment(name: str) -> str:
    """A digest of a variable of the environment, or of the whole for ``*``; it may be a secret."""
    value = json.dumps(dict(os.environ), sort_keys=True) if name == "*" else os.environ.get(name)
    return "" if value is None else _digest(value.encode("utf-8", "surrogateescape"))


@functools.cache
def _version() -> str:
    """A digest of the code that reads files."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.rglob("*.py"), *here.rglob("*.json")]):
        found.update(path.read_bytes())
    return found.hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cache_folder() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "mock-airflow"
