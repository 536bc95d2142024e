"""The FAB auth manager's API of an Airflow 3, `/auth/fab/v1`: users, roles and permissions. Only Admins may call it."""

from mock_airflow.api.fab3.api import API

__all__ = ["API"]
