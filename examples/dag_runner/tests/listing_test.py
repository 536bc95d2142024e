"""All DAGs are read, however Airflow cuts them into pages."""

from __future__ import annotations

import pytest

from dag_runner import AirflowClient

ALL = ["billing_daily", "billing_monthly", "sales_forecast", "sales_hourly", "sales_report"]


def ids(dags):
    return [dag["dag_id"] for dag in dags]


def test_one_page_holds_them_all(client, mock_airflow):
    assert ids(client.dags()) == [*ALL[:2], "billing_old", *ALL[2:]]
    assert len(mock_airflow.calls) == 1


@pytest.mark.parametrize("page", [1, 2, 3, 5, 6])
def test_page_by_page(client, mock_airflow, monkeypatch, page):
    monkeypatch.setattr("dag_runner.client.PAGE", page)

    assert len(ids(client.dags())) == 6
    assert [call.query.count(f"limit={page}") for call in mock_airflow.calls] == [1] * -(-6 // page)


@pytest.mark.parametrize("most", [1, 4, 5])
def test_airflow_may_give_fewer_than_it_was_asked_for(mock_airflow_factory, safe, most):
    airflow = mock_airflow_factory(maximum_page_limit=most)

    assert len(ids(AirflowClient(airflow.api_url, safe.read).dags())) == 6


def test_many_dags(client, mock_airflow):
    for number in range(200):
        mock_airflow.add_dag(f"made_{number:03}")

    assert len({*ids(client.dags())}) == 206
    assert len(mock_airflow.calls) == 3


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tags": ["sales"]}, ["sales_forecast", "sales_hourly", "sales_report"]),
        ({"tags": ["billing"], "paused": True}, ["billing_old"]),
        ({"dag_id_pattern": "report"}, ["sales_report"]),
    ],
)
def test_filters_are_airflows_own(client, filters, expected):
    assert ids(client.dags(**filters)) == expected


def test_nothing_is_asked_before_the_first_is_needed(client, mock_airflow):
    client.dags()

    assert mock_airflow.calls == []
