"""Files that change: with ``reload``, and when they are asked to be parsed again."""

import os

import pytest

from mock_airflow import MockAirflow
from mock_airflow.dag_files import folder as dag_folder
from tests.dag_files.asking import Asking

ONE = """
from datetime import datetime
from airflow import DAG
from airflow.datasets import Dataset
from airflow.operators.empty import EmptyOperator

with DAG("one", schedule=None, start_date=datetime(2024, 1, 1), tags=["old"], description="first"):
    EmptyOperator(task_id="a", outlets=[Dataset("s3://x")]) >> EmptyOperator(task_id="b")
with DAG("two", schedule=None, start_date=datetime(2024, 1, 1)):
    EmptyOperator(task_id="a")
"""
WAITS = """
from datetime import datetime
from airflow import DAG
from airflow.datasets import Dataset
from airflow.operators.empty import EmptyOperator

BOTH = [Dataset("s3://x"), Dataset("s3://y")]
with DAG("waits", schedule=BOTH, start_date=datetime(2024, 1, 1), is_paused_upon_creation=False):
    EmptyOperator(task_id="a")
"""
CHANGED = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("one", schedule=None):
    EmptyOperator(task_id="c")
"""


@pytest.fixture(autouse=True)
def _look_at_every_request(monkeypatch):
    monkeypatch.setattr(dag_folder, "_LOOK_EVERY", 0.0)


@pytest.fixture
def airflow(folder):
    folder("one.py", ONE)
    with MockAirflow(dags_folder=folder.path, reload=True) as airflow:
        yield Asking(airflow)


def test_a_change_is_seen_and_nothing_old_stays(airflow, folder):
    airflow.patch("/dags/one", {"is_paused": False})
    assert airflow.get("/datasets")["total_entries"] == 1
    folder("one.py", CHANGED)
    one = airflow.get("/dags/one")
    assert (one["tags"], one["description"], one["is_paused"]) == ([], None, False)
    assert [task["task_id"] for task in airflow.get("/dags/one/tasks")["tasks"]] == ["c"]
    assert airflow.get("/datasets")["datasets"][0]["producing_tasks"] == []


def test_a_dag_that_is_gone_is_not_active_and_comes_back(airflow, folder):
    folder("one.py", CHANGED)
    assert airflow.dag_ids() == ["one"]
    assert airflow.dag_ids(only_active="false") == ["one", "two"]
    (folder.path / "one.py").unlink()
    assert airflow.dag_ids() == []
    folder("one.py", ONE)
    assert airflow.dag_ids() == ["one", "two"]


def test_a_dag_that_is_gone_keeps_its_datasets_and_what_is_queued_and_goes_on_when_it_comes_back(airflow, folder):
    waits = folder("waits.py", WAITS)
    mock = airflow.airflow
    assert "waits" in airflow.dag_ids()
    airflow.post("/dags/waits/dagRuns", {"dag_run_id": "before"})
    airflow.post("/datasets/events", {"dataset_uri": "s3://x"})
    waits.unlink()
    assert airflow.get("/dags/waits")["is_active"] is False
    assert [each["dag_id"] for each in airflow.get("/datasets/s3://x")["consuming_dags"]] == ["waits"]
    assert airflow.get("/dags/waits/datasets/queuedEvent")["total_entries"] == 1
    mock.clock.advance(hours=1)
    assert airflow.get("/dags/waits/dagRuns/before")["state"] == "queued"
    folder("waits.py", WAITS)
    assert airflow.get("/dags/waits")["is_active"] is True
    mock.clock.advance(hours=1)
    assert airflow.get("/dags/waits/dagRuns/before")["state"] == "success"


def test_a_new_file_is_seen(airflow, folder):
    folder("new/three.py", CHANGED.replace('"one"', '"three"'))
    assert airflow.dag_ids() == ["one", "three", "two"]


def test_a_file_that_breaks_has_an_import_error_until_it_is_mended(airflow, folder):
    folder("one.py", "import airflow  # a dag\nraise ValueError('half done')")
    assert airflow.errors()["one.py"].endswith("ValueError: half done\n")
    assert airflow.get("/dags/one")["has_import_errors"] is True
    folder("one.py", ONE)
    assert airflow.errors() == {}
    assert airflow.get("/dags/one")["has_import_errors"] is False


def test_a_change_of_what_a_file_reads_counts_too(airflow, folder):
    folder("names.json", '["x"]')
    folder("shared.py", "PREFIX = 'p'")
    folder(
        "many.py",
        """
        import json
        from pathlib import Path
        from shared import PREFIX
        from airflow import DAG

        for name in json.loads((Path(__file__).parent / "names.json").read_text()):
            globals()[name] = DAG(f"{PREFIX}_{name}", schedule=None)
        """,
    )
    assert airflow.dag_ids() == ["one", "p_x", "two"]
    folder("names.json", '["x", "yy"]')
    assert airflow.dag_ids() == ["one", "p_x", "p_yy", "two"]
    folder("shared.py", "PREFIX = 'qq'")
    assert airflow.dag_ids() == ["one", "qq_x", "qq_yy", "two"]


def test_runs_stay_when_a_file_changes(airflow, folder):
    airflow.airflow.trigger("one", run_id="kept")
    folder("one.py", CHANGED)
    assert [run["dag_run_id"] for run in airflow.get("/dags/one/dagRuns")["dag_runs"]] == ["kept"]


def test_without_reload_a_file_is_read_again_when_that_is_asked_for(folder):
    folder("one.py", ONE)
    with MockAirflow(dags_folder=folder.path) as mock:
        airflow = Asking(mock)
        folder("one.py", CHANGED)
        assert airflow.dag_ids() == ["one", "two"]
        answer = airflow.put(f"/parseDagFile/{airflow.get('/dags/one')['file_token']}")
        assert answer.status_code == 201
        assert airflow.dag_ids() == ["one"]


def test_going_back_to_the_start_reads_again_what_changed_since(airflow, folder):
    folder("one.py", CHANGED)
    assert airflow.dag_ids() == ["one"]
    airflow.airflow.reset()
    assert airflow.dag_ids() == ["one"]


def test_each_deployment_knows_its_own_files(folder):
    folder("one.py", ONE)
    with (
        MockAirflow(dags_folder=folder.path, reload=True) as first,
        MockAirflow.of(first.deployment.fork()) as second,
    ):
        folder("one.py", CHANGED)
        assert Asking(first).dag_ids() == ["one"]
        assert Asking(second).dag_ids() == ["one"]


def test_what_was_read_is_kept_for_the_next_start(folder, monkeypatch):
    folder("one.py", ONE)
    folder("env.py", "import os\nfrom airflow import DAG\nd = DAG(os.environ.get('TEAM', 'nobody'), schedule=None)")
    read = []
    real = dag_folder.read_files
    monkeypatch.setattr(
        dag_folder,
        "read_files",
        lambda paths, *more, **options: (
            read.append([os.path.basename(p) for p in paths]),
            real(paths, *more, **options),
        ),
    )

    def start():
        with MockAirflow(dags_folder=folder.path) as airflow:
            return Asking(airflow).dag_ids()

    assert start() == start() == ["nobody", "one", "two"]
    folder("one.py", CHANGED)
    assert start() == ["nobody", "one"]
    monkeypatch.setenv("TEAM", "us")
    assert start() == ["one", "us"]
    assert read == [["env.py", "one.py"], [], ["one.py"], ["env.py"]]
