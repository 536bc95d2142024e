"""Airflow 2's stable REST API, `/api/v1`: one module a tag of its reference."""

# Importing a module fills the table; the order is that of Airflow's reference.
from mock_airflow.api.v1 import (  # noqa: F401  (filling API)
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
from mock_airflow.api.v1.api import API

__all__ = ["API"]
