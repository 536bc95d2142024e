"""``airflow assets``, which Airflow 3 has."""

from __future__ import annotations

from mock_airflow.airflow_cli.arguments import OUTPUT, string_list_type
from mock_airflow.airflow_cli.command import Cli, argument, command

_COLUMNS = ("name", "uri", "group", "extra")


@command(
    "assets list",
    OUTPUT,
    argument(
        "--columns",
        type=string_list_type,
        help=f"List of columns to render. (default: {[*_COLUMNS]})",
        default=_COLUMNS,
    ),
    only=3,
)
def asset_list(cli: Cli) -> None:
    """List assets"""
    told = [
        {"name": row.asset_name, "uri": row.uri, "group": row.group, "extra": row.extra or {}}
        for row in sorted(cli.airflow.assets, key=lambda row: row.asset_name)
    ]
    cli.show([{name: row[name] for name in cli.args.columns if name in row} for row in told])
