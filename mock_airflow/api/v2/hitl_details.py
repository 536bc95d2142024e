"""What tasks ask people for (human in the loop), and the people's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import LooseBody
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Keys, Parameter, between, order_by, orders, pattern, several
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.filters import equal, matching, searched, within
from mock_airflow.api.v2.lists import listing, sorted_by
from mock_airflow.api.v2.task_instance_fields import (
    attempt_view,
    id_of,
    missing,
    named,
    rendered_map_index,
    task_instance_view,
)
from mock_airflow.api.v2.task_instances import MAPPED, asked_states, run_value
from mock_airflow.domain import hitl
from mock_airflow.domain.records import HitlDetail, Respondent, TaskInstance, TaskInstanceTry

operation = API.tagged("Task Instance")

_READ, _EDIT = on_dag("GET", "HITL Detail"), on_dag("PUT", "HITL Detail")
_ONE = f"{MAPPED}/hitlDetails"


class UpdateHITLDetailPayload(LooseBody):
    """What somebody answers; unknown keys are passed over."""

    chosen_options: Annotated[list[str], Field(min_length=1)]
    params_input: Mapping[str, Any] = Field(default_factory=dict)


def _view(detail: HitlDetail) -> dict[str, Any]:
    return {
        "options": list(detail.options),
        "subject": detail.subject,
        "body": detail.body,
        "defaults": list(detail.defaults) if detail.defaults is not None else None,
        "multiple": detail.multiple,
        "params": {name: _param(value) for name, value in detail.params.items()},
        "assigned_users": [each._asdict() for each in detail.assigned_users],
        "created_at": detail.created_at,
        "responded_by_user": detail.responded_by._asdict() if detail.responded_by is not None else None,
        "responded_at": detail.responded_at,
        "chosen_options": list(detail.chosen_options) if detail.chosen_options is not None else None,
        "params_input": detail.params_input,
        "response_received": detail.response_received,
    }


def _param(value: Any) -> Any:
    whole = isinstance(value, dict) and {"description", "schema", "value"} <= value.keys()
    return value if whole else {"value": value, "description": None, "schema": {}}


def _asked(call: Call, ti: TaskInstance | None) -> tuple[TaskInstance, HitlDetail]:
    if ti is None:
        raise Detail(404, missing(named(call)))
    detail = hitl.present(call.airflow, ti)
    if detail is None:
        raise Detail(404, _none_of(id_of(call, ti)))
    return ti, detail


def _none_of(ti_id: str) -> str:
    return f"Human-in-the-loop detail does not exist for Task Instance with id {ti_id}"


@operation(
    "PATCH",
    _ONE,
    access=_EDIT,
    body=UpdateHITLDetailPayload,
    event=True,
    answer="HITLDetailResponse",
    refuses=(404, 409),
)
def update_hitl_detail(call: Call) -> Answer:
    """Answer what a task asks for, once, so that it goes on."""
    ti, detail = _asked(call, call.airflow.task_instances.get(named(call)))
    if detail.response_received:
        raise Detail(
            409,
            f"Human-in-the-loop detail has already been updated for Task Instance with id {id_of(call, ti)} and is not"
            " allowed to write again.",
        )
    name, chosen = call.principal.name, call.body.chosen_options
    if detail.assigned_users and name not in {each.id for each in detail.assigned_users}:
        raise Detail(403, f"User={name} (id={name}) is not a respondent for the task.")
    unknown = set(chosen) - set(detail.options)
    if unknown:
        allowed = sorted(set(detail.options))
        raise Detail(400, f"Invalid options {sorted(unknown)}; allowed options are {allowed}.")
    if len(chosen) > 1 and not detail.multiple:
        raise Detail(400, "Multiple options chosen but this Human-in-the-loop task accepts only a single option.")
    told = hitl.respond(call.airflow, detail, Respondent(name, name), chosen, dict(call.body.params_input))
    return answer(
        {
            "responded_by": told.responded_by._asdict() if told.responded_by is not None else None,
            "responded_at": told.responded_at,
            "chosen_options": chosen,
            "params_input": told.params_input,
        }
    )


@operation("GET", _ONE, access=_READ, answer="HITLDetail")
def get_hitl_detail(call: Call) -> Answer:
    """Read what a task instance asks for."""
    ti, detail = _asked(call, call.airflow.task_instances.get(named(call)))
    return answer({**_view(detail), "task_instance": task_instance_view(call, ti)})


@operation("GET", f"{_ONE}/tries/{{try_number}}", access=_READ, answer="HITLDetailHistory")
def get_hitl_detail_try_detail(call: Call) -> Answer:
    """Read what an attempt of a task instance asked for."""
    key, number = named(call), call.path["try_number"]
    past = call.airflow.tries.get((key, number))
    current = call.airflow.task_instances.get(key)
    row: TaskInstanceTry | TaskInstance | None = past
    if row is None and current is not None and current.try_number == number:
        row = current
    if row is None:
        raise Detail(404, missing(key))
    detail = call.airflow.hitl_details.get((key, number))
    if detail is None or detail.past is not (past is not None):
        raise Detail(404, _none_of(id_of(call, current) if current is not None else ""))
    return answer({**_view(detail), "task_instance": attempt_view(call, row)})


_FILTERS = (
    *PAGE,
    order_by("ti_id"),
    *pattern("dag_id"),
    Parameter("task_id"),
    *pattern("task_id"),
    Parameter("map_index", int),
    *several("state"),
    Parameter("response_received", bool),
    *several("responded_by_user_id", "responded_by_user_name"),
    Parameter("subject_search"),
    Parameter("body_search"),
    *between("created_at"),
)


@operation(
    "GET",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/hitlDetails",
    access=_READ,
    query=_FILTERS,
    answer="HITLDetailCollection",
    refuses=(),
)
def get_hitl_details(call: Call) -> Answer:
    """List what tasks ask for, in a run, a DAG or all."""
    keys, states = _keys(call), asked_states(call)
    wanted = orders(call.query["order_by"], keys, "ti_id")
    instances = call.airflow.task_instances
    dag_id, run_id = call.path["dag_id"], call.path["dag_run_id"]
    permitted = call.permitted_dags("can_read")
    rows: Iterable[HitlDetail] = [
        detail
        for detail in call.airflow.hitl_details
        if (ti := instances.get(detail.key)) is not None
        and hitl.present(call.airflow, ti) is detail
        and dag_id in ("~", detail.dag_id)
        and run_id in ("~", detail.run_id)
        and (permitted is None or permitted(detail.dag_id))
        and (not states or ti.state in states)
    ]
    found = sorted_by(_filtered(call, rows), wanted, _of(call, lambda ti: id_of(call, ti)))
    return listing(call, "hitl_details", found, _whole)


def _whole(call: Call, detail: HitlDetail) -> dict[str, Any]:
    return {**_view(detail), "task_instance": _of(call, lambda ti: task_instance_view(call, ti))(detail)}


def _of(call: Call, value: Callable[[TaskInstance], Any]) -> Callable[[HitlDetail], Any]:
    def read(detail: HitlDetail) -> Any:
        ti = call.airflow.task_instances.get(detail.key)
        return None if ti is None else value(ti)

    return read


def _keys(call: Call) -> Keys:
    return {
        "ti_id": _of(call, lambda ti: id_of(call, ti)),
        **{name: name for name in ("subject", "responded_at", "created_at", "dag_id", "run_id")},
        "responded_by_user_id": lambda row: row.responded_by.id if row.responded_by else None,
        "responded_by_user_name": lambda row: row.responded_by.name if row.responded_by else None,
        "task_display_name": _of(call, lambda ti: ti.task_display_name),
        "run_after": _of(call, run_value(call, "run_after")),
        "rendered_map_index": _of(call, rendered_map_index),
        "task_instance_operator": _of(call, lambda ti: ti.operator),
        "task_instance_state": _of(call, lambda ti: ti.state),
    }


def _filtered(call: Call, rows: Iterable[HitlDetail]) -> Iterable[HitlDetail]:
    query = call.query
    for name in ("dag_id", "task_id"):
        rows = matching(call, rows, name)
    for name in ("task_id", "map_index", "response_received"):
        rows = equal(call, rows, name)
    for name in ("id", "name"):
        asked = query[f"responded_by_user_{name}"]
        if asked:
            rows = [row for row in rows if row.responded_by and getattr(row.responded_by, name) in asked]
    for name in ("subject", "body"):
        rows = searched(rows, query[f"{name}_search"], lambda row, name=name: getattr(row, name))  # type: ignore[misc]
    return within(call, rows, "created_at")
