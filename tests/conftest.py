"""What every test file shares; kept tiny on purpose."""

from __future__ import annotations

import gc
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import mock_airflow
import pytest_mock_airflow
from mock_airflow.errors import MissingExtraError
from tests.support import PEOPLE, Caller, Deploy, Mocked, deployed

with suppress(ImportError):  # the plugin's tests run without it too
    import hypothesis

    hypothesis.settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing of it
    hypothesis.settings.load_profile("untimed")

# What starts processes or sessions, needs a real part, or lives long. The rest is what `-m quick` runs.
LONG = """
api/openapi/documents api/v1/answers_validate api/v1/fuzz api/v1/parity api/v1/recordings api/v2/document api/v2/fuzz
api/v2/odd_requests api/v2/parity api/v2/recordings cli control/document control/page/pages dag_files docs
domain/clock_follows domain/made_up_sources domain/scheduler/courses domain/scheduler/far_moves
domain/scheduler/history domain/scheduler/lives domain/scheduler/lives_3 domain/schedules/refusals domain/wildcards
faces failures faults/clients in_process/bodies in_process/equal_answers in_process/intercept_httpx
in_process/live_socket journal/bounded journal/secrets_by_value limits/algorithms old_names persistence plugin
profiles/anomalyarmor profiles/gateway/credentials profiles/mwaa/odd_requests profiles/mwaa/web_server
profiles/secrets replay review/sarif_schema review/ways_in server structure testing/strictness testing/virtual_turns
world/capture world/generating
""".split()
TESTS = Path(__file__).parent


def pytest_configure() -> None:
    """Have the processes that tests start keep bytecode beside the sources, as Python does where nobody forbids it.

    Without it each of them would compile the package anew; and kept elsewhere, what is installed would be compiled too.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read what a quick run leaves out."""
    return True if config.option.markexpr == "quick" and is_long(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is quick."""
    for item in items:
        if not is_long(item.path):
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what all tests share: that took a seventh of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have a worker that is done take over what another has yet to do.

    xdist hands out long pieces otherwise, and one with the slow tests in it was waited for at the end.
    """
    if config.getoption("dist") != "load":
        return None
    return import_module("xdist.scheduler").WorkStealingScheduling(config, log)


def is_long(path: Path) -> bool:
    """Whether a file of tests, or a folder of such, takes longer than one wants to wait at each save."""
    if TESTS not in path.parents:
        return False
    told = path.relative_to(TESTS).with_suffix("").as_posix().removesuffix("_test")
    return any(told == name or told.startswith(f"{name}/") for name in LONG)


@pytest.fixture
def deploy() -> Deploy:
    """Makes a deployment of a world, with the five people, frozen at 2025-06-01T12:00 UTC, and gives its caller."""
    users = [{"username": name, "password": name, "roles": [{"name": name.capitalize()}]} for name in PEOPLE]

    def make(world: Mapping[str, Any] | None = None, **settings: Any) -> Caller:
        return Caller(deployed(users, world, **settings))

    return make


@pytest.fixture
def mocked() -> Iterator[Mocked]:
    """Makes mock Airflows with a frozen clock, by their settings; they are closed when the test is over."""
    with ExitStack() as begun:
        yield lambda **settings: begun.enter_context(
            mock_airflow.MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True, **settings)
        )


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The project's root folder, for tests about its files."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def _all_modules() -> None:
    for package in (mock_airflow, pytest_mock_airflow):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                with suppress(ImportError, MissingExtraError):  # of an extra that is not installed
                    import_module(module.name)


@pytest.fixture
def pytester(_all_modules: None, pytester: pytest.Pytester) -> pytest.Pytester:
    """pytest's own, once all of ours is imported.

    A session that it runs in this process forgets what it was the first to import. What is imported again afterwards is
    another module with classes of its own, which those that stayed do not know.
    """
    return pytester


@pytest.fixture(scope="session")
def published(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Fetches a package, ``name==version``, from the package index, unless it is there; gives its wheel.

    Without a network the test is skipped, but never in CI.
    """
    cache = getattr(pytestconfig, "cache", None)  # absent under `-p no:cacheprovider`

    def fetch(requirement: str) -> Path:
        name = requirement.partition("==")[0]
        folder = cache.mkdir(name) if cache else tmp_path_factory.mktemp(name)
        for wheel in folder.glob("*.whl"):
            return wheel
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        # the package itself is not run, so it may be of a Python that it does not support
        command += ["--ignore-requires-python", "--disable-pip-version-check", "--dest", str(folder), requirement]
        # the date of the tests may be another (.ci/run); that of the index's certificate is not
        environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
        if run.returncode and not os.environ.get("CI"):
            pytest.skip(f"{requirement} cannot be downloaded: {run.stderr.strip().splitlines()[-1]}")
        assert run.returncode == 0, run.stderr
        return next(folder.glob("*.whl"))

    return fetch
