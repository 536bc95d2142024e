"""Airflow commands by the Composer API: what they print, when it can be had, and what they did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from tests.support import anew

ENVIRONMENT = "/v1/projects/mock-project/locations/us-central1/environments/mock-airflow"


@pytest.fixture(params=["2.11.2", "3.3.2"])
def composer(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with anew(profile="composer", airflow_version=request.param, world="demo", frozen=True) as mock:
        yield mock


def ask(mock: MockAirflow, verb: str, **body: Any) -> Any:
    return requests.post(f"{mock.url}{ENVIRONMENT}:{verb}AirflowCommand", json=body, headers=mock.headers)


def run(mock: MockAirflow, command: str, subcommand: str = "", *parameters: str) -> tuple[int, str]:
    made = ask(mock, "execute", command=command, subcommand=subcommand, parameters=list(parameters)).json()
    told = ask(mock, "poll", **made).json()
    assert told["outputEnd"]
    assert [line["lineNumber"] for line in told["output"]] == list(range(1, len(told["output"]) + 1))
    return told["exitInfo"]["exitCode"], "\n".join(line["content"] for line in told["output"])


def test_a_command_prints_what_airflow_prints(composer: MockAirflow) -> None:
    code, told = run(composer, "dags", "list", "-o", "json")
    assert code == 0
    assert "daily_sales" in {row["dag_id"] for row in json.loads(told.splitlines()[0])}  # warnings come below
    assert run(composer, "version")[1].strip() == composer.settings.airflow_version


def test_a_command_does_what_it_says(composer: MockAirflow) -> None:
    code, _ = run(composer, "dags", "trigger", "daily_sales", "--run-id", "by-hand")
    assert code == 0
    answer = requests.get(f"{composer.api_url}/dags/daily_sales/dagRuns/by-hand", headers=composer.headers)
    assert answer.json()["dag_run_id"] == "by-hand"


def test_a_command_that_fails_says_why(composer: MockAirflow) -> None:
    made = ask(composer, "execute", command="dags", subcommand="nothing").json()
    told = ask(composer, "poll", **made).json()
    assert told["exitInfo"] == {"exitCode": 2, "error": "command terminated with exit code 2"}


def test_output_comes_by_the_clock_and_from_a_line_on() -> None:
    with MockAirflow(profile="composer", composer_command_seconds=5, world="demo", frozen=True) as mock:
        made = ask(mock, "execute", command="dags", subcommand="list", parameters=["-o", "plain"]).json()
        assert ask(mock, "poll", **made).json() == {"output": [], "outputEnd": False}
        mock.clock.advance(seconds=5)
        whole = ask(mock, "poll", **made).json()["output"]
        assert ask(mock, "poll", **made, nextLineNumber=3).json()["output"] == whole[2:]


@pytest.mark.parametrize(("force", "code"), [(False, 143), (True, 137)])
def test_a_command_is_stopped(force: bool, code: int) -> None:
    with MockAirflow(profile="composer", composer_command_seconds=5, frozen=True) as mock:
        made = ask(mock, "execute", command="version").json()
        assert ask(mock, "stop", **made, force=force).json() == {"isDone": True, "output": []}
        told = ask(mock, "poll", **made).json()
        assert (told["output"], told["exitInfo"]["exitCode"]) == ([], code)


def test_what_makes_no_sense(composer: MockAirflow) -> None:
    for verb, body, status, code in (
        ("execute", {}, 400, "INVALID_ARGUMENT"),
        ("execute", {"command": "dags", "parameters": "list"}, 400, "INVALID_ARGUMENT"),
        ("execute", {"command": 5}, 400, "INVALID_ARGUMENT"),
        ("poll", {}, 400, "INVALID_ARGUMENT"),
        ("poll", {"executionId": "nothing"}, 404, "NOT_FOUND"),
        ("stop", {"executionId": "nothing"}, 404, "NOT_FOUND"),
    ):
        answer = ask(composer, verb, **body)
        assert (answer.status_code, answer.json()["error"]["status"]) == (status, code), verb
    text = requests.post(f"{composer.url}{ENVIRONMENT}:executeAirflowCommand", data="{", headers=composer.headers)
    assert text.json()["error"]["message"] == "Invalid JSON payload received."
    nobody = requests.post(f"{composer.url}{ENVIRONMENT}:executeAirflowCommand", json={"command": "version"})
    assert nobody.status_code == 401
