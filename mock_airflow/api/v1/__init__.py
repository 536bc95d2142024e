"""Airflow 2's stable REST API, `/api/v1`: one module a tag of its reference."""

from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api

API = Api("v1", "/api/v1", "Airflow API (Stable)", Dialect2())

# Importing a module fills the table; the order is that of Airflow's reference.
from mock_airflow.api.v1 import (  # noqa: E402, F401  (they need API, which stands above)
    config,
    connections,
    dag_files,
    dag_runs,
    dag_stats,
    dag_warnings,
    dags,
    datasets,
    dependencies,
    event_logs,
    import_errors,
    links,
    logs,
    monitoring,
    permissions,
    plugins,
    pools,
    providers,
    queued_events,
    roles,
    task_instance_changes,
    task_instances,
    tasks,
    tries,
    users,
    variables,
    xcoms,
)
