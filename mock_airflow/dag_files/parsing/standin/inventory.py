"""Which modules an Airflow 3 has for DAG files and what each holds, so that what was removed is an error as there.

The table is taken out of the package by ``fixtures/recordings/module_table_3.py``. Providers beside the standard one
may be installed or not, so they are not in it.
"""

from __future__ import annotations

import functools
import json
from importlib import resources

from mock_airflow.dag_files.parsing.standin.installed import Installed

# Parts of Airflow that hardly any DAG file imports; of these the table says nothing.
_UNLISTED = ("airflow.api_fastapi", "airflow.cli", "airflow.dag_processing", "airflow.jobs", "airflow.example_dags")
_LISTED_PROVIDERS = "airflow.providers.standard"


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    """By module the names that it holds, each with its home, ``module:name``, if that is another module."""
    file = resources.files("mock_airflow.dag_files.parsing") / "standin" / "operators" / "airflow_3_modules.json"
    names = json.loads(file.read_text(encoding="utf-8"))
    return {
        module: {name: home for name, _, home in (each.partition("=") for each in text.split())}
        for module, text in names.items()
    }


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _speaks_of(module: str) -> bool:
    if Installed.major < 3 or any(_within(module, each) for each in _UNLISTED):
        return False
    return not _within(module, "airflow.providers") or _within(module, _LISTED_PROVIDERS)


def lacks_module(module: str) -> bool:
    """Whether the Airflow that is emulated has no module of that name."""
    return _speaks_of(module) and module not in _table()


def lacks(module: str, name: str) -> bool:
    """Whether a module of it holds nothing under a name."""
    if not _speaks_of(module) or module not in _table():
        return False
    return name not in _table()[module] and f"{module}.{name}" not in _table()


def home_of(module: str, name: str) -> tuple[str, str] | None:
    """Where a class was moved that an old module still hands on."""
    home = _table().get(module, {}).get(name, "") if _speaks_of(module) else ""
    return (home.partition(":")[0], home.partition(":")[2]) if home else None
