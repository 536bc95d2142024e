"""``mock-airflow plan``: how runs unfold at a server that runs, through its control API."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server, in_path
from mock_airflow.cli.terminal import Said, table
from mock_airflow.cli.usage import FILE, Group, operand
from mock_airflow.errors import UsageError

_DAG_ID = operand("dag_id", "DAG_ID", "the DAG")


def _of_a_run(verb: Callable[..., Said]) -> Callable[..., Said]:
    return click.option("--run", metavar="RUN_ID", help="of this run alone, not of the DAG's later runs")(verb)


@click.group(cls=Group)
def plan() -> None:
    """Say how runs unfold at a server that runs, and let go on what a plan holds."""


@plan.command("list")
@at_server
def list_plans(server: Server) -> Said:
    """List the plans that hold, for DAGs and for single runs."""
    found = server.ask("GET", "/plans")["plans"]
    rows = ((each["dag_id"], each["run_id"] or "*", json.dumps(each["tasks"])) for each in found)
    return Said(table(("dag", "run", "plan"), rows) if found else "There is no plan.", found)


@plan.command("set")
@_DAG_ID
@operand("tasks", "[TASK=WHAT]...", "a task with seconds, an outcome or an object: load=failed", nargs=-1)
@_of_a_run
@click.option("--file", metavar="FILE", type=FILE, help="the plan as JSON, by task id; - reads it from stdin")
@at_server
def set_plan(server: Server, dag_id: str, tasks: Sequence[str], run: str | None, file: str | None) -> Said:
    """Have runs of a DAG unfold by a plan: mock-airflow plan set etl extract=30 'load={"fails": 2}'."""
    told = {**(_in_file(file) if file is not None else {}), **dict(map(_of_task, tasks))}
    if not told:
        raise UsageError("Say what a task does, such as plan set etl extract=30 load=failed, or --file FILE.")
    server.ask("POST", f"{_place(dag_id, run)}/plan", {"tasks": told})
    return Said(f"{_which(dag_id, run)} unfolds by this plan now.", {"dag_id": dag_id, "run_id": run, "tasks": told})


@plan.command()
@_DAG_ID
@_of_a_run
@at_server
def clear(server: Server, dag_id: str, run: str | None) -> Said:
    """Forget a plan; what begins from now on unfolds without it."""
    server.ask("DELETE", f"{_place(dag_id, run)}/plan")
    return Said(f"{_which(dag_id, run)} has no plan any more.")


@plan.command()
@_DAG_ID
@operand("run", "RUN_ID", "the run")
@operand("task", "[TASK_ID]", "this task alone", required=False)
@at_server
def release(server: Server, dag_id: str, run: str, task: str | None) -> Said:
    """Let go on what a plan holds in a run: one task, or all."""
    told = server.ask("POST", f"{_place(dag_id, run)}/release", {"task_id": task})
    names = [f"{each['task_id']}[{each['map_index']}]".replace("[-1]", "") for each in told["released"]]
    return Said(f"Released: {', '.join(names) or 'what is yet to begin'}; the run is {told['state']}.", told)


def _place(dag_id: str, run: str | None) -> str:
    return f"/dags/{in_path(dag_id)}" if run is None else f"/runs/{in_path(dag_id)}/{in_path(run)}"


def _which(dag_id: str, run: str | None) -> str:
    return f"Each later run of {dag_id}" if run is None else f"The run {run} of {dag_id}"


def _of_task(text: str) -> tuple[str, Any]:
    """The task and what it does: what reads as JSON is that, anything else is text."""
    task, equals, what = text.partition("=")
    if not equals:
        raise UsageError(f"TASK=WHAT: a task and what it does are expected, such as load=failed, not {text!r}.")
    try:
        return task, json.loads(what)
    except ValueError:
        return task, what


def _in_file(name: str) -> dict[str, Any]:
    try:
        told = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--file: {name} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise UsageError(f"--file: {name} is not JSON: {error}.") from None
    if not isinstance(told, dict):
        raise UsageError(f"--file: {name} is not a plan; a JSON object by task id is expected.")
    return told
