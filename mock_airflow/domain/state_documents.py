"""The whole state of an Airflow as one document, and back: rows, serials, agenda, ids and clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_airflow.domain.airflow import Due, Snapshot
from mock_airflow.domain.clock import ClockState
from mock_airflow.errors import DocumentError
from mock_airflow.storage.documents import decode, to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_airflow.domain.airflow import Airflow


def state_text(
    snapshot: Snapshot, beside: Snapshot | None = None, left_out: Callable[[str, Any], bool] = lambda table, row: False
) -> str:
    """A snapshot as a text of JSON.

    Tables that are the very same in ``beside`` are left out, as are rows of which ``left_out`` says so.
    """
    tables = [
        f"{to_text(name)}:{to_text([row for row in state.every() if not left_out(name, row)])}"
        for name, state in snapshot.tables.items()
        if beside is None or beside.tables[name].rows is not state.rows
    ]
    agenda = [due for due in sorted(snapshot.agenda, key=_place) if snapshot.awaited.get(due.what) == due.at]
    return (
        f'{{"tables":{{{",".join(tables)}}},"serials":{to_text(dict(snapshot.serials))},"agenda":{to_text(agenda)},'
        f'"ids_drawn":{snapshot.ids_drawn},"clock":{to_text(snapshot.clock)}}}'
    )


def _place(due: Due) -> tuple[Any, ...]:
    return due.at, due.rank, due.number, str(due.what)


def read_state(airflow: Airflow, document: dict[str, Any], beside: Snapshot | None = None) -> Snapshot:
    """Put an Airflow into the state of a document; gives its snapshot.

    Tables that the document leaves out are those of ``beside``, or empty. Raises DocumentError.
    """
    try:
        unknown = document["tables"].keys() - airflow.tables.keys()
        if unknown:
            raise DocumentError(f"There is no table {min(unknown)!r} here; it is of another profile or version.")
        if beside is not None:
            airflow.restore(beside)
        for name, table in airflow.tables.items():
            if name in document["tables"]:
                table.refill(decode(document["tables"][name]))
            elif beside is None:
                table.refill(())
        clock, agenda = decode(document["clock"]), decode(document["agenda"])
        if not (isinstance(clock, ClockState) and all(isinstance(due, Due) for due in agenda)):
            raise DocumentError("Its clock or its agenda is of the wrong type.")
        airflow.plan(agenda)
        airflow.serials.clear()
        airflow.serials.update(document["serials"])
        airflow.ids.drawn = int(document["ids_drawn"])
        airflow.clock.load(clock)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DocumentError(f"The state of a deployment is not whole: {type(error).__name__}: {error}.") from None
    airflow.changes.clear()
    return airflow.snapshot()
