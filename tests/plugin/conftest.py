"""A test suite of somebody's, which the tests here write and run."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module

import pytest

from tests.plugin.suite import Outcomes, Suite, outcomes_of

# A session in this process forgets what it was the first to import, and a library that is imported again is another.
FIRST = "anyio httpcore httpx pytest_httpserver requests responses trustme"
for name in FIRST.split():
    with suppress(ImportError):
        import_module(name)


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A folder for a test suite, with nothing of ours in the environment."""
    for name in os.environ:
        if name.startswith("MOCK_AIRFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return Suite(pytester)


@pytest.fixture
def outcomes() -> Outcomes:
    """Tells how many tests of a result passed, failed, ..."""
    return outcomes_of
