"""The conditions over assets that DAGs are scheduled by: a URI, an alias, all or any of some, nested at will."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from mock_airflow.domain.records import JsonObject


def condition_met(
    condition: JsonObject | str | None, changed: Collection[str], aliases: Collection[str | None] = ()
) -> bool:
    """Whether the changed URIs, and the aliases that they resolve, satisfy a condition.

    It is a URI, ``{"alias": name}``, ``{"all": [...]}`` or ``{"any": [...]}``, nested at will.
    """
    if isinstance(condition, str):
        return condition in changed
    if not condition:
        return False
    if "alias" in condition:
        return condition["alias"] in aliases
    if "any" in condition:
        return any(condition_met(part, changed, aliases) for part in condition["any"])
    return all(condition_met(part, changed, aliases) for part in condition.get("all", ()))


def aliases_in(condition: JsonObject | str | None) -> Iterator[str]:
    """The names of the aliases in a condition."""
    if isinstance(condition, dict):
        if "alias" in condition:
            yield condition["alias"]
        for part in (*condition.get("any", ()), *condition.get("all", ())):
            yield from aliases_in(part)


def uris_in(condition: Any) -> Iterator[str]:
    """The URIs in a condition, whose aliases name none."""
    if isinstance(condition, str):
        yield condition
    elif condition:
        for part in (*condition.get("any", ()), *condition.get("all", ())):
            yield from uris_in(part)
