"""All runs that live while time passes up to one moment, and the slots for which their tasks wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.records import Dag, DagRun, RunKey, TaskInstance
from mock_airflow.domain.scheduler.repetition import Courses
from mock_airflow.domain.scheduler.run_under_way import Life, Work
from mock_airflow.domain.scheduler.slots import Slots

_NOTHING = timedelta(0)


class Stage:
    """The runs that live while time passes up to the moment ``until``."""

    def __init__(self, airflow: Airflow, until: datetime) -> None:
        self.airflow, self.until = airflow, until
        self.lives: dict[RunKey, Life] = {}
        self.slots = Slots(airflow)
        self.courses = Courses()
        self.loop = _NOTHING if airflow.runs == "instant" else SCHEDULER_LOOP
        self.pools: set[str] = set()  # those in which somebody may be let in at the end of this moment

    def life(self, run: DagRun, dag: Dag) -> Life:
        """The run with its task instances at hand."""
        life = self.lives.get(run.key)
        if life is None:
            life = self.lives[run.key] = Life(self, run, dag)
        return life

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

    def fill(self, at: datetime) -> None:
        """Queue those who wait for as long as there is room, the first of all runs and DAGs first.

        That is done when all of a moment's runs were looked at, as the scheduler does (code).
        """
        pools, full_dags, back = self.pools, set[str](), list[Work]()
        self.pools = set()
        while pools and (key := self.slots.next(pools, full_dags)) is not None:
            dag, run = self.airflow.dags.get(key.dag_id), self.airflow.dag_runs.get(RunKey(key.dag_id, key.run_id))
            if dag is None or run is None or dag.rests or run.state != "running":
                continue
            life = self.life(run, dag)
            work = life.works.get(key)
            if work is None or work.row.state != "scheduled":
                continue
            if not self.slots.room(work.row, dag):
                back.append(work)
                if self.slots.active.get(key.dag_id, 0) >= dag.max_active_tasks:
                    full_dags.add(key.dag_id)
                elif work.row.pool_slots <= 1:  # of those who need more, another may need less
                    pools.discard(work.row.pool)
            elif life.over_own_bounds(work):
                back.append(work)
            else:
                life.admit(work, at)
                self.airflow.wake(run.key, at + self.loop)
        for work in back:
            self.slots.wait(work.row)
