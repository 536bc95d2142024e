"""The states of runs as enumerations, which pydantic refuses in words of their own."""

from __future__ import annotations

from enum import Enum


class DagRunState(str, Enum):
    """The states of a run."""

    queued = "queued"
    running = "running"
    success = "success"
    failed = "failed"


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
