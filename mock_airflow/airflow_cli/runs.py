"""``airflow dags``, as far as it is about runs: triggering, listing, their state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from mock_airflow.airflow_cli.arguments import DAG_ID, END_DATE, OUTPUT, START_DATE, SUBDIR, parsedate
from mock_airflow.airflow_cli.command import Cli, Crash, airflow_exception, argument, command
from mock_airflow.airflow_cli.dags import known
from mock_airflow.domain import dags
from mock_airflow.domain.errors import (
    DagNotFoundError,
    LogicalDateTakenError,
    ParamInvalidError,
    RunIdMalformedError,
    RunIdReservedError,
    RunIdTakenError,
)
from mock_airflow.domain.records import RUN_STATES, DagRun, JsonObject, RunKey
from mock_airflow.domain.scheduler.timetables import manual_data_interval
from mock_airflow.domain.triggering import NewRun, triggered

_STATE = argument(
    "--state",
    help="Only list the DAG runs corresponding to the state",
    metavar=", ".join(RUN_STATES),
    choices=RUN_STATES,
)
_NO_BACKFILL = argument("--no-backfill", help="filter all the backfill dagruns given the dag id", action="store_true")


def moment(at: datetime | None) -> str:
    """A moment as lists tell it; empty for none."""
    return "" if at is None else at.isoformat()


def run_named(cli: Cli, text: str) -> DagRun | None:
    """The run that a text names, by its id or by its logical date; None where there is none. Raises ValueError."""
    run = cli.airflow.dag_runs.get(RunKey(cli.args.dag_id, text))
    if run is not None:
        return run
    found: DagRun | None = cli.airflow.dag_runs.lookup("logical_date", (cli.args.dag_id, parsedate(text)))
    return found


def _logical(run: DagRun) -> datetime | None:
    return None if run.dateless else run.logical_date


def _listed(cli: Cli) -> list[DagRun]:
    """The DAG's runs that the filters let through."""
    args = cli.args
    known(cli)
    return [
        run
        for run in cli.airflow.dag_runs.group("dag_id", args.dag_id).values()
        if (not args.state or run.state == args.state)
        and not (args.no_backfill and run.run_type == "backfill")
        and (args.start_date is None or run.logical_date >= args.start_date)
        and (args.end_date is None or run.logical_date <= args.end_date)
    ]


@command(
    "dags list-runs",
    argument("-d", "--dag-id", required=True, help="The id of the dag"),
    _NO_BACKFILL,
    _STATE,
    OUTPUT,
    START_DATE,
    END_DATE,
    event="dag_list_dag_runs",
    only=2,
)
def dag_list_dag_runs(cli: Cli) -> None:
    """List DAG runs given a DAG id"""
    rows = sorted(_listed(cli), key=lambda run: run.logical_date, reverse=True)
    _show(cli, rows, lambda run: {"execution_date": moment(run.logical_date)})


@command("dags list-runs", DAG_ID, _NO_BACKFILL, _STATE, OUTPUT, START_DATE, END_DATE, only=3)
def dag_list_dag_runs_3(cli: Cli) -> None:
    """List DAG runs given a DAG id"""
    rows = sorted(_listed(cli), key=lambda run: run.run_after or run.logical_date, reverse=True)
    _show(
        cli,
        rows,
        lambda run: {"run_after": moment(run.run_after or run.logical_date), "logical_date": moment(_logical(run))},
    )


def _show(cli: Cli, rows: Iterable[DagRun], dates: Callable[[DagRun], dict[str, str]]) -> None:
    cli.show(
        [
            {
                "dag_id": run.dag_id,
                "run_id": run.run_id,
                "state": run.state,
                **dates(run),
                "start_date": moment(run.start_date),
                "end_date": moment(run.end_date),
            }
            for run in rows
        ]
    )


def _say_state(cli: Cli, run: DagRun | None) -> None:
    if run is None:
        cli.say("None")
    else:
        cli.say(run.state + (f", {json.dumps(run.conf)}" if run.conf else ""))


@command(
    "dags state",
    DAG_ID,
    argument("execution_date", help="The execution date of the DAG", type=parsedate),
    SUBDIR,
    event="dag_state",
    only=2,
)
def dag_state(cli: Cli) -> None:
    """Get the status of a dag run"""
    known(cli)
    _say_state(cli, cli.airflow.dag_runs.lookup("logical_date", (cli.args.dag_id, cli.args.execution_date)))


@command(
    "dags state",
    DAG_ID,
    argument("logical_date_or_run_id", help="The logical date of the DAG or run_id of the DAGRun"),
    event="dag_state",
    only=3,
)
def dag_state_3(cli: Cli) -> None:
    """Get the status of a dag run"""
    known(cli)
    try:
        _say_state(cli, run_named(cli, cli.args.logical_date_or_run_id))
    except ValueError:
        _say_state(cli, None)


_RUN_ID = argument("-r", "--run-id", help="Helps to identify this run")
_CONF = argument("-c", "--conf", help="JSON string that gets pickled into the DagRun's conf attribute")
_MICROSECONDS = argument(
    "--no-replace-microseconds",
    help="whether microseconds should be zeroed",
    dest="replace_microseconds",
    action="store_false",
    default=True,
)


@command(
    "dags trigger",
    DAG_ID,
    SUBDIR,
    _RUN_ID,
    _CONF,
    argument("-e", "--exec-date", help="The execution date of the DAG", type=parsedate),
    _MICROSECONDS,
    OUTPUT,
    event="dag_trigger",
    only=2,
)
def dag_trigger(cli: Cli) -> None:
    """Trigger a DAG run"""
    at = cli.args.exec_date or cli.airflow.now()
    at = at.replace(microsecond=0) if cli.args.replace_microseconds else at
    run = _triggered(cli, NewRun(dag_id=cli.args.dag_id, run_id=cli.args.run_id, logical_date=at, conf={}))
    cli.show([_told(run, {"external_trigger": run.external_trigger})])


@command(
    "dags trigger",
    DAG_ID,
    _RUN_ID,
    _CONF,
    argument("-l", "--logical-date", help="The logical date of the DAG", type=parsedate),
    _MICROSECONDS,
    OUTPUT,
    event="dag_trigger",
    only=3,
)
def dag_trigger_3(cli: Cli) -> None:
    """Trigger a new DAG run"""
    at = cli.args.logical_date
    at = at.replace(microsecond=0) if at is not None and cli.args.replace_microseconds else at
    facts = {"triggered_by": "cli", "triggering_user_name": cli.by}
    after, dag = cli.airflow.now(), cli.airflow.dags.get(cli.args.dag_id)
    new = NewRun(dag_id=cli.args.dag_id, run_id=cli.args.run_id, logical_date=at, run_after=after, facts=facts)
    if at is not None and dag is not None:  # its interval follows from now, not from the date (observed)
        new = replace(new, data_interval=manual_data_interval(dag, after))
    run = _triggered(cli, new)
    cli.show([_told(run, {}) | {"triggering_user_name": cli.by}])


def _told(run: DagRun, more: dict[str, Any]) -> dict[str, Any]:
    """A new run as the command tells it, in the order of its fields."""
    return {
        "conf": dict(run.conf),
        "dag_id": run.dag_id,
        "dag_run_id": run.run_id,
        "data_interval_start": run.data_interval_start,
        "data_interval_end": run.data_interval_end,
        "end_date": run.end_date,
        **more,
        "last_scheduling_decision": run.last_scheduling_decision,
        "logical_date": _logical(run),
        "run_type": run.run_type,
        "start_date": run.start_date,
        "state": run.state,
    }


def _triggered(cli: Cli, new: NewRun) -> DagRun:
    """The run, made. Raises Crash."""
    missing = f"Dag id {cli.args.dag_id} not found in DagModel"
    try:
        dags.declared(cli.airflow, cli.args.dag_id)
    except DagNotFoundError:
        raise Crash("airflow.exceptions.DagNotFound", missing) from None
    name = new.name
    at = "" if cli.is_3 else f" at {new.logical_date}"
    taken = f"A DAG Run already exists for DAG {new.dag_id}{at} with run id {name}"
    try:
        return triggered(cli.airflow, replace(new, conf=_conf(cli)))
    except (RunIdTakenError, LogicalDateTakenError):
        raise Crash("airflow.exceptions.DagRunAlreadyExists", taken) from None
    except (RunIdReservedError, RunIdMalformedError) as error:
        airflow_exception(cli, str(error))
    except ParamInvalidError as error:
        raise Crash("airflow.exceptions.ParamValidationError", str(error)) from None


def _conf(cli: Cli) -> JsonObject:
    """The conf that is given. Raises Crash."""
    if not cli.args.conf:
        return {}
    try:
        conf = json.loads(cli.args.conf)
    except ValueError as error:
        raise Crash("json.decoder.JSONDecodeError", str(error)) from None
    if not isinstance(conf, dict):
        raise Crash("ValueError", "dag_run.conf must be a JSON object")
    return conf
