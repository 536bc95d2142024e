"""All runs that live while time passes up to one moment, and the slots for which their tasks wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.lives import Life, Work
from mock_airflow.domain.records import Dag, DagRun, RunKey, TaskInstance
from mock_airflow.domain.slots import Slots

_NOTHING = timedelta(0)


class Stage:
    """The runs that live while time passes up to one moment."""

    def __init__(self, airflow: Airflow) -> None:
        self.airflow = airflow
        self.lives: dict[RunKey, Life] = {}
        self.slots = Slots(airflow)
        self.loop = _NOTHING if airflow.runs == "instant" else SCHEDULER_LOOP
        self._freed: dict[str, set[str]] = {}

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
        self._freed.setdefault(pool, set())
        for other, heaps in self.slots.waiting.items():
            if dag_id in heaps:
                self._freed.setdefault(other, set()).add(dag_id)

    def fill(self, at: datetime) -> None:
        """Let those in who waited for the slots that came free."""
        while self._freed:
            pool = next(iter(self._freed))
            del self._freed[pool]
            heaps = self.slots.waiting.get(pool)
            if heaps:
                self.let_in(pool, set(heaps), at)

    def let_in(self, pool: str, dags: set[str], at: datetime) -> None:
        """Queue those who wait in the pool for as long as there is room."""
        back: list[Work] = []
        while dags and (found := self.slots.next(pool, dags)) is not None:
            dag_id, key = found
            dag, run = self.airflow.dags.get(dag_id), self.airflow.dag_runs.get(RunKey(key.dag_id, key.run_id))
            if dag is None or run is None or dag.is_paused or run.state != "running":
                continue
            life = self.life(run, dag)
            work = life.works.get(key)
            if work is None or work.row.state != "scheduled":
                continue
            if not self.slots.room(work.row, dag):
                back.append(work)
                if self.slots.active.get(dag_id, 0) >= dag.max_active_tasks:
                    dags.discard(dag_id)
                elif work.row.pool_slots <= 1:
                    break
            elif life.over_own_bounds(work):
                back.append(work)
            else:
                life.admit(work, at)
                self.airflow.wake(run.key, at + self.loop)
        for work in back:
            self.slots.wait(work.row)
