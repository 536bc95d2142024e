"""Runs that were asked for or waited for in vain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.polling import is_over, polls, state_of
from mock_airflow.review.rules.retrying import is_trigger, made_runs
from mock_airflow.review.traffic import OVER, Seen, Traffic, grouped, moment_of

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records import DagRun

rule = partial(ReviewRule, subject="runs")


@rule(
    "paused-dag-triggered",
    "Triggers a paused DAG and waits",
    severity=Severity.ERROR,
    source="observed: the run stays queued until somebody unpauses the DAG",
    consequence="The run is queued and never starts; the client waits until its patience ends.",
    way_out='requests.patch(f"{api}/dags/{dag_id}", json={"is_paused": False})  # or refuse to trigger it',
)
def paused_triggered(traffic: Traffic) -> Iterable[Finding]:
    """
    A trigger made a run of a DAG that was paused, by the deployment's rows or by what the client itself had been told
    before, and the client asked after that run at least twice and was told queued each time. Whoever unpaused the DAG
    in between, or did not wait, is not meant.
    """
    pauses = _Pauses(traffic)
    for call in traffic:
        if not is_trigger(call) or not call.ok:
            continue
        dag = call.names.get("dag_id", "")
        run = run_of(call) if pauses.at(call, dag) else None
        if run is None:
            continue
        asked = [each for each in traffic.after(call) if each.run == (dag, run) and each.method == "GET" and each.ok]
        unpaused = any(
            each.method == "PATCH" and _pauses(each) is False and _names(each, dag) for each in traffic.after(call)
        )
        states = [state for each in asked if (state := state_of(each)) is not None]
        if len(states) >= 2 and set(states) == {"queued"} and not unpaused:
            yield Finding(
                f"#{call.number} triggered {dag}, which is paused, and {run} was asked for {len(states)} times;"
                " it stayed queued.",
                (call, *asked),
                {"dag_id": dag, "dag_run_id": run, "polls": len(states)},
            )


def run_of(call: Seen) -> str | None:
    """The run that a trigger made, as its answer or the rows say; None where neither is known."""
    name = call.answered.get("dag_run_id") or call.answered.get("run_id")
    if isinstance(name, str):
        return name
    return next(iter(made_runs(call)), None)


def _names(call: Seen, dag: str) -> bool:
    return call.names.get("dag_id") in (dag, None)


def _pauses(call: Seen) -> bool | None:
    """Whether a call pauses DAGs, or unpauses them; None for another."""
    value = call.body.get("is_paused") if call.id in ("patch_dag", "patch_dags") and call.ok else None
    return value if isinstance(value, bool) else None


class _Pauses:
    """Which DAGs were paused at which call: by the rows and what changed in them, or by what the clients were told."""

    def __init__(self, traffic: Traffic) -> None:
        self._rows = traffic.deployment.airflow.dags if traffic.deployment is not None else None
        self._known: dict[str, list[tuple[int, bool]]] = {}  # by DAG: up to which call, or from which on, it was so
        for call in traffic:
            if self._rows is not None:
                for change in call.entry.changes:
                    if change.table == "dags" and change.before is not None:
                        self._known.setdefault(change.key, []).append((call.number, bool(change.before.is_paused)))
            elif call.id in ("get_dag", "get_dag_details", "patch_dag") and call.ok:
                told = call.answered.get("is_paused")
                if isinstance(told, bool):
                    self._known.setdefault(call.names["dag_id"], []).append((call.number, told))

    def at(self, call: Seen, dag: str) -> bool:
        """Whether a DAG was paused when a call came; False where nobody knows."""
        known = self._known.get(dag, [])
        if self._rows is None:
            return next((paused for number, paused in reversed(known) if number < call.number), False)
        row = self._rows.get(dag)
        now = row is not None and bool(row.is_paused)
        return next((paused for number, paused in known if number > call.number), now)


def why_never_over(airflow: Airflow, run: DagRun) -> str | None:
    """Why a run cannot come to its end by itself, as the rest of a sentence; None where it may."""
    if run.state in OVER:
        return None
    dag = airflow.dags.get(run.dag_id)
    if dag is None:
        return "its DAG is gone"
    if not dag.is_active:
        return "its DAG is not active any more, so no scheduler looks at it"
    if dag.is_paused and run.state == "queued":
        return "its DAG is paused"
    for instance in airflow.task_instances.group("run", run.key).values():
        pool = airflow.pools.get(instance.pool) if instance.state in (None, "scheduled") else None
        if pool is not None and pool.slots == 0:
            return f"its task {instance.task_id} waits for the pool {pool.name}, which has no slots"
    return None


@rule(
    "waited-for-what-cannot-end",
    "Waits for a run that cannot end",
    severity=Severity.ERROR,
    source="observed: a run of a DAG that is paused before its start, inactive or gone, or of a pool without slots,"
    " stays",
    consequence="The client waits until its patience ends, and tells the wrong reason.",
    way_out='if dag["is_paused"] or not dag["is_active"]: raise RuntimeError("nothing will run")',
    needs_state=True,
)
def never_over(traffic: Traffic) -> Iterable[Finding]:
    """
    One client asked after a run at least three times, was never told that it is over, and by the deployment's rows it
    cannot be: its DAG is gone or not active, or paused before the run began, or a task waits for a pool of no slots. A
    run that the client itself triggered while the DAG was paused is told by paused-dag-triggered.
    """
    deployment = traffic.deployment
    assert deployment is not None
    triggered = {(call.names.get("dag_id"), run_of(call)) for call in traffic if is_trigger(call) and call.ok}
    for calls in polls(traffic):
        key = calls[-1].run
        if key is None or len(calls) < 3 or any(is_over(call) for call in calls):
            continue
        with deployment.lock:
            run = deployment.airflow.dag_runs.get(key)  # type: ignore[arg-type]
            why = None if run is None else why_never_over(deployment.airflow, run)
        if why is None or (why.endswith("paused") and key in triggered):
            continue
        yield Finding(
            f"{key[1]} of {key[0]} was asked for {len(calls)} times, and it cannot end: {why}.",
            tuple(calls),
            {"polls": len(calls), "because": why},
        )


@rule(
    "same-date-triggered-twice",
    "Triggers two runs with the same date",
    severity=Severity.ERROR,
    source="observed: a DAG has one run for each logical date; the oldest API makes it from the second of the call",
    consequence="When two events come within the same second the second one is refused, and its run never made.",
    way_out='json={"dag_run_id": f"my-job-{uuid4()}"}  # and no date, or one with microseconds',
)
def same_date(traffic: Traffic) -> Iterable[Finding]:
    """
    Two triggers of the same DAG carried the same logical date but not the same run id, or were sent to the experimental
    API without one within the same second, and the second was refused with 409 or 400 after the first had made its run.
    The same run id sent twice is a client that repeats itself safely, and is not meant.
    """
    groups = grouped(
        (call for call in traffic if is_trigger(call)), lambda call: (call.version, call.names.get("dag_id"))
    )
    for calls in groups.values():
        made: dict[datetime, Seen] = {}
        for call in calls:
            date = _date_of(call)
            if date is None:
                continue
            first = made.get(date)
            refused = call.status == 409 or (call.version == "experimental" and call.status == 400)
            if call.ok:
                made.setdefault(date, call)
            elif first is not None and refused and _run_id(first) != _run_id(call):
                yield Finding(
                    f"#{first.number} and #{call.number} triggered {call.names.get('dag_id')} for"
                    f" {date.isoformat()}, and the second was refused with {call.status}.",
                    (first, call),
                    {"logical_date": date.isoformat(), "status": call.status},
                )


def _run_id(call: Seen) -> Any:
    """What the client called the run; nothing two nameless ones share."""
    return call.body.get("dag_run_id") or call.body.get("run_id") or f"#{call.number}"


def _date_of(call: Seen) -> datetime | None:
    text = call.body.get("logical_date") or call.body.get("execution_date")
    if isinstance(text, str):
        return moment_of(text)
    if call.version == "experimental" and not call.body.get("run_id"):
        return call.entry.at.replace(microsecond=0)
    return None
