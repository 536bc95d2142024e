"""Airflow's own command line for its API, `airflowctl`, at our server: it logs in, lists, and changes things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(airflow_version="3.3.2", world="demo") as mock:
        yield mock


@pytest.fixture(scope="module")
def airflowctl(airflow: MockAirflow, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs a command, logged in as the administrator; gives what it prints, JSON read."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
    }

    def run(*words: str, read: bool = True) -> Any:
        program = str(Path(sys.executable).with_name("airflowctl"))
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout) if read else done.stdout

    pair = airflow.credentials
    login = ("--username", pair["username"], "--password", pair["password"])
    told = run("auth", "login", "--api-url", airflow.url, *login, read=False)
    assert "Login successful" in told
    return run


LISTS = [
    (("dags", "list"), "dag_id", "daily_sales"),
    (("pools", "list"), "name", "default_pool"),
    (("connections", "list"), "connection_id", "warehouse"),
    (("variables", "list"), "key", "greeting"),
    (("jobs", "list"), "job_type", "SchedulerJob"),
    (("assets", "list"), "name", "upstream_data"),
    (("providers", "list"), "package_name", "apache-airflow-providers-common-compat"),
    (("dags", "get", "daily_sales"), "dag_id", "daily_sales"),
]


@pytest.mark.parametrize(("words", "field", "expected"), LISTS, ids=lambda value: str(value))
def test_lists(airflowctl: Command, words: tuple[str, ...], field: str, expected: str) -> None:
    assert expected in [row[field] for row in airflowctl(*words)]


def test_triggers_and_pauses(airflowctl: Command, airflow: MockAirflow) -> None:
    (run,) = airflowctl("dags", "trigger", "daily_sales")
    airflowctl("dags", "pause", "daily_sales", read=False)

    assert airflow.dag_run("daily_sales", run["dag_run_id"]).run_type == "manual"
    assert airflow.deployment.airflow.dags.get("daily_sales").is_paused


def test_makes_and_deletes(airflowctl: Command, airflow: MockAirflow) -> None:
    airflowctl("pools", "create", "--name", "tiny", "--slots", "3")
    assert airflow.deployment.airflow.pools.get("tiny").slots == 3

    airflowctl("pools", "delete", "tiny")
    assert "tiny" not in airflow.deployment.airflow.pools


def test_knows_both_versions(airflowctl: Command) -> None:
    assert "'version': '3.3.2'" in airflowctl("version", "--remote", read=False)
