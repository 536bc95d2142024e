"""A folder of DAG files as a world: read when a deployment begins, and again where files have changed.

The files are run by child processes (``parsing``); what they declare goes through the reader of world files, in the
API's own field names. What Airflow remembers of a DAG beside its file, such as whether it is paused, stays.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.dag_files.merging import take_in
from mock_airflow.dag_files.parsing.cache import Cache
from mock_airflow.dag_files.parsing.children import read_files
from mock_airflow.dag_files.parsing.folder import archive_of, candidates, may_declare
from mock_airflow.domain.dag_files import KnownFile, Stamp
from mock_airflow.errors import SettingError

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.records import Connection
    from mock_airflow.settings import Settings

log = logging.getLogger("mock_airflow.dags")
Answer = Mapping[str, Any]  # what a file declares
_LOOK_EVERY = 0.4  # seconds between looks for changed files


@dataclass
class Findings:
    """What reading came to."""

    answers: dict[str, Answer] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.answers or self.gone)


class DagFolder:
    """The folder of one deployment, whose ``dag_files_read`` tells which of its files are known, in which state."""

    def __init__(self, settings: Settings) -> None:
        assert settings.dags_folder is not None
        self.path = os.path.realpath(os.path.expanduser(settings.dags_folder))
        if not os.path.isdir(self.path):
            raise SettingError(
                f"There is no folder {settings.dags_folder} to read DAG files from; "
                "name one that exists with the setting dags_folder."
            )
        self.settings = settings
        self.watched = False  # by a thread, so that requests need not look
        self._without_dags: dict[str, Stamp] = {}
        self._looked_at = 0.0
        self._looking = threading.Lock()

    def copy(self) -> DagFolder:
        """One for a copy of the deployment."""
        copy = DagFolder.__new__(DagFolder)
        copy.__dict__.update(self.__dict__, watched=False, _looking=threading.Lock())
        return copy

    def load(self, deployment: Deployment, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Read every file into the deployment; gives what there is to say about it, a sentence a line."""
        findings = self.read(deployment, progress)
        with deployment.lock:
            self._take_in(deployment, findings)
        return _said(self.path, findings.answers, "v1" if self.settings.airflow_version.startswith("2.") else "v2")

    def read(self, deployment: Deployment, progress: Callable[[int, int], None] | None = None) -> Findings:
        """What every file declares, in more detail than the API tells; changes nothing."""
        every = candidates(self.path, self.settings.dag_ignore_file_syntax)
        paths = [path for path in every if may_declare(path, self.settings.dag_discovery_safe_mode)]
        return self._read(deployment, paths, progress)

    def catch_up(self, deployment: Deployment) -> None:
        """What comes before each request: a look, unless a thread looks."""
        if not self.watched:
            self.look(deployment)

    def look(self, deployment: Deployment) -> Findings:
        """Read again what changed, if the setting ``reload`` says so, and what was asked to be parsed again.

        Gives what was read. Reading goes on outside of the deployment's lock; another thread that looks meanwhile does
        not wait.
        """
        with deployment.lock:
            asked = [row.fileloc for row in deployment.airflow.dag_files if row.parse_asked_at is not None]
        due = self.settings.reload and time.monotonic() - self._looked_at >= _LOOK_EVERY
        if (not asked and not due) or not self._looking.acquire(blocking=False):
            return Findings()
        try:
            findings = self._changed(deployment, due, {archive_of(each) for each in asked})
            if findings or asked:
                with deployment.lock:
                    self._take_in(deployment, findings)
                    for row in [row for row in deployment.airflow.dag_files if row.fileloc in asked]:
                        deployment.airflow.dag_files.put(replace(row, parse_asked_at=None))
                    deployment.collect()
            return findings
        finally:
            self._looked_at = time.monotonic()
            self._looking.release()

    def _changed(self, deployment: Deployment, every: bool, asked: Iterable[str]) -> Findings:
        again = {path for path in asked if path.startswith(self.path) and os.path.exists(path)}
        gone: tuple[str, ...] = ()
        if every:
            stamps: dict[str, Stamp] = {}
            present = set(candidates(self.path, self.settings.dag_ignore_file_syntax))
            gone = tuple(path for path in deployment.dag_files_read if path not in present)
            for path in present:
                known = deployment.dag_files_read.get(path)
                if known is not None:
                    changed = any(_stamp(each, stamps) != was for each, was in known.stamps.items())
                else:
                    changed = self._is_new(path, _stamp(path, stamps))
                if changed:
                    again.add(path)
        return self._read(deployment, sorted(again), None, gone)

    def _is_new(self, path: str, stamp: Stamp) -> bool:
        """Whether a file that was not read so far is to be read now."""
        if self._without_dags.get(path) == stamp:
            return False
        if may_declare(path, self.settings.dag_discovery_safe_mode):
            return True
        self._without_dags[path] = stamp
        return False

    def _read(
        self,
        deployment: Deployment,
        paths: list[str],
        progress: Callable[[int, int], None] | None,
        gone: tuple[str, ...] = (),
    ) -> Findings:
        if not paths:
            return Findings(gone=gone)
        request = self._request(deployment)
        cache = Cache(self.path, request, time.strftime("%Y-%m-%d"))
        answers: dict[str, Answer] = {}
        missing = []
        for path in paths:
            kept = cache.get(path)
            if kept is None:
                missing.append(path)
            else:
                answers[path] = kept

        def told(answer: dict[str, Any]) -> None:
            path = answer.pop("path")
            answers[path] = answer
            cache.put(path, answer)
            if progress is not None:
                progress(len(answers), len(paths))

        read_files(missing, request, told)
        cache.save(set(deployment.dag_files_read) - set(gone))
        return Findings({path: answers[path] for path in paths}, gone)

    def _request(self, deployment: Deployment) -> dict[str, Any]:
        """What the children are told."""
        from mock_airflow.domain.installation.configuration import AIRFLOW_2, old_names

        settings = self.settings
        plugins = os.path.realpath(settings.plugins_folder or Path(self.path).parent / "plugins")
        with deployment.lock:
            variables = {row.key: row.value for row in deployment.airflow.variables if row.value is not None}
            connections = {row.connection_id: _connection(row) for row in deployment.airflow.connections}
        return {
            "airflow_version": settings.airflow_version,
            "variables": variables,
            "connections": connections,
            "options": AIRFLOW_2.everything(settings, sensitive=True),
            "renamed": old_names() if settings.airflow_version.startswith("2.") else {},
            "folders": [self.path, plugins],
            "projects": _projects(Path(self.path)),
            "plugins_folder": plugins,
            "sys_path": list(dict.fromkeys([self.path, plugins, *sys.path])),
            "may": sorted(settings.dag_files_may),
            "dagbag_import_timeout": settings.dagbag_import_timeout,
            "dagbag_import_error_traceback_depth": 2,
            "safe_mode": settings.dag_discovery_safe_mode,
        }

    def _take_in(self, deployment: Deployment, findings: Findings) -> None:
        """Have the deployment's rows say what was found. Hold the deployment's lock."""
        files = dict(deployment.dag_files_read)
        before = {dag_id for path in (*findings.answers, *findings.gone) for dag_id in _ids(files.get(path))}
        findings.answers = dict(take_in(deployment, findings.answers, findings.gone, before, self.settings))
        for path in findings.gone:
            files.pop(path, None)
        stamps: dict[str, Stamp] = {}
        for path, answer in findings.answers.items():
            looked_at = {each: _stamp(each, stamps) for each in (path, *answer["seen"])}
            files[path] = KnownFile(looked_at, tuple(dag["details"]["dag_id"] for dag in answer["dags"]))
        deployment.dag_files_read = files


def _projects(dags: Path) -> list[str]:
    """The folders above the DAG folder that its files may import from, the nearest first.

    They go up to the one that holds ``.git`` or that this process works in, whichever is further up.
    """
    above = [folder for folder in dags.parents if folder != folder.parent]
    here = Path(os.path.realpath(os.getcwd()))
    tops = [number for number, folder in enumerate(above) if folder == here]
    tops += [number for number, folder in enumerate(above) if (folder / ".git").exists()][:1]
    return [str(folder) for folder in above[: max(tops, default=0) + 1]]


class Watcher(threading.Thread):
    """Looks for changed files as long as the process lives; ``changed`` is told what was read."""

    def __init__(self, deployment: Deployment, changed: Callable[[Findings], None]) -> None:
        super().__init__(name="mock-airflow-dag-folder", daemon=True)
        assert isinstance(deployment.dag_folder, DagFolder)
        self._deployment, self._folder, self._changed = deployment, deployment.dag_folder, changed
        self._folder.watched = True

    def run(self) -> None:
        """Look, and wait."""
        while True:
            try:
                findings = self._folder.look(self._deployment)
                if findings:
                    self._changed(findings)
            except Exception:  # a folder that is gone for a moment may be back the next time
                log.exception("The DAG files of %s could not be read again.", self._folder.path)
            time.sleep(_LOOK_EVERY / 2)


def _ids(known: KnownFile | None) -> tuple[str, ...]:
    return known.dag_ids if known is not None else ()


def _stamp(path: str, known: dict[str, Stamp]) -> Stamp:
    """What changes with a file or folder: when it was written, and its size."""
    if path not in known:
        try:
            status = os.stat(path)
            known[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            known[path] = (0, -1)
    return known[path]


def _connection(row: Connection) -> dict[str, Any]:
    names = ("conn_type", "description", "host", "login", "password", "schema", "port", "extra")
    return {name: getattr(row, name) for name in names}


def _said(path: str, answers: Mapping[str, Answer], api: str) -> list[str]:
    """What a person should know about what was read."""
    lines = []
    failed = [name for answer in answers.values() for name in answer["errors"]]
    if failed:
        several = "file" if len(failed) == 1 else "files"
        lines.append(
            f"{len(failed)} DAG {several} of {path} cannot be imported; GET /api/{api}/importErrors tells why."
        )
    asked = sorted({f"{kind} {name!r}" for answer in answers.values() for kind, name in answer.get("missing", ())})
    if asked:
        lines.append(
            f"DAG files asked for what the world does not have: {_some(asked)}. Give them in a world file, or as "
            "AIRFLOW_VAR_<KEY> and AIRFLOW_CONN_<ID> in the environment."
        )
    absent = sorted({name for answer in answers.values() for name in answer.get("missing_modules", ())})
    if absent:
        lines.append(f"DAG files import what is not installed; placeholders stand for: {_some(absent)}.")
    doubted = sorted(
        dag["details"]["dag_id"] for answer in answers.values() for dag in answer["dags"] if dag.get("doubts")
    )
    if doubted:
        lines.append(
            f"DAGs that may lack tasks, as placeholders were looped over or called: {_some(doubted)}; "
            f"GET /api/{api}/dagWarnings tells where."
        )
    for name, answer in answers.items():
        lines += [f"{os.path.relpath(name, path)} declares no DAG. {said}" for said in answer.get("doubts", ())[:1]]
    places: dict[str, list[str]] = {}
    for name, answer in answers.items():
        for dag in answer["dags"]:
            places.setdefault(dag["details"]["dag_id"], []).append(os.path.relpath(name, path))
    for dag_id, names in places.items():
        if len(names) > 1:
            lines.append(f"The DAG {dag_id!r} is declared in {' and '.join(names)}; the last one counts.")
    return lines


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
