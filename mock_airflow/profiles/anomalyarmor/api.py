"""The vendor's endpoints: one table of them, how they take a request in, and what a handler asks of it.

``resource`` declares one whose handler gives plain values. It is served below ``/api/v1/sdk`` in the wrapped form; with
``documented`` also without ``/sdk``, in the form of the documentation, which shows ``/api/v1/assets`` where the Python
package calls ``/api/v1/sdk/assets``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.access.admission import Admission
from mock_airflow.access.oauth.server import AuthorizationServer
from mock_airflow.answers import Answer
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import Listed
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Item, WatchedAsset
from mock_airflow.profiles.dialect import SIGNED_IN, VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.admission import Admission
    from mock_airflow.access.site import Site
    from mock_airflow.answers import Refusal
    from mock_airflow.api.operation import Operation

_YAML = ("application/x-yaml", "application/yaml", "text/yaml")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "text": ("text", (str,)),
    "flag": ("yes or no", (bool,)),
    "number": ("number", (int, float)),
    "list": ("list", (list,)),
    "object": ("object", (dict,)),
}


class Vendor(NamedTuple):
    """What a deployment of this profile keeps of its own."""

    estate: ArmorEstate
    oauth: AuthorizationServer


class ArmorDialect(VendorDialect):
    """A credential first, then limits and scope; refusals in the vendor's envelope."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call; whatever is due in the estate has happened before it."""
        from mock_airflow.profiles.anomalyarmor.resources.jobs import settle

        call = super().take_in(operation, admission, path)
        settle(call.deployment.vendor.estate)
        return call

    def _body(self, request: Request, deployment: Site) -> Any:
        if request.mimetype in _YAML:
            return request.get_data(cache=True).decode("utf-8", "replace")
        return super()._body(request, deployment)

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """A body that is not JSON."""
        return answers.invalid(deployment.settings, "The request body is not valid JSON")


API = Api("anomalyarmor", "/api/v1", "AnomalyArmor", dialect=ArmorDialect())
HOST = Api("anomalyarmor_host", "", "AnomalyArmor", dialect=API.dialect)  # beside /api/v1: OAuth, discovery


class Declared(NamedTuple):
    """A field of a body, or an argument of a tool."""

    name: str
    kind: str
    required: bool


@cache
def declared(text: str) -> tuple[Declared, ...]:
    """The fields that a text declares, each written ``name``, ``name:kind``, and with ``?`` if it may be left out."""
    parts = [(*part.removesuffix("?").partition(":"), not part.endswith("?")) for part in text.split()]
    return tuple(Declared(name, kind or "text", required) for name, _, kind, required in parts)


def optional(text: str) -> str:
    """The same fields, all of which may be left out."""
    return " ".join(f"{part}?" for part in text.split())


class Ask:
    """One request of a resource, and what its handler asks of it. Whatever makes no sense raises Refusal."""

    def __init__(self, call: Call) -> None:
        self.call, self.settings, self.query, self.path = call, call.settings, call.query, call.path
        self.estate: ArmorEstate = call.deployment.vendor.estate
        self.now = call.airflow.now()

    def invalid(self, message: str, **details: Any) -> Refusal:
        """The refusal of parameters or a body that make no sense."""
        return answers.invalid(self.settings, message, **details)

    def missing(self, what: str, named: str) -> Refusal:
        """The refusal of a name that nothing has."""
        return answers.not_found(self.settings, what, named)

    def asset(self, named: str | None = None) -> WatchedAsset:
        """The asset that the path, or the argument, names by id or qualified name."""
        wanted = self.path["asset_id"] if named is None else named
        asset = self.estate.asset(wanted)
        if asset is None:
            raise self.missing("asset", wanted)
        return asset

    def item(self, kind: str) -> Item:
        """The item that the last name in the path stands for, of the path's asset if there is one."""
        wanted = self.path[self.call.operation.path_names[-1]]
        asset = self.asset() if "asset_id" in self.path else None
        item = self.estate.item(kind, wanted)
        if item is None or (asset is not None and item.asset_id != asset.id):
            raise self.missing(kind.replace("_", " "), wanted)
        return item

    def table(self, asset: WatchedAsset, path: str) -> WatchedAsset:
        """The table of an asset that the path ``schema.name`` stands for."""
        table = self.estate.table(asset, path)
        if table is None:
            raise self.missing("table", path)
        return table

    def body(self) -> dict[str, Any]:
        """The body's fields; none for an empty body."""
        body = self.call.body
        if body is None or body == "":
            return {}
        if not isinstance(body, dict):
            raise self.invalid("The request body must be a JSON object")
        return body

    def fields(self, text: str, **choices: tuple[str, ...]) -> dict[str, Any]:
        """The body's fields that the text declares; ``choices`` are the values that some of them may have."""
        body = self.body()
        found: dict[str, Any] = {}
        for name, kind, required in declared(text):
            value = body.get(name)
            if value is None:
                if required:
                    raise self.invalid(f"{name} is required", field=name)
                continue
            said, types = _KINDS[kind]
            if not isinstance(value, types) or (kind == "number" and isinstance(value, bool)):
                raise self.invalid(f"{name} must be a {said}", field=name)
            if isinstance(value, str) and required and not value.strip():
                raise self.invalid(f"{name} must not be empty", field=name)
            found[name] = value
        for name, options in choices.items():
            self.one_of(name, found.get(name), options)
        return found

    def one_of(self, name: str, value: str | None, options: Iterable[str]) -> None:
        """Refuse a value that is neither None nor one of the options."""
        if value is not None and value not in options:
            raise self.invalid(f"{name} must be one of {', '.join(options)}", field=name)

    def choice(self, name: str, options: Iterable[str], default: str = "") -> str:
        """A word of the query, one of the options."""
        self.one_of(name, self.query.get(name), options)
        return str(self.query.get(name, default))

    def fits(self, name: str, value: Any) -> bool:
        """Whether the query asks for this value, or for any."""
        return self.query.get(name) in (None, value)

    def flag(self, name: str) -> bool | None:
        """A yes or no of the query; None when it is not there or neither."""
        return _FLAGS.get(self.query.get(name, "").lower())

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

    def page(
        self, rows: Iterable[Any], view: View, name: str = "data", *, default: int = 50, maximum: int = 100
    ) -> Listed:
        """The part of the rows that ``limit`` and ``offset`` ask for; the bounds of most lists are documented."""
        limit, offset = self.number("limit", default, 1, maximum), self.number("offset", 0, 0, 1 << 31)
        found = list(rows)
        return Listed([view(self, row) for row in found[offset : offset + limit]], len(found), limit, offset, name)


View = Callable[[Ask, Any], dict[str, Any]]
Handler = Callable[[Ask], Any]
RESOURCES: dict[str, Handler] = {}  # what the handlers of the resources give, for the MCP server's tools


class Shape:
    """A view that is declared: names in order, each of an attribute or a fact, or ``name=another``.

    ``made`` are the names whose value is the same for all rows, or made from the request and the row.
    """

    def __init__(self, names: str, **made: Any) -> None:
        parts = [part.partition("=") for part in names.split()]
        self.sources = {name: source or name for name, _, source in parts}
        self.made = made

    def __call__(self, ask: Ask, row: Any) -> dict[str, Any]:
        return {name: self._value(ask, row, name, source) for name, source in self.sources.items()}

    def _value(self, ask: Ask, row: Any, name: str, source: str) -> Any:
        if name in self.made:
            made = self.made[name]
            return made(ask, row) if callable(made) else made
        return getattr(row, source) if hasattr(row, source) else row.facts.get(source)


def oauth_of(deployment: Site) -> AuthorizationServer:
    """The authorization server of a deployment."""
    vendor: Vendor = deployment.vendor
    return vendor.oauth


def resource(tag: str, below: str = "/sdk") -> Callable[..., Callable[[Handler], Handler]]:
    """The decorator that declares the resources of one tag; the handler's name is the operation's id."""
    operation = API.tagged(tag)

    def declare(
        method: str, path: str, *, operation_id: str = "", summary: str = "", documented: bool = False, **more: Any
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            def answered(layout: answers.Layout) -> Callable[[Call], Answer]:
                def answer(call: Call) -> Answer:
                    given = handler(Ask(call))
                    if isinstance(given, Answer):
                        return given
                    return layout(given, call.settings)._replace(status=more.get("success", 200))

                answer.__doc__ = summary or handler.__doc__
                return answer

            named = operation_id or handler.__name__
            operation(method, f"{below}{path}", named, access=SIGNED_IN, **more)(answered(answers.wrapped))
            if documented:
                operation(method, path, f"{named}_documented", access=SIGNED_IN, **more)(answered(answers.plain))
            if below == "/sdk":
                RESOURCES[named] = handler
            return handler

        return register

    return declare
