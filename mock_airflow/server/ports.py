"""Taking a port, and what is said where that cannot be."""

from __future__ import annotations

import errno
import socket
import sys

from mock_airflow.errors import ServerError

_ATTEMPTS = 20  # to get a port that nobody had
_had: set[int] = set()  # ports are the process's, not a deployment's


def refuse_green_threads() -> None:
    """Raises `ServerError` where eventlet has taken the place of threads and selectors: nobody would be answered."""
    patcher = getattr(sys.modules.get("eventlet"), "patcher", None)
    if patcher is not None and (patcher.is_monkey_patched("thread") or patcher.is_monkey_patched("select")):
        raise ServerError(
            "eventlet.monkey_patch() has replaced this process's threads, on which the server would wait for ever;"
            " serve from a process of its own with `mock-airflow serve`, or answer in process with intercept()."
        )


def listen_anew(host: str) -> socket.socket:
    """Takes a free port that no server of this process had: a client of that one would not know the difference."""
    refused: list[socket.socket] = []
    try:
        while True:
            listener = listen(host, 0)
            port = listener.getsockname()[1]
            if port not in _had or len(refused) == _ATTEMPTS:
                _had.add(port)
                return listener
            refused.append(listener)  # open until there is another, or it would be given out again
    finally:
        for listener in refused:
            listener.close()


def listen(host: str, port: int) -> socket.socket:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if not 0 <= port <= 65535:
        raise ServerError(f"Cannot listen on {where}: a port is a number up to 65535; use 0 for any free one.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ServerError(
            f"Cannot listen on {where}: no such host is known; use 127.0.0.1, or 0.0.0.0 for all of this machine's."
        ) from None
    refusals = []
    for family, _, _, _, address in sorted(found, key=lambda each: each[0] != socket.AF_INET):
        try:
            return socket.create_server(address, family=family, backlog=1024)
        except OSError as error:
            refusals.append(error)
    refused = refusals[0]
    if refused.errno == errno.EADDRINUSE:
        reason = "the port is in use; stop the program that has it or choose another (0 takes any free one)."
    elif refused.errno == errno.EACCES:
        reason = "ports below 1024 need special rights; choose one from 1024 up (0 takes any free one)."
    elif refused.errno == errno.EADDRNOTAVAIL:
        reason = "the address is not one of this machine's; use 127.0.0.1, or 0.0.0.0 for all it has."
    else:
        reason = f"{refused.strerror}; choose another host or port (port 0 takes any free one)."
    raise ServerError(f"Cannot listen on {where}: {reason}") from refused
