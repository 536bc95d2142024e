"""The table of the operations of the stable API of an Airflow 2; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api

API = Api("v1", "/api/v1", "Airflow API (Stable)", Dialect2())
