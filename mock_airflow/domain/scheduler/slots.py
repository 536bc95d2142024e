"""Who may be queued: the slots of pools and the bounds on a DAG's active tasks, and who waits for them.

Those who wait are let in by weight, then by logical date and map_index, whatever their run and DAG (code, observed);
of equal ones the run and the task that were there first (observed).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from operator import itemgetter
from typing import TypeAlias

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.pools import counted_states, slots_of
from mock_airflow.domain.records import HOLDING, Dag, TaskInstance, TaskInstanceKey
from mock_airflow.domain.scheduler.graphs import graph_of

_Entry: TypeAlias = tuple[int, float, int, int, int, TaskInstanceKey]


class Slots:
    """How full pools and DAGs are while time passes, without asking the tables again.

    ``know`` has to be called for a pool and a DAG before anything of theirs changes.
    """

    def __init__(self, airflow: Airflow) -> None:
        self.airflow = airflow
        self.taken: dict[str, int] = {}
        self.active: dict[str, int] = {}
        self.waiting: dict[str, dict[str, list[_Entry]]] = defaultdict(dict)  # by pool and DAG
        self.count = 0  # of those who wait

    def know(self, dag: Dag, pools: Iterable[str]) -> None:
        """Count what the tables tell of the DAG and the pools, if that was not done yet."""
        airflow = self.airflow
        if dag.dag_id not in self.active:
            running = airflow.dag_runs.group("open", (dag.dag_id, "running"))
            rows = (row for key in running for row in airflow.task_instances.group("run", key).values())
            self.active[dag.dag_id] = sum(row.state in HOLDING for row in rows)
        for pool in pools:
            if pool not in self.taken:
                self.taken[pool] = slots_of(airflow, pool, counted_states(airflow.pools.get(pool)))
                for row in airflow.task_instances.group("pool", (pool, "scheduled")).values():
                    self.wait(row)

    def moved(self, row: TaskInstance, before: str | None) -> bool:
        """Note a task instance's new state; whether that made room."""
        held, holds = before in HOLDING, row.state in HOLDING
        if held != holds:
            self.active[row.dag_id] = self.active.get(row.dag_id, 0) + (1 if holds else -1)
        if "deferred" in (before, row.state):
            states = counted_states(self.airflow.pools.get(row.pool))
            held, holds = before in states, row.state in states
        if held != holds:
            self.taken[row.pool] = self.taken.get(row.pool, 0) + (row.pool_slots if holds else -row.pool_slots)
        return held and not holds

    def are_free(self, dag: Dag, count: int, needed: Mapping[str, int]) -> bool:
        """Whether so many task instances of a DAG may be queued at once, and nobody waits; slots by pool."""
        if self.count:
            return False
        if count and self.active[dag.dag_id] + count > dag.max_active_tasks:
            return False
        for name, slots in needed.items():
            pool = self.airflow.pools.get(name)
            if pool is None or (pool.slots != -1 and pool.slots - self.taken[name] < slots):
                return False
        return True

    def room(self, row: TaskInstance, dag: Dag) -> bool:
        """Whether the task instance may be queued; never in a pool that does not exist."""
        pool = self.airflow.pools.get(row.pool)
        if pool is None or self.active.get(dag.dag_id, 0) >= dag.max_active_tasks:
            return False
        return pool.slots == -1 or pool.slots - self.taken.get(row.pool, 0) >= row.pool_slots

    def wait(self, row: TaskInstance) -> None:
        """Have the task instance let in when there is room."""
        run, dag = self.airflow.dag_runs.get(row.run_key), self.airflow.dags.get(row.dag_id)
        node = graph_of(self.airflow, dag).nodes.get(row.task_id) if dag is not None else None
        if run is None or node is None:
            return
        order = (-(row.priority_weight or 0), row.logical_date.timestamp(), row.map_index, run.id, node.index)
        heapq.heappush(self.waiting[row.pool].setdefault(row.dag_id, []), (*order, row.key))
        self.count += 1

    def next(self, pools: Collection[str], but_not: Collection[str]) -> TaskInstanceKey | None:
        """The first who waits in one of the pools, except of some DAGs; it waits no longer."""
        heads = (
            heap
            for pool in pools
            for dag_id, heap in self.waiting.get(pool, {}).items()
            if heap and dag_id not in but_not
        )
        heap = min(heads, key=itemgetter(0), default=None)
        if heap is None:
            return None
        self.count -= 1
        return heapq.heappop(heap)[-1]
