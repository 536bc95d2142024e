"""The Simple auth manager's own endpoints: sign in for a token, as JSON or as a form; the login page's redirects."""

from mock_airflow.api.airflow3.dialect import Dialect3
from mock_airflow.api.api import Api

API = Api("simple_auth", "/auth", "Simple auth manager", Dialect3())

from mock_airflow.api.simple_auth import tokens  # noqa: E402, F401  (it needs API, which stands above)
