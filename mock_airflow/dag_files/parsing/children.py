"""The parent's side: child processes that read DAG files, side by side."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

# A child starts in a tenth of a second, which is worth its while for some files only.
_FILES_WORTH_A_CHILD = 8

Answer = dict[str, Any]


def read_files(
    paths: Iterable[str], request: Mapping[str, Any], told: Callable[[Answer], None], *, verbose: bool = False
) -> None:
    """Have children read these files, and be told what each answers, in any order.

    ``request`` is what ``child.Reader`` takes. A file whose child breaks down is answered by an error.
    """
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    count = 0
    for path in paths:
        todo.put(path)
        count += 1
    answers: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()
    first = json.dumps({**request, "verbose": verbose})

    def work() -> None:
        try:
            _work(todo, first, answers.put)
        except BaseException as error:
            answers.put(error)

    workers = max(1, min(os.cpu_count() or 1, 4, -(-count // _FILES_WORTH_A_CHILD)))
    for _ in range(workers if count else 0):
        threading.Thread(target=work, name="mock-airflow-dag-files", daemon=True).start()
    for _ in range(count):
        answer = answers.get()
        if isinstance(answer, BaseException):
            raise answer
        told(answer)


def _work(todo: queue.SimpleQueue[str], first: str, answer: Callable[[Answer], None]) -> None:
    child: subprocess.Popen[str] | None = None
    try:
        while True:
            try:
                path = todo.get_nowait()
            except queue.Empty:
                return
            child = child or _start(first)
            line = _ask(child, path)
            if line:
                answer(json.loads(line))
            else:
                code = child.wait()
                text = f"The process that read {path} ended before it was done (exit code {code})."
                answer({"path": path, "dags": [], "errors": {path: text}, "seen": [], "environment": []})
                child = None
    finally:
        if child is not None:
            _end(child)


def _start(first: str) -> subprocess.Popen[str]:
    here = str(Path(__file__).parents[3])
    code = f"import sys; sys.path.insert(0, {here!r}); from mock_airflow.dag_files.parsing.child import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert child.stdin is not None
    child.stdin.write(first + "\n")
    return child


def _ask(child: subprocess.Popen[str], path: str) -> str:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(path) + "\n")
        child.stdin.flush()
        return child.stdout.readline()
    except BrokenPipeError:
        return ""


def _end(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    child.stdout.close()
    child.kill()
    child.wait()
