"""The command line: a real process where it matters, its functions where the words do."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_airflow.cli import main
from mock_airflow.explanations import EXPLANATIONS, screen
from mock_airflow.options import Listening, given_settings, listening, serve_parser
from mock_airflow.serving import Service
from mock_airflow.settings import Settings
from mock_airflow.world.reading import SECTIONS, load_worlds
from mock_airflow.world.sections import READERS

PATIENCE = 30  # seconds until a server that should be ready, or gone, fails the test
COMMAND = [sys.executable, "-m", "mock_airflow"]
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


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch):
    for name in os.environ:
        if name.startswith("MOCK_AIRFLOW_"):
            monkeypatch.delenv(name)


@pytest.fixture
def world(tmp_path) -> str:
    """A small world of our own."""
    file = tmp_path / "world.json"
    file.write_text(json.dumps(WORLD), "utf-8")
    return str(file)


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
    words = iter(shlex.split(command))
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
        else:
            assert not word.startswith("-"), word
            url = word
    assert url is not None
    status, _, content = asked(url, headers, method or ("GET" if body is None else "POST"), body)
    return status, content


def printed_calls(text: str) -> list[str]:
    return re.findall(r"^  (curl .*)$", text, re.MULTILINE)


# ------------------------------------------------------------------------------------------------------------- serving


def test_ready_file_tells_what_a_client_needs(tmp_path, world):
    with serving(tmp_path, "--world", world) as server:
        told = server.told

        assert set(told) == {"url", "api_url", "pid", "profile", "credentials", "headers", "env"}
        assert told["api_url"] == told["url"] + "/api/v1"
        assert told["profile"] == "airflow2"
        assert set(told["credentials"]) == {"username", "password"}
        assert told["env"]["AIRFLOW_API_URL"] == told["api_url"]
        status, _, body = server.get("/api/v1/dags")
        assert status == 200
        assert [dag["dag_id"] for dag in json.loads(body)["dags"]] == ["empty", "etl", "paused"]
        assert server.err == ""


def test_ready_file_of_a_vendor_has_its_credential_and_variables(tmp_path, world):
    with serving(tmp_path, "--world", world, "--profile", "datacoves") as server:
        told = server.told

        assert set(told["credentials"]) == {"api_key"}
        assert told["headers"] == {"Authorization": f"Token {told['credentials']['api_key']}"}
        assert told["env"]["MY_AIRFLOW_API_URL"] == told["url"] + "/api/v1/"
        assert server.get("/api/v1/dags")[0] == 200
        assert server.get("/api/v1/dags", Accept="*/*")[0] == 401


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_ready_file_is_for_its_owner_only(tmp_path, world):
    with serving(tmp_path, "--world", world):
        assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600


def test_ready_file_of_an_earlier_server_is_replaced(tmp_path, world):
    (tmp_path / "ready.json").write_text('{"pid": 0, "url": "http://127.0.0.1:1"}', "utf-8")

    with serving(tmp_path, "--world", world) as server:
        assert server.get("/health")[0] == 200
    assert sorted(file.name for file in tmp_path.iterdir()) == ["err", "out", "ready.json", "world.json"]


def test_ready_file_of_an_earlier_server_is_gone_while_a_new_one_starts(tmp_path, world):
    ready = tmp_path / "ready.json"
    ready.write_text("{}", "utf-8")

    assert main(["serve", "--ready-file", str(ready), "--world", world, "--user", "nobody"]) == 2
    assert not ready.exists()


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
def test_printed_calls_work(tmp_path, world, profile):
    with serving(tmp_path, "--world", world, "--profile", profile) as server:
        listed, triggered, looked = printed_calls(server.out)

        assert curl(listed)[0] == 200
        status, run = curl(triggered)
        assert status == 200
        status, runs = curl(looked)
        assert status == 200
        assert json.loads(runs)["dag_runs"][0]["dag_run_id"] == json.loads(run)["dag_run_id"]
        assert "/dags/etl/" in triggered  # neither the paused one nor the one without tasks


def test_curl_and_our_reading_of_it_agree(tmp_path, world):
    with serving(tmp_path, "--world", world) as server:
        for call in printed_calls(server.out):
            assert curl_by_hand(call)[0] == curl(call)[0] == 200


def test_printed_calls_of_an_empty_airflow_work(tmp_path):
    with serving(tmp_path, "--world", "") as server:
        calls = printed_calls(server.out)

        assert "empty (0 DAGs)" in server.out
        assert [curl(call)[0] for call in calls] == [200, 200, 200]


def test_banner_tells_url_world_and_credentials(tmp_path, world):
    with serving(tmp_path, "--world", world, "--user", "vera:s3,cret:Viewer") as server:
        for value in (server.told["url"], world, *server.told["credentials"].values()):
            assert value in server.out
        assert "3 DAGs" in server.out
        assert "s3,cret" not in server.out
        pair = base64.b64encode(b"vera:s3,cret").decode()
        assert server.get("/api/v1/dags", Authorization=f"Basic {pair}")[0] == 200


def test_without_a_world_the_demo_is_served(tmp_path):
    with serving(tmp_path) as server:
        assert re.search(r"world +demo \(\d+ DAGs\)", server.out)
        assert [curl(call)[0] for call in printed_calls(server.out)] == [200, 200, 200]
        assert server.get("/api/v1/dags/bad_variable_usage")[0] == 200
        assert server.get("/api/v1/datasets/upstream_data")[0] == 200


@pytest.mark.skipif(set(SECTIONS) <= {"about", "settings", *READERS}, reason="every section is modelled")
def test_what_is_left_out_of_the_world_is_said(tmp_path):
    section = next(name for name in SECTIONS if name not in ("about", "settings", *READERS))
    (tmp_path / "world.json").write_text(json.dumps({**WORLD, section: [{}, {}]}), "utf-8")

    with serving(tmp_path, "--world", str(tmp_path / "world.json")) as server:
        assert f"the section '{section}' is not modelled yet; 2 entries were left out." in server.err


@pytest.mark.parametrize(
    ("more", "control"), [((), "answers this machine only"), (("--control-token", "t0ken"), "has the control token")]
)
def test_listening_to_other_machines_is_said(tmp_path, world, more, control):
    with serving(tmp_path, "--world", world, "--host", "0.0.0.0", *more) as server:
        assert "Listening on all addresses of this machine (0.0.0.0)" in server.err
        assert control in server.err
        assert "t0ken" not in server.out + server.err
        assert server.told["url"].startswith("http://127.0.0.1:")
        assert server.get("/health")[0] == 200


def test_verbose_logs_a_line_per_request_without_secrets(tmp_path, world):
    with serving(tmp_path, "--world", world, "--verbose") as server:
        assert server.get("/api/v1/dags?tags=s3cret")[0] == 200
        assert server.get("/api/v1/pools%0d%0aforged", Authorization="Basic b29wczpzM2NyZXQ=")[0] == 404
        assert server.get("/api/v1/pools", Accept="*/*")[0] == 403

        first, second, third = server.err.splitlines()
        assert re.search(r"GET /api/v1/dags 200 admin [\d.]+ ms$", first)
        assert re.search(r"GET /api/v1/pools%0D%0Aforged 404 - [\d.]+ ms  There is no operation", second)
        assert re.search(r"GET /api/v1/pools 403 anonymous [\d.]+ ms  No Authorization header .* is needed\.$", third)
        for secret in ("s3cret", "b29wczpzM2NyZXQ", server.told["headers"]["Authorization"]):
            assert secret not in server.err


def test_nothing_is_logged_by_default(tmp_path, world):
    with serving(tmp_path, "--world", world) as server:
        assert server.get("/api/v1/dags")[0] == 200
        assert server.get("/api/v1/nope")[0] == 404
        assert server.end() == 0
        assert server.err == ""


# -------------------------------------------------------------------------------------------------------------- ending


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)],
    ids=["ctrl-c", "term", "ctrl-c twice", "both"],
)
def test_a_signal_ends_it_cleanly_with_connections_open(tmp_path, world, signals):
    with serving(tmp_path, "--world", world) as server, contextlib.ExitStack() as stack:
        idle = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
        stack.callback(idle.close)
        idle.request("GET", "/api/v1/health")
        assert idle.getresponse().read()
        half = stack.enter_context(socket.create_connection(server.address, PATIENCE))
        half.sendall(b"POST /api/v1/dags/etl/dagRuns HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")

        assert server.end(*signals) == 0
        assert server.err == ""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("moment", ["mock_airflow.world.reading.load_worlds", "mock_airflow.serving._warm_up"])
def test_a_signal_ends_it_while_it_starts(name, moment, world):
    module, _, function = moment.rpartition(".")
    script = f"""
import os, signal, sys
import {module} as module
from mock_airflow.cli import main

def interrupted(*arguments):
    os.kill(os.getpid(), signal.{name})
    signal.pause()

module.{function} = interrupted
sys.exit(main(["serve", "--port", "0", "--world", {world!r}]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=PATIENCE, env=surroundings())

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_installed_command_is_the_same(tmp_path, world):
    command = Path(sys.executable).with_name("mock-airflow")
    if not command.exists():
        pytest.skip("the command is not installed beside this Python")

    with serving(tmp_path, "--world", world, command=[str(command)]) as server:
        assert server.get("/health")[0] == 200
        assert server.end() == 0


# ---------------------------------------------------------------------------------------------------------- precedence


@pytest.mark.parametrize(
    ("environment", "options", "version"),
    [
        ({}, [], "2.7.1"),
        ({"MOCK_AIRFLOW_AIRFLOW_VERSION": "2.8.1"}, [], "2.8.1"),
        ({"MOCK_AIRFLOW_AIRFLOW_VERSION": "2.8.1"}, ["--airflow-version", "2.9.1"], "2.9.1"),
        ({"MOCK_AIRFLOW_AIRFLOW_VERSION": "2.8.1"}, ["--set", "airflow_version=2.10.1"], "2.10.1"),
    ],
    ids=["world", "environment", "option", "set"],
)
def test_command_line_over_environment_over_world(tmp_path, environment, options, version):
    file = tmp_path / "world.json"
    file.write_text(json.dumps({**WORLD, "settings": {"airflow-version": "2.7.1", "profile": "datacoves"}}), "utf-8")

    with serving(tmp_path, *options, MOCK_AIRFLOW_WORLD=str(file), **environment) as server:
        assert json.loads(server.get("/api/v1/version")[2])["version"] == version
        assert server.told["profile"] == "datacoves"


def read(line: str, **environment: str) -> dict[str, Any]:
    return given_settings(serve_parser().read(shlex.split(line)), environment)


def test_every_setting_is_an_option_and_a_variable():
    sample = {
        "profile": "datacoves",
        "clock": "2025-01-01",
        "frozen": "true",
        "speed": "2",
        "runs": "manual",
        "seed": "7",
        "maximum_page_limit": "5",
        "fallback_page_limit": "5",
        "expose_config": "true",
        "test_connection": "enabled",
        "enable_experimental_api": "true",
        "enable_xcom_deserialize_support": "true",
        "airflow_bugs": "no",
        "explain_header": "yes",
        "journal_size": "3",
    }
    for option in fields(Settings):
        name, value = option.name, sample.get(option.name, "text")
        wanted = {name: getattr(Settings.of(**{name: value}), name)}

        assert wanted[name] != option.default
        assert read(f"--{name.replace('_', '-')} {value}") == wanted
        assert read(f"--set {name}={value}") == read(f"--set {name.replace('_', '-')}={value}") == wanted
        assert read("", **{f"MOCK_AIRFLOW_{name.upper()}": value}) == wanted


def test_help_tells_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--help"])

    assert ended.value.code == 0
    text = capsys.readouterr().out
    for name in [*Listening._fields, *(option.name for option in fields(Settings))]:
        assert f"--{name.replace('_', '-')} " in text.replace("\n", " ")


@pytest.mark.parametrize(
    ("line", "settings"),
    [
        ("--world a.json --world b.json", {"world": ("a.json", "b.json")}),
        ("--world a.json,b.json", {"world": ("a.json", "b.json")}),
        ("--auth-backends session,basic_auth", {"auth_backends": ("session", "basic_auth")}),
        ("--user a:x,y:User --user b:z:Op", {"user": ("a:x,y:User", "b:z:Op")}),
        ("--frozen", {"frozen": True}),
        ("--frozen=false", {"frozen": False}),
        ("--set auth_role_public=", {"auth_role_public": None}),
        ("--set airflow_version=a=b", {"airflow_version": "a=b"}),
        ("--runs manual --set runs=instant", {"runs": "instant"}),
    ],
)
def test_values_are_read(line, settings):
    assert read(line) == settings


@pytest.mark.parametrize(
    ("line", "environment", "wanted"),
    [
        ("", {}, Listening("127.0.0.1", 8080, None, False)),
        ("", {"MOCK_AIRFLOW_HOST": "::1", "MOCK_AIRFLOW_PORT": "1"}, Listening("::1", 1, None, False)),
        ("--port 2 --host localhost", {"MOCK_AIRFLOW_PORT": "1"}, Listening("localhost", 2, None, False)),
        (
            "",
            {"MOCK_AIRFLOW_READY_FILE": "x", "MOCK_AIRFLOW_VERBOSE": "1"},
            Listening("127.0.0.1", 8080, Path("x"), True),
        ),
        ("--verbose=no", {"MOCK_AIRFLOW_VERBOSE": "true"}, Listening("127.0.0.1", 8080, None, False)),
    ],
)
def test_options_of_the_server_are_read(line, environment, wanted):
    assert listening(serve_parser().read(shlex.split(line)), environment) == wanted


# -------------------------------------------------------------------------------------------------------------- errors

ERRORS = [
    ("", {}, "A verb is missing, such as serve. See mock-airflow --help."),
    ("serv", {}, "There is no verb 'serv'; did you mean serve? See mock-airflow --help."),
    ("serve --prot 1", {}, "There is no option --prot; did you mean --port? See mock-airflow serve --help."),
    ("serve --kye=s3cret:admin", {}, "There is no option --kye; did you mean --key? See mock-airflow serve --help."),
    ("serve --zzz", {}, "There is no option --zzz. See mock-airflow serve --help."),
    ("serve here", {}, "There is nothing to do with 'here' here. See mock-airflow serve --help."),
    ("serve --port", {}, "--port needs a value. See mock-airflow serve --help."),
    ("serve --port x", {}, "--port: a port from 0 to 65535 is expected, not 'x'; 0 takes any free one."),
    ("serve --port 65536", {}, "--port: a port from 0 to 65535 is expected, not '65536'; 0 takes any free one."),
    ("serve --host nowhere.invalid", {}, "Cannot listen on nowhere.invalid:8080: no such host is known"),
    ("serve --runs timd", {}, "--runs: The value 'timd' cannot be used for the setting 'runs': one of timed, instant"),
    ("serve --speed -1", {}, "--speed: The value '-1' cannot be used for the setting 'speed': a number above 0"),
    ("serve --clock noon", {}, "--clock: The value 'noon' cannot be used for the setting 'clock': a time such as"),
    ("serve --frozen maybe", {}, "--frozen: The value 'maybe' cannot be used for the setting 'frozen': true or false"),
    ("serve --verbose=maybe", {}, "--verbose: true or false is expected, not 'maybe'."),
    (
        "serve --set explain_headr=true",
        {},
        "--set: There is no setting 'explain_headr'; did you mean 'explain_header'?",
    ),
    ("serve --set frozen", {}, "--set frozen: a name and a value are expected, such as --set explain_header=true."),
    ("serve --rate-limit lots", {}, "The limit 'lots' cannot be understood; write a number and a period"),
    ("serve --user vera", {}, "A user is given as NAME:PASSWORD:ROLE, such as vera:s3cret:Viewer."),
    ("serve --user v:s3cret:Boss", {}, "The user 'v' cannot have the role 'Boss'; the roles are Admin"),
    ("serve --key s3cret", {}, "A key is given as SECRET:SCOPE"),
    ("serve --key s3cret-and-long:all", {}, "There is no scope 'all'; the scopes are read-only, read-write, admin."),
    ("serve --world demos", {}, "There is no built-in world 'demos'"),
    ("serve --world /no/such.json", {}, "The world file /no/such.json cannot be read: No such file or directory."),
    ("serve --world WORLD/bad.json", {}, "bad.json: line 1, column 2: "),
    ("serve --world WORLD/odd.json", {}, "odd.json: there is no section 'dag_run'. Did you mean 'dag_runs'?"),
    ("serve --world WORLD/set.json", {}, "There is no setting 'sped'; did you mean 'speed'?"),
    ("serve --ready-file /no/such", {}, "The ready file /no/such cannot be written: there is no folder /no."),
    ("serve --ready-file WORLD", {}, "cannot be written: there is something else than a file."),
    ("serve", {"PORT": "x"}, "MOCK_AIRFLOW_PORT in the environment: a port from 0 to 65535 is expected, not 'x'"),
    (
        "serve",
        {"RUNS": "x"},
        "MOCK_AIRFLOW_RUNS in the environment: The value 'x' cannot be used for the setting 'runs'",
    ),
    ("serve", {"KEY": "s3cret"}, "A key is given as SECRET:SCOPE"),
    ("serve", {"PROFIL": "x"}, "The environment variable MOCK_AIRFLOW_PROFIL is no setting; did you mean"),
    ("routes --profile data", {}, "--profile: The value 'data' cannot be used for the setting 'profile': one of"),
    ("routes --jsno", {}, "There is no option --jsno; did you mean --json? See mock-airflow routes --help."),
    ("explain", {}, "Say what to explain; there are 400, 401,"),
    ("explain 418", {}, "There is no explanation of '418'; there are 400, 401,"),
]


@pytest.mark.parametrize(("line", "environment", "sentence"), ERRORS, ids=[f"{e[0]} {e[1] or ''}" for e in ERRORS])
def test_an_error_is_one_sentence_and_exit_code_2(line, environment, sentence, tmp_path, monkeypatch, capsys):
    for name, text in {
        "bad.json": "{broken",
        "odd.json": '{"dag_run": []}',
        "set.json": '{"settings": {"sped": 2}}',
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(f"MOCK_AIRFLOW_{name}", value)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    if line.startswith("serve") and "--world" not in line:
        line += " --world WORLD/fine.json"
        (tmp_path / "fine.json").write_text("{}", "utf-8")

    assert main(shlex.split(line.replace("WORLD", str(tmp_path)))) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.startswith("mock-airflow: ")
    assert err.count("\n") == 1
    assert "s3cret" not in err.replace("vera:s3cret:Viewer", "")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_a_taken_port_is_said(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "serve", "--port", str(port), "--world", world],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=surroundings(),
        )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"mock-airflow: Cannot listen on 127.0.0.1:{port}: the port is in use; stop the program that has it or choose"
        " another (0 takes any free one).\n"
    )


def test_an_error_of_the_real_command_has_no_traceback():
    done = subprocess.run(
        [*COMMAND, "serve", "--runs", "x"], capture_output=True, text=True, timeout=PATIENCE, env=surroundings()
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"mock-airflow: --runs: The value 'x' .*\.\n", done.stderr)


# ------------------------------------------------------------------------------------------------- routes and the rest


def test_version_needs_nothing_heavy():
    script = "import sys; from mock_airflow.cli import main; main(['--version']); print('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)

    assert re.fullmatch(r"mock-airflow \d+\.\d+\.\d+\S*\nFalse\n", done.stdout), done.stderr


def test_help_names_the_verbs(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in ("serve", "keys", "routes", "explain"):
        assert f"\n  {verb} " in text


@pytest.mark.parametrize(("profile", "open_to"), [("airflow2", "everybody"), ("datacoves", "any credential")])
def test_routes_lists_every_operation(profile, open_to, capsys):
    from mock_airflow.app import routes

    assert main(["routes", "--profile", profile]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["METHOD", "PATH", "OPERATION", "PERMISSION"]
    assert [line.split()[:3] for line in lines] == [
        [operation.method, api.prefix + operation.path, operation.operation_id] for api, operation in routes()
    ]

    assert main(["routes", "--profile", profile, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told) == len(lines)
    rows = {row["operation_id"]: row for row in reversed(told)}  # another API may use an id again
    assert rows["post_dag_run"]["permissions"] == ["can_edit on DAGs", "can_create on DAG Runs"]
    assert rows["post_dag_run"]["open_to"] is None
    assert rows["get_health"]["open_to"] == open_to
    assert rows["reset"]["open_to"] == "this machine"


def test_a_reader_who_leaves_early_is_no_error():
    process = subprocess.Popen([*COMMAND, "routes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings())
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    with process.stderr as err:
        assert err.read() == b""
    assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("topic", EXPLANATIONS)
def test_explain_tells_a_topic_in_one_screen(topic, capsys):
    assert main(["explain", topic]) == 0

    text = capsys.readouterr().out
    assert text == screen(topic) + "\n"
    assert [line for line in text.splitlines() if len(line) > 100 and not line.startswith("  curl ")] == []
    for name in ("What ", "See it happen", "See the reason", "/__mock__/journal", "explain_header"):
        assert name in text


def test_every_profile_is_explained():
    from mock_airflow.settings import PROFILES

    assert set(PROFILES) <= set(EXPLANATIONS)


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        pytest.param(options, calls, id=f"{topic} {options}".strip())
        for topic, told in EXPLANATIONS.items()
        for options, calls in ((told.options, told.calls), *told.elsewhere)
    ],
)
def test_what_explain_says_happens(options, calls):
    world = load_worlds(["demo"])
    settings = Settings.of(Settings.of(**world.settings), **read(options))
    service = Service(settings, world, Listening("127.0.0.1", 0, None, False))
    with service.server:
        for call, status in calls:
            answered, body = curl(call.replace("http://127.0.0.1:8080", service.server.url))
            assert answered == status, (call, body)


# ---------------------------------------------------------------------------------------------------------------- keys


@pytest.fixture
def vendor(world) -> Iterator[Service]:
    """A server of a profile with keys, in this process."""
    service = Service(Settings.of(profile="datacoves"), load_worlds([world]), Listening("127.0.0.1", 0, None, False))
    with service.server:
        yield service


def status_with(service: Service, secret: str) -> int:
    status, _, _ = asked(service.server.url + "/api/v1/dags", {"Authorization": f"Token {secret}"})
    assert isinstance(status, int)
    return status


def test_keys_live_through_the_command_line(vendor, capsys):
    def keys(line: str) -> list[str]:
        assert main(["keys", *shlex.split(line), "--url", vendor.server.url]) == 0
        return capsys.readouterr().out.splitlines()

    first = vendor.deployment.credentials["api_key"]
    secret, _, note = keys("create --name 'My Script' --scope read-only")
    assert note == f"The value of key 2 is shown this once; its prefix is {secret[:8]}."
    assert status_with(vendor, secret) == 200

    header, *rows = keys("list")
    assert header.split() == ["ID", "PREFIX", "SCOPE", "OWNER", "STATE", "NAME"]
    assert [row.split(maxsplit=5) for row in rows] == [
        ["1", first[:8], "admin", "admin", "works", "first key"],
        ["2", secret[:8], "read-only", "admin", "works", "My Script"],
    ]
    assert secret not in "\n".join(rows)

    rotated, *_ = keys("rotate 2")
    assert (status_with(vendor, secret), status_with(vendor, rotated)) == (401, 200)
    assert keys(f"revoke {rotated[:8]}") == [f"The key {rotated[:8]} is revoked."]
    assert (status_with(vendor, rotated), status_with(vendor, first)) == (401, 200)
    brief, *_ = keys("create --expires-in 60")
    vendor.deployment.clock.advance(seconds=61)
    assert status_with(vendor, brief) == 401
    assert [row.split()[4] for row in keys("list")[1:]] == ["works", "revoked", "expired"]


def test_all_keys_are_revoked_at_once(vendor):
    control = vendor.server.url + "/__mock__/keys"

    assert asked(control, {}, "DELETE")[0] == 204
    assert status_with(vendor, vendor.deployment.credentials["api_key"]) == 401
    assert json.loads(asked(control, {})[2])["total_entries"] == 1
    vendor.deployment.reset()
    assert status_with(vendor, vendor.deployment.credentials["api_key"]) == 200


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "A verb is missing, such as list. See mock-airflow keys --help."),
        ("lst", "There is no verb 'lst'; did you mean list? See mock-airflow keys --help."),
        ("revoke", "The following arguments are required: KEY. See mock-airflow keys revoke --help."),
        ("revoke 77", "There is no key 77; list the keys to see their numbers and prefixes."),
        ("rotate abcdefgh", "There is no key 'abcdefgh'; list the keys to see their numbers and prefixes."),
        ("create --scope all", "'all' is not one of ['read-only', 'read-write', 'admin'] - 'scope'"),
        ("create --expires-in 1e300", "A key cannot expire in 1e+300 seconds; that is beyond all dates."),
        ("create --expires-in inf", "A key cannot expire in inf seconds; that is beyond all dates."),
        ("create --expires-in nan", "A key cannot expire in nan seconds; that is beyond all dates."),
        ("create --expires-in soon", "--expires-in: a number of seconds is expected, not 'soon'."),
        ("list --url ftp://x", "--url: a URL such as http://127.0.0.1:8080 is expected, not 'ftp://x'."),
        ("list --url http://x:y", "--url: a URL such as http://127.0.0.1:8080 is expected, not 'http://x:y'."),
    ],
)
def test_an_error_of_keys_is_one_sentence(vendor, capsys, line, sentence):
    where = [] if "--url" in line or line in ("", "lst") else ["--url", vendor.server.url]

    assert main(["keys", *shlex.split(line), *where]) == 2
    assert capsys.readouterr() == ("", f"mock-airflow: {sentence}\n")


def test_keys_of_a_server_that_is_not_there(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    assert main(["keys", "list", "--url", url]) == 2
    assert capsys.readouterr().err.startswith(f"mock-airflow: The server at {url} cannot be asked: ")


def test_keys_behind_a_control_token(world, capsys, monkeypatch):
    settings = Settings.of(profile="datacoves", control_token="t0ken")
    service = Service(settings, load_worlds([world]), Listening("127.0.0.1", 0, None, False))
    with service.server:
        line = ["keys", "list", "--url", service.server.url]
        assert main(line) == 2
        assert "wants the control token" in capsys.readouterr().err
        assert main([*line, "--control-token", "t0ken"]) == 0
        monkeypatch.setenv("MOCK_AIRFLOW_CONTROL_TOKEN", "t0ken")
        assert main(line) == 0
