"""Plans of a world file: how runs unfold, by dag_id."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.scheduler.plan_forms import PlanProblem, plan_of
from mock_airflow.world.entry import complain, nearest
from mock_airflow.world.sections.transaction import Draft, by_dag, section


@section("plans")
def _plans(draft: Draft, content: Any, place: str) -> None:
    for dag_id, form, where in by_dag(content, place):
        dag = draft.get("dags", dag_id)
        if dag is None:
            known = [dag.dag_id for dag in draft.all("dags")]
            complain(where, f"there is no DAG {dag_id!r} in the section 'dags'.{nearest(dag_id, known)}")
        try:
            draft.put("plans", plan_of(dag, form))
        except PlanProblem as problem:
            complain(where, str(problem))
