"""The command, in this process or as one of its own, and calls to what it serves."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from mock_airflow.cli import main
from mock_airflow.cli.serving.options import given_settings
from mock_airflow.cli.verbs.serve import serve

PATIENCE = 30  # seconds until a server that should be ready, or gone, fails the test
# Not `-m`, which would find the checkout where that is the working folder, instead of what is installed.
COMMAND = [str(Path(sys.executable).with_name("mock-airflow"))]
WORLD = {
    "dags": [
        {"dag_id": "empty", "tasks": []},
        {"dag_id": "etl", "tasks": ["extract", "load"], "schedule": "0 6 * * *"},
        {"dag_id": "paused", "tasks": ["a", "b", "c"], "is_paused": True},
    ]
}


def surroundings(**more: str) -> dict[str, str]:
    """This process's environment without settings for ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOCK_AIRFLOW_")} | more


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in this process, since one of its own takes half a second."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.dict(os.environ, surroundings(**environment), clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(arguments)
    told, complained = (stream.buffer.getvalue().decode() for stream in (out, err))  # completion writes bytes
    return subprocess.CompletedProcess(arguments, code, told, complained)


def as_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, as a process."""
    return subprocess.run(
        [*COMMAND, *arguments], env=surroundings(**environment), capture_output=True, text=True, timeout=PATIENCE
    )


class Server:
    """A serving process and what it said."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.told: dict[str, Any] = {}

    @property
    def out(self) -> str:
        return (self.folder / "out").read_text("utf-8")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text("utf-8")

    @property
    def address(self) -> tuple[str, int]:
        url = urlsplit(self.told["url"])
        assert url.hostname is not None
        assert url.port is not None
        return url.hostname, url.port

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the process does; fails when it ended, or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"It takes too long.\n{self.out}\n{self.err}"
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self.process.wait(0.005)
                raise AssertionError(f"It ended with exit code {code}.\n{self.out}\n{self.err}")

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Asks with the credential of the ready file; with headers, with these instead."""
        return asked(self.told["url"] + path, headers or self.told["headers"])

    def end(self, *signals: signal.Signals) -> int:
        """Sends signals; gives the exit code."""
        for number in signals or (signal.SIGINT,):
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def serving(folder: Path, *options: str, command: list[str] | None = None, **environment: str) -> Iterator[Server]:
    """A server as a process of its own, on any free port, once it is ready."""
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        ready = folder / "ready.json"
        process = subprocess.Popen(
            [*(command or COMMAND), "serve", "--port", "0", "--ready-file", str(ready), *options],
            env=surroundings(**environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    server = Server(process, folder)
    try:
        server.wait_until(lambda: ready.exists() and json.loads(ready.read_text("utf-8"))["pid"] == process.pid)
        server.told = json.loads(ready.read_text("utf-8"))
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def asked(url: str, headers: dict[str, str], method: str = "GET", body: str | None = None) -> Any:
    """One request; gives status, headers and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def curl(command: str) -> tuple[int, bytes]:
    """What a curl command line is answered with: by curl in a shell, or without curl by reading the line."""
    if shutil.which("curl") and shutil.which("bash"):
        done = subprocess.run(
            ["bash", "-c", f"{command} --silent --show-error --write-out '\\n%{{http_code}}'"],
            capture_output=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition(b"\n")
        return int(status), body
    return curl_by_hand(command)


def curl_by_hand(command: str) -> tuple[int, bytes]:
    """The same without curl: reads the options that our texts use, and refuses all others."""
    in_it = r"""\$\((curl .*?) \| cut -d '"' -f 4\)"""  # a token, asked for on the way
    words = iter(shlex.split(re.sub(in_it, lambda call: curl_by_hand(call[1])[1].decode().split('"')[3], command)))
    assert next(words) == "curl"
    headers, method, body, url = {"Accept": "*/*"}, None, None, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-u":
            headers["Authorization"] = "Basic " + base64.b64encode(next(words).encode()).decode()
        elif word == "-X":
            method = next(words)
        elif word == "-d":
            body = next(words)
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif word != "-s":
            assert not word.startswith("-"), word
            url = word
    assert url is not None
    status, _, content = asked(url, headers, method or ("GET" if body is None else "POST"), body)
    return status, content


def options_of(line: str) -> dict[str, Any]:
    """The options of ``serve`` in a line."""
    return serve.make_context("serve", shlex.split(line)).params


def read(line: str, **environment: str) -> dict[str, Any]:
    """The settings that a line of options and the environment name."""
    return given_settings(options_of(line), environment)


def printed_calls(text: str) -> list[str]:
    return re.findall(r"^  (curl .*)$", text, re.MULTILINE)
