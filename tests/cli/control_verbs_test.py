"""`mock-airflow clock`, `reset`, `snapshot` and `plan`: what a test controls in Python, at a server that runs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from mock_airflow import MockAirflow
from mock_airflow.cli import main

from .processes import COMMAND, PATIENCE, serving, surroundings


class Run(Protocol):
    """What a verb prints, and its exit code."""

    def __call__(self, *arguments: str) -> tuple[int, str]: ...


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        mock.add_dag("etl", tasks=["extract", {"task_id": "transform", "retries": 2}, "load"])
        yield mock


@pytest.fixture
def run(airflow: MockAirflow, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--url", airflow.url])
        told = capsys.readouterr()
        return code, (told.out or told.err).strip()

    return run


# ---------------------------------------------------------------------------------------------------------------- clock


def test_the_clock_is_shown_set_advanced_and_let_go(airflow: MockAirflow, run: Run) -> None:
    assert run("clock", "show") == (0, "2025-01-01T06:00:00+00:00, it stands still")
    assert run("clock", "set", "2025-02-03T04:05:06+02:00")[1].startswith("2025-02-03T02:05:06+00:00")
    assert run("clock", "set", "2025-02-03")[1].startswith("2025-02-03T00:00:00+00:00")
    assert run("clock", "advance", "90m")[1].startswith("2025-02-03T01:30:00+00:00")
    assert run("clock", "advance", "0.5")[1].startswith("2025-02-03T01:30:00.5")
    assert run("clock", "speed", "60")[1].endswith("it stands still")
    assert run("clock", "unfreeze")[1].endswith("at speed 60")
    assert not airflow.clock.frozen
    assert run("clock", "freeze")[1].endswith("it stands still")
    assert run("clock", "freeze", "2030-01-01T00:00:00Z")[1] == "2030-01-01T00:00:00+00:00, it stands still"
    assert json.loads(run("clock", "show", "--json")[1])["speed"] == 60


def test_a_process_controls_a_process(tmp_path: Path, world: str) -> None:
    def call(*arguments: str) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments, "--url", server.told["api_url"]],
            env=surroundings(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    with serving(tmp_path, "--world", world, "--frozen", "--clock", "2025-01-01") as server:
        number = call("snapshot", "create")
        assert call("clock", "advance", "1d") == "2025-01-02T00:00:00+00:00, it stands still"
        call("plan", "set", "etl", "extract=skipped")
        assert json.loads(call("plan", "list", "--json"))[0]["dag_id"] == "etl"
        call("snapshot", "restore", number)
        assert call("clock", "show") == "2025-01-01T00:00:00+00:00, it stands still"
        assert call("plan", "list") == "There is no plan."
        call("clock", "advance", "1d")
        call("reset")
        assert call("clock", "show") == "2025-01-01T00:00:00+00:00, it stands still"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("clock set noon", "TIME: a time such as 2025-01-01T06:00:00Z is expected, not 'noon'."),
        ("clock advance soon", "AMOUNT: seconds, or a number with s, m, h or d such as 90m, are expected, not 'soon'."),
        ("clock advance 1w", "AMOUNT: seconds, or a number with s, m, h or d such as 90m, are expected, not '1w'."),
        ("clock speed 0", "N: a number above 0, up to 1e9, is expected, not '0'."),
        ("clock sped 2", "There is no verb 'sped'; did you mean speed? See mock-airflow clock --help."),
        ("snapshot restore first", "ID: a whole number is expected, not 'first'."),
        ("snapshot restore 9", "There is no snapshot 9; POST /snapshot makes one."),
        ("snapshot delete", "Say which snapshot to forget by its number, or --all."),
        ("snapshot delete 1 --all", "Say which snapshot to forget by its number, or --all."),
        ("plan set etl", "Say what a task does, such as plan set etl extract=30 load=failed, or --file FILE."),
        (
            "plan set etl extract",
            "TASK=WHAT: a task and what it does are expected, such as load=failed, not",
        ),
        ("plan set etl extrct=1", "The plan of 'etl' names the task 'extrct', which the DAG does not have; did you"),
        ("plan set etl load=fail", "The plan of 'etl', task 'load': an attempt cannot end as 'fail'; did you mean"),
        ("plan set etl --file none.json", "--file: none.json cannot be read: No such file or directory."),
        ("plan clear etl", "There is no plan of 'etl' to be forgotten."),
        ("plan clear etl --run r", "There is no plan of the run 'r' of 'etl' to be forgotten."),
        ("plan clear nope", "There is no DAG 'nope'."),
        ("plan release etl", "The following arguments are required: RUN_ID. See mock-airflow plan release --help."),
    ],
)
def test_what_cannot_be_is_one_sentence(run: Run, line: str, sentence: str) -> None:
    code, told = run(*line.split())

    assert code == 2
    assert told.startswith(f"mock-airflow: {sentence}")
    assert "\n" not in told


# ------------------------------------------------------------------------------------------------- reset and snapshots


def test_a_server_goes_back_to_its_start(airflow: MockAirflow, run: Run) -> None:
    airflow.add_dag("later")

    assert run("reset") == (0, "The state is that of the start, and the journal is empty.")
    assert airflow.deployment.airflow.dags.get("later") is None


def test_snapshots_are_kept_listed_gone_back_to_and_forgotten(airflow: MockAirflow, run: Run) -> None:
    assert run("snapshot", "list") == (0, "There is no snapshot.")
    (_, first), _ = run("snapshot", "create"), airflow.add_dag("later")
    run("clock", "advance", "1h")
    (_, second) = run("snapshot", "create", "--name", "with-later")
    rows = run("snapshot", "list")[1].splitlines()
    assert [row.split() for row in rows] == [
        ["ID", "NAME", "AT"],
        [first, "2025-01-01T06:00:00+00:00"],
        [second, "with-later", "2025-01-01T07:00:00+00:00"],
    ]
    assert "There is a snapshot 'with-later' already" in run("snapshot", "create", "--name", "with-later")[1]

    assert run("snapshot", "restore", first) == (0, f"The state is that of snapshot {first}.")
    assert airflow.deployment.airflow.dags.get("later") is None
    assert run("snapshot", "restore", second)[0] == 0
    assert airflow.deployment.airflow.dags.get("later") is not None
    assert run("snapshot", "delete", first) == (0, f"Snapshot {first} is gone.")
    assert [each["id"] for each in json.loads(run("snapshot", "list", "--json")[1])] == [int(second)]
    assert run("snapshot", "delete", "--all") == (0, "No snapshot is left.")
    assert run("snapshot", "list", "--json") == (0, "[]")


# ---------------------------------------------------------------------------------------------------------------- plans


def ended(airflow: MockAirflow, run_id: str) -> str | None:
    airflow.clock.advance(days=1)
    return airflow.dag_run("etl", run_id).state


def test_runs_unfold_by_a_plan_until_it_is_forgotten(airflow: MockAirflow, run: Run) -> None:
    code, told = run("plan", "set", "etl", "extract=30", 'transform={"fails": 2, "seconds": [5, 5, 8]}', "load=failed")
    assert (code, told) == (0, "Each later run of etl unfolds by this plan now.")
    first = airflow.trigger("etl")
    assert ended(airflow, first.run_id) == "failed"
    (listed,) = json.loads(run("plan", "list", "--json")[1])
    assert (listed["dag_id"], listed["run_id"]) == ("etl", None)
    assert [each["outcome"] for each in listed["tasks"]["transform"]["attempts"]] == ["failed", "failed", "success"]

    assert run("plan", "clear", "etl") == (0, "Each later run of etl has no plan any more.")
    assert run("plan", "list") == (0, "There is no plan.")
    assert ended(airflow, airflow.trigger("etl").run_id) == "success"


def test_what_a_plan_of_a_run_holds_is_released(airflow: MockAirflow, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"extract": {"hold": true, "seconds": 1}}', "utf-8")
    one = airflow.trigger("etl")
    assert run("plan", "set", "etl", "--run", one.run_id, "--file", str(file))[0] == 0
    assert ended(airflow, one.run_id) == "running"
    assert run("plan", "list")[1].splitlines()[1].split()[:2] == ["etl", one.run_id]

    assert run("plan", "release", "etl", one.run_id, "extract") == (0, "Released: extract; the run is running.")
    assert ended(airflow, one.run_id) == "success"


def test_a_plan_of_a_run_is_forgotten_and_that_of_its_dag_holds(airflow: MockAirflow, run: Run) -> None:
    run("plan", "set", "etl", "load=failed")
    one = airflow.trigger("etl")
    run("plan", "set", "etl", "load=success", "--run", one.run_id)
    assert len(json.loads(run("plan", "list", "--json")[1])) == 2
    assert run("plan", "clear", "etl", "--run", one.run_id)[1] == f"The run {one.run_id} of etl has no plan any more."

    assert ended(airflow, one.run_id) == "failed"


@pytest.mark.parametrize(
    "form",
    [
        {"extract": 30, "load": "skipped"},
        {"transform": {"fails": 2, "seconds": [5, 5, 8]}},
        {"extract": {"pokes": 3, "interval": 10, "deferred": 4, "hold": True}},
        {"load": {"attempts": ["failed", {"seconds": 2, "gives_up": True, "outcome": "failed"}]}},
        {"extract": {"follow": ["transform"], "returns": {"a": 1}, "log": "one\ntwo", "error": "ValueError: x"}},
        {"extract": {"xcoms": {}, "triggers": {"dag_id": "other", "conf": {"a": [1]}, "logical_date": "2025-01-01"}}},
        {"mapped": {"length": 2, "items": {"0": 5, "1": {"outcome": "failed"}}}},
        {},
    ],
    ids=str,
)
def test_a_plan_that_is_listed_can_be_given_again(airflow: MockAirflow, form: dict[str, object]) -> None:
    airflow.add_dag("wide", tasks=[{"task_id": "mapped", "is_mapped": True}])
    client = requests_of(airflow)
    dag_id = "wide" if "mapped" in form else "etl"
    assert client("POST", f"/dags/{dag_id}/plan", form) == (204, None)
    given = airflow.deployment.airflow.plans.get((dag_id, None))
    _, told = client("GET", "/plans", None)

    assert client("POST", f"/dags/{dag_id}/plan", told["plans"][0]["tasks"]) == (204, None)
    assert airflow.deployment.airflow.plans.get((dag_id, None)) == given


def requests_of(airflow: MockAirflow) -> Callable[[str, str, object], tuple[int, dict[str, list[dict[str, object]]]]]:
    """Calls to the control API over HTTP."""
    import requests

    def ask(method: str, path: str, body: object) -> tuple[int, dict[str, list[dict[str, object]]]]:
        answer = requests.request(method, f"{airflow.url}/__mock__{path}", json=body)
        return answer.status_code, answer.json() if answer.content else None

    return ask
