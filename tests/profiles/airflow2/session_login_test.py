"""The login of Airflow's UI: a form, a session's cookie that opens the API, and its end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import requests
from werkzeug.test import Client, TestResponse

from mock_airflow import Deployment, MockAirflow
from tests.support import Caller, Deploy

TOKEN = re.compile(r'<input id="csrf_token" name="csrf_token" type="hidden" value="(\w+)">')
NOT_KEPT = "no-store, no-cache, must-revalidate, max-age=0"
POOLS = "/api/v1/pools"
VERA = {"username": "vera", "email": "v@x.org", "first_name": "V", "last_name": "V", "password": "vera"}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy()


@pytest.fixture
def browser(call: Caller) -> Client:
    return browser_of(call.deployment)


def browser_of(deployment: Deployment) -> Client:
    """A client that keeps cookies and sends no other credential."""
    return Client(deployment.wsgi)


def token(browser: Client, path: str = "/login/") -> str:
    found = TOKEN.search(browser.get(path).text)
    assert found is not None
    return found[1]


def log_in(browser: Client, name: str = "admin", password: str | None = None, query: str = "") -> TestResponse:
    form = {"csrf_token": token(browser), "username": name, "password": name if password is None else password}
    return browser.post(f"/login/{query}", data=form)


def log_out(browser: Client) -> TestResponse:
    return browser.post("/logout/", data={"csrf_token": token(browser, "/home")})


def session_of(browser: Client) -> str:
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return cookie.value


def with_session(deployment: Deployment, secret: str, path: str = POOLS) -> int:
    return Client(deployment.wsgi, use_cookies=False).get(path, headers={"Cookie": f"session={secret}"}).status_code


def counts(call: Caller, name: str) -> tuple[Any, Any]:
    told = call.deployment.airflow.users.get(name)
    return told.login_count, told.fail_login_count


def leads(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.headers["Location"]


def test_form_comes_with_an_anonymous_session(call: Caller, browser: Client) -> None:
    answer = browser.get("/login/")

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert answer.headers.getlist("Cache-Control") == [NOT_KEPT]
    assert (answer.headers["Pragma"], answer.headers["Expires"]) == ("no-cache", "0")
    assert answer.headers["Vary"] == "Cookie"
    assert re.fullmatch(
        r"session=\w+; Expires=Tue, 01 Jul 2025 12:00:00 GMT; HttpOnly; Path=/; SameSite=Lax",
        answer.headers["Set-Cookie"],
    )
    assert "<title>Sign In - Airflow</title>" in answer.text
    assert '<form action="" method="post" name="login">' in answer.text
    assert re.search(r'<input [^>]*name="username"', answer.text)
    assert re.search(r'<input [^>]*name="password"', answer.text)
    assert with_session(call.deployment, session_of(browser)) == 403


def test_form_keeps_a_session_that_there_is(call: Caller, browser: Client) -> None:
    first = token(browser)

    assert token(browser) == first
    assert token(browser_of(call.deployment)) != first


def test_path_without_its_slash_redirects(browser: Client) -> None:
    assert leads(browser.get("/login")) == (308, "http://localhost/login/")


def test_login_leads_home_and_opens_the_api(call: Caller, browser: Client) -> None:
    anonymous = token(browser) and session_of(browser)
    answer = log_in(browser)

    assert leads(answer) == (302, "/home")
    assert "<title>Redirecting...</title>" in answer.text
    assert answer.headers.getlist("Cache-Control") == [NOT_KEPT]
    assert session_of(browser) != anonymous
    assert browser.get(POOLS).status_code == 200
    assert browser.post(POOLS, json={"name": "p", "slots": 1}).status_code == 200
    assert browser.get(POOLS, auth=("admin", "wrong")).status_code == 200
    assert with_session(call.deployment, anonymous) == 403
    assert with_session(call.deployment, session_of(browser) + "0") == 403
    assert leads(browser.get("/login/")) == (302, "/")


def test_session_has_its_users_role_and_the_journal_names_him(call: Caller, browser: Client) -> None:
    log_in(browser, "viewer")

    assert browser.get("/api/v1/dags").status_code == 200
    assert browser.get("/api/v1/variables").status_code == 403
    assert [*call.deployment.journal][-1].principal == "viewer"


def test_session_opens_nothing_without_its_backend(deploy: Deploy) -> None:
    browser = browser_of(deploy(auth_backends="basic_auth").deployment)

    assert leads(log_in(browser)) == (302, "/home")
    assert browser.get(POOLS).status_code == 403


@pytest.mark.parametrize("path", ["/login/", "/logout/"])
def test_form_without_a_good_token_is_refused(call: Caller, browser: Client, path: str) -> None:
    form = {"username": "admin", "password": "admin"}

    def refused(client: Client, **more: str) -> str:
        answer = client.post(path, data={**form, **more})
        assert (answer.status_code, answer.content_type) == (400, "text/html; charset=utf-8")
        assert answer.headers.getlist("Cache-Control") == ["no-store"]
        assert "Set-Cookie" not in answer.headers
        return answer.text

    def page(sentence: str) -> str:
        return (
            "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n"
            f"<p>{sentence}</p>\n"
        )

    good = token(browser)
    assert refused(browser) == page("The CSRF token is missing.")
    assert refused(browser, csrf_token="") == page("The CSRF token is missing.")
    stranger = browser_of(call.deployment)
    assert refused(stranger, csrf_token=good) == page("The CSRF session token is missing.")
    token(stranger)
    assert refused(stranger, csrf_token=good) == page("The CSRF tokens do not match.")
    assert refused(stranger, csrf_token="\u00e9") == page("The CSRF tokens do not match.")
    assert counts(call, "admin") == (None, None)


def test_token_may_come_in_a_header(browser: Client) -> None:
    headers = {"X-CSRFToken": token(browser)}

    assert leads(browser.post("/login/", data={"username": "op", "password": "op"}, headers=headers)) == (302, "/home")


def test_wrong_logins_lead_back_and_count(call: Caller, browser: Client) -> None:
    assert leads(log_in(browser, "op", "wrong")) == (302, "/login/?next=/home")
    assert counts(call, "op") == (0, 1)
    assert leads(log_in(browser, "op", "wrong", "?next=/x")) == (302, "/login/?next=/x")
    assert leads(log_in(browser, "nobody", "x")) == (302, "/login/?next=/home")
    assert counts(call, "op") == (0, 2)
    assert browser.get(POOLS).status_code == 403
    assert leads(log_in(browser, "op")) == (302, "/home")
    assert counts(call, "op") == (1, 0)
    browser.get(POOLS)
    assert counts(call, "op") == (1, 0), "only a password counts as a login, not a cookie"


@pytest.mark.parametrize(("name", "password"), [("", "admin"), ("admin", "")])
def test_form_that_is_not_filled_in_is_shown_again(call: Caller, browser: Client, name: str, password: str) -> None:
    answer = log_in(browser, name, password)

    assert (answer.status_code, bool(TOKEN.search(answer.text))) == (200, True)
    assert counts(call, "admin") == (None, None)


@pytest.mark.parametrize(("login", "works"), [("VERA", True), ("v@x.org", True), ("V@x.org", False)])
def test_one_logs_in_with_the_name_in_any_case_or_with_the_email(
    call: Caller, browser: Client, login: str, works: bool
) -> None:
    call.post("/api/v1/users", json={**VERA, "roles": [{"name": "Op"}]})
    log_in(browser, login, "vera")

    assert (browser.get(POOLS).status_code == 200) is works


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/dags/etl/grid", "/dags/etl/grid"),
        ("http://localhost/home%3Fa=1", "http://localhost/home?a=1"),
        ("https://evil.example/home", "/home"),
        ("//evil.example/home", "/home"),
        ("/%5Cevil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("http://[", "/home"),
        ("/a%0D%0AX-Evil:1", "/home"),
        ("", "/home"),
    ],
)
def test_login_leads_on_within_the_host(browser: Client, wanted: str, goes: str) -> None:
    assert leads(log_in(browser, query=f"?next={wanted}")) == (302, goes)


def test_home_is_for_those_who_logged_in(call: Caller, browser: Client) -> None:
    assert leads(browser.get("/home")) == (302, "/login/?next=http://localhost/home")
    assert leads(browser.get("/home?a=b")) == (302, "/login/?next=http://localhost/home?a%3Db")
    assert leads(browser.get("/")) == (302, "/home")

    call.deployment.airflow.users.delete("op")
    call.post("/api/v1/users", json={**VERA, "username": "<b>"})
    log_in(browser, "<b>", "vera")
    answer = browser.get("/home")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "<title>DAGs - Airflow</title>" in answer.text
    assert "&lt;b&gt; is logged in" in answer.text


def test_logout_ends_the_session(call: Caller, browser: Client) -> None:
    log_in(browser)
    secret = session_of(browser)
    other = browser_of(call.deployment)
    log_in(other)

    assert with_session(call.deployment, secret) == 200
    assert leads(log_out(browser)) == (302, "/")
    assert with_session(call.deployment, secret) == 403
    assert with_session(call.deployment, secret, "/home") == 302
    assert other.get(POOLS).status_code == 200


def test_token_of_the_login_form_is_good_for_the_logout(browser: Client) -> None:
    form = {"csrf_token": token(browser)}
    log_in(browser)

    assert leads(browser.post("/logout/", data=form)) == (302, "/")


def test_logout_is_no_page(browser: Client) -> None:
    answer = browser.get("/logout/")

    assert (answer.status_code, answer.content_type) == (405, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/nope", "/login/x", "/dags"])
def test_paths_beside_these_are_pages_that_do_not_exist(browser: Client, path: str) -> None:
    answer = browser.get(path)

    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")


def test_session_lives_for_thirty_days(call: Caller, browser: Client) -> None:
    log_in(browser)
    secret = session_of(browser)

    call.deployment.clock.advance(43200 * 60 - 1)
    assert with_session(call.deployment, secret) == 200
    call.deployment.clock.advance(1)
    assert with_session(call.deployment, secret) == 403
    browser_of(call.deployment).get("/login/")
    assert len(call.deployment.airflow.tables["sessions"]) == 1, "the old one was cleared away"


@pytest.mark.parametrize("end", ["delete", "password", "again"])
def test_session_ends_with_its_user_or_password(call: Caller, browser: Client, end: str) -> None:
    call.post("/api/v1/users", json={**VERA, "roles": [{"name": "Op"}]})
    log_in(browser, "vera")
    assert browser.get(POOLS).status_code == 200

    call.patch("/api/v1/users/vera?update_mask=first_name", json={**VERA, "first_name": "W"})
    assert browser.get(POOLS).status_code == 200
    if end == "password":
        call.patch("/api/v1/users/vera?update_mask=password", json={**VERA, "password": "new"})
    else:
        call.delete("/api/v1/users/vera")
    if end == "again":
        call.post("/api/v1/users", json={**VERA, "roles": [{"name": "Op"}]})
    assert browser.get(POOLS).status_code == 403
    assert browser.get("/home").status_code == 302


def test_sessions_go_with_snapshots(call: Caller, browser: Client) -> None:
    deployment = call.deployment
    before = deployment.snapshot()
    log_in(browser)
    secret = session_of(browser)
    logged_in = deployment.snapshot()

    assert with_session(deployment.fork(), secret) == 200
    deployment.restore(before)
    assert with_session(deployment, secret) == 403
    deployment.restore(logged_in)
    assert with_session(deployment, secret) == 200
    assert with_session(deployment.fresh(), secret) == 403


def test_same_calls_give_the_same_session(deploy: Deploy) -> None:
    browsers = [browser_of(deploy().deployment) for _ in range(2)]
    for browser in browsers:
        log_in(browser)

    assert session_of(browsers[0]) == session_of(browsers[1])


def test_calls_of_the_users_api_share_one_session(call: Caller) -> None:
    def cookie() -> str:
        found: str = call.get("/auth/fab/v1/users").headers["Set-Cookie"]
        return found

    first = cookie()
    assert cookie() == first
    assert len(call.deployment.airflow.tables["sessions"]) == 1
    browser = Client(call.deployment.wsgi)
    log_in(browser)
    assert cookie() == first != session_of(browser)
    browser.set_cookie("session", first.partition(";")[0].removeprefix("session="))
    assert browser.get(POOLS).status_code == 200
    log_out(browser)
    assert browser.get(POOLS).status_code == 403
    assert cookie() != first


def test_no_secret_is_told(call: Caller, browser: Client) -> None:
    anonymous = token(browser) and session_of(browser)
    log_in(browser, "admin", "admin")
    secret = session_of(browser)
    browser.get(POOLS)
    call.get("/auth/fab/v1/users")
    shared = next(row.secret for row in call.deployment.airflow.tables["sessions"] if row.from_api)
    told = json.dumps([entry.told() for entry in call.deployment.journal])
    rows = repr([*call.deployment.airflow.tables["sessions"]]) + repr(call.deployment.sessions)

    for hidden in (anonymous, secret, shared):
        assert len(hidden) == 64
        assert hidden not in told
        assert hidden not in rows
    assert "username=admin&password=***" in told
    assert "csrf_token=***" in told


def test_requests_logs_in_at_a_live_server() -> None:
    with MockAirflow() as mock, requests.Session() as session:
        session.trust_env = False
        url = mock.url
        names = mock.credentials
        found = TOKEN.search(session.get(f"{url}/login/").text)
        assert found is not None
        form = {"csrf_token": found[1], "username": names["username"], "password": names["password"]}
        home = session.post(f"{url}/login/", data=form)

        assert (home.url, home.status_code) == (f"{url}/home", 200)
        assert session.get(f"{url}{POOLS}").status_code == 200
        assert session.post(f"{url}/logout/", data=form).url == f"{url}/login/?next={url}/home"
        assert session.get(f"{url}{POOLS}").status_code == 403
