"""Backfills: making them, looking at them, holding them and ending them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from mock_airflow.access.permissions import DagInBody, on, on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Moment, Parameter, order_by, order_keys
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain import backfills
from mock_airflow.domain.errors import (
    BackfillImpossibleError,
    BackfillRunningError,
    DagNotFoundError,
    RunTypeNotAllowedError,
)
from mock_airflow.domain.records import Backfill
from mock_airflow.journal.why import Why

operation = API.tagged("Backfill")

ORDER_KEYS = order_keys("id")
_WORDS: Any = {
    DagNotFoundError: "Could not find dag {dag_id}",
    BackfillRunningError: "There is already a running backfill for dag {dag_id}",
    RunTypeNotAllowedError: "Dag with dag_id: '{dag_id}' does not allow backfill runs",
}


class ReprocessBehavior(str, Enum):
    """Which finished runs go again."""

    failed = "failed"
    completed = "completed"
    none = "none"


class BackfillPostBody(Body):
    """A backfill that is asked for."""

    dag_id: str
    from_date: Moment
    to_date: Moment
    run_backwards: bool = False
    dag_run_conf: dict[str, Any] | None = None
    reprocess_behavior: ReprocessBehavior = ReprocessBehavior.none
    max_active_runs: int = 10
    run_on_latest_version: bool | None = None

    def plan(self) -> backfills.BackfillPlan:
        """What is asked for, in the domain's words."""
        return backfills.BackfillPlan(
            self.dag_id,
            self.from_date,
            self.to_date,
            self.run_backwards,
            self.dag_run_conf,
            ReprocessBehavior(self.reprocess_behavior).value,
        )


def _view(call: Call, backfill: Backfill) -> dict[str, Any]:
    return {
        "id": backfill.id,
        "dag_id": backfill.dag_id,
        "from_date": backfill.from_date,
        "to_date": backfill.to_date,
        "dag_run_conf": backfill.dag_run_conf,
        "is_paused": backfill.is_paused,
        "reprocess_behavior": backfill.reprocess_behavior,
        "max_active_runs": backfill.max_active_runs,
        "created_at": backfill.created_at,
        "completed_at": backfill.completed_at,
        "updated_at": backfill.updated_at,
        "dag_display_name": display_name(call.airflow, backfill.dag_id),
    }


@operation(
    "GET",
    "/backfills",
    access=on_dag("GET", "DAG Runs"),
    query=(*PAGE, order_by("id"), Parameter("dag_id", required=True)),
    answer="BackfillCollectionResponse",
)
def list_backfills(call: Call) -> Answer:
    """List the backfills of a DAG."""
    rows = call.airflow.backfills.group("dag_id", call.query["dag_id"]).values()
    return listing(call, "backfills", ordered(call, rows, ORDER_KEYS, "id", lambda row: row.id), _view)


@operation(
    "POST",
    "/backfills",
    access=DagInBody.of("POST", "DAG Runs"),
    body=BackfillPostBody,
    words=_WORDS,
    event=True,
    answer="BackfillResponse",
    refuses=(404, 409, 503),
)
def create_backfill(call: Call) -> Answer:
    """Make a backfill, and its runs."""
    body = call.body
    latest = body.run_on_latest_version is not False
    try:
        made = backfills.create(
            call.airflow,
            body.plan(),
            max_active_runs=body.max_active_runs,
            most=call.deployment.settings.runs_per_move,
            user=call.principal.name,
            on_latest=latest,
        )
    except BackfillImpossibleError as error:
        raise Detail(422, str(error)) from None
    told = _view(call, made)
    return answer({**told, "from_date": _as_sent(body.from_date), "to_date": _as_sent(body.to_date)})


def _as_sent(moment: datetime) -> datetime | str:
    """The caller's own offset comes back, as with a trigger (code)."""
    return moment.isoformat() if moment.utcoffset() else moment


def _found(call: Call, method: str) -> Backfill:
    """The backfill that the path names. Raises Detail: 404, for everybody, before 403 (observed)."""
    backfill = call.airflow.backfills.get(call.path["backfill_id"])
    if backfill is None:
        raise Detail(404, "Backfill not found")
    missing = on_dag(method, "DAG Runs").missing(call.principal.permissions, backfill.dag_id)
    if missing is None:
        return backfill
    if method != "GET" and on_dag("GET", "DAG Runs").missing(call.principal.permissions, backfill.dag_id) is None:
        raise Detail(403, "Forbidden", why=Why(f"{missing} is needed."))
    raise Detail(404, "Backfill not found", why=Why(f"{missing} is needed."))


def _unfinished(call: Call) -> Backfill:
    backfill = _found(call, "PUT")
    if backfill.completed_at is not None:
        raise Detail(409, "Backfill is already completed.")
    return backfill


@operation("GET", "/backfills/{backfill_id}", access=on("GET"), answer="BackfillResponse")
def get_backfill(call: Call) -> Answer:
    """Read a backfill."""
    return answer(_view(call, _found(call, "GET")))


@operation(
    "PUT", "/backfills/{backfill_id}/pause", access=on("GET"), event=True, answer="BackfillResponse", refuses=(404, 409)
)
def pause_backfill(call: Call) -> Answer:
    """Have it begin no further runs."""
    return answer(_view(call, backfills.set_paused(call.airflow, _unfinished(call), True)))


@operation(
    "PUT",
    "/backfills/{backfill_id}/unpause",
    access=on("GET"),
    event=True,
    answer="BackfillResponse",
    refuses=(404, 409),
)
def unpause_backfill(call: Call) -> Answer:
    """Have it go on."""
    return answer(_view(call, backfills.set_paused(call.airflow, _unfinished(call), False)))


@operation(
    "PUT",
    "/backfills/{backfill_id}/cancel",
    access=on("GET"),
    event=True,
    answer="BackfillResponse",
    refuses=(404, 409),
)
def cancel_backfill(call: Call) -> Answer:
    """End it; what it has queued failed."""
    return answer(_view(call, backfills.cancel(call.airflow, _unfinished(call))))


@operation(
    "POST",
    "/backfills/dry_run",
    access=DagInBody.of("POST", "DAG Runs"),
    body=BackfillPostBody,
    words=_WORDS,
    answer="DryRunBackfillCollectionResponse",
    refuses=(404, 409, 503),
)
def create_backfill_dry_run(call: Call) -> Answer:
    """Tell of which moments a backfill would make runs."""
    try:
        found = backfills.moments(call.airflow, call.body.plan(), call.deployment.settings.runs_per_move)
    except BackfillImpossibleError as error:
        raise Detail(422, str(error)) from None
    names = ("logical_date", "partition_key", "partition_date")
    rows = [{name: getattr(moment, name) for name in names} for moment in found]
    return answer({"backfills": rows, "total_entries": len(rows)})
