"""A client that does what a test says, in process, on a clock that the test moves."""

from __future__ import annotations

import base64
from typing import Any

from werkzeug.test import Client, TestResponse

from mock_airflow import MockAirflow
from mock_airflow.review.review import Review

AGENT = "night-loader/1.0 (data@example.com)"
DAGS = [f"dag_{number:03}" for number in range(130)]


def made(settings: dict[str, Any]) -> MockAirflow:
    """An Airflow of these settings with the DAG etl, and as many more as ``dags`` says."""
    given = dict(settings)
    dags = given.pop("dags", 0)
    airflow = MockAirflow(**{"clock": "2025-01-01T06:00:00Z", "frozen": True, **given})
    airflow.add_dag("etl", tasks=("extract", "load"))
    for name in DAGS[:dags]:
        airflow.add_dag(name, tasks=("only",))
    return airflow


class Talker:
    """Calls a mock as one client; ``wait`` is for how many seconds the clock goes on before the call."""

    def __init__(self, airflow: MockAirflow, agent: str = AGENT) -> None:
        self.airflow, self.agent = airflow, agent
        self.headers: dict[str, str] = {}
        self._client = Client(airflow.deployment.wsgi)
        self.api = airflow.deployment.api_path

    def __call__(self, method: str, path: str, *, wait: float = 0, **more: Any) -> TestResponse:
        if wait:
            self.airflow.clock.advance(wait)
        if not self.headers:
            self.headers = dict(self.airflow.headers)
        headers = {"User-Agent": self.agent, **self.headers, **more.pop("headers", {})}
        path = path if path.startswith(("/api", "/auth")) else self.api + path
        with_peer = more.pop("peer", None)
        environ = {"REMOTE_ADDR": "127.0.0.1", **({"REMOTE_PORT": with_peer} if with_peer else {})}
        return self._client.open(path, method=method, headers=headers, environ_overrides=environ, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self("POST", path, json={} if json is None else json, **more)

    def trigger(self, dag_id: str = "etl", **body: Any) -> str:
        """The id of a run that was asked for."""
        if self.airflow.deployment.generation == 3:
            body = {"logical_date": None, **body}
        answer = self.post(f"/dags/{dag_id}/dagRuns", body)
        assert answer.status_code in (200, 201), answer.text
        run_id: str = answer.get_json()["dag_run_id"]
        return run_id

    def review(self, **more: Any) -> Review:
        """What is said of it."""
        return self.airflow.review(**more)


def basic(name: str) -> dict[str, str]:
    """The credential of somebody whose password equals the name."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{name}".encode()).decode()}
