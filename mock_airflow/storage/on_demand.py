"""Modules that are imported when something of them is first used.

    if TYPE_CHECKING:
        from mock_airflow.domain.scheduler import settling
    else:
        (settling,) = on_demand("mock_airflow.domain.scheduler", "settling")

So a test pays for what it does, and not for what an Airflow can do. It is for modules that stand at the edge of what a
first request needs; what is always needed is imported as usual.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Module:
    """Stands for a module until that is there; what is asked of it, the module is asked."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


def on_demand(package: str, *names: str) -> tuple[Any, ...]:
    """The modules of these names, each imported with its first use."""
    return tuple(_Module(f"{package}.{name}") for name in names)
