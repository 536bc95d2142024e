"""The forms in which somebody says how runs unfold: what each means, and what is wrong with one that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.domain.scheduler.plan_forms import form_of, plan_of
from mock_airflow.errors import PlanError
from tests.domain.plain import dag, task

ETL = dag(
    "etl",
    task("extract", "transform", outlets=("s3://a",)),
    task("transform", "load", "spread", retries=2),
    task("load"),
    task("spread", is_mapped=True),
)


def spelt_out(task_id: str, told: Any) -> dict[str, Any]:
    return form_of(plan_of(ETL, {task_id: told}).tasks[task_id])


def attempt(seconds: float = 2.0, outcome: str = "success", **more: Any) -> dict[str, Any]:
    return {"seconds": seconds, "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("told", "attempts"),
    [
        (30, [attempt(30.0)]),
        ("failed", [attempt(outcome="failed")]),
        ({"seconds": [5, 6]}, [attempt(5.0), attempt(6.0)]),
        ({"fails": 1}, [attempt(outcome="failed"), attempt()]),
        ({"outcome": ["failed", "skipped"], "seconds": 1}, [attempt(1.0, "failed"), attempt(1.0, "skipped")]),
        ({"attempts": [4, "failed"]}, [attempt(4.0), attempt(outcome="failed")]),
        ({"pokes": 2, "interval": 9}, [attempt(pokes=2, interval=9.0)]),
        ({"deferred": 60}, [attempt(deferred=60.0)]),
        ({"hold": True, "gives_up": True}, [attempt(hold=True, gives_up=True)]),
    ],
    ids=str,
)
def test_short_form_means(told: Any, attempts: list[dict[str, Any]]) -> None:
    assert spelt_out("transform", told) == {"attempts": attempts}


@pytest.mark.parametrize(
    ("task_id", "told", "form"),
    [
        ("transform", {"follow": "load"}, {"follow": ["load"]}),
        ("spread", {"length": 3}, {"length": 3}),
        ("spread", {"items": {"1": "failed"}}, {"items": {"1": {"attempts": [attempt(outcome="failed")]}}}),
        ("load", {"returns": 7, "xcoms": {"more": [1]}}, {"xcoms": {"more": [1], "return_value": 7}}),
        ("load", {"log": "one\ntwo"}, {"log": ["one", "two"]}),
        ("load", {"error": "ValueError: no"}, {"error": "ValueError: no"}),
        ("load", {"triggers": "child"}, {"triggers": {"dag_id": "child"}}),
    ],
    ids=str,
)
def test_other_parts_are_told_as_they_are_read(task_id: str, told: Any, form: dict[str, Any]) -> None:
    assert spelt_out(task_id, told) == form
    assert spelt_out(task_id, form) == form


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"extrakt": 3}, "which the DAG does not have; did you mean 'extract'?"),
        ({"extract": -1}, "'seconds' is a number of seconds from 0 on, not -1"),
        ({"extract": "sucess"}, "cannot end as 'sucess'; did you mean 'success'?"),
        ({"extract": {"second": 1}}, "no key 'second'; did you mean 'seconds'?"),
        ({"extract": {"fails": 1}}, "cannot fail 1 times and then succeed, as it has 0 retries"),
        ({"transform": {"fails": 1, "outcome": "failed"}}, "'fails' and 'outcome' say the same thing"),
        ({"extract": {"attempts": [1], "hold": True}}, "so 'hold' beside it is one too many"),
        ({"extract": {"length": 2}}, "this one is not mapped"),
        ({"extract": {"follow": "load"}}, "tasks directly after it, and 'load' is none"),
        ({"extract": {"attempts": []}}, "a list of at least one"),
        ({"extract": {"hold": "yes"}}, "'hold' is true or false"),
        ({"extract": {"changes": {"s3://b": {}}}}, "it does not change 's3://b'; did you mean 's3://a'?"),
        ({"extract": {"triggers": {"dag_id": "x", "logical_date": "noon"}}}, "'logical_date' is a time such as"),
        ({"spread": {"items": {"first": 1}}}, "a map_index is a whole number from 0 on, not 'first'"),
        ({"extract": None}, "seconds, an outcome or an object"),
        ([], "an object by task id"),
    ],
    ids=str,
)
def test_plan_that_cannot_be_is_refused(plan: Any, sentence: str) -> None:
    with pytest.raises(PlanError) as refused:
        plan_of(ETL, plan)

    assert sentence in str(refused.value)
