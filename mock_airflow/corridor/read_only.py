"""What the setting ``read_only`` refuses: whatever would change what an Airflow has, by whichever way it is asked for.

What a request would change is looked at when it is done, and taken back. So a request that only reads works, also where
it is a POST, and one that Airflow refuses is refused in Airflow's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.control.guard import refuse_change
from mock_airflow.journal.changes import BOOKKEEPING, told
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow

# Without these nobody could read: what logging in hands out, and the log of who looked at what.
_OF_READERS = BOOKKEEPING | {"tokens", "sessions", "oauth_grants", "oauth_refresh_tokens", "event_logs"}
_NOTED = {"keys": {"last_used_at"}, "users": {"last_login", "login_count", "fail_login_count"}}


def answered(call: Call) -> Answer:
    """The handler's answer. Raises Problem where it changed anything but readers' traces; it is taken back."""
    airflow = call.airflow
    mark, before = len(airflow.changes), {name: table.snapshot() for name, table in airflow.tables.items()}
    answer = call.operation.answered(call)
    changes = airflow.changes[mark:]
    for change in changes:
        if change.table not in _OF_READERS and not _is_noted(change):
            for name in {each.table for each in changes} & before.keys():
                airflow.tables[name].restore(before[name])  # a row that was deleted is where it was
            del airflow.changes[mark:]
            raise refuse_change(f"This would change {change.table}")
    return answer


def _is_noted(change: Change) -> bool:
    """Whether nothing but the use of something was noted in a row."""
    fields = _NOTED.get(change.table)
    if fields is None or change.before is None or change.after is None:
        return False
    return set(told(change)["after"]) <= fields


def forget_attempts(airflow: Airflow) -> None:
    """Take the audit log's rows of this request back, which Airflow writes before it looks whether it does anything."""
    for change in reversed(airflow.changes):
        if change.table == "event_logs":
            airflow.event_logs.undo(change)
    airflow.changes[:] = [change for change in airflow.changes if change.table != "event_logs"]
