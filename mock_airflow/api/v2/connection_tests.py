"""Testing connections, at once or on a worker, and the default connections."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import Parameter
from mock_airflow.api.airflow3.problems import Detail, invalid
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.connections import ConnectionBody
from mock_airflow.domain import connection_tests
from mock_airflow.domain.installation import default_connections
from mock_airflow.domain.masking import MASK
from mock_airflow.domain.records import Connection
from mock_airflow.journal.why import Why

operation = API.tagged("Connection")

_DISABLED = "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it."
_TOKEN = "Airflow-Connection-Test-Token"
_EXECUTORS = ("LocalExecutor", "airflow.executors.local_executor.LocalExecutor")


class ConnectionTestRequestBody(ConnectionBody):
    """A connection to be tested by a worker."""

    __test__ = False  # no test of pytest's
    commit_on_success: bool = False
    executor: str | None = None
    queue: str | None = None


def _see_enabled(call: Call) -> None:
    if call.settings.test_connection != "Enabled":
        raise Detail(403, _DISABLED, why=Why(f"The setting test_connection is {call.settings.test_connection}."))


def _connection(body: ConnectionBody) -> Connection:
    return Connection(id=0, connection_id=body.connection_id, **body.values())


@operation(
    "GET",
    "/connections/enqueue-test",
    access=on("GET"),
    confidential=True,
    headers=(Parameter(_TOKEN, required=True),),
    answer="AsyncConnectionTestResponse",
    refuses=(404,),
)
def get_connection_test(call: Call) -> Answer:
    """Look at a test by its token, which is sent as a header."""
    token = call.headers.get(_TOKEN)
    if token is None:
        raise invalid([{"type": "missing", "loc": ["header", _TOKEN], "msg": "Field required", "input": None}])
    connection_tests.settle(call.airflow)
    row = call.airflow.connection_tests.get(token)
    if row is None or on("GET", "Connections").missing(call.principal.permissions, None) is not None:
        raise Detail(404, f"No connection test found for token: `{token}`")
    return answer(
        {
            "token": row.token,
            "connection_id": row.connection.connection_id,
            "state": row.state,
            "result_message": row.result_message,
            "created_at": row.created_at,
        }
    )


@operation(
    "POST",
    "/connections/enqueue-test",
    access=on("GET"),
    body=ConnectionTestRequestBody,
    event=True,
    success=202,
    confidential=True,
    answer="ConnectionTestQueuedResponse",
    refuses=(409, 422),
)
def enqueue_connection_test(call: Call) -> Answer:
    """Ask a worker for a test."""
    body = call.body
    _see_enabled(call)
    if body.executor is not None and body.executor not in _EXECUTORS:
        told = f"Executor '{body.executor}' is not configured. Configured executors: {[_EXECUTORS[0]]}"
        raise Detail(422, told)
    method = "PUT" if body.commit_on_success and body.connection_id in call.airflow.connections else "POST"
    if on(method, "Connections").missing(call.principal.permissions, None) is not None:
        raise Detail(403, f"You are not authorized to test connection `{body.connection_id}`.")
    row = connection_tests.ask(call.airflow, _connection(body), commit_on_success=body.commit_on_success)
    if row is None:
        raise Detail(409, f"An active connection test already exists for connection_id `{body.connection_id}`.")
    return answer({"token": row.token, "connection_id": body.connection_id, "state": row.state}, 202)


@operation(
    "POST",
    "/connections/test",
    access=on("POST", "Connections"),
    body=ConnectionBody,
    confidential=True,
    answer="ConnectionTestResponse",
)
def test_connection(call: Call) -> Answer:
    """Test a connection; what is stored under its id fills in what was not sent, as long as it leads there too."""
    _see_enabled(call)
    said = connection_tests.outcome(call.airflow, _completed(call, call.body))
    return answer({"status": said.status, "message": said.message})


test_connection.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def _completed(call: Call, body: ConnectionBody) -> Connection:
    stored = call.airflow.connections.get(body.connection_id)
    given: dict[str, Any] = body.values()
    if stored is None:
        return _connection(body)
    elsewhere = any(
        name in body.model_fields_set and (given[name] or None) != (getattr(stored, name) or None)
        for name in ("host", "port")
    )
    if not elsewhere:
        kept = {name: value for name, value in given.items() if value != MASK}
        return replace(stored, **kept)
    if given.get("password") in (None, "", MASK):
        raise Detail(
            400,
            "The host or port to test differs from the stored connection. Include the credentials to test in the"
            " request body.",
        )
    return _connection(body)


@operation("POST", "/connections/defaults", access=on("POST", "Connections"), event=True, success=204)
def create_default_connections(call: Call) -> None:
    """Make the default connections whose ids are not taken."""
    default_connections.create(call.airflow)
