"""Rows and everything in them as JSON, and back: one codec, made from the record classes themselves.

What JSON has stands as it is. Everything else is an object whose ``$`` says what it is: a record by its module and name
with the fields that differ from their defaults, a tuple, a moment, a mapping whose keys are no texts. So a new record,
and a new field with a default, need no line here. Where documents of before would be read wrongly, since a record or a
field was renamed or a default has changed, ``STEPS`` gets one more step, which has them be read as they were meant.
"""

from __future__ import annotations

import base64
import importlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from json.encoder import encode_basestring_ascii as _quoted
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_airflow.errors import DocumentError
from mock_airflow.storage.rows import REQUIRED, fields_of

_TAG = "$"
_PACKAGE = "mock_airflow."
as_text = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode  # of what JSON has by itself


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


def decode(value: Any) -> Any:
    """What ``to_text`` was given, from what JSON has of its text. Raises DocumentError for what it never gave."""
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
    """The value as a text of plain ASCII, which every database and file takes.

    Raises DocumentError for what no record has.
    """
    return _WRITERS[value.__class__](value)


def from_text(text: str) -> Any:
    """What ``to_text`` was given. Raises DocumentError."""
    try:
        return decode(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"A document is not JSON: {error}.") from None


Writer = Callable[[Any], str]


class _Writers(dict[type, Writer]):
    """How values of a type are written, worked out for each type once."""

    def __missing__(self, kind: type) -> Writer:
        if fields_of(kind):
            self[kind] = _record_writer(kind)
            return self[kind]
        for base, write in _OF_BASES.items():
            if issubclass(kind, base):
                self[kind] = write
                return write
        raise DocumentError(
            f"A value of the type {kind.__name__} has no form as a document; records hold plain values."
        )


def _record_writer(kind: type) -> Writer:
    """How records of a class are written: the fields that are not as their class has them by itself.

    It is written out field by field, since the interpreter is quickest at that and a request writes many.
    """
    name = f"{kind.__module__.removeprefix(_PACKAGE)}:{kind.__qualname__}"
    if not kind.__module__.startswith(_PACKAGE):
        raise DocumentError(f"The class {kind.__module__}.{kind.__qualname__} is not a record of this package.")
    names: dict[str, Any] = {"writers": _WRITERS}
    lines = ["def write(record):", f"    text = {as_text({_TAG: name})[:-1]!r}"]
    for number, (field, default) in enumerate(fields_of(kind).items()):
        add = f"text += {f',{as_text(field)}:'!r} + writers[value.__class__](value)"
        if default is REQUIRED:
            lines += [f"    value = record.{field}", f"    {add}"]
            continue
        names |= {f"default{number}": default, f"kind{number}": type(default)}
        differs = f"value is not default{number} and (value.__class__ is not kind{number} or value != default{number})"
        lines += [f"    value = record.{field}", f"    if {differs}:", f"        {add}"]
    exec("\n".join([*lines, "    return text + '}'"]), names)
    return names["write"]  # type: ignore[no-any-return]


@cache
def _class_of(name: str) -> Any:
    """The record class that a document names. Raises DocumentError for anything else."""
    module, colon, path = name.partition(":")
    try:
        found: Any = importlib.import_module(_PACKAGE + module) if colon else None
    except ImportError:
        found = None
    kind = getattr(found, path, None)
    if not isinstance(kind, type) or not fields_of(kind) or getattr(kind, "__module__", "") != _PACKAGE + module:
        raise DocumentError(f"There is no record {name!r}; the document comes from another version of mock-airflow.")
    return kind


def _record(document: dict[str, Any]) -> Any:
    values = {name: decode(value) for name, value in document.items() if name != _TAG}
    return _class_of(document[_TAG])(**values)


def _tagged(name: str, write: Writer) -> Writer:
    start = f'{as_text({_TAG: name})[:-1]},"value":'
    return lambda value: f"{start}{write(value)}}}"


def _moment(name: str) -> Writer:
    start = f'{as_text({_TAG: name})[:-1]},"value":"'
    return lambda value: f'{start}{value.isoformat()}"}}'


def _write_dict(value: Mapping[Any, Any]) -> str:
    if all(type(key) is str for key in value) and _TAG not in value:
        return _write_texts(value)
    pairs = ",".join([_write_list(pair) for pair in value.items()])
    return f'{{"{_TAG}":"dict","value":[{pairs}]}}'


def _write_texts(value: Mapping[str, Any]) -> str:
    items = [f"{_quoted(key)}:{_WRITERS[item.__class__](item)}" for key, item in value.items()]
    return f"{{{','.join(items)}}}"


def _write_list(value: Iterable[Any]) -> str:
    return f"[{','.join([_WRITERS[item.__class__](item) for item in value])}]"


def _in_order(value: Iterable[Any]) -> str:
    """The items of a set, always in the same order."""
    return f"[{','.join(sorted(map(to_text, value)))}]"


def _write_float(value: float) -> str:
    text = float.__repr__(value)
    return text if math.isfinite(value) else f'{{"{_TAG}":"float","value":"{text}"}}'


_OF_BASES: dict[type, Writer] = {  # and of what is derived from them
    float: _write_float,
    list: _write_list,
    Counter: _tagged("counter", _write_texts),
    dict: _write_dict,
    MappingProxyType: _write_dict,
    tuple: _tagged("tuple", _write_list),
    set: _tagged("set", _in_order),
    frozenset: _tagged("frozenset", _in_order),
    datetime: _moment("datetime"),
    date: _moment("date"),
    time: _moment("time"),
    timedelta: _tagged("timedelta", lambda value: _write_list((value.days, value.seconds, value.microseconds))),
    bytes: _tagged("bytes", lambda value: f'"{base64.b64encode(value).decode()}"'),
}
_WRITERS = _Writers({**_OF_BASES, str: _quoted, int: repr, bool: lambda value: "true" if value else "false"})
_WRITERS[type(None)] = lambda value: "null"
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
