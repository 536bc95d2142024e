"""The files of a DAG folder that Airflow would read: ``.airflowignore``, zip files, the rule of thumb."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mock_airflow.dag_files.parsing import re2

IGNORE_FILE = ".airflowignore"


@dataclass(frozen=True)
class IgnoreRule:
    """One line of an ignore file: what it matches, relative to which folder, and whether it takes back others."""

    pattern: re.Pattern[str]
    relative_to: Path | None
    searched: bool  # anywhere in the path, rather than from its beginning
    ignores: bool = True
    folders_only: bool = False

    def matches(self, path: Path, is_folder: bool) -> bool:
        """Whether the line is about this path."""
        text = path.relative_to(self.relative_to).as_posix() if self.relative_to else path.name
        if self.searched:
            return self.pattern.search(text) is not None
        return self.pattern.match(f"{text}/" if self.folders_only and is_folder else text) is not None


def candidates(folder: str, syntax: str = "regexp") -> list[str]:
    """The whole paths of the Python and zip files of a folder that no ``.airflowignore`` excludes, in order.

    ``syntax`` is ``regexp`` or ``glob``, as for ``[core] dag_ignore_file_syntax``.
    """
    return sorted(path for path in _files(Path(folder), syntax) if path.endswith((".py", ".zip")))


def _files(base: Path, syntax: str) -> Iterator[str]:
    compiled = _glob if syntax == "glob" else _regexp
    rules: dict[str, tuple[IgnoreRule, ...]] = {}
    for root, folders, files in os.walk(base, followlinks=True):
        here = rules.get(os.path.realpath(root), ())
        if IGNORE_FILE in files:
            text = (Path(root) / IGNORE_FILE).read_text(encoding="utf-8", errors="replace")
            lines = [re.sub(r"\s*#.*", "", line) for line in text.splitlines()]
            found = [compiled(line, base, Path(root)) for line in lines if line.strip()]
            here = tuple(dict.fromkeys((*here, *(rule for rule in found if rule is not None))))
        kept = [each for each in folders if each != "__pycache__" and not _ignored(Path(root, each), here, True)]
        folders[:] = []
        for each in sorted(kept):
            real = os.path.realpath(os.path.join(root, each))
            if real not in rules:  # a link back would go round for ever
                rules[real] = here
                folders.append(each)
        for each in files:
            if each != IGNORE_FILE and not _ignored(Path(root, each), here, False):
                yield os.path.join(root, each)


def _ignored(path: Path, rules: tuple[IgnoreRule, ...], is_folder: bool) -> bool:
    ignored = False
    for rule in rules:
        if rule.matches(path, is_folder):
            ignored = rule.ignores
    return ignored


def _regexp(line: str, base: Path, root: Path) -> IgnoreRule | None:
    try:
        return IgnoreRule(re2.compiled(line), base, searched=True)
    except re2.Unknown:  # Airflow warns of such a line, and goes on without it
        return None


def _glob(line: str, base: Path, root: Path) -> IgnoreRule | None:
    """A line in the manner of gitignore, as Airflow has it: relative to its own folder where it has a slash inside."""
    line = line.strip()
    ignores = not line.startswith("!")
    body = line.removeprefix("!")
    folders_only = body.endswith("/")
    inner = body.strip("/")
    if not inner:
        return None
    anchored = "/" in body.rstrip("/")
    pattern = _wildcards(inner)
    try:
        whole = re.compile(rf"{pattern}/" if folders_only else rf"{pattern}(?:/.*)?\Z", re.DOTALL)
    except re.error:  # such as [z-a], which Airflow goes on without as well
        return None
    return IgnoreRule(whole, root if anchored else None, searched=False, ignores=ignores, folders_only=folders_only)


def _wildcards(text: str) -> str:
    """A glob as a regular expression; ``**`` stands for any number of folders."""
    pattern = ""
    parts = PurePosixPath(text).parts
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            pattern += ".*" if last else "(?:.*/)?"
            continue
        piece = re.escape(part).replace(r"\?", "[^/]")
        piece = re.sub(
            r"\\\[(!|\\\^)?(.+?)\\\]", lambda m: f"[{'^/' if m[1] else ''}{m[2].replace(chr(92), '')}]", piece
        )
        begins, *middle = piece.split(r"\*")
        ends = middle.pop() if middle else None
        pattern += begins
        for number, between in enumerate(filter(None, middle)):
            # What is found first is kept, as by an atomic group: else many stars are tried in every combination.
            name = f"part{index}_{number}"
            pattern += f"(?=(?P<{name}>[^/]*?{between}))(?P={name})"
        pattern += ("" if ends is None else f"[^/]*{ends}") + ("" if last else "/")
    return pattern


def may_declare(path: str, safe_mode: bool) -> bool:
    """Whether Airflow would read a file: in safe mode it has to hold the words dag and airflow."""
    try:
        if not path.endswith(".py"):
            return os.path.isfile(path) and path.endswith(".zip") and zipfile.is_zipfile(path)
        if not safe_mode:
            return os.path.isfile(path)
        with open(path, "rb") as file:
            content = file.read().lower()
    except OSError:
        return False
    return b"dag" in content and b"airflow" in content


def archive_of(fileloc: str) -> str:
    """The file that a DAG's location is in: the zip file, for one inside it."""
    archive, found, _ = fileloc.partition(".zip" + os.sep)
    return archive + ".zip" if found and os.path.isfile(archive + ".zip") else fileloc


def source_of(fileloc: str) -> str | None:
    """The text of a file, one inside a zip file too; None where it cannot be read."""
    archive = archive_of(fileloc)
    try:
        if archive != fileloc:
            with zipfile.ZipFile(archive) as opened:
                return opened.read(fileloc[len(archive) + 1 :].replace(os.sep, "/")).decode("utf-8", "replace")
        return Path(fileloc).read_text(encoding="utf-8", errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
