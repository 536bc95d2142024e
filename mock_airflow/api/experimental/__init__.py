"""Airflow's oldest API, `/api/experimental`: off out of the box, deprecated, and without permission checks."""

from mock_airflow.api.api import Api
from mock_airflow.api.experimental.dialect import ExperimentalDialect

API = Api(
    "experimental",
    "/api/experimental",
    "Airflow API (Experimental)",
    ExperimentalDialect(),
    switch="enable_experimental_api",
)

# Importing a module fills the table.
from mock_airflow.api.experimental import (  # noqa: E402, F401  (they need API, which stands above)
    dag_runs,
    dags,
    monitoring,
    pools,
    tasks,
)
