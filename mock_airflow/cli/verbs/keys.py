"""``mock-airflow keys``: the keys of a server that runs, through its control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server, in_path
from mock_airflow.cli.terminal import Said, table
from mock_airflow.cli.usage import Group, Read, operand

_COLUMNS = ("id", "prefix", "scope", "owner", "state", "name")
_SCOPES = ("read-only", "read-write", "admin")
_KEY = operand("key", "KEY", "its number, or its first eight characters")


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number of seconds is expected") from None


@click.group(cls=Group)
def keys() -> None:
    """List, create, revoke and rotate the keys of a server that runs."""


@keys.command("list")
@at_server
def list_keys(server: Server) -> Said:
    """List the keys, without their values."""
    found = server.ask("GET", "/keys")["keys"]
    for key in found:
        key["state"] = "works" if key["works"] else "revoked" if key["revoked_at"] else "expired"
    return Said(table(_COLUMNS, ([key[column] for column in _COLUMNS] for key in found)), found)


@keys.command()
@click.option("--name", help="a name to know it by")
@click.option("--scope", type=Read(str, _SCOPES), help="read-only, read-write or admin (default: admin)")
@click.option("--tier", help="a rate limit and burst of its own by name, such as growth")
@click.option("--owner", help="the user who it acts for (default: admin)")
@click.option("--expires-in", type=Read(_seconds), metavar="SECONDS", help="how long it lives, on the server's clock")
@at_server
def create(server: Server, **given: Any) -> Said:
    """Make a key; its value is shown this once."""
    return _secret(server.ask("POST", "/keys", {name: value for name, value in given.items() if value is not None}))


@keys.command()
@_KEY
@at_server
def revoke(server: Server, key: str) -> Said:
    """Have a key open nothing from now on."""
    told = server.ask("DELETE", f"/keys/{in_path(key)}")
    return Said(f"The key {told['prefix']} is revoked.", told)


@keys.command()
@_KEY
@at_server
def rotate(server: Server, key: str) -> Said:
    """Give a key a new value; the old one opens nothing from now on."""
    return _secret(server.ask("POST", f"/keys/{in_path(key)}/rotate"))


def _secret(key: Mapping[str, Any]) -> Said:
    told = f"its prefix is {key['prefix']}, its public id {key['public_id']}"
    return Said(f"{key['secret']}\n\nThe value of key {key['id']} is shown this once; {told}.", key)
