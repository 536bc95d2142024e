"""A real PostgreSQL of a test session's own, on a socket in a folder of its own: no port, no password, nothing left."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

PATIENCE = 60  # seconds
NEEDED = 2**30  # bytes; a cluster begins with 40 MB and keeps up to a gigabyte of its log


def programs() -> Path | None:
    """The folder with PostgreSQL's programs, out of Debian's packages or the PATH; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return next((path for path in reversed(found) if (path / "postgres").exists()), None)


def in_memory() -> Path | None:
    """A folder that no disk is behind; None where there is none, or a small one, as in a container."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > NEEDED
    return memory if roomy else None


class Postgres:
    """A cluster, started and stopped at will."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._numbers = itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="mock-airflow-pg-", dir=in_memory()))
        # It refuses to run as root.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb", "-D", str(self._data), "-A", "trust", "-U", "mock", "--no-sync", "-E", "UTF8", "--no-locale"
        )
        self.start()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        """How it is reached."""
        return f"postgresql://mock@/postgres?host={self.folder}"

    def made(self, *statements: str) -> str:
        """The URL of an empty database, of which THIS in the statements is the name."""
        name = f"empty{next(self._numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            for statement in statements:
                connection.execute(statement.replace("THIS", name))  # type: ignore[call-overload]
        return f"postgresql://mock@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        who = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "FAKETIME")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # a server would hold a pipe open
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
            **who,  # type: ignore[arg-type]
        )
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        # Its processes may be killed, but never the machine: what a commit handed to the kernel is there afterwards.
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200 -c fsync=off"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a machine that fails does: connections break in the middle of what they do."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)
