"""How a block is run: Python in this process, a shell in one of its own, both against a server in this process."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from mock_airflow.cli.serving.options import given_settings
from mock_airflow.cli.verbs.serve import serve
from mock_airflow.settings.address import PORT
from tests.docs.blocks import Block

WRITTEN_URL = re.compile(rf"http://(?:127\.0\.0\.1|localhost):{PORT}")
PATIENCE = 120.0
_LIBRARIES = (
    *("anyio.pytest_plugin", "requests", "responses", "httpx", "aiohttp", "urllib3", "pytest_httpserver", "trustme"),
    *("airflow_client.client.apis", "jwt.algorithms", "graphql", "cron_descriptor", "croniter", "httpcore"),
)

# Put before each shell block: curl is quiet, and says on stderr which status it saw.
CURL = r"""curl() { command curl --silent --show-error "$@" --write-out '%{stderr}curl saw %{http_code}\n'; }"""
# And pip installs nothing: what a page has installed is to be here already, with the extras that it names.
PIP = r"""pip() { python -c '
import sys
from importlib.metadata import metadata
from packaging.requirements import Requirement
for wanted in map(Requirement, sys.argv[2:]):
    has = metadata(wanted.name).get_all("Provides-Extra") or []
    assert wanted.extras <= set(has), f"{wanted.name} has the extras {has}"
' "$@"; }"""


def load_what_blocks_import() -> None:
    """Have it loaded already: what pytester's runs import is forgotten after each, and would be loaded anew."""
    for name in _LIBRARIES:
        importlib.import_module(name)


@contextlib.contextmanager
def served(options: str) -> Iterator[MockAirflow]:
    """What ``mock-airflow serve`` would serve with these options, from this process."""
    given = given_settings(serve.make_context("serve", shlex.split(options)).params, {})
    with MockAirflow(**{"world": () if "dags_folder" in given else "demo", **given}) as airflow:
        yield airflow


def write_files(block: Block, folder: Path) -> None:
    """Put down what the page has as files above the block, and the block itself if it is one."""
    own = {block.notes["file"]: block.text} if "file" in block.notes else {}
    for name, text in (block.files | own).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def run_shell(block: Block, url: str, folder: Path) -> str:
    """Run a shell block: exit code 0, and every curl answered as it should be. Gives what it printed.

    A last line that serves is left out.
    """
    commands = WRITTEN_URL.sub(url, block.commands)
    if block.serving is not None:
        commands = commands.rstrip().rpartition("\n")[0]
    asks = re.search(r"\bcurl ", commands) is not None
    if asks and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{CURL}\n{PIP}\n{commands}"],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTEST_PLUGINS": "pytest_mock_airflow.plugin",  # alone, as below
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    said = f"{done.stdout}\n{done.stderr}"
    assert (done.returncode != 0) is ("fails" in block.notes), f"{block.name}\n{block.commands}\n{said}"
    statuses = re.findall(r"^curl saw (\d+)$", done.stderr, re.MULTILINE)
    assert statuses or not asks, f"{block.name}\n{block.commands}\n{said}"
    wanted = block.notes.get("answers", "").split()
    unwanted = [status for status in statuses if (status not in wanted if wanted else status[0] != "2")]
    assert unwanted == [], f"{block.name}\n{block.commands}\n{said}"
    return said


def run_tests(block: Block, url: str, pytester: pytest.Pytester) -> str:
    """Run a block's tests by pytest, which must pass, or fail where the block says so. Gives what pytest printed."""
    name = block.notes.get("file", "example_test.py")
    (pytester.path / name).write_text(WRITTEN_URL.sub(url, block.text), "utf-8")
    # Other people's plugins stay out, but for httpx's: to load them all takes longer than to run the tests.
    plugins = [sys.modules[f"{package}plugin"] for package in ("pytest_mock_airflow.", "anyio.pytest_")]
    warns = ["-W", "default"] if "warns" in block.notes else []
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", *warns, name, plugins=plugins)
    outcomes = done.parseoutcomes()
    wanted = "failed" if "fails" in block.notes else "passed"
    assert outcomes.keys() <= {wanted, "passed", *("warnings" for _ in warns)}, block.name
    assert outcomes.get(wanted), block.name
    return str(done.stdout)


def run_script(block: Block, url: str, folder: Path) -> str:
    """Run a block as a script, or import it if it is a module that a later block uses. Gives what it printed."""
    file = folder / block.notes.get("file", "example.py")
    file.write_text(WRITTEN_URL.sub(url, block.text), "utf-8")
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr(sys, "argv", [str(file)])
        try:
            runpy.run_path(str(file), run_name=file.stem if "file" in block.notes else "__main__")
        except SystemExit as end:
            if end.code:
                pytest.fail(f"{block.name} ended with {end.code!r}")
    return said.getvalue()
