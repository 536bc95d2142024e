"""``airflow tasks``."""

from __future__ import annotations

import re
from typing import Any

from mock_airflow.airflow_cli.arguments import DAG_ID, END_DATE, OUTPUT, START_DATE, SUBDIR, YES
from mock_airflow.airflow_cli.command import Cli, Crash, airflow_exception, argument, command
from mock_airflow.airflow_cli.dags import parsed
from mock_airflow.airflow_cli.runs import moment, run_named
from mock_airflow.domain import clearing
from mock_airflow.domain.clearing import FAILED, Selection
from mock_airflow.domain.records import Dag, DagRun, TaskInstanceKey

_TASK_ID = argument("task_id", help="The id of the task")
_DATE_OR_RUN = argument("execution_date_or_run_id", help="The execution_date of the DAG or run_id of the DAGRun")
_DATE_OR_RUN_3 = argument("logical_date_or_run_id", help="The logical date of the DAG or run_id of the DAGRun")
_BUNDLE = argument("-B", "--bundle-name", help="The name of the DAG bundle to use", action="append")
_MAP_INDEX = argument("--map-index", type=int, default=-1, help="Mapped task index")


@command("tasks list", DAG_ID, SUBDIR, event="task_list", only=2)
@command("tasks list", DAG_ID, _BUNDLE, event="task_list", only=3)
def task_list(cli: Cli) -> None:
    """List the tasks within a DAG"""
    cli.say("\n".join(sorted(parsed(cli).tasks)))


def _which(cli: Cli) -> str:
    return str(cli.args.logical_date_or_run_id if cli.is_3 else cli.args.execution_date_or_run_id)


def _run(cli: Cli) -> DagRun:
    """The run that the command is about. Raises Crash."""
    text, word = _which(cli), "logical_date" if cli.is_3 else "execution_date"
    try:
        run = run_named(cli, text)
    except ValueError as error:
        if cli.is_3:
            run = None
        else:
            airflow_exception(cli, f"Error parsing the supplied {word}. Error: {error}")
    if run is None:
        said = f"DagRun for {cli.args.dag_id} with run_id or {word} of {text!r} not found"
        raise Crash("airflow.exceptions.DagRunNotFound", said)
    return run


@command("tasks state", DAG_ID, _TASK_ID, _DATE_OR_RUN, SUBDIR, _MAP_INDEX, event="task_state", only=2)
@command("tasks state", DAG_ID, _TASK_ID, _DATE_OR_RUN_3, _BUNDLE, _MAP_INDEX, event="task_state", only=3)
def task_state(cli: Cli) -> None:
    """Get the status of a task instance"""
    dag = parsed(cli)
    if cli.args.task_id not in dag.tasks:
        raise Crash("airflow.exceptions.TaskNotFound", f"Task {cli.args.task_id} not found")
    run = _run(cli)
    key = TaskInstanceKey(run.dag_id, run.run_id, cli.args.task_id, cli.args.map_index)
    row = cli.airflow.task_instances.get(key)
    if row is None:
        said = f"TaskInstance for {run.dag_id}, {cli.args.task_id}, map={cli.args.map_index} with run_id or"
        word = "logical_date" if cli.is_3 else "execution_date"
        raise Crash("airflow.exceptions.TaskInstanceNotFound", f"{said} {word} of {_which(cli)!r} not found")
    cli.say(str(row.state))


@command("tasks states-for-dag-run", DAG_ID, _DATE_OR_RUN, OUTPUT, event="task_states_for_dag_run", only=2)
@command("tasks states-for-dag-run", DAG_ID, _DATE_OR_RUN_3, OUTPUT, event="task_states_for_dag_run", only=3)
def task_states_for_dag_run(cli: Cli) -> None:
    """Get the status of all task instances in a dag run"""
    run = _run(cli)
    rows = list(cli.airflow.task_instances.group("run", run.key).values())
    mapped = any(row.map_index >= 0 for row in rows)
    date = {"logical_date" if cli.is_3 else "execution_date": moment(None if run.dateless else run.logical_date)}
    shown: list[dict[str, Any]] = [
        {
            "dag_id": row.dag_id,
            **date,
            "task_id": row.task_id,
            "state": row.state or ("" if cli.is_3 else None),
            "start_date": moment(row.start_date),
            "end_date": moment(row.end_date),
            **({"map_index": str(row.map_index) if row.map_index >= 0 else ""} if mapped else {}),
        }
        for row in rows
    ]
    cli.show(shown)


@command(
    "tasks clear",
    DAG_ID,
    argument("-t", "--task-regex", help="The regex to filter specific task_ids (optional)"),
    START_DATE,
    END_DATE,
    SUBDIR,
    _BUNDLE,
    argument("-u", "--upstream", help="Include upstream tasks", action="store_true"),
    argument("-d", "--downstream", help="Include downstream tasks", action="store_true"),
    YES,
    argument("-f", "--only-failed", help="Only failed jobs", action="store_true"),
    argument("-r", "--only-running", help="Only running jobs", action="store_true"),
    argument("-x", "--exclude-subdags", help="Exclude subdags", action="store_true"),
    argument("-X", "--exclude-parentdag", help="Exclude ParentDAGS", action="store_true"),
    argument("-R", "--dag-regex", help="Search dag_id as regex instead of exact string", action="store_true"),
    event="task_clear",
)
def task_clear(cli: Cli) -> None:
    """Clear a set of task instance, as if they never ran"""
    those = [(dag, clearing.select(cli.airflow, dag, _selection(cli, dag))) for dag in _dags(cli)]
    if not any(rows for _, rows in those):
        if not cli.is_3:
            cli.say("Nothing to clear.")
        return
    if not cli.args.yes:
        raise Crash("EOFError", "EOF when reading a line")  # it asks, and nobody is there to answer
    for _, rows in those:
        clearing.clear(cli.airflow, rows)


def _dags(cli: Cli) -> list[Dag]:
    if not cli.args.dag_regex:
        return [parsed(cli)]
    found = [dag for dag in cli.airflow.dags if dag.is_active and re.search(cli.args.dag_id, dag.dag_id)]
    if not found:
        airflow_exception(
            cli,
            f"dag_id could not be found with regex: {cli.args.dag_id}. Either the dag did not exist or it failed to"
            " parse.",
        )
    return found


def _selection(cli: Cli, dag: Dag) -> Selection:
    args = cli.args
    states = FAILED if args.only_failed else frozenset()
    states |= frozenset({"running"}) if args.only_running else frozenset()
    return Selection(
        start=args.start_date,
        end=args.end_date,
        task_ids=[task for task in dag.tasks if re.search(args.task_regex, task)] if args.task_regex else None,
        upstream=args.upstream,
        downstream=args.downstream,
        states=states or None,
    )
