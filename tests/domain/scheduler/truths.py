"""What is so at any moment of any history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mock_airflow import MockAirflow
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import DagRun, TaskInstance

from .worlds import World

NEXT: dict[str | None, set[str]] = {
    None: {"scheduled", "queued", "success", "skipped", "upstream_failed", "removed"},
    "scheduled": {"queued", "skipped"},
    "queued": {"running", "skipped"},
    "running": {"success", "failed", "skipped", "up_for_retry", "up_for_reschedule", "deferred"},
    "up_for_retry": {"scheduled", "queued", "skipped"},
    "up_for_reschedule": {"scheduled", "queued", "skipped"},
    "deferred": {"scheduled", "queued", "skipped"},
}
FINISHED = {"success", "failed", "skipped", "upstream_failed", "removed"}
ACTIVE = ("queued", "running")


def _reachable() -> dict[str | None, set[str]]:
    """All states that may follow each, however seldom somebody looks."""
    found = {state: set(after) for state, after in NEXT.items()}
    for _ in NEXT:
        for after in found.values():
            after |= {further for state in after for further in found.get(state, ())}
    return found


REACHABLE = _reachable()


class Witness:
    """Looks at a world again and again, and compares each moment with the one before."""

    def __init__(self, mock: MockAirflow, world: World) -> None:
        self.mock, self.world = mock, world
        self.airflow: Airflow = mock.deployment.airflow
        self.before: dict[Any, str | None] = {}
        self.widest = world["pools"][0]["slots"]

    def interfered(self) -> None:
        """Somebody changed something: what follows need not follow from what was."""
        self.before = {}
        pool = self.airflow.pools.get("narrow")
        self.widest = max(self.widest, pool.slots if pool else 0)

    def look(self) -> None:
        """Check that the moment is a possible one, and may follow the one before."""
        self.mock.deployment.settle()
        now = self.mock.clock.now()
        for run in self.airflow.dag_runs:
            self._run(run, now)
        for row in self.airflow.task_instances:
            self._instance(row, now)
        self._tries()
        self._bounds()
        self.before = {row.key: row.state for row in self.airflow.task_instances}

    def _run(self, run: DagRun, now: datetime) -> None:
        if run.state != "queued":
            known = [one for one in (run.queued_at, run.start_date, run.end_date) if one is not None]
            assert known == sorted(known)
            assert all(one <= now for one in known)
        assert (run.end_date is not None) == (run.state in ("success", "failed"))

    def _instance(self, row: TaskInstance, now: datetime) -> None:
        moments = [one for one in (row.start_date, row.end_date) if one is not None]
        if row.state not in (None, "scheduled", "queued", "running"):  # those have the dates of their last attempt
            assert moments == sorted(moments), row
        assert all(one <= now for one in (*moments, row.queued_when) if one is not None)
        if row.state == "running":
            assert row.start_date is not None
            assert row.end_date is None or (row.key, row.try_number) in self.airflow.tries  # cleared as it ran
            assert row.waits or (row.queued_when is not None and row.queued_when <= row.start_date)
        if row.key in self.before:
            was = self.before[row.key]
            assert row.state == was or row.state in REACHABLE.get(was, ()), (was, row.state)

    def _tries(self) -> None:
        """One attempt ended before the next began."""
        by_place: dict[Any, list[Any]] = defaultdict(list)
        for each in self.airflow.tries:
            by_place[(each.dag_id, each.run_id, each.task_id, each.map_index)].append(each)
        for tries in by_place.values():
            numbers = [each.try_number for each in tries]
            assert len(numbers) == len(set(numbers))
            assert all(each.state in FINISHED for each in tries)

    def _bounds(self) -> None:
        used: Counter[str] = Counter()
        active: Counter[str] = Counter()
        of_task: Counter[tuple[str, str]] = Counter()
        deferred = self.world["pools"][0]["include_deferred"]
        for row in self.airflow.task_instances:
            if row.state in ACTIVE or (deferred and row.state == "deferred"):
                used[row.pool] += row.pool_slots
            if row.state in ACTIVE:
                active[row.dag_id] += 1
                of_task[row.dag_id, row.task_id] += 1
        assert used["narrow"] <= self.widest
        for dag in self.world["dags"]:
            dag_id = dag["dag_id"]
            assert active[dag_id] <= dag["max_active_tasks"]
            assert len(self.airflow.dag_runs.group("open", (dag_id, "running"))) <= dag["max_active_runs"]
            for task in dag["tasks"]:
                assert of_task[dag_id, task["task_id"]] <= task.get("max_active_tis_per_dag", 99)


def bounds_were_kept(mock: MockAirflow, world: World) -> None:
    """In no moment of the whole history, seen or not, more ran than there was room for; of tasks that never wait."""
    airflow = mock.deployment.airflow
    waiting = {
        (dag["dag_id"], task_id)
        for dag in world["dags"]
        for task_id, told in world["plans"].get(dag["dag_id"], {}).items()
        if isinstance(told, dict) and ("pokes" in told or "deferred" in told)
    }
    by_pool: list[tuple[datetime, int]] = []
    by_dag: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in (*airflow.task_instances, *airflow.tries):
        ran = row.state in ("success", "failed") and row.try_number and row.pid
        if not ran or (row.dag_id, row.task_id) in waiting or row.start_date is None or row.end_date is None:
            continue
        by_dag[row.dag_id] += [(row.start_date, 1), (row.end_date, -1)]
        if row.pool == "narrow":
            by_pool += [(row.start_date, row.pool_slots), (row.end_date, -row.pool_slots)]
    assert _most(by_pool) <= world["pools"][0]["slots"]
    for dag in world["dags"]:
        assert _most(by_dag[dag["dag_id"]]) <= dag["max_active_tasks"]


def _most(changes: Iterable[tuple[datetime, int]]) -> int:
    total = most = 0
    for _, change in sorted(changes, key=lambda each: (each[0], each[1])):
        total += change
        most = max(most, total)
    return most


def leaves(dag: Mapping[str, Any]) -> set[str]:
    """The tasks that decide on a run: nothing but teardowns that may fail is below them."""
    tasks = {task["task_id"]: task for task in dag["tasks"]}
    may_fail = {
        name for name, task in tasks.items() if task.get("is_teardown") and not task.get("on_failure_fail_dagrun")
    }
    deciding = {
        name for name, task in tasks.items() if name not in may_fail and set(task["downstream_task_ids"]) <= may_fail
    }
    return deciding or {name for name, task in tasks.items() if not task["downstream_task_ids"]}


def ends_agree(mock: MockAirflow, world: World) -> None:
    """Runs that nobody touched ended as their leaves did, or out of time, or with something left that cannot begin."""
    airflow = mock.deployment.airflow
    for dag in world["dags"]:
        deciding = leaves(dag)
        for run in airflow.dag_runs.group("dag_id", dag["dag_id"]).values():
            rows = list(airflow.task_instances.group("run", run.key).values())
            bad = any(row.state in ("failed", "upstream_failed") for row in rows if row.task_id in deciding)
            stuck = any(row.state not in FINISHED for row in rows)
            seconds = (run.end_date - run.start_date).total_seconds() if run.end_date and run.start_date else 0
            late = dag.get("dag_run_timeout") is not None and seconds >= dag["dag_run_timeout"]
            if run.state == "success":
                assert not bad
                assert not stuck
            elif run.state == "failed":
                assert bad or stuck or late


_RAN = {
    "all_success": lambda states: states <= {"success", "removed"},
    "all_failed": lambda states: states <= {"failed", "upstream_failed", "removed"},
    "all_done": lambda states: states <= FINISHED,
    "one_success": lambda states: "success" in states,
    "one_failed": lambda states: bool(states & {"failed", "upstream_failed"}),
    "one_done": lambda states: bool(states & {"success", "failed"}),
    "none_failed": lambda states: not states & {"failed", "upstream_failed"},
    "none_failed_min_one_success": lambda states: "success" in states and not states & {"failed", "upstream_failed"},
    "none_skipped": lambda states: "skipped" not in states and states <= FINISHED,
    "all_skipped": lambda states: states <= {"skipped", "removed"},
}


def rules_were_kept(mock: MockAirflow, world: World) -> None:
    """What ran in a run that nobody touched was allowed to by its trigger rule."""
    airflow = mock.deployment.airflow
    for dag in world["dags"]:
        above: dict[str, list[str]] = defaultdict(list)
        for task in dag["tasks"]:
            for below in task["downstream_task_ids"]:
                above[below].append(task["task_id"])
        for run in airflow.dag_runs.group("dag_id", dag["dag_id"]).values():
            rows = list(airflow.task_instances.group("run", run.key).values())
            states: dict[str, set[Any]] = defaultdict(set)
            for row in rows:
                states[row.task_id].add(row.state)
            if run.state not in ("success", "failed") or (dag.get("dag_run_timeout") and run.state == "failed"):
                continue
            for task in dag["tasks"]:
                ran = any(row.try_number for row in rows if row.task_id == task["task_id"])
                allowed = _RAN.get(task["trigger_rule"])
                found: set[Any] = set().union(*(states[name] for name in above[task["task_id"]]))
                if ran and allowed and above[task["task_id"]] and "mapped_group" not in task:
                    assert allowed(found), (run.key, task["task_id"], task["trigger_rule"], found)
