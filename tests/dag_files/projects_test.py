"""A project's own packages, which may lie in any folder above the DAG folder; and what is said of missing ones."""

import os
import subprocess

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

DAG = """
from airflow import DAG
from airflow.operators.empty import EmptyOperator
"""


@pytest.fixture
def project(tmp_path):
    """A repository whose DAGs lie two folders down, as Datacoves has it: ``orchestrate/dags``."""
    write = WrittenFolder(tmp_path / "repository")
    (write.path / ".git").mkdir()
    write("orchestrate/utils/naming.py", "NAME = 'named'\n")
    write("orchestrate/utils/__init__.py", "TEAMS = ['red', 'blue']\n")
    write("shared/steps.py", "from shared.deep.er.numbers import COUNT\nSTEPS = [f's{n}' for n in range(COUNT)]\n")
    write("shared/deep/er/numbers.py", "COUNT = 2\n")
    write("images/docker/build.py", "raise RuntimeError\n")
    return write


def _read(folder, *dag_ids, **settings):
    with MockAirflow(dags_folder=folder, **settings) as airflow:
        asking = Asking(airflow)
        assert asking.errors() == {}
        warnings = {}
        for row in asking.get("/dagWarnings")["dag_warnings"]:
            warnings.setdefault(row["dag_id"], []).append((row["warning_type"], row["message"]))
        tasks = {
            dag_id: [task["task_id"] for task in asking.get(f"/dags/{dag_id}/tasks")["tasks"]]
            for dag_id in asking.dag_ids()
        }
    return tasks, warnings


def test_packages_are_looked_for_up_to_the_folder_with_git(project):
    project(
        "orchestrate/dags/a.py",
        f"""{DAG}
from orchestrate.utils import TEAMS
from orchestrate.utils.naming import NAME
from shared.steps import STEPS
with DAG(NAME, schedule=None):
    for name in TEAMS + STEPS:
        EmptyOperator(task_id=name)
""",
    )
    assert _read(project.path / "orchestrate" / "dags") == ({"named": ["blue", "red", "s0", "s1"]}, {})


def test_a_folder_beyond_the_one_with_git_is_not_looked_into(project):
    project("../outside/__init__.py", "raise RuntimeError\n")
    project("orchestrate/dags/a.py", f"{DAG}from outside import *\nd = DAG('a', schedule=None)\n")
    assert _read(project.path / "orchestrate" / "dags") == ({"a": []}, {})


def test_packages_are_looked_for_up_to_the_working_folder(project, monkeypatch):
    (project.path / ".git").rmdir()
    project("orchestrate/dags/a.py", f"{DAG}from shared.steps import STEPS\nd = DAG(STEPS[0], schedule=None)\n")
    monkeypatch.chdir(project.path)
    assert _read(project.path / "orchestrate" / "dags") == ({"s0": []}, {})


def test_serve_says_nothing_of_placeholders_where_there_are_none(project):
    project("orchestrate/dags/a.py", f"{DAG}from orchestrate.utils import TEAMS\nd = DAG(TEAMS[0], schedule=None)\n")
    code = "from mock_airflow import MockAirflow\nwith MockAirflow(dags_folder='orchestrate/dags') as a: print(*a.dags)"
    code = code.replace("print(*a.dags)", "print([row.dag_id for row in a.deployment.airflow.dags])")
    done = subprocess.run(
        [os.sys.executable, "-c", code], cwd=project.path, capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout.strip(), "placeholder" in done.stderr) == ("['red']", False)


def test_a_folder_is_no_module_that_it_does_not_hold(project):
    """``images`` holds Python files only further down; what it does not hold is a placeholder, what it holds is not."""
    project(
        "orchestrate/dags/a.py",
        f"{DAG}from images.library import Thing\nThing()\nd = DAG('a', schedule=None)\n",
    )
    assert _read(project.path / "orchestrate" / "dags") == ({"a": []}, {})


LOOPS = {
    "in_for": "for name in lib.TEAMS: EmptyOperator(task_id=name)",
    "in_items": "for name, more in lib.load().items(): EmptyOperator(task_id=name)",
    "in_list": "[EmptyOperator(task_id=name) for name in THINGS]",
    "in_range": "for number in range(lib.COUNT): EmptyOperator(task_id=str(number))",
    "in_call": "make_tasks()",
    "in_set": "first = lib.make('first')",
    "in_order": "EmptyOperator(task_id='a') >> lib.make('b')",
    "in_order_2": "lib.TASK >> EmptyOperator(task_id='a')",
    "in_handed": "EmptyOperator(task_id='a', doc=str(lib.build(dag=dag)))",
}
HARMLESS = {
    "argument": "EmptyOperator(task_id='a', on_failure_callback=lib.alert('x'), doc=str(lib.TEXT))",
    "attribute": "EmptyOperator(task_id=str(lib.NAME.lower) and 'a', queue=lib.QUEUE or 'q', retries=2)",
    "tags": "dag.tags = ['a']",
}


def test_a_dag_that_may_lack_tasks_is_warned_of(folder, caplog):
    for name, line in {**LOOPS, **HARMLESS}.items():
        head = f"{DAG}import not_there as lib\nfrom not_there.deep import make_tasks, THINGS\nCLIENT = lib.Client()\n"
        folder(f"{name}.py", f"{head}with DAG('{name}', schedule=None) as dag:\n    {line}\n")
    folder("outside.py", f"{DAG}from not_there import TEAMS\nfor _ in TEAMS: pass\nd = DAG('outside', schedule=None)\n")
    folder("none.py", "from airflow import DAG\nfrom not_there import create_dag\nd = create_dag('x', schedule=None)\n")
    _, warnings = _read(folder.path)
    assert sorted(warnings) == sorted([*LOOPS, "outside"])
    for dag_id, ((kind, message),) in warnings.items():
        assert kind == "missing package"
        assert message.startswith("not_there.")
        assert f"({dag_id}.py, line " in message
    assert "(in_for.py, line 8)" in warnings["in_for"][0][1]
    assert "DAGs that may lack tasks, as placeholders were looped over or called: in_call, " in caplog.text
    assert "none.py declares no DAG. not_there.create_dag is not installed" in caplog.text


def test_the_warning_goes_when_the_library_comes(folder):
    folder("a.py", f"{DAG}from later import TEAMS\nfor _ in TEAMS: pass\nd = DAG('a', schedule=None)\n")
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert asking.get("/dagWarnings?warning_type=missing+package")["total_entries"] == 1
        folder("later.py", "TEAMS = ['red']\n")
        folder("a.py", f"{DAG}from later import TEAMS\nd = DAG(TEAMS[0] and 'a', schedule=None)\n")
        asking.put(f"/parseDagFile/{asking.get('/dags/a')['file_token']}")
        assert asking.get("/dagWarnings")["total_entries"] == 0
