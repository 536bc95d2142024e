"""Pages of other origins at an Airflow 3: the preflight, and the headers of every other answer."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings

ON = {
    "access_control_allow_origins": "https://a.example,https://b.example",
    "access_control_allow_methods": "GET,POST",
    "access_control_allow_headers": "Authorization,X-Mine",
}
PAGE = "https://b.example"


def client(**settings: Any) -> Client:
    return Client(Deployment(Settings.of(airflow_version="3.3.2", **settings)).wsgi)


def preflight(of: Client, **headers: str) -> TestResponse:
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "GET",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return of.options("/api/v2/dags", headers=asked)


def test_a_preflight_that_fits() -> None:
    answer = preflight(client(**ON), Access_Control_Request_Headers="authorization, content-type")

    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.content_type == "text/plain; charset=utf-8"
    told = answer.headers
    assert told["Access-Control-Allow-Origin"] == PAGE
    assert told["Access-Control-Allow-Methods"] == "GET, POST"
    assert told["Access-Control-Allow-Credentials"] == "true"
    assert told["Access-Control-Max-Age"] == "600"
    assert told["Access-Control-Allow-Headers"] == (
        "Accept, Accept-Language, Authorization, Content-Language, Content-Type, X-Mine"
    )
    assert told.getlist("Vary") == ["Origin, Accept-Encoding"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Origin": "https://c.example"}, "origin"),
        ({"Access_Control_Request_Method": "DELETE"}, "method"),
        ({"Access_Control_Request_Headers": "x-other"}, "headers"),
        ({"Origin": "null", "Access_Control_Request_Method": "PUT"}, "origin, method"),
    ],
)
def test_a_preflight_that_does_not(headers: dict[str, str], words: str) -> None:
    answer = preflight(client(**ON), **headers)

    assert (answer.status_code, answer.text) == (400, f"Disallowed CORS {words}")
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert ("Access-Control-Allow-Origin" in answer.headers) == ("origin" not in words)


@pytest.mark.parametrize(("path", "status"), [("/api/v2/version", 200), ("/api/v2/dags", 401), ("/api/v2/nope", 404)])
@pytest.mark.parametrize("origin", [PAGE, "https://c.example"])
def test_other_requests_whatever_their_status(path: str, status: int, origin: str) -> None:
    answer = client(**ON).get(path, headers={"Origin": origin})

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers.get("Access-Control-Allow-Origin") == (PAGE if origin == PAGE else None)


def test_without_an_origin_nothing_is_told() -> None:
    answer = client(**ON).get("/api/v2/version")

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert answer.headers.getlist("Vary") == ["Accept-Encoding"]


def test_options_that_are_no_preflight_are_refused_as_ever() -> None:
    assert client(**ON).options("/api/v2/dags", headers={"Origin": PAGE}).status_code == 405
    assert preflight(client()).status_code == 405
    assert preflight(client(access_control_allow_methods="GET")).status_code == 405


def test_everybody() -> None:
    star = client(**{**ON, "access_control_allow_origins": "*", "access_control_allow_headers": "*"})

    asked = preflight(star, Access_Control_Request_Headers="x-anything")
    assert asked.headers["Access-Control-Allow-Headers"] == "x-anything"
    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    assert star.get("/api/v2/version", headers={"Origin": PAGE}).headers["Access-Control-Allow-Origin"] == "*"


def test_the_control_api_is_none_of_it() -> None:
    answer = client(**ON).options("/__mock__/health", headers={"Origin": PAGE, "Access-Control-Request-Method": "GET"})

    assert "Access-Control-Allow-Origin" not in answer.headers
