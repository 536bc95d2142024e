"""How Airflow words the dependencies of a task instance that are not met (observed; the rest by its ti_deps, code)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from mock_airflow.domain.dependencies import Unmet

_AFTER = "The execution date is {date} but this is after the {whose} end date {end}."
_BEFORE = "The execution date is {date} but this is before the {whose} start date {start}."
_WHOSE = {"task": "task's", "dag": "task's DAG's"}

# by rule: what Airflow calls the dependency, and why it is not met
_WORDS: dict[str, tuple[str, str]] = {
    "run not running": (
        "Dagrun Running",
        "Task instance's dagrun was not in the 'running' state but in the state '{state}'.",
    ),
    "run of a backfill": (
        "DagRun is not backfill job",
        "Task's DagRun run_type is backfill and cannot be run by the scheduler",
    ),
    "dag paused": ("Dag Not Paused", "Task's DAG '{dag_id}' is paused."),
    "not scheduled": ("Task Instance State", "Task is in the '{state}' state."),
    "date to come": (
        "Execution Date",
        "Execution date {date} is in the future (the current date is {now}).",
    ),
    "after the end": ("Execution Date", _AFTER),
    "before the start": ("Execution Date", _BEFORE),
    "no such pool": ("Pool Slots Available", "Tasks using non-existent pool '{pool}' will not be scheduled"),
    "no free slots": (
        "Pool Slots Available",
        "Not scheduling since there are {free} open slots in pool {pool} and require {slots} pool slots",
    ),
    "trigger rule": (
        "Trigger Rule",
        "Task's trigger rule '{rule}' requires {required}. upstream_states=_UpstreamTIStates({states}, done={done}, "
        "success_setup=0, skipped_setup=0), upstream_task_ids={upstream}",
    ),
    "past not run": (
        "Previous Dagrun State",
        "depends_on_past is true for this task's DAG, but the previous task instance has not run yet.",
    ),
    "past unsuccessful": (
        "Previous Dagrun State",
        "depends_on_past is true for this task, but {instances} previous task instance(s) are not in a successful "
        "state.",
    ),
    "past still going": (
        "Previous Dagrun State",
        "The tasks downstream of the previous task instance(s) haven't completed, and wait_for_downstream is True.",
    ),
    "left out": (
        "Not Previously Skipped",
        "Skipping because of previous XCom result from parent task {by}",
    ),
    "not yet mapped": ("Task has been mapped", "The task has yet to be mapped!"),
    "mapped over a failure": (
        "Mapped dependencies have succeeded",
        "At least one of task's mapped dependencies has not succeeded!",
    ),
}
_COMPLETED = "all upstream tasks to have completed, but found {undone} task(s) that were not done"
_NO_FAILURE = "all upstream tasks to have succeeded or been skipped, but found {found} non-success(es)"
_REQUIRED = {
    "one_success": "one upstream task success, but none were found",
    "one_failed": "one upstream task failure, but none were found",
    "one_done": "at least one upstream task failure or success but none were failed or success",
    "all_success": "all upstream tasks to have succeeded, but found {found} non-success(es)",
    "all_failed": "all upstream tasks to have failed, but found {found} non-failure(s)",
    "all_done": _COMPLETED,
    "all_done_setup_success": _COMPLETED,
    "none_failed": _NO_FAILURE,
    "none_failed_min_one_success": _NO_FAILURE,
    "none_failed_or_skipped": _NO_FAILURE,
    "none_skipped": "all upstream tasks to not have been skipped, but found {skipped} task(s) skipped",
}
_ALL_SKIPPED = "all upstream tasks to have been skipped, but found {found} task(s) in non skipped state"


class Dependency(NamedTuple):
    """A dependency that is not met, and why."""

    name: str
    reason: str


def worded(unmet: Iterable[Unmet]) -> list[Dependency]:
    """The dependencies by name, each with its reason."""
    return sorted(map(_worded, unmet), key=lambda one: one.name)


def _worded(one: Unmet) -> Dependency:
    name, reason = _WORDS[one.rule]
    facts = dict(one.facts)
    if one.rule == "trigger rule":
        facts |= _of_trigger_rule(**facts)
    if "whose" in facts:
        facts["whose"] = _WHOSE[facts["whose"]]
    return Dependency(name, reason.format(**{key: _text(value) for key, value in facts.items()}))


def _of_trigger_rule(rule: str, found: int, counted: dict[str, int], upstream: list[str]) -> dict[str, str]:
    done = sum(counted.values())
    numbers = {"found": found, "undone": len(upstream) - done, "skipped": counted["skipped"]}
    return {
        "required": _REQUIRED.get(rule, _ALL_SKIPPED).format(**numbers),
        "states": ", ".join(f"{state}={number}" for state, number in counted.items()),
        "done": str(done),
        "upstream": "{" + ", ".join(map(repr, upstream)) + "}",
    }


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
