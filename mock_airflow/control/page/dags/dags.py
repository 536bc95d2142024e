"""The list of DAGs: what state their runs are in, when they last ran and will run, and whether they are paused."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mock_airflow.answers import Answer
from mock_airflow.control.page.dags import states, telling
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.domain import dag_stats, dags
from mock_airflow.domain.query import Order, paged
from mock_airflow.domain.records import RUN_STATES, Dag, DagRun

PAGE = ConsolePage("dags", "DAGs", "d")
SHOWN = 50  # DAGs of a page
_PATH = re.compile(r"[/?][!-~]*")
_PAUSED = {"paused": True, "active": False}


class ListedDag(NamedTuple):
    """A DAG of the list."""

    dag: Dag
    counts: list[tuple[str, int]]
    last: DagRun | None


@PAGE.shows()
def listed(visit: ConsoleVisit) -> Answer:
    """List the DAGs."""
    airflow, asked = visit.deployment.airflow, visit.request.args
    wanted = {name: asked.get(name, "").strip() for name in ("search", "paused", "state")}
    offset = number(asked.get("from", ""))
    rows = [dag for dag in airflow.dags if _fits(visit, dag, wanted)]
    page = paged(rows, order=Order("dag_id", False), offset=offset, limit=SHOWN)
    found = []
    for dag in page.rows:
        (stats,) = dag_stats.count(airflow, [dag.dag_id])
        found.append(ListedDag(dag, stats.stats, next(iter(airflow.dag_runs.before("logical_date", dag.dag_id)), None)))
    return show(
        visit,
        "dags.html",
        found=found,
        wanted=wanted,
        offset=offset,
        total=page.total_entries,
        all=len(airflow.dags),
        shown=SHOWN,
        filters=urlencode({name: value for name, value in wanted.items() if value}),
        run_states=RUN_STATES,
    )


def _fits(visit: ConsoleVisit, dag: Dag, wanted: dict[str, str]) -> bool:
    text = wanted["search"].lower()
    if text and not any(text in each.lower() for each in (dag.dag_id, dag.dag_display_name, *dag.tags)):
        return False
    if wanted["paused"] in _PAUSED and bool(dag.is_paused) is not _PAUSED[wanted["paused"]]:
        return False
    state = wanted["state"]
    return not state or bool(visit.deployment.airflow.dag_runs.group("open", (dag.dag_id, state)))


@PAGE.does("/<dag_id>/pause")
def pause(visit: ConsoleVisit, dag_id: str) -> Answer:
    """Pause a DAG, or have it run again."""
    paused = visit.form.get("paused") == "true"
    dags.set_paused(visit.deployment.airflow, dag_id, paused)
    return back(visit, f"{dag_id} is paused." if paused else f"{dag_id} runs again.")


def show(visit: ConsoleVisit, template: str, **values: Any) -> Answer:
    """A page that knows how states look."""
    return visit.show(
        template,
        sign=states.sign,
        state_style=states.style,
        state_words=states.words,
        index_of=lambda ti: telling.hidden(visit, ti.rendered_map_index) if ti.rendered_map_index else ti.map_index,
        **values,
    )


def back(visit: ConsoleVisit, said: str) -> Answer:
    """Lead to where the form stood, which it names; ``said`` is told there."""
    path = visit.form.get("back", "")
    return visit.back(path if _PATH.fullmatch(path) else "", said)


def number(text: str, most: int = 10_000_000) -> int:
    """A number that stands in a URL; 0 for anything else."""
    return min(int(text), most) if text.isascii() and text.isdigit() else 0
