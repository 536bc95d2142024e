"""The Simple auth manager's own endpoints: sign in for a token, as JSON or as a form; the login page's redirects."""

from mock_airflow.api.simple_auth.api import API

__all__ = ["API"]
