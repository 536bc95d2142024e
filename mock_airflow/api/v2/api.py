"""The table of the operations of the API of an Airflow 3; which the modules beside fill."""

from __future__ import annotations

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

_CONVERTERS = dict.fromkeys(("pool_name", "variable_key", "key", "xcom_key"), "anything")
# By module, in the order of the documents: the collections that its paths are in, for which it is imported.
_MODULES = {
    "dag_runs": "dags/dagRuns",
    "assets": "assets",
    "queued_events": "assets dags/assets",
    "backfills": "backfills",
    "connections": "connections",
    "connection_tests": "connections",
    "bulk_dag_runs": "dags/dagRuns",
    "dag_run_clearing": "dags/dagRuns dags/clearDagRuns dags/clearPartitions",
    "dag_sources": "dagSources",
    "dag_stats": "dagStats",
    "config": "config",
    "dag_warnings": "dagWarnings",
    "dags": "dags",
    "dag_tags": "dagTags",
    "event_logs": "eventLogs",
    "links": "dags/dagRuns/taskInstances",
    "import_errors": "importErrors",
    "jobs": "jobs",
    "plugins": "plugins",
    "pools": "pools",
    "providers": "providers",
    "asset_state_store": "assets",
    "task_state_store": "dags/dagRuns/taskInstances",
    "xcoms": "dags/dagRuns/taskInstances",
    "task_instances": "dags/dagRuns/taskInstances",
    "dependencies": "dags/dagRuns/taskInstances",
    "tries": "dags/dagRuns/taskInstances",
    "task_instance_changes": "dags/dagRuns/taskInstances dags/dagRuns/taskGroupInstances",
    "clear_task_instances": "dags/clearTaskInstances",
    "bulk_task_instances": "dags/dagRuns/taskInstances",
    "logs": "dags/dagRuns/taskInstances",
    "hitl_details": "dags/dagRuns/hitlDetails dags/dagRuns/taskInstances",
    "tasks": "dags/tasks",
    "variables": "variables",
    "dag_parsing": "parseDagFile",
    "dag_versions": "dags/dagVersions",
    "monitoring": "monitor version",
    "login": "auth",
}
API = Api(
    "v2",
    "/api/v2",
    "Airflow API",
    Dialect3(),
    converters=_CONVERTERS,
    filled_by={f"{__package__}.{name}": collections for name, collections in _MODULES.items()},
)
