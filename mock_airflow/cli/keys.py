"""``mock-airflow keys``: the keys of a server that runs, through its control API."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mock_airflow.cli.client import Server, add_address
from mock_airflow.cli.options import Parser, UsageError, nearest

_VERBS = {
    "list": "list the keys, without their values",
    "create": "make a key; its value is shown this once",
    "revoke": "have a key open nothing from now on",
    "rotate": "give a key a new value; the old one opens nothing from now on",
}
_COLUMNS = ("id", "prefix", "scope", "owner", "state", "name")


def run(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``keys list|create|revoke|rotate``; gives the text to print. Raises UsageError or ServerProblem."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        verbs = "\n".join(f"  {name:<8} {text}" for name, text in _VERBS.items())
        return f"Usage: mock-airflow keys VERB [OPTION]...\n\n{verbs}\n\n`mock-airflow keys VERB --help` tells more."
    if verb not in _VERBS:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as list"
        raise UsageError(f"{said}{nearest(verb, _VERBS)} See mock-airflow keys --help.")
    options = _parser(verb).read(arguments[1:])
    server = Server.of(options, environment)
    if verb == "list":
        return _table(server.ask("GET", "/keys")["keys"])
    if verb == "create":
        return _secret(server.ask("POST", "/keys", _new_key(options)))
    path = f"/keys/{quote(options.key, safe='')}"
    if verb == "rotate":
        return _secret(server.ask("POST", f"{path}/rotate"))
    key = server.ask("DELETE", path)
    return f"The key {key['prefix']} is revoked."


def _parser(verb: str) -> Parser:
    parser = Parser(f"keys {verb}", f"{_VERBS[verb].capitalize()}.")
    if verb in ("revoke", "rotate"):
        parser.add_argument("key", metavar="KEY", help="its number, or its first eight characters")
    add_address(parser)
    if verb == "create":
        parser.add_argument("--name", help="a name to know it by")
        parser.add_argument("--scope", help="read-only, read-write or admin (default: admin)")
        parser.add_argument("--tier", help="a rate limit and burst of its own by name, such as growth")
        parser.add_argument("--owner", help="the user who it acts for (default: admin)")
        parser.add_argument("--expires-in", metavar="SECONDS", help="how long it lives, on the server's clock")
    return parser


def _new_key(options: argparse.Namespace) -> dict[str, Any]:
    given = {
        name: getattr(options, name)
        for name in ("name", "scope", "tier", "owner")
        if getattr(options, name) is not None
    }
    if options.expires_in is not None:
        try:
            given["expires_in"] = float(options.expires_in)
        except ValueError:
            raise UsageError(f"--expires-in: a number of seconds is expected, not {options.expires_in!r}.") from None
    return given


def _secret(key: Mapping[str, Any]) -> str:
    told = f"its prefix is {key['prefix']}, its public id {key['public_id']}"
    return f"{key['secret']}\n\nThe value of key {key['id']} is shown this once; {told}."


def _table(keys: list[dict[str, Any]]) -> str:
    rows = [tuple(each.upper() for each in _COLUMNS)]
    for key in keys:
        told = {**key, "state": "works" if key["works"] else "revoked" if key["revoked_at"] else "expired"}
        rows.append(tuple(str(told[column]) for column in _COLUMNS))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
