"""An environment of both generations, and a client that signs without AWS's own library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from tests.profiles.mwaa.asking import CLOCK, Aws
from tests.support import anew


@pytest.fixture(params=["2.11.2", "3.3.2"])
def mwaa(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with anew(profile="mwaa", world="demo", clock=CLOCK, frozen=True, airflow_version=request.param) as mock:
        yield mock


@pytest.fixture
def aws(mwaa: MockAirflow) -> Aws:
    return Aws(mwaa)


@pytest.fixture
def session() -> Iterator[Any]:
    with requests.Session() as opened:
        yield opened
