"""Testing connections: off unless asked for, and never over the network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

TEST = "/api/v1/connections/test"
GOOD = (True, "Connection successfully tested")


def tried(call: Any, **connection: Any) -> tuple[bool, str]:
    told = call.post(TEST, json={"connection_id": "not a valid id!", **connection}).get_json()
    assert set(told) == {"message", "status"}
    return told["status"], told["message"]


@pytest.mark.parametrize("setting", ["Disabled", "Hidden"])
def test_off(deploy: Deploy, setting: str) -> None:
    call = deploy(test_connection=setting)
    answer = call.post(TEST, json={})

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert answer.get_data(as_text=True).startswith("Testing connections is disabled in Airflow configuration.")
    assert call.post(TEST, json=[]).status_code == 400
    assert call.post(TEST, by="viewer", json={}).get_json()["title"] == "Forbidden"
    assert call.get(TEST).get_json()["detail"] == "The Connection with connection_id: `test` was not found"


@pytest.mark.parametrize(
    ("connection", "outcome"),
    [
        ({"conn_type": "sqlite", "host": "/tmp/x.db"}, GOOD),
        ({"conn_type": "ftp"}, GOOD),
        ({"conn_type": "http", "host": "api.example.org"}, GOOD),
        ({"conn_type": "nope"}, (False, 'Unknown hook type "nope"')),
        ({"conn_type": ""}, (False, 'Unknown hook type ""')),
        ({"conn_type": "postgres", "host": "h"}, (False, 'Unknown hook type "postgres"')),
        ({"conn_type": "http"}, (False, "Invalid URL 'http://': No host supplied")),
        ({"conn_type": "smtp"}, (False, "please run connect() first")),
        ({"conn_type": "fs"}, (False, "File Path is undefined.")),
        ({"conn_type": "fs", "extra": '{"path": "/data"}'}, (True, "Path /data is existing.")),
        ({"conn_type": "imap"}, (False, "Hook ImapHook doesn't implement or inherit test_connection method")),
        ({"conn_type": "smtp", "host": "localhost"}, (False, "[Errno 111] Connection refused")),
        ({"conn_type": "ftp", "host": "mock.invalid"}, (False, "[Errno -2] Name or service not known")),
        (
            {"conn_type": "http", "host": "127.0.0.1", "port": 1},
            (
                False,
                "HTTPConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: / (Caused by "
                "NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=1): Failed to establish a new connection: "
                '[Errno 111] Connection refused"))',
            ),
        ),
        (
            {"conn_type": "http", "host": "mock.invalid", "schema": "https"},
            (
                False,
                "HTTPSConnectionPool(host='mock.invalid', port=443): Max retries exceeded with url: / (Caused by "
                "NameResolutionError(\"HTTPSConnection(host='mock.invalid', port=443): Failed to resolve "
                "'mock.invalid' ([Errno -2] Name or service not known)\"))",
            ),
        ),
    ],
)
def test_outcomes(deploy: Deploy, connection: dict[str, Any], outcome: tuple[bool, str]) -> None:
    assert tried(deploy(test_connection="enabled"), **connection) == outcome


def test_no_socket_is_opened(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    call = deploy(test_connection="Enabled")
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert tried(call, conn_type="http", host="api.example.org") == GOOD


def test_installed_providers_decide_the_types(deploy: Deploy) -> None:
    names = ("apache-airflow-providers-postgres", "apache-airflow-providers-amazon")
    call = deploy({"providers": [{"package_name": name} for name in names]}, test_connection="Enabled")

    assert tried(call, conn_type="postgres", host="h") == GOOD
    assert tried(call, conn_type="aws") == GOOD
    assert tried(call, conn_type="http", host="h") == (False, 'Unknown hook type "http"')


def test_world_decides_what_a_place_answers(deploy: Deploy) -> None:
    down = {
        "connection_id": "a",
        "conn_type": "http",
        "host": "api",
        "test": {"status": False, "message": "502 Bad Gateway"},
    }
    up = {"connection_id": "b", "conn_type": "http", "host": "localhost", "port": 80, "test": {"status": True}}
    call = deploy({"connections": [down, up]}, test_connection="Enabled")

    assert tried(call, conn_type="http", host="api") == (False, "502 Bad Gateway")
    assert tried(call, conn_type="http", host="api", port=8080) == GOOD
    assert tried(call, conn_type="http", host="localhost", port=80) == GOOD


def test_body_is_read_as_for_a_new_connection(deploy: Deploy) -> None:
    call = deploy(test_connection="Enabled")
    events = len(call.deployment.airflow.event_logs)

    assert call.post(TEST, json={"conn_type": "sqlite"}).get_json()["detail"] == (
        "{'connection_id': ['Missing data for required field.']}"
    )
    assert len(call.deployment.airflow.event_logs) == events
