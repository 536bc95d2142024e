"""How runs live: queued, running, their tasks by dependency, and an end.

Nothing happens by itself. ``settle`` brings everything whose moment has come up to date, in the order of those moments,
so that the same clock always gives the same history, however often or seldom somebody looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mock_airflow.domain import dag_runs, datasets, marking, plans, scheduling, task_instances
from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.attempts import AttemptOf, wait_for_retry
from mock_airflow.domain.dags import upstream_of
from mock_airflow.domain.pools import open_slots, wake_waiting
from mock_airflow.domain.records import FINISHED_TASK, TIMED, Dag, DagRun, RunKey, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.trigger_rules import verdict
from mock_airflow.domain.xcoms import FOLLOWED

_NOTHING = timedelta(0)
_UNDER_WAY = frozenset({"queued", "running", "restarting", "up_for_retry", "up_for_reschedule", "deferred"})
_WAITING_WOKEN = 8  # tasks that are looked at when one slot of their pool comes free


def settle(airflow: Airflow) -> None:
    """Let everything happen that is due by now."""
    now = airflow.now()
    while (due := airflow.take_due(now)) is not None:
        if isinstance(due.what, RunKey):
            _look_at_run(airflow, due.what, due.at)
        else:
            _look_at_dag(airflow, due.what, due.at, now)


def _look_at_dag(airflow: Airflow, dag_id: str, at: datetime, until: datetime) -> None:
    dag = airflow.dags.get(dag_id)
    if dag is not None and dag.schedule.kind in TIMED:
        scheduling.look(airflow, dag, at, until)
    if dag is not None and dag.schedule.datasets:
        _look_at_datasets(airflow, dag, at)


def _look_at_datasets(airflow: Airflow, dag: Dag, at: datetime) -> None:
    dag_id = dag.dag_id
    queued = airflow.queued_events.group("dag_id", dag_id)
    if dag.is_paused or not queued:
        return
    if not datasets.condition_met(dag.schedule.datasets, {event.uri for event in queued.values()}):
        return
    logical_date = max(event.created_at for event in queued.values())
    events = datasets.consume(airflow, dag_id)
    sources = [
        airflow.dag_runs.get(RunKey(event.source_dag_id, event.source_run_id))
        for event in events
        if event.source_dag_id and event.source_run_id
    ]
    starts = [run.data_interval_start for run in sources if run and run.data_interval_start]
    ends = [run.data_interval_end for run in sources if run and run.data_interval_end]
    outside = [event.timestamp for event in events if not event.source_run_id]
    run_id = f"dataset_triggered__{logical_date.isoformat()}"
    dag_runs.create(
        airflow,
        dag_id,
        run_id,
        "dataset_triggered",
        logical_date,
        (min([*starts, *outside], default=logical_date), max([*ends, *outside], default=logical_date)),
        at=at,
        consumed_event_ids=tuple(event.id for event in events),
    )
    for event in events:
        datasets.credit(airflow, event, run_id, dag_id)


def _look_at_run(airflow: Airflow, key: RunKey, at: datetime) -> None:
    run = airflow.dag_runs.get(key)
    dag = airflow.dags.get(key.dag_id)
    if run is None or dag is None or run.state not in ("queued", "running"):
        return
    if run.logical_date > at:
        airflow.wake(key, run.logical_date)  # the scheduler leaves the future alone (observed)
        return
    if run.state == "queued":
        running = airflow.dag_runs.group("open", (key.dag_id, "running"))
        if dag.is_paused or len(running) >= dag.max_active_runs:
            return  # looked at again when the DAG is unpaused, or another of its runs ends
        run = replace(run, state="running", start_date=run.start_date or at, updated_at=at)
        airflow.dag_runs.put(run)
    _Look(airflow, dag, run, at).take()


class _Look:
    """One look of the scheduler at one run, at one moment.

    What a look changes shows its effect on others at the next: a task that needs no work is done a loop after its turn
    came, and a run ends a loop after its last task (observed). The end of a task that does work starts those after it
    at once, as Airflow's small scheduler in the task's own process does.
    """

    def __init__(self, airflow: Airflow, dag: Dag, run: DagRun, at: datetime) -> None:
        self.airflow, self.dag, self.run, self.at = airflow, dag, run, at
        self.upstream = upstream_of(dag)
        self.loop = _NOTHING if airflow.runs == "instant" else SCHEDULER_LOOP

    def take(self) -> None:
        """Do what is due, let start what may, and say when to look again."""
        ended = self._advance()
        if self.dag.is_paused:  # what runs comes to its end, nothing else happens
            self._wake_for(self._instances())
            return
        changed = self._schedule(by_scheduler=not ended) or ended
        instances = self._instances()
        self.run = self.airflow.dag_runs.put(replace(self.run, last_scheduling_decision=self.at, updated_at=self.at))
        if changed:
            self._wake_for(instances, self.at + self.loop)
        elif all(ti.state in FINISHED_TASK for ti in instances):
            self._end(instances)
        elif all(ti.state in FINISHED_TASK or ti.state is None for ti in instances):
            dag_runs.end(self.airflow, self.run, "failed", self.at)  # what is left would wait for ever (code)
        else:
            self._wake_for(instances)

    def _wake_for(self, instances: list[TaskInstance], *moments: datetime) -> None:
        for ti in instances:
            if ti.state in _UNDER_WAY and self._task(ti) is not None:
                moments += tuple(moment for moment in (ti.wake_at, ti.ends_at) if moment is not None)
        if moments:
            self.airflow.wake(self.run.key, max(self.at, min(moments)))

    def _end(self, instances: list[TaskInstance]) -> None:
        leaves = [ti for ti in instances if (task := self._task(ti)) is None or not task.downstream_task_ids]
        failed = any(ti.state in ("failed", "upstream_failed") for ti in leaves)
        dag_runs.end(self.airflow, self.run, "failed" if failed else "success", self.at)

    def _instances(self) -> list[TaskInstance]:
        return list(self.airflow.task_instances.group("run", self.run.key).values())

    def _task(self, ti: TaskInstance) -> Task | None:
        return self.dag.tasks.get(ti.task_id)

    def _advance(self) -> bool:
        """What is under way goes on; whether any task came to an end."""
        ended = False
        for ti in self._instances():
            task = self._task(ti)
            if task is None:
                continue
            if ti.state == "running" and ti.ends_at is not None and ti.ends_at <= self.at:
                AttemptOf(self.airflow, self.dag, self.run, task, ti).finish(self.at)
                wake_waiting(self.airflow, ti.pool, self.at, _WAITING_WOKEN)
                ended = True
            elif ti.wake_at is None or ti.wake_at > self.at:
                continue
            elif ti.state == "queued":
                AttemptOf(self.airflow, self.dag, self.run, task, ti).start(self.at)
            elif ti.state == "restarting":
                stopped = replace(ti, max_tries=ti.max_tries + 1)
                self.airflow.task_instances.put(wait_for_retry(self.airflow, stopped, task, self.at))
            elif ti.state in ("up_for_retry", "up_for_reschedule", "deferred"):
                self._queue(replace(ti, wake_at=None))
        return ended

    def _schedule(self, *, by_scheduler: bool) -> bool:
        """Let start what may, as things stood before; whether anything changed."""
        before: dict[str, list[str | None]] = {}
        instances = self._instances()
        for ti in instances:
            before.setdefault(ti.task_id, []).append(ti.state)
        changed = False
        for ti in instances:
            task = self._task(ti)
            if task is None:
                if ti.state is None:
                    self.airflow.task_instances.put(replace(ti, state="removed", updated_at=self.at))
                    changed = True
            elif ti.state == "scheduled":
                changed |= self._queue(ti)
            elif ti.state is None:
                upstream = [state for name in self.upstream[task.task_id] for state in before.get(name, ())]
                changed |= self._consider(ti, task, upstream, by_scheduler)
        return changed

    def _consider(self, ti: TaskInstance, task: Task, upstream: list[str | None], by_scheduler: bool) -> bool:
        rule = verdict(task.trigger_rule, upstream)
        if rule == "wait":
            return False
        if rule != "run":
            marking.set_state(self.airflow, ti, rule, self.at)
            return True
        plan = plans.task_plan(self.airflow, self.dag, task, ti.map_index)
        if self._left_out(task) or (plan.never and ti.try_number == 0):
            marking.set_state(self.airflow, ti, "skipped", self.at)
        elif task.is_mapped and ti.map_index == -1:
            self._expand(ti, task, plan.length)
        elif task.class_name in plans.NO_WORK and not task.outlets:
            if not by_scheduler:
                return True
            done = replace(ti, state="success", try_number=ti.try_number + 1, start_date=self.at, end_date=self.at)
            self.airflow.task_instances.put(replace(done, duration=0.0, updated_at=self.at))
        else:
            self._queue(ti)
        return True

    def _left_out(self, task: Task) -> bool:
        """Whether a branch before the task went another way (code: Airflow's NotPreviouslySkippedDep)."""
        for name in self.upstream[task.task_id]:
            told = self.airflow.xcoms.get((TaskInstanceKey(*self.run.key, name), FOLLOWED))
            if told is not None and isinstance(told.value, dict):
                if task.task_id not in told.value.get("followed", (task.task_id,)):
                    return True
                if task.task_id in told.value.get("skipped", ()):
                    return True
        return False

    def _expand(self, ti: TaskInstance, task: Task, length: int) -> None:
        self.airflow.task_instances.delete(ti.key)
        for map_index in range(length):
            self._queue(task_instances.fresh(self.dag, task, self.run, map_index))

    def _queue(self, ti: TaskInstance) -> bool:
        """Hand a task instance to its pool, or let it wait for one with room; whether that changed anything.

        Its next attempt gets its number here (observed). In a pool that does not exist it waits for ever.
        """
        room = open_slots(self.airflow, ti.pool) >= ti.pool_slots
        if ti.state == "scheduled":
            if not room:
                return False
        else:
            ti = replace(ti, state="scheduled", try_number=ti.try_number + 1, updated_at=self.at)
        if room:
            ti = replace(ti, state="queued", queued_when=self.at, wake_at=self.at + self.loop, updated_at=self.at)
        self.airflow.task_instances.put(ti)
        return True
