"""Reading one DAG file in the process that was made for it: what it declares, what it looked at, what went wrong."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path
from typing import Any

from mock_airflow.dag_files.parsing import class_calls, environment, guard as guards, imports, reporting
from mock_airflow.dag_files.parsing.standin import catalogue
from mock_airflow.dag_files.parsing.standin.dags.context import DagContext
from mock_airflow.dag_files.parsing.standin.dags.dag import DAG
from mock_airflow.dag_files.parsing.standin.dags.timetables import CronDataIntervalTimetable, Timetable
from mock_airflow.dag_files.parsing.standin.doubts import Doubts
from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowTaskTimeout,
    SerializationError,
    UnknownExecutorException,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.metadata import Given
from mock_airflow.dag_files.parsing.standin.moments import is_pendulums
from mock_airflow.dag_files.parsing.standin.plugins import AirflowPlugin
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroupContext
from mock_airflow.dag_files.parsing.standin.tasks.rules import WeightRule

# Which of them an installation has configured is not known here.
_EXECUTORS = frozenset(
    "LocalExecutor CeleryExecutor KubernetesExecutor SequentialExecutor EdgeExecutor AwsEcsExecutor"
    " AwsLambdaExecutor AwsBatchExecutor".split()
)
_DOCS = "https://airflow.apache.org/docs/apache-airflow"


class Reader:
    """Reads files by the settings that the parent process gave."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        Installed.airflow(settings["airflow_version"])
        Given.variables, Given.connections = settings["variables"], settings["connections"]
        Given.options, Given.renamed = settings["options"], settings["renamed"]
        self.folders = tuple(settings["folders"])
        sys.path[:] = [path for path in settings["sys_path"] if path]
        sys.dont_write_bytecode = True
        tempfile.tempdir = os.environ.get("TMPDIR") or tempfile.gettempdir()  # which looks by writing
        self.missing = imports.install(Installed.major, self.folders, tuple(settings["projects"]))
        class_calls.install(self.missing.is_ours)
        self.allowed = frozenset(settings["may"])
        self.guard = guards.install(self.allowed)
        self.read_variables = environment.watch()
        self.timetables: frozenset[str] = frozenset()
        self.strategies: frozenset[str] = frozenset()
        self.plugin_errors: dict[str, str] = {}

    def load_plugins(self) -> None:
        """Read the plugins folder: what a DAG file may use of it by name has to be registered in it."""
        folder = self.settings["plugins_folder"]
        for path in sorted(Path(folder).rglob("*.py")) if folder and Path(folder).is_dir() else ():
            try:
                with open(path, "rb") as file:
                    if b"AirflowPlugin" not in file.read():
                        continue
                name = path.stem
                loader = importlib.machinery.SourceFileLoader(name, str(path))
                spec = importlib.util.spec_from_loader(name, loader)
                assert spec is not None
                module = importlib.util.module_from_spec(spec)
                sys.modules[name] = module
                loader.exec_module(module)
            except Exception as error:
                self.plugin_errors[str(path)] = f"{type(error).__name__}: {error}"
        plugins = AirflowPlugin.registered
        self.timetables = frozenset(_qualified(kind) for plugin in plugins for kind in plugin.timetables)
        strategies = (kind for plugin in plugins for kind in plugin.priority_weight_strategies)
        self.strategies = frozenset(map(_qualified, strategies))

    def prepare(self, path: str) -> None:
        """Load the installed libraries that a file needs, and facts of operators, before the fork, once for all."""
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            return
        heads = re.findall(r"^(?:from|import)[ \t]+(\w+)", text, re.MULTILINE)
        for name in dict.fromkeys([*heads, *(["jsonschema"] if "aram" in text else [])]):
            if name not in sys.modules:
                with contextlib.suppress(Exception):
                    spec = importlib.machinery.PathFinder.find_spec(name)
                    if spec is not None and spec.origin and not self.missing.is_ours(spec.origin):
                        importlib.import_module(name)
        for module in re.findall(r"\bairflow\.[\w.]+", text):
            catalogue.warm_up(module)

    def read(self, path: str) -> dict[str, Any]:
        """What a file declares: ``dags`` as ``telling`` tells them, ``errors`` by file, what else it looked at."""
        DagContext.autoregistered.clear()
        DagContext.stack.clear()
        TaskGroupContext.stack.clear()
        errors: dict[str, str] = {}
        self.missing.missing.clear()
        Given.missing = []
        Doubts.noted.clear()
        self.guard.seen.clear()
        self.read_variables.clear()
        self.guard.on = True
        modules: list[Any] = []
        try:
            if path.endswith(".py") or not zipfile.is_zipfile(path):
                modules = self._timed(path, errors)
            else:
                modules = self._zipped(path, errors)
            dags = self._collected(modules, errors)
        finally:
            self.guard.on = False
            DagContext.module_name = None
        return {
            "dags": dags,
            "errors": errors,
            "seen": [each for each in self.guard.seen if each != path and self.missing.is_ours(each)],
            "environment": list(self.read_variables),
            "missing_modules": list(self.missing.missing),
            "missing": Given.missing,
            "doubts": Doubts.of(None) if not dags else [],
        }

    def _timed(self, path: str, errors: dict[str, str]) -> list[Any]:
        seconds = self.settings["dagbag_import_timeout"]
        version = self.settings["airflow_version"]

        def too_late(*args: Any) -> None:
            raise AirflowTaskTimeout(
                f"DagBag import timeout for {path} after {seconds}s.\n"
                "Please take a look at these docs to improve your DAG import time:\n"
                f"* {_DOCS}/{version}/best-practices.html#top-level-python-code\n"
                f"* {_DOCS}/{version}/best-practices.html#reducing-dag-complexity, PID: {os.getpid()}"
            )

        if seconds <= 0 or not hasattr(signal, "setitimer"):
            return self._loaded(path, errors)
        before = signal.signal(signal.SIGALRM, too_late)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return self._loaded(path, errors)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _loaded(self, path: str, errors: dict[str, str]) -> list[Any]:
        stem = re.sub(r"[.-]", "_", Path(path).stem)
        name = f"unusual_prefix_{hashlib.sha1(path.encode()).hexdigest()}_{stem}"
        DagContext.module_name = name
        try:
            loader = importlib.machinery.SourceFileLoader(name, path)
            spec = importlib.util.spec_from_loader(name, loader)
            assert spec is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            loader.exec_module(module)
            return [module]
        except (Exception, AirflowTaskTimeout) as error:
            self._failed(path, errors, error)
            return []
        except SystemExit as error:  # a real file processor would end with it, and tell no more than this
            errors[path] = f"SystemExit: {error}"
            return []

    def _failed(self, path: str, errors: dict[str, str], error: BaseException) -> None:
        DagContext.autoregistered.clear()
        hint = ""
        if isinstance(error, ModuleNotFoundError) and Installed.major == 2 and imports.only_in_3(error.name):
            hint = (
                f"mock-airflow: {error.name} came with Airflow 3, and this deployment is Airflow {Installed.version}; "
                "set airflow_version=3.3.2 for one that has it. What Airflow itself says:\n\n"
            )
        errors[path] = hint + traceback.format_exc(limit=-int(self.settings["dagbag_import_error_traceback_depth"]))

    def _zipped(self, path: str, errors: dict[str, str]) -> list[Any]:
        found = []
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                inner = Path(info.filename)
                if inner.suffix not in (".py", ".pyc") or len(inner.parts) > 1:
                    continue
                if self.settings["safe_mode"] and not might_contain_dag(archive.read(info)):
                    continue
                sys.modules.pop(inner.stem, None)
                DagContext.module_name = inner.stem
                sys.path.insert(0, path)
                try:
                    found.append(importlib.import_module(inner.stem))
                except Exception as error:
                    self._failed(os.path.join(path, info.filename), errors, error)
                finally:
                    if sys.path[0] == path:
                        del sys.path[0]
        return found

    def _collected(self, modules: list[Any], errors: dict[str, str]) -> list[Any]:
        """The DAGs that stand in the modules, or were opened in them, each checked as Airflow does."""
        found: dict[int, tuple[Any, Any]] = {}
        for module in modules:
            for value in list(module.__dict__.values()):
                if isinstance(value, DAG):
                    found.setdefault(id(value), (value, module))
        for dag, module in DagContext.autoregistered:
            found.setdefault(id(dag), (dag, module))
        told: dict[str, Any] = {}
        for dag, module in found.values():
            fileloc = dag.fileloc = module.__file__
            try:
                dag.validate()
                dag.check_cycle()
                if dag.is_subdag:
                    continue
                told.pop(dag.dag_id, None)
                if Installed.major > 2:
                    self._check_storable(dag)  # where that fails, the DAG is not known at all (observed)
                told[dag.dag_id] = {
                    **reporting.dag_told(dag),
                    "fileloc": fileloc,
                    "doubts": Doubts.of(dag.dag_id),
                }
                self._check_storable(dag)
            except Exception as error:
                errors[fileloc] = f"{type(error).__name__}: {error}"
        return list(told.values())

    def _check_storable(self, dag: Any) -> None:
        """Raise what Airflow raises when it stores a DAG whose schedule no plugin registers, or has an odd zone."""
        zone = getattr(dag.timetable, "timezone", None)
        if isinstance(dag.timetable, CronDataIntervalTimetable) and not is_pendulums(zone):
            raise SerializationError(
                f"Failed to serialize DAG {dag.dag_id!r}: DAG timezone should be a pendulum.tz.Timezone, not {zone!r}. "
                f"See {_DOCS}/{self.settings['airflow_version']}/timezone.html#time-zone-aware-dags"
            )
        if Installed.major > 2:
            self._check_tasks(dag)
        name = _qualified(type(dag.timetable))
        if (
            isinstance(dag.timetable, Timetable)
            and not name.startswith("mock_airflow.")
            and name not in self.timetables
        ):
            raise SerializationError(
                f"Failed to serialize DAG {dag.dag_id!r}: Timetable class {name!r} is not registered or you have a top "
                "level database access that disrupted the session. Please check the airflow best practices "
                "documentation."
            )

    def _check_tasks(self, dag: Any) -> None:
        """Raise what Airflow 3 raises for executors and weight rules that there are not."""
        for each in dag.tasks:
            executor = getattr(each, "executor", None)
            if executor is not None and "." not in executor and executor not in _EXECUTORS:
                raise UnknownExecutorException(
                    f"Task {each.task_id!r} specifies executor {executor!r}, which is not available. Make sure it is "
                    "listed in your [core] executors configuration, or update the task's executor to use one of the "
                    "configured executors."
                )
        unknown = {each.weight_rule for each in dag.tasks} - {*WeightRule, *self.strategies}
        if unknown:
            raise SerializationError(
                f"Failed to serialize DAG {dag.dag_id!r}: Unknown priority strategy {min(unknown)}"
            )


def _qualified(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def might_contain_dag(content: bytes) -> bool:
    """Airflow's rule of thumb: a file that does not hold both words is not read."""
    lower = content.lower()
    return b"dag" in lower and b"airflow" in lower
