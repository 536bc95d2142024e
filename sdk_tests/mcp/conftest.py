"""What the tests with OAuth and MCP clients that nobody here wrote share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mock_airflow import MockAirflow


@pytest.fixture
def armor() -> Iterator[MockAirflow]:
    with MockAirflow(profile="anomalyarmor") as mock:
        yield mock


@pytest.fixture
def allow() -> Callable[[str], dict[str, str]]:
    """Does what a person does before the consent page; gives what the browser brings back to the client."""

    def answered(authorize_url: str) -> dict[str, str]:
        page = requests.get(authorize_url)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket is not None, page.text
        where = urlsplit(authorize_url)._replace(query="").geturl()
        answer = requests.post(where, data={"ticket": ticket[1], "decision": "approve"}, allow_redirects=False)
        told = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in told.items()}

    return answered
