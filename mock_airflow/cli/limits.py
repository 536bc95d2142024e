"""``mock-airflow limits``: those of a server that runs, through its control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_airflow.cli.client import Server, chosen_verb, verb_parser, whole_number
from mock_airflow.cli.options import UsageError

_LIMITS = {
    "show": "tell which limits hold, and which tiers there are",
    "set": "put limits in force, with nothing used up",
    "tier": "have a tier's limits hold at once, also for keys that exist",
    "clear": "have no limit at all",
    "exhaust": "have everybody's next request be one too many",
}
_SET = ("limit", "burst", "concurrency", "algorithm", "per", "headers", "retry_after")


def limits(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``limits show|set|tier|clear|exhaust``; gives the text to print. Raises UsageError or ServerProblem."""
    verb, help_text = chosen_verb("limits", arguments, _LIMITS)
    if help_text:
        return help_text
    parser = verb_parser("limits", verb, _LIMITS)
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
            body["concurrency"] = whole_number("--concurrency", body["concurrency"])
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
