"""`mock-airflow world save` and `serve --saved`: a server is saved, and another goes on from there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import requests

from .processes import COMMAND, PATIENCE, serving, surroundings


def test_a_server_is_saved_and_another_goes_on_from_there(tmp_path: Path, world: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with serving(first, "--world", world, "--profile", "datacoves") as server:
        api, headers = server.told["api_url"], server.told["headers"]
        requests.post(f"{api}/dags/etl/dagRuns", headers=headers, json={"dag_run_id": "mine"}).raise_for_status()
        command = [*COMMAND, "world", "save", "--url", server.told["url"], "-o", "it.saved"]
        done = subprocess.run(command, cwd=second, env=surroundings(), capture_output=True, text=True, timeout=PATIENCE)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("it.saved: ")

    with serving(second, "--saved", str(second / "it.saved")) as server:
        assert server.told["headers"] == headers
        answer = requests.get(f"{server.told['api_url']}/dags/etl/dagRuns/mine", headers=headers)
        assert answer.status_code == 200

    failed = subprocess.run(
        [*COMMAND, "serve", "--port", "0", "--saved", world],
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert failed.returncode == 2
    assert failed.stderr.count("\n") == 1
    assert "is not a saved deployment" in failed.stderr
