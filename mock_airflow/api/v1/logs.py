"""The logs of task instances."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import JSON, Answer, Oops
from mock_airflow.api.airflow2.accept import best_match
from mock_airflow.api.airflow2.log_sources import head_of
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import Call, json_answer
from mock_airflow.api.v1.api import API
from mock_airflow.api.v1.task_instances import ONE, key_of
from mock_airflow.domain.errors import LogUnreadableError, TaskInstanceNotFoundError
from mock_airflow.domain.logs import reading

operation = API.tagged("TaskInstance")

TEXT = "text/plain"
_LOG = Schema("Log", Field("continuation_token"), Field("content"))


@operation(
    "GET",
    f"{ONE}/logs/{{task_try_number}}",
    access=on_dag("GET", "Task Logs"),
    query=(Query("full_content", "boolean"), Query("map_index", "integer"), Query("token")),
    answer=_LOG,
    media=(JSON, TEXT),
    words={TaskInstanceNotFoundError: Words("TaskInstance not found")},
)
def get_log(call: Call) -> Answer:
    """Read the log of an attempt: as text if the client takes it, else as JSON with a token for what comes after."""
    told = _read_token(call)
    as_text = best_match(call.headers.get("Accept"), (TEXT, JSON)) == TEXT
    try:
        chunk = reading.read(
            call.airflow, key_of(call), call.path["task_try_number"], None if as_text else told.get("log_pos")
        )
    except LogUnreadableError as error:
        raise Oops(str(error)) from None
    host, text = _told(chunk, call.path["task_try_number"])
    if as_text:
        return Answer(f"{host}\n{text}\n", content_type=TEXT)
    after = {"end_of_log": chunk.end_of_log, "log_pos": chunk.log_pos}
    token = _tokens(call).dumps({name: value for name, value in after.items() if value is not None})
    return json_answer({"content": str([(host, text)]), "continuation_token": token})


def _told(chunk: reading.Chunk, try_number: int) -> tuple[str, str]:
    """A piece of a log, by its host, with its sources above it."""
    if chunk.log_pos is None:
        return "default_host", f"Error fetching the logs. Try number {try_number} is invalid."
    return chunk.host, f"{head_of(chunk.sources) if chunk.sources else ''}{chunk.text}"


def _tokens(call: Call) -> URLSafeSerializer:
    """What signs tokens: deployments of one seed take each other's, as servers with one secret key do."""
    return URLSafeSerializer(f"mock-airflow/{call.settings.seed}")


def _read_token(call: Call) -> dict[str, Any]:
    if not call.query.get("token"):
        return {}
    try:
        told: dict[str, Any] = _tokens(call).loads(call.query["token"])
    except BadSignature:
        raise bad_request(None, "Bad Signature. Please use only the tokens provided by the API.") from None
    return told
