"""What assets have queued for the DAGs that wait for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import QueuedEventNotFoundError
from mock_airflow.domain.records import QueuedEvent


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    uri: str | None = None,
    before: datetime | None = None,
    permitted: Callable[[str], bool] | None = None,
) -> list[QueuedEvent]:
    """The queued events of a DAG, of an asset, or both, made before a moment.

    Raises QueuedEventNotFoundError for none.
    """
    rows = airflow.queued_events if dag_id is None else airflow.queued_events.group("dag_id", dag_id).values()
    found = [
        row
        for row in rows
        if (uri is None or row.uri == uri)
        and (before is None or row.created_at < before)
        and (permitted is None or permitted(row.dag_id))
    ]
    if not found:
        raise QueuedEventNotFoundError(dag_id=dag_id, uri=uri)
    return found


def delete(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    uri: str | None = None,
    before: datetime | None = None,
    permitted: Callable[[str], bool] | None = None,
) -> None:
    """Forget the queued events that find() gives. Raises QueuedEventNotFoundError."""
    for row in find(airflow, dag_id=dag_id, uri=uri, before=before, permitted=permitted):
        airflow.queued_events.delete((row.dag_id, row.uri))
