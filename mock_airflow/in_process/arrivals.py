"""What is to be done once a package is imported, for packages that need not be: importing httpx takes 0.1 s."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, cast


class Arrivals:
    """Stands first in ``sys.meta_path`` and calls back when one of ``packages`` was imported."""

    def __init__(self, packages: Sequence[str], arrived: Callable[[str], object]) -> None:
        self._awaited, self._arrived = set(packages), arrived
        sys.meta_path.insert(0, cast("Any", self))

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec that the other finders give, with a loader that calls back."""
        if name not in self._awaited:
            return None
        self._awaited.discard(name)  # the look below goes past this finder
        try:
            spec = find_spec(name)
        finally:
            self._awaited.add(name)
        if spec is not None and spec.loader is not None:
            spec.loader = cast("Any", _Telling(spec.loader, lambda: self._arrived(name)))
        return spec


class _Telling:
    """Loads a module as usual, and calls back."""

    def __init__(self, loader: Any, arrived: Callable[[], object]) -> None:
        self._loader, self._call_back = loader, arrived

    def __getattr__(self, name: str) -> Any:
        """Be the usual loader for whoever asks for sources."""
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        self._loader.exec_module(module)
        self._call_back()
