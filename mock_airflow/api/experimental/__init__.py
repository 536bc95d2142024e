"""Airflow's oldest API, `/api/experimental`: off out of the box, deprecated, and without permission checks."""

from mock_airflow.api.experimental.api import API

__all__ = ["API"]
