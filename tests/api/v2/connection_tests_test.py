"""Testing connections over the API of Airflow 3, at once and on a worker, and its default connections."""

from __future__ import annotations

import pytest

from tests.support import Caller3, Deploy3

ON = {"test_connection": "Enabled"}
KEPT = {"connection_id": "main", "conn_type": "http", "host": "a.example.org", "password": "p"}
TOKEN = "Airflow-Connection-Test-Token"
BODY = {"connection_id": "t", "conn_type": "fs", "extra": '{"path": "/"}'}


@pytest.fixture
def call(deploy3: Deploy3) -> Caller3:
    return deploy3({"connections": [KEPT]}, **ON)


def test_testing_is_off_out_of_the_box(deploy3: Deploy3) -> None:
    off = deploy3()

    for path in ("/connections/test", "/connections/enqueue-test"):
        status, detail = off.detail("POST", path, json=BODY)
        assert (status, detail.partition(".")[0]) == (403, "Testing connections is disabled in Airflow configuration")


def test_a_test_tells_success_and_failure(call: Caller3) -> None:
    told = call("POST", "/connections/test", json=BODY)
    assert (told.status_code, told.json) == (200, {"status": True, "message": "Path / is existing."})
    unknown = call("POST", "/connections/test", json={"connection_id": "t", "conn_type": "odd"}).json
    assert unknown == {"status": False, "message": 'Unknown hook type "odd"'}


def test_another_place_needs_credentials_of_its_own(call: Caller3) -> None:
    elsewhere = {"connection_id": "main", "conn_type": "http", "host": "b.example.org", "password": "***"}

    assert call.detail("POST", "/connections/test", json=elsewhere)[0] == 400
    assert call("POST", "/connections/test", json={**elsewhere, "password": "q"}).status_code == 200
    assert call("POST", "/connections/test", json={**elsewhere, "host": "a.example.org"}).status_code == 200


def test_a_worker_is_asked_and_answers_later(call: Caller3) -> None:
    asked = call("POST", "/connections/enqueue-test", json={**BODY, "commit_on_success": True})
    token = asked.json["token"]

    assert (asked.status_code, asked.json) == (202, {"token": token, "connection_id": "t", "state": "pending"})
    taken = "An active connection test already exists for connection_id `t`."
    assert call.detail("POST", "/connections/enqueue-test", json=BODY) == (409, taken)
    told = call.get("/connections/enqueue-test", headers={TOKEN: token})
    assert (told["state"], told["result_message"]) == ("pending", None)
    call.deployment.clock.advance(5)
    told = call.get("/connections/enqueue-test", headers={TOKEN: token})
    assert (told["state"], told["result_message"]) == ("success", "Path / is existing.")
    assert call.get("/connections/t")["conn_type"] == "fs"


def test_token_is_needed(call: Caller3) -> None:
    status, faults = call.detail("GET", "/connections/enqueue-test")
    assert (status, faults) == (
        422,
        [{"type": "missing", "loc": ["header", TOKEN], "msg": "Field required", "input": None}],
    )
    unknown = "No connection test found for token: `x`"
    assert call.detail("GET", "/connections/enqueue-test", headers={TOKEN: "x"}) == (404, unknown)
    status, told = call.detail("POST", "/connections/enqueue-test", json={**BODY, "executor": "Mine"})
    assert (status, told.partition(".")[0]) == (422, "Executor 'Mine' is not configured")


def test_default_connections_leave_those_that_are_there(deploy3: Deploy3) -> None:
    call = deploy3({"connections": [{"connection_id": "fs_default", "conn_type": "mine"}]})

    assert call.detail("POST", "/connections/defaults", by="user") == (403, "Forbidden")
    assert call("POST", "/connections/defaults").status_code == 204
    assert call.get("/connections/fs_default")["conn_type"] == "mine"
    assert call.get("/connections/redis_default")["extra"] == '{"db": 0}'
    count = call.get("/connections?limit=0")["total_entries"]
    call("POST", "/connections/defaults")
    assert call.get("/connections?limit=0")["total_entries"] == count
