"""What there is to ask for: the APIs of a generation, and their operations."""

from __future__ import annotations

from mock_airflow.api.api import Api
from mock_airflow.api.operation import Operation
from mock_airflow.control.api import API as CONTROL
from mock_airflow.profiles.base import Profile
from mock_airflow.profiles.calls import airflows, telling_of_themselves


def documented(generation: int) -> tuple[Api, ...]:
    """The APIs that tell of themselves in an OpenAPI document."""
    return (*telling_of_themselves(generation), CONTROL)


def routes(profile: Profile, generation: int = 2) -> list[tuple[Api, Operation]]:
    """Every operation that a profile's deployments serve, with its API."""
    return [(api, operation) for api in (*airflows(generation), *profile.apis, CONTROL) for operation in api]
