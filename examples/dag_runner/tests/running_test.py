"""Runs are started once and waited for; the waiting takes no time here."""

from __future__ import annotations

import pytest

from dag_runner import AirflowClient, Conflict, Forbidden, NotFound, Rejected, StillRunning


def test_trigger_hands_the_conf_over(client, mock_airflow):
    run = client.trigger("sales_report", {"day": "monday"})

    assert (run.dag_id, run.state) == ("sales_report", "queued")
    assert mock_airflow.dag_run("sales_report", run.run_id).conf == {"day": "monday"}


def test_each_trigger_starts_a_run(client, mock_airflow):
    assert client.trigger("sales_report").run_id != client.trigger("sales_report").run_id
    assert [call.method for call in mock_airflow.calls] == ["POST", "POST"]


def test_run_id_of_ones_own(client):
    assert client.trigger("sales_report", run_id="june").run_id == "june"


@pytest.mark.parametrize("taken", ["may", "april"])
def test_run_id_that_is_taken(client, taken):
    with pytest.raises(Conflict, match=taken):
        client.trigger("sales_report", run_id=taken)


def test_two_triggers_at_one_moment_are_two_runs(client, mock_airflow):
    mock_airflow.clock.freeze()
    assert client.trigger("sales_report") != client.trigger("sales_report")


def test_unknown_dag(client):
    with pytest.raises(NotFound, match="no_such_dag"):
        client.trigger("no_such_dag")


def test_conf_that_airflow_refuses(client):
    with pytest.raises(Rejected, match="400 BAD REQUEST"):
        client.trigger("sales_report", conf="monday")  # type: ignore[arg-type]


def test_key_that_may_only_read(mock_airflow):
    reader = mock_airflow.keys.create(name="reader", scope="read-only")
    client = AirflowClient(mock_airflow.api_url, lambda: reader.secret)

    assert client.run("sales_report", "may").state == "success"
    with pytest.raises(Forbidden):
        client.trigger("sales_report")


@pytest.mark.parametrize(("run_id", "state"), [("may", "success"), ("april", "failed")])
def test_run_that_is_over_is_not_waited_for(client, virtual_sleep, run_id, state):
    run = client.wait(client.run("sales_report", run_id))

    assert run.state == state
    assert virtual_sleep.slept == []


@pytest.mark.parametrize("every", [10, 30, 60])
def test_run_is_polled_until_it_is_over(client, mock_airflow, virtual_sleep, every):
    mock_airflow.plan("sales_report", {"query": 60, "draw": 120, "send": 30})
    run = client.wait(client.trigger("sales_report"), every=every)

    assert run.state == "success"
    assert {*virtual_sleep.slept} == {every}
    assert virtual_sleep.total >= 210


def test_run_that_fails(client, mock_airflow, virtual_sleep):
    mock_airflow.plan("sales_report", {"draw": "failed"})

    assert client.wait(client.trigger("sales_report")).state == "failed"


def test_patience_ends(client, mock_airflow, virtual_sleep):
    mock_airflow.plan("sales_report", {"query": 7200})
    with pytest.raises(StillRunning, match="is running after 3600 seconds"):
        client.wait(client.trigger("sales_report"), every=300)

    assert virtual_sleep.total == 3600


def test_unknown_run(client):
    with pytest.raises(NotFound):
        client.run("sales_report", "never")
