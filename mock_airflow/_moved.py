"""Modules and errors that had other names in the release before, still found under those, with a warning.

Only what a test may have imported is listed: what fixtures hand out, and errors. To go with the next release.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from importlib.abc import Loader

MOVED = {
    "accounts": "testing.principals",
    "app": "corridor.app",
    "exchange": "corridor.exchange",
    "handles": "testing.controls",
    "history": "rewinding",
    "journal.calls": "testing.calls",
    "late_calls": "testing.late_calls",
    "least_privilege": "review.least_privilege",
    "mock": "testing.mock",
    "story": "testing.story",
    "strictness": "testing.expectations",
    "transports": "in_process",
    "transports.httpserver": "server.httpserver",
    "transports.interception": "in_process.interception",
    "transports.live": "server.live",
    "transports.responses": "in_process.responses",
    "virtual_sleep": "testing.virtual_sleep",
}


# Errors, by the module that had them: their names there, and what they are called in ``errors`` now. Those of
# ``domain.errors`` got the ending Error.
RENAMED = {
    "access.keys": {"KeyProblem": "AccessKeyError"},
    "domain.errors": {},
    "domain.scheduler.plan_forms": {"PlanProblem": "PlanError"},
    "errors": {"MissingExtra": "MissingExtraError"},
    "in_process.interception": {"BaseUrlError": "BaseUrlError"},
    "testing.declaring": {"DagProblem": "DagError", "DatasetProblem": "DatasetError"},
    "testing.endless": {"PollNeverEnds": "PollNeverEndsError"},
    "testing.expectations": {"RuleNeverFired": "RuleNeverFiredError", "UnexpectedAnswer": "UnexpectedAnswerError"},
    "testing.late_calls": {"LateCallWarning": "LateCallWarning"},
    "testing.mock": {"MockClosed": "MockClosedError", "UnknownRole": "UnknownRoleError"},
    "testing.principals": {"UnknownRole": "UnknownRoleError"},
}


def _old_names(module: ModuleType) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module whose errors have other names now."""
    names = RENAMED[module.__name__.partition(".")[2]]

    def __getattr__(name: str) -> Any:
        home, new = "mock_airflow.errors", names.get(name)
        if new is None and module.__name__ == "mock_airflow.domain.errors" and f"{name}Error" in vars(module):
            home, new = module.__name__, f"{name}Error"
        if new is None:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        warnings.warn(
            f"{module.__name__}.{name} is now {home}.{new}; the old name goes with the next release.",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(import_module(home), new)

    return __getattr__


class _Renaming:
    """Loads a module as usual, and gives it the old names of its errors."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        """Be the usual loader for whoever asks for sources."""
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        self._loader.exec_module(module)
        module.__dict__["__getattr__"] = _old_names(module)


class _Alias:
    """Loads a module that moved, and leaves it under both names."""

    def __init__(self, home: str) -> None:
        self.home = home

    def create_module(self, spec: ModuleSpec) -> None:
        """Have an empty module made, which ``exec_module`` puts the real one in the place of."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of the new name under the old one."""
        warnings.warn(
            f"The module {module.__name__} is now {self.home}; the old name goes with the next release.",
            DeprecationWarning,
            stacklevel=2,
        )
        sys.modules[module.__name__] = import_module(self.home)


class OldNames:
    """Finds the old names; stands first in ``sys.meta_path``, as old folders lead to others with modules."""

    @staticmethod
    def find_spec(fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Give the spec of a module that moved, or whose errors have other names now."""
        package, _, name = fullname.partition(".")
        if package != "mock_airflow":
            return None
        if name in RENAMED:
            spec = PathFinder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = cast("Loader", _Renaming(spec.loader))
            return spec
        if name not in MOVED:
            return None
        return ModuleSpec(fullname, cast("Loader", _Alias(f"mock_airflow.{MOVED[name]}")))


if OldNames not in sys.meta_path:
    sys.meta_path.insert(0, cast("Any", OldNames))
