"""What Airflow's commands print, beside what a real 2.11.2 and a real 3.3.2 printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.airflow_cli import Outcome, run

RECORDED = Path(__file__).parents[2] / "fixtures" / "recordings" / "airflow-cli"
# What is another, and why.
HIDDEN = "the world was captured through the API, which hides passwords"
KNOWN = {
    ("2.11.2", "dags list-jobs"): "jobs of tasks are not kept",
    ("2.11.2", "dags delete flaky_job -y"): "it counts rows of tables that are not kept here",
    ("2.11.2", "connections list"): HIDDEN,
    ("2.11.2", "connections list -o json"): HIDDEN,
    ("3.3.2", "connections list --show-values -o json"): HIDDEN,
    ("3.3.2", "variables list --show-values"): HIDDEN,
    ("3.3.2", "connections get cli_two -o yaml"): "http was no known type there, for want of its provider",
    ("3.3.2", "connections add cli_two --conn-type http"): "the same",
}


def told(text: str) -> list[str]:
    """The lines that are no log's, without the time of day and without blanks at their ends."""
    lines = [
        re.sub(r"\d\d:\d\d:\d\d", "TIME", re.sub(r"(:\d\d)\.\d+", r"\1", line)).rstrip() for line in text.split("\n")
    ]
    return [line for line in lines if line]


def printed(text: str) -> list[str]:
    """What a command printed, but for its log."""
    at, lines = 0, text.split("\n")
    while at < len(lines) and re.match(r"\[20\d\d-|\d{4}-\d\d-\d\dT\S+ \[", lines[at]):
        at += 1
        if "Failed to import" in lines[at - 1]:
            at += next(place for place, line in enumerate(lines[at:]) if line.startswith("RuntimeError")) + 1
    return told("\n".join(line for line in lines[at:] if not re.match(r"\[20\d\d-|\d{4}-\d\d-\d\dT\S+ \[", line)))


@pytest.fixture(scope="module", params=["2.11.2", "3.3.2"])
def replayed(request: pytest.FixtureRequest) -> tuple[str, list[tuple[dict[str, Any], Outcome]]]:
    folder = RECORDED / request.param
    settings: Any = {"clock": "2026-11-29T17:09:41.123456Z", "frozen": True, "runs": "manual"}
    if request.param == "3.3.2":
        settings["auth_manager"] = "fab"
    pairs = []
    with MockAirflow(airflow_version=request.param, world=folder / "start.json", **settings) as mock:
        for row in json.loads((folder / "printed.json").read_text()):
            mock.clock.advance(seconds=7)
            with mock.deployment.lock:
                pairs.append((row, run(mock.deployment, shlex.split(row["command"]), "root")))
    return request.param, pairs


def is_known(version: str, command: str) -> bool:
    return any(
        version == of and (command == which or ("add" in which and command.startswith(which))) for of, which in KNOWN
    )


def test_commands_print_what_airflow_prints(replayed: Any) -> None:
    version, pairs = replayed

    def seen(command: str, stdout: str) -> list[str]:
        """What was printed; a run id that is made of the moment breaks over lines."""
        lines = printed(stdout)
        return [re.sub(r"\d", "0", line) for line in lines] if command.startswith("dags trigger") else lines

    other = [
        (row["command"], seen(row["command"], row["stdout"]), seen(row["command"], outcome.stdout))
        for row, outcome in pairs
        if row["exit_code"] != 2 and not is_known(version, row["command"])
        if seen(row["command"], row["stdout"]) != seen(row["command"], outcome.stdout)
    ]

    assert other == []


def test_commands_end_as_airflows_do(replayed: Any) -> None:
    version, pairs = replayed

    def end(stderr: str) -> list[str]:
        """The last line, but for the list of what can be chosen, which is longer there."""
        return told(stderr.partition(" (choose from")[0])[-1:]

    codes = [(row["command"], row["exit_code"]) for row, _ in pairs]
    assert [(row["command"], outcome.exit_code) for row, outcome in pairs] == codes
    ends = [(row["command"], end(row["stderr"])) for row, _ in pairs if not is_known(version, row["command"])]
    ours = [(row["command"], end(out.stderr)) for row, out in pairs if not is_known(version, row["command"])]
    assert ours == ends


def test_what_is_known_to_differ_does(replayed: Any) -> None:
    version, pairs = replayed

    for row, outcome in pairs:
        if is_known(version, row["command"]):
            same_output = printed(row["stdout"]) == printed(outcome.stdout)
            assert not (same_output and told(row["stderr"])[-1:] == told(outcome.stderr)[-1:]), row["command"]
