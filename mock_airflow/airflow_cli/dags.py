"""``airflow dags``, as far as it is about DAGs themselves."""

from __future__ import annotations

import json
import re
from typing import Any

from mock_airflow.airflow_cli.arguments import DAG_ID, OUTPUT, SUBDIR, YES, string_list_type
from mock_airflow.airflow_cli.command import Cli, Crash, Exit, airflow_exception, argument, command
from mock_airflow.airflow_cli.planned import upcoming
from mock_airflow.domain import dags
from mock_airflow.domain.errors import DagNotFoundError, TasksStillRunningError
from mock_airflow.domain.records import Dag

_COLUMNS = ("dag_id", "fileloc", "owners", "is_paused")
_BROKEN = "Error: Failed to load all files. For details, run `airflow dags \nlist-import-errors`"
_MISPLACED = "max_consecutive_failed_dag_runs"  # which the API's description has at the end
_REGEX = argument(
    "--treat-dag-id-as-regex",
    help="if set, dag_id will be treated as regex instead of an exact string",
    action="store_true",
)


def known(cli: Cli) -> Dag:
    """The DAG that ``dag_id`` names, whether or not its file is there. Raises Exit."""
    dag = cli.airflow.dags.get(cli.args.dag_id)
    if dag is None:
        raise Exit(f"DAG: {cli.args.dag_id} does not exist in 'dag' table")
    return dag


def parsed(cli: Cli) -> Dag:
    """The DAG as its file declares it. Raises Crash."""
    try:
        return dags.declared(cli.airflow, cli.args.dag_id)
    except DagNotFoundError:
        airflow_exception(
            cli, f"Dag {cli.args.dag_id!r} could not be found; either it does not exist or it failed to parse."
        )


def _fields(cli: Cli, dag: Dag) -> dict[str, Any]:
    """A DAG's fields as its API tells them, in the order of their declaration."""
    if cli.is_3:
        from mock_airflow.api.v2.dag_fields import dag_view

        return dag_view.fields(dag)
    from mock_airflow.api.v1.dags import DAG

    told = json.loads(DAG.text(dag, cli.airflow))
    told["owners"] = ", ".join(owner.strip() for owner in dag.owners).split(",")  # as they are kept (observed)
    names = [name for name in DAG.fields if name != _MISPLACED]
    names.insert(names.index("max_active_runs") + 1, _MISPLACED)
    return {name: told[name] for name in names}


def _columns(*names: str) -> Any:
    return argument(
        "--columns", type=string_list_type, help=f"List of columns to render. (default: {[*names]})", default=names
    )


@command("dags list", SUBDIR, OUTPUT, _columns(*_COLUMNS), event="dag_list_dags", only=2)
@command(
    "dags list",
    OUTPUT,
    _columns(*_COLUMNS, "bundle_name", "bundle_version"),
    argument("-B", "--bundle-name", help="The name of the DAG bundle to use", action="append"),
    argument("-l", "--local", help="Shows local parsed DAGs", action="store_true"),
    event="dag_list_dags",
    only=3,
)
def dag_list_dags(cli: Cli) -> None:
    """List all the DAGs"""
    active = sorted((dag for dag in cli.airflow.dags if dag.is_active), key=lambda dag: dag.dag_id)
    rows = [_fields(cli, dag) for dag in active]
    names = rows[0].keys() if rows else frozenset(cli.args.columns)
    wrong = [name for name in cli.args.columns if name not in names]
    if wrong:
        cli.warn(f"Error: Ignoring the following invalid columns: {wrong}.  List of valid columns: {[*names]}")
    if len(cli.airflow.import_errors):
        cli.warn(_BROKEN)
    cli.show([{name: row[name] for name in cli.args.columns if name in row} for row in rows])


@command("dags details", DAG_ID, OUTPUT, event="dag_details")
def dag_details(cli: Cli) -> None:
    """Get DAG details given a DAG id"""
    told = _fields(cli, known(cli))
    if cli.args.output in ("table", "plain"):
        cli.show([{"property_name": name, "property_value": value} for name, value in told.items()])
    else:
        cli.show([told])


@command("dags list-import-errors", OUTPUT, event="dag_list_import_errors")
def dag_list_import_errors(cli: Cli) -> None:
    """List all the DAGs that have import errors"""
    rows = [
        {**({"bundle_name": row.bundle_name} if cli.is_3 else {}), "filepath": row.filename, "error": row.stack_trace}
        for row in cli.airflow.import_errors
    ]
    cli.show(rows)
    if rows:
        raise Exit


@command("dags list-jobs", argument("-d", "--dag-id", help="The id of the dag"), OUTPUT, event="dag_list_jobs")
def dag_list_jobs(cli: Cli) -> None:
    """List the jobs"""
    if cli.args.dag_id:
        known(cli)
    rows = [row for row in cli.airflow.jobs if not cli.args.dag_id or row.dag_id == cli.args.dag_id]
    fields = ("dag_id", "state", "job_type", "start_date", "end_date")
    rows.sort(key=lambda row: str(row.start_date), reverse=True)
    cli.show([{name: str(getattr(row, name)) for name in fields} for row in rows])


@command(
    "dags next-execution",
    DAG_ID,
    SUBDIR,
    argument("-n", "--num-executions", default=1, type=int, help="The number of next execution datetimes to show"),
    event="dag_next_execution",
    only=2,
)
@command(
    "dags next-execution",
    DAG_ID,
    argument("-n", "--num-executions", default=1, type=int, help="The number of next executions to show"),
    only=3,
)
def dag_next_execution(cli: Cli) -> None:
    """Get the next execution datetimes of a DAG"""
    dag = cli.airflow.dags.get(cli.args.dag_id) if cli.is_3 else parsed(cli)
    if dag is None or not dag.is_active:
        raise Exit(f"DAG: {cli.args.dag_id} does not exist in the database")
    if dag.is_paused:
        cli.warn("[INFO] Please be reminded this DAG is PAUSED now.")
    for moment in upcoming(cli.airflow, dag, cli.args.num_executions):
        if moment is None:
            cli.warn(
                "[WARN] No following schedule can be found. This DAG may have schedule interval '@once' or `None`."
            )
        cli.say(str(None if moment is None else moment.isoformat()))


def _set_paused(cli: Cli, pause: bool) -> None:
    wanted = cli.args.dag_id
    if cli.args.treat_dag_id_as_regex:
        those = [dag for dag in cli.airflow.dags if re.search(wanted, dag.dag_id)]
    else:
        those = [dag for dag in cli.airflow.dags if dag.dag_id == wanted]
    those = [dag for dag in those if bool(dag.is_paused) is not pause]
    if not those:
        cli.say(f"No {'un' if pause else ''}paused DAGs were found")
        return
    if cli.args.treat_dag_id_as_regex and not cli.args.yes:
        raise Crash("EOFError", "EOF when reading a line")  # it asks, and nobody is there to answer
    for dag in those:
        dags.set_paused(cli.airflow, dag.dag_id, pause)
    told = not pause if cli.is_3 else pause  # Airflow 3 tells the state before (observed)
    cli.show([{"dag_id": dag.dag_id, "is_paused": told} for dag in those])


@command("dags pause", DAG_ID, SUBDIR, _REGEX, YES, OUTPUT, event="dag_pause")
def dag_pause(cli: Cli) -> None:
    """Pause DAG(s)"""
    _set_paused(cli, True)


@command("dags unpause", DAG_ID, SUBDIR, _REGEX, YES, OUTPUT, event="dag_unpause")
def dag_unpause(cli: Cli) -> None:
    """Resume paused DAG(s)"""
    _set_paused(cli, False)


@command("dags delete", DAG_ID, YES, event="dag_delete")
def dag_delete(cli: Cli) -> None:
    """Delete all DB records related to the specified DAG"""
    if not cli.args.yes:
        raise Crash("EOFError", "EOF when reading a line")  # it asks, and nobody is there to answer
    try:
        count = _rows_of(cli)
        dags.delete(cli.airflow, cli.args.dag_id)
    except DagNotFoundError:
        raise Crash("airflow.exceptions.DagNotFound", f"Dag id {cli.args.dag_id} not found") from None
    except TasksStillRunningError:
        said = f"Task instances of dag id {cli.args.dag_id} are still running"
        airflow_exception(cli, said)
    cli.say(f"Removed {count} record(s)")


def _rows_of(cli: Cli) -> int:
    """How many rows go with the DAG, of those that are kept here; a real Airflow has more tables."""
    airflow, dag_id = cli.airflow, cli.args.dag_id
    dags.get(airflow, dag_id)
    runs = airflow.dag_runs.group("dag_id", dag_id).values()
    instances = [ti for run in runs for ti in airflow.task_instances.group("run", run.key)]
    return 1 + len(runs) + len(instances)
