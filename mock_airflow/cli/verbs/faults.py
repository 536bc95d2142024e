"""``mock-airflow faults``: the fault rules of a server that runs, through its control API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said
from mock_airflow.cli.usage import Group, Option, operand
from mock_airflow.errors import UsageError

_TEXTS = ("where", "preset", "principal", "content_type")


def _parts() -> Sequence[click.Parameter]:
    """An option a part of a rule."""
    from mock_airflow.faults.effects import EFFECTS
    from mock_airflow.faults.presets import PRESETS
    from mock_airflow.faults.reading import CONDITIONS

    preset = click.Option(["--preset"], metavar="NAME", help=f"the rules of a preset: {', '.join(PRESETS)}")
    parts = {**CONDITIONS, **{name: effect.help for name, effect in EFFECTS.items()}}
    return [preset, *(_part(name, text) for name, text in parts.items())]


def _part(name: str, text: str) -> click.Option:
    return Option([f"--{name.replace('_', '-')}"], metavar="VALUE", help=text)


@click.group(cls=Group)
def faults() -> None:
    """List, add and clear the fault rules of a server that runs."""


@faults.command("list")
@at_server
def list_faults(server: Server) -> Said:
    """List the rules, with what they saw and how often they fired."""
    return _listed(server.ask("GET", "/faults")["faults"])


@faults.command(late=_parts)
@operand("where", "[CALLS]", "such as 'GET /api/v1/dags*', or an operation's id", required=False)
@at_server
def add(server: Server, **given: str | None) -> Said:
    """Add a rule, or the rules of a preset."""
    rule = {name: _value(name, text) for name, text in given.items() if text is not None}
    if not rule:
        raise UsageError("Say what should go wrong, such as faults add 'GET /api/v1/dags*' --status 503.")
    return _listed(server.ask("POST", "/faults", rule)["faults"])


@faults.command()
@operand("id", "[ID]", "the number of a rule", required=False)
@at_server
def clear(server: Server, id: str | None) -> Said:
    """Forget all rules, or the one whose number is given."""
    server.ask("DELETE", "/faults" if id is None else f"/faults/{id}")
    return Said("No fault rule is left." if id is None else f"The fault rule {id} is gone.")


@faults.command()
def presets() -> Said:
    """Tell what the presets do."""
    from mock_airflow.faults.presets import PRESETS

    titles = {name: preset.title for name, preset in PRESETS.items()}
    return Said("\n".join(f"{name}\n  {title}" for name, title in titles.items()), titles)


def _value(name: str, text: str) -> Any:
    """What reads as JSON is that, anything else is text."""
    if name in _TEXTS:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(rules: list[dict[str, Any]]) -> Said:
    lines = [
        f"{rule['id']}  {rule['text']}  (saw {rule['seen']}, fired {rule['fired']}{_condition(rule)})" for rule in rules
    ]
    return Said("\n".join(lines) or "There is no fault rule.", rules)


def _condition(rule: Mapping[str, Any]) -> str:
    return "" if rule["works"] else ", healed" if rule["healed"] else ", rests"
