"""A DAG's params: the schema each carries, and whether a run's conf fits."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.errors import ParamInvalidError
from mock_airflow.domain.records import JsonObject

# A param's schema comes out of Airflow's API with its keys sorted, but the refusal prints it as its author wrote it.
# The author's order is lost; this is the order most people write (assumed).
_WRITTEN_ORDER = {
    key: place
    for place, key in enumerate(
        "type format title description enum const examples minimum exclusiveMinimum maximum exclusiveMaximum minLength "
        "maxLength pattern items minItems maxItems properties required".split()
    )
}


def plain_param(value: Any) -> JsonObject:
    """A param without a schema, as Airflow answers it."""
    return {"__class": "airflow.models.param.Param", "value": value, "description": None, "schema": {}}


def as_written(schema: JsonObject) -> JsonObject:
    """The schema with its keys in the order people write them."""
    return dict(sorted(schema.items(), key=lambda item: _WRITTEN_ORDER.get(item[0], len(_WRITTEN_ORDER))))


def check_conf(params: JsonObject, conf: JsonObject) -> None:
    """See that ``conf`` over the DAG's params is valid; keys without a param pass. Raises ParamInvalidError.

    The check and its words are jsonschema's, as in Airflow, which hands them through whole (observed).
    """
    for name, value in conf.items():
        if name in params:
            _check(name, params[name], value)
    for name, param in params.items():
        if name not in conf:
            _check(name, param, param.get("value"))


def _check(name: str, param: JsonObject, value: Any) -> None:
    schema = param.get("schema") or {}
    if not schema:
        return
    from jsonschema import FormatChecker, ValidationError, validate

    try:
        validate(value, as_written(schema), format_checker=FormatChecker())
    except ValidationError as error:
        raise ParamInvalidError(param=name, reason=str(error)) from None
