"""Calls to the control API of a server that runs, for the verbs of the command line."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import click

from mock_airflow.cli.terminal import Said
from mock_airflow.errors import ControlError, UsageError
from mock_airflow.settings.address import SERVED_AT

_PATIENCE = 30  # seconds
_OF_AN_API = re.compile(r"/(api|__mock__)(/.*)?\Z")

# What OpenSSL calls an answer in plain HTTP, in its versions.
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")


def at_server(verb: Callable[..., Said]) -> Callable[..., Said]:
    """Add the options that say which server is meant; the function gets that ``Server`` first."""

    @click.option("--url", default=SERVED_AT, help=f"the server (default: {SERVED_AT})")
    @click.option(
        "--control-token", metavar="TOKEN", help="where the server wants one (also MOCK_AIRFLOW_CONTROL_TOKEN)"
    )
    @click.option(
        "--ca-file", metavar="FILE", help="the certificate to trust, of a server with TLS (also SSL_CERT_FILE)"
    )
    @functools.wraps(verb)
    def asking(url: str, control_token: str | None, ca_file: str | None, **more: Any) -> Said:
        return verb(Server(url, control_token or os.environ.get("MOCK_AIRFLOW_CONTROL_TOKEN"), ca_file), **more)

    return asking


def add_call(
    group: click.Group, name: str, method: str, path: str, said: str, help: str, *operands: Callable[..., Any]
) -> None:
    """Add a verb that is one call without a body; the operands stand in the path and in what is said, by name."""

    def verb(server: Server, **given: Any) -> Said:
        server.ask(method, path.format(**{key: in_path(str(value)) for key, value in given.items()}))
        return Said(said.format(**given))

    verb.__doc__ = help
    made: Callable[..., Said] = at_server(verb)
    for each in operands:
        made = each(made)
    group.command(name)(made)


def in_path(name: str) -> str:
    """A name as it stands in a path."""
    return quote(name, safe="")


class Server:
    """The control API at a URL, which may also be that of its REST API."""

    def __init__(self, url: str, token: str | None, ca_file: str | None = None) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        try:
            self._address = parts.hostname, parts.port
        except ValueError:
            self._address = None, None
        if parts.scheme not in ("http", "https") or not self._address[0]:
            raise UsageError(f"--url: a URL such as {SERVED_AT} is expected, not {url!r}.")
        self._secure = parts.scheme == "https"
        self._ca_file = ca_file
        self._url, self._base = url, _OF_AN_API.sub("", parts.path).rstrip("/")
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON. Raises ControlError."""
        try:
            return self._asked(method, path, body)
        except ControlError:
            given, self._base = self._base, ""
            if given:
                with contextlib.suppress(ControlError):  # the path may be one of Airflow's own, and no proxy's
                    return self._asked(method, path, body)
            self._base = given
            raise

    def text(self, path: str) -> str:
        """What is answered to a GET, as it is. Raises ControlError."""
        self.ask("GET", "/health")  # finds the server, where the URL has a path
        return self._sent("GET", path).decode("utf-8", "replace")

    def _asked(self, method: str, path: str, body: Any) -> Any:
        content = self._sent(method, path, body)
        try:
            return json.loads(content or b"null")
        except ValueError:
            raise self._no_mock() from None

    def _no_mock(self) -> ControlError:
        return ControlError(
            f"What answers at {self._url} is no Mock Airflow; --url takes what `serve` prints as its url."
        )

    def _sent(self, method: str, path: str, body: Any = None) -> bytes:
        connection = self._connection()
        sent = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"{self._base}/__mock__{path}", sent, headers=self._headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except OSError as error:
            if getattr(error, "reason", None) in _NO_TLS:
                plain = self._url.replace("https", "http", 1)
                raise ControlError(
                    f"The server at {self._url} does not speak https; `mock-airflow serve` is at --url {plain}."
                ) from None
            untrusted = getattr(error, "verify_message", None)
            if untrusted:
                raise ControlError(
                    f"The certificate of the server at {self._url} is not trusted ({untrusted}); --ca-file names the"
                    " file that `serve` prints as its ca file."
                ) from None
            why = error.strerror or error
            raise ControlError(f"The server at {self._url} cannot be asked: {why}; is it running there?") from None
        except http.client.HTTPException:
            raise self._no_mock() from None
        finally:
            connection.close()
        if status >= 400:
            try:
                told = json.loads(content or b"null")
            except ValueError:
                if b"speaks TLS" in content and not self._secure:
                    secure = self._url.replace("http", "https", 1)
                    raise ControlError(
                        f"The server at {self._url} speaks https alone; ask it as --url {secure} with --ca-file."
                    ) from None
                raise self._no_mock() from None
            said = str(told.get("detail") or "") if isinstance(told, dict) else ""
            if status == 401:
                said += " Give it by --control-token, or as MOCK_AIRFLOW_CONTROL_TOKEN in the environment."
            raise ControlError(said or f"The server at {self._url} answered {status}.")
        return content

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address
        assert host is not None
        if not self._secure:
            return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
        import ssl

        try:
            context = ssl.create_default_context(cafile=self._ca_file)
        except OSError as error:
            why = "no certificate is in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise UsageError(f"--ca-file {self._ca_file}: {why}.") from None
        return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)
