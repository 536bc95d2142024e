"""The pytest plugin, installed as `pytest_mock_airflow`; its names are for annotations, and loaded on first use.

from pytest_mock_airflow import MockAirflow, VirtualSleep


def test_polls(mock_airflow: MockAirflow, virtual_sleep: VirtualSleep) -> None: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_airflow.server.httpserver import AirflowHTTPServer
    from mock_airflow.server.tls import ThrowawayAuthority
    from mock_airflow.testing.mock import MockAirflow
    from mock_airflow.testing.virtual_sleep import VirtualSleep

    from .matrix import MatrixCase
    from .session import MockAirflowFactory

__all__ = [
    "AirflowHTTPServer",
    "MatrixCase",
    "MockAirflow",
    "MockAirflowFactory",
    "ThrowawayAuthority",
    "VirtualSleep",
]

_HOMES = {
    "AirflowHTTPServer": "mock_airflow.server.httpserver",
    "MatrixCase": f"{__name__}.matrix",
    "MockAirflow": "mock_airflow.testing.mock",
    "MockAirflowFactory": f"{__name__}.session",
    "ThrowawayAuthority": "mock_airflow.server.tls",
    "VirtualSleep": "mock_airflow.testing.virtual_sleep",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
