"""The table of the operations of the Simple auth manager's endpoints; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

API = Api("simple_auth", "/auth", "Simple auth manager", Dialect3(), filled_by={f"{__package__}.tokens": "token"})
