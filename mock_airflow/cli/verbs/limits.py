"""``mock-airflow limits``: those of a server that runs, through its control API."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import click

from mock_airflow.cli.client import Server, add_call, at_server
from mock_airflow.cli.terminal import Said, columns
from mock_airflow.cli.usage import Group, Read, operand
from mock_airflow.errors import UsageError
from mock_airflow.settings.values import whole


@click.group(cls=Group)
def limits() -> None:
    """Show, set, clear and exhaust the rate limits of a server that runs."""


@limits.command()
@at_server
def show(server: Server) -> Said:
    """Tell which limits hold, and which tiers there are."""
    return _told(server.ask("GET", "/limits"))


@limits.command("set")
@operand("limit", "[LIMIT]", "such as 500/minute", required=False)
@click.option("--burst", help="a second limit beside the first, such as 25/second")
@click.option("--concurrency", type=Read(whole(1)), metavar="N", help="how many may be answered at once")
@click.option("--algorithm", help="how requests are counted, such as fixed-window")
@click.option("--per", help="what requests are counted by, such as user or credential+endpoint")
@click.option("--headers", metavar="STYLE", help="the headers that tell of a limit, such as ietf")
@click.option("--retry-after", metavar="FORM", help="what a 429 says in Retry-After, such as date")
@at_server
def set_limits(server: Server, **given: Any) -> Said:
    """Put limits in force, with nothing used up."""
    body = {name: value for name, value in given.items() if value is not None}
    if not body.keys() & {"limit", "burst", "concurrency"}:
        raise UsageError("Say which limit, such as limits set 500/minute --burst 25/second.")
    return _told(server.ask("PUT", "/limits", body))


@limits.command()
@operand("tier", "TIER", "such as growth")
@click.option("--key", help="for one key alone: its number, or its first characters")
@at_server
def tier(server: Server, tier: str, key: str | None) -> Said:
    """Have a tier's limits hold at once, also for keys that exist."""
    which = {} if key is None else {"key": int(key) if key.isdecimal() else key}
    return _told(server.ask("PUT", "/tier", {"tier": tier, **which}))


add_call(limits, "clear", "DELETE", "/limits", "No limit holds.", "Have no limit at all.")
add_call(
    limits,
    "exhaust",
    "POST",
    "/limits/exhaust",
    "Everything is used up.",
    "Have everybody's next request be one too many.",
)


def _told(limits: Mapping[str, Any]) -> Said:
    rules = [limits[name] for name in ("limit", "burst") if limits[name]]
    if limits["concurrency"]:
        rules.append(f"{limits['concurrency']} at once")
    if limits["tier"]:
        rules.append(f"tier {limits['tier']}")
    lines = [f"{' and '.join(rules)}, per {limits['per']}, {limits['algorithm']}" if rules else "No limit holds."]
    tiers = [
        (each["name"], each["limit"], each["burst"], f"{each['keys'] or 'any number of'} keys")
        for each in limits["tiers"]
    ]
    return Said("\n".join([*lines, textwrap.indent(columns(tiers), "  ")]), limits)
