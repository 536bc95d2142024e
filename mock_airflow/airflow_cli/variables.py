"""``airflow variables``."""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.airflow_cli.arguments import OUTPUT
from mock_airflow.airflow_cli.command import Cli, Exit, argument, command
from mock_airflow.domain import variables

_KEY = argument("key", help="Variable key")


@command("variables list", OUTPUT, only=2)
def variables_list(cli: Cli) -> None:
    """List variables"""
    cli.show([{"key": row.key} for row in cli.airflow.variables])


@command(
    "variables list",
    OUTPUT,
    argument("--show-values", help="Show variable values", action="store_true"),
    argument("--hide-sensitive", help="Hide all values", action="store_true"),
    only=3,
)
def variables_list_3(cli: Cli) -> None:
    """List variables"""
    if not cli.args.show_values:
        if cli.args.hide_sensitive:
            raise Exit("--hide-sensitive can only be used with --show-values")
        cli.show([{"key": key} for key in sorted(row.key for row in cli.airflow.variables)])
        return
    cli.show(
        [{"key": row.key, "val": "***" if cli.args.hide_sensitive else row.value} for row in cli.airflow.variables]
    )


@command(
    "variables get",
    _KEY,
    argument("-j", "--json", help="Deserialize JSON variable", action="store_true"),
    argument("-d", "--default", metavar="VAL", help="Default value returned if variable does not exist"),
)
def variables_get(cli: Cli) -> None:
    """Get variable"""
    row = cli.airflow.variables.get(cli.args.key)
    if row is None:
        if cli.args.default is None:
            raise Exit(f"Variable {cli.args.key} does not exist{'.' if cli.is_3 else ''}")
        cli.say(cli.args.default)
        return
    value: Any = row.value or ""
    if cli.args.json:
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Exit(str(error)) from None
    cli.say(str(value))


@command(
    "variables set",
    _KEY,
    argument("value", metavar="VALUE", help="Variable value"),
    argument("--description", help="Variable description, optional when setting a variable"),
    argument("-j", "--json", help="Serialize JSON variable", action="store_true"),
    event="variables_set",
)
def variables_set(cli: Cli) -> None:
    """Set variable"""
    value = json.dumps(cli.args.value, indent=2) if cli.args.json else cli.args.value
    variables.put(cli.airflow, key=cli.args.key, value=value, description=cli.args.description)
    cli.say(f"Variable {cli.args.key} created")


@command("variables delete", _KEY, event="variables_delete")
def variables_delete(cli: Cli) -> None:
    """Delete variable"""
    if cli.args.key in cli.airflow.variables:  # one that is not there is deleted all the same (observed)
        variables.delete(cli.airflow, cli.args.key)
    cli.say(f"Variable {cli.args.key} deleted")


@command(
    "variables import",
    argument("file", help="Import variables from JSON file"),
    argument(
        "-a",
        "--action-on-existing-key",
        help="Action to take if we encounter a variable key that already exists.",
        default="overwrite",
        choices=("overwrite", "fail", "skip"),
    ),
    event="variables_import",
)
def variables_import(cli: Cli) -> None:
    """Import variables"""
    raise Exit("Missing variables file.")  # no file of a caller's is where the command runs


@command("variables export", argument("file", help="Export all variables to JSON file"))
def variables_export(cli: Cli) -> None:
    """Export all variables"""
    values = {row.key: _decoded(row.value or "") for row in cli.airflow.variables}
    text = json.dumps(values, sort_keys=True, indent=4)
    if cli.args.file in ("-", "/dev/stdout"):
        cli.printed.append(text)
        cli.warn(f"Variables successfully exported to {'<stdout>' if cli.args.file == '-' else cli.args.file}.")
        return
    cli.say(f"{len(values)} Variables successfully exported to {cli.args.file}.")


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
