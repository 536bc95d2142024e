"""One screen of explanation, and what its calls are made of."""

from __future__ import annotations

from dataclasses import dataclass

API = "http://127.0.0.1:8080/api/v1"
API2 = "http://127.0.0.1:8080/api/v2"
HOST = "http://127.0.0.1:8080"
CONTROL = f"{HOST}/__mock__"
ADMIN = "-u admin:admin"
JSON = "-H 'Content-Type: application/json'"
RUNS = f"{API}/dags/bad_variable_usage/dagRuns"
RUNS2 = f"{API2}/dags/bad_variable_usage/dagRuns"
KEY = "my-secret-key-0001"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One screen. ``calls`` are curl commands with the status that each is answered with, for a demo world.

    The server runs with ``options``; each of ``elsewhere`` is the same for a server with other options.
    """

    title: str
    meaning: str
    causes: tuple[str, ...]
    options: str = ""
    calls: tuple[tuple[str, int], ...]
    elsewhere: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
