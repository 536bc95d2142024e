"""Stories of the recorded lives, told here again: on a clock of their own, by plans, in words that compare.

What belongs to a generation of Airflow, the fields of its answers and how one calls it, is with the lives of that one.
"""

from __future__ import annotations

import importlib.util
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from mock_airflow.deployment import Deployment
from mock_airflow.domain.records import RunKey
from mock_airflow.domain.scheduler import plans
from mock_airflow.in_process.wsgi_call import Reply, wsgi_call

SECONDS_A_REQUEST = 0.05
A_MOMENT = "a moment"
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+\d\d:\d\d|Z)")


class Teller(ABC):
    """Words what was gathered of a story, so that two tellings of it compare.

    Moments of the story itself differ and become ``a moment``; older ones, such as the data intervals of scheduled
    runs, are compared to the microsecond.
    """

    def __init__(self, began: datetime) -> None:
        self._began = began - timedelta(minutes=30)

    def account(self, gathered: Mapping[str, Any]) -> dict[str, Any]:
        """What became of the DAGs, and the counts."""
        return {
            "dags": {dag_id: self.dag(found) for dag_id, found in gathered["dags"].items()},
            "stats": {each["dag_id"]: {s["state"]: s["count"] for s in each["stats"]} for each in gathered["stats"]},
        }

    @abstractmethod
    def dag(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """What became of a DAG: runs, task instances, tries, events, the next run."""

    def names(self, runs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Run ids with their moments taken out, numbered where that makes them equal."""
        names: dict[str, str] = {}
        for run in runs:
            name = self.stamped(run["dag_run_id"])
            names[run["dag_run_id"]] = f"{name} #{sum(n.startswith(name) for n in names.values()) + 1}"
        return names

    def stamped(self, value: Any) -> Any:
        """A value without the moments of the story."""
        return _STAMP.sub(self._said, value) if isinstance(value, str) else value

    def _said(self, found: re.Match[str]) -> str:
        told = datetime.fromisoformat(found[0].replace("Z", "+00:00"))
        return A_MOMENT if told > self._began else found[0]


class Retelling(ABC):
    """A story told here, by its plan: the DAGs' own, those of single runs, and those that come before a request."""

    root: ClassVar[str]  # of the API
    lives: ClassVar[Path]

    def __init__(self, deployment: Deployment, story: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
        self.deployment, self.story, self.plan = deployment, story, plan
        self.clock = self.deployment.clock
        for dag_id, form in self.plan.get("dags", {}).items():
            plans.give(self.deployment.airflow, dag_id, form)
        self._of_runs = list(self.plan.get("runs", ()))

    @abstractmethod
    def credential(self) -> str:
        """The header Authorization."""

    def told(self, *more: Any) -> Mapping[str, Any]:
        """What became of the story's DAGs; ``more`` is what the recording's own player asks for besides."""
        player = telling(self.lives / "telling.py")
        result: Mapping[str, Any] = player.play(self.story, self.ask, self._now, self.clock.advance, *more)
        return result

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def send(self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes) -> Reply:
        """Call without a socket."""
        return wsgi_call(self.deployment.wsgi, method, f"http://localhost{path}", list(headers), body)

    def ask(self, method: str, path: str, query: Any, body: Any) -> tuple[int, Any]:
        """Make a call of the story, with the plans that are for just before it and just after."""
        airflow = self.deployment.airflow
        if before := self.plan.get("before", {}).get(f"{method} {path}"):
            plans.give(airflow, before[0], before[2], before[1])
        self.clock.advance(SECONDS_A_REQUEST)
        url = f"{self.root}{quote(path, safe='/~:')}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        headers = [("Authorization", self.credential())]
        headers += [] if body is None else [("Content-Type", "application/json")]
        reply = self.send(method, url, headers, b"" if body is None else json.dumps(body).encode())
        for planned in [each for each in self._of_runs if RunKey(each[0], each[1]) in airflow.dag_runs]:
            plans.give(airflow, planned[0], planned[2], planned[1])
            self._of_runs.remove(planned)
        return reply.status, json.loads(reply.body.strip() or b"null")


def tries(rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, str | None]]:
    """Number and state of each try."""
    return [(row["try_number"], row["state"]) for row in rows]


@cache
def telling(file: Path) -> Any:
    """The recording's own player, which plays here what it played there."""
    spec = importlib.util.spec_from_file_location(f"telling of {file.parent.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
