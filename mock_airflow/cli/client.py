"""Calls to the control API of a server that runs, for the verbs of the command line."""

from __future__ import annotations

import argparse
import http.client
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_airflow.cli.options import Parser, UsageError, nearest
from mock_airflow.errors import MockAirflowError

if TYPE_CHECKING:
    from typing_extensions import Self

_PATIENCE = 30  # seconds


class ServerProblem(MockAirflowError):
    """The server could not be asked, or refused."""


def add_address(parser: Parser) -> None:
    """The options that say which server is meant."""
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server (default: http://127.0.0.1:8080)")
    parser.add_argument(
        "--control-token", metavar="TOKEN", help="where the server wants one (also MOCK_AIRFLOW_CONTROL_TOKEN)"
    )


def chosen_verb(noun: str, arguments: list[str], verbs: Mapping[str, str]) -> tuple[str, str]:
    """The verb of ``mock-airflow NOUN``, and the text of its help if that is asked for. Raises UsageError."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        told = "\n".join(f"  {name:<8} {text}" for name, text in verbs.items())
        usage = f"Usage: mock-airflow {noun} VERB [OPTION]..."
        return verb, f"{usage}\n\n{told}\n\n`mock-airflow {noun} VERB --help` tells more."
    if verb not in verbs:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as show"
        raise UsageError(f"{said}{nearest(verb, verbs)} See mock-airflow {noun} --help.")
    return verb, ""


def verb_parser(noun: str, verb: str, verbs: Mapping[str, str]) -> Parser:
    """The parser of one verb, with the options that say which server is meant."""
    parser = Parser(f"{noun} {verb}", f"{verbs[verb].capitalize()}.")
    add_address(parser)
    return parser


def whole_number(name: str, text: str) -> int:
    """The number that a text is. Raises UsageError, which says ``name``."""
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{name}: a whole number is expected, not {text!r}.")
    return int(text)


class Server:
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

    @classmethod
    def of(cls, options: argparse.Namespace, environment: Mapping[str, str]) -> Self:
        """The server that the options of ``add_address`` name."""
        return cls(options.url, options.control_token or environment.get("MOCK_AIRFLOW_CONTROL_TOKEN"))

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
