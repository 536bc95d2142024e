"""`mock-airflow review`: of a server that runs, and of a file."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import requests

from mock_airflow import MockAirflow

from .processes import as_process, command

HAR = Path(__file__).resolve().parents[2] / "fixtures" / "archives" / "mitmproxy.har"


run = partial(command, "review")


def test_a_file_is_reviewed():
    done = as_process("review", str(HAR), "--score", "--migration")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ERROR ")
    assert "Review of 10 calls: 2 errors, 2 warnings, 2 notes." in done.stdout
    assert "Left out, as they need the state of the deployment: waited-for-what-cannot-end" in done.stdout
    assert "calls by operation\n     6 get_dag_run" not in done.stdout
    assert "     7 get_dag_run" in done.stdout
    assert "nothing has to move" in done.stdout
    told = json.loads(run(str(HAR), "--severity", "error", "--ignore", "secret-in-url", "--json").stdout)
    assert [each["rule"] for each in told["advice"]] == ["error-read-as-success"]


@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("warning", 1)])
def test_exit_code_says_it_on_demand(tmp_path, fail_on, code):
    out = tmp_path / "report.html"
    done = run(str(HAR), "--fail-on", fail_on, "--format", "html", "--output", str(out))

    assert (done.returncode, done.stdout) == (code, f"Written to {out}.\n")
    assert out.read_text("utf-8").startswith("<!doctype html>")
    assert (
        run(str(HAR), "--fail-on", "error", "--ignore", "secret-in-url", "--ignore", "error-read-as-success").returncode
        == 0
    )


def test_a_server_that_runs_is_reviewed():
    with MockAirflow() as airflow:
        for number in range(101):
            airflow.add_dag(f"dag_{number}")
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers, timeout=30)
        url = ("--url", airflow.url)
        done = run(*url, "--score", "--migration", "--fail-on", "error")
        assert (done.returncode, done.stderr) == (1, "")
        assert "ERROR first-page-only" in done.stdout
        assert "least privilege  role Viewer" in done.stdout
        assert "-> GET /api/v2/dags" in done.stdout
        assert json.loads(run(*url, "--json", "--since", "2").stdout)["calls"] == 0
        assert json.loads(run(*url, "--format", "sarif").stdout)["version"] == "2.1.0"
        assert run(*url, "--format", "html").stdout.startswith("<!doctype html>")
        assert len(airflow.calls) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.har"], "none.har cannot be read: No such file or directory."),
        ([str(HAR), "--ignore", "first-page"], "did you mean 'first-page-only'?"),
        ([str(HAR), "--severity", "grave"], "There is no severity 'grave'; there are note, warning, error."),
        ([str(HAR), "--since", "3"], "--since is for a server's journal"),
        ([str(HAR), "--output", "/no/such/folder/x"], "--output: /no/such/folder/x cannot be written"),
        (["--url", "http://127.0.0.1:1"], "cannot be asked"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, said):
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mock-airflow: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
