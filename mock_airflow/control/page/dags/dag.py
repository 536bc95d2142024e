"""One DAG: its graph in the states of a run, its runs as a grid, and what can be done to it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.dags import states, telling
from mock_airflow.control.page.dags.dags import PAGE, back, number, show
from mock_airflow.control.page.dags.grid import grid_of
from mock_airflow.control.page.dags.links import run_link, task_link
from mock_airflow.control.page.graph.drawing import TaskLook, svg
from mock_airflow.control.page.page import ConsoleVisit
from mock_airflow.control.reading import refused
from mock_airflow.domain import dag_runs, dags
from mock_airflow.domain.clock import moment_of
from mock_airflow.domain.records import Dag, DagRun, RunKey
from mock_airflow.domain.triggering import NewRun, moment_of_its_own, triggerable, triggered
from mock_airflow.errors import ClockError

GRAPH = 300  # tasks that are drawn at most
_OUTCOMES = ("success", "failed", "skipped")


@PAGE.shows("/<dag_id>")
def dag_page(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Show a DAG."""
    airflow, asked = visit.deployment.airflow, visit.request.args
    dag = dags.get(airflow, dag_id)
    before = _moment(asked.get("before", ""))
    grid = grid_of(airflow, dag, before, number(asked.get("tasks", "")))
    run = airflow.dag_runs.get(RunKey(dag_id, asked["run"])) if "run" in asked else None
    run = run or (grid.runs[-1] if grid.runs else None)
    return show(
        visit,
        "dag.html",
        dag=dag,
        grid=grid,
        below=[f"{visit.home}{task_link(each, '')}" for each in grid.runs],  # up to where the task is named
        chosen=run,
        earlier=before is not None,
        picture=graph(visit, dag, run) if 0 < len(dag.tasks) <= GRAPH else None,
        most=GRAPH,
        plans=_plans(visit, dag_id),
        outcomes=_OUTCOMES,
        legend=(*states.SIGNS, None),
        waits_for=_waits_for(visit, dag),
        run_link=run_link,
        task_link=task_link,
    )


def graph(visit: ConsoleVisit, dag: Dag, run: DagRun | None) -> str:
    """The picture of a DAG, in the states that its tasks have in a run."""
    instances = {} if run is None else visit.deployment.airflow.task_instances.group("run", run.key)
    by_task: dict[str, list[str | None]] = {}
    for ti in instances.values():
        by_task.setdefault(ti.task_id, []).append(ti.state)
    looks = {}
    for task in dag.tasks.values():
        found = by_task.get(task.task_id)
        state = states.of_all(found) if found else None
        told = f"{states.sign(state)} {states.words(state)}" if found else task.operator_name
        many = f" [{len(found)}]" if found and len(found) > 1 else ""
        label = task.task_id.rpartition(".")[2]
        looks[task.task_id] = TaskLook(
            label,
            f"{told}{many}",
            states.style(state) if found else "state-none",
            f"{task.task_id}: {task.operator_name}{f', {states.words(state)}{many}' if found else ''}",
            f"{visit.home}{task_link(run, task.task_id)}" if run is not None and found else "",
        )
    downstream = {task.task_id: task.downstream_task_ids for task in dag.tasks.values()}
    return svg(downstream, looks, f"The tasks of {dag.dag_id} and what comes after what")


def _waits_for(visit: ConsoleVisit, dag: Dag) -> list[tuple[str, bool]]:
    """The assets that start a DAG's runs, and whether their change is there already."""
    queued = {event.uri for event in visit.deployment.airflow.queued_events.group("dag_id", dag.dag_id).values()}
    found = [
        asset.uri
        for asset in visit.deployment.airflow.assets
        if any(reference.dag_id == dag.dag_id for reference in asset.consuming_dags)
    ]
    return [(telling.hidden(visit, uri), uri in queued) for uri in found]


def _plans(visit: ConsoleVisit, dag_id: str) -> str:
    """The plan of the DAG's later runs, as JSON; empty where there is none."""
    given: Any = visit.ask("list_plans")["plans"]
    tasks = next((plan["tasks"] for plan in given if plan["dag_id"] == dag_id and plan["run_id"] is None), None)
    return telling.text_of(visit, tasks) if tasks else ""


@PAGE.does("/<dag_id>/trigger")
def trigger(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Trigger a run, as somebody does with Airflow's own page."""
    airflow, given = visit.deployment.airflow, visit.given("conf", "run_id", "logical_date", "note")
    conf = read_object(given.get("conf", ""), "The conf")
    date = _moment(given.get("logical_date", ""))
    if date is None and "logical_date" in given:
        raise ClockError(f"{given['logical_date']!r} is not a time; write one such as 2025-01-01T06:00:00Z.")
    triggerable(airflow, dag_id)
    new = NewRun(dag_id=dag_id, run_id=given.get("run_id"), logical_date=date, conf=conf, note=given.get("note"))
    if visit.deployment.generation == 3:
        after = moment_of_its_own(airflow, dag_id, run_type="manual")
        facts = {"triggered_by": "ui", "triggering_user_name": visit.deployment.credentials.get("username", "admin")}
        new = NewRun(
            dag_id=dag_id,
            run_id=new.run_id,
            logical_date=date,
            run_after=after,
            conf=conf,
            note=new.note,
            facts=facts,
        )
    run = triggered(airflow, new)
    return visit.back(run_link(run), f"{run.run_id} is queued.")


@PAGE.does("/<dag_id>/plan")
def plan(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Say what a task does in later runs."""
    visit.ask("plan_dag", dag_id=dag_id, body={"tasks": _added(visit, dag_id)})
    return back(visit, f"Later runs of {dag_id} unfold so.")


@PAGE.does("/<dag_id>/plan/forget")
def forget_plan(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Have later runs unfold by themselves."""
    visit.ask("forget_dag_plan", dag_id=dag_id)
    return back(visit, f"Later runs of {dag_id} unfold by themselves again.")


def _added(visit: ConsoleVisit, dag_id: str) -> dict[str, Any]:
    """The plan that is there, with what the form says of one task."""
    given = visit.ask("list_plans")["plans"]
    there: dict[str, Any] = next(
        (each["tasks"] for each in given if each["dag_id"] == dag_id and each["run_id"] is None), {}
    )
    return {**there, **planned(visit)}


def planned(visit: ConsoleVisit) -> dict[str, Any]:
    """What a form says that a task does: its outcome, its seconds, how many attempts fail first. Raises Problem."""
    given = visit.given("task_id", "outcome", "seconds", "fails")
    if "task_id" not in given:
        raise refused("Say of which task the plan is.")
    told: dict[str, Any] = {}
    if "outcome" in given:
        told["outcome"] = given["outcome"]
    for name, kind in (("seconds", float), ("fails", int)):
        if name in given:
            try:
                told[name] = kind(given[name])
            except ValueError:
                raise refused(f"{name!r} is a number, not {given[name]!r}.") from None
    if visit.form.get("hold"):
        told["hold"] = True
    if not told:
        raise refused("Say what the task does: its outcome, its seconds, or how many attempts fail.")
    return {given["task_id"]: told}


def read_object(text: str, what: str) -> dict[str, Any]:
    """The JSON object that was typed. Raises Problem."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise refused(f'{what} is a JSON object such as {{"day": "tue"}}.')
    return value


def _moment(text: str) -> datetime | None:
    """A moment that stands in a URL or was typed; one without a zone is UTC."""
    text = text.strip().replace(" ", "+" if "T" in text and text.count(":") > 2 else "T")
    try:
        return moment_of(text) if text else None
    except ClockError:
        try:
            return moment_of(f"{text}+00:00")
        except ClockError:
            return None


def the_run(visit: ConsoleVisit, dag_id: str, run_id: str) -> DagRun:
    """The run that a page or a form names. Raises DagRunNotFoundError."""
    return dag_runs.get(visit.deployment.airflow, dag_id, run_id)
