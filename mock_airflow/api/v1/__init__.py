"""Airflow 2's stable REST API, `/api/v1`: one module a tag of its reference."""

from mock_airflow.api.operation import Api

API = Api("v1", "/api/v1", "Airflow API (Stable)")

# Importing a module fills the table; the order is that of Airflow's reference.
from mock_airflow.api.v1 import (  # noqa: E402, F401  (they need API, which stands above)
    config,
    connections,
    dag_runs,
    dags,
    datasets,
    monitoring,
    plugins,
    pools,
    providers,
    task_instances,
    tasks,
    variables,
)
