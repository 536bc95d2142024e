"""``mock-airflow limits`` and ``mock-airflow journal``: those of a server that runs, through its control API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mock_airflow.control_client import Server, add_address
from mock_airflow.options import Parser, UsageError, nearest

_LIMITS = {
    "show": "tell which limits hold, and which tiers there are",
    "set": "put limits in force, with nothing used up",
    "tier": "have a tier's limits hold at once, also for keys that exist",
    "clear": "have no limit at all",
    "exhaust": "have everybody's next request be one too many",
}
_JOURNAL = {
    "show": "list the calls, a line each",
    "explain": "tell why a call was decided as it was",
    "export": "print the calls as entries, as an HTTP archive (har) or as a recording",
    "rewind": "go back to just before a call",
    "clear": "empty the journal",
}
_SET = ("limit", "burst", "concurrency", "algorithm", "per", "headers", "retry_after")
_FILTERS = ("operation", "principal", "status", "decision", "method", "path", "since", "until", "last")


def limits(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``limits show|set|tier|clear|exhaust``; gives the text to print. Raises UsageError or ServerProblem."""
    verb, help_text = _verb("limits", arguments, _LIMITS)
    if help_text:
        return help_text
    parser = _parser("limits", verb, _LIMITS)
    if verb == "set":
        parser.add_argument("limit", nargs="?", metavar="LIMIT", help="such as 500/minute")
        for name in _SET[1:]:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar=name.rpartition("_")[2].upper())
    elif verb == "tier":
        parser.add_argument("tier", metavar="TIER", help="such as growth")
        parser.add_argument("--key", metavar="KEY", help="for one key alone: its number, or its first characters")
    options = parser.read(arguments[1:])
    server = Server.of(options, environment)
    if verb == "set":
        body = {name: getattr(options, name) for name in _SET if getattr(options, name) is not None}
        if not body.keys() & {"limit", "burst", "concurrency"}:
            raise UsageError("Say which limit, such as limits set 500/minute --burst 25/second.")
        if "concurrency" in body:
            body["concurrency"] = _whole("--concurrency", body["concurrency"])
        return _told(server.ask("PUT", "/limits", body))
    if verb == "tier":
        key = options.key if options.key is None or not options.key.isdecimal() else int(options.key)
        return _told(server.ask("PUT", "/tier", {"tier": options.tier} | ({} if key is None else {"key": key})))
    if verb == "clear":
        server.ask("DELETE", "/limits")
        return "No limit holds."
    if verb == "exhaust":
        server.ask("POST", "/limits/exhaust")
        return "Everything is used up."
    return _told(server.ask("GET", "/limits"))


def journal(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``journal show|explain|export|rewind|clear``; gives the text to print.

    Raises UsageError or ServerProblem.
    """
    verb, help_text = _verb("journal", arguments, _JOURNAL)
    if help_text:
        return help_text
    parser = _parser("journal", verb, _JOURNAL)
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
        number = _whole("NUMBER", options.call)
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


def _verb(noun: str, arguments: list[str], verbs: Mapping[str, str]) -> tuple[str, str]:
    """The verb, and the text of its help if that is asked for."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        told = "\n".join(f"  {name:<8} {text}" for name, text in verbs.items())
        usage = f"Usage: mock-airflow {noun} VERB [OPTION]..."
        return verb, f"{usage}\n\n{told}\n\n`mock-airflow {noun} VERB --help` tells more."
    if verb not in verbs:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as show"
        raise UsageError(f"{said}{nearest(verb, verbs)} See mock-airflow {noun} --help.")
    return verb, ""


def _parser(noun: str, verb: str, verbs: Mapping[str, str]) -> Parser:
    parser = Parser(f"{noun} {verb}", f"{verbs[verb].capitalize()}.")
    add_address(parser)
    return parser


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name}: a whole number is expected, not {text!r}.")
    return int(text)


def _told(limits: Mapping[str, Any]) -> str:
    rules = [limits[name] for name in ("limit", "burst") if limits[name]]
    if limits["concurrency"]:
        rules.append(f"{limits['concurrency']} at once")
    if limits["tier"]:
        rules.append(f"tier {limits['tier']}")
    lines = [f"{' and '.join(rules)}, per {limits['per']}, {limits['algorithm']}" if rules else "No limit holds."]
    for tier in limits["tiers"]:
        keys = "any number of keys" if tier["keys"] is None else f"{tier['keys']} keys"
        lines.append(f"  {tier['name']:<14} {tier['limit'] or '':<14} {tier['burst'] or '':<12} {keys}")
    return "\n".join(lines)


def _line(entry: Mapping[str, Any]) -> str:
    path = f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"]
    parts = [f"#{entry['number']}", entry["at"], entry["method"], path, str(entry["status"]), entry["reason"]]
    return "  ".join(part for part in parts if part)
