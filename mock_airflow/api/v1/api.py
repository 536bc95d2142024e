"""The table of the operations of the stable API of an Airflow 2; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api

_CONVERTERS = {
    **dict.fromkeys(("map_index", "task_try_number", "event_log_id", "import_error_id"), "int"),
    **dict.fromkeys(("uri", "variable_key", "xcom_key"), "path"),
}
API = Api("v1", "/api/v1", "Airflow API (Stable)", Dialect2(), converters=_CONVERTERS)
