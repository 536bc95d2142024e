"""One attempt of a task, from its start to its end, and everything it leaves behind.

An attempt writes event-log rows and a log, renders its fields, and on success leaves xcoms, dataset events, a run of
another DAG. What these hold follows the DAG's model; without one it is made up from the task.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.domain import clearing, dag_runs, datasets, event_logs, links, plans, xcoms
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import priority_weight_total, relatives_of
from mock_airflow.domain.log_texts import command
from mock_airflow.domain.records import Dag, DagRun, ExtraLink, RunKey, Task, TaskInstance, TaskLog, XCom
from mock_airflow.domain.timetables import manual_data_interval
from mock_airflow.domain.translation import Translation

_STARTING_UP = timedelta(seconds=0.25)  # from the command to its first word in the event log (observed, about)
_LONGEST_RETRY_DELAY = timedelta(days=1)


class AttemptOf:
    """The attempt that a task instance makes now."""

    def __init__(self, airflow: Airflow, dag: Dag, run: DagRun, task: Task, ti: TaskInstance) -> None:
        self.airflow, self.dag, self.run, self.task = airflow, dag, run, task
        self.ti = replace(ti, try_number=max(ti.try_number, 1))
        self.plan = plans.task_plan(airflow, dag, task, ti.map_index)
        self.model = airflow.models.get(dag.dag_id)
        self.words = Translation(dag, self.model.run, run) if self.model else None

    def start(self, at: datetime) -> TaskInstance:
        """The task's process begins."""
        planned = self.plan.attempt(plans.attempt_number(self.task, self.ti))
        past = self.plan.past
        instant = self.airflow.runs == "instant"
        self.ti = self.airflow.task_instances.put(
            replace(
                self.ti,
                state="running",
                start_date=at,
                end_date=None,
                duration=None,
                priority_weight=priority_weight_total(self.dag, self.task.task_id),
                hostname=self.airflow.hostname,
                pid=plans.pid(self.ti.key, self.ti.try_number),
                rendered_fields=self._in_my_words(past.rendered_fields) if past else self._plain_fields(),
                rendered_map_index=self._in_my_words(past.rendered_map_index) if past else None,
                updated_at=at,
                wake_at=None,
                ends_at=at + (timedelta(0) if instant else timedelta(seconds=planned.seconds)),
                outcome=planned.outcome,
            )
        )
        xcoms.forget(self.airflow, self.ti)
        called = command(self.dag, self.ti)
        event_logs.command_called(self.airflow, self.ti, called, at if instant else at - _STARTING_UP)
        event_logs.task_reported(self.airflow, self.ti, "running", at)
        event_logs.command_called(self.airflow, self.ti, called, at)
        self._keep_log()
        return self.ti

    def finish(self, at: datetime) -> TaskInstance:
        """The task's process ends as planned; a task that triggers a run which is there already fails."""
        begun = self.ti.start_date or at
        outcome = self.ti.outcome or "success"
        left = self._values() if outcome == "success" else {}
        if outcome == "success" and self.task.class_name == links.TRIGGER and not self._trigger(left, at):
            outcome, left = "failed", {}
        ended = replace(
            self.ti,
            state=outcome,
            end_date=at,
            duration=(at - begun).total_seconds(),
            ends_at=None,
            outcome=None,
            updated_at=at,
        )
        event_logs.task_reported(self.airflow, ended, outcome, at)
        if outcome == "failed" and self.task.retries and ended.try_number <= ended.max_tries:
            clearing.remember_try(self.airflow, ended, at)
            ended = wait_for_retry(self.airflow, ended, self.task, at)
        self.ti = self.airflow.task_instances.put(ended)
        for key, value in left.items():
            xcoms.push(self.airflow, self.ti, key, value, at)
        self._keep_log()
        if outcome == "success":
            self._leave_links()
            self._skip_other_branches(left.get(xcoms.FOLLOWED), at)
            for uri in self.task.outlets:
                if uri in self.airflow.datasets:
                    datasets.change(self.airflow, uri, source=self.ti.key, at=at)
        return self.ti

    def _in_my_words(self, value: Any) -> Any:
        return self.words.value(value) if self.words else value

    def _plain_fields(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"op_args": [], "op_kwargs": {}}
        return {name: empty.get(name) for name in self.task.template_fields}

    def _values(self) -> dict[str, Any]:
        """The xcoms of a success by key."""
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
            values[xcoms.RETURN_VALUE] = {"rows": plans.pid(self.ti.key, 0)}
        if self.task.outlets:
            known = [self.airflow.datasets.get(uri) for uri in self.task.outlets]
            values["pipeline_outlets"] = [
                f"airflow.datasets.Dataset@version=1(uri={one.uri},extra={one.extra})" for one in known if one
            ]
        return values

    def _trigger(self, left: dict[str, Any], at: datetime) -> bool:
        """Start the run that the task triggers, and note its names in ``left``; whether that can be done."""
        fields = self.ti.rendered_fields
        target = fields.get("trigger_dag_id") or links.triggered_dag(self.airflow, self.ti.key)
        dag = self.airflow.dags.get(target) if target else None
        if dag is None or target is None:
            return True
        run_id = fields.get("trigger_run_id") or f"manual__{at.isoformat()}"
        if RunKey(target, run_id) in self.airflow.dag_runs and not fields.get("skip_when_already_exists"):
            return False
        if self.airflow.dag_runs.lookup("logical_date", (target, at)) is None:
            conf = fields.get("conf")
            dag_runs.create(
                self.airflow,
                target,
                run_id,
                "manual",
                at,
                manual_data_interval(dag, at),
                at=at,
                conf=conf if isinstance(conf, dict) else {},
                external_trigger=True,
            )
        left |= {"trigger_logical_date_iso": at.isoformat(), links.RUN_ID_XCOM: run_id}
        return True

    def _leave_links(self) -> None:
        rows: tuple[ExtraLink, ...] = ()
        if self.model is not None and self.plan.past is not None:
            rows = self.model.links.get((self.task.task_id, self.plan.past.map_index), ())
        for row in rows:
            self.airflow.extra_links.put(
                replace(row, run_id=self.ti.run_id, map_index=self.ti.map_index, links=self._in_my_words(row.links))
            )

    def _skip_other_branches(self, told: Any, at: datetime) -> None:
        """A branch skips at once what it does not follow; these task instances get no duration (observed)."""
        if not isinstance(told, dict):
            return
        skipped = set(told.get("skipped", ()))
        if "followed" in told:
            on = relatives_of(self.dag, told["followed"], downstream=True)
            skipped |= set(self.task.downstream_task_ids) - on
        for other in list(self.airflow.task_instances.group("run", self.run.key).values()):
            if other.task_id in skipped:
                self.airflow.task_instances.put(
                    replace(other, state="skipped", start_date=at, end_date=at, updated_at=at)
                )

    def _keep_log(self) -> None:
        """Have the log of this attempt told from what it is now."""
        self.airflow.task_logs.put(
            TaskLog(
                dag_id=self.ti.dag_id,
                run_id=self.ti.run_id,
                task_id=self.ti.task_id,
                map_index=self.ti.map_index,
                try_number=self.ti.try_number,
                attempt=self.ti,
            )
        )


def wait_for_retry(airflow: Airflow, ti: TaskInstance, task: Task, at: datetime) -> TaskInstance:
    """The task instance as it waits for its next attempt."""
    delay = timedelta(0) if airflow.runs == "instant" else retry_delay(task, ti.try_number)
    return replace(ti, state="up_for_retry", wake_at=at + delay, updated_at=at)


def retry_delay(task: Task, try_number: int) -> timedelta:
    """How long a task waits after its failed attempt of this number."""
    if not task.retry_exponential_backoff:
        return task.retry_delay
    doubled: timedelta = task.retry_delay * (1 << min(try_number - 1, 30))
    return min(doubled, _LONGEST_RETRY_DELAY)
