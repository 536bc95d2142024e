"""What Airflow 2.11 takes, refuses and tells otherwise than one may expect, and where Airflow 3 differs.

What is expected of 2.11 was seen in a real 2.11.2 that read the same lines.
"""

import re

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

HEAD = """
from datetime import datetime, timedelta, timezone
from airflow import DAG
from airflow.configuration import conf
from airflow.models.param import Param
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import (
    BranchPythonOperator, ExternalPythonOperator, PythonOperator, ShortCircuitOperator
)
from airflow.sensors.python import PythonSensor
from airflow.utils.state import State, TaskInstanceState
from airflow.utils.trigger_rule import TriggerRule
START = datetime(2024, 1, 1)
ARGS = dict(schedule=None, start_date=START)
"""
FILES = {
    "context": """
class Mine(PythonOperator):
    pass

def plain():
    pass

with DAG("context", **ARGS):
    for kind in (PythonOperator, BranchPythonOperator, ShortCircuitOperator, Mine):
        kind(task_id=kind.__name__, python_callable=print, provide_context=True)
    ExternalPythonOperator(task_id="out", python="python3", python_callable=plain, provide_context=True)
""",
    "dates": """
with DAG("dates", schedule="@daily", default_args={"start_date": START, "end_date": datetime(2024, 6, 1)}):
    EmptyOperator(task_id="a")
with DAG("texts", schedule="@daily", default_args={"start_date": "2024-01-01", "end_date": "2024-06-01"}):
    EmptyOperator(task_id="a")
with DAG("own", schedule="@daily", start_date=START, end_date=datetime(2024, 6, 1), template_searchpath=["/x", "/y"]):
    EmptyOperator(task_id="a")
""",
    "words": """
rules = [TriggerRule.NONE_FAILED_OR_SKIPPED, TriggerRule.DUMMY, "none_failed_or_skipped", "dummy"]
with DAG("words", **ARGS, tags=[str(TaskInstanceState.SHUTDOWN), str(State.SHUTDOWN)]):
    for number, rule in enumerate(rules):
        EmptyOperator(task_id=f"t{number}", trigger_rule=rule, retries=str(number))
    EmptyOperator(task_id="mapped", retries="5")
    EmptyOperator.partial(task_id="many", retries="4").expand(doc=["a", "b"])
""",
    "options": """
with DAG("options", **ARGS, tags=[
    conf.get("kubernetes", "NAMESPACE"), conf.get("kubernetes_executor", "namespace"),
    conf.get("core", "dag_concurrency"), conf.get("openlineage", "execution_timeout"),
    conf.get("aws", "nothing", fallback="fell back"), conf.get("common.io", "xcom_objectstorage_threshold"),
]):
    EmptyOperator(task_id="a")
""",
    "json": """
with DAG("json", **ARGS, params={
    "when": Param(START),
    "zone": Param(datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2)))),
    "span": timedelta(1),
}):
    EmptyOperator(task_id="a")
""",
}
REFUSED = {
    "retries_a": ("EmptyOperator(task_id='a', retries='a')", "'retries' type must be int, not str"),
    "retries_list": ("EmptyOperator(task_id='a', retries=[1])", "'retries' type must be int, not list"),
    "retries_part": ("EmptyOperator(task_id='a', retries='3.5')", "'retries' type must be int, not str"),
    "retries_mapped": (
        "EmptyOperator.partial(task_id='a', retries='a').expand(doc=['x'])",
        "'retries' type must be int, not str",
    ),
    "rule": ("EmptyOperator(task_id='a', trigger_rule='all_done_min_one_success')", "The trigger_rule must be one of "),
    "cycle": (
        "a, b = EmptyOperator(task_id='a'), EmptyOperator(task_id='b'); a >> b >> a; EmptyOperator(task_id='a')",
        "Task id 'a' has already been added to the DAG",
    ),
    "group": (
        "from airflow.utils.task_group import TaskGroup; TaskGroup('g'); TaskGroup('g')",
        "group_id 'g' has already been added to the DAG",
    ),
    "connection": (
        "from airflow.hooks.base import BaseHook; BaseHook.get_connection('nobody')",
        "The conn_id `nobody` isn't defined",
    ),
    "option": ("conf.get('nothing', 'at_all')", "section/key [nothing/at_all] not found in config"),
}
KINDS = {
    "cycle": "DuplicateTaskIdFound",
    "group": "DuplicateTaskIdFound",
    "connection": "AirflowNotFoundException",
    "option": "AirflowConfigException",
}
OTHERS = {
    "false": ("PythonOperator(task_id='a', python_callable=print, provide_context=False)", "'provide_context': False"),
    "empty": ("EmptyOperator(task_id='a', provide_context=True)", "'provide_context': True"),
    "sensor": ("PythonSensor(task_id='a', python_callable=print, provide_context=True)", "'provide_context': True"),
    "rule_3": ("TriggerRule.ALL_DONE_MIN_ONE_SUCCESS", "AttributeError: "),
    "sdk": ("from airflow.sdk import task", "ModuleNotFoundError: No module named 'airflow.sdk'"),
    "sdk_part": ("import airflow.sdk.definitions.dag", "ModuleNotFoundError: No module named 'airflow.sdk'"),
    "sdk_name": ("from airflow import sdk", "ImportError: cannot import name 'sdk' from 'airflow'"),
    "timetable": (
        "from airflow.timetables.assets import AssetOrTimeSchedule",
        "ModuleNotFoundError: No module named 'airflow.timetables.assets'",
    ),
    "write": ("open('/tmp/x', 'w')", "PermissionError: mock-airflow: "),
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("versions") / "dags")
    for name, source in FILES.items():
        write(f"{name}.py", HEAD + source)
    for name, (line, _) in {**REFUSED, **OTHERS}.items():
        write(f"{name}.py", f"{HEAD}with DAG({name!r}, **ARGS):\n    {line}\n")
    with MockAirflow(dags_folder=write.path) as airflow:
        yield Asking(airflow)


def _last_line(airflow, name):
    return airflow.errors()[f"{name}.py"].strip().splitlines()[-1]


def test_what_airflow_2_takes_is_no_error(airflow):
    assert {name: text for name, text in airflow.errors().items() if name.removesuffix(".py") in FILES} == {}


def test_provide_context_is_dropped_from_python_operators(airflow):
    ids = {task["task_id"] for task in airflow.get("/dags/context/tasks")["tasks"]}
    assert ids == {"PythonOperator", "BranchPythonOperator", "ShortCircuitOperator", "Mine", "out"}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_airflow_2_refuses_is_refused(airflow, name):
    assert OTHERS[name][1] in _last_line(airflow, name)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_the_last_line_names_airflows_own_exceptions(airflow, name):
    kind = KINDS.get(name, "AirflowException")
    said = airflow.errors()[f"{name}.py"].strip().splitlines()
    assert said[-1].startswith(f"airflow.exceptions.{kind}: {REFUSED[name][1]}")


def test_no_error_ends_with_a_name_of_the_stand_ins(airflow):
    for name, text in airflow.errors().items():
        assert "mock_airflow" not in text.strip().splitlines()[-1], name


def test_dates_of_default_args_are_the_tasks_alone_unless_they_are_texts(airflow):
    def dates(dag_id):
        details = airflow.get(f"/dags/{dag_id}/details")
        return details["start_date"], details["end_date"], details["template_searchpath"]

    start, end = "2024-01-01T00:00:00+00:00", "2024-06-01T00:00:00+00:00"
    assert dates("dates") == (None, None, None)
    assert dates("texts") == (start, None, None)
    assert dates("own") == (start, end, None)
    for dag_id in ("dates", "texts"):
        task = airflow.task(dag_id, "a")
        assert (task["start_date"], task["end_date"]) == (start, end)
    assert airflow.get("/dags/dates")["next_dagrun"] == start  # the first of a catch-up, by its tasks


def test_old_words_are_still_words(airflow):
    tasks = {task["task_id"]: task for task in airflow.get("/dags/words/tasks")["tasks"]}
    rules = [tasks[f"t{number}"]["trigger_rule"] for number in range(4)]
    assert rules == ["none_failed_min_one_success", "always"] * 2
    assert [tasks[name]["retries"] for name in ("t0", "t3", "mapped", "many")] == [0.0, 3.0, 5.0, 4.0]
    assert [tag["name"] for tag in airflow.get("/dags/words")["tags"]] == ["shutdown"]


def test_options_are_known_by_old_names_and_with_the_providers_defaults(airflow):
    tags = {tag["name"] for tag in airflow.get("/dags/options")["tags"]}
    assert tags == {"default", "16", "10", "fell back", "-1"}


def test_an_option_is_taken_from_the_environment_by_its_old_name_too(folder, monkeypatch):
    monkeypatch.setenv("AIRFLOW__KUBERNETES__NAMESPACE", "from_outside")
    folder("a.py", f"{HEAD}DAG(conf.get('kubernetes_executor', 'namespace'), **ARGS)\nd = DAG('d', **ARGS)\n")
    folder("b.py", f"{HEAD}e = DAG('is_' + conf.get('kubernetes', 'namespace'), **ARGS)\n")
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert Asking(airflow).dag_ids() == ["d", "is_from_outside"]


def test_a_param_that_json_cannot_hold_is_told_as_its_text(airflow):
    params = airflow.get("/dags/json/details")["params"]
    assert {name: param["value"] for name, param in params.items()} == {
        "when": "2024-01-01 00:00:00+00:00",
        "zone": "2023-12-31 22:00:00+00:00",
        "span": "1 day, 0:00:00",
    }


def test_a_file_for_airflow_3_is_told_how_to_be_read(airflow):
    for name in ("sdk", "sdk_part", "timetable"):
        first = airflow.errors()[f"{name}.py"].splitlines()[0]
        assert re.match(r"mock-airflow: airflow\.\S+ came with Airflow 3, .*; set airflow_version=3", first)
    assert airflow.errors()["option.py"].startswith("Traceback ")


def test_a_file_that_falls_back_is_read_with_what_airflow_2_has(folder):
    folder(
        "a.py",
        "try:\n    from airflow.sdk import DAG\nexcept ImportError:\n    from airflow import DAG\nd = DAG('d')\n",
    )
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert (Asking(airflow).errors(), Asking(airflow).dag_ids()) == ({}, ["d"])


@pytest.fixture(scope="module")
def airflow_3(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("three") / "dags")
    sdk = "from airflow.sdk import DAG, TriggerRule, task\n" + HEAD.partition("from airflow import DAG")[0] + "\n"
    write("dates.py", HEAD + FILES["dates"])
    write("sdk.py", sdk + "with DAG('sdk') as dag:\n    task(id, trigger_rule='all_done_min_one_success')(1)\n")
    for name in ("words", "context", "json"):
        write(f"{name}.py", HEAD + FILES[name])
    with MockAirflow(dags_folder=write.path, airflow_version="3.3.2") as airflow:
        yield airflow.deployment.airflow


def test_airflow_3_fills_dates_from_default_args(airflow_3):
    dag = airflow_3.dags.get("dates")
    assert (dag.start_date.isoformat(), dag.end_date.isoformat()) == (
        "2024-01-01T00:00:00+00:00",
        "2024-06-01T00:00:00+00:00",
    )


def test_airflow_3_refuses_what_2_only_warned_of(airflow_3):
    errors = {row.filename.rpartition("/")[2]: row.stack_trace for row in airflow_3.import_errors}
    assert "provide_context" in errors["context.py"].strip().splitlines()[-1]
    assert "airflow.exceptions.ParamValidationError: All provided parameters" in errors["json.py"]
    assert "AttributeError: " in errors["words.py"]
    assert "sdk.py" not in errors


def test_airflow_3_has_its_own_words(airflow_3):
    dag = airflow_3.dags.get("sdk")
    assert dag is not None
    assert [task.trigger_rule for task in dag.tasks.values()] == ["all_done_min_one_success"]
