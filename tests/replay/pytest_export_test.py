"""Calls of a journal as a pytest file: it passes as it is, alone, and fails where the answers are others."""

from __future__ import annotations

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.cli import main
from mock_airflow.errors import JournalError

SECRET = "kein-mensch-raet-das-9f3c"


@pytest.fixture
def run(pytester):
    """How many of a file's tests passed and failed, in a pytest of its own, where nothing else is."""

    def run(file):
        outcomes = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", file).parseoutcomes()
        return outcomes.get("passed", 0), outcomes.get("failed", 0)

    return run


def play(airflow, dag):
    """What a client may do in a session: reads, a run, polls, an error, and somebody who may not."""
    api, admin = airflow.api_url, airflow.headers
    viewer = airflow.principal("Viewer").headers
    assert requests.get(f"{api}/dags?limit=3", headers=admin).status_code == 200
    body = {"conf": {"day": "tue"}} if "v1" in api else {"conf": {"day": "tue"}, "logical_date": None}
    made = requests.post(f"{api}/dags/{dag}/dagRuns", json=body, headers=admin)
    assert made.status_code == 200, made.text
    run_id = made.json()["dag_run_id"]
    airflow.clock.advance(minutes=5)
    states = {requests.get(f"{api}/dags/{dag}/dagRuns/{run_id}", headers=admin).json()["state"] for _ in range(2)}
    assert states == {"success"}
    assert requests.get(f"{api}/dags/nowhere", headers=admin).status_code == 404
    assert requests.post(f"{api}/dags/{dag}/dagRuns", json=body, headers=viewer).status_code == 403
    refused = requests.get(f"{api}/dags", headers={"Authorization": "Bearer nothing"})
    assert refused.status_code in (401, 403)
    assert requests.get(f"{api}/dags/{dag}/tasks").status_code in (401, 403)
    return run_id


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"airflow_version": "3.3.2", "seed": 5},
        {"profile": "datacoves", "rate_limit": "50/minute"},
        {"profile": "astro", "airflow_version": "3.1.0"},
        {"profile": "gateway", "gateway_header": "X-Acme-Key"},
    ],
    ids=str,
)
def test_a_played_session_passes_as_a_test(tmp_path, run, settings):
    with MockAirflow(**settings) as airflow:
        airflow.add_dag("etl", ["extract", "load"])
        run_id = play(airflow, "etl")
        file = tmp_path / "session_test.py"
        airflow.export_pytest(file)
        text = file.read_text("utf-8")
        for secret in {*airflow.credentials.values(), *airflow.headers.values()} - {"admin", "application/json"}:
            assert secret not in text
    assert run_id in text
    assert text.count("def test_") == 1
    assert "Left out" not in text
    assert "principal('Viewer')" in text
    assert run(file) == (1, 0)
    file.write_text(text.replace("'success'", "'failed'"), "utf-8")
    assert run(file) == (0, 1)  # it holds on to what was answered


def test_what_was_changed_by_hand_in_between_begins_a_test_of_its_own(tmp_path, run):
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as airflow:
        airflow.add_dag("etl", ["extract"])
        url, headers = f"{airflow.api_url}/dags/etl", airflow.headers
        requests.get(url, headers=headers)
        airflow.add_dag("other")
        requests.patch(url, json={"is_paused": True}, headers=headers)
        assert len(requests.get(f"{airflow.api_url}/dags", headers=headers).json()["dags"]) == 2
        airflow.export_pytest(tmp_path / "by_hand_test.py")
    assert run(tmp_path / "by_hand_test.py") == (2, 0)


def test_what_cannot_be_made_again_is_named_and_its_changes_are_kept(tmp_path, run):
    with MockAirflow() as airflow:
        url, headers = f"{airflow.api_url}/variables", airflow.headers
        requests.post(url, json={"key": "api_password", "value": SECRET}, headers=headers)
        assert requests.get(url, headers=headers).json()["total_entries"] == 1
        file = tmp_path / "variables_test.py"
        airflow.export_pytest(file, last=2)
        assert f"Left out: #1 POST {airflow.deployment.api_path}/variables" in file.read_text("utf-8")
        assert SECRET not in file.read_text("utf-8")
    assert run(file) == (1, 0)


def test_where_no_call_can_be_made_again_nothing_is_written(tmp_path):
    with MockAirflow() as airflow, pytest.raises(JournalError, match="There is no call"):
        airflow.export_pytest(tmp_path / "none_test.py")
    assert not list(tmp_path.iterdir())


def test_the_command_line_writes_the_last_calls(tmp_path, run, capsys):
    file = tmp_path / "last_test.py"
    with MockAirflow(world="demo") as airflow:
        for path in ("dags", "pools", "variables?order_by=key"):
            requests.get(f"{airflow.api_url}/{path}", headers=airflow.headers)
        assert main(["journal", "export", "--pytest", str(file), "--last", "2", "--url", airflow.url]) == 0
        assert "1 tests" in capsys.readouterr().out
        refused = requests.get(f"{airflow.url}/__mock__/journal?format=pytest&path=/nowhere")
        assert (refused.status_code, "There is no call" in refused.json()["detail"]) == (400, True)
    assert "test_calls_2_to_3" in file.read_text("utf-8")
    assert run(file) == (1, 0)
