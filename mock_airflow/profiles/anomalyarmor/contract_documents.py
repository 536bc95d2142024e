"""Data contracts as documents (Open Data Contract Standard 3.1): an asset's told as one, one read, two compared.

A domain is a part of a contract: ``schema`` and ``freshness`` lie in the standard's own fields, ``validity``,
``metrics`` and ``referential`` below the custom property ``anomalyarmor``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Column, Item, WatchedAsset

VERSION = "v3.1.0"
EXTENSION = "anomalyarmor"
DOMAINS = ("freshness", "metrics", "referential", "schema", "validity")
KINDS = {"validity": "validity_rule", "metrics": "metric", "referential": "referential_check"}
_PARTS = {
    "validity": "table_path column_name rule_type rule_config name severity treat_null_as_valid check_interval",
    "metrics": "table_path column_name metric_type capture_interval sensitivity",
    "referential": "child_table_path child_column_name parent_table_path parent_column_name name capture_interval",
}


class Flaw(NamedTuple):
    """What is wrong with a document, and where."""

    code: str
    message: str
    yaml_path: str = ""
    line: int | None = None
    column: int | None = None


def document_of(
    estate: ArmorEstate, asset: WatchedAsset, domains: Collection[str], *, pure: bool = False
) -> dict[str, Any]:
    """An asset's contract; a pure one has nothing that the standard does not know."""
    tables = estate.tables_of(asset)
    told: dict[str, Any] = {"apiVersion": VERSION, "kind": "DataContract", "id": asset.id, "name": asset.qualified_name}
    told |= {"version": "1.0.0", "status": "active"}
    if "schema" in domains:
        told["schema"] = [
            {"name": table.path, "physicalType": table.asset_type, "properties": [*map(_property, table.columns)]}
            for table in tables
        ]
    if "freshness" in domains:
        told["slaProperties"] = [
            {"property": "freshness", "element": table.path, "value": table.threshold_hours, "unit": "h"}
            for table in tables
            if table.threshold_hours is not None
        ]
    extensions = {
        domain: [_part(item, domain) for item in estate.items(KINDS[domain], asset.id)]
        for domain in sorted(KINDS)
        if domain in domains
    }
    if not pure and any(extensions.values()):
        told["customProperties"] = [{"property": EXTENSION, "value": {k: v for k, v in extensions.items() if v}}]
    return told


def _property(column: Column) -> dict[str, Any]:
    return {"name": column.name, "physicalType": column.type, "required": not column.nullable}


def _part(item: Item, domain: str) -> dict[str, Any]:
    return {"id": item.id} | {name: item[name] for name in _PARTS[domain].split() if item[name] is not None}


def facts_of(entry: Mapping[str, Any], domain: str) -> dict[str, Any]:
    """What is kept of an entry."""
    return {name: entry[name] for name in _PARTS[domain].split() if name in entry}


def read(text: str) -> tuple[dict[str, Any] | None, list[Flaw]]:
    """The document that a text stands for, or what is wrong with it."""
    value, flaws = _parsed(text)
    if flaws:
        return None, flaws
    if not isinstance(value, dict):
        return None, [Flaw("NOT_A_MAPPING", "The document must be a mapping")]
    for name in ("apiVersion", "kind", "name", "version"):
        if name not in value:
            flaws.append(Flaw("MISSING_FIELD", f"{name} is required", name))
        elif not isinstance(value[name], str):
            flaws.append(Flaw("WRONG_TYPE", f"{name} must be a text", name))
    if value.get("kind") not in (None, "DataContract"):
        flaws.append(Flaw("WRONG_VALUE", "kind must be DataContract", "kind"))
    for name in ("schema", "slaProperties", "customProperties"):
        if name in value and not isinstance(value[name], list):
            flaws.append(Flaw("WRONG_TYPE", f"{name} must be a list", name))
    return (None, flaws) if flaws else (value, [])


def _parsed(text: str) -> tuple[Any, list[Flaw]]:
    try:
        import yaml
    except ImportError:  # JSON is YAML too
        try:
            return json.loads(text), []
        except ValueError:
            said = "Only JSON can be read here; install PyYAML with: pip install 'mock-airflow[yaml]'"
            return None, [Flaw("PARSE_ERROR", said)]
    try:
        return yaml.safe_load(text), []
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or "The document is not YAML")
        line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        return None, [Flaw("PARSE_ERROR", said, "", line, column)]


def domains_in(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The entries of each domain that a document speaks of."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, domain in (("schema", "schema"), ("slaProperties", "freshness")):
        if isinstance(document.get(name), list):
            found[domain] = [entry for entry in document[name] if isinstance(entry, dict)]
    for entry in document.get("customProperties") or ():
        if isinstance(entry, dict) and entry.get("property") == EXTENSION and isinstance(entry.get("value"), dict):
            for domain, entries in entry["value"].items():
                if domain in KINDS and isinstance(entries, list):
                    found[domain] = [one for one in entries if isinstance(one, dict)]
    return found


def compared(now: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """What is added, modified and removed on the way from one list of entries to another.

    Entries are the same by the first of ``id``, ``element`` and ``name`` that all of them have and that tells them
    apart (code); else by what they are about.
    """
    name = next(
        (one for one in ("id", "element", "name") if _tells_apart(one, now) and _tells_apart(one, wanted)), None
    )

    def identity(entry: Mapping[str, Any]) -> str:
        if name is not None:
            return str(entry[name])
        about = {k: v for k, v in entry.items() if k.endswith(("table_path", "column_name", "_type"))}
        return json.dumps(about or entry, sort_keys=True, default=str)

    before, after = {identity(entry): entry for entry in now}, {identity(entry): entry for entry in wanted}
    both = [(before[one], after[one]) for one in after if one in before]
    return {
        "added": [entry for one, entry in after.items() if one not in before],
        "modified": [new for old, new in both if any(old.get(k) != v for k, v in new.items() if not k.startswith("_"))],
        "removed": [entry for one, entry in before.items() if one not in after],
    }


def _tells_apart(name: str, entries: list[dict[str, Any]]) -> bool:
    values = [entry.get(name) for entry in entries]
    usable = all(isinstance(value, (str, int)) and value != "" for value in values)
    return usable and len({*map(str, values)}) == len(values)
