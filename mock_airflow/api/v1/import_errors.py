"""Import errors, told to those who may read a DAG of the file."""

from __future__ import annotations

from msgspec.structs import replace

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import in_64_bits
from mock_airflow.domain import import_errors
from mock_airflow.domain.dag_files import dag_ids
from mock_airflow.domain.import_errors import Allowed
from mock_airflow.domain.query import Page
from mock_airflow.domain.records import DagImportError

operation = API.tagged("ImportError")

IMPORT_ERROR = Schema(
    "ImportError",
    *as_read_only(
        Field("import_error_id", "integer"),
        Field("timestamp", format="datetime"),
        Field("filename"),
        Field("stack_trace"),
    ),
)
_REDACTED = "REDACTED - you do not have read permission on all DAGs in the file"


@operation(
    "GET",
    "/importErrors",
    access=on("GET", "ImportError"),
    query=(*PAGE, ORDER_BY),
    answer=IMPORT_ERROR,
    listed="import_errors",
)
def get_import_errors(call: Call) -> Answer:
    """List import errors."""
    readable = call.permitted_dags("can_read")
    visible = None if readable is None else call.permitted_dags() or _any
    rows = import_errors.find(call.airflow, visible)
    page = call.page(rows, "import_error_id", ("import_error_id", "timestamp", "filename"))
    told = [_redacted(call, error, readable) for error in page.rows]
    return call.collection("import_errors", IMPORT_ERROR, Page(told, page.total_entries))


@operation("GET", "/importErrors/{import_error_id}", access=on("GET", "ImportError"), answer=IMPORT_ERROR)
def get_import_error(call: Call) -> Answer:
    """Read an import error."""
    error = import_errors.get(call.airflow, in_64_bits(call.path["import_error_id"], "import_error_id"))
    if call.permitted_dags("can_read") is not None:
        visible = call.permitted_dags() or _any
        if not any(map(visible, dag_ids(call.airflow, error.filename))):
            raise Problem(403, "Forbidden", "You do not have read permission on any of the DAGs in the file")
        error = _redacted(call, error, visible)
    return call.one(IMPORT_ERROR, error)


def _any(dag_id: str) -> bool:
    """Whoever may edit all DAGs sees each, but not a file without any (code)."""
    return True


def _redacted(call: Call, error: DagImportError, readable: Allowed | None) -> DagImportError:
    """The error, without its trace where the file has a DAG that may not be read."""
    if readable is None or all(map(readable, dag_ids(call.airflow, error.filename))):
        return error
    return replace(error, stack_trace=_REDACTED)
