"""Airflow's command line against a deployment: what it changes, what it notes, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow
from mock_airflow.airflow_cli import Outcome, run
from tests.support import anew


@pytest.fixture(params=["2.11.2", "3.3.2"])
def airflow(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with anew(airflow_version=request.param, world="demo", runs="manual") as mock:
        yield mock


def called(airflow: MockAirflow, *argv: str) -> Outcome:
    with airflow.deployment.lock:
        return run(airflow.deployment, argv, "ana")


def test_triggers_a_run_that_the_api_shows_too(airflow: MockAirflow) -> None:
    done = called(airflow, "dags", "trigger", "daily_sales", "-r", "by_hand", "-c", '{"day": 3}', "-o", "json")

    assert (done.exit_code, done.stderr) == (0, "")
    (told,) = json.loads(done.stdout)
    assert (told["dag_run_id"], told["state"], told["conf"]) == ("by_hand", "queued", {"day": "3"})
    assert airflow.dag_run("daily_sales", "by_hand").conf == {"day": 3}


def test_a_command_that_fails_changes_nothing(airflow: MockAirflow) -> None:
    before = airflow.deployment.airflow.dag_runs.get(("daily_sales", "twice"))
    called(airflow, "dags", "trigger", "daily_sales", "-r", "twice")
    again = called(airflow, "dags", "trigger", "daily_sales", "-r", "twice")

    assert before is None
    assert again.exit_code == 1
    assert again.stderr.splitlines()[-1].startswith("airflow.exceptions.DagRunAlreadyExists: ")
    assert [run.run_id for run in airflow.deployment.airflow.dag_runs].count("twice") == 1


def test_is_noted_in_the_audit_log_without_secrets(airflow: MockAirflow) -> None:
    called(airflow, "variables", "set", "api_token", "do-not-tell")
    called(airflow, "connections", "add", "shop", "--conn-type", "http", "--conn-password", "nor-this")

    noted = list(airflow.deployment.airflow.event_logs)[-2:]
    assert [row.event for row in noted] == ["cli_variables_set", "cli_connections_add"]
    assert {row.owner for row in noted} == {"ana"}
    assert "do-not-tell" not in str(noted)
    assert "nor-this" not in str(noted)
    assert airflow.deployment.airflow.variables.get("api_token").value == "do-not-tell"


def test_words_that_are_no_command_end_with_the_help_and_status_2(airflow: MockAirflow) -> None:
    done = called(airflow, "pools", "set", "tiny", "many", "a pool")

    assert done.exit_code == 2
    assert done.stdout.startswith("Usage: airflow pools set [-h]")
    assert done.stderr == (
        "\nairflow pools set command error: argument slots: invalid int value: 'many', see help above.\n"
    )
    assert "tiny" not in airflow.deployment.airflow.pools


def test_what_would_ask_fails_as_nobody_answers(airflow: MockAirflow) -> None:
    done = called(airflow, "dags", "delete", "daily_sales")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "daily_sales" in airflow.deployment.airflow.dags


def test_backfills_where_airflow_has_them() -> None:
    words = ("backfill", "create", "--dag-id", "daily_sales", "--from-date", "2024-01-01", "--to-date", "2024-01-02")
    with MockAirflow(airflow_version="3.3.2", world="demo", runs="manual") as new:
        assert called(new, *words).exit_code == 0
        assert len(new.deployment.airflow.backfills) == 1
    with MockAirflow(airflow_version="2.11.2", world="demo", runs="manual") as old:
        assert called(old, *words).exit_code == 2


def test_what_no_api_can_do_says_so(airflow: MockAirflow) -> None:
    done = called(airflow, "dags", "test", "daily_sales", "-c", "{}")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "does not emulate `airflow dags test`" in done.stderr
