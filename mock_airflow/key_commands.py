"""``mock-airflow keys``: the keys of a server that runs, through its control API."""

from __future__ import annotations

import argparse
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from mock_airflow.errors import MockAirflowError
from mock_airflow.options import Parser, UsageError, nearest

_VERBS = {
    "list": "list the keys, without their values",
    "create": "make a key; its value is shown this once",
    "revoke": "have a key open nothing from now on",
    "rotate": "give a key a new value; the old one opens nothing from now on",
}
_COLUMNS = ("id", "prefix", "scope", "owner", "state", "name")
_PATIENCE = 30  # seconds


class ServerProblem(MockAirflowError):
    """The server could not be asked, or refused."""


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
    server = _Server(options.url, options.control_token or environment.get("MOCK_AIRFLOW_CONTROL_TOKEN"))
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
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server (default: http://127.0.0.1:8080)")
    parser.add_argument(
        "--control-token", metavar="TOKEN", help="where the server wants one (also MOCK_AIRFLOW_CONTROL_TOKEN)"
    )
    if verb == "create":
        parser.add_argument("--name", help="a name to know it by")
        parser.add_argument("--scope", help="read-only, read-write or admin (default: admin)")
        parser.add_argument("--owner", help="the user who it acts for (default: admin)")
        parser.add_argument("--expires-in", metavar="SECONDS", help="how long it lives, on the server's clock")
    return parser


def _new_key(options: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(options, name) for name in ("name", "scope", "owner") if getattr(options, name) is not None}
    if options.expires_in is not None:
        try:
            given["expires_in"] = float(options.expires_in)
        except ValueError:
            raise UsageError(f"--expires-in: a number of seconds is expected, not {options.expires_in!r}.") from None
    return given


def _secret(key: Mapping[str, Any]) -> str:
    return f"{key['secret']}\n\nThe value of key {key['id']} is shown this once; its prefix is {key['prefix']}."


def _table(keys: list[dict[str, Any]]) -> str:
    rows = [tuple(each.upper() for each in _COLUMNS)]
    for key in keys:
        told = {**key, "state": "works" if key["works"] else "revoked" if key["revoked_at"] else "expired"}
        rows.append(tuple(str(told[column]) for column in _COLUMNS))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


class _Server:
    """The control API at a URL."""

    def __init__(self, url: str, token: str | None) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        try:
            self._address = parts.hostname, parts.port
        except ValueError:
            self._address = None, None
        if parts.scheme not in ("http", "https") or not self._address[0]:
            raise UsageError(f"--url: a URL such as http://127.0.0.1:8080 is expected, not {url!r}.")
        self._secure = parts.scheme == "https"
        self._url, self._path = url, f"{parts.path.rstrip('/')}/__mock__"
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises ServerProblem."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        host, port = self._address
        assert host is not None
        connection = kind(host, port, timeout=_PATIENCE)
        try:
            connection.request(
                method, self._path + path, None if body is None else json.dumps(body), headers=self._headers
            )
            answer = connection.getresponse()
            status, content = answer.status, json.loads(answer.read() or b"null")
        except OSError as error:
            why = error.strerror or error
            raise ServerProblem(f"The server at {self._url} cannot be asked: {why}; is it running there?") from None
        except (http.client.HTTPException, ValueError):
            raise ServerProblem(f"What answers at {self._url} is no Mock Airflow.") from None
        finally:
            connection.close()
        if status >= 400:
            said = content.get("detail") if isinstance(content, dict) else None
            raise ServerProblem(str(said or f"The server at {self._url} answered {status}."))
        return content
