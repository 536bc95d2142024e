"""Odd values are refused in words, where they would once have ended in a traceback or held the server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.access import signing
from mock_airflow.answers import TokenRefused
from mock_airflow.errors import PartialError, ServerError, SettingError
from mock_airflow.profiles.astronomer_software.identity import user_id
from mock_airflow.server.acceptor import Acceptor
from mock_airflow.server.connection import Bounds
from mock_airflow.server.live import LiveServer
from mock_airflow.settings import Settings
from mock_airflow.world.capture.partial import Partial
from tests.support import Deploy

ODD: list[Any] = [{}, [], {"a": {}}, [[]], True, 10**30, -1, 1.5, "", "\n", "\ud800"]
RULE = (
    "page",
    "status",
    "stale",
    "drift",
    "latency",
    "probability",
    "first",
    "after",
    "where",
    "body",
    "headers",
    "pattern",
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("part", RULE)
def test_a_fault_rule_of_odd_parts_is_refused(deploy: Deploy, part: str, odd: Any) -> None:
    call = deploy()
    rule = {"where": "GET /api/v1/dags", "status": 503, part: odd}
    assert call.post("/__mock__/faults", json=rule).status_code < 500


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("part", ["tier", "key", "limit", "burst", "keys"])
def test_an_odd_tier_is_refused(deploy: Deploy, part: str, odd: Any) -> None:
    call = deploy(profile="datacoves")
    assert call("PUT", "/__mock__/tier", json={"tier": "growth", part: odd}).status_code < 500


@pytest.mark.parametrize("name", ["journal_size", "concurrency", "maximum_page_limit", "seed", "fallback_page_limit"])
def test_a_number_beyond_all_counting_is_no_setting(name: str) -> None:
    with pytest.raises(SettingError, match=f"cannot be used for the setting '{name}'"):
        Settings.of(**{name: 10**30})


@pytest.mark.parametrize("value", ["X-A\r\nX-B: 1", "X-A\n", "X-\x00A", "X-\u20ac"])
@pytest.mark.parametrize("name", ["access_control_allow_headers", "access_control_allow_methods"])
def test_what_becomes_a_header_is_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingError, match="one line of ASCII"):
        Settings.of(**{name: value})
    with pytest.raises(SettingError, match="one line of ASCII"):
        Settings.of(access_control_allow_origins=["https://a.example", value])


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_control_api_answers_no_other_sites_page(deploy: Deploy, site: str) -> None:
    call = deploy()
    assert call.post("/__mock__/reset", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert call.post("/__mock__/reset", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 204
    assert call.get("/__mock__/health", headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_a_stale_read_outlives_its_rules(deploy: Deploy) -> None:
    call = deploy()
    faults = call.deployment.faults
    faults.add("GET /api/v1/pools", latency=1, stale=True)
    sleep = call.deployment.clock.sleep

    def cleared_meanwhile(seconds: float) -> None:
        faults.clear()
        sleep(seconds)

    call.deployment.clock.sleep = cleared_meanwhile
    assert call.get("/api/v1/pools").status_code == 200


def test_a_very_long_path_gets_no_hint(deploy: Deploy) -> None:
    call = deploy()
    call.get("/api/v1/" + "x" * 60_000)
    call.get("/api/v1/dagz")
    long, short = call.deployment.journal
    assert len(long.reason) < 500
    assert "Did you mean /api/v1/dags?" in short.reason


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, signing.private_key(), algorithm="RS256", headers={"kid": signing.key_id()})


@pytest.mark.parametrize("profile", ["astro", "airbyte"])
def test_a_token_that_never_ends_opens_nothing(profile: str) -> None:
    with MockAirflow(profile=profile, frozen=True) as mock:
        sent = mock.headers["Authorization"].split(" ")[-1]
        if sent.count(".") != 2:
            raise AssertionError("its first credential is not a token")
        algorithm = jwt.get_unverified_header(sent)["alg"]
        claims = jwt.decode(sent, options={"verify_signature": False})
        key = signing.private_key() if algorithm == "RS256" else signing.secret(mock.settings.seed)
        with_exp, without = (claims, {name: value for name, value in claims.items() if name != "exp"})
        headers = jwt.get_unverified_header(sent)
        good, endless = (jwt.encode(each, key, algorithm=algorithm, headers=headers) for each in (with_exp, without))
        assert mock.deployment.tokens.read(good, algorithm=algorithm)["exp"]
        with pytest.raises(TokenRefused, match="has no exp"):
            mock.deployment.tokens.read(endless, algorithm=algorithm)


def test_a_platforms_token_for_airflow_is_no_login() -> None:
    with MockAirflow(profile="astronomer-software", frozen=True, user=["vera:s3cret:Admin"]) as mock:
        user = next(iter(mock.deployment.airflow.users))
        now = int(mock.clock.now().timestamp())
        claims = {"uuid": user_id(user), "iat": now, "exp": now + 60}
        url = f"{mock.api_url}/dags"
        statuses = [
            requests.get(url, headers={"Authorization": _signed(each)}, allow_redirects=False).status_code
            for each in (claims, {**claims, "aud": "another-release"})
        ]
        assert statuses[0] == 200
        assert statuses[1] in (302, 401)


@pytest.mark.parametrize(
    "profile", ["datacoves", "astronomer-software", "astro", "composer", "gateway", "airbyte", "anomalyarmor"]
)
def test_a_gates_401_stands_at_every_operation_of_the_document(profile: str) -> None:
    with MockAirflow(profile=profile, frozen=True) as mock:
        document = requests.get(f"{mock.api_url}/openapi.json", headers=mock.headers).json()
        refused = requests.get(f"{mock.api_url}/health", allow_redirects=False)
    told = [one["responses"] for path in document["paths"].values() for one in path.values()]
    assert all("401" in responses for responses in told)
    assert "RefusedByTheGate" in document["components"]["responses"]
    assert refused.status_code in (302, 401, 403)


def test_being_out_of_descriptors_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    acceptor, tries = Acceptor(), 0
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        nonlocal tries
        tries += 1
        if tries >= 20:
            acceptor.end()
        raise OSError(24, "Too many open files")

    acceptor.add(listener, accept)
    with socket.create_connection(listener.getsockname()[:2]):
        acceptor.run()
    acceptor.close()
    listener.close()
    assert tries == 20
    assert [record.getMessage() for record in caplog.records].count(
        "A connection could not be accepted: [Errno 24] Too many open files"
    ) == 1


def test_a_request_that_never_gets_whole_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveServer, "bounds", Bounds(head=0.2, body=0.2))
    with (
        MockAirflow(frozen=True) as mock,
        socket.create_connection(("127.0.0.1", _port(mock))) as sock,
    ):
        sock.sendall(b"POST /api/v1/pools HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        sock.settimeout(30)
        done = threading.Event()

        def drip() -> None:
            while not done.wait(0.01):
                try:
                    sock.sendall(b" ")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            ended = sock.recv(100) == b""
        except ConnectionError:  # closed with bytes on their way
            ended = True
        finally:
            done.set()
            thread.join()
    assert ended


def _port(mock: MockAirflow) -> int:
    return int(mock.url.rpartition(":")[2])


def test_green_threads_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    eventlet = types.ModuleType("eventlet")
    eventlet.patcher = types.SimpleNamespace(is_monkey_patched=lambda what: what == "thread")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "eventlet", eventlet)
    with pytest.raises(ServerError, match="eventlet"):
        LiveServer(lambda environ, start: []).listen()


def _limited(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where no file may grow beyond 4 KiB, as on a disk that is full."""
    command = "ulimit -f 4; exec " + " ".join([sys.executable, "-m", "mock_airflow", *arguments])
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_AIRFLOW_")}
    surroundings["PYTHONPYCACHEPREFIX"] = f"{folder}-bytecode"  # nobody else may import half a file of it
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60
    )


def test_a_full_disk_leaves_the_world_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text("{}", "utf-8")
    ended = _limited(tmp_path, "world", "generate", "--dags", "50", "--runs", "500", "-o", "world.json")
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "world.json cannot be written: " in ended.stderr
    assert [(file.name, file.read_text("utf-8")) for file in tmp_path.iterdir()] == [("world.json", "{}")]


def test_a_capture_on_a_full_disk_ends_in_a_sentence(tmp_path: Path) -> None:
    with MockAirflow(world=["demo"], frozen=True) as mock:
        ended = _limited(tmp_path, "world", "capture", "--url", mock.url, "--user", "admin:admin", "-o", "w.json")
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "w.json.part cannot be written: File too large." in ended.stderr
    assert not (tmp_path / "w.json").exists()


def test_a_partial_capture_that_cannot_begin_says_so(tmp_path: Path) -> None:
    (tmp_path / "w.part").mkdir()
    with pytest.raises(PartialError, match="cannot be used"):
        Partial(tmp_path / "w.part", "http://x")
