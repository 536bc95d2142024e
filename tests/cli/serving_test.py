"""`mock-airflow serve` as a process: what it tells, what it answers, how it ends."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from mock_airflow.cli import main

from .processes import (
    PATIENCE,
    asked,
    curl,
    curl_by_hand,
    printed_calls,
    serving,
    surroundings,
)

NO_DATE = '{"logical_date": null}'

# ------------------------------------------------------------------------------------------------------------- serving


def test_ready_file_tells_what_a_client_needs(tmp_path, world):
    with serving(tmp_path, "--world", world) as server:
        told = server.told

        assert set(told) == {
            "url",
            "api_url",
            "airflow_version",
            "pid",
            "profile",
            "credentials",
            "headers",
            "env",
        }
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


def test_the_same_world_as_another_version_on_a_port_of_its_own(tmp_path, world):
    with serving(tmp_path, "--world", world, "--airflow-version", "3.3.2", "--also", "2.11.2", "--verbose") as server:
        told, also = server.told, server.told["also"]

        assert (told["api_url"][-2:], also["api_url"][-2:]) == ("v2", "v1")
        assert told["url"] != also["url"]
        assert {told["airflow_version"], also["airflow_version"]} == {"3.3.2", "2.11.2"}
        json_headers = {"Content-Type": "application/json"}
        _, _, body = asked(f"{told['api_url']}/dags/etl/dagRuns", told["headers"] | json_headers, "POST", NO_DATE)
        run_id = json.loads(body)["dag_run_id"]
        status, _, body = asked(f"{also['api_url']}/dags/etl/dagRuns/{quote(run_id)}", also["headers"])
        assert (status, json.loads(body)["dag_run_id"]) == (200, run_id)
        assert server.get("/api/v1/dags")[0] == 404
        assert also["api_url"] in server.out
        assert "GET /api/v1/dags/etl/dagRuns/" in server.err
        assert server.end() == 0


def test_what_does_nothing_is_said_once(tmp_path, world):
    with serving(tmp_path, "--world", world, "--set", "mwaa_region=eu-west-1", "--airflow-version", "2.10.5") as server:
        assert json.loads(server.get("/api/v1/version")[2])["version"] == "2.10.5"
        about_version, about_region = server.err.splitlines()
    assert about_version.startswith("An Airflow 2.10.5 is answered for as 2.11.2 answers")
    assert "set profile=mwaa as well" in about_region


@pytest.mark.parametrize(
    "options", [["--airflow-version", "3.3"], ["--profile", "mwaa", "--set", "mwaa_region=eu-west-1"]]
)
def test_nothing_is_said_of_what_does_something(tmp_path, world, options):
    with serving(tmp_path, "--world", world, *options) as server:
        assert server.err == ""


def test_another_version_that_is_the_same_is_refused(capsys):
    assert main(["serve", "--port", "0", "--airflow-version", "3.3.2", "--also", "3.3.2"]) == 2
    assert "--also names another version" in capsys.readouterr().err


def test_a_taken_port_for_the_other_version_names_its_option(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert main(["serve", "--port", "0", "--also", "3.3.2", "--also-port", port]) == 2
        assert "--also-port chooses it" in capsys.readouterr().err


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


def test_what_the_banner_tells_stands_in_one_column(tmp_path, world):
    with serving(tmp_path, "--world", world, "--profile", "mwaa") as server:
        told = server.out.split("\n\n")[1].splitlines()
        values = {server.told["url"], server.told["credentials"]["aws_secret_access_key"]}
        places = {line.index(value) for line in told for value in values if line.endswith(f" {value}")}

    assert len(places) == 1
    assert {line[min(places) - 2 : min(places)] for line in told} == {"  "}


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ([], "/api/v1/ui/"),
        (["--base-url", "http://localhost:8080/a"], "/a/api/v1/ui/"),
        (["--profile", "astro"], None),
        (["--airflow-version", "3.3.2"], "/docs"),
    ],
    ids=["airflow2", "mounted", "gate", "airflow3"],
)
def test_banner_names_the_reference_and_the_console(tmp_path, world, options, path):
    with serving(tmp_path, "--world", world, *options) as server:
        pages = dict(re.findall(r"^  (reference|console) +(http://\S+)$", server.out, re.MULTILINE))

        assert pages.pop("console") == f"{server.told['url']}/__mock__/"
        assert pages == ({} if path is None else {"reference": server.told["url"] + path})
        for page in ("/__mock__/", *filter(None, [path])):
            assert server.get(page, Accept="*/*")[0] == 200


def test_without_a_world_the_demo_is_served(tmp_path):
    with serving(tmp_path) as server:
        assert re.search(r"world +demo \(\d+ DAGs\)", server.out)
        assert [curl(call)[0] for call in printed_calls(server.out)] == [200, 200, 200]
        assert server.get("/api/v1/dags/bad_variable_usage")[0] == 200
        assert server.get("/api/v1/datasets/upstream_data")[0] == 200


def test_listening_to_other_machines_is_said_and_wants_a_token(tmp_path, world):
    with serving(tmp_path, "--world", world, "--host", "0.0.0.0", "--control-token", "t0ken") as server:
        assert "Listening on all addresses of this machine (0.0.0.0)" in server.err
        assert "has the control token" in server.err
        assert "t0ken" not in server.out + server.err
        assert "control_token" not in server.told
        assert server.get("/__mock__/clock")[0] == 401
        assert server.get("/__mock__/clock", Authorization="Bearer t0ken")[0] == 200
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
@pytest.mark.parametrize(
    "moment", ["mock_airflow.world.reading.load_worlds", "mock_airflow.cli.serving.service._warm_up"]
)
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


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_while_a_connection_is_taken_on(name, world):
    # Where a signal meets a thread that is being started, the lock that it waits with complains in place of what the
    # signal has raised.
    script = f"""
import signal, socket, sys, threading
from mock_airflow.cli import main
from mock_airflow.server import live

class Interrupted(live.Conversation):
    def start(self):
        try:
            signal.raise_signal(signal.{name})
        finally:
            threading.Lock().release()

def visited(server, serve_forever=live.LiveServer.serve_forever):
    with socket.create_connection(("127.0.0.1", server.port)):
        serve_forever(server)

live.Conversation, live.LiveServer.serve_forever = Interrupted, visited
sys.exit(main(["serve", "--port", "0", "--world", {world!r}]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=PATIENCE, env=surroundings(), text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("A connection could not be accepted: release unlocked lock")


def test_the_installed_command_is_the_same(tmp_path, world):
    command = Path(sys.executable).with_name("mock-airflow")
    if not command.exists():
        pytest.skip("the command is not installed beside this Python")

    with serving(tmp_path, "--world", world, command=[str(command)]) as server:
        assert server.get("/health")[0] == 200
        assert server.end() == 0
