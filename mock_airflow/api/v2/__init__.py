"""Airflow 3's REST API, `/api/v2`: one module a tag of its reference, named as in ``v1`` where the tag is the same."""

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.operation import Api

API = Api("v2", "/api/v2", "Airflow API", Dialect3())

# Importing a module fills the table; the order is that of Airflow's reference.
from mock_airflow.api.v2 import (  # noqa: E402, F401  (they need API, which stands above)
    asset_state_store,
    assets,
    backfills,
    config,
    connection_tests,
    connections,
    dag_parsing,
    dag_runs,
    dag_sources,
    dag_stats,
    dag_tags,
    dag_versions,
    dag_warnings,
    dags,
    event_logs,
    import_errors,
    jobs,
    login,
    monitoring,
    plugins,
    pools,
    providers,
    queued_events,
    variables,
)
