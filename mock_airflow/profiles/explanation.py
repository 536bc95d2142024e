"""One screen of explanation, and what its calls are made of."""

from __future__ import annotations

from dataclasses import dataclass

from mock_airflow.settings.address import SERVED_AT

HOST = SERVED_AT

API = f"{HOST}/api/v1"
API2 = f"{HOST}/api/v2"
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
