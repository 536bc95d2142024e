"""What a DAG file may not do while it is read: reach the network, write files, start programs.

It is an audit hook (``sys.addaudithook``), which Python code cannot take out again, and limits of the operating system.
Both hold back mistakes and habits, such as a client that connects when its module is imported. They are no prison:
compiled code that a file loads is not asked by the hook. ``docs/dag_folder.md`` says what is prevented and what is not.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

_NETWORK = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    }
)
_WRITES = frozenset(
    {
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.mkdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "os.chown",
        "os.chflags",
        "os.utime",
        "os.setxattr",
        "os.removexattr",
        "shutil.copyfile",
        "shutil.move",
        "shutil.rmtree",
        "shutil.make_archive",
        "shutil.unpack_archive",
        "tempfile.mkstemp",
        "tempfile.mkdtemp",
    }
)
_PROGRAMS = frozenset(
    {
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.fork",
        "os.forkpty",
        "pty.spawn",
        "os.kill",
        "os.killpg",
        "ctypes.dlsym/handle",
    }
)
# The locks of multiprocessing are semaphores of the system, each of which glibc keeps in a file of this many bytes.
_SEMAPHORE = 32
# What makes files and is no event.
_MAKERS = (("_dbm", "open"), ("_gdbm", "open"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Refused(PermissionError):
    """A DAG file tried what it may not do while it is read."""

    # what a traceback calls it
    __module__, __qualname__ = "builtins", "PermissionError"


class Guard:
    """The hook. ``on`` is true while a file is read; ``seen`` are the files and folders that were looked at then."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.on = False
        self.seen: dict[str, None] = {}
        self.refused: dict[str, str] = {}
        if "network" not in allowed:
            self.refused |= dict.fromkeys(_NETWORK, "reach the network")
        if "write" not in allowed:
            self.refused |= dict.fromkeys(_WRITES, "change files")
        if "programs" not in allowed:
            self.refused |= dict.fromkeys(_PROGRAMS, "start or end programs")
        self.writes = "write" in allowed

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Asked by the interpreter before anything of consequence. Raises Refused."""
        if not self.on:
            return
        if event == "open":
            self._opened(*args)
        elif event in ("os.listdir", "os.scandir"):
            if isinstance(args[0], (str, os.PathLike)):
                self.seen[os.fspath(args[0])] = None
        elif event == "sqlite3.connect":
            self._database(args[0])
        elif event in self.refused:
            raise Refused(
                f"mock-airflow: while this DAG file was read, it tried to {self.refused[event]} ({event}: "
                f"{', '.join(repr(each)[:80] for each in args[:2])}). Nothing of the kind is done when DAGs are only "
                "read; do it in a task, or allow it with the setting dag_files_may."
            )

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        writing = (isinstance(flags, int) and flags & _WRITING) or (isinstance(mode, str) and set(mode) & set("wax+"))
        if isinstance(path, int):
            return
        if writing and not self.writes and os.fspath(path) not in (os.devnull, b"/dev/null"):
            raise Refused(
                f"mock-airflow: while this DAG file was read, it tried to write to {path!r}. Nothing is written when "
                "DAGs are only read; do it in a task, or allow it with the setting dag_files_may."
            )
        if not writing and isinstance(path, str):
            self.seen[path] = None

    def _database(self, name: Any) -> None:
        """Refuse a database that would be made, which SQLite does without asking. One that is there may be read."""
        text = os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else ""
        path, _, options = text.removeprefix("file:").partition("?")
        if path in ("", ":memory:") or (
            text.startswith("file:") and ("mode=memory" in options or "mode=ro" in options)
        ):
            return
        if not os.path.exists(path):
            self.refuse_to_make(text)
        self.seen[path] = None

    def refuse_to_make(self, name: Any) -> None:
        """Raise Refused for a file that would be made, unless files may be."""
        if self.on and not self.writes:
            raise Refused(
                f"mock-airflow: while this DAG file was read, it tried to make the file {name!r}. Nothing is written "
                "when DAGs are only read; do it in a task, or allow it with the setting dag_files_may."
            )


def install(allowed: frozenset[str]) -> Guard:
    """Put the hook in; it stays for the life of the process."""
    guard = Guard(allowed)
    sys.addaudithook(guard)
    for module, name in _MAKERS:
        with contextlib.suppress(ImportError, AttributeError):
            home = importlib.import_module(module)
            setattr(home, name, _asking_first(guard, getattr(home, name)))
    return guard


def _asking_first(guard: Guard, make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def asked(path: Any, flags: Any = "r", *args: Any, **kwargs: Any) -> Any:
        if not isinstance(flags, str) or set(flags) & set("wcn"):
            guard.refuse_to_make(path)
        return make(path, flags, *args, **kwargs)

    return asked


def limit_resources(seconds: float, writes: bool) -> None:
    """Have the operating system end this process if it runs away; nothing where it cannot."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits: list[tuple[int, int]] = [(resource.RLIMIT_CORE, 0)]
    if seconds > 0:
        limits.append((resource.RLIMIT_CPU, int(seconds) + 10))
    if not writes:
        limits.append((resource.RLIMIT_FSIZE, _SEMAPHORE))
    for kind, most in limits:
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most <= hard:
            resource.setrlimit(kind, (most, most))
