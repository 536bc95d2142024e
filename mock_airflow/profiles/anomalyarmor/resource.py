"""A resource: a class whose methods answer requests.

``@get("/tags")`` and its like serve a method, whose name is the operation's id. It is served below ``/api/v1/sdk`` in
the wrapped form; with ``documented`` also without ``/sdk``, in the form of the documentation, which shows
``/api/v1/assets`` where the Python package calls ``/api/v1/sdk/assets``. A method gives plain values. Its parameters
say what it reads: ``alert`` is what the path's ``{alert_id}`` stands for, ``asset`` the same or what the body's
``asset_id`` names, any other name a field of the body, as declared behind the path; ``fields`` are all of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from inspect import signature
from typing import Any, ClassVar, TypeVar

from mock_airflow.answers import Answer, Refusal
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import Listed
from mock_airflow.profiles.anomalyarmor.api import API
from mock_airflow.profiles.anomalyarmor.declared import KINDS, DeclaredField, declared, defaults, shown_in
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Item, WatchedAsset
from mock_airflow.profiles.dialect import SIGNED_IN
from mock_airflow.settings.values import moment as read_moment

Facts = dict[str, Any]
M = TypeVar("M", bound=Callable[..., Any])

OPERATIONS: dict[str, Callable[[Call], Any]] = {}  # what each operation below /sdk gives, for the MCP server's tools
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _serving(method: str) -> Callable[..., Callable[[M], M]]:
    def declare(path: str, takes: str = "", **facts: Any) -> Callable[[M], M]:
        def register(handler: M) -> M:
            handler.__dict__["served"] = {"method": method, "path": path, "takes": takes, **facts}
            return handler

        return register

    return declare


get, post, delete = _serving("GET"), _serving("POST"), _serving("DELETE")


def _told(row: Any, name: str) -> Any:
    """What a row says of itself by this name; nothing is said of a row that is not there."""
    if row is None:
        return None
    if isinstance(row, dict):
        return row.get(name)
    return getattr(row, name) if hasattr(row, name) else row.facts.get(name)


class ArmorResource:
    """One request for the resources of a tag. Whatever makes no sense in it raises Refusal."""

    tag: ClassVar[str]
    below: ClassVar[str] = "/sdk"
    suffix: ClassVar[str] = ""  # of the operations' ids, where the same ones are served twice
    kind: ClassVar[str] = ""
    view: ClassVar[str] = ""

    def __init__(self, call: Call) -> None:
        self.call, self.settings, self.query, self.path = call, call.settings, call.query, call.path
        self.estate: ArmorEstate = call.deployment.vendor.estate
        self.now = call.airflow.now()

    def __init_subclass__(cls) -> None:
        members = {name: member for base in reversed(cls.__mro__) for name, member in vars(base).items()}
        for name, member in members.items():
            if hasattr(member, "served"):
                cls.serve(operation_id=name, handler=member, summary=" ".join(member.__doc__.split()), **member.served)

    @classmethod
    def serve(
        cls,
        method: str,
        path: str,
        operation_id: str,
        handler: Callable[..., Any],
        summary: str,
        *,
        takes: str = "",
        documented: bool = False,
        **facts: Any,
    ) -> None:
        """Serve what a method gives."""
        _, *parameters = signature(handler).parameters

        def give(call: Call) -> Any:
            resource = cls(call)
            return handler(resource, *resource._arguments(parameters, takes))

        def answering(layout: answers.Layout) -> Callable[[Call], Answer]:
            def answer(call: Call) -> Answer:
                given = give(call)
                if isinstance(given, Answer):
                    return given
                return layout(given, call.settings)._replace(status=facts.get("success", 200))

            answer.__doc__ = summary
            return answer

        operation, named = API.tagged(cls.tag), operation_id + cls.suffix
        operation(method, cls.below + path, named, access=SIGNED_IN, **facts)(answering(answers.wrapped))
        if documented:
            operation(method, path, f"{named}_documented", access=SIGNED_IN, **facts)(answering(answers.plain))
        if cls.below == "/sdk":
            OPERATIONS[named] = give

    def _arguments(self, parameters: Iterable[str], takes: str) -> Iterator[Any]:
        fields: Facts | None = None
        for name in parameters:
            if name in self.path:
                yield self.path[name]
            elif f"{name}_id" in self.path:
                yield self.asset() if name == "asset" else self.item(f"{name}_id")
            else:
                fields = self.fields(takes) if fields is None else fields
                if name == "asset":
                    yield self.asset(fields["asset_id"])
                else:
                    yield fields if name == "fields" else fields.get(name)

    # ------------------------------------------------------------------------------------------------------- refusals

    def invalid(self, message: str, **details: Any) -> Refusal:
        """The refusal of parameters or a body that make no sense."""
        return answers.invalid(self.settings, message, **details)

    def missing(self, what: str, named: str) -> Refusal:
        """The refusal of a name that nothing has; only an asset has a code of its own (documented)."""
        code, details = "NOT_FOUND", {"id": named}
        if what == "asset":
            suggestion = "Check the qualified name format: source.database.schema.table"
            code, details = "ASSET_NOT_FOUND", {"asset_id": named, "suggestion": suggestion}
        message, why = f"{what[0].upper()}{what[1:]} not found", Why(f"There is no {what} {named[:80]!r}.", "not found")
        return answers.refused(self.settings, 404, code, message, why, details)

    # ----------------------------------------------------------------------------------------------- what is meant

    def asset(self, named: str | None = None) -> WatchedAsset:
        """The asset that the path, or the argument, names by id or qualified name."""
        wanted = self.path["asset_id"] if named is None else named
        asset = self.estate.asset(wanted)
        if asset is None:
            raise self.missing("asset", wanted)
        return asset

    def item(self, name: str = "") -> Item:
        """The item that a name in the path stands for, the last one if none is given, of the path's asset if any."""
        wanted = self.path[name or self.call.operation.path_names[-1]]
        asset = self.asset() if "asset_id" in self.path else None
        item = self.estate.item(self.kind, wanted)
        if item is None or (asset is not None and item.asset_id != asset.id):
            raise self.missing(self.kind.replace("_", " "), wanted)
        return item

    def tables_asked_for(self) -> set[str] | None:
        """The ids of the tables in the asset that the query names; None for any."""
        wanted = self.query.get("asset_id")
        return {table.id for table in self.estate.tables_of(self.asset(wanted))} if wanted else None

    def table(self, asset: WatchedAsset, path: str) -> WatchedAsset:
        """The table of an asset that the path ``schema.name`` stands for."""
        table = self.estate.table(asset, path)
        if table is None:
            raise self.missing("table", path)
        return table

    # ----------------------------------------------------------------------------------------------------------- jobs

    def start(self, workflow: str, asset: WatchedAsset | None, **facts: Any) -> Item:
        """A new job; it is done by the next look if jobs take no time."""
        ends_at = self.now + timedelta(seconds=self.settings.anomalyarmor_job_seconds)
        asset_id = None if asset is None else asset.id
        return self.estate.add("job", asset_id=asset_id, ends_at=ends_at, workflow=workflow, cancelled=False, **facts)

    def started(self, workflow: str, asset: WatchedAsset, status: str, message: str, at: str = "created_at") -> Facts:
        """What is answered when a job was started for an asset; the caller polls for its end."""
        job = self.start(workflow, asset)
        return {"job_id": job.id, "asset_id": job.asset_id, "status": status, "message": message, at: job.created_at}

    # --------------------------------------------------------------------------------------------------------- bodies

    def body(self) -> Facts:
        """The body's fields; none for an empty body."""
        body = self.call.body
        if body is None or body == "":
            return {}
        if not isinstance(body, dict):
            raise self.invalid("The request body must be a JSON object")
        return body

    def fields(self, text: str) -> Facts:
        """The body's fields that the text declares, each of its kind and one of its words; defaults for the others."""
        fields = declared(text)
        return defaults(fields) | self.allowed(fields, self.typed(fields))

    def typed(self, fields: Iterable[DeclaredField], *, optional: bool = False) -> Facts:
        """The fields that the body has, each of its kind; ``optional`` if all of them may be left out."""
        body = self.body()
        found: Facts = {}
        for one in fields:
            name, value, required = one.name, body.get(one.name), one.required and not optional
            if value is None and required:
                raise self.invalid(f"{name} is required", field=name)
            if value is not None and not one.fits(value):
                raise self.invalid(f"{name} must be a {KINDS[one.kind].said}", field=name)
            if isinstance(value, str) and required and not value.strip():
                raise self.invalid(f"{name} must not be empty", field=name)
            if value is not None:
                found[name] = value
        return found

    def allowed(self, fields: Iterable[DeclaredField], found: Facts) -> Facts:
        """The same values, none of which is beside the words that its field allows."""
        for one in fields:
            self._one_of(one.name, found.get(one.name), one.options)
        return found

    def _one_of(self, name: str, value: str | None, options: Iterable[str]) -> None:
        if value is not None and options and value not in options:
            raise self.invalid(f"{name} must be one of {', '.join(options)}", field=name)

    # -------------------------------------------------------------------------------------------------------- queries

    def choice(self, name: str, options: Iterable[str], default: str | None = None) -> str | None:
        """A word of the query, one of the options if there are any."""
        self._one_of(name, self.query.get(name), options)
        value: str | None = self.query.get(name, default)
        return value

    def flag(self, name: str) -> bool | None:
        """A yes or no of the query; None when it is not there or neither."""
        return _FLAGS.get(self.query.get(name, "").lower())

    def moment(self, name: str) -> datetime | None:
        """A time of the query."""
        try:
            return read_moment(self.query[name]) if self.query.get(name) else None
        except ValueError:
            raise self.invalid(f"{name} must be a time such as 2026-01-01T00:00:00Z", field=name) from None

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number of the query, within the bounds; a limit above them is cut by a setting."""
        text = self.query.get(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise self.invalid(f"{name} must be a whole number", field=name) from None
        if value > high and self.settings.anomalyarmor_cut_limit and name == "limit":
            return high
        if not low <= value <= high:
            raise self.invalid(f"{name} must be between {low} and {high}", field=name)
        return value

    # -------------------------------------------------------------------------------------------------------- answers

    def page(
        self, rows: Iterable[Any], view: str = "", name: str = "data", *, default: int = 50, maximum: int = 100
    ) -> Listed:
        """The part of the rows that ``limit`` and ``offset`` ask for; the bounds of most lists are documented."""
        limit, offset = self.number("limit", default, 1, maximum), self.number("offset", 0, 0, 1 << 31)
        found = list(rows)
        shown = [self.shown(row, view) for row in found[offset : offset + limit]]
        return Listed(shown, len(found), limit, offset, name)

    def shown(self, row: Any, view: str = "") -> Facts:
        """A row in a view, the resource's own if no other is given."""
        values = [(one, self.value(row, one.source)) for one in shown_in(view or self.view)]
        return {one.name: value if value or not one.otherwise else one.otherwise[0] for one, value in values}

    def value(self, row: Any, source: str) -> Any:
        """What a source stands for in a row."""
        name, _, further = source.partition(".")
        made = getattr(self, f"_{name}", None)
        value = _told(row, name) if made is None else made(row)
        return _told(value, further) if further else value

    def _asset(self, row: Item) -> WatchedAsset | None:
        return self.estate.asset(row.asset_id or "")

    def _parent(self, row: Item) -> Item | None:
        return self.estate.said.get(row.parent_id or "")
