"""Pages of the console without a browser: bounded whatever there is, secrets on none of them, errors told."""

from __future__ import annotations

import re

import pytest
import requests

from mock_airflow import MockAirflow

SECRET = "Kein-Mensch-4711-raet-das"


@pytest.fixture
def airflow():
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


def page(airflow, path):
    return requests.get(f"{airflow.url}/__mock__/page/{path}")


def test_what_runs_hold_is_shown_without_secrets(airflow):
    airflow.add_dag("etl", [{"task_id": "pull", "template_fields": ["env"]}])
    requests.post(
        f"{airflow.api_url}/variables", json={"key": "api_password", "value": SECRET}, headers=airflow.headers
    )
    leaves = {"xcoms": {"return_value": {"rows": 7, "note": f"by {SECRET}"}, "api_token": SECRET}}
    airflow.plan("etl", {"pull": {**leaves, "log": [f"asking with {SECRET}", "password=offen-4711-offen"]}})
    airflow.trigger("etl", run_id="one", conf={"password": SECRET, "day": "tue"}, note=f"see {SECRET}")
    for _ in range(6):
        airflow.clock.advance(10)
        airflow.deployment.settle()
    run, task = page(airflow, "dags/etl/run?run=one"), page(airflow, "dags/etl/task?run=one&task=pull")
    assert (run.status_code, task.status_code) == (200, 200)
    assert "tue" in run.text
    assert "rows" in task.text
    assert "asking with ***" in task.text
    for each in (run, task, page(airflow, "world"), page(airflow, "review")):
        assert SECRET not in each.text
        assert "offen-4711" not in each.text


def test_pages_stay_small_with_very_many_runs_and_calls(airflow):
    airflow.add_dag("etl", ["one", "two"])
    airflow.add_dag("wide", [{"task_id": "many", "is_mapped": True}, "after"])
    for number in range(40):
        airflow.trigger("etl", run_id=f"run_{number}")
    airflow.plan("wide", {"many": {"length": 1500}})
    airflow.trigger("wide", run_id="wide")
    for _ in range(6):
        airflow.clock.advance(10)
        airflow.deployment.settle()
    for _ in range(300):
        requests.get(f"{airflow.api_url}/pools", headers=airflow.headers)
    grid = page(airflow, "dags/etl").text
    assert grid.count('class="run ') == 25
    timeline = page(airflow, "dags/wide/run?run=wide").text
    assert timeline.count("<svg") == 100
    assert "Tasks 1 to 100 of 1501" in timeline
    assert page(airflow, "dags/wide/task?run=wide&task=many").text.count("data-row") == 200
    assert page(airflow, "world").text.count("Rewind to before call") == 15
    for path in ("dags/etl", "dags/wide/run?run=wide", "world", "review"):
        assert len(page(airflow, path).content) < 300_000, path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("dags/nowhere", "nowhere"),
        ("dags/etl/run?run=nowhere", "nowhere"),
        ("dags/etl/task?run=one&task=nowhere", "has no task"),
        ("review?severity=grave", "severity"),
        ("world/export?format=pdf", "pdf"),
    ],
)
def test_what_is_not_there_is_said(airflow, path, said):
    airflow.add_dag("etl", ["one"])
    airflow.trigger("etl", run_id="one")
    answer = page(airflow, path)
    assert 400 <= answer.status_code < 500
    banner = re.search(r'class="banner problem">([^<]*)<', answer.text)
    assert banner is not None
    assert said in banner[1]


def test_the_legend_of_a_dag_has_every_state_that_has_a_colour(airflow):
    airflow.add_dag("etl", ["one"])
    airflow.trigger("etl", run_id="one")
    coloured = re.findall(r"\.(state-\w+) \{", page(airflow, "assets/style.css").text)
    assert "state-awaiting_input" in coloured
    legend = re.search(r'class="legend">.*?</details>', page(airflow, "dags/etl").text, re.DOTALL)
    assert legend is not None
    assert sorted(re.findall(r'class="state (state-\w+)"', legend[0])) == sorted(coloured)


def test_a_recording_of_nothing_is_refused(airflow):
    requests.get(f"{airflow.api_url}/dags", headers={"Authorization": "Bearer some-token"})
    refused = page(airflow, "world/export?format=recording")
    assert refused.status_code == 400
    assert "None of these 1 calls can be in a recording: its credential is not a name and password." in refused.text
    requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
    assert len(page(airflow, "world/export?format=recording").json()["scenario"]["steps"]) == 1


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
def test_a_downloaded_world_is_one_that_can_be_loaded(version):
    with MockAirflow(world="demo", airflow_version=version) as airflow:
        before = len(airflow.calls)
        answer = page(airflow, "world/world.json")
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["Content-Disposition"]
        assert len(airflow.calls) == before
        dags = {dag.dag_id for dag in airflow.deployment.airflow.dags}
    with MockAirflow(airflow_version=version) as other:
        content = answer.json()
        content.pop("settings", None)
        merged = requests.post(f"{other.url}/__mock__/world", json=content)
        assert merged.status_code == 204, merged.text
        assert {dag.dag_id for dag in other.deployment.airflow.dags} == dags
