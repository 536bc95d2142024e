"""Error answers that nobody expected, and how a test says that it expects some."""

# ruff: noqa: PT012, SIM117 - blocks are what is tested here, one in the other

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.errors import UnexpectedAnswerError


def ask(mock: MockAirflow, path: str = "/api/v1/dags/none") -> int:
    answer = Client(mock.deployment.wsgi).get(path, headers=mock.headers)
    return answer.status_code


def test_block_ends_with_the_errors_that_nobody_expected() -> None:
    with pytest.raises(UnexpectedAnswerError) as failure, MockAirflow(strict=True) as airflow:
        assert [ask(airflow), ask(airflow, "/nowhere"), ask(airflow, "/health")] == [404, 404, 200]

    first, *lines = str(failure.value).splitlines()
    assert first == "strict: 2 calls were answered with errors that nobody expected."
    assert lines[0] == "  #1 GET /api/v1/dags/none (404): There is no DAG 'none'."
    assert lines[1].startswith("  #2 GET /nowhere (404)")
    with MockAirflow() as lax:
        ask(lax)
    with pytest.raises(ZeroDivisionError), MockAirflow(strict=True) as airflow:  # the block's own error counts more
        ask(airflow)
        _ = 1 / 0


def test_expected_errors_are_none() -> None:
    with MockAirflow(strict=True) as airflow:
        with airflow.expect(404) as expected:
            ask(airflow)
        assert [call.number for call in expected.calls] == [1]
        with airflow.expect():
            ask(airflow, "/nowhere")
        with airflow.expect(401, 404, call="get_dag"):
            ask(airflow)
        airflow.reset()
    with pytest.raises(UnexpectedAnswerError, match="a call was answered"), MockAirflow(strict=True) as airflow:
        with airflow.expect(404, call="GET /api/v1/dags/none"):
            ask(airflow)
            ask(airflow, "/nowhere")
        airflow.reset()  # the calls are forgotten, the error is not


def test_expected_error_has_to_come() -> None:
    airflow = MockAirflow()
    ask(airflow)
    with pytest.raises(AssertionError) as failure, airflow.expect(401):
        ask(airflow)
    assert str(failure.value).startswith(
        "401 was expected, and no call was answered so. The nearest call is #2 GET /api/v1/dags/none (404): its status "
        "is 404, not 401: There is no DAG 'none'."
    )
    with pytest.raises(AssertionError, match=r"404 for DELETE \* was expected.*its method is GET, not DELETE"):
        with airflow.expect(404, call="DELETE *"):
            ask(airflow)
    with pytest.raises(
        AssertionError, match=r"an error was expected, and no call was answered so\.\nThere was no call"
    ):
        with airflow.expect():
            pass
    with pytest.raises(ZeroDivisionError), airflow.expect(404):
        _ = 1 / 0


@pytest.mark.parametrize(
    "ordered",
    [
        lambda airflow: airflow.faults.add("*", status=503),
        lambda airflow: airflow.faults.add("*", credential="none"),
        lambda airflow: airflow.failures.provoke("revoked"),
        lambda airflow: airflow.failures.provoke("429-minute"),
        lambda airflow: airflow.failures.provoke("gateway-page"),
    ],
)
def test_what_the_test_has_ordered_is_expected(ordered: Callable[[MockAirflow], object]) -> None:
    with MockAirflow(strict=True, profile="datacoves") as airflow:
        headers = airflow.headers
        ordered(airflow)
        assert Client(airflow.deployment.wsgi).get("/api/v1/dags", headers=headers).status_code >= 400


def test_delay_and_another_refusal_than_the_provoked_one_excuse_nothing() -> None:
    with pytest.raises(UnexpectedAnswerError), MockAirflow(strict=True, frozen=True) as airflow:
        airflow.faults.add("*", latency=1)
        ask(airflow)
    with pytest.raises(UnexpectedAnswerError), MockAirflow(strict=True, profile="datacoves") as airflow:
        airflow.failures.provoke("429-minute")
        Client(airflow.deployment.wsgi).get("/api/v1/dags", headers={"Authorization": "Token wrong"})


def test_journal_need_not_keep_a_call_for_it_to_count() -> None:
    with pytest.raises(UnexpectedAnswerError), MockAirflow(strict=True, journal_size=0) as airflow:
        ask(airflow)


@pytest.mark.parametrize(("path", "code"), [("/nowhere", 1), ("/health", 0)])
def test_strict_server_ends_with_exit_code_1(tmp_path: Path, path: str, code: int) -> None:
    command = [sys.executable, "-m", "mock_airflow", "serve", "--port", "0", "--strict", "--frozen"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert server.stdout is not None
    url = next(line.split()[1] for line in iter(server.stdout.readline, "") if line.startswith("  url "))
    try:
        urllib.request.urlopen(url + path).close()
    except urllib.error.HTTPError as error:
        error.close()
    server.send_signal(signal.SIGINT)
    _, complained = server.communicate()

    assert server.returncode == code
    assert ("strict: a call was answered with an error that nobody expected." in complained) == bool(code)
