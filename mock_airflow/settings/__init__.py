"""The settings of a deployment: one frozen record, the readers of its values, and what is near a misspelt name.

The names below are loaded on first use: the record is made of the vendors' settings too, and those import the readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_airflow.settings.environment import ENVIRONMENT_PREFIX
    from mock_airflow.settings.record import PROFILES, Settings

__all__ = ["ENVIRONMENT_PREFIX", "PROFILES", "Settings"]


def __getattr__(name: str) -> Any:
    if name == "ENVIRONMENT_PREFIX":
        from mock_airflow.settings import environment

        return environment.ENVIRONMENT_PREFIX
    if name in __all__:
        from mock_airflow.settings import record

        return getattr(record, name)
    raise AttributeError(f"module 'mock_airflow.settings' has no attribute {name!r}")
