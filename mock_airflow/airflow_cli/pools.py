"""``airflow pools``."""

from __future__ import annotations

from collections.abc import Iterable

from mock_airflow.airflow_cli.arguments import OUTPUT
from mock_airflow.airflow_cli.command import Cli, Exit, airflow_exception, argument, command
from mock_airflow.domain import pools
from mock_airflow.domain.errors import PoolNotFoundError
from mock_airflow.domain.records import Pool

_NAME = argument("pool", metavar="NAME", help="Pool name")


def _show(cli: Cli, rows: Iterable[Pool]) -> None:
    cli.show(
        [
            {
                "pool": row.name,
                "slots": row.slots,
                "description": row.description,
                "include_deferred": row.include_deferred,
                **({"team_name": None} if cli.is_3 else {}),
            }
            for row in rows
        ]
    )


def _found(cli: Cli) -> Pool:
    try:
        return pools.get(cli.airflow, cli.args.pool)
    except PoolNotFoundError:
        raise Exit(f"Pool {cli.args.pool} does not exist") from None


@command("pools list", OUTPUT)
def pool_list(cli: Cli) -> None:
    """List pools"""
    _show(cli, cli.airflow.pools)


@command("pools get", _NAME, OUTPUT)
def pool_get(cli: Cli) -> None:
    """Get pool size"""
    _show(cli, [_found(cli)])


@command(
    "pools set",
    _NAME,
    argument("slots", type=int, help="Pool slots"),
    argument("description", help="Pool description"),
    argument("--include-deferred", help="Include deferred tasks in calculations for Pool", action="store_true"),
    OUTPUT,
    event="pool_set",
)
def pool_set(cli: Cli) -> None:
    """Configure pool"""
    name = cli.args.pool
    values = {
        "slots": cli.args.slots,
        "description": cli.args.description,
        "include_deferred": cli.args.include_deferred,
    }
    if name in cli.airflow.pools:
        pools.change(cli.airflow, name, **values)
    else:
        pools.create(cli.airflow, name=name, **values)
    cli.say(f"Pool {name} created")


@command("pools delete", _NAME, OUTPUT, event="pool_delete")
def pool_delete(cli: Cli) -> None:
    """Delete pool"""
    _found(cli)
    if cli.args.pool == pools.DEFAULT_POOL:
        airflow_exception(cli, "default_pool cannot be deleted")
    pools.delete(cli.airflow, cli.args.pool)
    cli.say(f"Pool {cli.args.pool} deleted")


@command("pools import", argument("file", metavar="FILEPATH", help="Import pools from JSON file"), event="pool_import")
def pool_import(cli: Cli) -> None:
    """Import pools"""
    raise Exit(f"Missing pools file {cli.args.file}")  # no file of a caller's is where the command runs


@command("pools export", argument("file", metavar="FILEPATH", help="Export all pools to JSON file"))
def pool_export(cli: Cli) -> None:
    """Export all pools"""
    cli.say(f"Exported {len(cli.airflow.pools)} pools to {cli.args.file}")
