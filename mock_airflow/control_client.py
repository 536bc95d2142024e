"""Calls to the control API of a server that runs, for the verbs of the command line."""

from __future__ import annotations

import argparse
import http.client
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_airflow.errors import MockAirflowError
from mock_airflow.options import Parser, UsageError

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
