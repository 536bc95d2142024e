"""A state of task instances is named once by the domain; whoever lists them knows all of them."""

from __future__ import annotations

from importlib.resources import files

import pytest

from mock_airflow.api.v2.states import TaskInstanceState
from mock_airflow.control.page.dags import states
from mock_airflow.domain.records import TASK_STATES

EACH = pytest.mark.parametrize("state", TASK_STATES)


def test_an_airflow_3_tells_all_and_no_others() -> None:
    assert sorted(TaskInstanceState.__members__) == sorted(TASK_STATES)


@EACH
def test_the_console_has_a_sign_and_a_colour_of_each_generation(state: str) -> None:
    style = files("mock_airflow.control.page").joinpath("assets", "style.css").read_text("utf-8")

    assert state in states.SIGNS
    assert f".state-{state} {{ --state: var(--{state}); }}" in style
    assert style.count(f" --{state}: ") == 2


@EACH
def test_the_console_knows_what_comes_before_what(state: str) -> None:
    assert states.of_all(["removed", state]) == state  # removed is what matters least
