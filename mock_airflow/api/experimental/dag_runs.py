"""DAG runs: trigger, list, and look at by their dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.experimental import dag_runs_by_date, lineage
from mock_airflow.api.experimental.answers import TextProblem, printed_run, told
from mock_airflow.api.experimental.api import API
from mock_airflow.api.experimental.dags import known
from mock_airflow.api.experimental.dates import read_date
from mock_airflow.api.operation import Call
from mock_airflow.domain import triggering
from mock_airflow.domain.errors import DagNotFoundError, LogicalDateTakenError, NoDataIntervalError, RunIdTakenError
from mock_airflow.domain.records import RUN_STATES, DagRun
from mock_airflow.domain.triggering import NewRun
from mock_airflow.journal.why import Why

operation = API.tagged("DAGRun")

_KINDS = {
    "backfill": "backfill",
    "scheduled": "scheduled",
    "dataset_triggered": "asset_triggered",
}  # by how an id begins

_TRUE = frozenset({"on", "t", "true", "y", "yes", "1"})


def _address(run: DagRun) -> str:
    """Where Airflow's pages show the run."""
    return f"/dags/{run.dag_id}/graph?execution_date={quote_plus(run.logical_date.isoformat(' '), safe=':')}"


LATEST_RUN = Schema(
    "LatestRun",
    Field("dag_id"),
    Field("execution_date", format="date-time", of="logical_date"),
    Field("start_date", of=lambda run: run.start_date or ""),
    Field("dag_run_url", of=_address),
)
DAG_RUN = LATEST_RUN.extended("DAGRun", Field("id", "integer"), Field("run_id"), Field("state", enum=RUN_STATES))
_FORM = Schema(
    "Trigger",
    Field("run_id", nullable=True),
    Field("conf", "object"),
    Field("execution_date", nullable=True),
    Field("replace_microseconds", nullable=True),
)


def date_of(call: Call) -> datetime:
    """The date in the path, in the zone it names."""
    return read_date(call.path["execution_date"], call.airflow.now())


@operation("GET", "/latest_runs", access=None, answer=LATEST_RUN, listed="items")
def latest_dag_runs(call: Call) -> Answer:
    """List the latest run of each DAG."""
    return told({"items": [LATEST_RUN.values(run) for run in dag_runs_by_date.latest(call.airflow)]})


@operation(
    "GET", "/dags/{dag_id}/dag_runs", operation_id="dag_runs", access=None, query=(Query("state"),), answer=DAG_RUN
)
def list_dag_runs(call: Call) -> Answer:
    """List the runs of a DAG, by their dates. An unknown DAG is a 400 here alone (observed)."""
    try:
        dag = known(call)
    except DagNotFoundError as error:
        raise TextProblem(400, f"Dag id {call.path['dag_id']} not found in DagModel", Why(str(error))) from None
    except TextProblem as refused:
        raise TextProblem(400, refused.detail or "") from None
    state = call.query.get("state", "").lower() or None
    if state not in (None, *RUN_STATES):
        raise Oops(f"{state!r} is not a state of a DAG run.")
    return told([DAG_RUN.values(run) for run in dag_runs_by_date.find(call.airflow, dag.dag_id, state)])


@operation("GET", "/dags/{dag_id}/dag_runs/{execution_date}", access=None)
def dag_run_status(call: Call) -> Answer:
    """Tell the state of the run of a date."""
    date = date_of(call)
    return told({"state": dag_runs_by_date.get(call.airflow, known(call).dag_id, date).state})


@operation("GET", "/lineage/{dag_id}/{execution_date}", access=None)
def get_lineage(call: Call) -> Answer:
    """Tell what the tasks of a run read and wrote."""
    date = date_of(call)
    run = dag_runs_by_date.get(call.airflow, known(call).dag_id, date)
    return told({"task_ids": lineage.of_run(call.airflow, run.key)})


@operation("POST", "/dags/{dag_id}/dag_runs", access=None, body=_FORM)
def trigger_dag(call: Call) -> Answer:
    """Trigger a run. The scheduler's run ids are allowed, and both kinds of conflict are a 400 (observed)."""
    run_id, conf, date = _form(call)
    dag = known(call)
    run_id = run_id or f"manual__{date.isoformat()}"
    if not isinstance(run_id, str):
        raise Oops("A run id is a text.")
    try:
        kind, separator, _ = run_id.partition("__")
        new = NewRun(
            dag_id=dag.dag_id,
            run_id=run_id,
            run_type=_KINDS.get(kind, "manual") if separator else "manual",
            logical_date=date,
            conf=conf or {},
        )
        triggering.see_that_date_is_free(call.airflow, new)
        triggering.see_that_id_is_free(call.airflow, new)
        run = triggering.triggered(call.airflow, new)
    except (LogicalDateTakenError, RunIdTakenError) as error:
        text = f"A DAG Run already exists for DAG {dag.dag_id} at {date.isoformat(' ')} with run id {run_id}"
        raise TextProblem(400, text, Why(str(error))) from None
    except NoDataIntervalError as error:
        raise Oops(str(error)) from None
    message = f"Created {printed_run(run, date)}"
    return told({"message": message, "execution_date": date.isoformat(), "run_id": run.run_id})


def _form(call: Call) -> tuple[Any, dict[str, Any] | None, datetime]:
    """Run id, conf and date of a trigger. Without a date it is now, in whole seconds unless they are asked to stay."""
    body = call.body
    if not isinstance(body, dict):  # Airflow looks for the names inside of whatever it got (observed)
        if not isinstance(body, (str, list)) or any(name in body for name in _FORM.fields):
            raise Oops("The body is not an object.")
        body = {}
    conf = body.get("conf")
    if "conf" in body and not isinstance(conf, dict):
        raise TextProblem(400, "Dag Run conf must be a dictionary object, other types are not supported")
    sent = body.get("execution_date")
    date = call.airflow.now() if sent is None else read_date(sent, call.airflow.now())
    whole_seconds = body.get("replace_microseconds", "true" if sent is None else None) or ""
    if not isinstance(whole_seconds, str):
        raise Oops("replace_microseconds is a text such as 'true'.")
    step = timedelta(microseconds=1)
    if whole_seconds.lower() in _TRUE:
        date, step = date.replace(microsecond=0), timedelta(seconds=1)
    if sent is None and (call.airflow.clock.frozen or step < timedelta(seconds=1)):
        date = triggering.moment_of_its_own(call.airflow, call.path["dag_id"], date, step)
    return body.get("run_id"), conf, date
