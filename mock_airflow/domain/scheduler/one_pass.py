"""All runs that live while time passes up to one moment, and who of their tasks is let in at the end of each."""

from __future__ import annotations

from datetime import datetime

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, DagRun, RunKey
from mock_airflow.domain.scheduler.live_runs import LiveRuns, Work
from mock_airflow.domain.scheduler.repetition import Courses
from mock_airflow.domain.scheduler.run_under_way import Life


class Stage(LiveRuns[Life]):
    """The runs that live while time passes, and the courses that some of them repeat."""

    def __init__(self, airflow: Airflow, until: datetime) -> None:
        super().__init__(airflow, until)
        self.courses = Courses()

    def life(self, run: DagRun, dag: Dag) -> Life:
        """The run with its task instances at hand."""
        life = self.lives.get(run.key)
        if life is None:
            life = self.lives[run.key] = Life(self, run, dag)
        return life

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
