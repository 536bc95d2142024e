"""What tasks of a world file ask people for, and what they keep from one attempt to the next."""

from __future__ import annotations

from mock_airflow.domain import task_state_store
from mock_airflow.domain.records import HitlDetail, Respondent, TaskInstanceKey, TaskState
from mock_airflow.world.entry import WorldEntry, complain
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, entries, rows


def _instance(entry: WorldEntry, draft: Draft) -> TaskInstanceKey:
    names = entry.text("dag_id"), entry.text("dag_run_id"), entry.text("task_id")
    key = TaskInstanceKey(*names, entry.whole("map_index", -1))
    if draft.get("task_instances", key) is None:
        complain(entry.place, f"the section 'task_instances' has no {key.task_id!r} in the run {key.run_id!r}.")
    return key


def _respondent(entry: WorldEntry) -> Respondent:
    found = Respondent(entry.text("id"), entry.text("name"))
    entry.done()
    return found


@rows("hitl_details")
def _hitl_detail(draft: Draft, entry: WorldEntry) -> HitlDetail:
    about = entry.child("task_instance")
    key = _instance(about, draft)
    number = about.whole("try_number", 1)
    current = draft.get("task_instances", key)
    users = entries(entry.any("assigned_users") or [], f"{entry.place}.assigned_users")
    entry.ignore("response_received", "responded_by_user")
    return record(
        entry,
        HitlDetail,
        {"created_at": draft.airflow.now()},
        **key._asdict(),
        try_number=number,
        assigned_users=tuple(_respondent(each) for each in users),
        responded_by=_respondent(entry.child("responded_by_user")) if entry.has("responded_by_user") else None,
        past=current is not None and current.try_number != number,
    )


@rows("task_state_store")
def _task_state(draft: Draft, entry: WorldEntry) -> TaskState:
    key = _instance(entry, draft)
    updated_at = entry.moment("updated_at", draft.airflow.now())
    usual = {"expires_at": updated_at + task_state_store.RETENTION}
    return record(entry, TaskState, usual, **key._asdict(), updated_at=updated_at)
