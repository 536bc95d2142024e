"""What is kept of a page or a query is that one's alone, whoever asks, and whatever happened meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_airflow.in_process.wsgi_call import wsgi_call
from mock_airflow.testing.mock import MockAirflow

VERSIONS = pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])


def made(version: str, *names: str) -> MockAirflow:
    airflow = MockAirflow(airflow_version=version)
    for name in names:
        airflow.add_dag(name, tasks=("one",))
    return airflow


def page(airflow: MockAirflow, query: str = "", path: str = "dags") -> Any:
    deployment = airflow.deployment
    url = f"https://airflow.example{deployment.api_path}/{path}?{query}"
    reply = wsgi_call(deployment.wsgi, "GET", url, list(airflow.headers.items()))
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def told(answer: Any) -> list[tuple[str, bool]]:
    return [(dag["dag_id"], dag["is_paused"]) for dag in answer["dags"]]


def pause(airflow: MockAirflow, dag_id: str, is_paused: bool) -> None:
    deployment = airflow.deployment
    url = f"https://airflow.example{deployment.api_path}/dags/{dag_id}"
    headers = [*airflow.headers.items(), ("Content-Type", "application/json")]
    reply = wsgi_call(deployment.wsgi, "PATCH", url, headers, json.dumps({"is_paused": is_paused}).encode())
    assert reply.status == 200, reply.body


@VERSIONS
def test_a_changed_row_is_told_at_once_and_the_old_one_after_a_restore(version):
    with made(version, "a", "b") as airflow:
        before, snapshot = page(airflow), airflow.snapshot()
        pause(airflow, "b", not before["dags"][1]["is_paused"])
        after = page(airflow)
        airflow.restore(snapshot)

        assert told(after) == [told(before)[0], ("b", not before["dags"][1]["is_paused"])]
        assert page(airflow) == before


@VERSIONS
def test_each_deployment_tells_its_own(version):
    with made(version, "a", "b") as one, made(version, "a", "b") as other:
        first = page(one)
        pause(other, "a", not first["dags"][0]["is_paused"])

        assert [page(one), told(page(other))[0]] == [first, ("a", not first["dags"][0]["is_paused"])]


@VERSIONS
def test_limits_offsets_orders_and_totals(version):
    with made(version, "a", "b", "c") as airflow:

        def seen(query: str) -> tuple[list[str], int]:
            answer = page(airflow, query)
            return [name for name, _ in told(answer)], answer["total_entries"]

        asked = ["limit=2", "limit=2&offset=1", "limit=2&order_by=-dag_id", "dag_id_pattern=c", ""]
        once = [seen(query) for query in asked]
        assert once == [(["a", "b"], 3), (["b", "c"], 3), (["c", "b"], 3), (["c"], 1), (["a", "b", "c"], 3)]
        assert [seen(query) for query in asked] == once
        airflow.add_dag("d", tasks=("one",))
        assert seen("limit=2") == (["a", "b"], 4), "the same rows of a longer list"


def test_chosen_fields_are_no_other_page():
    with made("2.11.2", "a") as airflow:
        whole = page(airflow)
        chosen = page(airflow, "fields=dag_id")

        assert chosen["dags"] == [{"dag_id": "a"}]
        assert [page(airflow), page(airflow, "fields=dag_id")] == [whole, chosen]


@VERSIONS
def test_a_drifting_page_is_one_request_s_alone(version):
    with made(version, "a", "b", "c", "d") as airflow, made(version, "a", "b", "c", "d") as other:
        airflow.faults.add("get_dags", drift="removed")
        drifted = page(airflow, "limit=1&offset=1")
        airflow.faults.clear()

        assert [told(drifted)[0][0], told(page(airflow, "limit=1&offset=1"))[0][0]] == ["c", "b"]
        assert told(page(other, "limit=1&offset=2"))[0][0] == "c"
