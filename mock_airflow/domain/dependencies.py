"""What keeps a task instance from being scheduled (observed; the rest by Airflow's ti_deps, code)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_airflow.domain import marking
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import upstream_of
from mock_airflow.domain.pools import open_slots
from mock_airflow.domain.records import FINISHED_TASK, Dag, DagRun, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.task_instances import get_exactly
from mock_airflow.domain.xcoms import FOLLOWED

_COUNTED = ("success", "skipped", "failed", "upstream_failed", "removed")
_SUCCEEDED = frozenset({"success", "skipped"})


class Unmet(NamedTuple):
    """A dependency that is not met: by which rule, and what was found."""

    rule: str
    facts: Mapping[str, Any]


def unmet(airflow: Airflow, key: TaskInstanceKey) -> list[Unmet]:
    """The dependencies of a task instance that are not met; none unless it waits to be scheduled.

    Nor where the DAG's file is gone, as only that tells what a task depends on (code).

    Asking can change the task instance: one that maps over a failed or skipped task takes that over, and one that a
    branch left out is skipped (observed). Raises TaskInstanceNotFoundError.
    """
    ti = get_exactly(airflow, key)
    dag = airflow.dags.get(key.dag_id)
    task = dag.tasks.get(key.task_id) if dag else None
    run = airflow.dag_runs.get(ti.run_key)
    if ti.state not in (None, "scheduled") or dag is None or not dag.is_active or task is None or run is None:
        return []
    return list(_Check(airflow, dag, task, run, ti).all())


class _Check:
    def __init__(self, airflow: Airflow, dag: Dag, task: Task, run: DagRun, ti: TaskInstance) -> None:
        self.airflow, self.dag, self.task, self.run, self.ti = airflow, dag, task, run, ti
        self.upstream = upstream_of(dag)[task.task_id]
        self.before = [
            other
            for other in airflow.task_instances.group("run", run.key).values()
            if other.task_id in set(self.upstream)
        ]

    def all(self) -> Iterator[Unmet]:
        """Every dependency that is not met, in any order."""
        yield from self._of_the_run()
        yield from self._dates()
        yield from self._slots()
        yield from self._trigger_rule()
        yield from self._past()
        yield from self._branches()
        yield from self._mapping()

    def _of_the_run(self) -> Iterator[Unmet]:
        if self.run.state != "running":
            yield Unmet("run not running", {"state": self.run.state})
        if self.run.run_type == "backfill":
            yield Unmet("run of a backfill", {})
        if self.dag.is_paused:
            yield Unmet("dag paused", {"dag_id": self.dag.dag_id})
        if self.ti.state != "scheduled":
            yield Unmet("not scheduled", {"state": self.ti.state})

    def _dates(self) -> Iterator[Unmet]:
        date, now, task, dag = self.run.logical_date, self.airflow.now(), self.task, self.dag
        if date > now:
            yield Unmet("date to come", {"date": date, "now": now})
        for end, whose in ((task.end_date or dag.end_date, "task"), (dag.end_date, "dag")):
            if end is not None and date > end:
                yield Unmet("after the end", {"date": date, "whose": whose, "end": end})
        for start, whose in ((task.start_date or dag.start_date, "task"), (dag.start_date, "dag")):
            if start is not None and date < start:
                yield Unmet("before the start", {"date": date, "whose": whose, "start": start})

    def _slots(self) -> Iterator[Unmet]:
        pool, slots = self.ti.pool, self.ti.pool_slots
        if pool not in self.airflow.pools:
            yield Unmet("no such pool", {"pool": pool})
        elif (free := open_slots(self.airflow, pool)) <= slots - 1:
            yield Unmet("no free slots", {"free": free, "pool": pool, "slots": slots})

    def _trigger_rule(self) -> Iterator[Unmet]:
        rule = self.task.trigger_rule
        if not self.upstream or rule in ("always", "dummy"):
            return
        mapped = any(self.dag.tasks[name].is_mapped for name in self.upstream)
        total = len(self.before) if mapped else len(self.upstream)
        counted = Counter(other.state for other in self.before if other.state and other.state in FINISHED_TASK)
        found = _lacking(rule, total, counted, expanded=self.ti.map_index > -1)
        if found > 0:
            states = {state: counted[state] for state in _COUNTED}
            facts = {"rule": rule, "found": found, "counted": states, "upstream": list(self.upstream)}
            yield Unmet("trigger rule", facts)

    def _past(self) -> Iterator[Unmet]:
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
        if not mine:
            yield Unmet("past not run", {})
        elif unsuccessful:
            yield Unmet("past unsuccessful", {"instances": unsuccessful})
        elif self.task.wait_for_downstream and any(other.state not in _SUCCEEDED for other in after):
            yield Unmet("past still going", {})

    def _branches(self) -> Iterator[Unmet]:
        for other in self.before:
            told = self.airflow.xcoms.get((other.key, FOLLOWED)) if other.state in FINISHED_TASK else None
            if told is None or not isinstance(told.value, dict):
                continue
            followed = self.task.task_id in told.value.get("followed", (self.task.task_id,))
            if not followed or self.task.task_id in told.value.get("skipped", ()):
                self._become("skipped")
                yield Unmet("left out", {"by": other.task_id})
                return

    def _mapping(self) -> Iterator[Unmet]:
        """The task it maps over is taken to be each one directly before it (assumed)."""
        if not self.task.is_mapped:
            return
        if self.ti.map_index == -1:
            yield Unmet("not yet mapped", {})
        ended = {other.state for other in self.before if other.map_index == -1 and other.state in FINISHED_TASK}
        if not ended or ended == {"success"}:
            return
        if ended & {"failed", "upstream_failed"}:
            self._become("upstream_failed")
        elif "skipped" in ended:
            self._become("skipped")
        yield Unmet("mapped over a failure", {})

    def _become(self, state: str) -> None:
        marking.set_state(self.airflow, self.ti, state, self.airflow.now())


def _lacking(rule: str, total: int, counted: Counter[str], *, expanded: bool) -> int:
    """How many upstream task instances a trigger rule still lacks, or has too many of; 0 when it is met."""
    success, failed, skipped = counted["success"], counted["failed"], counted["skipped"]
    bad = failed + counted["upstream_failed"]
    removed = counted["removed"] if expanded else 0
    match rule:
        case "one_success":
            return int(not success)
        case "one_failed":
            return int(not bad)
        case "one_done":
            return int(not success + failed)
        case "all_success":
            return total - success - removed
        case "all_failed":
            return total - bad - removed
        case "all_done" | "all_done_setup_success":
            return total - counted.total()
        case "none_failed" | "none_failed_min_one_success" | "none_failed_or_skipped":
            return total - success - skipped - removed
        case "none_skipped":
            return max(total - counted.total(), skipped)
        case _:
            return total - skipped
