"""The experimental API: whether it is there, whom it lets in, and what every answer tells."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from tests.api.experimental.small_world import OPEN, RUNS, WORLD, X
from tests.support import Caller, Deploy


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD, **OPEN)


# Whether it is there, and who comes in


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/test"), ("PUT", "/pools"), ("GET", "/nope"), ("OPTIONS", "/test")]
)
def test_off_out_of_the_box_it_is_a_page_that_does_not_exist(deploy: Deploy, method: str, path: str) -> None:
    caller = deploy()
    answer = caller(method, X + path)

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")
    assert "Deprecation" not in answer.headers
    assert "enable_experimental_api" in caller.deployment.journal.get(len(caller.deployment.journal)).told()["reason"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("PUT", "/pools", 405), ("POST", "/test", 405)]
)
def test_unknown_routes_are_problems_without_its_headers(call: Caller, method: str, path: str, status: int) -> None:
    answer = call(method, X + path)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.headers["Vary"] == "Cookie"
    assert "Deprecation" not in answer.headers


@pytest.mark.parametrize("by", ["admin", "viewer", "public", None])
def test_whoever_comes_in_may_do_everything(call: Caller, by: str | None) -> None:
    assert call.post(f"{X}/pools", by=by, json={"name": "p", "slots": 1, "description": ""}).status_code == 200
    assert call.delete(f"{X}/dags/etl", by=by).status_code == 200


def test_every_answer_tells_of_the_end_and_only_users_get_a_session(call: Caller) -> None:
    mine, anonymous, refused = call.get(f"{X}/test"), call.get(f"{X}/test", by=None), call.get(f"{X}/pools/none")
    options = call("OPTIONS", f"{X}/test")

    for answer in (mine, anonymous, refused, options):
        assert answer.headers["Deprecation"] == "true"
        assert answer.headers["Vary"] == "Cookie"
        assert answer.headers["Link"] == (
            "<https://airflow.apache.org/docs/apache-airflow/2.11.2/upgrading-to-2.html#migration-guide-from-experimental"
            '-api-to-stable-api-v1>; rel="deprecation"; type="text/html"'
        )
    assert [answer.headers.get("Set-Cookie", "")[:8] for answer in (mine, anonymous, refused, options)] == [
        "session=",
        "",
        "session=",
        "",
    ]
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_no_cross_origin_headers(deploy: Deploy) -> None:
    caller = deploy(WORLD, **OPEN, access_control_allow_origins="http://ui.example.org")
    origin = {"Origin": "http://ui.example.org"}

    assert "Access-Control-Allow-Origin" not in caller.get(f"{X}/test", headers=origin).headers
    assert "Access-Control-Allow-Origin" in caller.get("/api/v1/dags", headers=origin).headers


@pytest.mark.parametrize(
    ("backends", "public", "header", "status", "challenge"),
    [
        ("basic_auth,session", "Public", None, 200, None),
        ("basic_auth,session", "Public", "Bearer x", 401, "Basic"),
        ("basic_auth,session", "Public", "Basic !!", 401, "Basic"),
        ("basic_auth,session", "Public", "Basic YWRtaW46eA==", 401, "Basic"),
        ("basic_auth,session", "", None, 401, "Basic"),
        ("basic_auth", "", "Basic YWRtaW46YWRtaW4=", 200, None),
        ("session,basic_auth", "Public", "Basic YWRtaW46YWRtaW4=", 401, None),
        ("session", "Public", None, 401, None),
        ("deny_all,basic_auth", "Public", "Basic YWRtaW46YWRtaW4=", 403, None),
    ],
)
def test_only_the_first_backend_counts(
    deploy: Deploy, backends: str, public: str, header: str | None, status: int, challenge: str | None
) -> None:
    caller = deploy(WORLD, **OPEN, auth_backends=backends, auth_role_public=public)
    answer = caller.get(f"{X}/test", by=None, headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (status, challenge)
    if status != 200:
        text = {401: "Unauthorized", 403: "Forbidden"}[status]
        assert (answer.get_data(as_text=True), answer.content_type) == (text, "text/html; charset=utf-8")
        assert "Set-Cookie" not in answer.headers


def test_session_opens_the_stable_api_until_its_user_is_gone(call: Caller) -> None:
    cookie = call.get(f"{X}/test", by="viewer").headers["Set-Cookie"]
    session = cookie.split(";")[0]
    client = Client(call.deployment.wsgi, use_cookies=False)

    def status(path: str, cookie: str = session) -> int:
        return client.get(path, headers={"Cookie": cookie}).status_code

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert (status("/api/v1/dags", ""), status("/api/v1/dags"), status("/api/v1/variables")) == (403, 200, 403)
    assert status("/api/v1/dags", session + "x") == 403
    call.deployment.airflow.users.delete("viewer")
    assert status("/api/v1/dags") == 403


def test_nothing_is_written_to_the_audit_log(call: Caller) -> None:
    call.post(RUNS, json={})
    call.delete(f"{X}/dags/etl")

    assert len(call.deployment.airflow.event_logs) == 0


def test_json_stands_on_one_line(call: Caller) -> None:
    assert call.get(f"{X}/info").get_data(as_text=True) == '{"version": "2.11.2"}'
