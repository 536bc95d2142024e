"""`mock-airflow world generate`: made-up worlds that are believable, load whole and are the same for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.cli import main
from mock_airflow.domain.records import RunKey, TaskInstance
from mock_airflow.errors import WorldError
from mock_airflow.world.checking import check
from mock_airflow.world.generating import generate
from tests.support import Caller, Deploy


def made(**more: Any) -> dict[str, Any]:
    text = "".join(generate(**{"dags": 30, "runs": 600, "seed": 42, **more}))
    content: dict[str, Any] = json.loads(text)
    return content


@pytest.fixture(scope="module")
def world() -> dict[str, Any]:
    return made()


def test_same_arguments_give_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / name for name in ("one.json", "two.json", "other.json")]
    for file, seed in zip(files, ("42", "42", "43"), strict=True):
        assert main(["world", "generate", "--dags", "5", "--runs", "50", "--seed", seed, "-o", str(file)]) == 0

    one, two, other = (file.read_bytes() for file in files)
    assert one == two != other
    assert capsys.readouterr().out.startswith(f"{files[0]}: 5 DAGs, 50 runs, 0.0 MB.\n")
    assert check([str(files[0])]).mistakes == []


@pytest.mark.parametrize(("dags", "runs"), [(1, 0), (1, 7), (40, 3), (7, 1000)])
def test_there_is_as_much_as_was_asked_for(dags: int, runs: int, deploy: Deploy) -> None:
    airflow = deploy(made(dags=dags, runs=runs), runs="manual").deployment.airflow

    assert (len(airflow.dags), len(airflow.dag_runs)) == (dags, runs)


def test_what_is_made_up_is_believable(world: Mapping[str, Any]) -> None:
    states = Counter(run["state"] for run in world["dag_runs"])
    due = [run["data_interval_end"] for run in world["dag_runs"]]

    assert len({dag.get("schedule") for dag in world["dags"]}) > 8
    assert len({owner for dag in world["dags"] for owner in dag["owners"]}) > 2
    assert 0.01 < states["failed"] / states.total() < 0.3
    assert due == sorted(due)
    assert max(run["end_date"] for run in world["dag_runs"]) <= world["settings"]["clock"]


def test_every_run_can_be_opened_down_to_the_log_of_a_task(world: Mapping[str, Any], deploy: Deploy) -> None:
    ask = deploy({**world, "settings": {}}, runs="manual", clock=world["settings"]["clock"])
    page = ask.get("/api/v1/dags/~/dagRuns?limit=100").json
    failed = ask.get("/api/v1/dags/~/dagRuns?state=failed&limit=1").json["dag_runs"][0]
    assert page["total_entries"] == 600

    for run in (*page["dag_runs"][::20], failed):
        path = f"/api/v1/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
        instances = ask.get(path).json["task_instances"]
        states = {ti["state"] for ti in instances}

        assert ("failed" in states) == (run["state"] == "failed")
        assert all(run["start_date"] <= ti["start_date"] <= ti["end_date"] <= run["end_date"] for ti in instances)
        tried = next(ti for ti in instances if ti["pid"] is not None)
        log = ask.get(f"{path}/{tried['task_id']}/logs/{tried['try_number']}", headers={"Accept": "text/plain"})
        assert "Marking task as" in log.text


@pytest.mark.parametrize(
    ("tasks", "states"),
    [
        ("success", {"extract": "success", "load": "success"}),
        ({"load": "failed", "extract": "success"}, {"extract": "success", "load": "failed"}),
        ({"extract": "skipped"}, {"extract": "skipped"}),
    ],
)
def test_a_runs_tasks_are_told_in_short(tasks: Any, states: Mapping[str, str], deploy: Deploy) -> None:
    rows = short(deploy, tasks)

    assert {ti.task_id: ti.state for ti in rows} == states
    assert all(ti.state == "skipped" or ti.try_number == 1 for ti in rows)
    assert rows[-1].end_date is not None


def test_tasks_share_the_time_of_their_run(deploy: Deploy) -> None:
    first, second = short(deploy, "success")

    assert first.start_date is not None
    assert first.end_date == second.start_date
    assert first.start_date.isoformat() == "2025-05-01T00:00:00+00:00"
    assert second.end_date is not None
    assert second.end_date.isoformat() == "2025-05-01T00:10:00+00:00"


def short(deploy: Deploy, tasks: Any) -> list[TaskInstance]:
    run = {
        "dag_id": "etl",
        "dag_run_id": "one",
        "state": "success",
        "start_date": "2025-05-01T00:00:00Z",
        "end_date": "2025-05-01T00:10:00Z",
    }
    caller: Caller = deploy(
        {"dags": [{"dag_id": "etl", "tasks": ["extract", "load"]}], "dag_runs": [{**run, "tasks": tasks}]}
    )
    return list(caller.deployment.airflow.task_instances.group("run", RunKey("etl", "one")).values())


def test_instances_that_the_world_tells_of_stay_as_they_are(deploy: Deploy) -> None:
    caller = deploy(
        {
            "dags": [{"dag_id": "etl", "tasks": ["extract", "load"]}],
            "dag_runs": [{"dag_id": "etl", "dag_run_id": "one", "state": "failed", "tasks": "success"}],
            "task_instances": [{"dag_id": "etl", "dag_run_id": "one", "task_id": "load", "state": "failed"}],
        }
    )

    rows = caller.get("/api/v1/dags/etl/dagRuns/one/taskInstances").json["task_instances"]
    assert {row["task_id"]: row["state"] for row in rows} == {"extract": "success", "load": "failed"}


@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [
        (5, "dag_runs[0].tasks: a state, or an object with a state by task_id, is expected."),
        (
            "succes",
            "dag_runs[0].tasks.extract: 'succes' is none of failed, removed, skipped, success,",
        ),
        ({"lod": "success"}, "dag_runs[0].tasks: the DAG 'etl' has no task 'lod'. Did you mean 'load'?"),
        ({"load": "running"}, "dag_runs[0].tasks.load: 'running' is none of failed,"),
    ],
)
def test_what_the_short_form_cannot_mean_is_refused(tasks: Any, sentence: str, deploy: Deploy) -> None:
    with pytest.raises(WorldError) as refused:
        short(deploy, tasks)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--dags", "0"], "--dags: a number from 1 to 10000 is expected, not '0'."),
        (["--until", "soon"], "--until: The value 'soon' cannot be used"),
        (["-o", "world.yaml"], "--output: a world file that is written ends in .json"),
        (["-o", "missing/world.json"], "The world file missing/world.json cannot be written: No such file"),
    ],
)
def test_what_cannot_be_generated_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["world", "generate", "--runs", "5", *arguments]) == 2

    assert capsys.readouterr().err.startswith(f"mock-airflow: {sentence}")
