"""How runs unfold, told from outside: plans for a DAG or a run, and letting go on what a plan holds."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import PLAN, RELEASED, listing, told
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import values_of
from mock_airflow.domain import dag_runs
from mock_airflow.domain.scheduler import plans
from mock_airflow.domain.scheduler.plan_forms import form_of

_PLAN = Schema("Plan", Field("tasks", "object"))
_RELEASE = Schema("Release", Field("task_id", nullable=True))


def _form(call: ControlCall) -> Any:
    """The plan: the body itself, by task id, or what it has under ``tasks``."""
    body = call.body
    return body["tasks"] if isinstance(body, dict) and list(body) == ["tasks"] else body


@operation("POST", "/dags/{dag_id}/plan", access=None, body=_PLAN, success=204)
def plan_dag(call: ControlCall) -> None:
    """Have all later runs of a DAG unfold by a plan."""
    call.deployment.settle()
    plans.give(call.airflow, call.path["dag_id"], _form(call))


@operation("POST", "/runs/{dag_id}/{run_id}/plan", access=None, body=_PLAN, success=204)
def plan_run(call: ControlCall) -> None:
    """Have one run unfold by a plan, from where it is."""
    call.deployment.settle()
    plans.give(call.airflow, call.path["dag_id"], _form(call), call.path["run_id"])


@operation("GET", "/plans", access=None, answer=PLAN, listed="plans")
def list_plans(call: ControlCall) -> Answer:
    """List the plans that were given, for DAGs and for single runs."""
    given = [
        told(PLAN, plan, tasks={name: form_of(one) for name, one in plan.tasks.items()}) for plan in call.airflow.plans
    ]
    return listing("plans", given)


@operation("DELETE", "/dags/{dag_id}/plan", access=None, success=204)
def forget_dag_plan(call: ControlCall) -> None:
    """Have later runs of a DAG unfold without the plan that was given."""
    call.deployment.settle()
    plans.forget(call.airflow, call.path["dag_id"])


@operation("DELETE", "/runs/{dag_id}/{run_id}/plan", access=None, success=204)
def forget_run_plan(call: ControlCall) -> None:
    """Have one run unfold without the plan that was given, from where it is."""
    call.deployment.settle()
    plans.forget(call.airflow, call.path["dag_id"], call.path["run_id"])


@operation("POST", "/runs/{dag_id}/{run_id}/release", access=None, body=_RELEASE, answer=RELEASED)
def release_run(call: ControlCall) -> Answer:
    """Let go on what a plan holds in a run: one task, or all."""
    call.deployment.settle()
    going = plans.release(call.airflow, call.path["dag_id"], call.path["run_id"], values_of(call).get("task_id"))
    state = dag_runs.get(call.airflow, call.path["dag_id"], call.path["run_id"]).state
    return json_answer(
        {"state": state, "released": [{"task_id": ti.task_id, "map_index": ti.map_index} for ti in going]}
    )
