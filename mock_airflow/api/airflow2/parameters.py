"""Query parameters: what they may be, and Airflow's words for what they may not be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from mock_airflow.api.airflow2.problems import bad_request
from mock_airflow.api.airflow2.schema import Type, parse_datetime
from mock_airflow.domain.query import Between, Order


class Query(Struct, frozen=True):
    """One query parameter.

    An array may be repeated or comma-separated. Of a repeated scalar, or an array that does not ``explode``, the last
    one counts.
    """

    name: str
    type: Type = "string"
    format: str | None = None
    minimum: int | None = None
    required: bool = False
    default: Any = None
    description: str = ""
    explode: bool = True

    def schema(self) -> dict[str, Any]:
        """Its JSON schema, in the order of keys that the refusals print."""
        told: dict[str, Any] = {"type": self.type}
        if self.type == "array":
            told["items"] = {"type": "string"}
        for key, value in (("format", self.format), ("minimum", self.minimum), ("default", self.default)):
            if value is not None:
                told[key] = value
        return told

    def read(self, texts: list[str]) -> Any:
        """The value that the request's texts stand for. Raises Problem in connexion's and jsonschema's words."""
        if self.type == "array":
            counted = texts if self.explode else texts[-1:]
            return [part for text in counted for part in text.split(",")]
        text = texts[-1]
        value: Any = text
        try:
            if self.type == "integer":
                value = int(text)
            elif self.type == "number":
                value = float(text)
            elif self.type == "boolean":
                value = {"true": True, "false": False}[text.lower()]
        except (ValueError, KeyError):
            raise bad_request(f"Wrong type, expected '{self.type}' for query parameter '{self.name}'") from None
        if self.minimum is not None and value < self.minimum:
            raise bad_request(self._failed(f"{value} is less than the minimum of {self.minimum}", "minimum", value))
        if self.format == "date-time" and parse_datetime(value) is None:
            raise bad_request(self._failed(f"{value!r} is not a 'date-time'", "format", value))
        return value

    def _failed(self, message: str, keyword: str, value: Any) -> str:
        where = f"Failed validating {keyword!r} in schema:\n    {self.schema()!r}"
        return f"{message}\n\n{where}\n\nOn instance:\n    {value!r}"


LIMIT = Query("limit", "integer", default=100, description="How many items to return.")
OFFSET = Query("offset", "integer", minimum=0, description="How many items to skip first.")
ORDER_BY = Query("order_by", description="The field to sort by; a minus before it sorts downwards.")
FIELDS = Query("fields", "array", description="The fields to answer; all when left out.")
UPDATE_MASK = Query(
    "update_mask", "array", explode=False, description="The fields of the body to change; all when left out."
)
PAGE = (LIMIT, OFFSET)


def between(name: str) -> tuple[Query, Query]:
    """The two parameters that bound a time."""
    return Query(f"{name}_gte", format="date-time"), Query(f"{name}_lte", format="date-time")


def number_between(name: str) -> tuple[Query, Query]:
    """The two parameters that bound a number."""
    return Query(f"{name}_gte", "number"), Query(f"{name}_lte", "number")


def read_query(declared: Mapping[str, Query], strict: bool, sent: Mapping[str, list[str]]) -> dict[str, Any]:
    """The values of a request's query parameters.

    Strict operations refuse parameters they do not declare. The default of a parameter that is left out is filled in.
    """
    extra = [name for name in sent if name not in declared]
    if extra and strict:
        raise bad_request(f"Extra query parameter(s) {', '.join(extra)} not in spec", title=None)
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if name in sent:
            values[name] = parameter.read(sent[name])
        elif parameter.required:
            raise bad_request(f"Missing query parameter '{name}'")
        elif parameter.default is not None:
            values[name] = parameter.default
    return values


def page_limit(limit: int, maximum: int, fallback: int) -> int:
    """The limit that counts: cut at the maximum, 0 means the fallback. Raises Problem for a negative one."""
    if limit > maximum:
        return maximum
    if limit < 0:
        raise bad_request(None, title="Page limit must be a positive integer")
    return limit or fallback


def order_from(text: str, allowed: Iterable[str], renamed: Mapping[str, str] | None = None) -> Order:
    """What an ``order_by`` means. Raises Problem unless its field is among ``allowed``."""
    name = text.lstrip("-")
    if name not in allowed:
        raise bad_request(f"Ordering with '{name}' is disallowed or the attribute does not exist on the model")
    return Order((renamed or {}).get(name, name), text.startswith("-"))


def bounds(values: Mapping[str, Any], name: str) -> Between:
    """The range that ``<name>_gte`` and ``<name>_lte`` ask for."""
    low, high = values.get(f"{name}_gte"), values.get(f"{name}_lte")
    return Between(
        parse_datetime(low) if isinstance(low, str) else low,
        parse_datetime(high) if isinstance(high, str) else high,
    )
