"""The course that undisturbed runs of a DAG take: recorded from one of them, followed by those after it.

While a long time passes at once, a schedule may make thousands of runs of which each does what the one before did. So
the second is recorded look by look, and the later ones take its steps, each at its moment, without anything being
worked out again. A run follows a course only for as long as nothing is in its way; then it goes on as any other life,
from where it stands.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.domain import dag_runs, plans
from mock_airflow.domain.records import Dag, DagRun, EventLog, TaskInstance, TaskInstanceKey, XCom
from mock_airflow.storage.rows import evolve

if TYPE_CHECKING:
    from mock_airflow.domain.stages import Stage

_event_log: Any = partial(tuple.__new__, EventLog)  # in half the time of EventLog()


class Form(NamedTuple):
    """What a step makes of a task instance's row as it was before the run began."""

    values: dict[str, Any]
    moments: dict[str, int]  # which of the course's
    attempt: int | None  # of which the process id is told

    def of(self, row: TaskInstance, moments: list[datetime]) -> TaskInstance:
        """The row in a run that has these moments."""
        values = self.values.copy()
        for name, number in self.moments.items():
            values[name] = moments[number]
        if self.attempt is not None:
            values["pid"] = plans.pid(row.key, self.attempt)
        return evolve(row, **values)


class Entry(NamedTuple):
    """A row of the audit log: which of the course's moments it is of, which text is its extra, if it names its run."""

    moment: int
    event: str
    owner: str | None
    text: int
    task_id: str | None
    map_index: int | None
    try_number: int | None
    of_run: bool


class Value(NamedTuple):
    """An xcom; with ``drawn`` it holds a number that is made up from the task instance."""

    task_id: str
    key: str
    value: Any
    moment: int
    drawn: bool


class Step(NamedTuple):
    """One look at the run, or several in one."""

    moment: int  # of the course's, when it is over
    entries: tuple[Entry, ...]
    values: tuple[Value, ...]
    instances: dict[str, Form]  # of all tasks that are not as they were before the run
    active: int  # how many more task instances are active after it
    admitted: int  # how many may have to be let in at once
    taken: Counter[str]  # the slots that it takes, or gives back, by pool
    needed: Counter[str]  # the slots that have to be free


class Course(NamedTuple):
    """All the steps, from a run's first look to its success, and what they come to together.

    Its ``moments`` are times since the first look; its ``texts`` come in pieces, between which the run's id stands.
    """

    moments: tuple[timedelta, ...]
    texts: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    whole: Step

    @classmethod
    def of(cls, moments: tuple[timedelta, ...], texts: tuple[tuple[str, ...], ...], steps: list[Step]) -> Course:
        """The course of these steps."""
        active = admitted = 0
        taken: Counter[str] = Counter()
        needed: Counter[str] = Counter()
        for step in steps:
            admitted = max(admitted, active + step.admitted)
            needed |= taken + step.needed
            active += step.active
            taken.update(step.taken)
        last = steps[-1]
        entries = tuple(entry for step in steps for entry in step.entries)
        values = tuple(value for step in steps for value in step.values)
        whole = Step(last.moment, entries, values, last.instances, active, admitted, taken, needed)
        return cls(moments, texts, tuple(steps), whole)


class Passage:
    """A run that follows a course from ``start`` on."""

    __slots__ = ("_moments", "_rows", "_step", "_texts", "airflow", "course", "run", "stage")

    def __init__(self, stage: Stage, run: DagRun, dag: Dag, course: Course, start: datetime) -> None:
        self.stage, self.airflow, self.run, self.course = stage, stage.airflow, run, course
        self._rows = list(self.airflow.task_instances.group("run", run.key).values())
        self._step = 0  # the next one's number
        self._moments = [start + after for after in course.moments]
        self._texts = [None, *[run.run_id.join(text) for text in course.texts]]
        stage.slots.know(dag, course.whole.needed)

    @property
    def fits(self) -> bool:
        """Whether the run begins as the course does."""
        tasks = self.course.whole.instances
        same = len(self._rows) == len(tasks) and all(row.task_id in tasks and is_untouched(row) for row in self._rows)
        return same and not self.airflow.xcoms.group("run", self.run.key)

    def look(self, at: datetime) -> bool:
        """Take the step of this moment, and those up to the next thing that has to be looked at.

        False where that is not the step's moment, or something is in its way; then the run is no passage any more.
        """
        steps, whole, key = self.course.steps, self.course.whole, self.run.key
        if not self._step and self._is_alone(self._moments[whole.moment]) and self._is_free(whole):
            self._take(whole)
            self._step = len(steps)
            self._end()
            return True
        while self._moments[steps[self._step].moment] == at and self._is_free(steps[self._step]):
            self._take(steps[self._step])
            self._step += 1
            if self._step == len(steps):
                self._end()
                return True
            at = self._moments[steps[self._step].moment]
            if not self._is_alone(at):
                self.stage.passages[key] = self
                self.airflow.wake(key, at)
                return True
        self.write()
        return False

    def _is_alone(self, at: datetime) -> bool:
        """Whether nothing else has to be looked at until this moment."""
        return at <= self.stage.until and self.airflow.comes_first(at, self.run)

    def _is_free(self, step: Step) -> bool:
        dag = self.airflow.dags.get(self.run.dag_id)
        return dag is not None and not dag.is_paused and self.stage.slots.are_free(dag, step.admitted, step.needed)

    def _take(self, step: Step) -> None:
        airflow, run, moments, texts = self.airflow, self.run, self._moments, self._texts
        dag_id, run_id, date = run.dag_id, run.run_id, run.logical_date
        numbers = airflow.next_ids("event_logs", len(step.entries))
        airflow.event_logs.extend(
            numbers,
            [
                _event_log(
                    (number, moments[moment], event, owner, texts[text], dag_id, task_id, run_id, index, tries, date)
                )
                if of_run
                else _event_log(
                    (number, moments[moment], event, owner, texts[text], dag_id, task_id, None, index, tries, None)
                )
                for number, (moment, event, owner, text, task_id, index, tries, of_run) in zip(
                    numbers, step.entries, strict=True
                )
            ],
        )
        for task_id, key, value, moment, drawn in step.values:
            told = plans.made_up_value(TaskInstanceKey(dag_id, run_id, task_id)) if drawn else value
            airflow.xcoms.put(XCom(dag_id, run_id, task_id, -1, key, told, date, moments[moment]))
        self.stage.slots.shift(dag_id, step.active, step.taken)

    def _end(self) -> None:
        run = self._left()
        dag_runs.end(self.airflow, run, "success", run.updated_at)

    def write(self) -> None:
        """Bring the tables up to date with this run, which leaves the course here."""
        run = self._left()
        if self._step:
            self.airflow.dag_runs.put(run)

    def _left(self) -> DagRun:
        """The run as the last step leaves it, with its task instances put."""
        self.stage.passages.pop(self.run.key, None)
        if not self._step:
            return self.run
        last = self.course.steps[self._step - 1]
        for row in self._rows:
            if row.task_id in last.instances:
                self.airflow.task_instances.put(last.instances[row.task_id].of(row, self._moments))
        at = self._moments[last.moment]
        return evolve(self.run, last_scheduling_decision=at, updated_at=at)


def is_untouched(row: TaskInstance) -> bool:
    """Whether a task instance is as its run was made with it."""
    return row.state is None and row.try_number == 0 and row.map_index == -1
