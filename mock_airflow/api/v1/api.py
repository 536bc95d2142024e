"""The table of the operations of the stable API of an Airflow 2; which the modules beside fill."""

from __future__ import annotations

from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api

_CONVERTERS = {
    **dict.fromkeys(("map_index", "task_try_number", "event_log_id", "import_error_id"), "int"),
    **dict.fromkeys(("uri", "variable_key", "xcom_key"), "path"),
}
# By module, in the order of the documents: the collections that its paths are in, for which it is imported.
_MODULES = {
    "config": "config",
    "connections": "connections",
    "dag_files": "dagSources parseDagFile",
    "task_instances": "dags/dagRuns/taskInstances",
    "dag_runs": "dags/dagRuns",
    "dag_stats": "dagStats",
    "dag_warnings": "dagWarnings",
    "dags": "dags",
    "datasets": "datasets",
    "dependencies": "dags/dagRuns/taskInstances",
    "event_logs": "eventLogs",
    "import_errors": "importErrors",
    "tasks": "dags/tasks",
    "links": "dags/dagRuns/taskInstances",
    "logs": "dags/dagRuns/taskInstances",
    "monitoring": "health version",
    "roles": "roles",
    "permissions": "permissions",
    "plugins": "plugins",
    "pools": "pools",
    "providers": "providers",
    "queued_events": "datasets dags/datasets",
    "task_instance_changes": "dags/dagRuns/taskInstances dags/clearTaskInstances dags/updateTaskInstancesState",
    "tries": "dags/dagRuns/taskInstances",
    "users": "users",
    "variables": "variables",
    "xcoms": "dags/dagRuns/taskInstances",
}
API = Api(
    "v1",
    "/api/v1",
    "Airflow API (Stable)",
    Dialect2(),
    converters=_CONVERTERS,
    filled_by={f"{__package__}.{name}": collections for name, collections in _MODULES.items()},
)
