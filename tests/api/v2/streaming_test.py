"""Waiting for a run as a real server does: a line a poll, each out when it is there."""

from __future__ import annotations

import json
import threading

import pytest
import requests

from mock_airflow import MockAirflow


def started(airflow: MockAirflow) -> str:
    airflow.add_dag("etl", tasks=["extract"])
    airflow.plan("etl", {"extract": {"hold": True}})
    return airflow.trigger("etl").run_id


def waiting(airflow: MockAirflow, run_id: str, interval: float = 0.01) -> requests.Response:
    return requests.get(
        f"{airflow.api_url}/dags/etl/dagRuns/{run_id}/wait",
        params={"interval": interval, "result": "extract"},
        headers=airflow.headers,
        stream=True,
        timeout=60,
    )


def test_lines_come_while_the_run_goes_on() -> None:
    with MockAirflow(airflow_version="3.3.2") as airflow:
        run_id = started(airflow)
        answer = waiting(airflow, run_id)
        lines = answer.iter_lines()

        assert answer.headers.get("Transfer-Encoding") == "chunked"
        assert "Content-Type" not in answer.headers
        assert json.loads(next(lines))["state"] in ("queued", "running")
        assert [call for call in airflow.calls if call.path.endswith("/wait")] == []  # it goes on
        assert requests.get(f"{airflow.api_url}/pools", headers=airflow.headers, timeout=60).status_code == 200
        airflow.clock.advance(5)  # which it would wait for in the queue
        for line in lines:
            if json.loads(line)["state"] == "running":
                airflow.release("etl", run_id)
                break
        *_, last = lines

        told = json.loads(last)
        assert (told["state"], [*told["results"]]) == ("success", ["extract"])
        (call,) = [each for each in airflow.calls if each.path.endswith("/wait")]
        assert call.status == 200
        assert call.response_body.startswith('{"state": "queued"}\n')


def test_a_client_that_leaves_is_in_the_journal_too() -> None:
    with MockAirflow(airflow_version="3.3.2") as airflow:
        run_id = started(airflow)
        answer = waiting(airflow, run_id)
        next(answer.iter_lines())
        answer.close()

        noted = threading.Event()
        while not noted.wait(0.01):
            if [call for call in airflow.calls if call.path.endswith("/wait")]:
                noted.set()


def test_in_one_piece_where_a_fault_rule_looks() -> None:
    with MockAirflow(airflow_version="3.3.2") as airflow:
        airflow.clock.freeze()
        airflow.add_dag("etl", tasks=["extract"])
        run_id = airflow.trigger("etl").run_id
        airflow.faults.add("GET *", truncate=10, times=1)
        with pytest.raises(requests.exceptions.RequestException):
            _ = waiting(airflow, run_id, 1).content


def test_in_process_all_lines_are_there() -> None:
    with MockAirflow(airflow_version="3.3.2") as airflow:
        airflow.clock.freeze()
        airflow.add_dag("etl", tasks=["extract"])
        run_id = airflow.trigger("etl").run_id
        with airflow.intercept("https://airflow.example"):
            answer = requests.get(
                f"https://airflow.example/api/v2/dags/etl/dagRuns/{run_id}/wait",
                params={"interval": 1},
                headers=airflow.headers,
                timeout=60,
            )

        assert json.loads(answer.text.splitlines()[-1]) == {"state": "success"}
        assert airflow.calls[-1].response_body == answer.text
