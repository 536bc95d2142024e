"""What somebody does from outside, by the API, told so that it can be done alike in two equal worlds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import Client

from mock_airflow import MockAirflow

from .worlds import DATASETS, Action

ADMIN = ("admin", "admin")
DAGS = ("one", "two", "waits")


class Outside:
    """Somebody with a client."""

    def __init__(self, mock: MockAirflow) -> None:
        self.deployment, self.airflow = mock.deployment, mock.deployment.airflow
        self.client = Client(mock.deployment.wsgi)

    def act(self, action: Action) -> None:
        """Do it, whatever comes of it; no answer may be a failure of ours."""
        self.deployment.settle()  # what there is to choose from is what there is by now
        name, which, how = action
        verb: Callable[[int, int], Any] = getattr(self, name)
        answer = verb(which, how)
        assert answer is None or answer.status_code < 500, (action, answer.get_data(as_text=True))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        more = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, auth=ADMIN, **more)

    def _run(self, which: int) -> Any:
        runs = sorted(self.airflow.dag_runs, key=lambda run: run.key)
        return runs[which % len(runs)] if runs else None

    def trigger(self, which: int, how: int) -> Any:
        return self._ask("POST", f"/dags/{DAGS[which % 3]}/dagRuns", {"dag_run_id": f"by_hand_{how}"})

    def clear_run(self, which: int, how: int) -> Any:
        run = self._run(which)
        return run and self._ask("POST", f"/dags/{run.dag_id}/dagRuns/{run.run_id}/clear", {"dry_run": False})

    def clear_some(self, which: int, how: int) -> Any:
        run = self._run(which)
        body: dict[str, Any] = {"dry_run": False, "only_failed": bool(how & 1), "reset_dag_runs": bool(how & 14)}
        if run is None:
            return None
        if how & 16:
            body |= {"task_ids": [f"t{how % 5}"], "include_downstream": bool(how & 32)}
        if how & 64:
            body["include_upstream"] = "task_ids" in body
        if how & 128:
            body |= {"dag_run_id": run.run_id, "include_future": bool(how & 256)}
        return self._ask("POST", f"/dags/{run.dag_id}/clearTaskInstances", body)

    def mark_task(self, which: int, how: int) -> Any:
        rows = sorted(self.airflow.task_instances, key=lambda row: row.key)
        if not rows:
            return None
        row = rows[which % len(rows)]
        index = "" if row.map_index < 0 else f"/{row.map_index}"
        path = f"/dags/{row.dag_id}/dagRuns/{row.run_id}/taskInstances/{row.task_id}{index}"
        state = ("success", "failed", "skipped")[how % 3]
        return self._ask("PATCH", path, {"dry_run": False, "new_state": state})

    def mark_run(self, which: int, how: int) -> Any:
        run = self._run(which)
        state = ("success", "failed", "queued")[how % 3]
        return run and self._ask("PATCH", f"/dags/{run.dag_id}/dagRuns/{run.run_id}", {"state": state})

    def delete_run(self, which: int, how: int) -> Any:
        run = self._run(which)
        return run and self._ask("DELETE", f"/dags/{run.dag_id}/dagRuns/{run.run_id}")

    def pause(self, which: int, how: int) -> Any:
        return self._ask("PATCH", f"/dags/{DAGS[which % 3]}", {"is_paused": True})

    def unpause(self, which: int, how: int) -> Any:
        return self._ask("PATCH", f"/dags/{DAGS[which % 3]}", {"is_paused": False})

    def pool_slots(self, which: int, how: int) -> Any:
        return self._ask("PATCH", "/pools/narrow?update_mask=slots", {"slots": 2 + how % 3})

    def dataset_event(self, which: int, how: int) -> Any:
        return self._ask("POST", "/datasets/events", {"dataset_uri": DATASETS[which % 2]})

    def delete_queued_events(self, which: int, how: int) -> Any:
        return self._ask("DELETE", "/dags/waits/datasets/queuedEvent")
