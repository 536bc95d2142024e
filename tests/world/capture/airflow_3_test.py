"""A world captured from an Airflow 3, loaded again, answers as the server that it was captured from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.in_process.interception import Interception
from mock_airflow.world.capture.capturing import Captured, capture
from mock_airflow.world.capture.gathering import WantedRows
from mock_airflow.world.reading import SECTIONS

from .servers import EVERYTHING, URL

SETTINGS: dict[str, Any] = {"runs": "manual", "clock": "2026-11-29T04:00:00Z", "frozen": True, "seed": 1}
# What no GET tells, so that no capture has it.
SECRETS = ("users", "connection_secrets", "variable_secrets")
# Told anew by each server: which it is, and what was asked of it.
_NUMBER = re.compile(r"look for ID \w+")  # of an error, drawn
OWN = ("/auth", "/api/v2/auth", "/api/v2/eventLogs", "/api/v2/dagTags")


@pytest.fixture(scope="module")
def sample(checkout: Path) -> Path:
    return checkout / "fixtures" / "recordings" / "airflow-3.3.2"


@pytest.fixture(scope="module")
def start(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The recorded state, and apart from it what is secret."""
    world = json.loads((sample / "start.json").read_text("utf-8"))
    folder = tmp_path_factory.mktemp("recorded")
    parts = {"whole": [name for name in world if name in SECTIONS], "secrets": [*SECRETS]}
    files = {name: folder / f"{name}.json" for name in parts}
    for name, sections in parts.items():
        files[name].write_text(json.dumps({section: world[section] for section in sections}), "utf-8")
    return files


def _served(*worlds: Path, version: str = "3.3.2") -> MockAirflow:
    return MockAirflow(airflow_version=version, world=[str(world) for world in worlds], **SETTINGS)


def _captured(mock: MockAirflow, output: Path, url: str = URL) -> Captured:
    with Interception(mock.deployment.wsgi, URL):
        return capture(url, mock.headers, output, EVERYTHING)


def _gets(sample: Path) -> list[str]:
    """What the sample's scenarios read as the administrator."""
    found = {}
    for script in sorted(sample.glob("scenarios/*.json")):
        for step in json.loads(script.read_text("utf-8"))["steps"]:
            plain = step["method"] == "GET" and "{" not in step["path"] and not step["path"].startswith(OWN)
            if plain and step.get("as", "admin") == "admin" and not step.get("query"):
                found[step["path"]] = None
    return list(found)


def _answers(mock: MockAirflow, paths: list[str]) -> dict[str, tuple[int, str]]:
    client = Client(mock.deployment.wsgi)
    found = {path: client.get(path, headers=mock.headers) for path in paths}
    return {path: (one.status_code, _NUMBER.sub("", one.get_data(as_text=True))) for path, one in found.items()}


@pytest.mark.parametrize("url", [URL, f"{URL}/api/v2"])
def test_every_read_is_answered_as_by_the_server_that_was_captured(
    start: dict[str, Path], sample: Path, tmp_path: Path, url: str
) -> None:
    paths = [path for path in _gets(sample) if "/wait" not in path]
    with _served(start["whole"]) as recorded:
        found = _captured(recorded, tmp_path / "world.json", url)
        theirs = _answers(recorded, paths)
    with _served(tmp_path / "world.json", start["secrets"]) as again:
        ours = _answers(again, paths)

    assert (found.unread, found.left_out) == ([], [])
    assert len(paths) > 200
    assert {path: (ours[path], theirs[path]) for path in paths if ours[path] != theirs[path]} == {}


def test_what_airflow_2_does_not_show_is_kept_in_it(start: dict[str, Path]) -> None:
    """The same world in a deployment of each generation, read by the API of the newer one."""
    shown = [
        "/api/v2/dags/~/dagRuns/~/hitlDetails",
        "/api/v2/dags/~/dagVersions",
        "/api/v2/dags/versioned_flow/dagRuns?order_by=id",
        "/api/v2/assets/aliases",
        "/api/v2/assets/events",
        "/api/v2/dags/partitioned_flow/dagRuns",
        "/api/v2/dagSources/versioned_flow?version_number=1",
        "/api/v2/jobs",
    ]
    with _served(start["whole"]) as newer:
        theirs = _answers(newer, shown)
    with _served(start["whole"], version="2.11.2") as older:
        assert (
            Client(older.deployment.wsgi).get("/api/v1/dags", headers=older.headers).get_json()["total_entries"] == 12
        )
        face = older.seen_as("3.3.2")
        ours = _answers(face, shown)

    assert {path: (ours[path], theirs[path]) for path in shown if ours[path] != theirs[path]} == {}


def test_a_world_of_airflow_2_serves_as_airflow_3(checkout: Path) -> None:
    with _served(checkout / "fixtures" / "recordings" / "airflow-2.11.2" / "start.json") as mock:
        client, headers = Client(mock.deployment.wsgi), mock.headers
        told = {
            path: client.get(f"/api/v2{path}", headers=headers).get_json()["total_entries"]
            for path in ("/dags", "/dags/~/dagRuns", "/dags/~/dagRuns/~/taskInstances", "/assets", "/pools")
        }
        versions = client.get("/api/v2/dags/~/dagVersions", headers=headers).get_json()

    assert all(told.values()), told
    assert {row["version_number"] for row in versions["dag_versions"]} == {1}


def test_users_and_roles_of_fab_are_those_of_the_server(tmp_path: Path) -> None:
    role = {"name": "Pooler", "actions": [{"action": {"name": "can_create"}, "resource": {"name": "Providers"}}]}
    user = {"username": "new", "email": "n@x.org", "roles": [{"name": "Pooler"}, {"name": "Viewer"}]}
    world = tmp_path / "start.json"
    world.write_text(json.dumps({"dags": [{"dag_id": "etl"}], "fab": {"roles": [role], "users": [user]}}), "utf-8")
    output = tmp_path / "world.json"
    shown = ["/auth/fab/v1/roles?order_by=role_id", "/auth/fab/v1/permissions?limit=1000", "/auth/fab/v1/users/new"]
    with MockAirflow(airflow_version="3.3.2", auth_manager="fab", world=str(world), **SETTINGS) as first:
        assert _captured(first, output).unread == []
        theirs = _answers(first, shown)
        viewer = tmp_path / "viewer.json"
        with Interception(first.deployment.wsgi, URL):
            found = capture(URL, first.principal("Viewer").headers, viewer, EVERYTHING)
            capture(URL, first.headers, tmp_path / "few.json", WantedRows(skip=frozenset({"roles"})))
    captured = json.loads(output.read_text("utf-8"))
    with MockAirflow(world=str(output), **SETTINGS) as again:
        ours = _answers(again, shown)
        assert Client(again.deployment.wsgi).post("/auth/token", json={"username": "new", "password": "new"}).json

    assert captured["settings"] == {"airflow_version": "3.3.2", "auth_manager": "fab"}
    assert ours == theirs
    assert "users: 403 Forbidden (GET /auth/fab/v1/users)" in found.unread
    assert "fab" not in json.loads(viewer.read_text("utf-8"))
    assert [*json.loads((tmp_path / "few.json").read_text("utf-8"))["fab"]] == ["permissions"]
