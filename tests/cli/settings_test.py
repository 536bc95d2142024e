"""Where settings come from, and what is said about wrong ones."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import socket
import subprocess
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.cli import main
from mock_airflow.cli.serving.listening import Listening, listening
from mock_airflow.errors import SettingError
from mock_airflow.settings import Settings
from mock_airflow.settings.address import PORT
from mock_airflow.settings.values import words_of
from tests.settings.kubernetes import service

from .processes import (
    COMMAND,
    PATIENCE,
    WORLD,
    options_of,
    read,
    serving,
    surroundings,
)

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


def another(option: Field[Any]) -> str:
    """A text that a setting takes and that is not its default: one of its words, or a plain one."""
    given, parse = option.metadata.get("example"), option.metadata["parse"]
    for value in (given,) if given is not None else (*words_of(parse), "text", "3", "600", "2025-01-01"):
        with contextlib.suppress(ValueError):
            if parse(value) != option.default:
                return value
    raise AssertionError(f"{option.name} takes no plain value; say one with example=")


def test_every_setting_is_an_option_and_a_variable():
    for option in fields(Settings):
        name, value = option.name, another(option)
        wanted = {name: getattr(Settings.of(**{name: value}), name)}

        assert wanted[name] != option.default
        dashed, quoted = name.replace("_", "-"), shlex.quote(value)
        assert read(f"--{dashed} {quoted}") == wanted
        assert read(f"--set {name}={quoted}") == read(f"--set {dashed}={quoted}") == wanted
        assert read("", **{f"MOCK_AIRFLOW_{name.upper()}": value}) == wanted


def options_in(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The options that a help of `serve` tells, in its order."""
    assert main(["serve", *arguments]) == 0
    return re.findall(r"^  (?:-h, )?--([a-z0-9-]+)", capsys.readouterr().out, re.MULTILINE)


def test_help_tells_what_matters_and_on_request_every_option(capsys):
    told, everything = options_in(capsys, "--help"), options_in(capsys, "--help-profile", "all")

    settings = {option.name.replace("_", "-") for option in fields(Settings)}
    servers = {option.name.replace("_", "-") for option in fields(Listening)}
    beside = {"host", "port", "ready-file", "verbose", "log-format", "log-file", "also", "also-port", "workers"}
    beside |= {"help", "help-profile", "json", "set"}
    assert sorted(everything) == sorted(settings | servers | beside)
    assert beside < set(told) < set(everything)
    assert len(told) - len(beside) <= 35
    for name in ("profile", "world", "key", "rate-limit", "clock", "runs", "airflow-version", "dags-folder", "strict"):
        assert name in told


@pytest.mark.parametrize(
    ("profile", "has", "has_not"),
    [
        ("datacoves", {"datacoves-bearer"}, {"profile", "port", "astro-root", "maximum-page-limit"}),
        ("astro", {"astro-root", "astro-no-token"}, {"datacoves-bearer", "world"}),
        ("airflow2", {"maximum-page-limit", "dag-discovery-safe-mode"}, {"jwt-secret", "profile", "datacoves-bearer"}),
        ("airflow3", {"maximum-page-limit", "jwt-secret"}, {"profile", "datacoves-bearer"}),
    ],
)
def test_help_tells_the_options_of_a_profile(profile, has, has_not, capsys):
    told = set(options_in(capsys, "--help-profile", profile))

    assert has <= told
    assert not has_not & told


def test_help_begins_with_what_concerns_everybody(capsys):
    told = options_in(capsys, "--help-profile", "all")
    order = ["port", "profile", "rate-limit", "dags-folder", "maximum-page-limit", "datacoves-bearer"]

    assert sorted(order, key=told.index) == order


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
        ("--set jwt_secret=a=b", {"jwt_secret": "a=b"}),
        ("--runs manual --set runs=instant", {"runs": "instant"}),
    ],
)
def test_values_are_read(line, settings):
    assert read(line) == settings


@pytest.mark.parametrize(
    ("line", "environment", "wanted"),
    [
        ("", {}, Listening("127.0.0.1", PORT, None, False)),
        ("", {"MOCK_AIRFLOW_HOST": "::1", "MOCK_AIRFLOW_PORT": "1"}, Listening("::1", 1, None, False)),
        ("--port 2 --host localhost", {"MOCK_AIRFLOW_PORT": "1"}, Listening("localhost", 2, None, False)),
        (
            "",
            {"MOCK_AIRFLOW_READY_FILE": "x", "MOCK_AIRFLOW_VERBOSE": "1"},
            Listening("127.0.0.1", PORT, Path("x"), True),
        ),
        ("--verbose=no", {"MOCK_AIRFLOW_VERBOSE": "true"}, Listening("127.0.0.1", PORT, None, False)),
    ],
)
def test_options_of_the_server_are_read(line, environment, wanted):
    assert listening(options_of(line), environment) == wanted


@pytest.mark.parametrize("version", ["2", "2.11.2", "2.10.5+astro.1", "3", "3.3", "3.3.2rc1"])
def test_airflows_of_two_generations_are_served(version):
    assert read(f"--airflow-version {version}") == {"airflow_version": version}


@pytest.mark.parametrize("version", ["4.0", "1.10.15", "v3.3.2", "30.1", "three", "3.", "2.11.2\n"])
def test_a_version_of_no_generation_is_refused(version):
    with pytest.raises(SettingError, match=r"a version of Airflow 2 or 3, such as 2\.11\.2 or 3\.3\.2, is expected"):
        Settings.of(airflow_version=version)


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("MOCK_AIRFLOW", "10.96.0.7"),
        ("MOCK_AIRFLOW", "fd00::7"),
        ("MOCK_AIRFLOW_WEB", "10.96.0.7"),
        ("MOCK_AIRFLOW_SERVICE", "10.96.0.7"),
        ("MOCK_AIRFLOW_HOST", "10.96.0.7"),
        ("MOCK_AIRFLOW_2_PORT", "10.96.0.7"),
    ],
)
def test_what_kubernetes_tells_of_a_service_is_no_setting(named, address):
    environment = service(named, address)

    assert read("", **environment) == {}
    assert listening({}, environment) == Listening("127.0.0.1", PORT, None, False)
    assert read("", **environment, MOCK_AIRFLOW_SEED="3") == {"seed": 3}
    own = {**environment, "MOCK_AIRFLOW_HOST": "::1", "MOCK_AIRFLOW_PORT": "81"}
    assert listening({}, own) == Listening("::1", 81, None, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOCK_AIRFLOW_SERVICE_HOTS", "10.96.0.7"),
        ("MOCK_AIRFLOW_SERVICE", "10.96.0.7"),
        ("MOCK_AIRFLOW_PORTS", "tcp://10.96.0.7:8080"),
        ("MOCK_AIRFLOW_WEB_PORT", "8080"),
        ("MOCK_AIRFLOW_PORT_HTTP_TCP", "tcp://10.96.0.7:8080"),
        ("MOCK_AIRFLOW_PORT_8080_TCP_HOST", "10.96.0.7"),
        ("MOCK_AIRFLOW_REDY_FILE", "x"),
    ],
)
def test_what_only_resembles_it_is_refused(name, value):
    with pytest.raises(SettingError, match=rf"^The environment variable {name} is not a setting; "):
        read("", **{name: value})


def test_options_of_the_server_are_told_as_what_was_meant():
    with pytest.raises(SettingError, match=r"did you mean MOCK_AIRFLOW_READY_FILE\?$"):
        read("", MOCK_AIRFLOW_REDY_FILE="x")


def test_it_serves_in_the_pod_of_a_service_of_its_name(tmp_path):
    with serving(tmp_path, **service("MOCK_AIRFLOW", "10.96.0.7")) as server:
        assert server.get("/api/v1/health")[0] == 200


# -------------------------------------------------------------------------------------------------------------- errors

ERRORS = [
    ("", {}, "A verb is missing, such as serve. See mock-airflow --help."),
    ("serv", {}, "There is no verb 'serv'; did you mean serve? See mock-airflow --help."),
    ("serve --prot 1", {}, "There is no option --prot; did you mean --port? See mock-airflow serve --help."),
    ("serve --kye=s3cret:admin", {}, "There is no option --kye; did you mean --key? See mock-airflow serve --help."),
    ("serve --zzz", {}, "There is no option --zzz. See mock-airflow serve --help."),
    ("serve here", {}, "There is nothing to do with 'here' here. See mock-airflow serve --help."),
    ("serve --port", {}, "--port needs a value. See mock-airflow serve --help."),
    ("serve --port x", {}, "--port: a port from 0 to 65535, where 0 takes any free one, is expected, not 'x'."),
    ("serve --port 65536", {}, "--port: a port from 0 to 65535, where 0 takes any free one, is expected, not '65536'."),
    ("serve --host nowhere.invalid", {}, f"Cannot listen on nowhere.invalid:{PORT}: no such host is known"),
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
    ("serve --set foo=1", {}, "--set: There is no setting 'foo'; none is near it. `mock-airflow serve --help-profile"),
    ("serve --set zzz_status=1", {}, "--set: There is no setting 'zzz_status'; near it are "),
    ("serve --help-profile x", {}, "--help-profile: one of airflow2, datacoves, "),
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
    (
        "serve",
        {"PORT": "x"},
        "MOCK_AIRFLOW_PORT in the environment: a port from 0 to 65535, where 0 takes any free one, is expected",
    ),
    (
        "serve",
        {"RUNS": "x"},
        "MOCK_AIRFLOW_RUNS in the environment: The value 'x' cannot be used for the setting 'runs'",
    ),
    ("serve", {"KEY": "s3cret"}, "A key is given as SECRET:SCOPE"),
    ("serve", {"PROFIL": "x"}, "The environment variable MOCK_AIRFLOW_PROFIL is not a setting; did you mean"),
    ("routes --profile data", {}, "--profile: The value 'data' cannot be used for the setting 'profile': one of"),
    ("routes --jsno", {}, "There is no option --jsno; did you mean --json? See mock-airflow routes --help."),
    ("serve --frozen=", {}, "--frozen: The value '' cannot be used for the setting 'frozen': true or false"),
    ("serve --port 0 --rate-limit", {}, "--rate-limit needs a value. See mock-airflow serve --help."),
    ("routes --json=yes", {}, "--json takes no value. See mock-airflow routes --help."),
    ("explain 418", {}, "There is no explanation of '418'; there are 400, 401,"),
    (
        "explain POST /dags",
        {},
        "A request is named with the whole path, such as POST /api/v1/dags or POST /api/v2/dags,",
    ),
    (
        "serve --profile airflow3 --airflow-version 2.11.2",
        {},
        "The profile airflow3 is an Airflow 3's, and 2.11.2 is the version of an Airflow 2;",
    ),
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
