"""``mock-airflow faults``: the fault rules of a server that runs, through its control API."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from mock_airflow.cli.client import Server, add_address
from mock_airflow.cli.options import Parser, UsageError, nearest
from mock_airflow.faults.effects import EFFECTS
from mock_airflow.faults.presets import PRESETS
from mock_airflow.faults.reading import CONDITIONS

_VERBS = {
    "list": "list the rules, with what they saw and how often they fired",
    "add": "add a rule, or the rules of a preset",
    "clear": "forget all rules, or the one whose number is given",
    "presets": "tell what the presets do",
}


def run(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``faults list|add|clear|presets``; gives the text to print. Raises UsageError or ServerProblem."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        verbs = "\n".join(f"  {name:<8} {text}" for name, text in _VERBS.items())
        return (
            f"Usage: mock-airflow faults VERB [OPTION]...\n\n{verbs}\n\n`mock-airflow faults VERB --help` tells more."
        )
    if verb not in _VERBS:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as list"
        raise UsageError(f"{said}{nearest(verb, _VERBS)} See mock-airflow faults --help.")
    options = _parser(verb).read(arguments[1:])
    if verb == "presets":
        return "\n".join(f"{name}\n  {preset.title}" for name, preset in PRESETS.items())
    server = Server.of(options, environment)
    if verb == "add":
        return _listed(server.ask("POST", "/faults", _new_rule(options))["faults"])
    if verb == "clear":
        server.ask("DELETE", "/faults" if options.id is None else f"/faults/{options.id}")
        return "No fault rule is left." if options.id is None else f"The fault rule {options.id} is gone."
    rules = server.ask("GET", "/faults")["faults"]
    return _listed(rules) if rules else "There is no fault rule."


def _parser(verb: str) -> Parser:
    parser = Parser(f"faults {verb}", f"{_VERBS[verb].capitalize()}.")
    if verb != "presets":
        add_address(parser)
    if verb == "clear":
        parser.add_argument("id", nargs="?", metavar="ID", help="the number of a rule")
    if verb == "add":
        parser.add_argument(
            "where", nargs="?", metavar="CALLS", help="such as 'GET /api/v1/dags*', or an operation's id"
        )
        parser.add_argument("--preset", metavar="NAME", help=f"the rules of a preset: {', '.join(PRESETS)}")
        parts = {**CONDITIONS, **{name: effect.help for name, effect in EFFECTS.items()}}
        for name, text in parts.items():
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(option, metavar="VALUE", nargs="?", const="true", help=text.replace("%", "%%"))
    return parser


def _new_rule(options: argparse.Namespace) -> dict[str, Any]:
    """The body for a rule: what reads as JSON is that, anything else is text."""
    given = {name: _value(name, text) for name, text in vars(options).items() if text is not None}
    for name in ("url", "control_token"):
        given.pop(name, None)
    if not given:
        raise UsageError("Say what should go wrong, such as faults add 'GET /api/v1/dags*' --status 503.")
    return given


def _value(name: str, text: str) -> Any:
    if name in ("where", "preset", "principal", "content_type"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(rules: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{rule['id']}  {rule['text']}  (saw {rule['seen']}, fired {rule['fired']}{_condition(rule)})" for rule in rules
    )


def _condition(rule: Mapping[str, Any]) -> str:
    return "" if rule["works"] else ", healed" if rule["healed"] else ", rests"
