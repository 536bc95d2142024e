"""Reading a request's body as FastAPI does (observed): JSON by its content type, anything else as one text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mock_airflow.api.airflow3.parameters import faults_of
from mock_airflow.api.airflow3.problems import Fault

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


class Body(BaseModel):
    """What a request may send; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", use_enum_values=True)
    read_twice: ClassVar[bool] = False  # for authorisation too, so that each fault is told twice (observed)
    optional: ClassVar[bool] = False


_MISSING = object()
_adapters: dict[Any, TypeAdapter[Any]] = {}


def read_body(kind: Any, request: Request, faults: list[Fault]) -> tuple[Any, Any]:
    """The body as it was sent, and as its model reads it. What is wrong with it is added to ``faults``."""
    sent = _sent(request, faults)
    if sent is _MISSING:
        return None, None
    if sent is None and getattr(kind, "optional", False):
        return None, None
    if sent is None:
        faults.append({"type": "missing", "loc": ["body"], "msg": "Field required", "input": None})
        return None, None
    adapter = _adapters.get(kind)
    if adapter is None:
        adapter = _adapters[kind] = TypeAdapter(kind)
    try:
        return sent, adapter.validate_python(sent, from_attributes=True)
    except ValidationError as error:
        found = faults_of(error, ("body",))
        faults.extend(found * 2 if getattr(kind, "read_twice", False) else found)
        return sent, None


def _sent(request: Request, faults: list[Fault]) -> Any:
    """The body as plain values; None without one, and _MISSING where it is no JSON though it says so."""
    data = request.get_data(cache=True)
    if not data:
        return None
    kind = (request.mimetype or "").lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        return data.decode("utf-8", "replace")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        faults.append(
            {
                "type": "json_invalid",
                "loc": ["body", error.pos],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": error.msg},
            }
        )
    except (UnicodeDecodeError, RecursionError):
        faults.append(
            {
                "type": "json_invalid",
                "loc": ["body", 0],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": "There was an error parsing the body"},
            }
        )
    return _MISSING
