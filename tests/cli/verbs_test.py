"""`routes`, `explain`, `keys` and the rest of the command line."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mock_airflow.cli import main
from mock_airflow.cli.serving.listening import Listening
from mock_airflow.cli.serving.service import Service
from mock_airflow.cli.verbs.explain import EXPLANATIONS, screen
from mock_airflow.profiles.base import by_name
from mock_airflow.settings import Settings
from mock_airflow.settings.address import SERVED_AT
from mock_airflow.world.reading import load_worlds

from .processes import (
    COMMAND,
    PATIENCE,
    asked,
    curl,
    read,
    surroundings,
)

# ------------------------------------------------------------------------------------------------- routes and the rest


def test_version_needs_nothing_heavy():
    script = "import sys; from mock_airflow.cli import main; main(['--version']); print('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)

    assert re.fullmatch(r"mock-airflow \d+\.\d+\.\d+\S*\nFalse\n", done.stdout), done.stderr


def test_help_needs_nothing_heavy():
    verbs = [[], ["clock"], ["serve"], ["routes"], ["world", "capture"]]
    calls = f"[main([*each, '--help']) for each in {verbs}]"
    script = f"import sys; from mock_airflow.cli import main; {calls}; print('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)

    assert done.stdout.endswith("\nFalse\n"), done.stderr


def test_help_names_the_verbs(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in ("serve", "keys", "routes", "explain"):
        assert f"\n  {verb} " in text


@pytest.mark.parametrize(("profile", "open_to"), [("airflow2", "everybody"), ("datacoves", "any credential")])
def test_routes_lists_every_operation(profile, open_to, capsys):
    from mock_airflow.corridor.routes import routes

    assert main(["routes", "--profile", profile]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["METHOD", "PATH", "OPERATION", "PERMISSION"]
    assert [line.split()[:3] for line in lines] == [
        [operation.method, api.prefix + operation.path, operation.operation_id]
        for api, operation in routes(by_name(profile))
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


@pytest.mark.parametrize(
    ("generation", "topic"), [(generation, topic) for generation, told in EXPLANATIONS.items() for topic in told]
)
def test_explain_tells_a_topic_in_one_screen(generation, topic, capsys):
    assert main(["explain", topic, "--airflow-version", {2: "2.11.2", 3: "3.3.2"}[generation]]) == 0

    text = capsys.readouterr().out
    assert text == screen(topic, generation) + "\n"
    assert [line for line in text.splitlines() if len(line) > 100 and not line.startswith("  curl ")] == []
    for name in ("What ", "See it happen", "See the reason", "/__mock__/journal", "explain_header"):
        assert name in text


def test_explain_finds_the_generation_that_has_a_status(capsys):
    assert main(["explain", "422"]) == 0
    assert capsys.readouterr().out == screen("422", 3) + "\n"
    assert main(["explain", "404"]) == 0
    assert "\nAirflow 3 differs: mock-airflow explain 404 --airflow-version 3.3.2\n" in capsys.readouterr().out
    assert main(["explain", "406", "--airflow-version", "2.11.2"]) == 2
    assert "Airflow 2 answers nothing with 406; Airflow 3 does." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("GET /api/v2/dags/etl", ("GET /api/v2/dags/{dag_id}: Read a DAG.", "The role viewer and", "/api/v1/dags/{")),
        ("GET /api/v2/dags?limit=1", ("  - tags: array of strings; in the query", "  - 422: A parameter or")),
        ("post /api/v2/dags/etl/dagRuns", ("  - logical_date: string, date-time; required; may be null", "role user")),
        ("PATCH /api/v2/pools/a/b", ("PATCH /api/v2/pools/{pool_name}: ", "The role op and those above it")),
        ("POST /api/v2/backfills", ("There is no such operation.",)),
        ("POST /auth/token", ("Everybody, without a token.",)),
        ("GET /auth/fab/v1/users", ("can_read on Users (auth_manager=fab)", "GET /api/v1/users")),
    ],
)
def test_explain_tells_of_a_request_of_airflow_3(request_, said, capsys):
    assert main(["explain", *request_.split()]) == 0
    text = capsys.readouterr().out
    assert [each for each in said if each not in text] == []


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("PUT /api/v2/dags", "Airflow 3 has no PUT /api/v2/dags, and answers 405; this path has GET, PATCH."),
        ("GET /api/v2/datasets", "has no path /api/v2/datasets, and answers 404; did you mean /api/v2/assets?"),
        ("POST /api/v2/varables", "and answers 405; did you mean /api/v2/variables?"),
    ],
)
def test_explain_tells_what_airflow_3_does_not_have(request_, said, capsys):
    assert main(["explain", *request_.split()]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "calls"),
    {
        f"{topic} {options}": pytest.param(options, calls, id=f"{topic} {options}".strip())
        for of_generation in EXPLANATIONS.values()
        for topic, told in of_generation.items()
        for options, calls in ((told.options, told.calls), *told.elsewhere)
    }.values(),
)
def test_what_explain_says_happens(options, calls):
    world = load_worlds(["demo"])
    settings = Settings.of(Settings.of(**world.settings), **read(options))
    service = Service(settings, world, Listening("127.0.0.1", 0, None, False))
    with service.server:
        for call, status in calls:
            answered, body = curl(call.replace(SERVED_AT, service.server.url))
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
    secret, _, note = keys("create --name 'My Script' --scope read-only --tier growth")
    assert vendor.deployment.keys.get(2).tier == "growth"
    public_id = vendor.deployment.keys.get(2).public_id
    assert note == (f"The value of key 2 is shown this once; its prefix is {secret[:8]}, its public id {public_id}.")
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
        ("create --scope all", "'scope' must be one of read-only, read-write, admin, not 'all'."),
        ("create --expires-in 1e300", "A key cannot expire in 1e+300 seconds; that is beyond all dates."),
        ("create --expires-in inf", "A key cannot expire in inf seconds; that is beyond all dates."),
        ("create --expires-in nan", "'expires_in' must be a number from 0 on, not nan."),
        ("create --expires-in soon", "--expires-in: a number of seconds is expected, not 'soon'."),
        ("list --url ftp://x", f"--url: a URL such as {SERVED_AT} is expected, not 'ftp://x'."),
        ("list --url http://x:y", f"--url: a URL such as {SERVED_AT} is expected, not 'http://x:y'."),
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
