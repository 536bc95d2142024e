"""The states of runs as enumerations, which pydantic refuses in words of their own."""

from __future__ import annotations

from enum import Enum


class RunState(str, Enum):
    """The states of a run."""

    queued = "queued"
    running = "running"
    success = "success"
    failed = "failed"


class SettableRunState(str, Enum):
    """The states that a run can be put into."""

    queued = "queued"
    success = "success"
    failed = "failed"
