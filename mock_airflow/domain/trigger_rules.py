"""What a task's trigger rule says, given how the tasks before it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Literal

Verdict = Literal["run", "wait", "skipped", "upstream_failed"]

_DONE = ("success", "failed", "upstream_failed", "skipped", "removed")


def verdict(rule: str, upstream: Collection[str | None]) -> Verdict:
    """Whether a task may run, has to wait, or takes a state without running (code: Airflow's TriggerRuleDep).

    ``upstream`` holds the state of every task instance directly before it.
    """
    count = Counter(upstream)
    total = len(upstream)
    success, failed, skipped = count["success"], count["failed"], count["skipped"]
    upstream_failed = count["upstream_failed"]
    bad = failed + upstream_failed
    done = sum(count[state] for state in _DONE)
    all_done = done == total

    match rule:
        case "always" | "dummy":
            return "run"
        case "all_success":
            if bad:
                return "upstream_failed"
            if skipped:
                return "skipped"
            return "run" if success == total else "wait"
        case "all_failed":
            if success or skipped:
                return "skipped"
            return "run" if bad == total else "wait"
        case "all_done":
            return "run" if all_done else "wait"
        case "one_success":
            if success:
                return "run"
            if not all_done or not total:
                return "wait" if total else "run"
            return "skipped" if skipped == total else "upstream_failed"
        case "one_failed":
            if bad:
                return "run"
            return "skipped" if all_done else "wait"
        case "one_done":
            if success or failed:
                return "run"
            return "skipped" if all_done else "wait"
        case "none_failed":
            if bad:
                return "upstream_failed"
            return "run" if all_done else "wait"
        case "none_failed_min_one_success" | "none_failed_or_skipped":
            if bad:
                return "upstream_failed"
            if not all_done:
                return "wait"
            return "run" if success or not total else "skipped"
        case "none_skipped":
            if skipped:
                return "skipped"
            return "run" if all_done else "wait"
        case "all_skipped":
            if success or bad:
                return "skipped"
            return "run" if skipped == total else "wait"
        case "all_done_setup_success":
            if not all_done:
                return "wait"
            return "run" if success or not total else "upstream_failed"
        case _:
            return "run" if success == total else "wait"
