"""What tasks of a world file ask people for, and what they keep from one attempt to the next."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain import task_states
from mock_airflow.domain.records import HitlDetail, Respondent, TaskInstanceKey, TaskState
from mock_airflow.world.entry import Entry, complain
from mock_airflow.world.sections.transaction import Draft, entries, section


def _instance(entry: Entry, draft: Draft) -> TaskInstanceKey:
    names = entry.text("dag_id"), entry.text("dag_run_id"), entry.text("task_id")
    key = TaskInstanceKey(*names, entry.whole("map_index", -1))
    if draft.get("task_instances", key) is None:
        complain(entry.place, f"the section 'task_instances' has no {key.task_id!r} in the run {key.run_id!r}.")
    return key


def _respondent(entry: Entry) -> Respondent:
    found = Respondent(entry.text("id"), entry.text("name"))
    entry.done()
    return found


@section("hitl_details")
def _hitl_details(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        about = entry.child("task_instance")
        key = _instance(about, draft)
        number = about.whole("try_number", 1)
        current = draft.get("task_instances", key)
        users = [
            _respondent(each) for each in entries(entry.any("assigned_users") or [], f"{entry.place}.assigned_users")
        ]
        chosen, defaults = entry.texts("chosen_options", None), entry.texts("defaults", None)
        row = HitlDetail(
            **key._asdict(),
            try_number=number,
            options=tuple(entry.texts("options")),
            subject=entry.text("subject"),
            body=entry.text("body", None),
            defaults=tuple(defaults) if defaults is not None else None,
            multiple=entry.flag("multiple", False),
            params=entry.object("params", {}),
            assigned_users=tuple(users),
            created_at=entry.moment("created_at", draft.airflow.now()),
            responded_by=_respondent(entry.child("responded_by_user")) if entry.has("responded_by_user") else None,
            responded_at=entry.moment("responded_at", None),
            chosen_options=tuple(chosen) if chosen is not None else None,
            params_input=entry.object("params_input", {}),
            past=current is not None and current.try_number != number,
        )
        entry.ignore("response_received", "task_instance", "responded_by_user")
        entry.done()
        draft.put("hitl_details", row)


@section("task_state_store")
def _task_state_store(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        key = _instance(entry, draft)
        updated_at = entry.moment("updated_at", draft.airflow.now())
        row = TaskState(
            **key._asdict(),
            key=entry.text("key"),
            value=entry.any("value"),
            updated_at=updated_at,
            expires_at=entry.moment("expires_at", updated_at + task_states.RETENTION),
        )
        entry.done()
        draft.put("task_state_store", row)
