"""What a DAG file may not do while it is read: reach the network, write files, start programs.

It is an audit hook (``sys.addaudithook``), which Python code cannot take out again, and limits of the operating system.
Both hold back mistakes and habits, such as a client that connects when its module is imported. They are no prison:
compiled code that a file loads is not asked by the hook. ``docs/dag_folder.md`` says what is prevented and what is not.
"""

from __future__ import annotations

import os
import sys
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


def install(allowed: frozenset[str]) -> Guard:
    """Put the hook in; it stays for the life of the process."""
    guard = Guard(allowed)
    sys.addaudithook(guard)
    return guard


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
        limits.append((resource.RLIMIT_FSIZE, 0))
    for kind, most in limits:
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most <= hard:
            resource.setrlimit(kind, (most, most))
