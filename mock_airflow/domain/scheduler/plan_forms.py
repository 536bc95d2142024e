"""The short forms in which somebody says how runs unfold, and what is wrong with one that cannot be.

A plan is an object by task id. What a task does is a number of seconds, the name of an outcome, or an object:

    seconds     a number, or a list of numbers, one for each attempt
    outcome     success, failed or skipped, or a list of them, one for each attempt
    fails       how many attempts fail before one succeeds
    attempts    a list of such objects, one for each attempt
    follow      the task id, or the list of them, that a branch goes on with
    length      how many instances a mapped task has
    items       an object by map_index, of what single instances do
    returns     the value that the task returns; xcoms: an object of all values it leaves, by key
    log         the lines that it logs; error: the last line of its traceback when it fails
    pokes       how often a sensor looks again, each time up_for_reschedule, then goes on; interval: seconds between
    deferred    the seconds for which it is deferred
    hold        true: it runs until it is released
    gives_up    true: a failure is not tried again, as after AirflowFailException or a sensor's timeout
    changes     an object by asset URI, of the extra that the asset's event carries; of an alias, its assets
    triggers    the DAG that a TriggerDagRunOperator starts, or an object of dag_id, run_id, logical_date and conf
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, TypeAlias

from msgspec.structs import replace

from mock_airflow.domain.records import Attempt, Dag, RunPlan, Task, TaskOrder, Wait
from mock_airflow.errors import PlanError
from mock_airflow.settings.spelling import nearest

PlanForm: TypeAlias = Mapping[str, Any]

_OUTCOMES = ("success", "failed", "skipped")
_ATTEMPT_KEYS = ("seconds", "outcome", "pokes", "interval", "deferred", "hold", "gives_up")
_KEYS = (
    *_ATTEMPT_KEYS,
    "fails",
    "attempts",
    "follow",
    "length",
    "items",
    "returns",
    "xcoms",
    "log",
    "error",
    "triggers",
    "changes",
)
_STARTS = {"trigger_dag_id": "dag_id", "trigger_run_id": "run_id", "logical_date": "logical_date", "conf": "conf"}
_SECONDS = 2.0  # how long an attempt runs of which a plan does not say it
_MOST = 10_000  # instances of a mapped task, attempts, pokes


def plan_of(dag: Dag, form: Any, run_id: str | None = None) -> RunPlan:
    """The plan in this form, for all runs of the DAG or for one. Raises PlanError."""
    where = f"The plan of {dag.dag_id!r}"
    if not isinstance(form, Mapping):
        raise PlanError(f"{where} is an object by task id, not {form!r}.")
    orders = {}
    for task_id, told in form.items():
        task = dag.tasks.get(task_id)
        if task is None:
            raise PlanError(
                f"{where} names the task {task_id!r}, which the DAG does not have{_near(task_id, dag.tasks)}"
            )
        orders[task_id] = _Order(dag, task, f"{where}, task {task_id!r}").read(told)
    return RunPlan(dag_id=dag.dag_id, run_id=run_id, tasks=orders)


def form_of(order: TaskOrder) -> dict[str, Any]:
    """What a plan says of a task, in the form that ``plan_of`` reads; each attempt is spelt out."""
    form: dict[str, Any] = {
        "attempts": None if order.attempts is None else [_attempt_form(each) for each in order.attempts],
        "follow": None if order.follows is None else list(order.follows),
        "length": order.length,
        "items": {str(index): form_of(one) for index, one in order.items.items()} or None,
        "xcoms": order.xcoms,
        "log": None if order.log is None else list(order.log),
        "error": order.error,
        "triggers": None if order.starts is None else {_STARTS[name]: value for name, value in order.starts.items()},
    }
    return {key: value for key, value in form.items() if value is not None}


def _attempt_form(attempt: Attempt) -> dict[str, Any]:
    form: dict[str, Any] = {"seconds": attempt.seconds, "outcome": attempt.outcome}
    for wait in attempt.waits:
        if wait.state == "deferred":
            form["deferred"] = wait.seconds
        else:
            form |= {"pokes": form.get("pokes", 0) + 1, "interval": wait.seconds}
    return {**form, **({"hold": True} if attempt.held else {}), **({"gives_up": True} if attempt.final else {})}


def moment_of(told: Any) -> datetime | None:
    """The time that a text tells, in UTC where it says no zone; None for anything else."""
    try:
        at = datetime.fromisoformat(str(told).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)


def _near(name: Any, known: Iterable[str]) -> str:
    names = list(known)
    found = nearest(name, names)
    return (
        f"; did you mean {found!r}?" if found is not None else f"; there are {', '.join(map(repr, names)) or 'none'}."
    )


def _spelt_out(told: Any) -> Any:
    """What an outcome or a number of seconds stands for; anything else is as it is."""
    if isinstance(told, str):
        return {"outcome": told}
    return {"seconds": told} if isinstance(told, (int, float)) and not isinstance(told, bool) else told


class _Order:
    """Reads what a plan says of one task."""

    def __init__(self, dag: Dag, task: Task, where: str) -> None:
        self.dag, self.task, self.where = dag, task, where

    def complain(self, sentence: str) -> PlanError:
        return PlanError(f"{self.where}: {sentence}")

    def read(self, told: Any) -> TaskOrder:
        told = _spelt_out(told)
        if not isinstance(told, Mapping):
            raise self.complain(f"seconds, an outcome or an object is expected, not {told!r}.")
        for key in told:
            if key not in _KEYS:
                raise self.complain(f"there is no key {key!r}{_near(key, _KEYS)}")
        order = TaskOrder(
            attempts=self._attempts(told),
            follows=self._follows(told.get("follow")),
            length=self._length(told),
            xcoms=self._xcoms(told),
            log=self._lines(told.get("log")),
            error=self._text(told, "error"),
            starts=self._starts(told.get("triggers")),
            changes=self._changes(told.get("changes")),
        )
        items = told.get("items")
        return order if items is None else replace(order, items=self._items(items))

    def _attempts(self, told: Mapping[str, Any]) -> tuple[Attempt, ...] | None:
        listed = told.get("attempts")
        if listed is not None:
            clash = [key for key in (*_ATTEMPT_KEYS, "fails") if key in told]
            if clash:
                raise self.complain(f"'attempts' says everything of them, so {clash[0]!r} beside it is one too many.")
            if isinstance(listed, (str, bytes)) or not isinstance(listed, Sequence) or not listed:
                raise self.complain(f"'attempts' is a list of at least one object, not {listed!r}.")
            return tuple(self._attempt(one) for one in listed)
        if not any(key in told for key in (*_ATTEMPT_KEYS, "fails")):
            return None
        outcomes = self._several(told.get("outcome", "success"))
        if "fails" in told:
            fails = self._whole(told, "fails", 0)
            if "outcome" in told:
                raise self.complain("'fails' and 'outcome' say the same thing; give one of them.")
            if fails > self.task.retries:
                raise self.complain(
                    f"it cannot fail {fails} times and then succeed, as it has {self.task.retries} retries; "
                    "give the task more retries, or the outcome 'failed'."
                )
            outcomes = ["failed"] * fails + ["success"]
        seconds = self._several(told.get("seconds", _SECONDS))
        rest = {key: told[key] for key in ("pokes", "interval", "deferred", "hold", "gives_up") if key in told}
        return tuple(
            self._attempt(
                {
                    "seconds": seconds[min(number, len(seconds) - 1)],
                    "outcome": outcomes[min(number, len(outcomes) - 1)],
                    **rest,
                }
            )
            for number in range(max(len(seconds), len(outcomes)))
        )

    def _several(self, value: Any) -> list[Any]:
        several = list(value) if isinstance(value, (list, tuple)) else [value]
        if not several:
            raise self.complain("a list of seconds or outcomes has at least one.")
        return several

    def _attempt(self, told: Any) -> Attempt:
        told = _spelt_out(told)
        if not isinstance(told, Mapping):
            raise self.complain(f"an attempt is seconds, an outcome or an object, not {told!r}.")
        for key in told:
            if key not in _ATTEMPT_KEYS:
                raise self.complain(f"an attempt has no key {key!r}{_near(key, _ATTEMPT_KEYS)}")
        outcome = told.get("outcome", "success")
        if outcome not in _OUTCOMES:
            raise self.complain(f"an attempt cannot end as {outcome!r}{_near(outcome, _OUTCOMES)}")
        held, final = self._flag(told, "hold"), self._flag(told, "gives_up")
        waits = [Wait("up_for_reschedule", self._seconds(told, "interval", 60.0))] * self._whole(told, "pokes", 0)
        if told.get("deferred") is not None:
            waits.append(Wait("deferred", self._seconds(told, "deferred", 0.0)))
        return Attempt(self._seconds(told, "seconds", _SECONDS), outcome, tuple(waits), held, final)

    def _flag(self, told: Mapping[str, Any], key: str) -> bool:
        value = told.get(key, False)
        if not isinstance(value, bool):
            raise self.complain(f"{key!r} is true or false, not {value!r}.")
        return value

    def _seconds(self, told: Mapping[str, Any], key: str, default: float) -> float:
        value = told.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1e9:
            raise self.complain(f"{key!r} is a number of seconds from 0 on, not {value!r}.")
        return float(value)

    def _whole(self, told: Mapping[str, Any], key: str, default: int) -> int:
        value = told.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
            raise self.complain(f"{key!r} is a whole number from 0 to {_MOST}, not {value!r}.")
        return value

    def _follows(self, told: Any) -> tuple[str, ...] | None:
        if told is None:
            return None
        names = [told] if isinstance(told, str) else list(told) if isinstance(told, (list, tuple)) else None
        if names is None:
            raise self.complain(f"'follow' is a task id or a list of them, not {told!r}.")
        for name in names:
            if name not in self.task.downstream_task_ids:
                raise self.complain(
                    f"a branch goes on with tasks directly after it, and {name!r} is none"
                    f"{_near(name, self.task.downstream_task_ids)}"
                )
        return tuple(names)

    def _length(self, told: Mapping[str, Any]) -> int | None:
        if told.get("length") is None:
            return None
        if not (self.task.is_mapped or self.task.mapped_group):
            raise self.complain("only a mapped task has a 'length', and this one is not mapped.")
        return self._whole(told, "length", 0)

    def _xcoms(self, told: Mapping[str, Any]) -> dict[str, Any] | None:
        values = told.get("xcoms")
        if values is not None and not isinstance(values, Mapping):
            raise self.complain(f"'xcoms' is an object of values by key, not {values!r}.")
        if values is None and "returns" not in told:
            return None
        return {**(values or {}), **({"return_value": told["returns"]} if "returns" in told else {})}

    def _lines(self, told: Any) -> tuple[str, ...] | None:
        if told is None:
            return None
        lines = told.splitlines() if isinstance(told, str) else told
        if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
            raise self.complain(f"'log' is a text or a list of lines, not {told!r}.")
        return tuple(lines)

    def _text(self, told: Mapping[str, Any], key: str) -> str | None:
        value = told.get(key)
        if value is not None and not isinstance(value, str):
            raise self.complain(f"{key!r} is a text, not {value!r}.")
        return value

    def _starts(self, told: Any) -> dict[str, Any] | None:
        if told is None:
            return None
        form = {"dag_id": told} if isinstance(told, str) else told
        if not isinstance(form, Mapping) or not isinstance(form.get("dag_id"), str):
            raise self.complain(
                f"'triggers' is a DAG's id, or an object of dag_id, run_id, logical_date and conf, not {told!r}."
            )
        names = {key: name for name, key in _STARTS.items()}
        for key in form:
            if key not in names:
                raise self.complain(f"'triggers' has no key {key!r}{_near(key, names)}")
        if moment_of(form.get("logical_date")) is None and form.get("logical_date") is not None:
            raise self.complain(f"'logical_date' is a time such as 2025-01-01T06:00:00Z, not {form['logical_date']!r}.")
        return {names[key]: value for key, value in form.items()}

    def _changes(self, told: Any) -> dict[str, Any] | None:
        if told is not None and not isinstance(told, Mapping):
            raise self.complain(f"'changes' is an object of extras by asset URI, not {told!r}.")
        for uri, extra in (told or {}).items():
            if not isinstance(extra, Mapping):
                raise self.complain(f"the extra of {uri!r} is an object, such as {{'rows': 7}}, not {extra!r}.")
            if uri not in self.task.outlets and not self.task.outlet_aliases:
                raise self.complain(f"it does not change {uri!r}{_near(uri, self.task.outlets)}")
        return None if told is None else {uri: dict(extra) for uri, extra in told.items()}

    def _items(self, told: Any) -> dict[int, TaskOrder]:
        if not isinstance(told, Mapping):
            raise self.complain(f"'items' is an object by map_index, not {told!r}.")
        orders = {}
        for name, one in told.items():
            if not str(name).isdecimal():
                raise self.complain(f"a map_index is a whole number from 0 on, not {name!r}.")
            orders[int(name)] = _Order(self.dag, self.task, f"{self.where}, map_index {name}").read(one)
        return orders
