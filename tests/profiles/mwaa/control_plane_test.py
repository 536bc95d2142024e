"""The control plane: signatures over HTTP, IAM, environments, throttling."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError
from tests.profiles.mwaa.asking import NAME, Aws, login_path, refusal

ACCOUNT = "123456789012"


def test_every_answer_has_a_number(aws: Aws) -> None:
    answers = [aws("GET", "/environments"), requests.get(f"{aws.mock.url}/environments")]

    numbers = {uuid.UUID(answer.headers["x-amzn-RequestId"]) for answer in answers}
    assert len(numbers) == 2


def test_signatures_that_do_not_count(aws: Aws, mwaa: MockAirflow) -> None:
    assert aws("GET", "/environments").status_code == 200
    unsigned = refusal(requests.get(f"{mwaa.url}/environments"))
    assert unsigned == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")

    status, name, words = refusal(Aws(mwaa, {**aws.pair, "aws_secret_access_key": "x"})("GET", "/environments"))
    assert (status, name) == (403, "InvalidSignatureException")
    assert words.startswith("The request signature we calculated does not match")
    assert f"host:{mwaa.url.partition('//')[2]}\n" in words

    unknown = refusal(Aws(mwaa, {**aws.pair, "aws_access_key_id": "AKIANOBODY"})("GET", "/environments"))
    assert unknown == (403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    with_token = aws("GET", "/environments", **{"X-Amz-Security-Token": "of-another"})
    assert refusal(with_token)[1] == "UnrecognizedClientException"
    assert refusal(Aws(mwaa, region="eu-west-1")("GET", "/environments"))[2] == (
        "Credential should be scoped to a valid region, not 'eu-west-1'."
    )


def test_a_body_that_was_changed_on_its_way(aws: Aws) -> None:
    aws.sent_body = b'{"Path": "/dags", "Method": "DELETE"}'

    status, name, _ = refusal(aws("POST", f"/restapi/{NAME}", {"Path": "/dags", "Method": "GET"}))
    assert (status, name) == (403, "InvalidSignatureException")


def test_what_is_said_of_the_payload_does_not_count(aws: Aws) -> None:
    aws.sent_body = b"{}"
    unsigned = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}

    assert refusal(aws("POST", f"/restapi/{NAME}", {"Path": "/dags"}, **unsigned))[1] == "InvalidSignatureException"


def test_the_signatures_clock_is_the_machines_or_the_deployments(aws: Aws, mwaa: MockAirflow) -> None:
    aws.when = datetime.now(timezone.utc) - timedelta(minutes=6)
    status, name, words = refusal(aws("GET", "/environments"))
    assert (status, name) == (403, "InvalidSignatureException")
    assert words.startswith(f"Signature expired: {aws.when:%Y%m%dT%H%M%SZ} is now earlier than ")

    with MockAirflow(
        profile="mwaa", mwaa_signature_clock="deployment", clock="2025-01-01T06:00:00Z", frozen=True
    ) as own:
        client = Aws(own)
        client.when = datetime(2025, 1, 1, 6, 4, tzinfo=timezone.utc)
        assert client("GET", "/environments").status_code == 200
        own.clock.advance(minutes=10)
        assert "Signature expired" in refusal(client("GET", "/environments"))[2]


def test_signatures_can_be_left_unchecked() -> None:
    with MockAirflow(profile="mwaa", mwaa_check_signatures=False) as mock:
        client = Aws(mock, {**mock.credentials, "aws_secret_access_key": "anything"})
        assert client("GET", "/environments").status_code == 200
        assert requests.get(f"{mock.url}/environments").status_code == 403
        unknown = Aws(mock, {**mock.credentials, "aws_access_key_id": "AKIANOBODY"})
        assert refusal(unknown("GET", "/environments"))[1] == "UnrecognizedClientException"


def test_a_key_that_ended(aws: Aws, mwaa: MockAirflow) -> None:
    mwaa.keys.expire(aws.pair["aws_access_key_id"])
    expired = refusal(aws("GET", "/environments"))
    assert expired == (403, "ExpiredTokenException", "The security token included in the request is expired")

    mwaa.reset()
    mwaa.keys.revoke(aws.pair["aws_access_key_id"])
    assert refusal(aws("GET", "/environments"))[1] == "UnrecognizedClientException"


POLICIES = {
    "user/vera": {
        "Statement": [
            {"Effect": "Allow", "Action": "airflow:Create*", "Resource": f"arn:aws:airflow:*:{ACCOUNT}:role/*/Viewer"},
            {"Effect": "Allow", "Action": ["airflow:GetEnvironment"], "Resource": "*"},
            {"Effect": "Deny", "Action": "airflow:CreateCliToken", "Resource": "*"},
        ]
    },
    "assumed-role/Team/vera": {"Statement": {"Effect": "Allow", "Action": "airflow:*", "Resource": "*"}},
}


def keyed(mock: MockAirflow, owner: str, scope: str = "admin") -> Aws:
    made = mock.keys.create(owner, owner=owner, scope=scope)
    pair = {"aws_access_key_id": made.key.public_id, "aws_secret_access_key": made.secret}
    return Aws(mock, pair)


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
def test_policies_say_what_a_principal_may_do_and_as_which_role(version: str, session: Any) -> None:
    with MockAirflow(profile="mwaa", airflow_version=version, mwaa_policies=POLICIES) as mock:
        vera = keyed(mock, "vera")
        who = f"User: arn:aws:iam::{ACCOUNT}:user/vera is not authorized to perform: airflow:"
        assert refusal(vera("GET", "/environments")) == (
            403,
            "AccessDeniedException",
            f"{who}ListEnvironments on resource: arn:aws:airflow:us-east-1:{ACCOUNT}:environment/* because no"
            " identity-based policy allows the airflow:ListEnvironments action",
        )
        assert refusal(vera("POST", f"/clitoken/{NAME}"))[2].endswith(
            "with an explicit deny in an identity-based policy"
        )
        assert (
            refusal(vera("POST", f"/restapi/{NAME}", {"Path": "/dags", "Method": "GET"}))[1] == "AccessDeniedException"
        )
        assert vera("GET", f"/environments/{NAME}").status_code == 200

        session.post(login_path(mock), data={"token": vera.web_token()})
        pool = {"name": "p", "slots": 1, "include_deferred": False}
        assert session.get(f"{mock.api_url}/dags").status_code == 200
        assert session.post(f"{mock.api_url}/pools", json=pool).status_code == 403

        team = keyed(mock, "assumed-role/Team/vera", "read-only")
        told = team("POST", f"/webtoken/{NAME}").json()
        assert (told["IamIdentity"], told["AirflowIdentity"]) == ("assumed-role/Team/vera",) * 2
        session.post(login_path(mock), data={"token": told["WebToken"]})
        assert session.post(f"{mock.api_url}/pools", json=pool).status_code in (200, 201)


@pytest.mark.parametrize(
    ("scope", "statuses"), [("admin", [200] * 4), ("read-write", [200] * 4), ("read-only", [200, 200, 403, 200])]
)
def test_a_key_without_a_policy_may_what_its_scope_stands_for(mwaa: MockAirflow, scope: str, statuses: Any) -> None:
    client = keyed(mwaa, "somebody", scope)
    calls = [
        client("GET", "/environments"),
        client("POST", f"/webtoken/{NAME}"),
        client("POST", f"/clitoken/{NAME}"),
        client("POST", f"/restapi/{NAME}", {"Path": "/dags", "Method": "GET"}),
    ]

    assert [answer.status_code for answer in calls] == statuses


@pytest.mark.parametrize(
    "policies",
    ["no json", '{"user/vera": {}}', '{"user/vera": {"Statement": {"Effect": "Perhaps", "Action": "*"}}}'],
)
def test_policies_that_make_no_sense_are_refused(policies: str) -> None:
    with pytest.raises(SettingError, match="mwaa_policies"):
        MockAirflow(profile="mwaa", mwaa_policies=policies)


def test_conditions_of_policies_are_refused_and_not_passed_over() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}
    with pytest.raises(SettingError, match="Condition"):
        MockAirflow(profile="mwaa", mwaa_policies={"user/vera": {"Statement": statement}})


def test_environments_come_page_by_page() -> None:
    more = [f"env-{number:02}" for number in range(30)]
    with MockAirflow(profile="mwaa", mwaa_more_environments=more) as mock:
        client, found, token = Aws(mock), [], ""
        while True:
            page = client("GET", f"/environments?{f'NextToken={token}' if token else 'MaxResults=25'}").json()
            found += page["Environments"]
            token = page.get("NextToken", "").replace("=", "%3D")
            if not token:
                break
        assert found == [NAME, *more]
        assert client("GET", "/environments/env-07").json()["Environment"]["Name"] == "env-07"
        assert refusal(client("POST", "/webtoken/env-07"))[:2] == (404, "ResourceNotFoundException")
        assert refusal(client("GET", "/environments?MaxResults=26"))[1] == "ValidationException"
        assert refusal(client("GET", "/environments?NextToken=odd")) == (
            400,
            "ValidationException",
            "The provided NextToken is invalid.",
        )


def test_an_environment_is_described(aws: Aws, mwaa: MockAirflow) -> None:
    told = aws("GET", f"/environments/{NAME}").json()["Environment"]

    assert told["AirflowVersion"] == mwaa.settings.airflow_version
    assert told["CreatedAt"] == 1735711200
    assert told["WebserverUrl"] == mwaa.url.partition("//")[2]
    assert refusal(aws("GET", "/environments/nothing"))[:2] == (404, "ResourceNotFoundException")
    assert refusal(aws("GET", "/environments/7up"))[1] == "ValidationException"
    assert refusal(aws("GET", f"/environments/{'a' * 81}"))[1] == "ValidationException"


def test_the_host_that_botocore_puts_a_prefix_before_is_told_without_it(aws: Aws, mwaa: MockAirflow) -> None:
    with MockAirflow(profile="mwaa", mwaa_check_signatures=False) as mock:
        headers = {**Aws(mock).signed("POST", "/", b""), "Host": "env.airflow.localhost:8080"}
        told = requests.post(f"{mock.url}/webtoken/{NAME}", headers=headers).json()
        assert told["WebServerHostname"] == "airflow.localhost:8080"
    with MockAirflow(profile="mwaa", mwaa_webserver_hostname="airflow.test") as mock:
        assert Aws(mock)("POST", f"/clitoken/{NAME}").json()["WebServerHostname"] == "airflow.test"


@pytest.mark.parametrize(("setting", "status"), [("400", 400), ("429", 429)])
def test_throttling_as_aws_words_it(setting: str, status: int) -> None:
    with MockAirflow(profile="mwaa", rate_limit="1/minute", mwaa_throttling_status=setting) as mock:
        client = Aws(mock)
        assert client("GET", "/environments").status_code == 200
        throttled = client("GET", "/environments")
        assert refusal(throttled) == (status, "ThrottlingException", "Rate exceeded")
        assert "Retry-After" not in throttled.headers
        mock.clock.advance(minutes=1)
        assert client("GET", "/environments").status_code == 200
