"""A test suite of somebody's, which tests write and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider")
Outcomes = Callable[[pytest.RunResult], Mapping[str, int]]


class Suite:
    """A folder with tests in it, and ways to run them: in this process, or apart where that would change it."""

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
        """Run the tests in this process, in the order in which they are written."""
        return self.pytester.runpytest_inprocess(*PLAIN, *arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """Run the tests in a process of their own: with workers, or what looks at the process as a whole."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    def outcomes(self, *arguments: str, apart: bool = False) -> Mapping[str, int]:
        """How many tests passed, failed, ..."""
        result = self.run_apart(*arguments) if apart else self.run(*arguments)
        return outcomes_of(result)


def outcomes_of(result: pytest.RunResult) -> Mapping[str, int]:
    """How many tests passed, failed, ..., without what is no outcome of a test."""
    found: Mapping[str, Any] = result.parseoutcomes()
    return {name: count for name, count in found.items() if name not in ("warnings", "warning", "deselected")}
