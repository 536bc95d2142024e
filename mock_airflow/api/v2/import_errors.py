"""Import errors, told to those who may read a DAG of the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, order_by, order_keys, pattern
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.filters import equal, matching
from mock_airflow.api.v2.lists import listing, ordered
from mock_airflow.domain import import_errors
from mock_airflow.domain.dag_files import relative_path
from mock_airflow.domain.records import DagImportError

operation = API.tagged("Import Error")

ORDER_KEYS = order_keys(
    *("import_error_id", "timestamp", "bundle_name"),
    id="import_error_id",
    filename=lambda error: filename_of(error),
    stacktrace="stack_trace",
)
_REDACTED = "REDACTED - you do not have read permission on all Dags in the file"


def filename_of(error: DagImportError) -> str:
    """The file's place in its bundle."""
    if error.place is not None:
        return error.place
    return relative_path(error.filename) if error.filename.startswith("/") else error.filename


def _dag_ids(call: Call, error: DagImportError) -> list[str]:
    """The DAGs that are known from the file."""
    return [
        dag.dag_id
        for dag in call.airflow.dags
        if dag.fileloc == error.filename or relative_path(dag.fileloc) == filename_of(error)
    ]


def _view(call: Call, error: DagImportError) -> dict[str, Any]:
    permitted = call.permitted_dags("can_read")
    hidden = permitted is not None and not all(map(permitted, _dag_ids(call, error)))
    return {
        "import_error_id": error.import_error_id,
        "timestamp": error.timestamp,
        "filename": filename_of(error),
        "bundle_name": error.bundle_name,
        "stack_trace": _REDACTED if hidden else error.stack_trace,
    }


def _visible(call: Call, error: DagImportError) -> bool:
    """Whether the file has a DAG that may be read, or none at all (code)."""
    permitted = call.permitted_dags("can_read")
    of_file = _dag_ids(call, error)
    return permitted is None or not of_file or any(map(permitted, of_file))


@operation("GET", "/importErrors/{import_error_id}", access=on("GET", "ImportError"), answer="ImportErrorResponse")
def get_import_error(call: Call) -> Answer:
    """Read an import error."""
    error = import_errors.get(call.airflow, call.path["import_error_id"])
    if not _visible(call, error):
        raise Detail(403, "You do not have read permission on any of the Dags in the file")
    return answer(_view(call, error))


@operation(
    "GET",
    "/importErrors",
    access=on("GET", "ImportError"),
    query=(*PAGE, order_by("id"), *pattern("filename"), Parameter("filename"), Parameter("bundle_name")),
    answer="ImportErrorCollectionResponse",
)
def get_import_errors(call: Call) -> Answer:
    """List import errors."""
    rows: Iterable[DagImportError] = [error for error in call.airflow.import_errors if _visible(call, error)]
    rows = matching(call, rows, "filename", filename_of)
    rows = equal(call, rows, "filename", filename_of)
    rows = equal(call, rows, "bundle_name")
    found = ordered(call, rows, ORDER_KEYS, "id", lambda error: error.import_error_id)
    return listing(call, "import_errors", found, _view)
