"""`mock-airflow limits` and `mock-airflow journal`, at a server that runs."""

from __future__ import annotations

import json

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.cli import main


@pytest.fixture
def airflow():
    with MockAirflow(profile="anomalyarmor", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


@pytest.fixture
def run(airflow, capsys):
    """What a verb prints, and its exit code."""

    def run(*arguments):
        code = main([*arguments, "--url", airflow.url])
        told = capsys.readouterr()
        return code, (told.out or told.err).strip()

    return run


def status(airflow):
    return requests.get(f"{airflow.api_url}/pools", headers=airflow.headers).status_code


def test_limits_are_set_shown_used_up_and_cleared(airflow, run):
    code, told = run("limits", "set", "2/minute", "--burst", "1/second")
    assert (code, told.splitlines()[0]) == (0, "2/minute and 1/second, per credential, token-bucket")
    assert [status(airflow), status(airflow)] == [200, 429]

    assert "growth" in run("limits", "show")[1]
    assert run("limits", "clear") == (0, "No limit holds.")
    assert [status(airflow), status(airflow), status(airflow)] == [200, 200, 200]

    run("limits", "set", "5/minute")
    assert run("limits", "exhaust") == (0, "Everything is used up.")
    assert status(airflow) == 429


def test_a_tier_holds_at_once(airflow, run):
    code, told = run("limits", "tier", "free-trial")
    assert (code, told.splitlines()[0]) == (0, "tier free-trial, per credential, token-bucket")
    assert [status(airflow) for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("limits", "set"), "Say which limit"),
        (("limits", "set", "many"), "many"),
        (("limits", "set", "5/minute", "--concurrency", "x"), "a whole number is expected"),
        (("limits", "tier", "grwth"), "growth"),
        (("limits", "sho"), "did you mean show?"),
        (("journal", "explain", "x"), "a whole number is expected"),
        (("journal", "explain", "99"), "99"),
        (("journal", "rewind", "99"), "99"),
        (("journal", "show", "--status", "abc"), "--status: a whole number is expected, not 'abc'."),
        (("journal", "show", "--last", "-1"), "--last: a number from 0 on is expected, not '-1'."),
        (("journal", "show", "--decision", "forbiden"), "There is no decision 'forbiden'; there are answered, refused"),
        (("journal", "export", "--decision", "limitd"), "There is no decision 'limitd'; did you mean 'limited'?"),
        (("limits", "set", "5/minute", "--algorithm", "leaky"), "'algorithm' must be one of token-bucket, "),
        (
            ("limits", "set", "5/minute", "--concurrency", "0"),
            "--concurrency: a number from 1 on is expected, not '0'.",
        ),
        (("keys", "create", "--scope", "root"), "'scope' must be one of read-only, read-write, admin, not 'root'."),
        (("keys", "create", "--expires-in", "-5"), "'expires_in' must be a number from 0 on, not -5.0."),
        (("faults", "add", "*", "--second", "60"), "There is no option --second; did you mean --send?"),
        (("faults", "add", "*", "--status", "60"), "A fault rule's 'status' cannot be 60: a status from 200 to 599"),
        (("journal", "shw"), "did you mean show?"),
        (("journal", "export", "--format", "xml"), "har"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(run, arguments, said):
    code, told = run(*arguments)
    assert code == 2
    assert told.startswith("mock-airflow: ")
    assert said in told


def test_the_journal_is_shown_explained_exported_and_emptied(airflow, run):
    status(airflow)
    requests.get(f"{airflow.api_url}/pools")

    lines = run("journal", "show")[1].splitlines()
    assert [line.split()[0] for line in lines] == ["#1", "#2"]
    assert run("journal", "show", "--status", "401")[1].startswith("#2")
    assert "No Authorization header" in run("journal", "explain", "2")[1]
    archive = json.loads(run("journal", "export")[1])
    assert [entry["response"]["status"] for entry in archive["log"]["entries"]] == [200, 401]
    assert "answers" in run("journal", "export", "--format", "recording")[1]
    assert run("journal", "clear") == (0, "The journal is empty.")
    assert run("journal", "show") == (0, "There is no such call.")


def test_rewinding_takes_back_what_a_call_did(airflow, run):
    made = requests.post(f"{airflow.api_url}/pools", json={"name": "p", "slots": 1}, headers=airflow.headers)
    assert made.status_code == 200
    assert run("journal", "rewind", "1") == (0, "The state is as call 1 found it.")
    assert airflow.deployment.airflow.pools.get("p") is None


@pytest.mark.parametrize("noun", ["limits", "journal"])
def test_help_tells_the_verbs(noun, capsys):
    assert main([noun, "--help"]) == 0
    assert f"mock-airflow {noun} VERB" in capsys.readouterr().out
