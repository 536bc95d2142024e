"""Airflow's lists of words: trigger rules, weight rules, states, kinds of run."""

from __future__ import annotations

from enum import Enum
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.installed import Installed


class _Words(str, Enum):
    def __str__(self) -> str:
        return str(self.value)


class _TriggerRules(_Words):
    @classmethod
    def is_valid(cls, rule: Any) -> bool:
        """Whether there is such a rule."""
        return rule in cls.all_triggers()

    @classmethod
    def all_triggers(cls) -> set[Any]:
        """Every rule."""
        return set(cls)


class TriggerRule(_TriggerRules):
    """When a task may run, by the states of those before it: what Airflow 2 and 3 both have."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ALL_SKIPPED = "all_skipped"


def _with(kind: Any, base: Any, after: str | None = None, **more: str) -> Any:
    """The words of an enumeration and more, at the end or ``after`` one; each equals itself elsewhere, and its text."""
    words: dict[str, str] = {}
    for each in kind:
        words[each.name] = each.value
        if each.name == after:
            words |= more
    return base(kind.__name__, {**words, **more}, module=kind.__module__)


_TRIGGER_RULES = {
    2: _with(TriggerRule, _TriggerRules, NONE_FAILED_OR_SKIPPED="none_failed_or_skipped", DUMMY="dummy"),
    3: _with(TriggerRule, _TriggerRules, after="ALL_DONE", ALL_DONE_MIN_ONE_SUCCESS="all_done_min_one_success"),
}


def trigger_rules() -> Any:
    """The trigger rules of the version of Airflow that is installed."""
    return _TRIGGER_RULES[min(Installed.major, 3)]


class WeightRule(_Words):
    """How a task's place in the queue is reckoned."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"


class PriorityWeightStrategy:
    """The base of the ways to reckon a task's place that installations add."""

    def get_weight(self, ti: Any) -> int:
        """A task instance's weight."""
        raise NotImplementedError

    def serialize(self) -> dict[str, Any]:
        """Its values."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Any:
        """One of these values."""
        return cls(**data)


def weight_rule_of(given: Any) -> str:
    """How the API tells a weight rule: a word, or the class of an installation's own."""
    if given is None:
        return "downstream"
    if isinstance(given, PriorityWeightStrategy):
        given = type(given)
    if isinstance(given, type):
        return f"{given.__module__}.{given.__qualname__}"
    text = str(given)
    if text not in set(WeightRule) and "." not in text:
        if Installed.major > 2:  # which finds out when it stores the DAG
            return text
        raise AirflowException(f"Unknown priority strategy {given!r}.")
    return text


class TaskInstanceState(_Words):
    """The states of a task instance."""

    REMOVED = "removed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"


class DagRunState(_Words):
    """The states of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class State:
    """All states by one name, as older files use them."""

    SUCCESS = TaskInstanceState.SUCCESS
    RUNNING = TaskInstanceState.RUNNING
    FAILED = TaskInstanceState.FAILED
    NONE = None
    REMOVED = TaskInstanceState.REMOVED
    SCHEDULED = TaskInstanceState.SCHEDULED
    QUEUED = TaskInstanceState.QUEUED
    RESTARTING = TaskInstanceState.RESTARTING
    UP_FOR_RETRY = TaskInstanceState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskInstanceState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskInstanceState.UPSTREAM_FAILED
    SKIPPED = TaskInstanceState.SKIPPED
    DEFERRED = TaskInstanceState.DEFERRED
    task_states: tuple[Any, ...] = (None, *TaskInstanceState)
    dag_states = tuple(DagRunState)
    finished = frozenset(
        {
            TaskInstanceState.SUCCESS,
            TaskInstanceState.FAILED,
            TaskInstanceState.SKIPPED,
            TaskInstanceState.UPSTREAM_FAILED,
            TaskInstanceState.REMOVED,
        }
    )
    failed_states = frozenset({TaskInstanceState.FAILED, TaskInstanceState.UPSTREAM_FAILED})
    success_states = frozenset({TaskInstanceState.SUCCESS, TaskInstanceState.SKIPPED})


_STATES_2 = _with(TaskInstanceState, _Words, SHUTDOWN="shutdown")


class _State2(State):
    SHUTDOWN = _STATES_2.SHUTDOWN
    task_states = (None, *_STATES_2)


_State2.__name__ = _State2.__qualname__ = "State"


def task_instance_states() -> Any:
    """The states of a task instance in the version of Airflow that is installed."""
    return _STATES_2 if Installed.major == 2 else TaskInstanceState


def states() -> type[State]:
    """All states by one name, in the version of Airflow that is installed."""
    return _State2 if Installed.major == 2 else State


class DagRunType(_Words):
    """What starts a run."""

    BACKFILL_JOB = "backfill"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    DATASET_TRIGGERED = "dataset_triggered"
    ASSET_TRIGGERED = "asset_triggered"
    OPERATOR_TRIGGERED = "operator_triggered"
    ASSET_MATERIALIZATION = "asset_materialization"


def run_types(given: Any) -> list[str] | None:
    """The types of runs that a DAG allows. Raises ValueError for one that there is not."""
    if given is None:
        return None
    words = [given] if isinstance(given, DagRunType) else list(given)
    known = {str(getattr(one, "value", one)) for one in DagRunType}
    for word in words:
        if str(getattr(word, "value", word)) not in known:
            raise ValueError(f"{word!r} is not a valid DagRunType")
    return [str(getattr(word, "value", word)) for word in words]
