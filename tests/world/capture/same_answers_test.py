"""A captured world, loaded again, answers as the server that it was captured from, and its DAGs behave as there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.deployment import Deployment
from mock_airflow.world.capture.gathering import WantedRows
from tests.support import PEOPLE

from .servers import ETL, captured, content_of, deployment_of, get

MOMENT = {"clock": "2026-11-21T02:20:00Z", "runs": "manual"}


@pytest.fixture(scope="module")
def sample(checkout: Path) -> Path:
    return checkout / "fixtures/recordings/airflow-2.11.2"


@pytest.fixture(scope="module")
def recorded(sample: Path) -> Deployment:
    """Our server in the recorded one's state."""
    return deployment_of(sample / "start.json", **MOMENT)


@pytest.fixture(scope="module")
def again(recorded: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A server with what was captured of that one."""
    file = tmp_path_factory.mktemp("captured") / "world.json"
    found = captured(recorded.fork().wsgi, file)
    assert (found.unread, found.left_out) == ([], [])
    return deployment_of(file, **MOMENT)


def _gets(sample: Path) -> list[Any]:
    """What the sample's scenarios read: path, query, and as whom."""
    found = {}
    for script in sorted(sample.glob("scenarios/*.json")):
        for step in json.loads(script.read_text("utf-8"))["steps"]:
            if step["method"] == "GET" and "{" not in step["path"]:
                found[json.dumps([step["path"], step.get("query") or None, step.get("as", "admin")])] = None
    return [json.loads(key) for key in found]


def test_every_read_of_the_sample_is_answered_alike(recorded: Deployment, again: Deployment, sample: Path) -> None:
    gets, differences = _gets(sample), []
    for path, query, who in gets:
        by = who if who in PEOPLE else None
        one, other = (get(deployment, path, by, query_string=query) for deployment in (recorded.fork(), again))
        if (one.status_code, one.data) != (other.status_code, other.data):
            differences.append((path, query, one.text[:2000], other.text[:2000]))

    assert len(gets) > 150
    assert differences == []


def test_default_plans_are_those_of_the_last_runs(recorded: Deployment, again: Deployment) -> None:
    told = []
    for deployment in (recorded, again):
        models = {model.dag_id: model for model in deployment.airflow.models}
        told.append(
            {
                dag_id: (
                    model.run.run_id,
                    {task_id: [(ti.state, ti.duration) for ti in tis] for task_id, tis in model.instances.items()},
                    {place: len(tries) for place, tries in model.tries.items()},
                    {place: [xcom.value for xcom in xcoms] for place, xcoms in model.xcoms.items()},
                )
                for dag_id, model in models.items()
            }
        )

    assert len(told[0]) == 6
    assert told[0] == told[1]


@pytest.mark.parametrize("months", [1, 11])  # few runs are read in one list, many DAG by DAG
def test_last_runs_of_each_dag_are_kept(months: int, tmp_path: Path) -> None:
    moments = [f"2024-{month:02}-{day:02}T00:00:00Z" for month in range(1, months + 1) for day in range(1, 29)]
    dags = [{"dag_id": f"dag_{number}", "tasks": ["only"]} for number in range(2)]
    runs = [
        {"dag_id": dag["dag_id"], "dag_run_id": moment, "state": "success", "execution_date": moment}
        for moment in moments
        for dag in dags
    ]
    file = tmp_path / "world.json"

    captured(deployment_of({"dags": dags, "dag_runs": runs}).wsgi, file, WantedRows(runs_per_dag=3))

    kept = deployment_of(file).airflow.dag_runs
    assert [run.run_id for run in kept.group("dag_id", "dag_0").values()] == moments[-3:]
    assert len(kept) == 6


def test_runs_keep_their_instances_in_the_order_of_declaration(tmp_path: Path) -> None:
    world = {
        "dags": [{"dag_id": "etl", "tasks": ["zero", "one", "two"]}],
        "dag_runs": ETL["dag_runs"],
        "task_instances": [
            {**ETL["task_instances"][0], "dag_run_id": f"run_{day}", "task_id": task, "state": state}
            for day in range(1, 6)
            for task, state in (("two", "success"), ("zero", "upstream_failed"), ("one", "failed"))
        ],
    }
    file = tmp_path / "world.json"

    captured(deployment_of(world).wsgi, file)

    rows = content_of(file)["task_instances"]
    assert [row["task_id"] for row in rows if row["dag_run_id"] == "run_2"] == ["two", "zero", "one"]
    assert [row["dag_run_id"] for row in rows] == [f"run_{day}" for day in range(1, 6) for _ in range(3)]


def test_version_becomes_a_setting_when_it_is_another_one(tmp_path: Path) -> None:
    file = tmp_path / "world.json"

    captured(deployment_of(ETL, airflow_version="2.9.3").wsgi, file)

    assert content_of(file)["settings"] == {"airflow_version": "2.9.3"}
