"""Recording the course of a DAG's runs, while time passes, and finding the runs that can follow it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.domain import plans
from mock_airflow.domain.airflow import AGENDA
from mock_airflow.domain.courses import Course, Entry, Form, Passage, Step, Value, is_untouched
from mock_airflow.domain.records import HOLDING, Dag, DagRun, EventLog, RunKey, TaskInstance, TaskInstanceKey, XCom
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from mock_airflow.domain.lives import Life
    from mock_airflow.domain.stages import Stage

_RECORDED = frozenset({"scheduled", "dataset_triggered"})  # types of runs whose ids are no part of any other word
_PLAIN_RUN_ID = re.compile(r"[A-Za-z0-9_.~:+-]+")  # stands in the audit log's JSON as it is
_SIMPLE = frozenset({None, "queued", "running", "success", "skipped"})
_NAMES = [field.name for field in fields(TaskInstance)]


class Recording:
    """Takes down what the looks at one life do, from its first on."""

    def __init__(self, life: Life, start: datetime) -> None:
        self.life, self.start = life, start
        self.course: Course | None = None
        self.fails = not all(is_untouched(work.row) for work in life.works.values())
        self._before = {key: work.row for key, work in life.works.items()}
        self._rows = dict(self._before)
        self._steps: list[Step] = []
        self._moments: dict[timedelta, int] = {}
        self._texts: dict[tuple[str, ...], int] = {}

    def note(self, at: datetime, changes: list[Change]) -> None:
        """What one look changed. The last one makes the course, unless something cannot be part of any."""
        run, works = self.life.run, self.life.works
        self.fails = self.fails or works.keys() != self._before.keys()
        changed = {} if self.fails else {key: w.row for key, w in works.items() if w.row is not self._rows[key]}
        simple = all(row.state in _SIMPLE for row in changed.values())
        self.fails = self.fails or not simple or not all(self._belongs(change) for change in changes)
        if self.fails:
            return
        rows: list[Any] = [change.after for change in changes]
        known = self._steps[-1].instances if self._steps else {}
        self._steps.append(
            Step(
                self._moment(at),
                tuple(self._entry(row) for row in rows if isinstance(row, EventLog)),
                tuple(self._value(row) for row in rows if isinstance(row, XCom)),
                known | {key.task_id: self._form(self._before[key], row) for key, row in changed.items()},
                *self._slots(changed),
            )
        )
        self._rows |= changed
        if run.key not in self.life.stage.lives:
            ended = self.life.airflow.dag_runs.get(run.key)
            self.fails = ended is None or ended.state != "success"
            self.course = Course.of(tuple(self._moments), tuple(self._texts), self._steps)

    def _belongs(self, change: Change) -> bool:
        """Whether a change is one of those that every run of a course makes, or that the end of any run brings."""
        if change.table in ("event_logs", "xcoms"):
            return change.before is None and change.after is not None
        own = (change.table == "dag_runs" and change.key == self.life.run.key) or change.key in self._before
        return own or change.table == AGENDA

    def _moment(self, at: datetime) -> int:
        return self._moments.setdefault(at - self.start, len(self._moments))

    def _entry(self, row: EventLog) -> Entry:
        text = 0
        if row.extra is not None:
            text = self._texts.setdefault(tuple(row.extra.split(self.life.run.run_id)), len(self._texts)) + 1
        of_run = row.run_id is not None
        moment = self._moment(row.when)
        return Entry(moment, row.event, row.owner, text, row.task_id, row.map_index, row.try_number, of_run)

    def _value(self, row: XCom) -> Value:
        key = TaskInstanceKey(row.dag_id, row.run_id, row.task_id)
        return Value(
            row.task_id, row.key, row.value, self._moment(row.timestamp), row.value == plans.made_up_value(key)
        )

    def _form(self, before: TaskInstance, row: TaskInstance) -> Form:
        values = {name: value for name in _NAMES if (value := getattr(row, name)) != getattr(before, name)}
        attempt = row.try_number if values.pop("pid", None) is not None else None
        moments = {name: self._moment(value) for name, value in values.items() if isinstance(value, datetime)}
        return Form({name: value for name, value in values.items() if name not in moments}, moments, attempt)

    def _slots(self, changed: dict[TaskInstanceKey, TaskInstance]) -> tuple[int, int, Counter[str], Counter[str]]:
        active = admitted = 0
        taken: Counter[str] = Counter()
        needed: Counter[str] = Counter()
        for key, row in changed.items():
            held, holds = self._rows[key].state in HOLDING, row.state in HOLDING
            if held != holds:
                active += 1 if holds else -1
                taken[row.pool] += row.pool_slots if holds else -row.pool_slots
            if holds and not held:
                admitted += 1
                needed[row.pool] += row.pool_slots
        return active, admitted, taken, needed


class Courses:
    """The courses of DAGs, as far as they are known, while time passes up to one moment.

    In that time nobody changes anything from outside, so a course that was recorded in it stays right.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage, self._airflow = stage, stage.airflow
        self._begun: Counter[str] = Counter()
        self._known: dict[str, Course] = {}
        self._recordings: dict[RunKey, Recording] = {}

    def passage(self, run: DagRun, dag: Dag, at: datetime) -> Passage | None:
        """The passage of a run that begins, if there is a course that it can follow."""
        self._begun[dag.dag_id] += 1
        course = self._known.get(dag.dag_id)
        if course is None or self._is_told(run) or not _PLAIN_RUN_ID.fullmatch(run.run_id):
            return None
        passage = Passage(self._stage, run, dag, course, at)
        return passage if passage.fits else None

    def begin(self, life: Life, at: datetime) -> None:
        """Record a life that begins, if that is worth it: the second run of its DAG, and ever fewer if that fails."""
        dag_id, graph, run = life.dag.dag_id, life.graph, life.run
        count = self._begun[dag_id]
        is_time = count > 1 and not count & (count - 1)
        special = graph.by_past or graph.bounded or graph.mapped or run.run_type not in _RECORDED
        if is_time and dag_id not in self._known and not special and not self._is_told(run):
            self._recordings[run.key] = Recording(life, at)

    def note(self, life: Life, at: datetime, first_change: int) -> None:
        """What a look at a life changed, for its recording if there is one."""
        recording = self._recordings.get(life.run.key)
        if recording is None:
            return
        recording.note(at, self._airflow.changes[first_change:])
        if recording.fails or recording.course is not None:
            del self._recordings[life.run.key]
        if recording.course is not None and not recording.fails:
            self._known[life.dag.dag_id] = recording.course

    def _is_told(self, run: DagRun) -> bool:
        """Whether a plan or the DAG's history tells of the run, which need not be the same for each."""
        plans = self._airflow.plans
        planned = (run.dag_id, None) in plans or (run.dag_id, run.run_id) in plans
        return planned or run.dag_id in self._airflow.models
