"""States, and types of runs, as enumerations, which pydantic refuses in words of its own, and as words of filters."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from mock_airflow.api.airflow3.problems import Detail


class DagRunState(str, Enum):
    """The states of a run."""

    queued = "queued"
    running = "running"
    success = "success"
    failed = "failed"


class DagRunType(str, Enum):
    """The kinds of runs."""

    backfill = "backfill"
    scheduled = "scheduled"
    manual = "manual"
    operator_triggered = "operator_triggered"
    asset_triggered = "asset_triggered"
    asset_materialization = "asset_materialization"


class DagRunMutableStates(str, Enum):
    """The states that a run can be put into."""

    queued = "queued"
    success = "success"
    failed = "failed"


class TaskInstanceState(str, Enum):
    """The states of a task instance; one that nobody looked at yet has none."""

    removed = "removed"
    scheduled = "scheduled"
    queued = "queued"
    running = "running"
    success = "success"
    restarting = "restarting"
    failed = "failed"
    up_for_retry = "up_for_retry"
    up_for_reschedule = "up_for_reschedule"
    upstream_failed = "upstream_failed"
    skipped = "skipped"
    deferred = "deferred"
    awaiting_input = "awaiting_input"


def words(asked: Sequence[str], known: Sequence[str], name: str) -> tuple[str | None, ...]:
    """What a filter asks for, None for ``none``. Raises Detail (422) for a word that is not known."""
    if any(word not in known and word != "none" for word in asked):
        raise Detail(422, f"Invalid value for {name}. Valid values are {', '.join(known)}")
    return tuple(None if word == "none" else word for word in asked)
