"""The course that a DAG's scheduled runs take when nothing else happens: recorded from one, followed by later ones.

While a long time passes at once, a schedule may make thousands of runs of which each does what the one before did. So
one of them is recorded. Where a later one has the time until its end to itself, with slots for all of its tasks, the
rows that it leaves are written without its being looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import repeat, starmap
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_airflow.domain import dag_runs
from mock_airflow.domain.airflow import AGENDA
from mock_airflow.domain.records import HOLDING, Dag, DagRun, EventLog, RunKey, TaskInstance, TaskInstanceKey, XCom
from mock_airflow.domain.scheduler import plans, scheduled_runs
from mock_airflow.domain.scheduler.live_runs import LiveRun, LiveRuns
from mock_airflow.domain.task_instances import placed
from mock_airflow.storage.tables import Change

_SIMPLE = frozenset({None, "queued", "running", "success", "skipped"})
_NAMES = [name for name in TaskInstance.__struct_fields__ if name != "logical_date"]


class Entries(NamedTuple):
    """Rows of the audit log, column by column, as that is how many are made in the time of a few.

    ``moments`` and ``texts`` are numbers among the course's, the latter of the extras; ``of_run`` says whether a row
    names its run.
    """

    moments: tuple[int, ...]
    events: tuple[str, ...]
    owners: tuple[str | None, ...]
    texts: tuple[int, ...]
    task_ids: tuple[str | None, ...]
    map_indexes: tuple[int | None, ...]
    try_numbers: tuple[int | None, ...]
    of_run: tuple[bool, ...]

    def of(self, run: DagRun, numbers: range, moments: list[datetime], texts: list[str | None]) -> Iterable[EventLog]:
        """The rows of another run that has these moments and texts."""
        columns = zip(
            numbers,
            map(moments.__getitem__, self.moments),
            self.events,
            self.owners,
            map(texts.__getitem__, self.texts),
            repeat(run.dag_id),
            self.task_ids,
            map((None, run.run_id).__getitem__, self.of_run),
            self.map_indexes,
            self.try_numbers,
            map((None, run.logical_date).__getitem__, self.of_run),
            strict=False,  # one of them has no end
        )
        return starmap(EventLog, columns)


class Value(NamedTuple):
    """An xcom; with ``drawn`` it holds a number that is made up from the task instance."""

    task_id: str
    key: str
    value: Any
    moment: int
    drawn: bool

    def of(self, run: DagRun, key: TaskInstanceKey, moments: list[datetime]) -> XCom:
        """The row of another run that has these moments."""
        value = plans.made_up_value(key) if self.drawn else self.value
        return XCom(*key, self.key, value, run.logical_date, moments[self.moment])


class Form(NamedTuple):
    """A task instance at its end: its row in the recorded run, and the numbers of the moments that it tells."""

    row: TaskInstance
    moments: tuple[tuple[str, int], ...]
    has_pid: bool

    def of(self, run: DagRun, key: TaskInstanceKey, moments: list[datetime]) -> TaskInstance:
        """The row of another run that has these moments."""
        values: dict[str, Any] = {name: moments[number] for name, number in self.moments}
        if self.has_pid:
            values["pid"] = plans.pid(key, self.row.try_number)
        return replace(self.row, run_id=key.run_id, logical_date=run.logical_date, **values)


class RunCourse(NamedTuple):
    """What a run leaves from its first look to its success, with the most slots that it takes at a time, by pool.

    Its ``moments`` are times since the first look; its ``texts`` come in pieces, between which the run's id stands.
    """

    length: timedelta
    moments: tuple[timedelta, ...]
    texts: tuple[tuple[str, ...], ...]
    entries: Entries
    values: tuple[Value, ...]
    forms: tuple[Form, ...]
    active: int
    slots: Counter[str]

    def follow(self, stage: LiveRuns[Any], run: DagRun) -> bool:
        """Add a run that is to be queued as it is at its end, if it is alone until then; whether it is."""
        airflow, dag = stage.airflow, stage.airflow.dags.get(run.dag_id)
        begins = (run.queued_at or run.updated_at) + stage.loop
        ends, following = begins + self.length, airflow.next_moment()
        if dag is None or ends > stage.until or (following is not None and following <= ends):
            return False
        running = airflow.dag_runs.group("open", (run.dag_id, "running"))
        stage.slots.know(dag, self.slots)
        if len(running) >= scheduled_runs.most_runs(dag) or not stage.slots.are_free(dag, self.active, self.slots):
            return False
        numbers = airflow.next_ids("event_logs", len(self.entries.events))
        run = dag_runs.end(airflow, replace(run, start_date=begins, last_scheduling_decision=ends), "success", ends)
        first, name = numbers.start, run.key
        followed = Followed(self, run, first)
        if numbers:
            airflow.event_logs.add_batch(first, len(numbers), Followed.event_logs, followed)
        if self.forms:
            airflow.task_instances.add_batch(name, len(self.forms), Followed.task_instances, followed)
        if self.values:
            airflow.xcoms.add_batch(name, len(self.values), Followed.xcoms, followed)
        return True


class Followed(NamedTuple):
    """A run that took a course, and the first of its numbers in the audit log: its rows are made when they are read."""

    course: RunCourse
    run: DagRun
    first: int

    def event_logs(self) -> Mapping[int, EventLog]:
        """Its part of the audit log."""
        texts = [None, *[self.run.run_id.join(text) for text in self.course.texts]]
        numbers = range(self.first, self.first + len(self.course.entries.events))
        return dict(zip(numbers, self.course.entries.of(self.run, numbers, self._moments(), texts), strict=True))

    def task_instances(self) -> Mapping[TaskInstanceKey, TaskInstance]:
        """Its task instances."""
        moments = self._moments()
        keys = [self._key(form.row.task_id) for form in self.course.forms]
        return {key: form.of(self.run, key, moments) for form, key in zip(self.course.forms, keys, strict=True)}

    def xcoms(self) -> Mapping[tuple[TaskInstanceKey, str], XCom]:
        """What its tasks returned."""
        moments = self._moments()
        keyed = [(self._key(value.task_id), value) for value in self.course.values]
        return {(key, value.key): value.of(self.run, key, moments) for key, value in keyed}

    def _key(self, task_id: str) -> TaskInstanceKey:
        return TaskInstanceKey(self.run.dag_id, self.run.run_id, task_id)

    def _moments(self) -> list[datetime]:
        begins = self.run.start_date
        assert begins is not None
        return [begins + after for after in self.course.moments]


class Recording:
    """Takes down what the looks at one life do, from its first on."""

    def __init__(self, life: LiveRun, start: datetime) -> None:
        self.life, self.start = life, start
        self.course: RunCourse | None = None
        self._before = {key: work.row for key, work in life.works.items()}
        made = replace(life.run, updated_at=life.run.queued_at)
        self.fails = [*self._before.values()] != [placed(node.fresh, made) for node in life.graph.nodes.values()]
        self._rows: list[Any] = []
        self._active = 0
        self._slots: Counter[str] = Counter()
        self._moments: dict[timedelta, int] = {}
        self._texts: dict[tuple[str, ...], int] = {}

    def note(self, at: datetime, changes: Iterable[Change]) -> None:
        """What one look changed. The last one makes the course, unless something cannot be part of any."""
        life = self.life
        rows = [work.row for work in life.works.values()]
        same = life.works.keys() == self._before.keys() and all(row.state in _SIMPLE for row in rows)
        self.fails = self.fails or not same or not all(self._belongs(change) for change in changes)
        if self.fails:
            return
        self._rows += [change.after for change in changes]
        held = [row for row in rows if row.state in HOLDING]
        self._active = max(self._active, len(held))
        slots: Counter[str] = Counter()
        for row in held:
            slots[row.pool] += row.pool_slots
        self._slots |= slots
        if life.run.key not in life.stage.lives:
            ended = life.airflow.dag_runs.get(life.run.key)
            self.fails = ended is None or ended.state != "success"
            self.course = self._whole(at - self.start)

    def _belongs(self, change: Change) -> bool:
        """Whether a change is one of those that every run of a course makes, or that the end of any run brings."""
        if change.table in ("event_logs", "xcoms"):
            return change.before is None and isinstance(change.after, (EventLog, XCom))
        own = (change.table == "dag_runs" and change.key == self.life.run.key) or change.key in self._before
        return own or change.table == AGENDA

    def _whole(self, length: timedelta) -> RunCourse:
        logs = [row for row in self._rows if isinstance(row, EventLog)]
        entries = Entries(*zip(*map(self._entry, logs), strict=True)) if logs else Entries(*[()] * len(Entries._fields))
        values = tuple(self._value(row) for row in self._rows if isinstance(row, XCom))
        forms = tuple(self._form(work.row) for work in self.life.works.values())
        moments, texts = tuple(self._moments), tuple(self._texts)
        return RunCourse(length, moments, texts, entries, values, forms, self._active, self._slots)

    def _moment(self, at: datetime) -> int:
        return self._moments.setdefault(at - self.start, len(self._moments))

    def _entry(self, row: EventLog) -> tuple[Any, ...]:
        """What one row has in the columns of Entries."""
        text = 0
        if row.extra is not None:
            text = self._texts.setdefault(tuple(row.extra.split(self.life.run.run_id)), len(self._texts)) + 1
        of_run, moment = row.run_id is not None, self._moment(row.when)
        return moment, row.event, row.owner, text, row.task_id, row.map_index, row.try_number, of_run

    def _value(self, row: XCom) -> Value:
        drawn = row.value == plans.made_up_value(TaskInstanceKey(row.dag_id, row.run_id, row.task_id))
        return Value(row.task_id, row.key, row.value, self._moment(row.timestamp), drawn)

    def _form(self, row: TaskInstance) -> Form:
        told = ((name, getattr(row, name)) for name in _NAMES)
        moments = [(name, self._moment(value)) for name, value in told if isinstance(value, datetime)]
        return Form(row, tuple(moments), row.pid is not None)


class Courses:
    """The courses of DAGs, as far as they are known, while time passes up to one moment.

    In that time nobody changes anything from outside, so a course that was recorded in it stays right.
    """

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._known: dict[str, RunCourse] = {}
        self._recordings: dict[RunKey, Recording] = {}

    def of(self, dag_id: str) -> RunCourse | None:
        """The course that the DAG's next scheduled run can take."""
        return self._known.get(dag_id)

    def begin(self, life: LiveRun, at: datetime) -> None:
        """Record a life that begins, if that is worth it: the second run of its DAG, and ever fewer if that fails."""
        dag, run, airflow = life.dag, life.run, life.airflow
        if run.run_type != "scheduled" or dag.dag_id in self._known:
            return
        self._begun[dag.dag_id] += 1
        count = self._begun[dag.dag_id]
        names = ((dag.dag_id, None), (dag.dag_id, run.run_id))
        told = dag.dag_id in airflow.models or any(name in airflow.plans for name in names)  # need not be alike for all
        special = life.graph.by_past or life.graph.bounded or life.graph.mapped or not _always_the_same(dag)
        if count > 1 and not count & (count - 1) and not told and not special:
            self._recordings[run.key] = Recording(life, at)

    def note(self, life: LiveRun, at: datetime, first_change: int) -> None:
        """What a look at a life changed, for its recording if there is one."""
        recording = self._recordings.get(life.run.key)
        if recording is None:
            return
        recording.note(at, life.airflow.changes[first_change:])
        if recording.fails or recording.course is not None:
            del self._recordings[life.run.key]
        if recording.course is not None and not recording.fails:
            self._known[life.dag.dag_id] = recording.course


def _always_the_same(dag: Dag) -> bool:
    """Whether a DAG's tasks are those of each of its scheduled runs: none begins later than it, or ends."""
    ends = [dag.end_date, *[task.end_date for task in dag.tasks.values()]]
    starts = {task.start_date for task in dag.tasks.values()} - {None, dag.start_date}
    return not starts and not any(ends)
