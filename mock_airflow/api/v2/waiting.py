"""The lines that waiting for a run is answered with; a real one writes them with spaces, in ASCII (observed)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mock_airflow.access.permissions import Missing, on_dag
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.domain.records import UNFINISHED_RUN, DagRun
from mock_airflow.domain.scheduler import settling
from mock_airflow.journal.why import Why

MOST_POLLS = 10_000
_RETURNED = "return_value"
_XCOMS = on_dag("GET", "XComs")


def see_readable(call: Call) -> None:
    """Raise Detail (403) for who asks for results and may not read XComs; that goes before the run is looked for."""
    missing = _unreadable(call)
    if missing is not None and call.query["result"]:
        told = "User is not authorized to read XCom data for this Dag"
        raise Detail(403, told, why=Why(f"{missing} is needed to read results.", "permission"))


def lines(call: Call, run: DagRun) -> Iterator[str]:
    """The lines, each made while the deployment is held, and none held while it is sent."""
    polls = _polls(call, run)
    while True:
        with call.deployment.lock:
            line = next(polls, None)
        if line is None:
            return
        yield line


def _polls(call: Call, run: DagRun) -> Iterator[str]:
    """A line a poll with the run's state until it is over, time passing by the deployment's clock.

    On a clock that stands still the polls move it, for as long as anything is still to happen: a run that waits for
    nothing but a person would never end there, so the lines end with the state that it is in, as they do with
    ``read_only``, where nobody may move it. Otherwise it is given up
    after so many polls.
    """
    airflow = call.airflow
    for _ in range(MOST_POLLS):
        current = airflow.dag_runs.get(run.key)
        if current is None:
            return
        if current.state not in UNFINISHED_RUN:
            yield _line(call, current)
            return
        yield json.dumps({"state": current.state}) + "\n"
        if airflow.clock.frozen and (call.settings.read_only or airflow.next_moment() is None):
            return
        with call.deployment.letting_others_in():
            airflow.clock.sleep(call.query["interval"])
        settling.settle(airflow)


def _line(call: Call, run: DagRun) -> str:
    told: dict[str, Any] = {"state": run.state}
    results = {}
    for task_id in _asked(call, run):
        own = (run.dag_id, run.run_id, task_id, _RETURNED)
        found = [row for row in call.airflow.xcoms if (row.dag_id, row.run_id, row.task_id, row.key) == own]
        if not found:
            continue
        found.sort(key=lambda row: row.map_index)
        results[task_id] = (
            found[0].value if len(found) == 1 and found[0].map_index < 0 else [row.value for row in found]
        )
    if results:
        told["results"] = results
    return json.dumps(told) + "\n"


def _asked(call: Call, run: DagRun) -> list[str]:
    """The tasks whose results are told: those asked for, else those the DAG names, for who may read them."""
    asked = call.query["result"]
    if asked is None and _unreadable(call) is None:
        dag = call.airflow.dags.get(run.dag_id)
        asked = [task.task_id for task in dag.tasks.values() if task.returns_dag_result] if dag is not None else ()
    return sorted({*(asked or ())})


def _unreadable(call: Call) -> Missing | None:
    return _XCOMS.missing(call.principal.permissions, call.path["dag_id"])
