"""One task in one run: its tries, what it logged, what it left for others, and what can be done to it."""

from __future__ import annotations

from typing import Any, NamedTuple

from mock_airflow.answers import Answer
from mock_airflow.control.page.dags import telling
from mock_airflow.control.page.dags.dag import the_run
from mock_airflow.control.page.dags.dags import PAGE, back, number, show
from mock_airflow.control.page.dags.links import run_link, task_link
from mock_airflow.control.page.page import ConsoleVisit
from mock_airflow.control.reading import refused
from mock_airflow.domain import clearing, dags, links, marking, task_instances
from mock_airflow.domain.clearing import Selection
from mock_airflow.domain.errors import DomainError
from mock_airflow.domain.logs import reading
from mock_airflow.domain.records import DagRun, TaskInstance, TaskInstanceKey

_INSTANCES = 200  # of a mapped task that are listed
_XCOMS = 100


class NamedText(NamedTuple):
    """A name and the value it has, as it may be told."""

    name: str
    text: str


@PAGE.shows("/<dag_id>/task")
def task_page(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Show a task instance, or all those of a mapped task."""
    airflow, asked = visit.deployment.airflow, visit.request.args
    run, task_id = the_run(visit, dag_id, asked.get("run", "")), asked.get("task", "")
    key = TaskInstanceKey(dag_id, run.run_id, task_id, _index(asked.get("index", "")))
    ti = airflow.task_instances.get(key)
    if ti is None and key.map_index < 0:
        return _instances(visit, run, task_id)
    ti = task_instances.get_exactly(airflow, key) if ti is None else ti
    tries = task_instances.tries(airflow, key)
    chosen = number(asked.get("try", "")) or (tries[-1].try_number if tries else ti.try_number)
    xcoms = list(airflow.xcoms.group("task_instance", key).values())
    dag = airflow.dags.get(dag_id)
    return show(
        visit,
        "task.html",
        run=run,
        ti=ti,
        task=dag.tasks.get(task_id) if dag is not None else None,
        tries=tries,
        chosen=chosen,
        log=_log(visit, key, chosen),
        xcoms=[NamedText(each.key, telling.text_of(visit, each.value, each.key)) for each in xcoms[:_XCOMS]],
        more_xcoms=max(len(xcoms) - _XCOMS, 0),
        rendered=[NamedText(name, telling.text_of(visit, value, name)) for name, value in ti.rendered_fields.items()],
        links=_links(visit, key),
        note=telling.hidden(visit, ti.note) if ti.note else "",
        held=ti.state == "running" and ti.ends_at is None and airflow.plans.get((dag_id, run.run_id)) is not None,
        outcomes=("success", "failed", "skipped"),
        run_link=run_link,
        task_link=task_link,
    )


def _index(text: str) -> int:
    return number(text) if text.isdigit() else -1


def _instances(visit: ConsoleVisit, run: DagRun, task_id: str) -> Answer:
    group = visit.deployment.airflow.task_instances.group("run", run.key).values()
    found = sorted((ti for ti in group if ti.task_id == task_id), key=lambda ti: ti.map_index)
    if not found:
        raise refused(f"The run {run.run_id!r} has no task {task_id!r}.")
    return show(
        visit,
        "instances.html",
        run=run,
        task_id=task_id,
        found=found[:_INSTANCES],
        total=len(found),
        run_link=run_link,
        task_link=task_link,
    )


def _log(visit: ConsoleVisit, key: TaskInstanceKey, try_number: int) -> str:
    try:
        return telling.shortened(telling.hidden(visit, reading.read(visit.deployment.airflow, key, try_number).text))
    except DomainError as error:
        return str(error)


def _links(visit: ConsoleVisit, key: TaskInstanceKey) -> list[NamedText]:
    airflow = visit.deployment.airflow
    try:
        found = links.of_xcoms(airflow, key) if visit.deployment.generation == 3 else links.of(airflow, key)
    except DomainError:  # the DAG's file has no such task any more
        return []
    return [NamedText(name, telling.hidden(visit, _target(value))) for name, value in found.items()]


def _target(value: Any) -> str:
    if isinstance(value, links.TriggeredRun):
        return f"{value.dag_id} {value.run_id or ''}".strip()
    return str(value or "")


def _of_form(visit: ConsoleVisit, dag_id: str) -> tuple[DagRun, TaskInstance]:
    run = the_run(visit, dag_id, visit.form.get("run", ""))
    key = TaskInstanceKey(dag_id, run.run_id, visit.form.get("task_id", ""), _index(visit.form.get("index", "")))
    return run, task_instances.get_exactly(visit.deployment.airflow, key)


@PAGE.does("/<dag_id>/task/mark")
def mark(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Put a task instance into another state; what had failed after it goes on."""
    airflow, state = visit.deployment.airflow, visit.form.get("state", "")
    if state not in ("success", "failed", "skipped"):
        raise refused("A task is put into success, failed or skipped.")
    run, ti = _of_form(visit, dag_id)
    dag = dags.declared(airflow, dag_id)
    index = ti.map_index if ti.map_index >= 0 else None
    changed = marking.mark(airflow, dag, [ti.task_id], run, state, map_index=index)
    return back(visit, f"{ti.task_id} is {state}." if changed else f"{ti.task_id} was {state} already.")


@PAGE.does("/<dag_id>/task/clear")
def clear(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Have a task run again, with what comes after it where that is asked for."""
    airflow = visit.deployment.airflow
    run, ti = _of_form(visit, dag_id)
    dag = dags.declared(airflow, dag_id)
    selection = Selection(
        start=run.logical_date,
        end=run.logical_date,
        task_ids=[ti.task_id],
        downstream=bool(visit.form.get("downstream")),
    )
    chosen = [
        each
        for each in clearing.select(airflow, dag, selection)
        if each.run_id == run.run_id and (each.task_id != ti.task_id or ti.map_index in (-1, each.map_index))
    ]
    clearing.clear(airflow, chosen, within=clearing.tasks_of(dag, selection))
    tasks = len({each.task_id for each in chosen})
    return back(visit, f"{ti.task_id} runs again." if tasks == 1 else f"{tasks} tasks run again.")
