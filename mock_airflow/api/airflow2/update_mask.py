"""The query parameter ``update_mask`` of variables and connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_airflow.api.airflow2.problems import bad_request


def chosen(values: Mapping[str, Any], mask: Iterable[str], names: Mapping[str, str]) -> dict[str, Any]:
    """The values that the mask names; ``names`` says which field each name means.

    Airflow's mask speaks of its own attributes, so some names differ from the body's (observed). Raises Problem for a
    name that is unknown, or whose field the body lacks.
    """
    kept: dict[str, Any] = {}
    for name in map(str.strip, mask):
        field = names.get(name)
        if field is None or field not in values:
            raise bad_request(f"'{name}' is unknown or cannot be updated.")
        kept[field] = values[field]
    return kept
