"""What no client of AWS's sends, and settings that make no sense: a clear refusal each, never a page of Airflow's."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import AccessKeyError, SettingError
from tests.cli.processes import serving
from tests.profiles.mwaa.asking import CLOCK, NAME, Aws, login_path, printed, refusal

REST = f"/restapi/{NAME}"


def statement(**changed: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Action": "airflow:*", "Resource": "*", **changed}
    return {"user/vera": {"Statement": {name: value for name, value in whole.items() if value is not None}}}


def presigned(mock: MockAirflow, seconds: str, signature: str = "ab") -> Any:
    asked = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{mock.credentials['aws_access_key_id']}/20250101/us-east-1/airflow/aws4_request",
        "X-Amz-Date": "20250101T000000Z",
        "X-Amz-Expires": seconds,
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": signature,
    }
    return requests.get(f"{mock.url}/environments", params=asked)


def test_a_signature_of_letters_that_none_has(aws: Aws, mwaa: MockAirflow) -> None:
    signed = aws.signed("GET", "/environments", b"")
    signed["Authorization"] = signed["Authorization"][:-4] + "\xe9\xe9"

    assert refusal(requests.get(f"{mwaa.url}/environments", headers=signed))[:2] == (403, "InvalidSignatureException")


@pytest.mark.parametrize("seconds", ["604801", "9" * 12, "9" * 400, "-1", "1e3", "\u0663"])
def test_a_presigned_url_counts_for_a_week_at_most(mwaa: MockAirflow, seconds: str) -> None:
    status, name, words = refusal(presigned(mwaa, seconds))

    assert (status, name) == (403, "IncompleteSignatureException")
    assert "X-Amz-Expires must be" in words


def test_bytes_in_a_query_that_are_no_text(aws: Aws) -> None:
    assert aws("GET", "/environments?a=%FF%80").status_code == 200


@pytest.mark.parametrize("given", ["--5", "-", "9" * 2000, "%C2%B2", "5.0", "-9"])
def test_a_number_of_results_that_is_none(aws: Aws, given: str) -> None:
    assert refusal(aws("GET", f"/environments?MaxResults={given}"))[:2] == (400, "ValidationException")


def test_a_next_token_that_no_answer_had(aws: Aws) -> None:
    token = base64.urlsafe_b64encode(b"after -1").decode().replace("=", "%3D")

    assert refusal(aws("GET", f"/environments?NextToken={token}"))[1] == "ValidationException"


def test_a_query_in_the_path_counts_too(aws: Aws) -> None:
    more = {"Method": "GET", "QueryParameters": {"offset": 1}}
    told = aws("POST", REST, {"Path": "/dags?limit=2", **more}).json()["RestApiResponse"]

    everything = aws("POST", REST, {"Path": "/dags", "Method": "GET"}).json()["RestApiResponse"]["dags"]
    assert [each["dag_id"] for each in told["dags"]] == [each["dag_id"] for each in everything[1:3]]


@pytest.mark.parametrize("odd", [{"Path": "/dags/\ud800"}, {"Path": "/dags", "QueryParameters": {"a": "\ud800"}}])
def test_texts_that_no_url_can_hold(aws: Aws, odd: dict[str, Any]) -> None:
    assert refusal(aws("POST", REST, {"Method": "GET", **odd}))[:2] == (400, "ValidationException")


def test_a_command_is_the_body_whatever_its_type_is_said_to_be(aws: Aws, mwaa: MockAirflow) -> None:
    token = aws("POST", f"/clitoken/{NAME}").json()["CliToken"]
    asked = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-www-form-urlencoded"}

    answer = requests.post(f"{mwaa.url}/aws_mwaa/cli", headers=asked, data="version")
    assert printed(answer)[0].strip() == mwaa.settings.airflow_version


def test_a_form_in_parts_signs_in_too(aws: Aws, mwaa: MockAirflow) -> None:
    assert requests.post(login_path(mwaa), files={"token": (None, aws.web_token())}).status_code == 200


def test_a_session_in_a_hub_goes_to_its_own_deployment(tmp_path: Path, session: Any) -> None:
    with serving(tmp_path, "--profile", "mwaa") as server:
        asked = {"name": "team-a", "settings": {"profile": "mwaa"}}
        there = requests.post(f"{server.told['url']}/__mock__/deployments", json=asked).json()
        signed_in = {"Cookie": there["headers"]["Cookie"]}
        assert requests.get(f"{there['api_url']}/dags", headers=signed_in).status_code == 200

        team = Aws(SimpleNamespace(url=server.told["url"]), there["credentials"])
        token = team("POST", f"/d/team-a/webtoken/{NAME}").json()
        assert f"http://{token['WebServerHostname']}" == there["url"]
        session.post(f"{there['url']}/aws_mwaa/login", data={"token": token["WebToken"]})
        assert session.get(f"{there['api_url']}/dags").status_code == 200
        assert session.get(f"{server.told['api_url']}/dags").status_code == 403


def test_a_reset_leaves_the_first_session(mwaa: MockAirflow) -> None:
    held = mwaa.headers
    mwaa.reset()

    assert requests.get(f"{mwaa.api_url}/dags", headers=held).status_code == 200


def test_tokens_of_another_environment_open_nothing(aws: Aws, mwaa: MockAirflow) -> None:
    web, command = aws.web_token(), aws("POST", f"/clitoken/{NAME}").json()["CliToken"]
    same = {"airflow_version": mwaa.settings.airflow_version, "clock": CLOCK, "frozen": True}

    with MockAirflow(profile="mwaa", mwaa_environment="another", **same) as other:
        assert requests.post(login_path(other), data={"token": web}).status_code == 403
        assert "'MyAirflowEnvironment'" in other.calls[-1].reason
        assert Aws(other).run("version", command).status_code == 403


def test_a_call_of_invoke_rest_api_counts_once() -> None:
    asked = {"Path": "/dags", "Method": "GET"}
    with MockAirflow(profile="mwaa", clock=CLOCK, frozen=True, rate_limit="2/minute") as mock:
        answers = [Aws(mock)("POST", REST, asked) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 400]
        assert answers[2].headers["x-amzn-ErrorType"] == "ThrottlingException"
    with MockAirflow(profile="mwaa", clock=CLOCK, frozen=True, concurrency=1) as mock:
        assert Aws(mock)("POST", REST, asked).status_code == 200


@pytest.mark.parametrize("fault", [{"reset": True}, {"lost_answer": True}, {"truncate": True}])
def test_a_connection_that_breaks_between_mwaa_and_airflow(aws: Aws, mwaa: MockAirflow, fault: dict[str, Any]) -> None:
    mwaa.faults.add("POST /api/*/variables", times=1, **fault)
    one = {"Path": "/variables", "Method": "POST", "Body": {"key": "within", "value": "x"}}

    assert refusal(aws("POST", REST, one)) == (500, "InternalServerException", "Internal server error")
    assert ("within" in printed(aws.run("variables list"))[0]) == ("reset" not in fault)


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
def test_a_call_within_a_call_over_one_database(tmp_path: Path, version: str) -> None:
    kept: dict[str, Any] = {"database": f"sqlite:///{tmp_path}/airflow.db", "airflow_version": version}
    one = {"Path": "/variables", "Method": "POST", "Body": {"key": "within", "value": "x"}}
    with (
        MockAirflow(profile="mwaa", world="demo", clock=CLOCK, frozen=True, **kept) as first,
        MockAirflow(profile="mwaa", world="demo", clock=CLOCK, frozen=True, **kept) as second,
    ):
        assert Aws(first)("POST", REST, one).status_code == 200
        assert "within" in printed(Aws(second, first.credentials).run("variables list"))[0]
        missing = Aws(second, first.credentials)("POST", REST, {"Path": "/variables/none", "Method": "GET"})
        assert refusal(missing)[1] == "RestApiClientException"

        token = Aws(first).web_token()
        first.clock.advance(seconds=60)
        assert requests.post(login_path(second), data={"token": token}).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        {"mwaa_region": "us east"},
        {"mwaa_region": ""},
        {"mwaa_webserver_hostname": "https://airflow.test"},
        {"mwaa_webserver_hostname": "a b"},
        {"mwaa_session_hours": 1e9},
        {"mwaa_clock_skew_minutes": 1e9},
        {"mwaa_policies": {"vera": statement()["user/vera"]}},
        {"mwaa_policies": statement(Action=5)},
        {"mwaa_policies": statement(Action=["airflow:*", 5])},
        {"mwaa_policies": statement(Resource=None)},
        {"mwaa_policies": statement(Resource={"a": 1})},
        {"mwaa_policies": json.dumps(statement(Principal="*"))},
    ],
)
def test_settings_that_make_no_sense(odd: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(odd))):
        MockAirflow(profile="mwaa", **odd)


def test_headers_of_whom_iam_lets_in_nowhere() -> None:
    denied = {"assumed-role/Admin/mock": {"Statement": []}}
    said = "IAM allows assumed-role/Admin/mock no login"
    with MockAirflow(profile="mwaa", mwaa_policies=denied) as mock, pytest.raises(AccessKeyError, match=said):
        _ = mock.headers
