"""The findings of docs/reviewed_clients.md, met again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mock_airflow import MockAirflow

COMMANDS = Path(sys.executable).parent


def filled(**settings: str) -> MockAirflow:
    airflow = MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True, **settings)
    for number in range(130):
        airflow.add_dag(f"dag_{number:03}", tasks=("a", "b"))
    airflow.add_dag("busy", tasks=("one",))
    for number in range(8):
        airflow.trigger("busy", run_id=f"run_{number}")
        airflow.clock.advance(60)
    return airflow


def run(*command: str, folder: Path, **environment: str) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environment},
    )
    assert done.returncode == 0, done.stderr


def test_prizm_asks_run_by_run_and_by_a_connection_each(tmp_path: Path) -> None:
    with filled() as airflow:
        sent = [
            "--prizm-url",
            "http://127.0.0.1:9",
            "--api-token",
            "x",
            "--connection-name",
            "x",
            "--dry-run",
            "--runs",
            "5",
        ]
        who = [
            "--hostname",
            airflow.url,
            "--username",
            "admin",
            "--password",
            "admin",
            "--out",
            str(tmp_path / "bundle.json"),
        ]
        program = "from prizm_airflow_cli.cli import main; import sys; main(sys.argv[1:])"
        run(sys.executable, "-c", program, "extract", *sent, *who, folder=tmp_path)
        found = airflow.review(severity="warning")

    assert sorted(found.rules) == ["connection-for-every-call", "one-call-for-each"]
    assert found.of("one-call-for-each")[0].way_out.startswith("POST /api/v1/dags/~/dagRuns/~/taskInstances/list")


def test_airflow_api_client_lists_the_first_page(tmp_path: Path) -> None:
    with filled(airflow_version="3.3.2", profile="airflow3") as airflow:
        names = {"ENDPOINT": airflow.url, "USERNAME": "admin", "PASSWORD": "admin"}
        environment = {f"AIRFLOW_API_CLIENT_{name}": value for name, value in names.items()}
        run(str(COMMANDS / "airflow-api-client"), "list", "dags", folder=tmp_path, **environment)
        found = airflow.review(severity="warning")

    assert [(each.rule, each.values["read"], each.values["total"]) for each in found] == [("first-page-only", 50, 131)]
