"""A record's fields, read from an object of a world file by the record's own annotations and defaults."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.storage.rows import REQUIRED, fields_of
from mock_airflow.world.entry import MISSING, WorldEntry

R = TypeVar("R")
D = TypeVar("D", bound=Struct)
_READERS: dict[Any, Callable[[WorldEntry, str, Any], Any]] = {
    Any: lambda entry, name, default: entry.any(name, None if default is MISSING else default),
    str: WorldEntry.text,
    int: WorldEntry.whole,
    float: WorldEntry.number,
    bool: WorldEntry.flag,
    dict: WorldEntry.object,
    datetime: WorldEntry.moment,
    timedelta: WorldEntry.period,
}
_OF_LISTS: dict[Any, Callable[[WorldEntry, str, Any], Any]] = {str: WorldEntry.texts, dict: WorldEntry.objects}
_NONE: Mapping[str, Any] = {}


class _Field(NamedTuple):
    """How a field is read, and what it is by itself."""

    read: Callable[[WorldEntry, str, Any], Any]
    default: Any


def record(entry: WorldEntry, kind: type[R], defaults: Mapping[str, Any] = _NONE, **given: Any) -> R:
    """A record of this kind: the fields ``given``, and the others as the entry says them under their own names.

    A field that the entry lacks, or has as null, has its value of ``defaults``, or else the record's own default.
    """
    return kind(**_values(entry, _fields(cast("Hashable", kind)), defaults, given))


def changed(entry: WorldEntry, known: D, **given: Any) -> D:
    """The record with the fields ``given``, and with those that the entry says."""
    fields = _fields(type(known))
    return replace(known, **_values(entry, fields, {name: getattr(known, name) for name in fields}, given))


def _values(
    entry: WorldEntry, fields: dict[str, _Field], defaults: Mapping[str, Any], given: dict[str, Any]
) -> dict[str, Any]:
    told = entry.value
    entry.ignore(*(fields.keys() - given.keys()))
    for name, (read, default) in fields.items():
        if name in given:
            continue
        if name in told or (default is MISSING and name not in defaults):
            given[name] = read(entry, name, defaults.get(name, default))
        elif name in defaults:
            given[name] = defaults[name]
    return given


@cache
def _fields(kind: type) -> dict[str, _Field]:
    """The fields of a class by name; those that no world file can say by themselves are not among them."""
    hints = get_type_hints(kind)
    return {
        name: _Field(read, MISSING if default is REQUIRED else default)
        for name, default in fields_of(kind).items()
        if (read := _reader(hints[name])) is not None
    }


def _reader(hint: Any) -> Callable[[WorldEntry, str, Any], Any] | None:
    options = [one for one in get_args(hint) if one is not NoneType] if NoneType in get_args(hint) else [hint]
    if len(options) != 1:
        return None
    origin = get_origin(options[0])
    if origin is tuple:
        item = get_args(options[0])[0]
        return _OF_LISTS.get(get_origin(item) or item)
    return _READERS.get(origin or options[0])
