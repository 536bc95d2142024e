"""The control token that a server makes up which other machines can reach: told once, and wanted by all."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import requests

from mock_airflow.errors import HubError
from mock_airflow.testing.remote import RemoteAirflow

from .processes import Server, command, serving


def run(server: Server, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return command(*arguments, "--url", server.told["url"], **environment)


def test_one_is_made_up_and_told_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--verbose") as server:
        token, url = server.told["control_token"], server.told["url"]

        assert len(token) >= 32
        assert server.out.count(token) == 1
        assert requests.get(f"{url}/__mock__/clock").status_code == 401
        for wrong in ("Bearer ", f"Bearer {token}x", token):
            assert requests.get(f"{url}/__mock__/clock", headers={"Authorization": wrong}).status_code == 401
        assert requests.get(f"{url}/__mock__/clock", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert requests.get(f"{url}/__mock__/deployments").status_code == 401
        assert token not in server.err


def test_the_verbs_and_the_tests_of_others_take_it(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        token, url = server.told["control_token"], server.told["url"]

        refused = run(server, "clock", "show")
        assert (refused.returncode, "Authorization: Bearer <token>." in refused.stderr) == (2, True)
        assert refused.stderr.endswith("by --control-token, or as MOCK_AIRFLOW_CONTROL_TOKEN in the environment.\n")
        mistaken = run(server, "clock", "show", "--control-token", "sesame")
        assert (mistaken.returncode, "; the one that was sent is another." in mistaken.stderr) == (2, True)
        assert run(server, "clock", "show", "--control-token", token).returncode == 0
        assert run(server, "clock", "show", MOCK_AIRFLOW_CONTROL_TOKEN=token).returncode == 0
        with pytest.raises(HubError, match="wants the control token"):
            RemoteAirflow.create(url)
        with RemoteAirflow.create(url, token=token, profile="datacoves") as airflow:
            airflow.clock.advance(hours=1)
            assert requests.get(f"{airflow.url}/__mock__/clock").status_code == 401  # its deployments want it too


def test_each_start_has_another(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'airflow.db'}"
    tokens: list[str] = []
    for _ in range(2):
        with serving(tmp_path, "--host", "0.0.0.0", "--database", database, "--workers", "2") as server:
            tokens.append(server.told["control_token"])
            headers = {"Authorization": f"Bearer {tokens[-1]}"}
            url = f"{server.told['url']}/__mock__/clock"
            assert {requests.get(url, headers=headers).status_code for _ in range(6)} == {200}
            if len(tokens) == 2:
                assert requests.get(url, headers={"Authorization": f"Bearer {tokens[0]}"}).status_code == 401

    assert len(set(tokens)) == 2
