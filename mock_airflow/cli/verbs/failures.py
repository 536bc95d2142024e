"""``mock-airflow failures``: the catalogue of failures, at a server that runs, through its control API."""

from __future__ import annotations

import click

from mock_airflow.cli.client import Server, at_server, in_path
from mock_airflow.cli.terminal import Said, columns
from mock_airflow.cli.usage import Group, operand

_NAME = operand("name", "NAME", "a name of the catalogue, such as revoked")


@click.group(cls=Group)
def failures() -> None:
    """List the catalogue of failures, and arrange one at a server that runs."""


@failures.command("list")
@at_server
def list_failures(server: Server) -> Said:
    """List the catalogue."""
    found = server.ask("GET", "/failures")["failures"]
    return Said(columns((each["name"], each["title"]) for each in found), found)


@failures.command()
@_NAME
@at_server
def look(server: Server, name: str) -> Said:
    """Tell what a client would meet, and change nothing."""
    told = server.ask("GET", f"/failures/{in_path(name)}")
    looks = told["looks"]
    lines = [looks["request"], str(looks["status"] or "no answer")]
    lines += [f"{name}: {value}" for name, value in looks["headers"].items()]
    return Said("\n".join([*lines, "", looks["body"], "", f"Reason: {looks['reason']}"]), told)


@failures.command()
@_NAME
@at_server
def provoke(server: Server, name: str) -> Said:
    """Put whoever holds the first credential in front of a failure."""
    server.ask("POST", "/failures", {"name": name})
    return Said(f"Whoever holds the first credential now meets {name}; reset takes it back.")
