"""Mapped tasks: how many instances they get, from whichever list they are mapped over."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.domain import clearing
from tests.domain.plain import Plain, dag, task

GATHER = task("gather", "spread")


def spreading(**plan: Any) -> Plain:
    over = ("gather",)
    mock = Plain(dag("etl", GATHER, task("spread", "end", is_mapped=True, expands_over=over), task("end")))
    mock.plan("etl", plan)
    mock.trigger("etl")
    mock.wait(60)
    return mock


@pytest.mark.parametrize("value", [["a", "b", "c"], {"x": 1, "y": 2, "z": 3}], ids=["list", "object"])
def test_there_is_an_instance_for_each_item_that_was_returned(value: Any) -> None:
    mock = spreading(gather={"returns": value})

    assert mock.states("etl") == {"gather": "success", "spread": ["success"] * 3, "end": "success"}


def test_task_mapped_over_nothing_is_skipped_and_so_is_what_follows() -> None:
    mock = spreading(gather={"returns": []})

    assert mock.states("etl") == {"gather": "success", "spread": "skipped", "end": "skipped"}
    assert mock.run("etl").state == "success"


def test_plan_says_how_many_there_are() -> None:
    assert spreading(gather={"returns": [1]}, spread={"length": 4}).states("etl")["spread"] == ["success"] * 4


def test_value_that_is_no_list_leaves_nothing_to_map_over() -> None:
    mock = spreading(gather={"returns": 7})

    assert mock.states("etl") == {"gather": "success", "spread": "upstream_failed", "end": "upstream_failed"}


def test_lists_are_crossed() -> None:
    other = task("other", "spread")
    crossed = task("spread", is_mapped=True, expands_over=("gather", "other", 2))
    mock = Plain(dag("etl", GATHER, other, crossed))
    mock.plan("etl", {"gather": {"returns": [1, 2, 3]}, "other": {"returns": [1, 2]}})
    mock.trigger("etl")
    mock.wait(60)

    assert [row.map_index for row in mock.instances("etl") if row.task_id == "spread"] == list(range(12))


def test_one_failed_instance_fails_what_follows_and_the_others_go_on() -> None:
    mock = spreading(gather={"returns": [1, 2, 3]}, spread={"items": {"1": "failed"}})

    assert mock.states("etl") == {
        "gather": "success",
        "spread": ["success", "failed", "success"],
        "end": "upstream_failed",
    }


@pytest.mark.parametrize(("longer", "states"), [(3, ["success"] * 3), (1, ["success", "removed"])])
def test_list_of_another_length_fits_the_instances_that_run_again(longer: int, states: list[str]) -> None:
    mock = spreading(gather={"returns": [1, 2]})
    mock.plan("etl", {"gather": {"returns": [0] * longer}})
    clearing.clear(mock.airflow, mock.instances("etl"))
    mock.wait(60)

    assert mock.states("etl")["spread"] == states
