"""A test suite of somebody's, which tests write and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

OURS = "pytest_mock_airflow.plugin"
PLAIN = ("-p", "no:cacheprovider")
SHUFFLED = ("-p", "randomly")
Outcomes = Callable[[pytest.RunResult], Mapping[str, int]]


class Suite:
    """A folder with tests in it, and ways to run them: in this process, or apart where that would change it.

    Of plugins they have ours, and those that are named: to find and load all that are installed takes longer than the
    tests.
    """

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path
        self.ini()

    def ini(self, *lines: str) -> None:
        """Write the configuration anew, strict and with warnings as errors."""
        common = ["[pytest]", "addopts = --strict-markers --strict-config", "filterwarnings = error"]
        self.pytester.makeini("\n".join([*common, *lines]))

    def write(self, text: str, file: str = "test_it.py") -> None:
        """Write a file of tests."""
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in the order in which they are written: in this process, or with workers (`-n`) apart."""
        if "-n" in arguments:
            return self.run_apart("-p", "xdist", *arguments)
        return self.pytester.runpytest_inprocess(*PLAIN, *arguments, plugins=[import_module(OURS)])

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in a process of their own: what looks at the process as a whole."""
        return self.pytester.runpytest_subprocess(*PLAIN, *arguments, "-p", OURS)

    def outcomes(self, *arguments: str, apart: bool = False) -> Mapping[str, int]:
        """How many tests passed, failed, ..."""
        result = self.run_apart(*arguments) if apart else self.run(*arguments)
        return outcomes_of(result)


def outcomes_of(result: pytest.RunResult) -> Mapping[str, int]:
    """How many tests passed, failed, ..., without what is no outcome of a test."""
    found: Mapping[str, Any] = result.parseoutcomes()
    return {name: count for name, count in found.items() if name not in ("warnings", "warning", "deselected")}
