"""``mock-airflow deployments``: those of a server that runs, beside the one that it was started with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said, table
from mock_airflow.cli.usage import Group, operand
from mock_airflow.errors import UsageError


@click.group(cls=Group)
def deployments() -> None:
    """Make, list and delete the deployments of a server that runs, each an Airflow of its own."""


@deployments.command()
@operand("name", "[NAME]", "a part of a host name; without one it gets one", required=False)
@click.option("--set", "given", metavar="NAME=VALUE", multiple=True, help="a setting by its name; may be repeated")
@click.option("--world", metavar="FILE|NAME", help="a world file in JSON, which is sent, or the name of a built-in one")
@at_server
def create(server: Server, name: str | None, given: tuple[str, ...], world: str | None) -> Said:
    """Make a deployment; tells how it is reached, and its credential."""
    body: dict[str, Any] = {"settings": dict(map(_setting, given))}
    if name is not None:
        body["name"] = name
    if world is not None and Path(world).exists():
        body["world"] = _content(Path(world))
    elif world is not None:
        body["settings"]["world"] = world
    told = server.ask("POST", "/deployments", body)
    lines = [f"{key:<10} {told[key]}" for key in ("name", "url", "api_url", "profile")]
    lines += [f"{key:<10} {value}" for key, value in told["credentials"].items()]
    return Said("\n".join(lines), told)


@deployments.command("list")
@at_server
def list_deployments(server: Server) -> Said:
    """Tell which deployments there are."""
    told = server.ask("GET", "/deployments")
    rows = [(each["name"], each["url"]) for each in told["deployments"]]
    return Said(table(("name", "url"), rows) if rows else "There is none but the server's own.", told)


@deployments.command()
@operand("name", "NAME", "as `deployments list` tells it")
@at_server
def delete(server: Server, name: str) -> Said:
    """Forget a deployment and all that it has."""
    server.ask("DELETE", f"/deployments/{name}")
    return Said(f"{name} is gone.")


@deployments.command()
@operand("name", "NAME", "as `deployments list` tells it")
@at_server
def url(server: Server, name: str) -> Said:
    """Tell the root of a deployment's API, for a script to use."""
    told = server.ask("GET", f"/deployments/{name}")
    return Said(told["api_url"], told)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set {text}: a name and a value are expected, such as --set profile=datacoves.")
    return name.strip(), value


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"--world: {path} is no JSON ({error}); a world in YAML has to be made JSON first.") from None
