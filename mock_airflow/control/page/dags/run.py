"""One run: what it is, its tasks on a timeline that moves with the clock, and what can be done to it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.dags import telling
from mock_airflow.control.page.dags.dag import planned, the_run
from mock_airflow.control.page.dags.dags import PAGE, back, number, show
from mock_airflow.control.page.dags.links import run_link, task_link
from mock_airflow.control.page.dags.timeline import WIDE, timeline_of
from mock_airflow.control.page.page import ConsoleVisit
from mock_airflow.control.reading import refused
from mock_airflow.domain import dag_runs, dags
from mock_airflow.domain.records import DagRun

SHOWN = 100  # task instances of a page


@PAGE.shows("/<dag_id>/run")
def run_page(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Show a run."""
    airflow, asked = visit.deployment.airflow, visit.request.args
    run = the_run(visit, dag_id, asked.get("run", ""))
    group = airflow.task_instances.group("run", run.key)
    offset = number(asked.get("from", ""))
    instances = list(islice(group.values(), offset, offset + SHOWN))
    events = [event for each in run.consumed_event_ids if (event := airflow.asset_events.get(each)) is not None]
    plan = airflow.plans.get((dag_id, run.run_id))
    return show(
        visit,
        "run.html",
        run=run,
        dag=airflow.dags.get(dag_id),
        timeline=timeline_of(airflow, run, instances),
        offset=offset,
        total=len(group),
        shown=SHOWN,
        wide=WIDE,
        conf=telling.text_of(visit, dict(run.conf)) if run.conf else "",
        note=telling.hidden(visit, run.note) if run.note else "",
        caused_by=[(telling.hidden(visit, event.asset_uri), event.timestamp) for event in events],
        dateless=run.dateless and visit.deployment.generation == 3,
        planned=sorted(plan.tasks) if plan is not None else [],
        outcomes=("success", "failed", "skipped"),
        run_link=run_link,
        task_link=task_link,
    )


def _of_form(visit: ConsoleVisit, dag_id: str) -> DagRun:
    return the_run(visit, dag_id, visit.form.get("run", ""))


@PAGE.does("/<dag_id>/run/mark")
def mark(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Put a run into another state."""
    run, state = _of_form(visit, dag_id), visit.form.get("state", "")
    if state not in ("success", "failed", "queued"):
        raise refused("A run is put into success, failed or queued.")
    as_3 = visit.deployment.generation == 3
    dag_runs.set_state(visit.deployment.airflow, dag_id, run.run_id, state, as_3=as_3)
    return visit.back(run_link(run), f"{run.run_id} is {state}.")


@PAGE.does("/<dag_id>/run/clear")
def clear(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Have a run and all its tasks run again."""
    run = _of_form(visit, dag_id)
    dags.declared(visit.deployment.airflow, dag_id)
    dag_runs.clear(visit.deployment.airflow, dag_id, run.run_id)
    return visit.back(run_link(run), f"{run.run_id} runs again.")


@PAGE.does("/<dag_id>/run/delete")
def delete(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Delete a run."""
    run = _of_form(visit, dag_id)
    dag_runs.delete(visit.deployment.airflow, dag_id, run.run_id)
    return back(visit, f"{run.run_id} is gone.")


@PAGE.does("/<dag_id>/run/plan")
def plan(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Say what a task does in this run, from where it is."""
    run = _of_form(visit, dag_id)
    given = visit.ask("list_plans")["plans"]
    there: dict[str, Any] = next((each["tasks"] for each in given if (each["dag_id"], each["run_id"]) == run.key), {})
    visit.ask("plan_run", dag_id=dag_id, run_id=run.run_id, body={"tasks": {**there, **planned(visit)}})
    return back(visit, f"{run.run_id} unfolds so.")


@PAGE.does("/<dag_id>/run/plan/forget")
def forget_plan(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Have a run unfold by itself, from where it is."""
    run = _of_form(visit, dag_id)
    visit.ask("forget_run_plan", dag_id=dag_id, run_id=run.run_id)
    return back(visit, f"{run.run_id} unfolds by itself again.")


@PAGE.does("/<dag_id>/run/release")
def release(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Let go on what a plan holds in a run: one task, or all."""
    run, task = _of_form(visit, dag_id), visit.given("task_id").get("task_id")
    found = visit.ask("release_run", dag_id=dag_id, run_id=run.run_id, body={"task_id": task})
    names = ", ".join(each["task_id"] for each in found["released"])
    return back(visit, f"{names} goes on.")
