"""A line a request, and the name by which a request is found: in the log, in the journal, in its answer."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.cli import main

from .processes import asked, serving


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_lines_for_programs(tmp_path: Path, world: str) -> None:
    log = tmp_path / "requests.log"
    with serving(tmp_path, "--world", world, "--log-format", "json", "--log-file", str(log)) as server:
        named = {**server.told["headers"], "X-Request-ID": "trace-1"}
        assert server.get("/api/v1/dags?limit=1", **named)[0] == 200
        assert server.get("/api/v1/pools", Accept="*/*")[0] == 403
        assert server.get("/d/nobody/api/v1/pools")[0] == 404

        first, second, third = lines_of(log)
        assert {**first, "at": "", "milliseconds": 0} == {
            "at": "",
            "request_id": "trace-1",
            "deployment": None,
            "profile": "airflow2",
            "method": "GET",
            "path": "/api/v1/dags",
            "operation_id": "get_dags",
            "status": 200,
            "decision": "answered",
            "reason": "",
            "principal": "admin",
            "milliseconds": 0,
            "peer": "127.0.0.1",
            "user_agent": "",
        }
        assert first["milliseconds"] > 0
        assert (second["status"], second["decision"], second["principal"]) == (403, "refused", "anonymous")
        assert second["reason"].startswith("No Authorization header")
        assert (third["status"], third["decision"]) == (404, "turned-away")
        assert third["reason"].startswith("There is no deployment 'nobody' here")
        assert server.err == ""


@pytest.mark.parametrize(
    ("version", "sent", "status", "reason"),
    [
        ("3.3.2", b"GET /api/v2/version?token=s3cret\r\n\r\n", 400, "The request line must read METHOD TARGET"),
        ("3.3.2", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413, "is larger than"),
        ("3.3.2", b"GET / HTTP/1.1\r\n", 408, "The request took too long to arrive."),
        ("2.11.2", b"get / HTTP/1.1\r\n\r\n", 400, "Invalid Method"),
        ("2.11.2", b"GET / HTTP/1.1\r\n", 0, "The request took too long to arrive."),
    ],
)
def test_what_the_server_itself_refuses_has_a_line(
    tmp_path: Path, world: str, version: str, sent: bytes, status: int, reason: str
) -> None:
    log = tmp_path / "requests.log"
    options = ["--airflow-version", version, "--log-format", "json", "--log-file", str(log), "--head-timeout", "0.2"]
    with serving(tmp_path, "--world", world, *options) as server:
        with socket.create_connection(server.address) as client:
            client.sendall(sent)
            answer = client.makefile("rb").read()
        server.wait_until(lambda: log.exists() and log.read_text("utf-8").endswith("\n"))

    (line,) = lines_of(log)
    assert answer[9:12].decode() == (str(status) if status else "")
    assert (line["status"], line["decision"], line["method"], line["path"]) == (status, "turned-away", "-", "-")
    assert reason in line["reason"]
    assert "s3cret" not in log.read_text("utf-8")


def test_no_answer_is_lost_with_its_line(tmp_path: Path, world: str) -> None:
    log = tmp_path / "logs" / "requests.log"
    log.parent.mkdir()
    with serving(tmp_path, "--world", world, "--log-format", "json", "--log-file", str(log)) as server:
        assert server.get("/api/v1/version")[0] == 200
        log.unlink()
        log.parent.rmdir()

        assert [server.get("/api/v1/version")[0] for _ in range(3)] == [200] * 3
        assert server.err.count("cannot be written: No such file or directory. Lines of requests are lost.") == 1

        log.parent.mkdir()
        assert server.get("/api/v1/pools")[0] == 200
        assert [line["path"] for line in lines_of(log)] == ["/api/v1/pools"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is what Linux has a device for")
def test_a_full_disk_is_said_once(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--log-format", "json", "--log-file", "/dev/full") as server:
        assert [server.get("/api/v1/version")[0] for _ in range(3)] == [200] * 3
        assert server.err.count("No space left on device") == len(server.err.splitlines()) == 1


def test_each_request_is_found_by_its_name_everywhere(tmp_path: Path, world: str, capsys: Any) -> None:
    with serving(tmp_path, "--world", world, "--verbose", "--request-id-header") as server:
        url = server.told["url"]
        made_up = server.get("/api/v1/dags")[1]["X-Mock-Airflow-Request-Id"]
        named = {**server.told["headers"], "X-Request-ID": "trace/2:b"}
        assert server.get("/api/v1/pools", **named)[1]["X-Mock-Airflow-Request-Id"] == "trace/2:b"
        assert server.get("/d/nobody/", **named)[1]["X-Mock-Airflow-Request-Id"] == "trace/2:b"

        for name, path in ((made_up, "/api/v1/dags"), ("trace/2:b", "/api/v1/pools")):
            found = requests.get(f"{url}/__mock__/journal", params={"request_id": name}).json()["entries"]
            assert [(entry["path"], entry["request_id"]) for entry in found] == [(path, name)]
            archive = requests.get(f"{url}/__mock__/journal", params={"request_id": name, "format": "har"}).json()
            assert [entry["_requestId"] for entry in archive["log"]["entries"]] == [name]
            assert f" INFO [{name}] GET {path} 200 admin " in server.err
            assert main(["journal", "show", "--request-id", name, "--url", url]) == 0
            assert path in capsys.readouterr().out


@pytest.mark.parametrize("sent", ["", "two words", "a" * 129, "<script>", "\xe9", "-dash"])
def test_what_is_no_name_is_not_taken_over(sent: str) -> None:
    with MockAirflow(request_id_header=True) as airflow:
        headers = {**airflow.headers, "X-Request-ID": sent.encode("latin-1")}
        url = f"{airflow.api_url}/dags"
        given = [requests.get(url, headers=headers).headers["X-Mock-Airflow-Request-Id"] for _ in range(2)]

        assert len(set(given)) == 2
        assert all(re.fullmatch(r"[0-9a-f]{10}-\d+", name) for name in given)
        assert [call.request_id for call in airflow.calls] == given


def test_no_answer_has_it_unless_it_is_asked_for() -> None:
    with MockAirflow() as airflow:
        answer = requests.get(f"{airflow.api_url}/dags", headers={**airflow.headers, "X-Request-ID": "trace"})
        assert not [name for name in answer.headers if "request-id" in name.lower()]
        assert airflow.calls[0].request_id == "trace"


def test_workers_write_one_log_and_give_each_request_a_name_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "requests.log"
    database = f"sqlite:///{tmp_path / 'airflow.db'}"
    options = ["--database", database, "--workers", "2", "--log-format", "json", "--log-file", str(log)]
    with serving(tmp_path, *options) as server:
        for _ in range(20):
            assert server.get("/api/v1/pools")[0] == 200

        told = lines_of(log)
        assert len(told) == len({line["request_id"] for line in told}) == 20


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path, world: str) -> None:
    log = tmp_path / "requests.log"
    with serving(tmp_path, "--world", world, "--log-file", str(log)) as server:
        server.get("/api/v1/pools")
        log.rename(tmp_path / "requests.log.1")
        server.get("/api/v1/dags")

        assert re.search(r"\] GET /api/v1/pools 200", (tmp_path / "requests.log.1").read_text())
        assert re.search(r"\] GET /api/v1/dags 200", log.read_text())


def test_lines_hold_no_secrets_and_are_bounded(tmp_path: Path, world: str) -> None:
    log = tmp_path / "requests.log"
    options = ["--profile", "datacoves", "--log-format", "json", "--log-file", str(log)]
    with serving(tmp_path, "--world", world, *options) as server:
        key = server.told["credentials"]["api_key"]
        headers = {**server.told["headers"], "User-Agent": f"agent {key}", "X-Request-ID": key}
        asked(f"{server.told['api_url']}/pools/{key}", headers)
        asked(f"{server.told['api_url']}/pools/{'x' * 3000}", {**headers, "User-Agent": "y" * 3000})

        assert key not in log.read_text()
        assert {len(line) < 2500 for line in log.read_text().splitlines()} == {True}
        assert key not in requests.get(f"{server.told['url']}/__mock__/journal").text


def test_an_answer_in_pieces_is_told_of_when_it_is_over(tmp_path: Path, world: str) -> None:
    log = tmp_path / "requests.log"
    options = ["--airflow-version", "3.3.2", "--log-format", "json", "--log-file", str(log), "--frozen"]
    with serving(tmp_path, "--world", world, *options) as server:
        headers = {**server.told["headers"], "Content-Type": "application/json"}
        run = {"logical_date": None, "dag_run_id": "r"}
        requests.post(f"{server.told['api_url']}/dags/etl/dagRuns", json=run, headers=headers).raise_for_status()
        url = f"{server.told['api_url']}/dags/etl/dagRuns/r/wait?interval=1"
        assert requests.get(url, headers=headers).text

        server.wait_until(lambda: len(lines_of(log)) == 2)
        assert lines_of(log)[1]["operation_id"] == "wait_dag_run_until_finished"
        assert lines_of(log)[1]["status"] == 200


def test_a_file_that_cannot_be_written_is_told(capsys: Any) -> None:
    assert main(["serve", "--port", "0", "--log-file", "/no/such/folder/x.log"]) == 2
    assert "The log file /no/such/folder/x.log cannot be written: No such file" in capsys.readouterr().err
