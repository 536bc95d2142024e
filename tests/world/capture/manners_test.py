"""How a capture asks: reading only, in pages, with patience, and never twice for what was answered before a failure."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow.deployment import Deployment
from mock_airflow.errors import CaptureError, OutputError, PartialError
from mock_airflow.world.capture.capturing import capture
from mock_airflow.world.capture.gathering import WantedRows
from mock_airflow.world.capture.source import Waiting

from .servers import ADMIN, ETL, EVERYTHING, URL, Gate, captured, content_of, deployment_of, get


def on_the_clock_of(deployment: Deployment) -> Waiting:
    """Waiting takes no time but that of the deployment's clock."""
    return Waiting(deployment.clock.advance, lambda: deployment.clock.now().timestamp())


def without_about(file: Path) -> Any:
    world = content_of(file)
    del world["about"]
    return world


def test_only_get_is_ever_sent(tmp_path: Path) -> None:
    gate = Gate(deployment_of(ETL).wsgi)

    captured(gate, tmp_path / "world.json")

    assert len(gate.asked) > 20
    assert {asked.split()[0] for asked in gate.asked} == {"GET"}


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_lists_are_read_in_pages_of_the_servers_size(limit: int, tmp_path: Path) -> None:
    world = {**ETL, "variables": [{"key": f"key_{number}", "value": "x"} for number in range(15)]}
    file = tmp_path / "world.json"

    captured(deployment_of(world, maximum_page_limit=limit).wsgi, file)

    assert [row["key"] for row in content_of(file)["variables"]] == [f"key_{number}" for number in range(15)]


def test_a_limited_server_is_waited_for_as_it_asks(tmp_path: Path) -> None:
    deployment = deployment_of(ETL, rate_limit="5/minute", journal_size=10_000)
    began = deployment.clock.now()

    found = captured(deployment.wsgi, tmp_path / "world.json", WantedRows(), waiting=on_the_clock_of(deployment))

    limited = [call for call in deployment.journal if call.status == 429]
    assert found.unread == []
    # with four at a time, no more than these are sent too many before each pause
    assert 0 < len(limited) <= 4 * found.requests / 5
    assert (deployment.clock.now() - began).total_seconds() > 60


def test_a_server_that_wants_to_be_left_alone_for_long_is_left_alone(tmp_path: Path) -> None:
    deployment = deployment_of(ETL, rate_limit="2/day")

    with pytest.raises(CaptureError, match=r"asks to be left alone for \d+ seconds; try later"):
        captured(deployment.wsgi, tmp_path / "world.json", waiting=on_the_clock_of(deployment))


def test_a_gateway_without_an_answer_is_asked_again_with_growing_pauses(tmp_path: Path) -> None:
    deployment = deployment_of(ETL)
    gate = Gate(deployment.wsgi, providers=("502 Bad Gateway", "{}"))
    began = deployment.clock.now()

    with pytest.raises(CaptureError, match=r"was asked 6 times for /providers\?.*: it answers 502 Bad Gateway"):
        captured(gate, tmp_path / "world.json", WantedRows(parallel=1), waiting=on_the_clock_of(deployment))

    assert gate.asked.count("GET /api/v1/providers") == 6
    assert (deployment.clock.now() - began).total_seconds() == 1 + 2 + 4 + 8 + 16


def test_a_second_call_goes_on_where_the_first_one_failed(tmp_path: Path) -> None:
    deployment = deployment_of(ETL)
    whole, file = tmp_path / "whole.json", tmp_path / "world.json"
    wanted = WantedRows(also=frozenset({"xcoms", "logs"}))
    captured(deployment.wsgi, whole, wanted)
    broken = Gate(deployment.wsgi, taskInstances=("503 Service Unavailable", "{}"))
    with pytest.raises(CaptureError, match="503"):
        captured(broken, file, wanted, waiting=on_the_clock_of(deployment))
    part = tmp_path / "world.json.part"
    assert not file.exists()
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert "YWRtaW" not in part.read_text("utf-8")
    with part.open("ab") as cut_off:
        cut_off.write(b'["/dags?limit=')
    gate = Gate(deployment.wsgi)

    found = captured(gate, file, wanted)

    assert without_about(file) == without_about(whole)
    assert not part.exists()
    assert found.resumed > 15
    assert not {"GET /api/v1/dags", "GET /api/v1/pools", "GET /api/v1/dags/etl/details"} & set(gate.asked)


def test_what_was_read_of_another_server_is_not_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / "world.json.part").write_text('{"capture": "https://other.example.com/api/v1"}\n')

    with pytest.raises(PartialError, match="is that of another capture"):
        captured(deployment_of(ETL).wsgi, tmp_path / "world.json")

    assert (tmp_path / "world.json.part").exists()


def test_values_of_variables_are_neither_in_the_world_nor_in_its_part(tmp_path: Path) -> None:
    deployment = deployment_of(ETL)
    file = tmp_path / "world.json"
    broken = Gate(deployment.wsgi, taskInstances=("503 Service Unavailable", "{}"))
    with pytest.raises(CaptureError):
        captured(broken, file, WantedRows(), waiting=on_the_clock_of(deployment))
    part = (tmp_path / "world.json.part").read_text("utf-8")

    captured(deployment.wsgi, file, WantedRows())

    assert "greeting" in part
    assert "a value of its own" not in part + file.read_text("utf-8")
    assert content_of(file)["variables"] == [{"key": "greeting", "description": None}]
    captured(deployment.wsgi, file, EVERYTHING)
    assert content_of(file)["variables"][0]["value"] == "a value of its own"


def test_a_vendors_gate_is_captured_through(tmp_path: Path) -> None:
    deployment = deployment_of(ETL, profile="datacoves", user=[], key=["a-key-of-our-own-0001:admin"])
    headers, url = {"Authorization": "Token a-key-of-our-own-0001"}, "https://gate.example.com/quiet-sun-0001/airflow"
    file = tmp_path / "world.json"

    found = captured(deployment.wsgi, file, WantedRows(), url=url, headers=headers)

    assert content_of(file)["about"]["from"] == f"{url}/api/v1"
    assert found.unread == []
    assert get(deployment_of(file), "/api/v1/dags/etl").status_code == 200


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        ("403 Forbidden", '{"title": "Forbidden"}', r"refuses the credential \(403 Forbidden\)"),
        ("401 Unauthorized", '{"detail": "Invalid token."}', r"refuses the credential \(401 Invalid token\.\)"),
        ("404 Not Found", "{}", r"is no Airflow 2 whose API can be read \(404 Not Found\)"),
        ("200 OK", "<html>Please log in</html>", r"is no Airflow 2 .* \(200 application/json instead of JSON\)"),
        ("200 OK", '{"items": []}', "its list of DAGs has no DAGs"),
    ],
)
def test_what_is_no_airflow_or_does_not_open_is_told_at_once(
    status: str, body: str, sentence: str, tmp_path: Path
) -> None:
    gate = Gate(None, api=(status, body))

    with pytest.raises(CaptureError, match=sentence):
        captured(gate, tmp_path / "world.json")

    assert len(gate.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "get", refuse)

    with pytest.raises(CaptureError, match=r"cannot be asked: no connection; is it running there\?"):
        capture(URL, ADMIN, tmp_path / "world.json", WantedRows())


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("airflow.example.com", "the address of an Airflow such as"),
        ("ftp://airflow.example.com", "the address of an Airflow such as"),
        ("https://me:secret@airflow.example.com", "do not belong into the address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(
    url: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(CaptureError, match=sentence) as told:
        capture(url, ADMIN, tmp_path / "world.json", WantedRows())

    assert "secret" not in str(told.value)


@pytest.mark.parametrize("name", ["world.yaml", "missing/world.json", "folder.json"])
def test_an_output_that_cannot_be_written_is_told_before_anything_is_asked(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    gate = Gate(None)

    with pytest.raises(OutputError, match="--output"):
        captured(gate, tmp_path / name)

    assert gate.asked == []
