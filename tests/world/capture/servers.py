"""An Airflow to capture from, in this process, and one that starts from what was captured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from mock_airflow.deployment import Deployment
from mock_airflow.in_process.interception import Interception
from mock_airflow.settings import Settings
from mock_airflow.world.capture.capturing import Captured, capture
from mock_airflow.world.capture.gathering import WantedRows
from mock_airflow.world.reading import load_worlds, world_of
from tests.support import PEOPLE

URL = "https://airflow.example.com"
ADMIN = {"Authorization": "Basic YWRtaW46YWRtaW4="}
EVERYTHING = WantedRows(also=frozenset({"users", "xcoms", "logs"}), event_logs=1000, variable_values=True)
ETL = {
    "dags": [{"dag_id": "etl", "tasks": ["extract", "load"]}],
    "dag_runs": [
        {
            "dag_id": "etl",
            "dag_run_id": f"run_{day}",
            "state": "success",
            "execution_date": f"2025-05-0{day}T00:00:00Z",
            "start_date": f"2025-05-0{day}T00:00:01Z",
            "end_date": f"2025-05-0{day}T00:01:00Z",
        }
        for day in range(1, 6)
    ],
    "task_instances": [
        {"dag_id": "etl", "dag_run_id": f"run_{day}", "task_id": task, "state": "success", "try_number": 1}
        for day in range(1, 6)
        for task in ("extract", "load")
    ],
    "variables": [{"key": "greeting", "value": "a value of its own"}],
}


def deployment_of(*worlds: Mapping[str, Any] | Path, **settings: Any) -> Deployment:
    """A deployment whose five people have passwords like their names, at 2025-06-01T12:00 UTC."""
    users = [f"{name}:{name}:{name.capitalize()}" for name in PEOPLE]
    deployment = Deployment(Settings.of(**{"clock": "2025-06-01T12:00:00Z", "frozen": True, "user": users, **settings}))
    for world in worlds:
        read = load_worlds([str(world)]) if isinstance(world, Path) else world_of(world)
        read.apply(deployment)
    deployment.begin()
    return deployment


def captured(app: Any, output: Path, wanted: WantedRows = EVERYTHING, *, url: str = URL, **more: Any) -> Captured:
    """Capture what answers at a URL, by default as the administrator."""
    with Interception(app, url):
        return capture(url, more.pop("headers", ADMIN), output, wanted, **more)


def get(deployment: Deployment, path: str, by: str | None = "admin", **more: Any) -> TestResponse:
    """Ask a deployment as somebody."""
    return Client(deployment.wsgi).get(path, auth=None if by is None else (by, by), **more)


def content_of(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


class Gate:
    """An application in front of another one: it notes what is asked, and answers some of it itself."""

    def __init__(self, app: Any, **answers: tuple[str, str]) -> None:
        self.app, self.answers = app, answers
        self.asked: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(f"{environ['REQUEST_METHOD']} {path}")
        for part, (status, body) in self.answers.items():
            if part in path:
                start_response(status, [("Content-Type", "application/json")])
                return [body.encode()]
        return self.app(environ, start_response)
