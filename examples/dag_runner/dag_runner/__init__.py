"""Runs the DAGs of a hosted Airflow from Python."""

from dag_runner.client import AirflowClient, Run
from dag_runner.errors import (
    AirflowError,
    Conflict,
    Forbidden,
    NotFound,
    Rejected,
    StillRunning,
    Unauthorized,
    Unavailable,
)

__all__ = [
    "AirflowClient",
    "AirflowError",
    "Conflict",
    "Forbidden",
    "NotFound",
    "Rejected",
    "Run",
    "StillRunning",
    "Unauthorized",
    "Unavailable",
]
