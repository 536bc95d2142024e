"""How the answers of `/api/v2` look, by the names that Airflow's document gives them; imported for documents."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def named(name: str) -> Any:
    """The type of an answer. Raises KeyError for a name that no module here has."""
    for module in iter_modules(__path__):
        found = vars(import_module(f"{__name__}.{module.name}")).get(name)
        if found is not None:
            return found
    raise KeyError(name)
