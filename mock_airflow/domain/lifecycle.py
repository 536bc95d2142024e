"""How runs live: queued, running, their tasks by dependency, and an end.

Nothing happens by itself. ``settle`` brings everything whose moment has come up to date, in the order of those moments,
so that the same clock always gives the same history, however often or seldom somebody looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mock_airflow.domain import dag_runs, datasets, event_logs, plans, task_instances
from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.dags import upstream_of
from mock_airflow.domain.records import FINISHED_TASK, Dag, DagRun, RunKey, Task, TaskInstance
from mock_airflow.domain.trigger_rules import verdict

_NOTHING = timedelta(0)
_LONGEST_RETRY_DELAY = timedelta(days=1)


def settle(airflow: Airflow) -> None:
    """Let everything happen that is due by now."""
    now = airflow.now()
    while (due := airflow.take_due(now)) is not None:
        if isinstance(due.what, RunKey):
            _look_at_run(airflow, due.what, due.at)
        else:
            _look_at_datasets(airflow, due.what, due.at)


def _look_at_datasets(airflow: Airflow, dag_id: str, at: datetime) -> None:
    dag = airflow.dags.get(dag_id)
    queued = airflow.queued_events.group("dag_id", dag_id)
    if dag is None or dag.is_paused or not queued:
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
    if run.state == "queued":
        running = airflow.dag_runs.group("open", (key.dag_id, "running"))
        if dag.is_paused or len(running) >= dag.max_active_runs:
            return  # looked at again when the DAG is unpaused, or another of its runs ends
        run = replace(run, state="running", start_date=run.start_date or at, updated_at=at)
        airflow.dag_runs.put(run)
    _Scheduling(airflow, dag, run, at).go_on()


class _Scheduling:
    """One look of the scheduler at one run, at one moment."""

    def __init__(self, airflow: Airflow, dag: Dag, run: DagRun, at: datetime) -> None:
        self.airflow, self.dag, self.run, self.at = airflow, dag, run, at
        self.upstream = upstream_of(dag)
        self.instant = airflow.runs == "instant"

    def go_on(self) -> None:
        while self._step():
            pass
        instances = self._instances()
        self.run = self.airflow.dag_runs.put(replace(self.run, last_scheduling_decision=self.at, updated_at=self.at))
        if all(ti.state in FINISHED_TASK for ti in instances):
            leaves = [ti for ti in instances if not self._task(ti) or not self._task(ti).downstream_task_ids]  # type: ignore[union-attr]
            failed = any(ti.state in ("failed", "upstream_failed") for ti in leaves)
            dag_runs.end(self.airflow, self.run, "failed" if failed else "success", self.at)
            return
        moments = [moment for ti in instances for moment in (ti.wake_at, ti.ends_at) if moment is not None]
        if moments:
            self.airflow.wake(self.run.key, min(moments))

    def _instances(self) -> list[TaskInstance]:
        return list(self.airflow.task_instances.group("run", self.run.key).values())

    def _task(self, ti: TaskInstance) -> Task | None:
        return self.dag.tasks.get(ti.task_id)

    def _step(self) -> bool:
        """Do what is due at this moment once; whether anything changed."""
        changed = False
        for ti in self._instances():
            task = self._task(ti)
            if task is None or ti.state in FINISHED_TASK:
                continue
            if ti.state == "running" and ti.ends_at is not None and ti.ends_at <= self.at:
                self._finish(ti, task)
            elif ti.state == "queued" and ti.wake_at is not None and ti.wake_at <= self.at:
                self._start(ti, task)
            elif ti.state == "up_for_retry" and ti.wake_at is not None and ti.wake_at <= self.at:
                self._queue(ti)
            elif ti.state is None:
                if not self._consider(ti, task):
                    continue
            else:
                continue
            changed = True
        return changed

    def _consider(self, ti: TaskInstance, task: Task) -> bool:
        before = [other.state for other in self._instances() if other.task_id in self.upstream[task.task_id]]
        rule = verdict(task.trigger_rule, before)
        if rule == "wait":
            return False
        if rule != "run":
            self._end_unstarted(ti, rule)
            return True
        plan = plans.task_plan(self.airflow, self.dag, task, ti.map_index)
        if task.is_mapped and ti.map_index == -1:
            self._expand(ti, task, plan.length)
        elif plan.attempt(1).outcome == "skipped":
            self._end_unstarted(ti, "skipped")
        elif task.class_name in plans.NO_WORK and not task.outlets:
            done = replace(ti, state="success", try_number=ti.try_number + 1, start_date=self.at, end_date=self.at)
            self.airflow.task_instances.put(replace(done, duration=0.0, updated_at=self.at))
        else:
            self._queue(ti)
        return True

    def _expand(self, ti: TaskInstance, task: Task, length: int) -> None:
        if length == 0:
            self._end_unstarted(ti, "skipped")
            return
        self.airflow.task_instances.delete(ti.key)
        for map_index in range(length):
            self.airflow.task_instances.put(task_instances.fresh(self.dag, task, self.run, map_index))

    def _end_unstarted(self, ti: TaskInstance, state: str) -> None:
        # Airflow leaves the duration of a task that a branch skipped at null and computes 0.0 for upstream_failed
        duration = None if state == "skipped" else 0.0
        self.airflow.task_instances.put(
            replace(ti, state=state, start_date=self.at, end_date=self.at, duration=duration, updated_at=self.at)
        )

    def _queue(self, ti: TaskInstance) -> None:
        self.airflow.task_instances.put(
            replace(
                ti,
                state="queued",
                queued_when=self.at,
                wake_at=self.at + (_NOTHING if self.instant else SCHEDULER_LOOP),
                updated_at=self.at,
            )
        )

    def _start(self, ti: TaskInstance, task: Task) -> None:
        plan = plans.task_plan(self.airflow, self.dag, task, ti.map_index)
        number = ti.try_number + 1
        attempt = plan.attempt(number - (ti.max_tries - task.retries))
        started = replace(
            ti,
            state="running",
            try_number=number,
            start_date=self.at,
            end_date=None,
            duration=None,
            hostname=self.airflow.hostname,
            pid=plans.pid(ti.key, number),
            updated_at=self.at,
            wake_at=None,
            ends_at=self.at + (_NOTHING if self.instant else timedelta(seconds=attempt.seconds)),
            outcome=attempt.outcome,
        )
        self.airflow.task_instances.put(started)
        event_logs.task_reported(self.airflow, started, "running", self.at)

    def _finish(self, ti: TaskInstance, task: Task) -> None:
        start = ti.start_date or self.at
        state = ti.outcome or "success"
        ended = replace(
            ti,
            state=state,
            end_date=self.at,
            duration=(self.at - start).total_seconds(),
            ends_at=None,
            outcome=None,
            updated_at=self.at,
        )
        event_logs.task_reported(self.airflow, ended, state, self.at)
        if state == "failed" and ti.try_number <= ti.max_tries:
            task_instances.remember_try(self.airflow, ended, self.at)
            delay = _NOTHING if self.instant else retry_delay(task, ti.try_number)
            ended = replace(ended, state="up_for_retry", wake_at=self.at + delay)
        self.airflow.task_instances.put(ended)
        if state == "success":
            for uri in task.outlets:
                if uri in self.airflow.datasets:
                    datasets.change(self.airflow, uri, source=ti.key, at=self.at)


def retry_delay(task: Task, try_number: int) -> timedelta:
    """How long a task waits after its failed attempt of this number."""
    if not task.retry_exponential_backoff:
        return task.retry_delay
    doubled: timedelta = task.retry_delay * (1 << min(try_number - 1, 30))
    return min(doubled, _LONGEST_RETRY_DELAY)
