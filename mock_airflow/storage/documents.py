"""Rows and everything in them as JSON, and back: one codec, made from the record classes themselves.

What JSON has stands as it is. Everything else is an object whose ``$`` says what it is: a record by its module and name
with the fields that differ from their defaults, a tuple, a moment, a mapping whose keys are no texts. So a new record,
and a new field with a default, need no line here. Where documents of before would be read wrongly, since a record or a
field was renamed or a default has changed, ``STEPS`` gets one more step, which has them be read as they were meant.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_airflow.errors import DocumentError

_TAG = "$"
_PACKAGE = "mock_airflow."
_MISSING = dataclasses.MISSING
_PLAIN = frozenset({str, int, bool, type(None)})
as_text = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode  # what ``encode`` gave, as a text


class Upgrade(NamedTuple):
    """How documents of one schema become documents of the next. Records are named as documents name them."""

    settings: Mapping[str, str] = {}  # the new name of a setting by the old one
    records: Mapping[str, str] = {}  # the new name of a record by the old one
    change: Mapping[
        str, Callable[[dict[str, Any]], dict[str, Any]]
    ] = {}  # its new fields from its old, by its old name

    def __call__(self, document: Any) -> Any:
        """The document with all that is in it."""
        if isinstance(document, list):
            return [self(item) for item in document]
        if not isinstance(document, dict):
            return document
        told = {key: self(item) for key, item in document.items()}
        name = told.get(_TAG)
        if not isinstance(name, str) or name not in {*self.records, *self.change}:
            return told
        fields = self.change.get(name, dict)({key: item for key, item in told.items() if key != _TAG})
        return {_TAG: self.records.get(name, name), **fields}


STEPS: tuple[Upgrade, ...] = ()  # the first leads from schema 1 to 2; no step is ever taken out


def schema() -> int:
    """The number of the form in which documents are written; what is newer is refused, what is older is upgraded."""
    return len(STEPS) + 1


def upgraded(document: Any, number: int) -> Any:
    """A document, as JSON has it, of the schema of that number in the form of today.

    What has ``settings`` at its top tells of a whole deployment.
    """
    for step in STEPS[number - 1 :]:
        document = step(document)
        if isinstance(document, dict) and "settings" in document:
            given = document["settings"].items()
            document["settings"] = {step.settings.get(name, name): value for name, value in given}
    return document


def encode(value: Any) -> Any:
    """The value as JSON can have it. Raises DocumentError for what no record has."""
    kind: type = type(value)
    return value if kind in _PLAIN else _encoder(kind)(value)


def decode(value: Any) -> Any:
    """What ``encode`` was given. Raises DocumentError for what it never gave."""
    kind = type(value)
    if kind is list:
        return [decode(item) for item in value]
    if kind is not dict:
        return value
    name = value.get(_TAG)
    if name is None:
        return {key: decode(item) for key, item in value.items()}
    read = _READERS.get(name) if isinstance(name, str) else None
    try:
        return read(value["value"]) if read is not None else _record(value)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise DocumentError(f"A document of {name!r} cannot be read: {error}.") from None


def to_text(value: Any) -> str:
    """The value as a text of plain ASCII, which every database and file takes."""
    return as_text(encode(value))


def from_text(text: str) -> Any:
    """What ``to_text`` was given. Raises DocumentError."""
    try:
        return decode(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"A document is not JSON: {error}.") from None


Encoder = Callable[[Any], Any]


@cache
def _encoder(kind: type) -> Encoder:
    """How values of a type are written."""
    if kind in _WRITERS:
        return _WRITERS[kind]
    if dataclasses.is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return _record_encoder(kind)
    for base, write in _WRITERS.items():
        if issubclass(kind, base):
            return write
    raise DocumentError(f"A value of the type {kind.__name__} has no form as a document; records hold plain values.")


def _record_encoder(kind: type) -> Encoder:
    """How records of a class are written: the fields that are not as their class has them by itself."""
    name = f"{kind.__module__.removeprefix(_PACKAGE)}:{kind.__qualname__}"
    if not kind.__module__.startswith(_PACKAGE):
        raise DocumentError(f"The class {kind.__module__}.{kind.__qualname__} is not a record of this package.")
    parts = [(field, _default_of(kind, field)) for field in _fields_of(kind)]

    def write(record: Any) -> Any:
        document = {_TAG: name}
        for field, default in parts:
            value = getattr(record, field)
            if value is default or (type(value) is type(default) and value == default):
                continue
            document[field] = encode(value)
        return document

    return write


def _fields_of(kind: Any) -> tuple[str, ...]:
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind) if field.init)
    return tuple(kind._fields)


def _default_of(kind: Any, name: str) -> Any:
    """What a field is by itself; ``_MISSING`` where it always has to be given."""
    if not dataclasses.is_dataclass(kind):
        return kind._field_defaults.get(name, _MISSING)
    field = next(field for field in dataclasses.fields(kind) if field.name == name)
    if field.default_factory is not _MISSING:
        return field.default_factory()
    return field.default


@cache
def _class_of(name: str) -> Any:
    """The record class that a document names. Raises DocumentError for anything else."""
    module, colon, path = name.partition(":")
    try:
        found: Any = importlib.import_module(_PACKAGE + module) if colon else None
    except ImportError:
        found = None
    kind = getattr(found, path, None)
    is_record = isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"))
    if not is_record or getattr(kind, "__module__", "") != _PACKAGE + module:
        raise DocumentError(f"There is no record {name!r}; the document comes from another version of mock-airflow.")
    return kind


def _record(document: dict[str, Any]) -> Any:
    values = {name: decode(value) for name, value in document.items() if name != _TAG}
    return _class_of(document[_TAG])(**values)


def _tagged(name: str, write: Encoder = lambda value: value) -> Encoder:
    return lambda value: {_TAG: name, "value": write(value)}


def _write_dict(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value) and _TAG not in value:
        return {key: encode(item) for key, item in value.items()}
    return {_TAG: "dict", "value": [[encode(key), encode(item)] for key, item in value.items()]}


def _items(value: Any) -> list[Any]:
    return [encode(item) for item in value]


def _in_order(value: Any) -> list[Any]:
    """The items of a set, always in the same order."""
    return sorted(_items(value), key=json.dumps)


def _write_float(value: float) -> Any:
    return value if math.isfinite(value) else {_TAG: "float", "value": repr(value)}


_WRITERS: dict[type, Encoder] = {
    float: _write_float,
    list: _items,
    dict: _write_dict,
    Counter: _tagged("counter", dict),
    MappingProxyType: _write_dict,
    tuple: _tagged("tuple", _items),
    set: _tagged("set", _in_order),
    frozenset: _tagged("frozenset", _in_order),
    datetime: _tagged("datetime", datetime.isoformat),
    date: _tagged("date", date.isoformat),
    time: _tagged("time", time.isoformat),
    timedelta: _tagged("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    bytes: _tagged("bytes", lambda value: base64.b64encode(value).decode()),
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "dict": lambda pairs: {decode(key): decode(item) for key, item in pairs},
    "counter": Counter,
    "tuple": lambda items: tuple([decode(item) for item in items]),
    "set": lambda items: {decode(item) for item in items},
    "frozenset": lambda items: frozenset(decode(item) for item in items),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "bytes": base64.b64decode,
}
