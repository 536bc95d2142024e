"""Collections: items of a kind that are listed, made, shown, changed and forgotten, declared as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, declared, optional, resource
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset

Fields = dict[str, Any]


def _as_given(ask: Ask, fields: Fields, item: Item | None) -> Fields:
    return fields


def _nothing_more(ask: Ask, item: Item) -> None:
    """Nothing else hangs on the item."""


@dataclass(frozen=True, kw_only=True)
class ItemCollection:
    """Items of a kind with their verbs; declaring it serves them.

    An item belongs to the asset of the path ``{asset_id}``, or to the one that ``asset_id`` names among the
    ``required`` fields. ``changeable`` fields may be left out at any time, ``settable`` ones are for a new item alone,
    whose other facts are ``defaults``. ``filtered`` are the facts that a list may be narrowed to, and ``keep`` says
    what else it leaves out; ``asset_filter`` tells how a list's query names an asset. ``check`` looks at the fields of
    a new item or of a change and gives the facts, ``forgotten`` does what else a deletion means. Items of the kind
    ``results`` come and go with theirs, and ``result_list`` is the path and the operation id of their list.
    """

    tag: str
    kind: str
    noun: str
    path: str
    one: str
    view: Shape
    required: str = ""
    changeable: str = ""
    settable: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    check: Callable[[Ask, Fields, Item | None], Fields] = _as_given
    asset_filter: str = ""
    filtered: str = ""
    keep: Callable[[Ask, Item], Any] = lambda ask, item: True
    name: str = "data"
    default: int = 50
    maximum: int = 100
    update: str = "PATCH"
    verbs: str = "list create get update delete"
    documented: bool = False
    confidential: bool = False
    told_id: str = "id"
    forgotten: Callable[[Ask, Item], None] = _nothing_more
    results: str = ""
    result_list: tuple[str, str] = ("", "")
    result_view: Shape | None = None

    def __post_init__(self) -> None:
        words, one = self.noun.replace("_", " "), f"{self.path}/{{{self.one}}}"
        operation, secret = resource(self.tag), {"confidential": self.confidential}
        told: dict[str, tuple[Any, ...]] = {
            "list": ("GET", self.path, self.list, f"List the {words}s.", {"documented": self.documented}),
            "create": ("POST", self.path, self.create, f"Make a {words}.", {"success": 201, **secret}),
            "get": ("GET", one, self.get, f"Show a {words}.", {}),
            "update": (self.update, one, self.change, f"Change a {words}; what is left out stays.", secret),
            "delete": ("DELETE", one, self.delete, f"Forget a {words}.", {}),
        }
        for verb in self.verbs.split():
            method, path, handler, summary, more = told[verb]
            named = f"{verb}_{self.noun}{'s' if verb == 'list' else ''}"
            operation(method, path, operation_id=named, summary=summary, **more)(handler)
        if self.results:
            path, named = self.result_list
            summary = f"List the results of a {words}, the latest first."
            operation("GET", f"{one}/{path}", operation_id=named, summary=summary)(self.list_results)

    def chosen(self, ask: Ask, filtered: str | None = None) -> list[Item]:
        """The items that a list's path and filters leave."""
        named = ask.path.get("asset_id")
        if named is None and self.asset_filter:
            named = ask.query.get("asset_id") or (None if self.asset_filter == "optional" else "")
        asset_id = None if named is None else ask.asset(named).id
        filters = declared(self.filtered if filtered is None else filtered)
        wanted = {one.name: ask.flag(one.name) if one.kind == "flag" else ask.query.get(one.name) for one in filters}
        return [
            item
            for item in ask.estate.items(self.kind, asset_id)
            if all(value in (None, item.facts.get(name)) for name, value in wanted.items()) and self.keep(ask, item)
        ]

    def list(self, ask: Ask) -> Any:
        """A page of the items."""
        return ask.page(self.chosen(ask), self.view, self.name, default=self.default, maximum=self.maximum)

    def create(self, ask: Ask) -> Any:
        """A new item, as it is shown."""
        fields = ask.fields(f"{self.required} {optional(self.changeable)} {optional(self.settable)}")
        asset = ask.asset(fields.pop("asset_id")) if "asset_id" in fields else None
        return self.view(ask, self.add(ask, fields, asset))

    def add(self, ask: Ask, fields: Fields, asset: WatchedAsset | None = None) -> Item:
        """A new item of these fields."""
        facts = {**self.defaults, **self._checked(ask, fields, None)}
        if asset is None and "asset_id" in ask.path:
            asset = ask.asset()
        return ask.estate.add(self.kind, asset_id=None if asset is None else asset.id, **facts)

    def _checked(self, ask: Ask, fields: Fields, item: Item | None) -> Fields:
        for name, options in self.choices.items():
            ask.one_of(name, fields.get(name), options)
        return self.check(ask, fields, item)

    def get(self, ask: Ask) -> Any:
        """The item as it is shown."""
        return self.view(ask, ask.item(self.kind))

    def change(self, ask: Ask) -> Any:
        """The item with other facts, as it is shown."""
        item = ask.item(self.kind)
        facts = self._checked(ask, ask.fields(optional(self.changeable)), item)
        return self.view(ask, ask.estate.change(item, **facts))

    def delete(self, ask: Ask) -> Any:
        """What is said of an item that is no more."""
        item = ask.item(self.kind)
        ask.estate.remove([item, *(ask.estate.children(self.results, item.id) if self.results else ())])
        self.forgotten(ask, item)
        return {self.told_id: item.id, "deleted": True}

    def latest(self, ask: Ask, item: Item) -> Item | None:
        """The latest result of an item."""
        return next(reversed(ask.estate.children(self.results, item.id)), None)

    def shown_result(self, ask: Ask, result: Item) -> dict[str, Any]:
        """A result as it is shown."""
        assert self.result_view is not None
        return self.result_view(ask, result)

    def list_results(self, ask: Ask) -> Any:
        """A page of an item's results, the latest first."""
        results = reversed(ask.estate.children(self.results, ask.item(self.kind).id))
        return ask.page(results, self.shown_result, "items", default=100, maximum=1000)
