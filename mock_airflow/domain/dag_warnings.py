"""Warnings about DAGs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagWarning


def find(
    airflow: Airflow,
    *,
    dag_id: str | None = None,
    warning_type: str | None = None,
    permitted: Callable[[str], bool] | None = None,
) -> list[DagWarning]:
    """The warnings about one DAG, or about all permitted ones that there are; an empty filter is none."""
    rows: Iterable[DagWarning] = airflow.dag_warnings
    if dag_id:
        rows = [row for row in rows if row.dag_id == dag_id]
    else:
        rows = [row for row in rows if row.dag_id in airflow.dags and (permitted is None or permitted(row.dag_id))]
    if warning_type:
        rows = [row for row in rows if row.warning_type == warning_type]
    return list(rows)
