"""Airflow 3's REST API, `/api/v2`: one module a tag of its reference, named as in ``v1`` where the tag is the same."""

from mock_airflow.api.v2.api import API

__all__ = ["API"]
