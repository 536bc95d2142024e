"""The table of the operations of the API of an Airflow 3; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

_CONVERTERS = dict.fromkeys(("pool_name", "variable_key", "key", "xcom_key"), "anything")
API = Api("v2", "/api/v2", "Airflow API", Dialect3(), converters=_CONVERTERS)
