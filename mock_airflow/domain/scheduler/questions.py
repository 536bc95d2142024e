"""Tasks that ask people: what each asks, how long it waits, and what the answer means (code, observed)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain import hitl
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import relatives_of
from mock_airflow.domain.records import Dag, HitlDetail, Respondent, Task, TaskInstance
from mock_airflow.domain.xcoms import FOLLOWED, RETURN_VALUE

APPROVAL, BRANCH, ENTRY = "ApprovalOperator", "HITLBranchOperator", "HITLEntryOperator"
OPERATORS = frozenset({"HITLOperator", APPROVAL, BRANCH, ENTRY})
_APPROVE, _REJECT = "Approve", "Reject"


def asks(task: Task) -> bool:
    """Whether a task asks people before it goes on."""
    return task.asks is not None or task.class_name in OPERATORS


def ask(airflow: Airflow, dag: Dag, task: Task, ti: TaskInstance, at: datetime) -> datetime | None:
    """Put a task instance's question; gives the moment until which it waits, None for any time.

    It is what the DAG's file declares, or else what the task asked last.
    """
    told = _declared(task, ti.map_index)
    last = _last(airflow, ti)
    if told is None and last is not None:
        detail = replace(
            last,
            **ti.key._asdict(),
            try_number=ti.try_number,
            created_at=at,
            responded_by=None,
            responded_at=None,
            chosen_options=None,
            params_input={},
            past=False,
        )
    else:
        told = told or {}
        options = tuple(told.get("options") or _usual_options(dag, task))
        defaults = told.get("defaults", [options[0]] if task.class_name == ENTRY and "options" not in told else None)
        detail = HitlDetail(
            **ti.key._asdict(),
            try_number=ti.try_number,
            options=options,
            subject=told.get("subject") or task.task_id,
            body=told.get("body"),
            defaults=None if defaults is None else tuple(defaults),
            multiple=bool(told.get("multiple", False)),
            params=told.get("params") or {},
            assigned_users=tuple(Respondent(one["id"], one["name"]) for one in told.get("assigned_users") or ()),
            created_at=at,
        )
    airflow.hitl_details.put(detail)
    seconds = (told or {}).get("response_timeout")
    return None if seconds is None else at + timedelta(seconds=seconds)


def time_out(airflow: Airflow, ti: TaskInstance, at: datetime) -> None:
    """Answer with the defaults what nobody answered in time; without defaults it stays unanswered."""
    detail = hitl.present(airflow, ti)
    if detail is not None and not detail.response_received and detail.defaults is not None:
        given = {name: one.get("value", one) for name, one in detail.params.items()}
        answered = replace(detail, responded_at=at, chosen_options=detail.defaults, params_input=given)
        airflow.hitl_details.put(answered)


def outcome(airflow: Airflow, task: Task, ti: TaskInstance) -> str:
    """How a task instance ends that goes on: it fails where nobody answered, or where a rejection is a failure."""
    detail = hitl.present(airflow, ti)
    if detail is None or not detail.response_received:
        return "failed"
    return "failed" if (task.asks or {}).get("fail_on_reject") and detail.chosen_options == (_REJECT,) else "success"


def values(airflow: Airflow, dag: Dag, task: Task, ti: TaskInstance) -> dict[str, Any]:
    """The xcoms that an answer leaves, and with them which of the tasks below are skipped."""
    detail = hitl.present(airflow, ti)
    if detail is None or detail.chosen_options is None or detail.responded_at is None:
        return {}
    chosen, declared = list(detail.chosen_options), task.asks or {}
    told: dict[str, Any] = {
        RETURN_VALUE: {
            "chosen_options": chosen,
            "params_input": detail.params_input,
            "responded_at": _as_serialized(detail.responded_at),
            "responded_by_user": detail.responded_by._asdict() if detail.responded_by is not None else None,
        }
    }
    if task.class_name == BRANCH:
        mapping = declared.get("options_mapping") or {}
        follow = [mapping.get(one, one) for one in chosen]
        told = {RETURN_VALUE: follow, FOLLOWED: {"followed": follow}}
    elif task.class_name == APPROVAL and chosen != [_APPROVE] and task.downstream_task_ids:
        below = set(task.downstream_task_ids)
        if declared.get("ignore_downstream_trigger_rules"):
            below = set(relatives_of(dag, [task.task_id], downstream=True)) - {task.task_id}
        skipped = [one for one in dag.tasks if one in below and not dag.tasks[one].is_teardown]
        told[FOLLOWED] = {"skipped": skipped}
    return told


def _declared(task: Task, map_index: int) -> Mapping[str, Any] | None:
    """What the DAG's file says of an instance's question."""
    if task.asks is None:
        return None
    items = task.asks.get("items") or ()
    own = items[map_index] if 0 <= map_index < len(items) else {}
    return {**task.asks, **own}


def _last(airflow: Airflow, ti: TaskInstance) -> HitlDetail | None:
    asked = [row for row in airflow.hitl_details if (row.dag_id, row.task_id) == (ti.dag_id, ti.task_id)]
    same = [row for row in asked if row.map_index == ti.map_index]
    found = same or asked
    return found[-1] if found else None


def _usual_options(dag: Dag, task: Task) -> tuple[str, ...]:
    if task.class_name == APPROVAL:
        return _APPROVE, _REJECT
    return task.downstream_task_ids if task.class_name == BRANCH and task.downstream_task_ids else ("OK",)


def _as_serialized(at: datetime) -> dict[str, Any]:
    """A moment as an xcom holds it."""
    zone = {"__classname__": "builtins.tuple", "__version__": 1, "__data__": ["UTC", _ZONE, 1, True]}
    return {
        "__classname__": "datetime.datetime",
        "__version__": 2,
        "__data__": {"timestamp": at.timestamp(), "tz": zone},
    }


_ZONE = "pendulum.tz.timezone.Timezone"
