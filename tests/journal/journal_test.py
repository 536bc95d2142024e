"""The journal: what it keeps, and what it never keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Deploy

SECRETS = ["hunter2-hunter2", "topsecret-topsecret"]


def everything(call: Any) -> str:
    """All that the journal tells by any of its ways."""
    told = call.get("/__mock__/journal", by=None).get_data(as_text=True)
    return told + repr(list(call.deployment.journal)) + json.dumps([entry.told() for entry in call.deployment.journal])


def test_entry_tells_who_asked_what_and_what_changed(deploy: Deploy) -> None:
    call = deploy()

    call.post("/api/v1/pools?x=1", json={"name": "p", "slots": 1})

    (entry,) = call.get("/__mock__/journal?operation_id=post_pool", by=None).get_json()["entries"]
    assert (entry["method"], entry["path"], entry["query"], entry["status"]) == ("POST", "/api/v1/pools", "x=1", 200)
    assert (entry["principal"], entry["credential"], entry["decision"]) == ("admin", "Basic admin:***", "answered")
    added = next(change for change in entry["changes"] if change["table"] == "pools")
    assert (added["key"], added["change"], added["before"], added["after"]["slots"]) == ("p", "added", None, 1)
    assert json.loads(entry["request"]["body"]) == {"name": "p", "slots": 1}
    assert entry["at"] == "2025-06-01T12:00:00+00:00"


@pytest.mark.parametrize(
    "request_of",
    [
        {"path": "/api/v1/dags", "headers": {"Authorization": f"Bearer {SECRETS[0]}"}},
        {"path": "/api/v1/dags", "headers": {"Authorization": SECRETS[0]}},
        {"path": "/api/v1/dags", "headers": {"Authorization": f"Token {SECRETS[0]}"}},
        {"path": "/api/v1/dags", "headers": {"Authorization": "Basic YWRtaW46aHVudGVyMi1odW50ZXIy"}},
        {"path": "/api/v1/dags", "headers": {"Cookie": f"session={SECRETS[0]}", "X-Api-Key": SECRETS[1]}},
        {"path": f"/api/v1/dags?token={SECRETS[0]}&api_key={SECRETS[1]}"},
        {
            "path": "/api/v1/dags/x/dagRuns",
            "method": "POST",
            "json": {"conf": {"password": SECRETS[0], "deep": [{"my_token": SECRETS[1]}]}},
        },
        {
            "path": "/api/v1/pools",
            "method": "POST",
            "data": f"password={SECRETS[0]}",
            "content_type": "application/x-www-form-urlencoded",
        },
        {
            "path": "/api/v1/pools",
            "method": "POST",
            "data": f'{{"password": "{SECRETS[0]}"',
            "content_type": "application/json",
        },
        {
            "path": "/api/v1/pools",
            "method": "POST",
            "data": f"the secret is {SECRETS[0]}",
            "content_type": "text/plain",
        },
    ],
)
def test_secret_never_reaches_it(deploy: Deploy, request_of: dict[str, Any]) -> None:
    call = deploy()
    sent = dict(request_of)

    call(sent.pop("method", "GET"), sent.pop("path"), by=None, **sent)

    told = everything(call)
    assert "/api/v1/" in told
    assert [secret for secret in [*SECRETS, "YWRtaW46aHVudGVyMi1odW50ZXIy"] if secret in told] == []


def test_what_a_run_was_given_as_a_secret_is_not_told_by_its_answer(deploy: Deploy) -> None:
    call = deploy({"dags": [{"dag_id": "etl", "tasks": ["one"]}]})

    answer = call.post("/api/v1/dags/etl/dagRuns", json={"conf": {"password": SECRETS[0], "region": "north"}})

    assert answer.get_json()["conf"]["password"] == SECRETS[0]
    assert SECRETS[0] not in everything(call)
    assert "north" in everything(call)


def test_it_is_bounded_and_counts_on(deploy: Deploy) -> None:
    call = deploy(journal_size=3)
    for _ in range(5):
        call.get("/api/v1/version")

    assert [entry.number for entry in call.deployment.journal] == [3, 4, 5]
    call("DELETE", "/__mock__/journal", by=None)
    assert list(call.deployment.journal) == []


def test_long_bodies_are_cut(deploy: Deploy) -> None:
    call = deploy({"dags": [{"dag_id": f"dag_{number}"} for number in range(50)]})
    call.get("/api/v1/dags")

    (entry,) = call.deployment.journal
    assert len(entry.response_body) == 4003
    assert entry.response_body.endswith("...")


def test_keys_never_show_their_value(deploy: Deploy) -> None:
    call = deploy(profile="datacoves")
    issued = call.deployment.keys.create(name="k")

    call.get("/api/v1/dags", by=None, headers={"Authorization": f"Token {issued.secret}"})

    assert issued.secret not in repr(issued) + repr(issued.key) + repr(call.deployment.keys.list()) + everything(call)
    assert list(call.deployment.journal)[-1].credential == f"Token {issued.secret[:8]}***"


def test_token_of_a_form_is_hidden(deploy: Deploy) -> None:
    call = deploy()

    page = call.get("/login/", by=None).get_data(as_text=True)

    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    assert len(token) > 20
    assert token not in everything(call)
