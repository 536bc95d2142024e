"""Import errors: DAG files that Airflow could not read."""

from __future__ import annotations

from collections.abc import Callable

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dag_files import dag_ids
from mock_airflow.domain.errors import ImportErrorNotFoundError
from mock_airflow.domain.records import DagImportError

Allowed = Callable[[str], bool]


def get(airflow: Airflow, import_error_id: int) -> DagImportError:
    """The import error. Raises ImportErrorNotFoundError."""
    error = airflow.import_errors.get(import_error_id)
    if error is None:
        raise ImportErrorNotFoundError(import_error_id=import_error_id)
    return error


def find(airflow: Airflow, visible: Allowed | None = None) -> list[DagImportError]:
    """The import errors, with ``visible`` of files with a DAG that is."""
    return [
        error
        for error in airflow.import_errors
        if visible is None or any(map(visible, dag_ids(airflow, error.filename)))
    ]
