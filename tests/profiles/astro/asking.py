"""Asks Astro's auth host, its API and a deployment's Airflow, in process."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from mock_airflow import MockAirflow

ORGANIZATION = "clo0000000000organization"
WORKSPACE = "clw0000000000000workspace"
DEPLOYMENT = "clz00000000000000mz3uu847"
AIRFLOW = "/dz3uu847"
TOKENS = f"/v1/organizations/{ORGANIZATION}/tokens"


def ask(
    mock: MockAirflow, path: str, token: str | None = None, method: str = "GET", *, body: Any = None, **more: Any
) -> TestResponse:
    """The response of any path, with a bearer token if one is given; a ``body`` is sent as JSON."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    given = {} if body is None else {"json": body}
    return Client(mock.deployment.wsgi).open(path, method=method, headers=headers, **given, **more)


def pair(mock: MockAirflow, **changed: Any) -> dict[str, Any]:
    """The body of an exchange; what is changed to None is left out."""
    body = {
        "client_id": mock.credentials["key_id"],
        "client_secret": mock.credentials["key_secret"],
        "audience": "astronomer-ee",
        "grant_type": "client_credentials",
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


def exchange(mock: MockAirflow, **changed: Any) -> TestResponse:
    """The response of an exchange."""
    return ask(mock, "/oauth/token", method="POST", body=pair(mock, **changed))


def key_token(mock: MockAirflow) -> str:
    """What the first Deployment API key is exchanged for."""
    return str(exchange(mock).json["access_token"])


def new_token(
    mock: MockAirflow,
    kind: str = "ORGANIZATION",
    role: str = "ORGANIZATION_OWNER",
    entity: str | None = None,
    by: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A new API token, as the API tells it with its value."""
    body = {"name": "ci", "type": kind, "role": role, "entityId": entity, **more}
    answer = ask(mock, TOKENS, by or key_token(mock), "POST", body=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def claims_of(token: str) -> Mapping[str, Any]:
    """The claims of a token, whoever signed it; sdk_tests/authlib checks the signature."""
    part = token.split(".")[1]
    claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
