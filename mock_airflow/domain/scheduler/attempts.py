"""One attempt of a task, from its start to its end, and everything it leaves behind.

An attempt writes event-log rows and a log, renders its fields, and on success leaves xcoms, asset events, a run of
another DAG. What these hold follows the DAG's model; without one it is made up from the task.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import (
    clearing,
    dag_runs,
    event_logs,
    links,
    task_instances,
    xcoms,
)
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import NoDataIntervalError
from mock_airflow.domain.records import Dag, DagRun, ExtraLink, Node, RunKey, Task, TaskInstance, XCom
from mock_airflow.domain.scheduler import asset_changes, plans, questions
from mock_airflow.domain.scheduler.plan_forms import moment_of
from mock_airflow.domain.scheduler.timetables import manual_data_interval
from mock_airflow.domain.scheduler.translation import Translation

_STARTING_UP = timedelta(seconds=0.25)  # from the command to its first word in the event log (observed, about)
_POKE = 1.0  # the seconds that an attempt runs before each of its waits, at most
_LONGEST_RETRY_DELAY = 24 * 60 * 60


class AttemptOf:
    """The attempt that a task instance makes now; gives rows, and leaves it to the caller to put them."""

    def __init__(self, airflow: Airflow, dag: Dag, run: DagRun, node: Node, ti: TaskInstance) -> None:
        self.airflow, self.dag, self.run, self.node, self.task = airflow, dag, run, node, node.task
        self.ti = ti if ti.try_number else replace(ti, try_number=1)
        self.plan = plans.task_plan(airflow, dag, self.task, run.run_id, ti.map_index)
        self.model = airflow.models.get(dag.dag_id) if airflow.models else None
        self.words = Translation(dag, self.model.run, run) if self.model else None
        self.left: dict[str, Any] = {}  # the xcoms of a success

    def start(self, at: datetime) -> TaskInstance:
        """The task's process begins, or goes on after a wait."""
        ti, task = self.ti, self.task
        planned = self.plan.attempt(task, ti)
        past = self.plan.past
        instant = self.airflow.runs == "instant"
        seconds, outcome = planned.seconds, planned.outcome
        waiting = ti.waits < len(planned.waits)
        if waiting:
            seconds, outcome = min(_POKE, seconds), planned.waits[ti.waits].state
        if task.execution_timeout is not None and seconds > task.execution_timeout.total_seconds():
            seconds, outcome = task.execution_timeout.total_seconds(), "failed"
        held = planned.held and not waiting
        if questions.asks(task) and self.plan.order.attempts is None:  # a plan stands for the answer
            seconds = min(_POKE, seconds)
            outcome = "awaiting_input" if ti.waits == 0 else questions.outcome(self.airflow, task, ti)
        begun: dict[str, Any] = {}
        if self.plan.order.starts is not None and not ti.waits and not self._trigger(begun, at):
            seconds, outcome, held = 0.0, "failed", False
        self.ti = ti = replace(
            ti,
            state="running",
            start_date=ti.start_date if ti.waits else at,
            end_date=None,
            duration=None,
            priority_weight=self.node.fresh.priority_weight,
            hostname=self.airflow.hostname,
            pid=plans.pid(ti.key, ti.try_number),
            rendered_fields=self._in_my_words(past.rendered_fields) if past else self.node.plain_fields,
            rendered_map_index=self._in_my_words(past.rendered_map_index) if past else None,
            trigger=None,
            triggerer_job=None,
            updated_at=at,
            wake_at=None,
            ends_at=None if held else at if instant else at + timedelta(seconds=seconds),
            outcome=outcome,
        )
        if not ti.waits:
            xcoms.forget(self.airflow, ti)
        for key, value in begun.items():
            xcoms.push(self.airflow, ti, key, value, at)
        event_logs.attempt_began(self.airflow, ti, task.owner, self.dag, at, at if instant else at - _STARTING_UP)
        return ti

    def finish(self, at: datetime) -> TaskInstance:
        """The task's process ends as planned; a task that triggers a run which is there already fails.

        Where a plan tells of the run, it was triggered when the process began, as by one that waits for it.
        """
        outcome = self.ti.outcome or "success"
        if outcome in ("up_for_reschedule", "deferred"):
            return self._let_go(outcome, at)
        if outcome == "awaiting_input":
            until = questions.ask(self.airflow, self.dag, self.task, self.ti, at)
            self.ti = replace(self.ti, state=outcome, ends_at=None, outcome=None, wake_at=until, waits=1, updated_at=at)
            return self.ti
        begun = self.ti.start_date or at
        self.left = self._values() if outcome == "success" else {}
        triggers = self.task.class_name == links.TRIGGER and self.plan.order.starts is None
        if outcome == "success" and triggers and not self._trigger(self.left, at):
            outcome, self.left = "failed", {}
        ended = replace(
            self.ti,
            state=outcome,
            end_date=at,
            duration=(at - begun).total_seconds(),
            ends_at=None,
            outcome=None,
            waits=0,
            updated_at=at,
        )
        event_logs.task_reported(self.airflow, ended, self.task.owner, outcome, at)
        final = self.plan.attempt(self.task, self.ti).final
        if outcome == "failed" and self.task.retries and ended.try_number <= ended.max_tries and not final:
            clearing.remember_try(self.airflow, ended, at)
            ended = wait_for_retry(self.airflow, ended, self.task, at)
            task_instances.keep_log(self.airflow, ended)
        self.ti = ended
        for key, value in self.left.items():
            xcoms.push(self.airflow, ended, key, value, at)
        if outcome == "success":
            self._leave_links()
            asset_changes.happen(self.airflow, self.task, ended.key, self.plan.order, self.model, at)
        return ended

    def _let_go(self, state: str, at: datetime) -> TaskInstance:
        """The process ends for now; its slot is free until the task is queued again."""
        begun = self.ti.start_date or at
        planned = self.plan.attempt(self.task, self.ti)
        seconds = planned.waits[self.ti.waits].seconds if self.ti.waits < len(planned.waits) else 0.0
        instant = self.airflow.runs == "instant"
        self.ti = replace(
            self.ti,
            state=state,
            ends_at=None,
            outcome=None,
            wake_at=at if instant else at + timedelta(seconds=seconds),
            waits=self.ti.waits + 1,
            updated_at=at,
        )
        if state == "up_for_reschedule":
            self.ti = replace(self.ti, end_date=at, duration=(at - begun).total_seconds())
        else:
            self.ti = replace(self.ti, trigger=_trigger(self.ti, at), triggerer_job=_triggerer(self.airflow, at))
        return self.ti

    def _in_my_words(self, value: Any) -> Any:
        return self.words.value(value) if self.words else value

    def _values(self) -> dict[str, Any]:
        """The xcoms of a success by key."""
        values = self._usual_values()
        order = self.plan.order
        if order.follows is not None:
            values[xcoms.FOLLOWED] = {"followed": list(order.follows)}
            values[xcoms.RETURN_VALUE] = order.follows[0] if len(order.follows) == 1 else list(order.follows)
        if order.xcoms is not None:
            values |= order.xcoms
        return values

    def _usual_values(self) -> dict[str, Any]:
        if questions.asks(self.task) and self.ti.waits:
            return questions.values(self.airflow, self.dag, self.task, self.ti)
        if self.plan.past is not None and self.model is not None:
            rows: tuple[XCom, ...] = self.model.xcoms.get((self.task.task_id, self.plan.past.map_index), ())
            return {row.key: self._in_my_words(row.value) for row in rows}
        return self._made_up_values()

    def _made_up_values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        name = self.task.class_name
        if "Branch" in name and self.task.downstream_task_ids:
            values[xcoms.FOLLOWED] = {"followed": [self.task.downstream_task_ids[0]]}
            values[xcoms.RETURN_VALUE] = self.task.downstream_task_ids[0]
        elif any(self.dag.tasks[one].is_mapped for one in self.task.downstream_task_ids if one in self.dag.tasks):
            values[xcoms.RETURN_VALUE] = list(range(1, plans.DRAWN_LENGTH + 1))
        elif name == "BashOperator":
            values[xcoms.RETURN_VALUE] = "done"
        elif "Python" in name:
            values[xcoms.RETURN_VALUE] = plans.made_up_value(self.ti.key)
        if self.task.outlets:
            known = [self.airflow.assets.lookup("uri", uri) for uri in self.task.outlets]
            values["pipeline_outlets"] = [
                f"airflow.datasets.Dataset@version=1(uri={one.uri},extra={one.extra})" for one in known if one
            ]
        return values

    def _trigger(self, left: dict[str, Any], at: datetime) -> bool:
        """Start the run that the task triggers, and note its names in ``left``; whether that can be done."""
        fields = {**self.ti.rendered_fields, **(self.plan.order.starts or {})}
        target = fields.get("trigger_dag_id") or links.triggered_dag(self.airflow, self.ti.key)
        dag = self.airflow.dags.get(target) if target else None
        if dag is None or target is None:
            return True
        conduct = self.airflow.conduct
        kind = "operator_triggered" if conduct.operator_runs else "manual"
        run_id = fields.get("trigger_run_id") or f"{kind}__{at.isoformat()}"
        if RunKey(target, run_id) in self.airflow.dag_runs and not fields.get("skip_when_already_exists"):
            return False
        date = moment_of(fields.get("logical_date")) or at
        if self.airflow.dag_runs.lookup("logical_date", (target, date)) is None:
            conf = fields.get("conf")
            try:
                interval = manual_data_interval(dag, at if conduct.operator_runs else date)
            except NoDataIntervalError:  # which the task would fail with
                return False
            run = dag_runs.queued(
                self.airflow,
                target,
                run_id,
                kind,
                date,
                interval,
                at=at,
                conf=conf if isinstance(conf, dict) else {},
                external_trigger=True,
                run_after=at if conduct.operator_runs else None,
                triggering_user_name=self.run.triggering_user_name,
            )
            dag_runs.add(self.airflow, dag, run)
        left |= {"trigger_logical_date_iso": date.isoformat(), links.RUN_ID_XCOM: run_id}
        return True

    def _leave_links(self) -> None:
        rows: tuple[ExtraLink, ...] = ()
        if self.model is not None and self.plan.past is not None:
            rows = self.model.links.get((self.task.task_id, self.plan.past.map_index), ())
        for row in rows:
            self.airflow.extra_links.put(
                replace(row, run_id=self.ti.run_id, map_index=self.ti.map_index, links=self._in_my_words(row.links))
            )


def _trigger(ti: TaskInstance, at: datetime) -> dict[str, Any]:
    """What a deferred task instance waits for, as Airflow tells it."""
    number = plans.pid(ti.key, -ti.try_number) % 1000 + 1
    return {
        "id": number,
        "classpath": "airflow.triggers.temporal.DateTimeTrigger",
        "kwargs": "{}",
        "created_date": at.isoformat(),
        "triggerer_id": 1,
    }


def _triggerer(airflow: Airflow, at: datetime) -> dict[str, Any]:
    """The job that waits for it."""
    return {
        "id": 1,
        "dag_id": None,
        "state": "running",
        "job_type": "TriggererJob",
        "start_date": at.isoformat(),
        "end_date": None,
        "latest_heartbeat": at.isoformat(),
        "executor_class": None,
        "hostname": airflow.hostname,
        "unixname": "root",
    }


def wait_for_retry(airflow: Airflow, ti: TaskInstance, task: Task, at: datetime) -> TaskInstance:
    """The task instance as it waits for its next attempt."""
    delay = timedelta(0) if airflow.runs == "instant" else retry_delay(task, ti)
    return replace(ti, state="up_for_retry", wake_at=at + delay, waits=0, updated_at=at)


def retry_delay(task: Task, ti: TaskInstance) -> timedelta:
    """How long a task instance waits after its failed attempt (code).

    Backing off doubles the delay with each attempt and adds up to as much again, by a hash of the task instance, and of
    its logical date, so that the same one always waits as long.
    """
    if not task.retry_exponential_backoff:
        return task.retry_delay
    least = max(1, math.ceil(task.retry_delay.total_seconds() * 2 ** min(ti.try_number - 1, 64)))
    named = f"{ti.dag_id}#{ti.task_id}#{ti.logical_date}#{ti.try_number}"
    drawn = least + int(hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest(), 16) % least
    delay = min(timedelta(seconds=min(drawn, _LONGEST_RETRY_DELAY)), task.max_retry_delay or timedelta.max)
    return delay
