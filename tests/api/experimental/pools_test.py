"""Pools over the experimental API, and in which words it refuses them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.experimental.small_world import OPEN, WORLD, X, error
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, **OPEN)


# Pools


def test_pools_have_five_fields_and_are_overwritten(call: Caller) -> None:
    made = call.post(f"{X}/pools", json={"name": "p", "slots": "2", "description": None})
    assert made.get_json() == {"id": 2, "pool": "p", "slots": 2, "description": None, "include_deferred": False}

    again = call.post(f"{X}/pools", json={"name": "p", "slots": 7, "description": "d"})
    assert again.get_json() == {**made.get_json(), "slots": 7, "description": "d"}
    assert call.get(f"{X}/pools").get_json()[1] == again.get_json()
    assert call.delete(f"{X}/pools/p").get_json() == again.get_json()
    assert call.post(f"{X}/pools", json={"name": "q", "slots": 1, "description": ""}).get_json()["id"] == 2


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"name": " ", "slots": 1, "description": ""}, "Pool name shouldn't be empty"),
        ({"name": None, "slots": 1, "description": ""}, "Pool name shouldn't be empty"),
        ({"name": "p", "slots": "many", "description": ""}, "Bad value for `slots`: many"),
        ({"name": "p" * 257, "slots": 1, "description": ""}, "Pool name can't be more than 256 characters"),
    ],
)
def test_bad_pools_are_refused_in_its_words(call: Caller, body: Any, text: str) -> None:
    assert error(call.post(f"{X}/pools", json=body)) == (400, text)
    assert len(call.deployment.airflow.pools) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": "p"},
        {"name": "p", "slots": 1, "description": "", "include_deferred": True},
        {"name": "p", "slots": None, "description": ""},
        {"name": "p", "slots": 1 << 63, "description": ""},
        {"name": 5, "slots": 1, "description": ""},
        [],
        None,
    ],
)
def test_what_airflow_fails_at_is_a_page_or_a_clean_error(deploy: Deploy, body: Any) -> None:
    data = {"data": json.dumps(body), "content_type": "text/plain"}

    failed = deploy(WORLD, **OPEN).post(f"{X}/pools", **data)
    assert (failed.status_code, failed.content_type) == (500, "text/html; charset=utf-8")
    assert failed.headers["Deprecation"] == "true"
    assert error(deploy(WORLD, **OPEN, airflow_bugs=False).post(f"{X}/pools", **data))[0] == 400


def test_pools_that_cannot_be_had(call: Caller) -> None:
    assert error(call.get(f"{X}/pools/none")) == (404, "Pool 'none' doesn't exist")
    assert error(call.delete(f"{X}/pools/none")) == (404, "Pool 'none' doesn't exist")
    assert error(call.delete(f"{X}/pools/default_pool")) == (400, "default_pool cannot be deleted")
    assert error(call.get(f"{X}/pools/%20")) == (400, "Pool name shouldn't be empty")
