"""What clients may ask for: the APIs of a generation, the vendor's own, and every call to them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mock_airflow.api.api import Api
from mock_airflow.api.openapi import served
from mock_airflow.profiles.base import Profile

if TYPE_CHECKING:
    from mock_airflow.journal.pattern import Route


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


def telling_of_themselves(generation: int) -> tuple[Api, ...]:
    """The APIs of Airflow's that tell of themselves in an OpenAPI document that is served here."""
    return tuple(api for api in airflows(generation) if api.name in ("v1", "fab"))


@cache
def known_calls(profile: Profile, generation: int = 2) -> tuple[Route, ...]:
    """What clients of a profile may ask for, documents included; the control API is not theirs."""
    from mock_airflow.journal.pattern import Route

    found = [
        Route(
            operation.method,
            api.prefix,
            operation.path,
            operation.operation_id,
            frozenset(name for name, converter in operation.converters.items() if converter in _WITH_SLASHES),
        )
        for api in (*airflows(generation), *profile.apis)
        for operation in api
    ]
    if generation == 3:
        found += [Route("GET", "", path) for path in served.PATHS_3]
    if generation == 2:
        found += [Route("GET", api.prefix, path) for api in telling_of_themselves(2) for path in served.PATHS]
        found.append(Route("GET", "", "/health"))
    return tuple(found)


_WITH_SLASHES = ("path", "anything")  # converters that take slashes
