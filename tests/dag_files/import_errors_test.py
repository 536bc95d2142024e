"""What makes a DAG file an import error, in Airflow's words."""

import os

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

HEAD = """
from datetime import datetime
from airflow import DAG
from airflow.models import Variable
from airflow.hooks.base import BaseHook
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
START = datetime(2024, 1, 1)
"""
FILES = {
    "cycle.py": """
with DAG("cycle", schedule=None, start_date=START):
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    a >> b >> a
""",
    "missing_argument.py": """
with DAG("missing_argument", schedule=None, start_date=START):
    BashOperator(task_id="a")
""",
    "unknown_argument.py": """
with DAG("unknown_argument", schedule=None, start_date=START):
    BashOperator(task_id="a", bash_command="x", colour="red")
""",
    "twice.py": """
with DAG("twice", schedule=None, start_date=START):
    EmptyOperator(task_id="a")
    EmptyOperator(task_id="a")
""",
    "bad_cron.py": """
with DAG("bad_cron", schedule="never on sunday", start_date=START):
    EmptyOperator(task_id="a")
""",
    "no_start.py": """
with DAG("no_start", schedule="@daily"):
    EmptyOperator(task_id="a")
""",
    "no_variable.py": """
Variable.get("nobody_set_this")
""",
    "no_connection.py": """
BaseHook.get_connection("nobody_made_this")
""",
    "syntax.py": """
def (:
""",
    "leaves.py": """
import sys
sys.exit(3)
""",
    "dies.py": """
import os
os._exit(7)
""",
    "good.py": """
value = Variable.get("given", deserialize_json=True)
host = BaseHook.get_connection("there").host
with DAG("good", schedule=None, start_date=START, tags=[value["tag"], host, Variable.get("none", "fallback")]):
    EmptyOperator(task_id="a")
""",
}
LAST_LINES = {
    "cycle.py": "AirflowDagCycleException: Cycle detected in DAG: cycle. Faulty task: b",
    "missing_argument.py": "AirflowException: missing keyword argument 'bash_command'",
    "unknown_argument.py": "**kwargs: {'colour': 'red'}",
    "twice.py": "DuplicateTaskIdFound: Task id 'a' has already been added to the DAG",
    "bad_cron.py": "AirflowTimetableInvalid: ",
    "no_start.py": "ValueError: DAG is missing the start_date parameter",
    "no_variable.py": "KeyError: 'Variable nobody_set_this does not exist'",
    "no_connection.py": "AirflowNotFoundException: The conn_id `nobody_made_this` isn't defined",
    "syntax.py": "SyntaxError: ",
    "leaves.py": "SystemExit: 3",
    "dies.py": "ended before it was done (exit code 7).",
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("errors") / "dags")
    for name, source in FILES.items():
        write(name, HEAD + source)
    world = write.path.parent / "world.json"
    world.write_text(
        '{"variables": [{"key": "given", "value": "{\\"tag\\": \\"from json\\"}"}],'
        ' "connections": [{"connection_id": "there", "conn_type": "http", "host": "example.org"}]}',
        encoding="utf-8",
    )
    with MockAirflow(dags_folder=write.path, world=world) as airflow:
        yield Asking(airflow)


@pytest.mark.parametrize("name", sorted(LAST_LINES))
def test_a_file_that_fails_is_an_import_error(airflow, name):
    assert LAST_LINES[name] in airflow.errors()[name].strip().splitlines()[-1]


def test_the_others_are_read_all_the_same(airflow):
    assert airflow.dag_ids() == ["good"]
    assert len(airflow.errors()) == len(LAST_LINES)


def test_variables_and_connections_are_those_of_the_world(airflow):
    tags = sorted(tag["name"] for tag in airflow.get("/dags/good")["tags"])
    assert tags == ["example.org", "fallback", "from json"]


def test_the_environment_counts_before_the_world(folder, monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_GIVEN", "outside")
    folder(
        "one.py",
        HEAD
        + "DAG(Variable.get('given'), schedule=None, start_date=START)\n"
        + "d = DAG(Variable.get('given'), schedule=None)",
    )
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert Asking(airflow).dag_ids() == ["outside"]


def test_a_file_that_takes_too_long_is_ended_in_airflows_words(folder):
    file = folder("slow.py", HEAD + "import time\ntime.sleep(60)")
    with MockAirflow(dags_folder=folder.path, dagbag_import_timeout=0.3) as airflow:
        lines = Asking(airflow).errors()["slow.py"].splitlines()
    assert any(
        f"AirflowTaskTimeout: DagBag import timeout for {os.path.realpath(file)} after 0.3s." in each for each in lines
    )
    assert lines[-1].startswith("* https://airflow.apache.org/docs/apache-airflow/2.11.2/best-practices.html#reducing")


def test_a_schedule_that_no_plugin_registers_cannot_be_stored(folder):
    own = "from airflow.timetables.base import Timetable\nclass Tides(Timetable): pass\n"
    use = (
        HEAD
        + "from tides import Tides\nwith DAG('tidal', schedule=Tides(), start_date=START): EmptyOperator(task_id='a')"
    )
    folder("../plugins/tides.py", own)
    folder("tidal.py", use)
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert "Timetable class 'tides.Tides' is not registered" in Asking(airflow).errors()["tidal.py"]
    folder(
        "../plugins/tides.py",
        own + "from airflow.plugins_manager import AirflowPlugin\n"
        "class P(AirflowPlugin):\n    name = 'p'\n    timetables = [Tides]\n",
    )
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert asking.errors() == {}
        assert asking.get("/dags/tidal")["schedule_interval"] == {"__type": "CronExpression", "value": "Tides"}
