"""`mock-airflow world`: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mock_airflow.cli import main

from .processes import COMMAND, PATIENCE, WORLD, serving, surroundings


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "world", *arguments]
    return subprocess.run(
        command, cwd=folder, env=surroundings(**environment), capture_output=True, text=True, timeout=PATIENCE
    )


def test_a_server_is_captured_with_a_credential_out_of_the_environment(world: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--world", world, "--user", "vera:quiet:Viewer") as server:
        told = {"AIRFLOW_API_URL": server.told["api_url"], "AIRFLOW_USERNAME": "vera", "AIRFLOW_PASSWORD": "quiet"}
        some = run(tmp_path, "capture", **told)
        everything = run(tmp_path, "capture", "--url", server.told["url"], "--user", "admin:admin", "-o", "all.json")

    assert some.returncode == 1
    assert "not read: variables: 403 Forbidden (GET /variables)" in some.stderr.splitlines()
    assert "quiet" not in some.stdout + some.stderr + (tmp_path / "world.json").read_text("utf-8")
    assert (everything.returncode, everything.stderr) == (0, "")
    assert everything.stdout.startswith("all.json: ")
    assert ", 3 dags, " in everything.stdout
    assert [dag["dag_id"] for dag in json.loads((tmp_path / "all.json").read_text("utf-8"))["dags"]] == [
        dag["dag_id"] for dag in WORLD["dags"]
    ]
    assert run(tmp_path, "check", "all.json").returncode == 0


def test_check_is_silent_about_what_is_fine(world: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "check", world]) == 0

    assert capsys.readouterr() == (f"{world}: sound; 3 dags.\n", "")


def test_check_tells_mistakes_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "world.json"
    file.write_text('{\n"dags": [\n{"dag_id": "a", "tgas": []}]}')

    assert main(["world", "check", str(file)]) == 2

    assert capsys.readouterr() == ("", f"{file}:3: dags[0]: there is no key 'tgas' here. Did you mean 'tags'?\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "A verb is missing, such as check. See mock-airflow world --help."),
        (["chek"], "There is no verb 'chek'; did you mean check? See mock-airflow world --help."),
        (["check"], "The following arguments are required: FILE. See mock-airflow world check --help."),
        (["check", "missing.json"], "The world file missing.json cannot be read: No such file or directory."),
        (["capture"], "--url is missing: say which Airflow to read, or set AIRFLOW_API_URL."),
        (
            ["capture", "--url", "x", "--skip", "pool"],
            "--skip: there is no section 'pool' to skip; did you mean",
        ),
        (["capture", "--url", "x", "--runs-per-dag", "-1"], "--runs-per-dag: a number from 0 to 10000 is expected"),
        (["capture", "--url", "x", "--parallel", "99"], "--parallel: a number from 1 to 16 is expected, not '99'."),
        (["capture", "--url", "x", "--header", "secret"], "--header: a name, a colon and a value are expected"),
        (["capture", "--url", "x", "--user", "vera"], "The user has no password; give it as NAME:PASSWORD"),
        (["capture", "--url", "x", "--user", "a:b", "--token", "c"], "--user and --token both say who asks"),
        (
            ["capture", "--url", "http://127.0.0.1:9", "--token", "c"],
            "The server at http://127.0.0.1:9/api/v1 ",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AIRFLOW_API_URL", "AIRFLOW_USERNAME", "AIRFLOW_PASSWORD", "AIRFLOW_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    assert main(["world", *arguments]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"mock-airflow: {sentence}")
    assert list(tmp_path.iterdir()) == []
