"""The runs of a DAG over time: a column a run, a row a task, as many as a page holds."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from mock_airflow.control.page.dags import states
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, DagRun, TaskInstance

RUNS, ROWS = 25, 100
_MANY = 2000  # task instances of a run, which are counted and not looked at for the grid


class GridCell(NamedTuple):
    """What a task came to in a run, as it is drawn and said; of a mapped one, the gravest state of its instances.

    ``link`` is what the page of that task has in its URL besides the run and the task.
    """

    style: str
    sign: str
    words: str
    link: str


class GridRow(NamedTuple):
    """A task, how its pages' URLs name it, and its cell in each run; None where the run does not have it."""

    task_id: str
    link: str
    cells: list[GridCell | None]


class Grid(NamedTuple):
    """Runs, the oldest first; ``before`` leads to earlier ones."""

    runs: list[DagRun]
    rows: list[GridRow]
    before: datetime | None
    rows_from: int
    rows_of: int


def grid_of(airflow: Airflow, dag: Dag, before: datetime | None = None, rows_from: int = 0) -> Grid:
    """The last runs, or those before a logical date."""
    found = list(islice(airflow.dag_runs.before("logical_date", dag.dag_id, before), RUNS + 1))
    runs = found[:RUNS][::-1]
    instances = [_by_task(airflow, run) for run in runs]
    names = dict.fromkeys(dag.tasks)
    for of_run in instances:
        names.update(dict.fromkeys(of_run))
    shown = list(names)[rows_from : rows_from + ROWS]
    rows = [GridRow(name, quote(name, safe=""), [_cell(of_run.get(name)) for of_run in instances]) for name in shown]
    earlier = runs[0].logical_date if len(found) > RUNS else None
    return Grid(runs, rows, earlier, rows_from, len(names))


def _by_task(airflow: Airflow, run: DagRun) -> dict[str, list[TaskInstance]]:
    group = airflow.task_instances.group("run", run.key)
    found: dict[str, list[TaskInstance]] = {}
    for ti in islice(group.values(), _MANY):
        found.setdefault(ti.task_id, []).append(ti)
    return found


def _cell(instances: list[TaskInstance] | None) -> GridCell | None:
    if not instances:
        return None
    state = states.of_all(ti.state for ti in instances)
    many, index = len(instances), instances[0].map_index
    return GridCell(
        states.style(state),
        states.sign(state),
        f"{states.words(state)}, {many} instances" if many > 1 else states.words(state),
        f"&index={index}" if many == 1 and index >= 0 else "",
    )
