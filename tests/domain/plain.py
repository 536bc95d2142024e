"""An Airflow of the domain alone: no server, no API, and a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from mock_airflow.domain import asset_references, dag_runs, dags, task_instances
from mock_airflow.domain.airflow import Airflow, RunsMode
from mock_airflow.domain.clock import Clock
from mock_airflow.domain.ids import Ids
from mock_airflow.domain.records import Dag, DagRun, Pool, RunKey, Task, TaskInstance, TaskInstanceKey, TaskInstanceTry
from mock_airflow.domain.scheduler import plans, scheduled_runs
from mock_airflow.domain.scheduler.settling import settle
from mock_airflow.domain.triggering import NewRun, triggered

NOON = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)


def day(number: int, hour: int = 0) -> datetime:
    """A moment of May 2025."""
    return datetime(2025, 5, number, hour, tzinfo=timezone.utc)


def task(task_id: str, *downstream: str, **fields: Any) -> Task:
    """A task that runs Python, and the tasks that follow it."""
    kind = {"operator_name": "PythonOperator", "class_name": "PythonOperator"}
    return Task(task_id=task_id, task_display_name=task_id, downstream_task_ids=downstream, **{**kind, **fields})


def dag(dag_id: str, *tasks: Task, **fields: Any) -> Dag:
    """A DAG that no schedule starts, unless the fields have one."""
    named = {one.task_id: one for one in tasks}
    place: dict[str, Any] = {"fileloc": f"/dags/{dag_id}.py", "file_token": dag_id, "dag_display_name": dag_id}
    return Dag(dag_id=dag_id, tasks=named, **{**place, **fields})


class Plain:
    """DAGs and pools whose runs the test triggers, and whose clock it moves."""

    def __init__(
        self,
        *declared: Dag,
        at: datetime = NOON,
        pools: Mapping[str, int] = {},
        runs: RunsMode = "timed",
        **given: Any,
    ) -> None:
        self.clock = Clock(lambda: 0.0, lambda seconds: None)
        self.clock.freeze(at)
        self.airflow = Airflow(self.clock, Ids(0), runs, **given)
        for name, slots in {"default_pool": 128, **pools}.items():
            self.airflow.pools.put(Pool(id=self.airflow.next_id("pools"), name=name, slots=slots))
        for each in declared:
            self.airflow.dags.put(each)
            asset_references.link(self.airflow, each)
            scheduled_runs.take_up(self.airflow, each.dag_id)

    def plan(self, dag_id: str, form: Mapping[str, Any]) -> None:
        """Have the runs of a DAG unfold so."""
        plans.give(self.airflow, dag_id, form)

    def trigger(self, dag_id: str, run_id: str = "new", logical_date: datetime = NOON, **fields: Any) -> DagRun:
        """Trigger a run."""
        return triggered(self.airflow, NewRun(dag_id=dag_id, run_id=run_id, logical_date=logical_date, **fields))

    def wait(self, seconds: float) -> None:
        """Let time pass, and all happen that is due by then."""
        self.clock.advance(seconds)
        settle(self.airflow)

    def dag(self, dag_id: str) -> Dag:
        """A DAG as it is now."""
        return dags.get(self.airflow, dag_id)

    def run(self, dag_id: str, run_id: str = "new") -> DagRun:
        """A run as it is now."""
        return dag_runs.get(self.airflow, dag_id, run_id)

    def one(self, dag_id: str, task_id: str, run_id: str = "new", map_index: int = -1) -> TaskInstance:
        """A task instance as it is now."""
        return task_instances.get_exactly(self.airflow, TaskInstanceKey(dag_id, run_id, task_id, map_index))

    def attempts(self, dag_id: str, task_id: str, run_id: str = "new") -> list[TaskInstance | TaskInstanceTry]:
        """The attempts of a task in a run, the last one as it is now."""
        key = TaskInstanceKey(dag_id, run_id, task_id)
        return list(task_instances.tries(self.airflow, key))

    def instances(self, dag_id: str, run_id: str = "new") -> list[TaskInstance]:
        """The task instances of a run as they are now, in the order they were made."""
        return list(self.airflow.task_instances.group("run", RunKey(dag_id, run_id)).values())

    def states(self, dag_id: str, run_id: str = "new") -> dict[str, Any]:
        """The state of each task; of a mapped one those of its instances."""
        told: dict[str, Any] = {}
        for row in self.instances(dag_id, run_id):
            if row.map_index < 0:
                told[row.task_id] = row.state
            else:
                told.setdefault(row.task_id, []).append(row.state)
        return told
