"""Items of a kind that are listed, made, shown, changed and forgotten, declared as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from mock_airflow.profiles.anomalyarmor.declared import declared, defaults
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts


class Items(ArmorResource):
    """Items of a kind, and the verbs that they know.

    An item belongs to the asset of the path ``{asset_id}``, or to the one that ``asset_id`` names among what a new
    item ``takes``. ``fixed`` are the names of those that never change. A list may be narrowed to items that show what
    the query asks of ``filters``, and to active ones by the flags ``active_only``; ``asset_filter`` tells how its query
    names an asset. One item may have a ``detailed_view``. Items of the kind ``results`` come and go with theirs.
    """

    noun: ClassVar[str] = ""  # empty for what several kinds have in common
    where: ClassVar[str]  # the path of the list
    one: ClassVar[str]  # what names an item in a path
    verbs: ClassVar[str] = "list create get update delete"
    takes: ClassVar[str] = ""
    fixed: ClassVar[str] = ""
    filters: ClassVar[str] = ""
    active_only: ClassVar[str] = ""
    asset_filter: ClassVar[str] = ""
    detailed_view: ClassVar[str] = ""
    listed_as: ClassVar[str] = "data"
    default: ClassVar[int] = 50
    maximum: ClassVar[int] = 100
    updated_by: ClassVar[str] = "PATCH"
    documented: ClassVar[bool] = False
    confidential: ClassVar[bool] = False
    told_id: ClassVar[str] = "id"
    results: ClassVar[str] = ""
    result_view: ClassVar[str] = ""
    results_at: ClassVar[str] = ""  # below an item's path
    results_id: ClassVar[str] = ""  # of the operation that lists them

    def __init_subclass__(cls) -> None:
        if cls.noun:
            cls._serve_verbs()
        super().__init_subclass__()

    @classmethod
    def _serve_verbs(cls) -> None:
        words, one = cls.noun.replace("_", " "), f"{cls.where}/{{{cls.one}}}"
        secret = {"confidential": cls.confidential}
        a_one = f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
        told: dict[str, tuple[str, str, Any, str, dict[str, Any]]] = {
            "list": ("GET", cls.where, cls.list_items, f"List the {words}s.", {"documented": cls.documented}),
            "create": ("POST", cls.where, cls.create, f"Make {a_one}.", {"success": 201, **secret}),
            "get": ("GET", one, cls.show, f"Show {a_one}.", {}),
            "update": (cls.updated_by, one, cls.change, f"Change {a_one}; what is left out stays.", secret),
            "delete": ("DELETE", one, cls.forget, f"Forget {a_one}.", {}),
        }
        for verb in cls.verbs.split():
            method, path, handler, summary, facts = told[verb]
            cls.serve(method, path, f"{verb}_{cls.noun}{'s' * (verb == 'list')}", handler, summary, **facts)
        if cls.results:
            summary = f"List the results of {a_one}, the latest first."
            cls.serve("GET", f"{one}/{cls.results_at}", cls.results_id, cls.list_results, summary)

    # ------------------------------------------------------------------------------------- what is special about a kind

    def check(self, fields: Facts, item: Item | None) -> Facts:
        """The facts of the fields of a new item or of a change. Raises Refusal for what the kind does not take."""
        return fields

    def rows(self, asset_id: str | None) -> Iterable[Item]:
        """All items, or an asset's, in the order of a list."""
        return self.estate.items(self.kind, asset_id)

    def keep(self, item: Item) -> Any:
        """Whether a list shows the item."""
        return item["is_active"] or not any(map(self.flag, self.active_only.split()))

    def forgotten(self, item: Item) -> None:
        """Do what else it means that an item is no more."""

    # ---------------------------------------------------------------------------------------------------------- verbs

    def chosen(self, filters: str | None = None) -> list[Item]:
        """The items that a list's path and filters leave."""
        named = self.path.get("asset_id")
        if named is None and self.asset_filter:
            named = self.query.get("asset_id") or (None if self.asset_filter == "optional" else "")
        asset_id = None if named is None else self.asset(named).id
        wanted = {
            one.name: self.flag(one.name) if one.kind == "flag" else self.choice(one.name, one.options)
            for one in declared(self.filters if filters is None else filters)
        }
        asked = [(name, value) for name, value in wanted.items() if value is not None]
        return [
            item
            for item in self.rows(asset_id)
            if all(value == self.value(item, name) for name, value in asked) and self.keep(item)
        ]

    def list_items(self) -> Any:
        """A page of the items."""
        return self.page(self.chosen(), name=self.listed_as, default=self.default, maximum=self.maximum)

    def create(self) -> Any:
        """A new item, as it is shown."""
        fields = self.typed(declared(self.takes))
        asset = self.asset(fields.pop("asset_id")) if "asset_id" in fields else None
        return self.shown(self.add(fields, asset))

    def add(self, given: Facts, asset: WatchedAsset | None = None) -> Item:
        """A new item of these fields."""
        fields = declared(self.takes)
        facts = defaults(fields) | self.check(self.allowed(fields, given), None)
        if asset is None and "asset_id" in self.path:
            asset = self.asset()
        return self.estate.add(self.kind, asset_id=None if asset is None else asset.id, **facts)

    def show(self) -> Any:
        """The item as it is shown."""
        return self.shown(self.item(), self.detailed_view)

    def change(self) -> Any:
        """The item with other facts, as it is shown."""
        item, fixed = self.item(), self.fixed.split()
        fields = [one for one in declared(self.takes) if one.name not in fixed]
        facts = self.check(self.allowed(fields, self.typed(fields, optional=True)), item)
        return self.shown(self.estate.change(item, **facts))

    def forget(self) -> Any:
        """What is said of an item that is no more."""
        item = self.item()
        self.estate.remove([item, *(self.estate.children(self.results, item.id) if self.results else ())])
        self.forgotten(item)
        return {self.told_id: item.id, "deleted": True}

    def list_results(self) -> Any:
        """A page of an item's results, the latest first."""
        results = reversed(self.estate.children(self.results, self.item().id))
        return self.page(results, self.result_view, "items", default=100, maximum=1000)
