"""Where nothing can be written, a command says so and leaves what was there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import PartialError
from mock_airflow.world.capture.partial import Partial


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
