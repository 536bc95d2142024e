"""How a DAG file's imports are answered: Airflow's modules by stand-ins, what is not installed by placeholders."""

from __future__ import annotations

import ast
import importlib
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from mock_airflow.dag_files.parsing.standin import inventory, modules, pendulum_stand_in
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.placeholders import placeholder

# What Airflow 2 does not have, and cannot get.
_ONLY_IN_3 = (
    *("airflow.sdk", "airflow.assets", "airflow.timetables.assets"),
    *("airflow.models.asset", "airflow.models.dag_version", "airflow.models.deadline"),
    *("airflow.dag_processing.bundles", "airflow.api_fastapi"),
)
# A provider that an Airflow 2 can have; a file that tries it first, and falls back, gets its fallback.
_STANDARD = "airflow.providers.standard"
_NOT_OURS = {"site-packages", "node_modules", "__pycache__"}
_CATCHES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def only_in_3(name: str | None) -> bool:
    """Whether a module, by its whole name, came with Airflow 3."""
    return name is not None and any(name == each or name.startswith(f"{each}.") for each in _ONLY_IN_3)


class StandInModule(ModuleType):
    """A module of Airflow."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return modules.all_names(self.__name__)
        if not name.startswith("__") and inventory.lacks(self.__name__, name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            found = modules.look_up(self.__name__, name)
        except AttributeError:
            part = f"{self.__name__}.{name}"
            if part in modules.MODULES and not (Installed.major == 2 and only_in_3(part)):
                return importlib.import_module(part)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None
        self.__dict__[name] = found
        return found


class PlaceholderModule(ModuleType):
    """A module that is not installed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            if name == "__all__":
                return []
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = placeholder(f"{self.__name__}.{name}")
        self.__dict__[name] = found
        return found


class _Loader:
    def __init__(self, kind: type[ModuleType]) -> None:
        self.kind = kind

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The module."""
        made = self.kind(spec.name)
        made.__dict__["__path__"] = []
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


class AirflowFinder:
    """Finds Airflow's modules, before any that may be installed."""

    def __init__(self, major: int, folders: tuple[str, ...]) -> None:
        self.major = major
        # Airflow's own examples import each other by whole names
        examples = [each for each in folders if Path(each).parts[-2:] == ("airflow", "example_dags")]
        self.examples = examples[0] if examples else None

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """The stand-in for a module of Airflow."""
        if name != "airflow" and not name.startswith("airflow."):
            return None
        if self.examples is not None and name.startswith("airflow.example_dags"):
            head = name.rpartition(".")[0]
            where = [str(Path(self.examples).parent)] if head == "airflow" else path
            return importlib.machinery.PathFinder.find_spec(name, where)
        if inventory.lacks_module(name):
            return None
        if self.major == 2 and (only_in_3(name) or (name.startswith(_STANDARD) and _has_fallback(_importer()))):
            return None
        return importlib.machinery.ModuleSpec(name, _Loader(StandInModule), is_package=True)  # type: ignore[arg-type]


class MissingFinder:
    """Finds everything that nobody else found, for imports that stand in files of ``folders``."""

    def __init__(self, folders: tuple[str, ...], projects: tuple[str, ...]) -> None:
        self.folders = tuple(os.path.join(folder, "") for folder in (*folders, *projects))
        self.projects = list(projects)
        self.scattered: set[str] = set()  # folders of the project that only hold Python files further down
        self.library = os.path.dirname(os.__file__)
        self.missing: dict[str, None] = {}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """The stand-in for a module that is not installed."""
        if pendulum_stand_in.stands_for(name):
            return importlib.machinery.ModuleSpec(name, pendulum_stand_in.Loader(), is_package=True)  # type: ignore[arg-type]
        head = name.rpartition(".")[0]
        inside = isinstance(sys.modules.get(head), PlaceholderModule)
        if head and not inside and head not in self.scattered:
            return None  # a part of a package that is there, which lacks it
        if not head and (spec := self._in_project(name)) is not None:
            return spec
        frame = _importer()
        if not inside and not self._is_ours(frame):
            return None
        if not inside and _has_fallback(frame):
            return None
        self.missing.setdefault(name.partition(".")[0])
        return importlib.machinery.ModuleSpec(name, _Loader(PlaceholderModule), is_package=True)  # type: ignore[arg-type]

    def _in_project(self, name: str) -> Any:
        """A module in a folder above the DAGs; a folder of such a name has to hold Python files, at any depth."""
        spec = importlib.machinery.PathFinder.find_spec(name, self.projects)
        if spec is not None and spec.loader is None:
            places = list(spec.submodule_search_locations or ())
            if not any(each.endswith(".py") for place in places for each in os.listdir(place)):
                if not any(map(_holds_python, places)):
                    return None
                self.scattered.add(name)
        return spec

    def is_ours(self, path: str) -> bool:
        """Whether a file belongs to the project that is read, rather than to what is installed."""
        return path.startswith(self.folders) and "site-packages" not in path and not path.startswith(self.library)

    def _is_ours(self, frame: FrameType | None) -> bool:
        return frame is not None and self.is_ours(frame.f_code.co_filename)


def _holds_python(folder: str) -> bool:
    """Whether there is a Python file in a folder, or below it."""
    for _, folders, files in os.walk(folder):
        if any(each.endswith(".py") for each in files):
            return True
        folders[:] = [each for each in folders if not each.startswith(".") and each not in _NOT_OURS]
    return False


def _importer() -> FrameType | None:
    """The frame whose import statement is being answered; None for a mere question whether a module is there."""
    frame: FrameType | None = sys._getframe(2)
    asked = False
    while frame is not None and "importlib" in frame.f_code.co_filename:
        asked = asked or frame.f_code.co_name in ("_find_and_load", "import_module")
        frame = frame.f_back
    return frame if asked else None


def _has_fallback(frame: FrameType | None) -> bool:
    """Whether an import stands in a ``try`` that catches its failure, or in ``contextlib.suppress``."""
    if frame is None:
        return True
    try:
        with open(frame.f_code.co_filename, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return False
    line = frame.f_lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(map(_catches_imports, node.handlers)):
            if node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
                return True
        elif isinstance(node, ast.With) and node.lineno <= line <= (node.end_lineno or 0):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            if any(_name(call.func) == "suppress" and any(_name(a) in _CATCHES for a in call.args) for call in calls):
                return True
    return False


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_name(kind) in _CATCHES for kind in kinds)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def install(major: int, folders: tuple[str, ...], projects: tuple[str, ...]) -> MissingFinder:
    """Answer the imports of this process so; gives what remembers which modules were missing."""
    missing = MissingFinder(folders, projects)
    sys.meta_path.insert(0, AirflowFinder(major, folders))
    sys.meta_path.append(missing)
    return missing
