"""What there is to ask for: the APIs of a generation, their operations, and the rules that paths are matched by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from werkzeug.routing import BaseConverter, Rule

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


class Anything(BaseConverter):
    """What names a thing that may hold slashes, or be empty."""

    regex = ".*?"
    part_isolating = False
    weight = 200


def _no_url(*_: Any) -> NoReturn:
    raise NotImplementedError("Routes are matched here, and not built; nobody asks for the URL of an endpoint.")


class MatchedRule(Rule):
    """A route that is only matched: to prepare for building its URL would take most of the time that an app takes."""

    provide_automatic_options = True

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _no_url
