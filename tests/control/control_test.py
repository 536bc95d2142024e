"""The control API: the clock, reset, and who may use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy


def test_a_method_that_a_path_does_not_have_is_told_those_that_it_has(deploy: Deploy) -> None:
    answer = deploy()("PATCH", "/__mock__/clock", json={})

    assert answer.status_code == 405
    assert answer.get_json()["detail"] == "/__mock__/clock has no PATCH; it has GET, PUT."


def test_clock_is_read_set_and_advanced(deploy: Deploy) -> None:
    call = deploy()

    assert call.get("/__mock__/clock").get_json() == {"now": "2025-06-01T12:00:00+00:00", "frozen": True, "speed": 1.0}
    assert call.post("/__mock__/clock/advance", json={"seconds": 90}).get_json()["now"] == "2025-06-01T12:01:30+00:00"
    told = call("PUT", "/__mock__/clock", json={"now": "2030-01-01T00:00:00Z", "speed": 60}).get_json()
    assert told == {"now": "2030-01-01T00:00:00+00:00", "frozen": True, "speed": 60.0}
    assert call("PUT", "/__mock__/clock", json={"frozen": False}).get_json()["frozen"] is False


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("/clock/advance", {"seconds": -1}, "'seconds' must be a number from 0 on, not -1."),
        ("/clock/advance", {}, "The body lacks 'seconds'."),
        ("/clock/advance", {"seconds": 1e12}, "cannot pass the year 2262"),
        ("/clock", {"speed": 0}, "above 0"),
        ("/clock", {"now": "soon"}, "'now' must be a time such as 2025-01-01T06:00:00Z, not 'soon'."),
        ("/clock", {"pace": 2}, "There is no member 'pace'; it may have now, frozen, speed."),
        ("/clock/advance", {"second": 60}, "There is no member 'second'; did you mean 'seconds'?"),
        ("/clock/advance", {"seconds": True}, "'seconds' must be a number, not true."),
        ("/clock", {"frozen": "yes"}, "'frozen' must be true or false, not a text."),
        ("/clock", [], "The body is a list; send a JSON object"),
    ],
)
def test_bad_clock_is_refused(deploy: Deploy, path: str, body: Any, detail: str) -> None:
    call = deploy()
    before = call.get("/__mock__/clock").get_json()

    answer = call("PUT" if path == "/clock" else "POST", "/__mock__" + path, json=body)

    assert answer.status_code == 400
    assert detail in answer.get_json()["detail"]
    assert call.get("/__mock__/clock").get_json() == before


def test_reset_goes_back_to_the_start(deploy: Deploy) -> None:
    call = deploy({"dags": [{"dag_id": "etl", "tasks": ["one"]}]})
    for _ in range(2):
        call.post("/api/v1/dags/etl/dagRuns", json={})
        call.post("/api/v1/pools", json={"name": "p", "slots": 1})
        call.post("/__mock__/clock/advance", json={"seconds": 500})

        assert call.post("/__mock__/reset").status_code == 204

        assert call.get("/api/v1/dags/~/dagRuns").get_json()["total_entries"] == 0
        assert call.get("/api/v1/pools").get_json()["total_entries"] == 1
        assert call.get("/__mock__/clock").get_json()["now"] == "2025-06-01T12:00:00+00:00"
        assert len(call.deployment.journal) == 2


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"headers": {"Host": "evil.example.com"}}, 403),
        ({"headers": {"Origin": "http://evil.example.com"}}, 403),
        ({"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}, 403),
        ({"headers": {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080"}}, 200),
        ({"headers": {"Host": "[::1]:8080"}, "environ_overrides": {"REMOTE_ADDR": "::1"}}, 200),
    ],
)
def test_strangers_are_kept_out(deploy: Deploy, sent: dict[str, Any], status: int) -> None:
    assert deploy().get("/__mock__/health", by=None, **sent).status_code == status


def test_control_token_opens_it_to_other_hosts_and_is_needed_then(deploy: Deploy) -> None:
    call = deploy(control_token="open-sesame")
    far = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}, "by": None}

    assert call.get("/__mock__/health", by=None).status_code == 401
    assert call.get("/__mock__/health", headers={"Authorization": "Bearer open-sesam"}, **far).status_code == 401
    assert call.get("/__mock__/health", headers={"Authorization": "Bearer open-sesame"}, **far).status_code == 200
    assert "open-sesame" not in repr(call.deployment.settings)


def test_a_key_is_told_and_its_life_ended(deploy: Deploy) -> None:
    call = deploy(profile="datacoves")
    made = call.post("/__mock__/keys", json={"name": "ci", "scope": "read-only"}, by=None).get_json()

    one = call.get(f"/__mock__/keys/{made['prefix']}", by=None).get_json()
    assert (one["name"], one["scope"], one["works"], "secret" in one) == ("ci", "read-only", True, False)
    ended = call.post(f"/__mock__/keys/{made['id']}/expire", by=None).get_json()
    assert (ended["works"], ended["revoked_at"]) == (False, None)
    refused = call.get("/api/v1/dags", by=None, headers={"Authorization": f"Token {made['secret']}"})
    assert refused.status_code == 401
    assert call.get("/__mock__/keys/99", by=None).status_code == 404
