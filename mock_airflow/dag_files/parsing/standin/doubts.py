"""Where a placeholder may have cost a file tasks or DAGs: it was looped over, called for them, or stood in their order.

A placeholder is empty and gives nothing, so that most of what files do with one while they are read does no harm. These
uses may, and nobody would see it; so they are told as warnings of the DAG.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

_HERE = str(Path(__file__).parent)


class Doubts:
    """What was noted while one file was read: the DAG that was open, or None, and what happened, in a sentence."""

    noted: list[tuple[str | None, str]] = []

    @classmethod
    def of(cls, dag_id: str | None) -> list[str]:
        """What there is to say of a DAG: what happened in it, and what happened outside of any."""
        return list(dict.fromkeys(said for noted, said in cls.noted if noted in (None, dag_id)))


def looped_over(name: str) -> None:
    """Note that a file goes through a placeholder, or counts by it; what this project does itself does not matter."""
    frame = sys._getframe(2)
    if not frame.f_code.co_filename.startswith(_HERE):
        _note(name, "looped over", frame)


def tied(name: str) -> None:
    """Note that a placeholder stands where a task would."""
    _note(name, "set before or after tasks", sys._getframe(2))


def called(thing: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Note that a placeholder was called where that may be what makes tasks or a DAG."""
    from mock_airflow.dag_files.parsing.standin.dags.context import DagContext
    from mock_airflow.dag_files.parsing.standin.dags.dag import DAG
    from mock_airflow.dag_files.parsing.standin.tasks.wiring import DAGNode

    frame = sys._getframe(2)
    if frame.f_code.co_filename.startswith(_HERE):
        return
    handed = any(isinstance(each, (DAG, DAGNode)) for each in (*args, *kwargs.values()))
    makes_a_dag = "dag_id" in kwargs or "dag" in name.rpartition(".")[2].lower()
    if handed or ((DagContext.get_current_dag() or makes_a_dag) and _by_itself(thing, name, frame)):
        _note(name, "called", frame)


def _note(name: str, how: str, frame: FrameType | None) -> None:
    from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    dag = DagContext.get_current_dag()
    file, line = (os.path.basename(frame.f_code.co_filename), frame.f_lineno) if frame else ("", 0)
    what, package = name.removesuffix("()"), name.partition(".")[0]
    said = (
        f"{what} is not installed, so a placeholder stood for it and was {how} ({file}, line {line}): tasks or "
        f"DAGs may be missing. Install {package}, or have it in a folder above the DAGs."
    )
    Doubts.noted.append((dag.dag_id if dag else None, said))


def _by_itself(thing: Any, name: str, frame: FrameType) -> bool:
    """Whether a call is a statement, or what one assigns or gives back, rather than an argument of another call."""
    names = {**frame.f_globals, **frame.f_locals}
    last = name.removesuffix("()").rpartition(".")[2]
    for function in _calls(frame.f_code.co_filename).get(frame.f_lineno, ()):
        if isinstance(function, ast.Name) and names.get(function.id) is thing:
            return True
        if isinstance(function, ast.Attribute) and function.attr == last:
            return True
    return False


@functools.lru_cache(maxsize=8)
def _calls(file: str) -> dict[int, list[ast.expr]]:
    """What the statements of a file call, by line."""
    found: dict[int, list[ast.expr]] = {}
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return found
    for node in ast.walk(tree):
        value = getattr(node, "value", None) if isinstance(node, ast.stmt) else None
        if isinstance(value, ast.Call):
            for line in range(value.lineno, (value.func.end_lineno or value.lineno) + 1):
                found.setdefault(line, []).append(value.func)
    return found
