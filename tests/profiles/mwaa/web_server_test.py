"""The web server: signing in by a web token, sessions, the command line over HTTP, and calls that AWS hands through."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from tests.profiles.mwaa.asking import NAME, Aws, login_path, printed, refusal


def test_a_web_token_is_exchanged_for_a_session(aws: Aws, mwaa: MockAirflow, session: Any) -> None:
    three = mwaa.deployment.generation == 3
    assert session.get(f"{mwaa.api_url}/dags").status_code == (401 if three else 403)
    answer = session.post(login_path(mwaa), data={"token": aws.web_token()})
    assert answer.status_code == 200
    assert session.cookies.keys() == ["_token" if three else "session"]

    assert session.get(f"{mwaa.api_url}/dags").status_code == 200
    mwaa.clock.advance(hours=11, minutes=59)
    assert session.get(f"{mwaa.api_url}/dags").status_code == 200
    mwaa.clock.advance(minutes=2)
    session.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    assert session.get(f"{mwaa.api_url}/dags").status_code == (401 if three else 403)


def test_a_web_token_lives_for_a_minute_on_the_deployments_clock(aws: Aws, mwaa: MockAirflow) -> None:
    token = aws.web_token()
    mwaa.clock.advance(seconds=59)
    assert requests.post(login_path(mwaa), data={"token": token}).status_code == 200

    mwaa.clock.advance(seconds=1)
    late = requests.post(login_path(mwaa), data={"token": token})
    assert (late.status_code, late.cookies.keys()) == (403, [])


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": "odd"}, {"other": "x"}])
def test_what_is_no_web_token_signs_nobody_in(mwaa: MockAirflow, form: Any) -> None:
    assert requests.post(login_path(mwaa), data=form).status_code == 403
    with MockAirflow(profile="mwaa", mwaa_refused_token_status="401") as mock:
        assert requests.post(login_path(mock), data=form).status_code == 401


def test_a_cli_token_signs_nobody_in_and_a_web_token_runs_nothing(aws: Aws, mwaa: MockAirflow) -> None:
    cli = aws("POST", f"/clitoken/{NAME}").json()["CliToken"]

    assert requests.post(login_path(mwaa), data={"token": cli}).status_code == 403
    assert aws.run("version", aws.web_token()).status_code == 403


def test_the_default_roles_follow_iam_at_each_login_and_others_stay(aws: Aws, mwaa: MockAirflow) -> None:
    users = mwaa.deployment.airflow.users
    requests.post(login_path(mwaa), data={"token": aws.web_token()})
    name = "assumed-role/Admin/mock"
    assert users.get(name).roles == ("Admin", "Op", "User", "Viewer", "Public")

    aws.run("roles create Team")
    aws.run(f"users add-role -u {name} -r Team")
    key = mwaa.keys.list()[0]
    mwaa.deployment.keys.change(key, details={"airflow_role": "Viewer"})
    requests.post(login_path(mwaa), data={"token": aws.web_token()})
    assert users.get(name).roles == ("Viewer", "Team")


def test_basic_authentication_opens_nothing(mwaa: MockAirflow) -> None:
    mwaa.deployment.begin(users=["vera:s3cret:Admin"])

    assert requests.get(f"{mwaa.api_url}/dags", auth=("vera", "s3cret")).status_code in (401, 403)


def test_a_browser_gets_a_page_that_posts_what_is_behind_the_hash(mwaa: MockAirflow) -> None:
    folder = login_path(mwaa).removesuffix("/login")
    page = requests.get(f"{folder}/aws-console-sso?login=true")

    assert page.headers["Content-Type"].startswith("text/html")
    assert f'fetch("{folder.removeprefix(mwaa.url)}/login"' in page.text


def test_a_revoked_key_takes_its_sessions_along_where_a_test_asks_for_it(aws: Aws, mwaa: MockAirflow) -> None:
    held = mwaa.headers
    assert requests.get(f"{mwaa.api_url}/dags", headers=held).status_code == 200
    mwaa.keys.revoke(aws.pair["aws_access_key_id"])
    assert requests.get(f"{mwaa.api_url}/dags", headers=held).status_code == 200  # AWS looks at the login alone

    mwaa.reset()
    held = mwaa.headers
    mwaa.failures.provoke("revoked")
    assert requests.get(f"{mwaa.api_url}/dags", headers=held).status_code in (401, 403)


def test_commands_run_and_their_output_comes_in_base64(aws: Aws, mwaa: MockAirflow) -> None:
    answer = aws.run("dags list -o json")
    out, err = printed(answer)
    assert (answer.status_code, err.partition(":")[0]) == (200, "Error")  # one file of the world cannot be imported
    assert "daily_sales" in [row["dag_id"] for row in json.loads(out)]

    assert printed(aws.run("""variables set greeting '{"a": "b c"}'"""))[0] == "Variable greeting created\n"
    assert mwaa.deployment.airflow.variables.get("greeting").value == '{"a": "b c"}'
    assert mwaa.deployment.airflow.event_logs.get(1) is not None
    assert [*mwaa.deployment.airflow.event_logs][-1].owner == "assumed-role/Admin/mock"


def test_a_package_that_is_missing_is_told_and_no_fault_of_ours(
    aws: Aws, mwaa: MockAirflow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in {"rich", *(name for name in sys.modules if name.startswith("rich."))}:
        monkeypatch.setitem(sys.modules, name, None)

    assert aws.run("dags list").status_code == 500
    assert "pip install 'mock-airflow[airflow-cli]'" in mwaa.calls[-1].reason
    assert "pip install 'mock-airflow[airflow-cli]'" in caplog.text
    assert "Traceback" not in caplog.text
    monkeypatch.undo()
    assert aws.run("dags list").status_code == 200


def test_a_command_that_fails_tells_so_in_its_output_and_in_the_status(aws: Aws) -> None:
    answer = aws.run("dags trigger nothing_here")
    out, err = printed(answer)

    assert (answer.status_code, out) == (400, "")
    assert err.splitlines()[-1] == "airflow.exceptions.DagNotFound: Dag id nothing_here not found in DagModel"
    with MockAirflow(profile="mwaa", mwaa_failed_command_status="200") as mock:
        assert Aws(mock).run("dags trigger nothing_here").status_code == 200
    assert aws.run("variables get 'half").status_code == 400


@pytest.mark.parametrize("command", ["scheduler", "db reset -y", "users create -u x", "pools import f", "webserver"])
def test_commands_that_mwaa_does_not_let_through(aws: Aws, mwaa: MockAirflow, command: str) -> None:
    assert aws.run(command).status_code == 500
    assert "does not let" in mwaa.calls[-1].why.reason


def test_a_cli_token_lives_for_a_minute(aws: Aws, mwaa: MockAirflow) -> None:
    token = aws("POST", f"/clitoken/{NAME}").json()["CliToken"]
    assert aws.run("version", token).status_code == 200
    mwaa.clock.advance(seconds=60)
    assert aws.run("version", token).status_code == 403
    assert requests.post(f"{mwaa.url}/aws_mwaa/cli", data="version").status_code == 403


def invoked(aws: Aws, method: str, path: str, body: Any = None, query: Any = None) -> Any:
    asked = {"Method": method, "Path": path, "Body": body, "QueryParameters": query}
    return aws("POST", f"/restapi/{NAME}", {name: value for name, value in asked.items() if value is not None})


def test_invoke_rest_api_hands_an_answer_through(aws: Aws, mwaa: MockAirflow) -> None:
    listed = invoked(aws, "GET", "/dags", query={"limit": 1, "only_active": True})
    assert listed.status_code == 200
    assert listed.json()["RestApiStatusCode"] == 200
    assert len(listed.json()["RestApiResponse"]["dags"]) == 1

    body = {"logical_date": None} if mwaa.deployment.generation == 3 else {}
    made = invoked(aws, "POST", "/dags/daily_sales/dagRuns", {**body, "dag_run_id": "by_aws"}).json()
    assert made["RestApiResponse"]["dag_run_id"] == "by_aws"
    assert mwaa.dag_run("daily_sales", "by_aws").run_type == "manual"
    inner, outer = mwaa.calls[-2:]
    assert (inner.path, outer.path) == (f"{mwaa.deployment.api_path}/dags/daily_sales/dagRuns", f"/restapi/{NAME}")
    assert inner.principal == outer.principal == "assumed-role/Admin/mock"

    gone = invoked(aws, "DELETE", "/dags/daily_sales/dagRuns/by_aws").json()
    assert gone == {"RestApiStatusCode": 204, "RestApiResponse": {}}


def test_what_airflow_refuses_is_wrapped(aws: Aws, mwaa: MockAirflow) -> None:
    missing = invoked(aws, "GET", "/dags/nothing")
    assert (missing.status_code, missing.headers["x-amzn-ErrorType"]) == (400, "RestApiClientException")
    assert missing.json()["RestApiStatusCode"] == 404
    assert missing.json()["RestApiResponse"]["detail"]

    mwaa.faults.add(f"GET {mwaa.deployment.api_path}/*", status=503)
    down = invoked(aws, "GET", "/dags")
    assert (down.status_code, down.headers["x-amzn-ErrorType"]) == (400, "RestApiServerException")
    assert (down.json()["RestApiStatusCode"], type(down.json()["RestApiResponse"])) == (503, str)


def test_invoke_rest_api_acts_with_the_role_that_iam_allows(mwaa: MockAirflow) -> None:
    made = mwaa.keys.create("viewer", owner="vera", scope="read-only")
    pair = {"aws_access_key_id": made.key.public_id, "aws_secret_access_key": made.secret}
    answer = invoked(Aws(mwaa, pair), "POST", "/pools", {"name": "p", "slots": 1})

    assert (answer.status_code, answer.json()["RestApiStatusCode"]) == (400, 403)
    assert "p" not in mwaa.deployment.airflow.pools


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Method": "GET"}, "at 'path' failed to satisfy constraint: Member must not be null"),
        ({"Path": "/dags"}, "at 'method'"),
        ({"Path": "/dags", "Method": "HEAD"}, "enum value set: [GET, PUT, POST, PATCH, DELETE]"),
        ({"Path": "/" + "a" * 64, "Method": "GET"}, "length less than or equal to 64"),
        ({"Path": "/dags", "Method": "GET", "QueryParameters": [1]}, "QueryParameters must be a JSON object"),
        ([], "a JSON object"),
    ],
)
def test_what_invoke_rest_api_does_not_take(aws: Aws, body: Any, words: str) -> None:
    status, name, told = refusal(aws("POST", f"/restapi/{NAME}", body))

    assert (status, name) == (400, "ValidationException")
    assert words in told
