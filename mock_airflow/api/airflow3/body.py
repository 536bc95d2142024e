"""Reading a request's body as FastAPI does (observed): JSON by its content type, anything else as one text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator
from typing_extensions import Self

from mock_airflow.api.airflow3.parameters import faults_of
from mock_airflow.api.airflow3.problems import Detail, Fault, invalid

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


class LooseBody(BaseModel):
    """What a request may send, or a part of it; unknown keys are passed over. Built when one has to be read."""

    model_config = ConfigDict(defer_build=True)


class Body(BaseModel):
    """What a request may send; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", use_enum_values=True, defer_build=True)
    read_twice: ClassVar[bool] = False
    optional: ClassVar[bool] = False


class TeamlessBody(Body):
    """What may name a team where Airflow has several; here it has none, as out of the box."""

    @model_validator(mode="after")
    def validate_team_name(self) -> Self:
        if getattr(self, "team_name", None) is not None:
            raise ValueError(
                "team_name cannot be set when multi_team mode is disabled. Please contact your administrator."
            )
        return self


_adapters: dict[Any, TypeAdapter[Any]] = {}


def read_body(kind: Any, sent: Any, faults: list[Fault], *, twice: bool = False) -> Any:
    """The body as its model reads it. What is wrong with it is added to ``faults``, ``twice`` if it is read so."""
    if sent is None and getattr(kind, "optional", False):
        return None
    twice = twice or getattr(kind, "read_twice", False)
    if sent is None:
        missing: Fault = {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
        faults.extend([missing] * (2 if twice else 1))
        return None
    adapter = _adapters.get(kind)
    if adapter is None:
        adapter = _adapters[kind] = TypeAdapter(kind)
    try:
        return adapter.validate_python(sent, from_attributes=True)
    except ValidationError as error:
        found = faults_of(error, ("body",))
        faults.extend(found * 2 if twice else found)
        return None


def sent_body(request: Request) -> Any:
    """The body as plain values, None without one.

    What is not JSON though it says so is refused before anybody asks who sent it (code: FastAPI). Raises Detail.
    """
    data = request.get_data(cache=True)
    if not data:
        return None
    kind = (request.mimetype or "").lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        return data.decode("utf-8", "replace")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ["body", error.pos], "msg": "JSON decode error", "input": {}}
        raise invalid([{**fault, "ctx": {"error": error.msg}}]) from None
    except (UnicodeDecodeError, RecursionError):
        raise Detail(400, "There was an error parsing the body") from None
