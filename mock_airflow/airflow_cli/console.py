"""How rows are printed: as a table, plain, as JSON or as YAML, by the libraries that Airflow prints with.

A table is 200 columns wide at the most, since the output is no terminal (code); where lines break is rich's decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

from mock_airflow.errors import MissingExtraError

OUTPUTS = ("table", "json", "yaml", "plain")
_WIDTH = 200
_NOTHING = "No data found\n"

Rows = Sequence[Mapping[str, Any]]


def laid_out(rows: Rows, output: str) -> str:
    """The rows as text. Raises MissingExtraError where the library for that form is not installed."""
    with _library_for("a table" if output == "table" else output):
        return _FORMS[output]([{key: _as_text(value, output) for key, value in row.items()} for row in rows])


def grid(rows: Rows) -> str:
    """The rows as a table with lines between them, which one command prints. Raises MissingExtraError."""
    with _library_for("a grid"):
        from tabulate import tabulate

        return f"{tabulate([dict(row) for row in rows], tablefmt='grid', headers='keys')}\n"


@contextmanager
def _library_for(form: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(
            f"Airflow's command line prints {form} by means of the package {error.name}; "
            "install it with: pip install 'mock-airflow[airflow-cli]'"
        ) from None


def _as_text(value: Any, output: str) -> Any:
    """A value as Airflow prints it: nearly everything is a text (code)."""
    if isinstance(value, (tuple, list)):
        inner = [_as_text(each, output) for each in value]
        return ",".join(map(str, inner)) if output == "table" else inner
    if isinstance(value, Mapping) and output != "table":
        return {key: _as_text(each, output) for key, each in value.items()}
    return None if value is None else str(value)


def _json(rows: Rows) -> str:
    return json.dumps(rows) + "\n"


def _yaml(rows: Rows) -> str:
    import yaml

    return str(yaml.dump(list(rows))) + "\n"


def _table(rows: Rows) -> str:
    if not rows:
        return _NOTHING
    from rich.box import ASCII_DOUBLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=ASCII_DOUBLE_HEAD, show_edge=False, pad_edge=False, caption=" ")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    told = StringIO()
    Console(file=told, width=_WIDTH, force_terminal=False).print(table)
    return told.getvalue()


def _plain(rows: Rows) -> str:
    if not rows:
        return _NOTHING
    from tabulate import tabulate

    return str(tabulate([row.values() for row in rows], tablefmt="plain", headers=list(rows[0]))) + "\n"


_FORMS: dict[str, Callable[[Rows], str]] = {"table": _table, "json": _json, "yaml": _yaml, "plain": _plain}
