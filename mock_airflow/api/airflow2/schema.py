"""The fields of bodies and answers: one table reads them, writes them and describes them.

Airflow 2 reads a body in two steps with different words, and so do we. ``shape`` is what its OpenAPI document demands
(types, enums, read-only fields); it is looked at before anybody is authenticated. ``load`` is what its marshmallow
schemas demand (unknown, missing and null fields, lengths); it comes after. A schema's fields stand in the order of
Airflow's document, because the first violation in that order is the one that is reported (observed).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.answers import Oops
from mock_airflow.api.airflow2.json_text import array_text, object_text, quote, text_of
from mock_airflow.api.kept_texts import KeptPages, KeptTexts
from mock_airflow.domain.query import Page
from mock_airflow.errors import LoadError, ShapeError, UnknownFieldsError

Type = Literal["string", "integer", "number", "boolean", "object", "array", "any"]

PYTHON_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda value: True,
}
_RFC3339 = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)


def parse_datetime(text: str) -> datetime | None:
    """The moment an RFC 3339 text names, in the zone that it names; None when it is not one."""
    match = _RFC3339.fullmatch(text.upper())
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if year == 0 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    zone = timezone.utc
    if match[6] != "Z":
        amount = timedelta(hours=int(match[6][1:3]), minutes=int(match[6][4:6]))
        zone = timezone(amount if match[6][0] == "+" else -amount)
    fraction = (match[5] or "")[:6].ljust(6, "0")
    return datetime.fromisoformat(f"{match[1]}-{match[2]}-{match[3]}T{match[4]}.{fraction}").replace(tzinfo=zone)


class Field(Struct, frozen=True):
    """One field.

    ``of`` says where an answer takes it from: an attribute of the record (its own name unless given) or a function of
    the record; ``computed`` marks a function that also needs the Airflow, whose result is never cached. ``shapes`` are
    what an object that is written as it is looks like. ``documented`` and ``answered`` tell where Airflow's document
    and its answers disagree. A read-only field is refused after a look at its type and format, but not its ``enum``;
    with ``refused_first`` before anything else (observed: the order of the keys in Airflow's document). The handler of
    a ``checked`` one refuses odd characters itself, before the database would.
    """

    name: str
    type: Type = "string"
    of: str | Callable[..., Any] | None = None
    nullable: bool = False
    load_none: bool | None = None
    read_only: bool = False
    refused_first: bool = False
    write_only: bool = False
    format: str | None = None
    enum: tuple[Any, ...] | None = None
    minimum: int | None = None
    min_items: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    default: Any = None
    deprecated: bool = False
    items: Field | None = None
    schema: Schema | None = None
    shapes: tuple[Schema, ...] = ()
    computed: bool = False
    documented: bool = True
    answered: bool = True
    loadable: bool = True
    checked: bool = False
    description: str = ""

    def violation(self, value: Any) -> tuple[str, str] | None:
        """The first way in which ``value`` is not of this shape: what jsonschema says, and the path below the field."""
        if not self.refused_first and (value is not None or not self.nullable):
            found = self._misfit(value)
            if found is not None:
                return found
        return ("Property is read-only", "") if self.read_only else None

    def _misfit(self, value: Any) -> tuple[str, str] | None:
        if not PYTHON_TYPES[self.type](value):
            return f"{value!r} is not of type {self.type!r}", ""
        if self.enum is not None and not self.read_only and value not in self.enum:
            return f"{value!r} is not one of {list(self.enum)!r}", ""
        if self.format == "date-time" and isinstance(value, str) and parse_datetime(value) is None:
            return f"{value!r} is not a 'date-time'", ""
        if self.minimum is not None and value < self.minimum:
            return f"{value!r} is less than the minimum of {self.minimum!r}", ""
        if self.min_items is not None and len(value) < self.min_items:
            return f"{value!r} should be non-empty" if self.min_items == 1 else f"{value!r} is too short", ""
        if self.min_length is not None and len(value) < self.min_length:
            return f"{value!r} should be non-empty" if self.min_length == 1 else f"{value!r} is too short", ""
        if self.items is not None:
            for index, item in enumerate(value):
                if (found := self.items.violation(item)) is not None:
                    return found[0], f".{index}{found[1]}"
        if self.schema is not None:
            found = self.schema.violation(value)
            if found is not None:
                return found[0], f".{found[1]}" if found[1] else ""
        return None

    def loaded(self, value: Any) -> Any:
        """The value as a handler gets it. Raises LoadError with this field's sentences under its name."""
        if value is None:
            if self.load_none if self.load_none is not None else self.nullable:
                return None
            raise LoadError({self.name: ["Field may not be null."]})
        if self.max_length is not None and len(value) > self.max_length:
            raise LoadError({self.name: [f"Longer than maximum length {self.max_length}."]})
        if self.format == "date-time" and isinstance(value, str):
            if value != value.upper():  # marshmallow knows no lower-case t and z (observed)
                raise LoadError({self.name: ["Not a valid datetime."]})
            return parse_datetime(value)
        if self.items is not None and self.items.schema is not None:
            return self._loaded_items(self.items, value)
        if self.schema is not None:
            try:
                return self.schema.load(value)
            except LoadError as error:
                raise LoadError({self.name: error.messages}) from None
        return value

    def _loaded_items(self, kind: Field, items: Iterable[Any]) -> list[Any]:
        loaded, messages = [], {}
        for index, item in enumerate(items):
            try:
                loaded.append(kind.loaded(item))
            except LoadError as error:
                messages[index] = error.messages[kind.name]
        if messages:
            raise LoadError({self.name: messages})
        return loaded


def has_half_character(value: Any) -> bool:
    """Whether a text, or one in a list, has a surrogate without its other half: a real Airflow cannot store that."""
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value)
    return isinstance(value, list) and any(map(has_half_character, value))


class Schema:
    """A named set of fields: reads bodies, writes answers.

    ``required`` are the fields that the document demands, ``demanded`` those that only marshmallow does. ``nullable``
    says that its object may be null wherever it stands, ``more`` what further members with names of their own are like.
    """

    def __init__(
        self,
        name: str,
        *fields: Field,
        required: Iterable[str] = (),
        demanded: Iterable[str] = (),
        nullable: bool = False,
        more: Field | None = None,
    ) -> None:
        self.name = name
        self.nullable = nullable
        self.more = more
        self.fields = {field.name: field for field in fields}
        self.required = tuple(required)
        self.demanded = frozenset(demanded)
        self._cacheable = not any(field.computed for field in fields)
        self._writers = [
            (quote(field.name), field.name, field, _reader(field))
            for field in sorted(fields, key=lambda field: field.name)
            if field.answered and not field.write_only
        ]
        self._kept = KeptTexts[str]()
        self._pages = KeptPages[bytes]()

    def extended(self, name: str, *fields: Field) -> Schema:
        """A schema with further fields; one of the same name replaces."""
        own = {**self.fields, **{field.name: field for field in fields}}
        return Schema(name, *own.values(), required=self.required)

    def without(self, name: str, *names: str) -> Schema:
        """A schema that lacks some fields."""
        return Schema(name, *(field for field in self.fields.values() if field.name not in names))

    @property
    def answer_fields(self) -> list[str]:
        """The names an answer has, sorted."""
        return [name for _, name, _, _ in self._writers]

    def parts(self) -> Iterator[Schema]:
        """This schema and those of the objects in its answers."""
        yield self
        for field in self.fields.values():
            for part in (field, field.items):
                if part is not None and part.schema is not None:
                    yield from part.schema.parts()

    # reading

    def violation(self, body: Any) -> tuple[str, str] | None:
        """The first way in which ``body`` is not of this shape, and the path to it."""
        if not isinstance(body, dict):
            return f"{body!r} is not of type 'object'", ""
        for name in self.required:
            if name not in body:
                return f"{name!r} is a required property", ""
        for name, field in self.fields.items():
            if name in body and field.documented and (found := field.violation(body[name])) is not None:
                return found[0], name + found[1]
        return None

    def check_shape(self, body: Any) -> None:
        """See that the body is what the document demands. Raises ShapeError in jsonschema's words."""
        found = self.violation(body)
        if found is not None:
            message, path = found
            raise ShapeError(f"{message} - {path!r}" if path else message)

    def load(self, body: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
        """The body's values as handlers use them: times parsed. Raises LoadError with everything that is wrong.

        A ``partial`` body may lack demanded fields.
        """
        values: dict[str, Any] = {}
        messages: dict[str, Any] = {}
        for name, field in self.fields.items():
            if name in body and field.loadable:
                try:
                    values[name] = field.loaded(body[name])
                except LoadError as error:
                    messages |= error.messages
            elif name in self.demanded and not partial:
                messages[name] = ["Missing data for required field."]
        for name in body:
            if name not in self.fields or not self.fields[name].loadable:
                messages[name] = ["Unknown field."]
        if messages:
            raise LoadError(messages)
        for name, value in values.items():
            if self.fields[name].type != "object" and not self.fields[name].checked and has_half_character(value):
                raise Oops(f"The value of {name!r} has half a character (a lone surrogate), which no database takes.")
        return values

    # writing

    def text(self, row: Any, airflow: Any = None, only: Collection[str] | None = None, depth: int = 0) -> str:
        """A record as JSON text, indented to stand ``depth`` levels deep.

        Rows are immutable, so the text of a row is kept for the next time unless it depends on other rows.
        """
        if only is not None or not self._cacheable:
            return self._written(row, airflow, only, depth)
        text = self._kept.find(row, depth)
        if text is None:
            text = self._written(row, airflow, None, depth)
            self._kept.keep(row, text, len(text), depth)
        return text

    def list_text(self, rows: Iterable[Any], airflow: Any = None, only: Collection[str] | None = None) -> str:
        """Records as the text of an array that stands one level deep."""
        texts = [self.text(row, airflow, only, 2) for row in rows]
        return "[\n    " + ",\n    ".join(texts) + "\n  ]" if texts else "[]"

    def page(self, name: str, page: Page[Any], airflow: Any = None, only: Collection[str] | None = None) -> bytes:
        """A page of records under ``name``, and how many there are on the whole; kept as the text of a row is."""
        kept = self._pages.find(page.rows, name, page.total_entries) if only is None and self._cacheable else None
        if kept is None:
            listed = self.list_text(page.rows, airflow, only)
            first, second = sorted([(name, listed), ("total_entries", str(page.total_entries))])
            kept = f'{{\n  "{first[0]}": {first[1]},\n  "{second[0]}": {second[1]}\n}}\n'.encode()
            if only is None and self._cacheable:
                self._pages.keep(page.rows, kept, len(kept), name, page.total_entries)
        return kept

    def values(self, row: Any) -> dict[str, Any]:
        """A record of plain fields as values instead of text, for an API that writes JSON another way."""
        return {name: read(row) for _, name, _, read in self._writers}

    def _written(self, row: Any, airflow: Any, only: Collection[str] | None, depth: int) -> str:
        members = []
        for quoted, name, field, read in self._writers:
            if only is None or name in only:
                value = read(row, airflow) if field.computed else read(row)
                plain = field.schema is None and field.items is None
                members.append((quoted, text_of(value) if plain else self._member(field, value, airflow)))
        text = object_text(members)
        return text.replace("\n", "\n" + "  " * depth) if depth else text

    def _member(self, field: Field, value: Any, airflow: Any) -> str:
        if field.schema is not None and value is not None:
            return field.schema.text(value, airflow)
        if field.items is not None and field.items.schema is not None and value is not None:
            return array_text(field.items.schema.text(item, airflow) for item in value)
        return text_of(value)

    def chosen(self, names: Iterable[str] | None) -> frozenset[str] | None:
        """The names that a ``fields`` parameter asks for; None for all. Raises UnknownFieldsError."""
        if not names:
            return None
        known = set(self.answer_fields)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UnknownFieldsError(list(dict.fromkeys(unknown)))
        return frozenset(names)


def _reader(field: Field) -> Callable[..., Any]:
    if callable(field.of):
        return field.of
    return attrgetter(field.of or field.name)


def nested(name: str, schema: Schema, *, many: bool = False, **options: Any) -> Field:
    """A field that holds another schema's object, or an array of them."""
    if many:
        return Field(name, "array", items=Field("", "object", schema=schema), **options)
    return Field(name, "object", schema=schema, **options)


def as_read_only(*fields: Field) -> tuple[Field, ...]:
    """The same fields, refused in a body."""
    return tuple(replace(field, read_only=True) for field in fields)
