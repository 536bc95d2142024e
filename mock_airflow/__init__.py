"""Mock Airflow: a local Airflow REST API with state, a clock of its own, and the access rules of hosted Airflows.

[PYTEST_DONT_REWRITE: the asserts of an emulator are nothing that a test wants explained.]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_airflow import _moved as _moved
from mock_airflow._version import __version__

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.errors import LateCallWarning, MockAirflowError
    from mock_airflow.settings import Settings
    from mock_airflow.testing.mock import MockAirflow

__all__ = ["Deployment", "LateCallWarning", "MockAirflow", "MockAirflowError", "Settings", "__version__"]

_HOMES = {
    "Deployment": "mock_airflow.deployment",
    "LateCallWarning": "mock_airflow.errors",
    "MockAirflow": "mock_airflow.testing.mock",
    "MockAirflowError": "mock_airflow.errors",
    "Settings": "mock_airflow.settings",
}


def __getattr__(name: str) -> Any:
    """Public names are loaded on first use, so that importing the package costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mock_airflow' has no attribute {name!r}")
