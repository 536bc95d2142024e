"""The logs of task instances, as structured events: JSON, or one event a line."""

from __future__ import annotations

from typing import Annotated, Any

from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import Field

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import JSON, Answer, Oops
from mock_airflow.api.airflow3.accept import accept, accepted
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.json_text import text_of
from mock_airflow.api.airflow3.parameters import MAP_INDEX, Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.task_instance_fields import id_of, named
from mock_airflow.api.v2.task_instances import ONE
from mock_airflow.domain.logs import events
from mock_airflow.domain.records import TaskInstance

operation = API.tagged("Task Instance")

_READ = on_dag("GET", "Task Logs")
LINES = "application/x-ndjson"
_TOKEN_HEADER = "Airflow-Continuation-Token"


@operation(
    "GET",
    f"{ONE}/logs/{{try_number}}",
    access=_READ,
    query=(Parameter("full_content", bool, default=False), MAP_INDEX, Parameter("token")),
    media=(JSON, LINES),
    headers=(accept(JSON, LINES),),
    in_path={"try_number": Annotated[int, Field(ge=0)]},
    answer="TaskInstancesLogResponse",
    refuses=(404, 406),
)
def get_log(call: Call) -> Answer:
    """Read the log of an attempt; while it runs there is a token for what comes after."""
    number = call.path["try_number"]
    if max(number, abs(call.query["map_index"])) >= 1 << 63:
        raise Oops("The database takes no number beyond 64 bits.")
    as_lines = accepted(call, LINES) == LINES
    told = _read_token(call)
    key = named(call)
    ti = call.airflow.task_instances.get(key)
    past = call.airflow.tries.get((key, number))
    row = ti if ti is not None and ti.try_number == number else past
    if row is None:
        raise Detail(404, "TaskInstance not found")
    current = row if isinstance(row, TaskInstance) else None
    lines = events.read(call.airflow, key, row, id_of(call, current) if current else "")
    token = None
    if current is not None and number and current.state in events.UNDER_WAY:
        full = bool(told.get("download_logs")) or call.query["full_content"]
        after = {"download_logs": full, "end_of_log": False, "log_pos": len(lines)}
        token = _tokens(call).dumps(after)
    if as_lines:
        text = "".join(text_of({"timestamp": None, **line}) + "\n" for line in lines)
        return Answer(text, 200, LINES, {_TOKEN_HEADER: token} if token is not None else {})
    return answer({"content": lines[int(told.get("log_pos") or 0) :], "continuation_token": token})


def _tokens(call: Call) -> URLSafeSerializer:
    """What signs tokens: deployments of one seed take each other's, as servers with one secret key do."""
    return URLSafeSerializer(f"mock-airflow/{call.settings.seed}")


def _read_token(call: Call) -> dict[str, Any]:
    if not call.query["token"]:
        return {}
    try:
        told: dict[str, Any] = _tokens(call).loads(call.query["token"])
    except BadSignature:
        raise Detail(400, "Bad Signature. Please use only the tokens provided by the API.") from None
    return told


@operation(
    "GET",
    f"{ONE}/externalLogUrl/{{try_number}}",
    access=_READ,
    query=(MAP_INDEX,),
    in_path={"try_number": Annotated[int, Field(gt=0)]},
    answer="ExternalLogUrlResponse",
)
def get_external_log_url(call: Call) -> Answer:
    """Refuse: logs in files have no address elsewhere, which is told before the task is looked up (observed)."""
    raise Detail(400, "Task log handler does not support external logs.")
