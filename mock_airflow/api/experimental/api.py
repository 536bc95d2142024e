"""The table of the operations of the experimental API; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.api import Api
from mock_airflow.api.experimental.dialect import ExperimentalDialect

API = Api(
    "experimental",
    "/api/experimental",
    "Airflow API (Experimental)",
    ExperimentalDialect(),
    switch="enable_experimental_api",
    filled_by={"mock_airflow.api.experimental.operations": ""},
)
