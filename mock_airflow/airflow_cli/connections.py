"""``airflow connections``."""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.airflow_cli.arguments import OUTPUT
from mock_airflow.airflow_cli.command import Cli, Exit, argument, command
from mock_airflow.airflow_cli.connection_uris import read_uri, uri_of
from mock_airflow.domain import connections
from mock_airflow.domain.errors import ConnectionIdMalformedError, ConnectionIdTooLongError
from mock_airflow.domain.masking import masked
from mock_airflow.domain.records import Connection

_CONN_ID = argument("conn_id", help="Connection id, required to get/add/delete/test a connection")
_COLOR = argument(
    "--color", help="Do emit colored output (default: auto)", choices=("on", "off", "auto"), default="auto"
)
_SPECS = ("conn_type", "conn_host", "conn_login", "conn_password", "conn_schema", "conn_port")
_FIELDS = {"conn_type", "description", "login", "password", "host", "port", "schema", "extra"}


def _told(row: Connection) -> dict[str, Any]:
    """A connection as the command line tells it, secrets and all (observed)."""
    try:
        extra = json.loads(row.extra) if row.extra else {}
    except ValueError:
        extra = {}
    return {
        "id": row.id,
        "conn_id": row.connection_id,
        "conn_type": row.conn_type,
        "description": row.description,
        "host": row.host,
        "schema": row.schema,
        "login": row.login,
        "password": row.password,
        "port": row.port,
        "is_encrypted": bool(row.password),
        "is_extra_encrypted": bool(row.password),  # it tells the password's once more (code)
        "extra_dejson": extra,
        "get_uri": uri_of(row),
    }


def _listed(cli: Cli, rows: list[Connection]) -> None:
    cli.show([_told(row) for row in rows])


@command("connections get", _CONN_ID, _COLOR, OUTPUT)
def connections_get(cli: Cli) -> None:
    """Get a connection"""
    row = cli.airflow.connections.get(cli.args.conn_id)
    if row is None:
        raise Exit("Connection not found.")
    _listed(cli, [row])


def _in_order(cli: Cli) -> list[Connection]:
    return sorted(cli.airflow.connections, key=lambda row: row.id)


@command(
    "connections list",
    OUTPUT,
    argument("--conn-id", help="If passed, only items with the specified connection ID will be displayed"),
    only=2,
)
def connections_list(cli: Cli) -> None:
    """List connections"""
    wanted = cli.args.conn_id
    _listed(cli, [row for row in _in_order(cli) if not wanted or row.connection_id == wanted])


@command(
    "connections list",
    OUTPUT,
    argument("--show-values", help="Show connection values", action="store_true"),
    argument("--hide-sensitive", help="Hide sensitive values", action="store_true"),
    only=3,
)
def connections_list_3(cli: Cli) -> None:
    """List connections"""
    if not cli.args.show_values:
        if cli.args.hide_sensitive:
            raise Exit("--hide-sensitive can only be used with --show-values")
        cli.show([{"conn_id": row.connection_id, "conn_type": row.conn_type} for row in _in_order(cli)])
        return
    told = [_told(row) for row in _in_order(cli)]
    if cli.args.hide_sensitive:
        told = [masked(row) | {"get_uri": "***"} for row in told]
    cli.show(told)


@command(
    "connections add",
    _CONN_ID,
    argument("--conn-uri", help="Connection URI, required to add a connection without conn_type"),
    argument("--conn-json", help="Connection JSON, required to add a connection using JSON representation"),
    argument("--conn-extra", help="Connection `Extra` field, optional when adding a connection"),
    argument("--conn-type", help="Connection type, required to add a connection without conn_uri"),
    argument("--conn-description", help="Connection description, optional when adding a connection"),
    argument("--conn-host", help="Connection host, optional when adding a connection"),
    argument("--conn-login", help="Connection login, optional when adding a connection"),
    argument("--conn-password", help="Connection password, optional when adding a connection"),
    argument("--conn-schema", help="Connection schema, optional when adding a connection"),
    argument("--conn-port", help="Connection port, optional when adding a connection"),
    event="connections_add",
)
def connections_add(cli: Cli) -> None:
    """Add a connection"""
    args = cli.args
    values = _from_uri_or_json(cli) if args.conn_uri or args.conn_json else _from_flags(cli)
    if args.conn_extra is not None:
        values["extra"] = args.conn_extra
    if args.conn_id in cli.airflow.connections:
        raise Exit(f"A connection with `conn_id`={args.conn_id} already exists.")
    try:
        row = connections.create(cli.airflow, connection_id=args.conn_id, **values)
    except (ConnectionIdTooLongError, ConnectionIdMalformedError):
        raise Exit(
            f"Could not create connection. The key {args.conn_id!r} has to be made of alphanumeric characters, dashes,"
            " dots and underscores exclusively"
        ) from None
    if not cli.is_3:
        cli.say(f"Successfully added `conn_id`={row.connection_id} : {args.conn_uri or _place(row)}")
        return
    cli.say(f"Successfully added `conn_id`={row.connection_id}")
    told = _told(row)
    shown = {name: told[name] for name in ("conn_id", "conn_type", "host", "login", "port")}
    cli.show([{**shown, "extra": masked(told["extra_dejson"])}], "table")


def _from_uri_or_json(cli: Cli) -> dict[str, Any]:
    """What one text says of the connection. Raises Exit."""
    args = cli.args
    if args.conn_uri and args.conn_json:
        raise Exit("Cannot supply both conn-uri and conn-json")
    given = [name for name in _SPECS if getattr(args, name) is not None]
    if args.conn_json and args.conn_extra:
        given.append("--conn-extra")
    if args.conn_uri and "://" not in args.conn_uri:
        raise Exit(f"The URI provided to --conn-uri is invalid: {args.conn_uri}")
    if given:
        kind = "uri" if args.conn_uri else "json"
        raise Exit(f"The following args are not compatible with the --conn-{kind} flag: {given!r}")
    if args.conn_uri:
        return {**read_uri(args.conn_uri), "description": args.conn_description}
    try:
        said = json.loads(args.conn_json)
    except ValueError as error:
        raise Exit(str(error)) from None
    if not isinstance(said, dict) or not said.get("conn_type"):
        raise Exit("conn-json is invalid; must supply conn-type")
    values = {name: value for name, value in said.items() if name in _FIELDS}
    if isinstance(values.get("extra"), dict):
        values["extra"] = json.dumps(values["extra"])
    return values | ({"port": int(values["port"])} if values.get("port") else {})


def _from_flags(cli: Cli) -> dict[str, Any]:
    """What the single flags say of the connection. Raises Exit."""
    args = cli.args
    if not args.conn_type:
        raise Exit("Must supply either conn-uri or conn-json if not supplying conn-type")
    return {
        "conn_type": args.conn_type,
        "description": args.conn_description,
        "host": args.conn_host,
        "login": args.conn_login,
        "password": args.conn_password,
        "schema": args.conn_schema,
        "port": int(args.conn_port) if args.conn_port else None,
    }


def _place(row: Connection) -> str:
    """Where a connection leads, its password as stars."""
    who = f"{row.login or ''}:{'******' if row.password else ''}@{row.host or ''}:{row.port or ''}"
    return f"{row.conn_type}://{who}" + (f"/{row.schema}" if row.schema else "")


@command("connections delete", _CONN_ID, _COLOR, event="connections_delete")
def connections_delete(cli: Cli) -> None:
    """Delete a connection"""
    if cli.args.conn_id not in cli.airflow.connections:
        raise Exit(f"Did not find a connection with `conn_id`={cli.args.conn_id}")
    connections.delete(cli.airflow, cli.args.conn_id)
    cli.say(f"Successfully deleted connection with `conn_id`={cli.args.conn_id}")
