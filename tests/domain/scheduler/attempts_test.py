"""Attempts of tasks: how often they are made, how long one waits for the next, and what is kept of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mock_airflow.domain.scheduler.attempts import retry_delay
from tests.domain.plain import Plain, dag, task

WAIT = timedelta(seconds=30)


def flaky(retries: int, **fields: Any) -> Plain:
    return Plain(dag("etl", task("load", retries=retries, retry_delay=WAIT, **fields)))


@pytest.mark.parametrize(
    ("retries", "fails", "end"), [(0, 1, "failed"), (1, 1, "success"), (2, 3, "failed"), (3, 2, "success")]
)
def test_task_is_tried_until_it_succeeds_or_has_no_retry_left(retries: int, fails: int, end: str) -> None:
    mock = flaky(retries)
    outcomes = ["failed"] * fails + ["success"] * (retries + 1 - fails)
    mock.plan("etl", {"load": {"outcome": outcomes[: retries + 1], "seconds": 5}})
    mock.trigger("etl")
    mock.wait(600)

    (row,) = mock.instances("etl")
    assert (row.state, row.try_number, mock.run("etl").state) == (end, min(fails, retries) + 1, end)
    assert [each.state for each in mock.airflow.tries if each.try_number < row.try_number] == ["failed"] * min(
        fails, retries
    )


def test_next_attempt_begins_when_the_delay_is_over() -> None:
    mock = flaky(1)
    mock.plan("etl", {"load": {"fails": 1, "seconds": 5}})
    mock.trigger("etl")
    mock.wait(20)
    (waiting,) = mock.instances("etl")
    assert (waiting.state, waiting.duration) == ("up_for_retry", 5.0)
    mock.wait(60)

    (again,) = mock.instances("etl")
    assert again.state == "success"
    assert again.start_date is not None
    assert waiting.end_date is not None
    assert timedelta(0) <= again.start_date - waiting.end_date - WAIT < timedelta(seconds=5)


def test_failure_that_gives_up_is_not_tried_again() -> None:
    mock = flaky(5)
    mock.plan("etl", {"load": {"outcome": "failed", "gives_up": True}})
    mock.trigger("etl")
    mock.wait(600)

    assert [(row.state, row.try_number) for row in mock.instances("etl")] == [("failed", 1)]


def test_backing_off_doubles_the_delay_and_adds_no_more_than_as_much_again() -> None:
    mock = flaky(9, retry_exponential_backoff=True)
    mock.trigger("etl")
    (row,) = mock.instances("etl")
    declared = mock.dag("etl").tasks["load"]
    for attempt in range(1, 8):
        delay = retry_delay(declared, replace(row, try_number=attempt))
        least = WAIT * 2 ** (attempt - 1)
        assert least <= delay < 2 * least
        assert delay == retry_delay(declared, replace(row, try_number=attempt))


def test_backing_off_stops_at_the_longest_delay() -> None:
    mock = flaky(9, retry_exponential_backoff=True, max_retry_delay=timedelta(minutes=1))
    mock.trigger("etl")
    (row,) = mock.instances("etl")
    declared = mock.dag("etl").tasks["load"]

    assert retry_delay(declared, replace(row, try_number=60)) == timedelta(minutes=1)
