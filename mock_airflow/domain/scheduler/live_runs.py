"""Runs while time passes, with their task instances at hand, written back to the tables when that is over.

Between two moments at which somebody looks, a run may go through all of its states. Nobody sees those in between, so
they are not written; what a task leaves on its way (the audit log, xcoms, asset events, attempts) is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from mock_airflow.domain import dag_runs
from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.records import (
    FINISHED_TASK,
    HOLDING,
    Dag,
    DagRun,
    Graph,
    Node,
    RunKey,
    TaskInstance,
    TaskInstanceKey,
)
from mock_airflow.domain.scheduler.graphs import graph_of
from mock_airflow.domain.scheduler.slots import Slots
from mock_airflow.domain.task_instances import placed

_NOTHING = timedelta(0)


class Work:
    """A task instance under way; ``written`` says whether the tables have its row as it is."""

    __slots__ = ("key", "node", "row", "written")

    def __init__(self, node: Node, row: TaskInstance) -> None:
        self.node, self.row, self.written = node, row, True
        self.key = row.key  # which stays, whatever becomes of the row

    @property
    def moment(self) -> datetime | None:
        """When it goes on by itself."""
        return self.row.ends_at if self.row.state == "running" else self.row.wake_at

    @property
    def order(self) -> tuple[int, int]:
        """Its place among those of the run."""
        return self.node.index, self.row.map_index


class LiveRun:
    """One run with its task instances at hand: what is under way, what was not scheduled yet, what waits for a slot."""

    def __init__(self, stage: LiveRuns[Any], run: DagRun, dag: Dag) -> None:
        self.stage, self.airflow, self.slots = stage, stage.airflow, stage.slots
        self.run, self.dag = run, dag
        self.decided_at: datetime | None = None
        self.alone = False
        self.graph: Graph = graph_of(self.airflow, dag)
        self.works: dict[TaskInstanceKey, Work] = {}
        self.by_task: dict[str, list[Work]] = {}
        self.active: dict[TaskInstanceKey, Work] = {}  # what goes on by itself
        self.idle: dict[TaskInstanceKey, Work] = {}  # what was not scheduled yet
        self.waiting: dict[TaskInstanceKey, Work] = {}  # what waits for a slot
        pools = set()
        for row in list(self.airflow.task_instances.group("run", run.key).values()):
            node = self.graph.nodes.get(row.task_id)
            if node is None:
                if row.state is None or self.airflow.conduct.versions:  # a run goes by the newest file (observed)
                    self.airflow.task_instances.put(replace(row, state="removed", updated_at=run.updated_at))
                continue
            self._take(Work(node, row))
            pools.add(row.pool)
        if self.airflow.conduct.versions and len(self.by_task) < len(self.graph.nodes):
            self._add_new_tasks()
        self.slots.know(dag, pools)

    def _add_new_tasks(self) -> None:
        """Take in the tasks that the DAG's file has got since the run was made."""
        for name, node in self.graph.nodes.items():
            if name not in self.by_task and dag_runs.in_season(self.dag, node.task, self.run):
                self.add(node, -1, self.run.updated_at)

    def _take(self, work: Work) -> None:
        self.works[work.key] = work
        self.by_task.setdefault(work.row.task_id, []).append(work)
        self._sort_in(work)

    def add(self, node: Node, map_index: int, at: datetime) -> Work:
        """Make one more instance of a task."""
        row = self.airflow.task_instances.put(replace(placed(node.fresh, self.run, map_index), updated_at=at))
        work = Work(node, row)
        self._take(work)
        return work

    def remove(self, work: Work) -> None:
        """Do without a task instance that was not scheduled yet."""
        self.airflow.task_instances.delete(work.key)
        del self.works[work.key], self.idle[work.key]
        self.by_task[work.row.task_id].remove(work)

    def _sort_in(self, work: Work) -> None:
        state = work.row.state
        if state is None:
            self.idle[work.key] = work
        elif state == "scheduled":
            self.waiting[work.key] = work
        elif state not in FINISHED_TASK:
            self.active[work.key] = work

    def put(self, work: Work, row: TaskInstance) -> None:
        """Give a task instance another row."""
        before, work.row, work.written = work.row.state, row, False
        if before == row.state:
            return
        (self.idle if before is None else self.waiting if before == "scheduled" else self.active).pop(work.key, None)
        self._sort_in(work)
        if self.slots.moved(row, before):
            self.stage.freed(row.pool, row.dag_id)

    def write(self) -> None:
        """Bring the tables up to date with this run."""
        for work in self.works.values():
            if not work.written:
                self.airflow.task_instances.put(work.row)
                work.written = True
        at, self.decided_at = self.decided_at, None
        if at is not None:
            self.run = self.airflow.dag_runs.put(replace(self.run, last_scheduling_decision=at, updated_at=at))

    def queue(self, work: Work, at: datetime) -> None:
        """Schedule a task instance, and hand it to its pool if that has room.

        Its next attempt gets its number here, unless it only waited (observed). In a pool that does not exist it waits
        for ever.
        """
        number = work.row.try_number + (work.row.waits == 0)
        if self.alone and self.slots.room(work.row, self.dag) and not self.over_own_bounds(work):
            self.admit(work, at, number)
        else:
            self.put(work, replace(work.row, state="scheduled", try_number=number, wake_at=None, updated_at=at))
            self.slots.wait(work.row)
            self.stage.pools.add(work.row.pool)

    def admit(self, work: Work, at: datetime, try_number: int | None = None) -> None:
        """Queue a task instance; its process begins a loop later."""
        number = work.row.try_number if try_number is None else try_number
        begins = at + self.stage.loop
        row = replace(work.row, state="queued", try_number=number, queued_when=at, wake_at=begins, updated_at=at)
        self.put(work, row)

    def over_own_bounds(self, work: Work) -> bool:
        """Whether the task has as many active instances as it may have by itself."""
        task = work.node.task
        if not self.graph.bounded:
            return False
        here = sum(other.row.state in HOLDING for other in self.by_task.get(task.task_id, ()))
        if task.max_active_tis_per_dagrun is not None and here >= task.max_active_tis_per_dagrun:
            return True
        if task.max_active_tis_per_dag is None:
            return False
        for key in self.airflow.dag_runs.group("open", (self.dag.dag_id, "running")):
            if key != self.run.key:
                rows = self.stage.rows_of(key)
                here += sum(row.task_id == task.task_id and row.state in HOLDING for row in rows)
        return here >= task.max_active_tis_per_dag


L = TypeVar("L", bound=LiveRun)


class LiveRuns(Generic[L]):
    """The runs that live while time passes up to the moment ``until``, and the slots for which their tasks wait."""

    def __init__(self, airflow: Airflow, until: datetime) -> None:
        self.airflow, self.until = airflow, until
        self.lives: dict[RunKey, L] = {}
        self.slots = Slots(airflow)
        self.loop = _NOTHING if airflow.runs == "instant" else SCHEDULER_LOOP
        self.pools: set[str] = set()  # those in which somebody may be let in at the end of this moment

    def rows_of(self, key: RunKey) -> list[TaskInstance]:
        """The task instances of a run as they are now, whether it lives here or not."""
        life = self.lives.get(key)
        if life is not None:
            return [work.row for work in life.works.values()]
        return list(self.airflow.task_instances.group("run", key).values())

    def write(self) -> None:
        """Bring the tables up to date."""
        for life in list(self.lives.values()):
            life.write()
        self.lives.clear()

    def freed(self, pool: str, dag_id: str) -> None:
        """Note that a slot of the pool, and one of the DAG's, came free."""
        if self.slots.count:
            self.pools.add(pool)
            self.pools.update(other for other, heaps in self.slots.waiting.items() if heaps.get(dag_id))
