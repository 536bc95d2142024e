"""``mock-airflow snapshot``: states of a server that runs, kept to go back to, through its control API."""

from __future__ import annotations

from urllib.parse import urlencode

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said, table
from mock_airflow.cli.usage import Group, Read, operand
from mock_airflow.errors import UsageError
from mock_airflow.settings.values import whole


@click.group(cls=Group)
def snapshot() -> None:
    """Keep the state of a server that runs, and go back to it."""


@snapshot.command()
@click.option("--name", default="", help="what it is called in the list")
@at_server
def create(server: Server, name: str) -> Said:
    """Keep the state as it is now; prints the snapshot's number."""
    made = server.ask("POST", f"/snapshot?{urlencode({'name': name})}" if name else "/snapshot")
    return Said(str(made["id"]), made)


@snapshot.command("list")
@at_server
def list_snapshots(server: Server) -> Said:
    """List the snapshots that are kept, oldest first."""
    found = server.ask("GET", "/snapshots")["snapshots"]
    rows = table(("id", "name", "at"), ((each["id"], each["name"], each["at"]) for each in found))
    return Said(rows if found else "There is no snapshot.", found)


@snapshot.command()
@operand("number", "ID", "the snapshot's number", type=Read(whole(0)))
@at_server
def restore(server: Server, number: int) -> Said:
    """Go back to a snapshot, any number of times; the journal goes on."""
    server.ask("POST", f"/restore/{number}")
    return Said(f"The state is that of snapshot {number}.")


@snapshot.command()
@operand("number", "[ID]", "the snapshot's number", type=Read(whole(0)), required=False)
@click.option("--all", "everything", is_flag=True, help="forget all snapshots")
@at_server
def delete(server: Server, number: int | None, everything: bool) -> Said:
    """Forget a snapshot."""
    if (number is None) is not everything:
        raise UsageError("Say which snapshot to forget by its number, or --all.")
    server.ask("DELETE", "/snapshots" if number is None else f"/snapshots/{number}")
    return Said("No snapshot is left." if number is None else f"Snapshot {number} is gone.")
