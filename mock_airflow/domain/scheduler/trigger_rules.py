"""What a task's trigger rule says, given how the tasks before it ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Verdict = Literal["run", "wait", "skipped", "upstream_failed"]


def verdict(
    rule: str, upstream: Collection[str | None], setups: Collection[str | None] = (), *, leaving_removed: bool = False
) -> Verdict:
    """Whether a task may run, has to wait, or takes a state without running (code: Airflow's TriggerRuleDep).

    ``upstream`` holds the state of every task instance directly before it, ``setups`` those of them that are setups.
    ``leaving_removed`` says that removed ones do not matter, as to one instance of a mapped task.
    """
    states = list(upstream)
    total = len(states)
    success, failed, skipped = states.count("success"), states.count("failed"), states.count("skipped")
    if rule == "all_success" and success == total:
        return "run"
    upstream_failed, removed = states.count("upstream_failed"), states.count("removed")
    bad = failed + upstream_failed
    all_done = success + bad + skipped + removed == total
    counted = total - removed if leaving_removed else total

    match rule:
        case "always" | "dummy":
            return "run"
        case "all_success":
            if bad:
                return "upstream_failed"
            if skipped:
                return "skipped"
            return "run" if success >= counted else "wait"
        case "all_failed":
            if success or skipped:
                return "skipped"
            return "run" if bad >= counted else "wait"
        case "all_done":
            return "run" if all_done else "wait"
        case "one_success":
            if success or not total:
                return "run" if success else "wait"
            if not all_done:
                return "wait"
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
            return "run" if success + skipped >= counted else "wait"
        case "none_failed_min_one_success" | "none_failed_or_skipped":
            if bad:
                return "upstream_failed"
            if skipped == total:
                return "skipped"
            if leaving_removed and all_done and not success:
                return "upstream_failed"
            return "run" if success + skipped >= counted else "wait"
        case "all_done_min_one_success":
            if skipped:
                return "skipped"
            return "wait" if not all_done else "run" if success else "upstream_failed"
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
            if setups and all(state == "skipped" for state in setups):
                return "skipped"
            return "run" if not setups or "success" in setups else "upstream_failed"
        case _:
            return "wait"


def of_setups(states: Collection[str | None]) -> Verdict:
    """What the setups further up say: all of them have to be a success (code)."""
    if "failed" in states or "upstream_failed" in states:
        return "upstream_failed"
    if "skipped" in states:
        return "skipped"
    return "run" if all(state == "success" for state in states) else "wait"
