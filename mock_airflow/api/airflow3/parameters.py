"""Query and path parameters, read and refused in pydantic's words (observed), all faults of a request at once.

pydantic itself reads them: its sentences are what a real server hands through. It is imported with the first request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Struct
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from mock_airflow.api.airflow3.problems import Detail, Fault
from mock_airflow.settings import Settings


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


Moment = Annotated[datetime, AfterValidator(_zoned)]


class Parameter(Struct, frozen=True, dict=True):
    """One parameter: its type as pydantic takes it, and what it is where it is left out.

    Of a parameter that is not a list, the last value counts; unknown parameters are ignored (observed). ``documented``
    is the default that a document tells, where the setting or the handler decides.
    """

    name: str
    type: Any = str
    default: Any = None
    required: bool = False
    repeated: bool = False
    documented: Any = None

    @property
    def shape(self) -> Any:
        """Its type as a document tells it: what may be left out may be null."""
        kind: Any = self.type
        shape = list[kind] if self.repeated else kind
        left_out = self.default is None and self.documented is None and not self.required
        return shape | None if left_out else shape

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        kind: Any = self.type
        return TypeAdapter(list[kind] if self.repeated else kind)

    def read(self, texts: Sequence[str], place: str, faults: list[Fault]) -> Any:
        """The value of the request's texts; a fault is added to ``faults``."""
        try:
            return self._adapter.validate_python(list(texts) if self.repeated else texts[-1])
        except ValidationError as error:
            faults.extend(faults_of(error, (place, self.name)))
            return self.default


def faults_of(error: ValidationError, loc: Sequence[Any]) -> list[Fault]:
    """What pydantic found, with the place in the request before the place in the value."""
    found: list[Fault] = []
    for each in error.errors(include_url=False):
        told: dict[str, Any] = {"type": each["type"], "loc": [*loc, *each["loc"]], "msg": each["msg"]}
        told["input"] = each["input"]
        if "ctx" in each:
            told["ctx"] = {name: {} if isinstance(value, Exception) else value for name, value in each["ctx"].items()}
        found.append(told)
    return found


def read_query(declared: Mapping[str, Parameter], sent: Mapping[str, list[str]], faults: list[Fault]) -> dict[str, Any]:
    """The values of a request's query parameters, defaults filled in."""
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name in sent:
            values[name] = parameter.read(sent[name], "query", faults)
        elif parameter.required:
            faults.append({"type": "missing", "loc": ["query", name], "msg": "Field required", "input": None})
        else:
            values[name] = parameter.default
    return values


_PATH = {
    name: Parameter(name, int, required=True)
    for name in (
        "asset_id",
        "asset_alias_id",
        "import_error_id",
        "map_index",
        "version_number",
        "try_number",
    )
}
_PATH["task_try_number"] = Parameter("task_try_number", int, required=True)
_PATH["backfill_id"] = Parameter("backfill_id", Annotated[int, Field(ge=0)], required=True)


def path_parameter(name: str, own: Mapping[str, Any]) -> Parameter:
    """The parameter of a path: of the operation's ``own`` type, else a number by its name, else a text."""
    if name in own:
        return Parameter(name, own[name], required=True)
    return _PATH[name] if name in _PATH else Parameter(name, required=True)


def read_path(sent: Mapping[str, Any], own: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The values of a path's parameters; those that are numbers have names that are numbers nearly everywhere."""
    return {
        name: path_parameter(name, own).read([value], "path", faults) if name in own or name in _PATH else value
        for name, value in sent.items()
    }


LIMIT = Parameter("limit", Annotated[int, Field(ge=0)], documented=50)
OFFSET = Parameter("offset", Annotated[int, Field(ge=0)], default=0)
PAGE = (LIMIT, OFFSET)
CURSOR = Parameter("cursor")
UPDATE_MASK = Parameter("update_mask", repeated=True)
MAP_INDEX = Parameter("map_index", int, default=-1)


def order_by(*default: str) -> Parameter:
    """The parameter of a list's order; a list's handler knows the default too."""
    return Parameter("order_by", repeated=True, documented=list(default))


TILDE = Literal["~"]  # all of them, in the path of a list that is asked for by a body


def pattern(name: str) -> tuple[Parameter, Parameter]:
    """The two parameters that look for a text: anywhere in it, and at its beginning."""
    return Parameter(f"{name}_pattern"), Parameter(f"{name}_prefix_pattern")


def several(*names: str) -> tuple[Parameter, ...]:
    """Texts that may be repeated."""
    return tuple(Parameter(name, repeated=True, default=()) for name in names)


def between(name: str, kind: Any = datetime) -> tuple[Parameter, ...]:
    """The four bounds of a range."""
    return tuple(Parameter(f"{name}_{bound}", kind) for bound in ("gte", "gt", "lte", "lt"))


def one_of(*words: str) -> Any:
    """A parameter that is one of some words."""
    return Literal[words]


def page_limit(limit: int | None, settings: Settings) -> int:
    """The limit that counts: 50 where none is asked for, cut at the maximum, 0 for an empty page (observed)."""
    if limit is None:
        limit = 50 if settings.fallback_page_limit is None else settings.fallback_page_limit
    return min(limit, settings.maximum_page_limit)


Keys = Mapping[str, str | Callable[[Any], Any]]


def order_keys(*same: str, **others: str | Callable[[Any], Any]) -> Keys:
    """What a list may be ordered by: attributes under their own names, then others, and what is worked out."""
    return {**{name: name for name in same}, **others}


def orders(asked: Sequence[str] | None, keys: Keys, default: str) -> list[tuple[str | Callable[[Any], Any], bool]]:
    """What ``order_by`` means: attribute or function, and whether it goes down. Raises Detail for an unknown one.

    ``keys`` gives the attribute by the name that a client says.
    """
    if not asked:
        asked = [default]
    if len(asked) > 10:
        raise Detail(400, f"Ordering with more than 10 parameters is not allowed. Provided: {list(asked)}")
    found = []
    for text in asked:
        name = text.lstrip("-")
        if name not in keys:
            raise Detail(400, f"Ordering with '{name}' is disallowed or the attribute does not exist on the model")
        found.append((keys[name], text.startswith("-")))
    return found
