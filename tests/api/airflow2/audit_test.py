"""What the audit log says of a call, and what it does not say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Deploy


def last(call: Any) -> tuple[str, Any]:
    row = list(call.deployment.airflow.event_logs)[-1]
    return row.event, json.loads(row.extra)


@pytest.mark.parametrize(
    ("method", "path", "body", "event", "extra"),
    [
        ("POST", "variables?x=1", {"key": "v", "value": "1"}, "variable.create", {"key": "v", "value": "1"}),
        (
            "POST",
            "variables",
            {"key": "my_token", "value": "s"},
            "variable.create",
            {"key": "my_token", "value": "***"},
        ),
        # the value is masked only behind its key
        ("POST", "variables", {"value": "s", "key": "my_token"}, "variable.create", {"value": "s", "key": "my_token"}),
        (
            "POST",
            "variables",
            {"key": "a_token", "value": "s", "val": "t"},
            None,
            {"key": "a_token", "value": "***", "val": "t"},
        ),
        ("PATCH", "variables/v", {"key": "v", "value": "2"}, "variable.edit", {"key": "v", "value": "2"}),
        ("DELETE", "variables/a/b", None, "variable.delete", {"variable_key": "a/b"}),
        # an empty body is none, so the parameters are logged
        ("POST", "variables?key=a_token&val=s", {}, "variable.create", {"key": "a_token", "val": "***"}),
        (
            "POST",
            "connections",
            {
                "connection_id": "c",
                "conn_type": "http",
                "password": "p",
                "login": "l",
                "extra": '{"token": "", "x": [1]}',
            },
            "connection.create",
            {
                "connection_id": "c",
                "conn_type": "http",
                "password": "***",
                "login": "l",
                "extra": {"token": "***", "x": [1]},
            },
        ),
        (
            "PATCH",
            "connections/c",
            {"extra": "no json"},
            "connection.edit",
            {"extra": "Encountered non-JSON in `extra` field"},
        ),
        ("PATCH", "connections/c", {"extra": None}, "connection.edit", {"extra": None}),
        ("PATCH", "connections/c?update_mask=host", {"host": "h"}, "connection.edit", {"host": "h"}),
        (
            "PATCH",
            "connections/c?update_mask=host",
            {},
            "connection.edit",
            {"update_mask": "host", "connection_id": "c"},
        ),
        ("DELETE", "connections/c", None, "connection.delete", {"connection_id": "c"}),
        (
            "PATCH",
            "pools/p?update_mask=slots",
            {"slots": 1},
            "patch_pool",
            {"update_mask": "slots", "pool_name": "p", "slots": 1},
        ),
    ],
)
def test_extra(deploy: Deploy, method: str, path: str, body: Any, event: str | None, extra: dict[str, Any]) -> None:
    call = deploy()
    call(method, f"/api/v1/{path}", json=body)

    assert last(call) == (f"api.{event or 'variable.create'}", extra)
    assert list(last(call)[1]) == list(extra)


def test_refusals_of_the_handler_are_logged_and_earlier_ones_are_not(deploy: Deploy) -> None:
    call = deploy()
    count = len(call.deployment.airflow.event_logs)

    call.patch("/api/v1/connections/none", json={"bogus": 1})
    assert last(call) == ("api.connection.edit", {"bogus": 1})
    call.patch("/api/v1/connections/none", json={"port": "x"})
    call.patch("/api/v1/connections/none", by="viewer", json={"host": "x"})
    assert len(call.deployment.airflow.event_logs) == count + 1


def test_body_of_another_json_type_is_not_logged(deploy: Deploy) -> None:
    call = deploy()
    body = json.dumps({"key": "v", "value": "1"})
    call.post("/api/v1/variables", data=body, content_type="application/vnd.api+json")

    assert last(call) == ("api.variable.create", {})


@pytest.mark.parametrize("path", ["variables/none", "connections/none", "pools/none"])
def test_delete_with_a_json_type_and_no_body_is_refused_by_the_framework(deploy: Deploy, path: str) -> None:
    call = deploy()
    count = len(call.deployment.airflow.event_logs)
    for body in (b"", b"{broken"):
        answer = call.delete(f"/api/v1/{path}", data=body, content_type="application/json")
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
        assert "<title>400 Bad Request</title>" in answer.get_data(as_text=True)
    assert call.delete(f"/api/v1/{path}", data=b"[1]", content_type="application/json").status_code == 500
    assert len(call.deployment.airflow.event_logs) == count


def test_delete_with_a_json_body_logs_it(deploy: Deploy) -> None:
    call = deploy()

    assert call.delete("/api/v1/variables/none", json={"a": 1}).status_code == 404
    assert last(call) == ("api.variable.delete", {"a": 1})
