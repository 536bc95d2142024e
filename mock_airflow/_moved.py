"""Modules that stood elsewhere in the release before, still found under their old names, with a warning.

Only what a test may have imported is listed: what fixtures hand out, and errors. To go with the next release.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
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
        """Give the spec of a module that moved."""
        package, _, name = fullname.partition(".")
        if package != "mock_airflow" or name not in MOVED:
            return None
        return ModuleSpec(fullname, cast("Loader", _Alias(f"mock_airflow.{MOVED[name]}")))


if OldNames not in sys.meta_path:
    sys.meta_path.insert(0, cast("Any", OldNames))
