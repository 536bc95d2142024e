"""Limits and outages are waited out, as long as Airflow says, and no write is done twice."""

from __future__ import annotations

import pytest

from dag_runner import Unavailable


def ids(dags):
    return [dag["dag_id"] for dag in dags]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(client, mock_airflow, virtual_sleep, status):
    mock_airflow.faults.add("get_dags", status=status, times=2)

    assert len(ids(client.dags())) == 6
    assert [call.status for call in mock_airflow.calls] == [status, status, 200]
    assert virtual_sleep.slept == [1, 2]


@pytest.mark.parametrize("fault", ["reset", "empty", "lost_answer"])
def test_connection_that_breaks_is_tried_again(client, mock_airflow, virtual_sleep, fault):
    mock_airflow.faults.add("get_dags", times=1, **{fault: True})

    assert len(ids(client.dags())) == 6
    assert virtual_sleep.slept == [1]


def test_answer_that_breaks_off_is_tried_again(client, mock_airflow, virtual_sleep):
    mock_airflow.faults.add("get_dags", times=1, truncate=100)

    assert len(ids(client.dags())) == 6


@pytest.mark.parametrize(("told", "waited"), [(7, 7), ("date 90", 90)], ids=["seconds", "date"])
def test_retry_after_is_respected(client, mock_airflow, virtual_sleep, told, waited):
    mock_airflow.faults.add("get_dags", status=503, retry_after=told, times=1)
    ids(client.dags())

    assert waited <= virtual_sleep.total <= waited + 1  # a date has no parts of a second


@pytest.mark.mock_airflow_review(ignore={"poll-goes-on": "the run that is over is asked for to use the limit up"})
def test_limit_is_waited_out(client, mock_airflow, virtual_sleep):
    mock_airflow.limits.set("2/minute")
    for _ in range(6):
        client.run("sales_report", "may")

    assert {call.status for call in mock_airflow.calls} == {200, 429}
    assert 100 <= virtual_sleep.total <= 180


def test_it_gives_up_in_the_end(client, mock_airflow, virtual_sleep):
    mock_airflow.faults.add("*", status=503)
    with pytest.raises(Unavailable, match="5 attempts failed, the last with 503"):
        ids(client.dags())

    assert virtual_sleep.slept == [1, 2, 4, 8]


@pytest.mark.parametrize("fault", ["lost_answer", "reset"])
def test_lost_answer_starts_no_second_run(client, mock_airflow, virtual_sleep, fault):
    mock_airflow.faults.add("POST *", times=1, **{fault: True})
    run = client.trigger("sales_forecast")

    assert [each.run_id for each in mock_airflow.deployment.airflow.dag_runs if each.dag_id == "sales_forecast"] == [
        run.run_id
    ]
