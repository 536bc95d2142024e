"""``mock-airflow journal``: that of a server that runs, through its control API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mock_airflow.cli.client import Server, chosen_verb, verb_parser, whole_number

_JOURNAL = {
    "show": "list the calls, a line each",
    "explain": "tell why a call was decided as it was",
    "export": "print the calls as entries, as an HTTP archive (har) or as a recording",
    "rewind": "go back to just before a call",
    "clear": "empty the journal",
}
_FILTERS = ("operation", "principal", "status", "decision", "method", "path", "since", "until", "last")


def journal(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``journal show|explain|export|rewind|clear``; gives the text to print.

    Raises UsageError or ServerProblem.
    """
    verb, help_text = chosen_verb("journal", arguments, _JOURNAL)
    if help_text:
        return help_text
    parser = verb_parser("journal", verb, _JOURNAL)
    if verb in ("explain", "rewind"):
        parser.add_argument("call", metavar="NUMBER", help="the call's number")
    elif verb in ("show", "export"):
        for name in _FILTERS:
            parser.add_argument(f"--{name}", metavar=name.upper())
        if verb == "export":
            parser.add_argument("--format", metavar="FORMAT", help="entries, har or recording (default: har)")
    options = parser.read(arguments[1:])
    server = Server.of(options, environment)
    if verb == "clear":
        server.ask("DELETE", "/journal")
        return "The journal is empty."
    if verb in ("explain", "rewind"):
        number = whole_number("NUMBER", options.call)
        if verb == "explain":
            text: str = server.ask("GET", f"/explain/{number}")["text"]
            return text
        server.ask("POST", f"/rewind/{number}")
        return f"The state is as call {number} found it."
    wanted = {name: value for name in _FILTERS if (value := getattr(options, name)) is not None}
    if verb == "export":
        wanted["format"] = options.format or "har"
    found = server.ask("GET", f"/journal?{urlencode(wanted)}" if wanted else "/journal")
    if verb == "export":
        return json.dumps(found, indent=2)
    return "\n".join(map(_line, found["entries"])) or "There is no such call."


def _line(entry: Mapping[str, Any]) -> str:
    path = f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"]
    parts = [f"#{entry['number']}", entry["at"], entry["method"], path, str(entry["status"]), entry["reason"]]
    return "  ".join(part for part in parts if part)
