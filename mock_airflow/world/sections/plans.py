"""Plans of a world file: how runs unfold, by dag_id."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.scheduler.plan_forms import plan_of
from mock_airflow.errors import PlanError
from mock_airflow.world.entry import complain
from mock_airflow.world.sections.transaction import Draft, by_dag, section


@section("plans")
def _plans(draft: Draft, content: Any, place: str) -> None:
    for dag_id, form, where in by_dag(content, place):
        dag = draft.dag(dag_id, where)
        try:
            draft.put("plans", plan_of(dag, form))
        except PlanError as problem:
            complain(where, str(problem))
