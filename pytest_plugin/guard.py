"""The guard of every hook: what goes wrong inside of the plugin costs a line, and never a session's results.

An exception that leaves a hook is to pytest an error of its own: it stops, and reports no test at all.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class HookWarning(UserWarning):
    """Something that the plugin does beside the tests could not be done."""


def warn(line: str, category: type[UserWarning] = HookWarning) -> None:
    """Say it among pytest's warnings, also where warnings are errors."""
    try:
        warnings.warn(category(line), stacklevel=1)
    except category:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(category(line), stacklevel=1)


@contextmanager
def guarded(task: str, say: Callable[[str], object] = warn) -> Iterator[None]:
    """Around what a hook does by itself, or around all of it, as a decorator.

    Where that fails, a line says that the task could not be done, and why. What pytest is told on purpose passes: a
    usage error, and that a test fails or is skipped (which are no subclasses of Exception).
    """
    try:
        yield
    except pytest.UsageError:
        raise
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        why = " ".join([type(error).__name__, *str(error).split()])
        say(printable(f"mock-airflow could not {task}: {why} ({Path(at.filename).name}, line {at.lineno})."))


def printable(text: str) -> str:
    """The text as every terminal and report can carry it: ids may hold what is no character (half a surrogate pair)."""
    return text.encode("utf-8", "backslashreplace").decode()
