"""The table of the operations of the FAB auth manager's API; the modules beside fill it."""

from __future__ import annotations

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

API = Api(
    "fab3",
    "/auth/fab/v1",
    "FAB auth manager",
    Dialect3(),
    switch="fab_auth_manager",
    filled_by={f"{__package__}.roles": "permissions roles", f"{__package__}.users": "users"},
)
