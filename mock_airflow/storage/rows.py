"""What is known of rows by their class: a Struct of msgspec, a named tuple, or a dataclass."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from msgspec import NODEFAULT, Struct, structs

REQUIRED = object()


class Secretive(Struct, frozen=True):
    """A row with ``secrets``: fields that its repr leaves out, and the journal masks."""

    secrets: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        told = [f"{name}={value!r}" for name, value in self.__rich_repr__()]
        return f"{type(self).__name__}({', '.join(told)})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """What rich shows of it, as in tracebacks with locals; a Struct's own would have all fields."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.secrets]


@cache
def fields_of(kind: type) -> Mapping[str, Any]:
    """The names of a row's fields, and what each is by itself: ``REQUIRED`` where it has to be given.

    What is no row has none.
    """
    if issubclass(kind, tuple):
        names, defaults = getattr(kind, "_fields", ()), getattr(kind, "_field_defaults", {})
        return {name: defaults.get(name, REQUIRED) for name in names}
    if issubclass(kind, Struct):
        return {field.name: _default(field, NODEFAULT) for field in structs.fields(kind)}
    if dataclasses.is_dataclass(kind):
        return {field.name: _default(field, dataclasses.MISSING) for field in dataclasses.fields(kind) if field.init}
    return {}


def _default(field: Any, none: Any) -> Any:
    if field.default_factory is not none:
        return field.default_factory()
    return REQUIRED if field.default is none else field.default


@cache
def secrets_of(kind: Any) -> tuple[str, ...]:
    """The fields that a row keeps out of its repr."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind) if not field.repr)
    return kind.secrets if issubclass(kind, Secretive) else ()
