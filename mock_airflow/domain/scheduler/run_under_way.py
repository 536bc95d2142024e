"""A run while time passes: what the scheduler does with it at each of its looks."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from mock_airflow.domain import clearing, dag_runs, xcoms
from mock_airflow.domain.dags import relatives_of
from mock_airflow.domain.marking import marked
from mock_airflow.domain.records import FINISHED_TASK, Node, TaskInstanceKey
from mock_airflow.domain.scheduler import plans, questions
from mock_airflow.domain.scheduler.attempts import AttemptOf, wait_for_retry
from mock_airflow.domain.scheduler.live_runs import LiveRun, Work
from mock_airflow.domain.scheduler.mapped_expansion import expand, revise
from mock_airflow.domain.scheduler.trigger_rules import Verdict, of_setups, verdict

_SUCCEEDED = frozenset({"success", "skipped"})


class Life(LiveRun):
    """One run, looked at by the scheduler at the moments at which something is due.

    What a look changes shows its effect on others at the next: a task that needs no work is done a loop after its turn
    came, and a run ends a loop after its last task (observed). The end of a task that does work starts those after it
    at once, as Airflow's small scheduler in the task's own process does.
    """

    # ------------------------------------------------------------------------------------------------------ one look

    def look(self, at: datetime) -> None:
        """Do what is due, let start what may, and say when to look again."""
        timeout = self.dag.dag_run_timeout
        if timeout is not None and self.run.start_date is not None and self.run.start_date + timeout <= at:
            self._time_out(at)
            return
        # With nobody else to be thought of, what may begin is queued at once; else all wait for the end of the moment.
        self.alone = not (self.slots.count or self.graph.mapped) and self.airflow.next_moment() != at
        ended = self._advance(at)
        self.stage.pools.update(work.row.pool for work in self.waiting.values())
        if self.dag.rests:  # what runs comes to its end, nothing else happens
            self._wake()
            return
        changed = self._schedule(at, ended) or bool(ended)
        self.decided_at = at
        if changed:
            self._wake(at + self.stage.loop)
            if self.graph.by_past:
                self._wake_others(at + self.stage.loop)
        elif not (self.active or self.idle or self.waiting):
            self._end(self._state_by_leaves(), at)
        elif self._deadlocked():
            self._end("failed", at)
        else:
            self._wake()

    def _wake(self, *moments: datetime) -> None:
        known = [moment for work in self.active.values() if (moment := work.moment) is not None]
        if self.dag.dag_run_timeout is not None and self.run.start_date is not None and not self.dag.rests:
            known.append(self.run.start_date + self.dag.dag_run_timeout)
        if known or moments:
            self.airflow.wake(self.run.key, min([*known, *moments]))

    def _wake_others(self, at: datetime) -> None:
        """Tasks of other runs may have waited for what changed in this one."""
        for key in self.airflow.dag_runs.group("open", (self.dag.dag_id, "running")):
            if key != self.run.key:
                self.airflow.wake(key, at)

    def _deadlocked(self) -> bool:
        """Whether what is left would wait for ever (code)."""
        return not (self.active or self.waiting) and not any(
            task.depends_on_past or task.max_active_tis_per_dag or task.max_active_tis_per_dagrun
            for task in (work.node.task for work in self.idle.values())
        )

    def _state_by_leaves(self) -> str:
        leaves = (work for name in self.graph.leaves for work in self.by_task.get(name, ()))
        return "failed" if any(work.row.state in ("failed", "upstream_failed") for work in leaves) else "success"

    def _end(self, state: str, at: datetime) -> None:
        self.write()
        self.stage.lives.pop(self.run.key, None)
        dag_runs.end(self.airflow, self.run, state, at)
        if state == "failed":
            dag_runs.pause_after_failures(self.airflow, self.dag)
        if self.graph.by_past:
            self._wake_others(at + self.stage.loop)

    def _time_out(self, at: datetime) -> None:
        every = self.airflow.conduct.times_out_all
        for work in list(self.works.values()):
            if work.row.state not in FINISHED_TASK and (every or work.row.state is not None):
                self._stop(work, "skipped", at)
        self.decided_at = at
        self._end("failed", at)

    def _stop(self, work: Work, state: str, at: datetime) -> None:
        self.put(work, replace(work.row, state=state, updated_at=at, wake_at=None, ends_at=None, outcome=None))

    def _fail_fast(self, at: datetime) -> None:
        """Stop all that is not over, as a task failed for good: what runs has failed, the rest is skipped (code)."""
        for work in list(self.works.values()):
            if work.row.state == "running":
                begun = work.row.start_date or at
                self.put(work, replace(work.row, end_date=at, duration=(at - begun).total_seconds()))
                self._stop(work, "failed", at)
            elif work.row.state not in FINISHED_TASK and not work.node.task.is_teardown:
                self._stop(work, "skipped", at)

    # -------------------------------------------------------------------------------------------- what is under way

    def _advance(self, at: datetime) -> set[str]:
        """What is under way goes on; the tasks that came to an end."""
        due = [work for work in self.active.values() if (moment := work.moment) is not None and moment <= at]
        if len(due) > 1:
            due.sort(key=lambda work: work.order)
        ended: set[str] = set()
        for work in due:
            row = work.row
            if row.state == "running":
                attempt = AttemptOf(self.airflow, self.dag, self.run, work.node, row)
                self.put(work, attempt.finish(at))
                if xcoms.FOLLOWED in attempt.left:
                    self._skip_other_branches(work, attempt.left[xcoms.FOLLOWED], at)
                if work.row.state not in ("up_for_reschedule", "deferred", "awaiting_input"):
                    ended.add(row.task_id)
                if work.row.state == "failed" and self.dag.fail_fast:
                    self._fail_fast(at)
            elif row.state == "queued":
                self.put(work, AttemptOf(self.airflow, self.dag, self.run, work.node, row).start(at))
            elif row.state == "restarting":
                stopped = replace(row, max_tries=row.max_tries + 1, waits=0)
                if self.airflow.conduct.stops_cleared:
                    clearing.remember_try(self.airflow, row, at)
                    self.put(work, stopped)
                    self.queue(work, at)
                else:
                    self.put(work, wait_for_retry(self.airflow, stopped, work.node.task, at))
            else:
                if row.state == "awaiting_input":
                    questions.time_out(self.airflow, row, at)
                self.queue(work, at)
        return ended

    def _skip_other_branches(self, work: Work, told: object, at: datetime) -> None:
        """A branch skips at once what it does not follow; these task instances get no duration (observed)."""
        if not isinstance(told, dict):
            return
        skipped = set(told.get("skipped", ()))
        if "followed" in told:
            on = relatives_of(self.dag, told["followed"], downstream=True)
            skipped |= set(work.node.task.downstream_task_ids) - on
        for name in sorted(skipped):
            for other in self.by_task.get(name, ()):
                if other.row.state not in FINISHED_TASK:
                    self.put(other, replace(other.row, state="skipped", start_date=at, end_date=at, updated_at=at))

    # ----------------------------------------------------------------------------------------------- what may begin

    def _schedule(self, at: datetime, ended: set[str]) -> bool:
        """Let start what may, as things stood before; whether anything changed. After ``ended``, only what follows."""
        changed = self.graph.mapped and revise(self, at)
        chosen = list(self.idle.values())
        if ended:
            after = {name for one in ended for name in self.graph.nodes[one].dependents}
            chosen = [work for work in chosen if work.row.task_id in after]
        said = [(work, rule) for work in chosen if (rule := self._verdict(work)) != "wait"]
        if len(said) > 1:
            said.sort(key=lambda each: (-(each[0].row.priority_weight or 0), *each[0].order[::-1]))
        for work, rule in said:
            if self.graph.mapped and self.idle.get(work.key) is not work:
                continue  # another of its mapped group was expanded, and it with it
            changed |= self._consider(work, rule, at, by_scheduler=not ended)
        return changed

    def _verdict(self, work: Work) -> Verdict:
        node = work.node
        if node.setups and (rule := of_setups(self._states(node.setups, work))) != "run":
            return rule
        if not node.upstream:
            return "run" if node.task.trigger_rule != "one_success" else "wait"
        setups: list[str | None] = []
        if node.task.trigger_rule == "all_done_setup_success":
            setups = self._states([one for one in node.upstream if self.graph.nodes[one].task.is_setup], work)
        states = self._states(node.upstream, work)
        leaving_removed = work.row.map_index >= 0 or not self.airflow.conduct.counts_removed
        return verdict(node.task.trigger_rule, states, setups, leaving_removed=leaving_removed)

    def _states(self, names: list[str] | tuple[str, ...], work: Work) -> list[str | None]:
        """The states of all instances of tasks; in one mapped task group only those of the same index."""
        group = work.node.task.mapped_group if work.row.map_index >= 0 else None
        return [
            other.row.state
            for name in names
            for other in self.by_task.get(name, ())
            if group is None or other.node.task.mapped_group != group or other.row.map_index in (-1, work.row.map_index)
        ]

    def _consider(self, work: Work, rule: Verdict, at: datetime, *, by_scheduler: bool) -> bool:
        if rule in ("skipped", "upstream_failed"):
            self.put(work, marked(work.row, rule, at))
            return True
        node, task = work.node, work.node.task
        if task.depends_on_past and not self._past_allows(task.task_id, wait=task.wait_for_downstream):
            return False
        plan = plans.task_plan(self.airflow, self.dag, task, self.run.run_id, work.row.map_index)
        if self._left_out(node) or (plan.never and work.row.try_number == 0):
            self.put(work, marked(work.row, "skipped", at))
        elif (task.is_mapped or task.mapped_group) and work.row.map_index == -1:
            expand(self, work, plan.length, at)
        elif node.no_work and plan.order.attempts is None:
            if by_scheduler:
                number = work.row.try_number + 1
                done = replace(work.row, state="success", try_number=number, start_date=at, end_date=at, duration=0.0)
                self.put(work, replace(done, updated_at=at))
        else:
            self.queue(work, at)
        return True

    def _left_out(self, node: Node) -> bool:
        """Whether a branch before the task went another way (code: Airflow's NotPreviouslySkippedDep)."""
        name = node.task.task_id
        for before in node.upstream:
            told = self.airflow.xcoms.get((TaskInstanceKey(*self.run.key, before), xcoms.FOLLOWED))
            words = told.value if told is not None and isinstance(told.value, dict) else {}
            if name not in words.get("followed", (name,)) or name in words.get("skipped", ()):
                return True
        return False

    def _past_allows(self, task_id: str, *, wait: bool) -> bool:
        """Whether the task did well in the run before, and with ``wait`` those directly after it too (code).

        With catch-up the run before is the last one that was not triggered by hand.
        """
        order = "automatic" if self.dag.catchup else "logical_date"
        runs = self.airflow.dag_runs.before(order, self.dag.dag_id, self.run.logical_date)
        previous = next(runs, None)
        if previous is None:
            return True
        rows = self.stage.rows_of(previous.key)
        if not any(row.task_id == task_id for row in rows):
            keys = (TaskInstanceKey(*run.key, task_id) for run in runs)
            return all(self.airflow.task_instances.get(key) is None for key in keys)
        names = {task_id, *(self.graph.nodes[task_id].task.downstream_task_ids if wait else ())}
        return all(row.state in _SUCCEEDED for row in rows if row.task_id in names)
