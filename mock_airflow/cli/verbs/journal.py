"""``mock-airflow journal``: that of a server that runs, through its control API."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from mock_airflow.cli.client import Server, add_call, at_server
from mock_airflow.cli.terminal import Said, json_text
from mock_airflow.cli.usage import FILE, Group, Read, operand
from mock_airflow.errors import UsageError
from mock_airflow.settings.values import whole
from mock_airflow.world.writing import write_whole

_FILTERS = {
    "operation": "an operation's id, or a method and a path with *",
    "principal": "who called",
    "request_id": "the name of a request, as the log has it",
    "status": "the answer's status",
    "decision": "what was decided, such as forbidden",
    "method": "such as POST",
    "path": "a path with *",
    "since": "calls from this number on",
    "until": "calls up to this number",
    "last": "so many of them, the last ones",
}
_FORMATS = ("entries", "har", "recording")
_NUMBERS = ("status", "since", "until", "last")
_CALL = operand("call", "NUMBER", "the call's number", type=Read(whole(0)))


def _filtered(verb: Callable[..., Said]) -> Callable[..., Said]:
    """Add an option a filter; the function gets them together as the query ``wanted``."""

    @functools.wraps(verb)
    def choosing(*server: Server, **given: Any) -> Said:
        wanted = {name: value for name in _FILTERS if (value := given.pop(name)) is not None}
        return verb(*server, wanted=wanted, **given)

    for name, text in reversed(_FILTERS.items()):
        kind = Read(whole(0) if name in _NUMBERS else str)
        choosing = click.option(f"--{name.replace('_', '-')}", metavar=name.upper(), help=text, type=kind)(choosing)
    return choosing


@click.group(cls=Group)
def journal() -> None:
    """Show, explain, export and rewind the calls of a server that runs."""


@journal.command()
@at_server
@_filtered
def show(server: Server, wanted: dict[str, Any]) -> Said:
    """List the calls, a line each."""
    found = server.ask("GET", f"/journal?{urlencode(wanted)}")["entries"]
    return Said("\n".join(map(_line, found)) or "There is no such call.", found)


@journal.command()
@_CALL
@at_server
def explain(server: Server, call: int) -> Said:
    """Tell why a call was decided as it was."""
    told = server.ask("GET", f"/explain/{call}")
    return Said(told["text"], told)


@journal.command()
@click.option("--format", type=Read(str, _FORMATS), default="har", help="entries, har or recording (default: har)")
@click.option("--pytest", "test", metavar="FILE", type=FILE, help="write them as a test that needs nothing beside it")
@at_server
@_filtered
def export(server: Server, format: str, test: str | None, wanted: dict[str, Any]) -> Said:
    """Print the calls as entries, as an HTTP archive (har) or as a recording; or write them as a pytest file."""
    if test is not None:
        text = server.text(f"/journal?{urlencode({**wanted, 'format': 'pytest'})}")
        try:
            size = write_whole(Path(test), [text])
        except OSError as error:
            raise UsageError(f"{test} cannot be written: {error.strerror or error}.") from None
        return Said(f"{test}: {text.count('def test_')} tests; run it with pytest.", {"file": test, "characters": size})
    found = server.ask("GET", f"/journal?{urlencode({**wanted, 'format': format})}")
    return Said(json_text(found), found)


_REWOUND = "The state is as call {call} found it."
add_call(journal, "rewind", "POST", "/rewind/{call}", _REWOUND, "Go back to just before a call.", _CALL)
add_call(journal, "clear", "DELETE", "/journal", "The journal is empty.", "Empty the journal.")


def _line(entry: Mapping[str, Any]) -> str:
    path = f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"]
    parts = [f"#{entry['number']}", entry["at"], entry["method"], path, str(entry["status"]), entry["reason"]]
    return "  ".join(part for part in parts if part)
