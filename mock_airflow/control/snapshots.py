"""Snapshots in the control API: states that are kept, by a name or a number, to go back to any number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import listing
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, number_of
from mock_airflow.errors import SnapshotError

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Snapshot

_SNAPSHOT = Schema("Snapshot", Field("id", "integer"), Field("name"), Field("at", format="date-time"))


@operation("POST", "/snapshot", access=None, answer=_SNAPSHOT, query=(Query("name"),))
def take_snapshot(call: ControlCall) -> Answer:
    """Keep the state as it is now, by a name if there is to be one; costs microseconds."""
    call.deployment.settle()
    name = call.query.get("name") or ""
    if name and any(name == each.name for each in call.deployment.kept_snapshots.values()):
        raise SnapshotError(f"There is a snapshot {name!r} already; delete it, or take another name.")
    call.airflow.snapshot_name = name  # a row, so that it is kept wherever the snapshot's rows are
    try:
        number = call.deployment.keep_snapshot()
    finally:
        call.airflow.snapshot_name = ""
    return json_answer({"id": number, "name": name, "at": call.airflow.now()})


@operation("GET", "/snapshots", access=None, answer=_SNAPSHOT, listed="snapshots")
def list_snapshots(call: ControlCall) -> Answer:
    """List the snapshots that are kept, oldest first."""
    kept = call.deployment.kept_snapshots
    told = [{"id": number, "name": snapshot.name, "at": snapshot.clock.now} for number, snapshot in kept.items()]
    return listing("snapshots", told)


@operation("DELETE", "/snapshots", access=None, success=204)
def delete_snapshots(call: ControlCall) -> None:
    """Forget all snapshots."""
    call.deployment.kept_snapshots.clear()


@operation("DELETE", "/snapshots/{id}", access=None, success=204)
def delete_snapshot(call: ControlCall) -> None:
    """Forget a snapshot."""
    number, _ = _kept(call)
    del call.deployment.kept_snapshots[number]


@operation("POST", "/restore/{id}", access=None, success=204)
def restore_snapshot(call: ControlCall) -> None:
    """Go back to a snapshot, any number of times; the journal goes on."""
    call.deployment.restore(_kept(call)[1])
    call.airflow.snapshot_name = ""


def _kept(call: ControlCall) -> tuple[int, Snapshot]:
    """The snapshot that the path names. Raises Problem."""
    number = number_of(call, "id", "snapshot")
    snapshot = call.deployment.kept_snapshots.get(number)
    if snapshot is None:
        raise not_found(f"There is no snapshot {number}; POST /snapshot makes one.")
    return number, snapshot
