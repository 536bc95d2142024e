"""The FAB auth manager's API of an Airflow 3, `/auth/fab/v1`: users, roles and permissions. Only Admins may call it."""

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

API = Api("fab3", "/auth/fab/v1", "FAB auth manager", Dialect3(), switch="fab_auth_manager")

from mock_airflow.api.fab3 import roles, users  # noqa: E402, F401  (they need API, which stands above)
