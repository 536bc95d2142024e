"""What there is to ask for: the APIs of a generation, their operations, and the rules that Flask matches paths by."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from werkzeug.routing import BaseConverter, Rule

from mock_airflow.api.api import Api
from mock_airflow.api.openapi import served
from mock_airflow.api.operation import Operation
from mock_airflow.control.api import API as CONTROL
from mock_airflow.journal.pattern import Route
from mock_airflow.profiles.base import Profile


def airflows(generation: int) -> tuple[Api, ...]:
    """The APIs that an Airflow of this generation has; imported only for one."""
    if generation == 3:
        from mock_airflow.api.fab3 import API as FAB3
        from mock_airflow.api.simple_auth import API as SIMPLE_AUTH
        from mock_airflow.api.v2 import API as V2

        return (V2, FAB3, SIMPLE_AUTH)
    from mock_airflow.api.experimental import API as EXPERIMENTAL
    from mock_airflow.api.fab import API as FAB
    from mock_airflow.api.ui import API as UI
    from mock_airflow.api.v1 import API as V1

    return (V1, FAB, EXPERIMENTAL, UI)


def documented(generation: int) -> tuple[Api, ...]:
    """The APIs that tell of themselves in an OpenAPI document."""
    return (*(api for api in airflows(generation) if api.name in ("v1", "fab")), CONTROL)


def routes(profile: Profile, generation: int = 2) -> list[tuple[Api, Operation]]:
    """Every operation that a profile's deployments serve, with its API."""
    return [(api, operation) for api in (*airflows(generation), *profile.apis, CONTROL) for operation in api]


@cache
def known_calls(profile: Profile, generation: int = 2) -> tuple[Route, ...]:
    """What clients of a profile may ask for, documents included; the control API is not theirs."""
    found = [
        Route(
            operation.method,
            api.prefix,
            operation.path,
            operation.operation_id,
            frozenset(name for name, converter in operation.converters.items() if converter in _WITH_SLASHES),
        )
        for api, operation in routes(profile, generation)
        if api is not CONTROL
    ]
    if generation == 3:
        found += [Route("GET", "", path) for path in served.PATHS_3]
    if generation == 2:
        found += [
            Route("GET", api.prefix, path) for api in documented(2) if api is not CONTROL for path in served.PATHS
        ]
        found.append(Route("GET", "", "/health"))
    return tuple(found)


_WITH_SLASHES = ("path", "anything")  # converters that take slashes


class Anything(BaseConverter):
    """What names a thing that may hold slashes, or be empty."""

    regex = ".*?"
    part_isolating = False
    weight = 200


def _no_url(*_: Any) -> NoReturn:
    raise NotImplementedError("Routes are matched here, and not built; nobody asks for the URL of an endpoint.")


class MatchedRule(Rule):
    """A route that is only matched: to prepare for building its URL would take most of the time that an app takes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _no_url
