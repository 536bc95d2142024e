"""A DAG folder by the command line and by the pytest plugin."""

import json
import os

from tests.cli.processes import serving

DAG = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator

with DAG("{0}", schedule=None, is_paused_upon_creation=False):
    EmptyOperator(task_id="a")
"""


def _dag_ids(server):
    status, _, body = server.get("/api/v1/dags", **server.told["headers"])
    assert status == 200
    return [dag["dag_id"] for dag in json.loads(body)["dags"]]


def test_serve_reads_a_folder_and_sees_what_changes(tmp_path):
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "one.py").write_text(DAG.format("one"), "utf-8")
    (dags / "bad.py").write_text(
        "import airflow  # a dag\nfrom airflow.models import Variable\nVariable.get('x')", "utf-8"
    )
    with serving(tmp_path, "--dags-folder", str(dags), "--reload", XDG_CACHE_HOME=str(tmp_path / "cache")) as server:
        assert _dag_ids(server) == ["one"]
        assert f"{dags} (1 DAG)" in server.out
        assert "1 DAG file of" in server.err
        assert "variable 'x'. Give them in a world file, or as AIRFLOW_VAR_<KEY>" in server.err
        (dags / "two.py").write_text(DAG.format("two"), "utf-8")
        server.wait_until(lambda: _dag_ids(server) == ["one", "two"])
        (dags / "one.py").unlink()
        server.wait_until(lambda: _dag_ids(server) == ["two"])


def test_serve_refuses_a_folder_that_is_not_there(tmp_path, capsys):
    from mock_airflow.cli import main

    assert main(["serve", "--dags-folder", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_the_marker_finds_the_folder_above_the_test_and_reads_it_once(pytester, monkeypatch):
    for name in os.environ:
        if name.startswith("MOCK_AIRFLOW_"):
            monkeypatch.delenv(name)
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")
    (pytester.path / "dags").mkdir()
    (pytester.path / "dags" / "one.py").write_text(DAG.format("one"), "utf-8")
    (pytester.path / "tests" / "deep").mkdir(parents=True)
    (pytester.path / "tests" / "deep" / "some_test.py").write_text(
        """
import pytest
from mock_airflow.dag_files import folder as dag_folder

pytestmark = pytest.mark.mock_airflow(dags_folder="dags")

def test_one(mock_airflow, monkeypatch):
    run = mock_airflow.trigger("one")
    mock_airflow.clock.advance(minutes=5)
    assert mock_airflow.dag_run("one", run.run_id).state == "success"
    monkeypatch.setattr(dag_folder.DagFolder, "load", None)

def test_two(mock_airflow, monkeypatch):
    monkeypatch.setattr(dag_folder.DagFolder, "load", None)
    assert [dag.dag_id for dag in mock_airflow.deployment.airflow.dags] == ["one"]
    assert len(mock_airflow.deployment.airflow.dag_runs) == 0
""",
        "utf-8",
    )
    result = pytester.runpytest("tests/deep/some_test.py", "-p", "no:randomly")
    result.assert_outcomes(passed=2)
