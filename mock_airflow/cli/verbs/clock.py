"""``mock-airflow clock``: that of a server that runs, through its control API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said
from mock_airflow.cli.usage import Group, Read, operand
from mock_airflow.settings.values import moment, positive

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(text: str) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text)
    if found is None:
        raise ValueError("seconds, or a number with s, m, h or d such as 90m, are expected")
    return float(found[1]) * _UNITS[found[2]]


@click.group(cls=Group)
def clock() -> None:
    """Show, set, freeze and advance the clock of a server that runs."""


@clock.command()
@at_server
def show(server: Server) -> Said:
    """Tell the clock's moment, whether it stands still, and its speed."""
    return _told(server.ask("GET", "/clock"))


@clock.command("set")
@operand("time", "TIME", "such as 2025-01-01T06:00:00Z; UTC where it has no zone", type=Read(moment))
@at_server
def set_clock(server: Server, time: datetime) -> Said:
    """Set the clock to a moment."""
    return _told(server.ask("PUT", "/clock", {"now": time.isoformat()}))


@clock.command()
@operand("time", "[TIME]", "at this moment; where it is without one", type=Read(moment), required=False)
@at_server
def freeze(server: Server, time: datetime | None) -> Said:
    """Have the clock stand still."""
    now = {} if time is None else {"now": time.isoformat()}
    return _told(server.ask("PUT", "/clock", {**now, "frozen": True}))


@clock.command()
@at_server
def unfreeze(server: Server) -> Said:
    """Have the clock go on."""
    return _told(server.ask("PUT", "/clock", {"frozen": False}))


@clock.command()
@operand("amount", "AMOUNT", "seconds, or with a unit: 90m, 2h, 1d", type=Read(_seconds))
@at_server
def advance(server: Server, amount: float) -> Said:
    """Move the clock forward; what is due until then happens."""
    return _told(server.ask("POST", "/clock/advance", {"seconds": amount}))


@clock.command()
@operand("speed", "N", "seconds on the clock in a real second", type=Read(positive))
@at_server
def speed(server: Server, speed: float) -> Said:
    """Have the clock go faster or slower."""
    return _told(server.ask("PUT", "/clock", {"speed": speed}))


def _told(clock: Mapping[str, Any]) -> Said:
    going = "it stands still" if clock["frozen"] else f"at speed {clock['speed']:g}"
    return Said(f"{clock['now']}, {going}", clock)
