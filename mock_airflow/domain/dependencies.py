"""What keeps a task instance from being scheduled, in Airflow's own words (observed; the rest by its ti_deps, code)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mock_airflow.domain import marking
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import upstream_of
from mock_airflow.domain.pools import open_slots
from mock_airflow.domain.records import FINISHED_TASK, Dag, DagRun, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.task_instances import get_exactly
from mock_airflow.domain.xcoms import FOLLOWED

_COUNTED = ("success", "skipped", "failed", "upstream_failed", "removed")
_SUCCEEDED = frozenset({"success", "skipped"})


class Dependency(NamedTuple):
    """A dependency that is not met, and why."""

    name: str
    reason: str


def unmet(airflow: Airflow, key: TaskInstanceKey) -> list[Dependency]:
    """The dependencies of a task instance that are not met, by name; none unless it waits to be scheduled.

    Nor where the DAG's file is gone, as only that tells what a task depends on (code).

    Asking can change the task instance: one that maps over a failed or skipped task takes that over, and one that a
    branch left out is skipped (observed). Raises TaskInstanceNotFound.
    """
    ti = get_exactly(airflow, key)
    dag = airflow.dags.get(key.dag_id)
    task = dag.tasks.get(key.task_id) if dag else None
    run = airflow.dag_runs.get(ti.run_key)
    if ti.state not in (None, "scheduled") or dag is None or not dag.is_active or task is None or run is None:
        return []
    return sorted(_Check(airflow, dag, task, run, ti).all(), key=lambda one: one.name)


class _Check:
    def __init__(self, airflow: Airflow, dag: Dag, task: Task, run: DagRun, ti: TaskInstance) -> None:
        self.airflow, self.dag, self.task, self.run, self.ti = airflow, dag, task, run, ti
        self.upstream = upstream_of(dag)[task.task_id]
        self.before = [
            other
            for other in airflow.task_instances.group("run", run.key).values()
            if other.task_id in set(self.upstream)
        ]

    def all(self) -> Iterator[Dependency]:
        """Every dependency that is not met, in any order."""
        yield from self._of_the_run()
        yield from self._dates()
        yield from self._slots()
        yield from self._trigger_rule()
        yield from self._past()
        yield from self._branches()
        yield from self._mapping()

    def _of_the_run(self) -> Iterator[Dependency]:
        if self.run.state != "running":
            yield Dependency(
                "Dagrun Running",
                f"Task instance's dagrun was not in the 'running' state but in the state '{self.run.state}'.",
            )
        if self.run.run_type == "backfill":
            reason = "Task's DagRun run_type is backfill and cannot be run by the scheduler"
            yield Dependency("DagRun is not backfill job", reason)
        if self.dag.is_paused:
            yield Dependency("Dag Not Paused", f"Task's DAG '{self.dag.dag_id}' is paused.")
        if self.ti.state != "scheduled":
            yield Dependency("Task Instance State", f"Task is in the '{self.ti.state}' state.")

    def _dates(self) -> Iterator[Dependency]:
        date, now, told = self.run.logical_date, self.airflow.now(), "The execution date is"
        if date > now:
            reason = f"Execution date {date.isoformat()} is in the future (the current date is {now.isoformat()})."
            yield Dependency("Execution Date", reason)
        for end, whose in ((self.task.end_date or self.dag.end_date, "task's"), (self.dag.end_date, "task's DAG's")):
            if end is not None and date > end:
                reason = f"{told} {date.isoformat()} but this is after the {whose} end date {end.isoformat()}."
                yield Dependency("Execution Date", reason)
        starts = ((self.task.start_date or self.dag.start_date, "task's"), (self.dag.start_date, "task's DAG's"))
        for start, whose in starts:
            if start is not None and date < start:
                reason = f"{told} {date.isoformat()} but this is before the {whose} start date {start.isoformat()}."
                yield Dependency("Execution Date", reason)

    def _slots(self) -> Iterator[Dependency]:
        name = "Pool Slots Available"
        if self.ti.pool not in self.airflow.pools:
            yield Dependency(name, f"Tasks using non-existent pool '{self.ti.pool}' will not be scheduled")
        elif (free := open_slots(self.airflow, self.ti.pool)) <= self.ti.pool_slots - 1:
            reason = f"Not scheduling since there are {free} open slots in pool {self.ti.pool} and require "
            yield Dependency(name, f"{reason}{self.ti.pool_slots} pool slots")

    def _trigger_rule(self) -> Iterator[Dependency]:
        rule = self.task.trigger_rule
        if not self.upstream or rule in ("always", "dummy"):
            return
        mapped = any(self.dag.tasks[name].is_mapped for name in self.upstream)
        total = len(self.before) if mapped else len(self.upstream)
        counted = Counter(other.state for other in self.before if other.state and other.state in FINISHED_TASK)
        sentence = _unmet_rule(rule, total, len(self.upstream), counted, expanded=self.ti.map_index > -1)
        if sentence is None:
            return
        states = ", ".join(f"{state}={counted[state]}" for state in _COUNTED)
        found = f"_UpstreamTIStates({states}, done={counted.total()}, success_setup=0, skipped_setup=0)"
        names = "{" + ", ".join(map(repr, self.upstream)) + "}"
        reason = f"Task's trigger rule '{rule}' requires {sentence}. upstream_states={found}, upstream_task_ids={names}"
        yield Dependency("Trigger Rule", reason)

    def _past(self) -> Iterator[Dependency]:
        if not self.task.depends_on_past:
            return
        previous = max(
            (
                run
                for run in self.airflow.dag_runs.group("dag_id", self.dag.dag_id).values()
                if run.logical_date < self.run.logical_date and (run.run_type == "scheduled" or not self.dag.catchup)
            ),
            key=lambda run: run.logical_date,
            default=None,
        )
        if previous is None:
            return
        past = self.airflow.task_instances.group("run", previous.key).values()
        mine = [other for other in past if other.task_id == self.task.task_id]
        unsuccessful = sum(other.state not in _SUCCEEDED for other in mine)
        after = [other for other in past if other.task_id in self.task.downstream_task_ids]
        name = "Previous Dagrun State"
        if not mine:
            reason = "depends_on_past is true for this task's DAG, but the previous task instance has not run yet."
            yield Dependency(name, reason)
        elif unsuccessful:
            reason = f"depends_on_past is true for this task, but {unsuccessful} previous task instance(s) are not in "
            yield Dependency(name, f"{reason}a successful state.")
        elif self.task.wait_for_downstream and any(other.state not in _SUCCEEDED for other in after):
            reason = "The tasks downstream of the previous task instance(s) haven't completed, and wait_for_downstream "
            yield Dependency(name, f"{reason}is True.")

    def _branches(self) -> Iterator[Dependency]:
        for other in self.before:
            told = self.airflow.xcoms.get((other.key, FOLLOWED)) if other.state in FINISHED_TASK else None
            if told is None or not isinstance(told.value, dict):
                continue
            followed = self.task.task_id in told.value.get("followed", (self.task.task_id,))
            if not followed or self.task.task_id in told.value.get("skipped", ()):
                self._become("skipped")
                reason = f"Skipping because of previous XCom result from parent task {other.task_id}"
                yield Dependency("Not Previously Skipped", reason)
                return

    def _mapping(self) -> Iterator[Dependency]:
        """The task it maps over is taken to be each one directly before it (assumed)."""
        if not self.task.is_mapped:
            return
        if self.ti.map_index == -1:
            yield Dependency("Task has been mapped", "The task has yet to be mapped!")
        ended = {other.state for other in self.before if other.map_index == -1 and other.state in FINISHED_TASK}
        if not ended or ended == {"success"}:
            return
        if ended & {"failed", "upstream_failed"}:
            self._become("upstream_failed")
        elif "skipped" in ended:
            self._become("skipped")
        reason = "At least one of task's mapped dependencies has not succeeded!"
        yield Dependency("Mapped dependencies have succeeded", reason)

    def _become(self, state: str) -> None:
        marking.set_state(self.airflow, self.ti, state, self.airflow.now())


def _unmet_rule(rule: str, total: int, tasks: int, counted: Counter[str], *, expanded: bool) -> str | None:
    """What a trigger rule requires and what was found instead; None when it is met."""
    success, failed, skipped = counted["success"], counted["failed"], counted["skipped"]
    bad = failed + counted["upstream_failed"]
    done = counted.total()
    removed = counted["removed"] if expanded else 0
    all_upstream = "all upstream tasks to"
    found: int
    match rule:
        case "one_success":
            return None if success else "one upstream task success, but none were found"
        case "one_failed":
            return None if bad else "one upstream task failure, but none were found"
        case "one_done":
            told = "at least one upstream task failure or success but none were failed or success"
            return None if success + failed else told
        case "all_success":
            found = total - success - removed
            told = f"{all_upstream} have succeeded, but found {found} non-success(es)"
        case "all_failed":
            found = total - bad - removed
            told = f"{all_upstream} have failed, but found {found} non-failure(s)"
        case "all_done" | "all_done_setup_success":
            found = total - done
            told = f"{all_upstream} have completed, but found {tasks - done} task(s) that were not done"
        case "none_failed" | "none_failed_min_one_success" | "none_failed_or_skipped":
            found = total - success - skipped - removed
            told = f"{all_upstream} have succeeded or been skipped, but found {found} non-success(es)"
        case "none_skipped":
            found = max(total - done, skipped)
            told = f"{all_upstream} not have been skipped, but found {skipped} task(s) skipped"
        case _:
            found = total - skipped
            told = f"{all_upstream} have been skipped, but found {found} task(s) in non skipped state"
    return told if found > 0 else None
