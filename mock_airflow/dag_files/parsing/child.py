"""The child process: it reads the DAG files it is told of, each in a process forked for it, as Airflow does.

Plain files, which can leave nothing behind, share one.

It speaks lines of JSON. On its input come first the settings, then one line a file; on its output goes one line a file.
What a file itself prints goes nowhere.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
import traceback
import types
from datetime import datetime, timezone
from typing import Any

from mock_airflow.dag_files.parsing import guard as guards, reporting
from mock_airflow.dag_files.parsing.file_reader import Reader
from mock_airflow.dag_files.parsing.sharing import SharedProcess, is_plain
from mock_airflow.dag_files.parsing.standin import catalogue
from mock_airflow.dag_files.parsing.standin.dags.dag import DAG
from mock_airflow.dag_files.parsing.standin.tasks.task_flow import task

_DOCS = "https://airflow.apache.org/docs/apache-airflow"


def _warm_up() -> None:
    """Declare a DAG of the usual kind, so that what files need is loaded before the fork."""
    with DAG("warm_up", schedule="0 6 * * *", start_date=datetime(2025, 1, 1, tzinfo=timezone.utc)) as dag:
        catalogue.known_operator("airflow.operators.empty", "EmptyOperator")(task_id="empty") >> task(_warm_up)()
    dag.validate()
    reporting.dag_told(dag)
    gc.collect()
    gc.freeze()


def _forked(reader: Reader, path: str) -> dict[str, Any]:
    """Read a file in a process of its own."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(receive)
            guards.limit_resources(reader.settings["dagbag_import_timeout"], "write" in reader.allowed)
            answer = json.dumps(reader.read(path), default=str).encode()
            with open(send, "wb") as pipe:
                pipe.write(answer)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(send)
    text, late = _received(receive, reader.settings["dagbag_import_timeout"])
    if late:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if late:
        return _broken(path, f"The process that read {path} did not end in time, so it was ended.")
    if text:
        return dict(json.loads(text))
    return _broken(path, f"The process that read {path} ended before it was done ({_how(status)}).")


def _shared(reader: Reader, path: str, shared: SharedProcess) -> dict[str, Any]:
    """Read a plain file in the process that such files share."""
    text, late = shared.answer(path, _line, reader.settings["dagbag_import_timeout"])
    if text:
        return dict(json.loads(text))
    how = "did not end in time, so it was ended" if late else "ended before it was done"
    return _broken(path, f"The process that read {path} {how}.")


def _line(receive: int, timeout: float) -> tuple[bytes, bool]:
    """The next line that comes through a pipe, and whether it took longer than the file itself may take."""
    deadline = time.monotonic() + timeout + 5 if timeout > 0 else None
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b"\n"):
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([receive], [], [], left)[0]:
            return b"", True
        part = os.read(receive, 1 << 16)
        if not part:
            return b"", False
        parts.append(part)
    return b"".join(parts), False


def _received(receive: int, timeout: float) -> tuple[bytes, bool]:
    """What comes through a pipe until its end, and whether it took longer than the file itself may take."""
    deadline = time.monotonic() + timeout + 5 if timeout > 0 else None
    parts: list[bytes] = []
    with open(receive, "rb", buffering=0) as pipe:
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([pipe], [], [], left)
            if not ready:
                return b"", True
            part = pipe.read(1 << 16)
            if not part:
                return b"".join(parts), False
            parts.append(part)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"exit code {os.WEXITSTATUS(status)}"


def _broken(path: str, text: str) -> dict[str, Any]:
    return {"dags": [], "errors": {path: text}, "seen": [], "environment": [], "missing_modules": [], "missing": []}


def _here(reader: Reader, path: str) -> dict[str, Any]:
    """Read a file in this process, where there is no fork; what it imported of its own folder is forgotten again."""
    before = set(sys.modules)
    answer = json.loads(json.dumps(reader.read(path), default=str))
    for name in set(sys.modules) - before:
        module: types.ModuleType = sys.modules[name]
        if getattr(module, "__file__", None) and reader.missing.is_ours(str(module.__file__)):
            del sys.modules[name]
    return dict(answer)


def main() -> None:
    """Answer the parent process until its end of the line closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 1)
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(silence, 0)
    settings = json.loads(questions.readline())
    if not settings["verbose"]:
        os.dup2(silence, 2)
    reader = Reader(settings)
    reader.load_plugins()
    forks = hasattr(os, "fork")
    limits = reader.settings["dagbag_import_timeout"], "write" in reader.allowed
    shared = SharedProcess(reader.read, lambda: guards.limit_resources(*limits))
    for number, line in enumerate(questions):
        path = json.loads(line)
        if number == 1:  # for a single file it would not be worth its while
            _warm_up()
        reader.prepare(path)
        if not forks:
            found = _here(reader, path)
        elif number and is_plain(path):
            found = _shared(reader, path, shared)
        else:
            found = _forked(reader, path)
        answer = {**found, "path": path}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    shared.end()


if __name__ == "__main__":
    main()
