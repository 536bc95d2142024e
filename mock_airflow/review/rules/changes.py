"""Changes that do more than was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import Seen, Traffic

rule = partial(ReviewRule, subject="changes")

_TABLE_OF = {
    "patch_connection": "connections",
    "patch_variable": "variables",
    "patch_pool": "pools",
    "patch_dag": "dags",
    "patch_role": "roles",
    "patch_user": "users",
    "update_user": "users",
}
_ANSWER_NAMES = {"val": "value", "schema_": "schema"}
# What a change moves by itself.
_BOOKKEEPING = frozenset("changed_on updated_at last_used_at is_encrypted is_extra_encrypted".split())


@rule(
    "patch-resets-fields",
    "Empties fields besides the one that it changes",
    severity=Severity.ERROR,
    source="observed: PATCH writes every field that the body has, null and empty ones too, unless update_mask leaves"
    " them out",
    consequence="A description, a password or an extra that somebody else has set is gone, and nothing says so.",
    way_out='params={"update_mask": "value"}  # the fields that the body means',
    needs_state=True,
)
def resets(traffic: Traffic) -> Iterable[Finding]:
    """
    A PATCH without update_mask gave a field a new value and in the same body emptied another that had one, by the rows
    before and after it: what a client does that sends a whole object of which it filled in a part. Whoever empties a
    field alone, or names it in update_mask, means it.
    """
    for call in traffic:
        table = _TABLE_OF.get(call.id)
        if table is None or not call.ok or "update_mask" in call.query or not call.body:
            continue
        for change in call.entry.changes:
            if change.table == table and change.before is not None and change.after is not None:
                emptied, filled = _emptied(change.before, change.after)
                if emptied and filled:
                    yield Finding(
                        f"#{call.number} changed {', '.join(filled)} and emptied {', '.join(emptied)} in the same"
                        " body.",
                        (call,),
                        {"changed": filled, "emptied": emptied},
                        way_out=f'params={{"update_mask": "{",".join(filled)}"}}',
                    )


_EMPTY = (None, "", "{}", ())


def _emptied(before: Any, after: Any) -> tuple[list[str], list[str]]:
    """The fields of a row that lost their value, and those that got another."""
    emptied: list[str] = []
    filled: list[str] = []
    for name in getattr(before, "__slots__", None) or getattr(before, "_fields", None) or vars(before):
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old == new or name.startswith("_") or name in _BOOKKEEPING:
            continue
        (emptied if old not in _EMPTY and new in _EMPTY else filled).append(_ANSWER_NAMES.get(name, name))
    return emptied, filled


@rule(
    "delete-takes-along",
    "Deletes without looking at what hangs on it",
    severity=Severity.WARNING,
    source="observed: a DAG takes its runs, task instances, logs of events and XComs along; a run its task instances",
    consequence="History that others report on is gone, and there is no way back.",
    way_out='if get(f"/dags/{dag_id}/dagRuns?limit=1")["total_entries"]: raise RuntimeError("has runs")',
    needs_state=True,
)
def takes_along(traffic: Traffic) -> Iterable[Finding]:
    """
    A DELETE of a DAG or of a run took other rows along that the client had neither made nor asked for before: runs of
    the DAG, or task instances of the run. Whoever has read the runs or the task instances first, or has triggered the
    run itself, has looked.
    """
    for call in traffic:
        if call.id not in ("delete_dag", "delete_dag_run") or not call.ok:
            continue
        gone = Counter(
            change.table
            for change in call.entry.changes
            if change.before is not None and change.after is None and change.table in ("dag_runs", "task_instances")
        )
        if call.id == "delete_dag_run":
            gone.pop("dag_runs", None)
        if gone and not _looked(traffic, call):
            said = " and ".join(f"{count} {table.replace('_', ' ')}" for table, count in sorted(gone.items()))
            yield Finding(f"#{call.number} {call.method} {call.entry.path} took {said} along.", (call,), dict(gone))


def _looked(traffic: Traffic, call: Seen) -> bool:
    dag = call.names.get("dag_id")
    for before in traffic.by_client[call.client]:
        if before.number >= call.number:
            return False
        of_dag = before.names.get("dag_id") in (dag, "~")
        looks = "Runs" in before.entry.path or "taskInstances" in before.entry.path
        if of_dag and looks and before.ok and before.method in ("GET", "POST"):
            return True
    return False
