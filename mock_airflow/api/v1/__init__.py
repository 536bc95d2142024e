"""Airflow 2's stable REST API, `/api/v1`: one module a tag of its reference."""

from mock_airflow.api.v1.api import API

__all__ = ["API"]
