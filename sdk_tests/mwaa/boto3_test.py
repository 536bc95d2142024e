"""boto3's client of MWAA at our server: all calls, each answer held to botocore's own model of the service."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import Shape
from botocore.stub import Stubber

from mock_airflow import MockAirflow

NAME = "MyAirflowEnvironment"


def unknown_members(told: Any, shape: Shape | None, place: str = "") -> Iterator[str]:
    """What an answer has and the model has not; a parser drops it without a word."""
    if shape is None or getattr(shape, "is_document_type", False):
        return
    if shape.type_name == "structure":
        for name, value in told.items():
            if name in shape.members:
                yield from unknown_members(value, shape.members[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif shape.type_name == "list":
        for value in told:
            yield from unknown_members(value, shape.member, f"{place}[]")


@pytest.fixture
def mwaa() -> Any:
    client = boto3.client("mwaa", config=Config(retries={"max_attempts": 0}))

    def hold_to_the_model(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if http_response.status_code < 300:
            assert list(unknown_members(json.loads(http_response.content), model.output_shape)) == []
            method = next(name for name, wire in client.meta.method_to_api_mapping.items() if wire == model.name)
            Stubber(client).add_response(method, {key: parsed[key] for key in parsed if key != "ResponseMetadata"})
        assert parsed["ResponseMetadata"]["RequestId"]

    client.meta.events.register("after-call.mwaa", hold_to_the_model)
    return client


def test_environments(mwaa: Any, airflow: MockAirflow) -> None:
    pages = mwaa.get_paginator("list_environments").paginate(PaginationConfig={"PageSize": 2})
    assert [page["Environments"] for page in pages] == [[NAME, "a-second"], ["a-third"]]

    told = mwaa.get_environment(Name=NAME)["Environment"]
    assert told["AirflowVersion"] == airflow.settings.airflow_version
    assert isinstance(told["CreatedAt"], datetime)
    with pytest.raises(mwaa.exceptions.ResourceNotFoundException):
        mwaa.get_environment(Name="nothing")
    with pytest.raises(mwaa.exceptions.ValidationException):
        mwaa.list_environments(NextToken="odd")


def test_the_dance_with_a_web_token(mwaa: Any, airflow: MockAirflow) -> None:
    token = mwaa.create_web_login_token(Name=NAME)
    below = "/pluginsv2" if airflow.deployment.generation == 3 else ""
    with requests.Session() as session:
        host = f"https://{token['WebServerHostname']}"
        answer = session.post(f"{host}{below}/aws_mwaa/login", data={"token": token["WebToken"]}, timeout=10)
        assert answer.status_code == 200
        assert answer.cookies["_token" if below else "session"]
        listed = session.get(f"{host}{airflow.deployment.api_path}/dags", timeout=10)

    assert "daily_sales" in [dag["dag_id"] for dag in listed.json()["dags"]]
    assert token["IamIdentity"] == token["AirflowIdentity"] == airflow.calls[-1].principal


def test_a_command_by_a_cli_token(mwaa: Any, airflow: MockAirflow) -> None:
    token = mwaa.create_cli_token(Name=NAME)
    answer = requests.post(
        f"https://{token['WebServerHostname']}/aws_mwaa/cli",
        headers={"Authorization": f"Bearer {token['CliToken']}", "Content-Type": "text/plain"},
        data="dags trigger daily_sales -r by_boto3 -o json",
        timeout=10,
    )

    (run,) = json.loads(base64.b64decode(answer.json()["stdout"]))
    assert (run["dag_run_id"], run["state"]) == ("by_boto3", "queued")
    assert airflow.dag_run("daily_sales", "by_boto3").run_type == "manual"


def test_the_rest_api_within_a_call(mwaa: Any, airflow: MockAirflow) -> None:
    body = {"logical_date": None} if airflow.deployment.generation == 3 else {}
    made = mwaa.invoke_rest_api(
        Name=NAME, Path="/dags/daily_sales/dagRuns", Method="POST", Body={**body, "dag_run_id": "within"}
    )
    assert made["RestApiResponse"]["dag_run_id"] == "within"
    found = mwaa.invoke_rest_api(
        Name=NAME, Path="/dags/daily_sales/dagRuns", Method="GET", QueryParameters={"state": ["queued"], "limit": 5}
    )
    assert "within" in [run["dag_run_id"] for run in found["RestApiResponse"]["dag_runs"]]

    with pytest.raises(mwaa.exceptions.RestApiClientException) as refused:
        mwaa.invoke_rest_api(Name=NAME, Path="/dags/nothing", Method="GET")
    assert refused.value.response["RestApiStatusCode"] == 404
    assert "detail" in refused.value.response["RestApiResponse"]

    airflow.faults.add(f"GET {airflow.deployment.api_path}/*", status=502, times=1)
    with pytest.raises(mwaa.exceptions.RestApiServerException) as failed:
        mwaa.invoke_rest_api(Name=NAME, Path="/dags", Method="GET")
    assert failed.value.response["RestApiStatusCode"] == 502


def code(failure: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    told: Any = failure.value.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"]


def test_what_botocore_makes_of_refusals(mwaa: Any, airflow: MockAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = airflow.keys.create("viewer", owner="vera", scope="read-only")
    pair = {"aws_access_key_id": viewer.key.public_id, "aws_secret_access_key": viewer.secret}
    with pytest.raises(mwaa.exceptions.ClientError) as denied:
        boto3.client("mwaa", **pair).create_cli_token(Name=NAME)
    assert code(denied) == (403, "AccessDeniedException")
    assert "airflow:CreateCliToken" in denied.value.response["Error"]["Message"]

    for wrong, name in (
        ({**pair, "aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({**pair, "aws_access_key_id": "AKIANOBODY"}, "UnrecognizedClientException"),
        ({**pair, "aws_session_token": "of-another"}, "UnrecognizedClientException"),
        ({**pair, "region_name": "eu-west-1"}, "InvalidSignatureException"),
    ):
        with pytest.raises(ClientError) as refused:
            boto3.client("mwaa", **wrong).list_environments()
        assert code(refused) == (403, name)


def test_a_clock_that_goes_wrong(mwaa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "botocore.auth.get_current_datetime", lambda *_, **__: datetime(2020, 1, 1, tzinfo=timezone.utc)
    )
    with pytest.raises(ClientError) as refused:
        mwaa.list_environments()

    assert code(refused) == (403, "InvalidSignatureException")
    assert refused.value.response["Error"]["Message"].startswith("Signature expired: 20200101T000000Z is now earlier")


def test_throttling_is_tried_again(airflow: MockAirflow) -> None:
    airflow.limits.set("1/minute")
    client = boto3.client("mwaa", config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    client.list_environments()
    with pytest.raises(ClientError) as throttled:
        client.list_environments()

    assert code(throttled) == (400, "ThrottlingException")
    assert throttled.value.response["ResponseMetadata"]["RetryAttempts"] == 1


def test_the_hosts_prefix_is_no_part_of_the_web_servers_name(airflow: MockAirflow) -> None:
    url = airflow.url.replace("127.0.0.1", "localhost")
    client = boto3.client("mwaa", endpoint_url=url, config=Config(inject_host_prefix=True))
    asked: list[str] = []

    def to_loopback(request: Any, **_: Any) -> None:
        """The name has a prefix, for which no test can count on a resolver; it is kept as the Host, as signed."""
        asked.append(request.url)
        request.headers["Host"] = request.url.split("/")[2]
        request.url = request.url.replace("env.localhost", "localhost")

    client.meta.events.register("before-send.mwaa", to_loopback)
    told = client.create_web_login_token(Name=NAME)

    assert asked[0].startswith("https://env.localhost:")
    assert told["WebServerHostname"] == url.partition("//")[2]
