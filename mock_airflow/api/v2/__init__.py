"""Airflow 3's REST API, `/api/v2`: one module a tag of its reference, named as in ``v1`` where the tag is the same."""

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

API = Api("v2", "/api/v2", "Airflow API", Dialect3())

# Importing a module fills the table; the order is that of Airflow's reference.
from mock_airflow.api.v2 import (  # noqa: E402, F401, I001  (they need API, which stands above, and keep their order)
    assets,
    queued_events,
    backfills,
    connections,
    connection_tests,
    dag_runs,
    bulk_dag_runs,
    dag_run_clearing,
    dag_sources,
    dag_stats,
    config,
    dag_warnings,
    dags,
    dag_tags,
    event_logs,
    links,
    import_errors,
    jobs,
    plugins,
    pools,
    providers,
    asset_state_store,
    task_state_store,
    xcoms,
    task_instances,
    dependencies,
    tries,
    clear_task_instances,
    task_instance_changes,
    bulk_task_instances,
    logs,
    hitl_details,
    tasks,
    variables,
    dag_parsing,
    dag_versions,
    monitoring,
    login,
)
