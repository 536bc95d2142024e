"""The ways in which people write DAG files, each of them read."""

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

FILES = {
    "classic.py": """
        from datetime import datetime, timedelta
        from airflow import DAG
        from airflow.models.baseoperator import chain, cross_downstream
        from airflow.operators.bash_operator import BashOperator  # as it was called in Airflow 1
        from airflow.operators.dummy_operator import DummyOperator
        from airflow.utils.edgemodifier import Label

        args = {"owner": "ann", "retries": 3, "retry_delay": timedelta(minutes=1), "pool": "small"}
        dag = DAG("classic", default_args=args, schedule_interval="@weekly", start_date=datetime(2024, 1, 1))
        a, b, c, d, e = (DummyOperator(task_id=name, dag=dag) for name in "abcde")
        x = BashOperator(task_id="x", bash_command="echo", dag=dag, retries=0)
        chain(a, [b, c], [d, e])
        cross_downstream([d, e], [x])
        a >> Label("straight") >> x
        dag.doc_md = "Written **late**."
    """,
    "taskflow.py": '''
        import pendulum
        from airflow.decorators import dag, task, task_group

        @dag(schedule=None, start_date=pendulum.datetime(2024, 1, 1, tz="Europe/Paris"), tags=["flow"])
        def taskflow(limit: int = 3):
            """What it is for."""

            @task(retries=2)
            def extract() -> dict:
                return {"a": 1}

            @task.branch
            def choose(data):
                return "left"

            @task_group
            def side(value):
                @task
                def left(v):
                    """To the left."""

                @task
                def right(v):
                    pass

                left(value) >> right(value)

            @task
            def add(x, y):
                return x + y

            data = extract()
            choose(data["a"]) >> side(data)
            sums = add.partial(y=limit).expand(x=[1, 2, 3])

            @task(trigger_rule="all_done")
            def total(values):
                return sum(values)

            total(sums)
            for _ in range(2):
                extract()

        taskflow()
    ''',
    "factory.py": """
        from airflow import DAG
        from airflow.operators.python import PythonOperator
        from datetime import datetime
        import json
        from pathlib import Path

        for name, config in json.loads((Path(__file__).parent / "teams.json").read_text()).items():
            with DAG(f"team_{name}", schedule=config["schedule"], start_date=datetime(2024, 1, 1)) as made:
                before = None
                for step in config["steps"]:
                    now = PythonOperator(task_id=step, python_callable=print, owner=name)
                    if before:
                        now.set_upstream(before)
                    before = now
            globals()[made.dag_id] = made
    """,
    "teams.json": """{
        "red": {"schedule": "@daily", "steps": ["one", "two"]},
        "blue": {"schedule": null, "steps": ["one"]}
    }""",
    "providers.py": """
        import some_library_that_is_not_installed as lib
        from another_one.deep.inside import Thing, decorate, helper_function
        from airflow import DAG
        from airflow.providers.amazon.aws.transfers.s3_to_redshift import S3ToRedshiftOperator
        from airflow.providers.nobody.knows.operators.this import MysteryOperator
        from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook
        from airflow.providers.http.sensors.http import HttpSensor
        from datetime import datetime

        try:
            import pandas_that_nobody_has as pd
        except ImportError:
            pd = None

        FRAME = lib.read("x").groupby("y")[0] + 1

        class Mine(Thing):
            size = 2

        @decorate
        def function():
            return Mine(3).anything.at.all()

        class Own(MysteryOperator):
            template_fields = ("query",)
            ui_color = "#123456"

            def __init__(self, query, **kwargs):
                super().__init__(**kwargs)
                self.query = query

            def execute(self, context):
                SnowflakeHook("x").run(self.query)

        with DAG("providers", schedule=None, start_date=datetime(2024, 1, 1), tags=[str(pd)]) as dag:
            copy = S3ToRedshiftOperator(task_id="copy", schema="s", table="t", s3_bucket="b", s3_key="k")
            mystery = MysteryOperator(task_id="mystery", anything=copy.output, conn=lib.CONNECTION)
            own = Own(task_id="own", query="select 1")
            HttpSensor(task_id="wait", endpoint="x") >> copy
            mystery >> own
    """,
    "setup.py": """
        from airflow.decorators import dag, task, setup, teardown
        from airflow.operators.empty import EmptyOperator
        from datetime import datetime

        @dag(schedule=None, start_date=datetime(2024, 1, 1))
        def prepared():
            @setup
            def make():
                return "cluster"

            @teardown(on_failure_fail_dagrun=True)
            def drop(cluster):
                pass

            with drop(make()):
                EmptyOperator(task_id="work") >> EmptyOperator(task_id="more")

        prepared()
    """,
    "assets.py": """
        from airflow import DAG
        from airflow.decorators import task
        from airflow.models.baseoperator import chain
        from airflow.models.param import Param
        from airflow.datasets import Dataset as Asset
        from airflow.providers.standard.operators.empty import EmptyOperator
        from airflow.datasets import Dataset
        from datetime import datetime

        A, B, C = Asset("s3://a"), Asset("s3://b", extra={"k": 1}), Dataset("s3://c")

        with DAG("makes", schedule=None, start_date=datetime(2024, 1, 1), params={"n": Param(1, type="integer")}):
            EmptyOperator(task_id="make", outlets=[A, B])

        with DAG("waits", schedule=(A | (B & C)), start_date=datetime(2024, 1, 1)) as waits:
            @task
            def first():
                pass

            @task
            def second():
                pass

            chain(first(), second())
    """,
    "guarded.py": """
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from datetime import datetime
        import logging

        log = logging.getLogger(__name__)

        with DAG("guarded", schedule="0 5 * * 1", start_date=datetime(2024, 1, 1), catchup=False) as dag:
            EmptyOperator(task_id="only")

        if __name__ == "__main__":
            dag.test()
        dag.test()
    """,
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("idioms") / "dags")
    for name, source in FILES.items():
        write(name, source)
    with MockAirflow(dags_folder=write.path) as airflow:
        yield Asking(airflow)


def test_every_file_can_be_read(airflow):
    assert airflow.errors() == {}
    assert airflow.dag_ids() == [
        "classic",
        "guarded",
        "makes",
        "prepared",
        "providers",
        "taskflow",
        "team_blue",
        "team_red",
        "waits",
    ]


def test_chains_labels_and_old_names(airflow):
    assert airflow.edges("classic") == sorted(
        [("a", "b"), ("a", "c"), ("a", "x"), ("b", "d"), ("c", "e"), ("d", "x"), ("e", "x")]
    )
    assert airflow.task("classic", "a")["class_ref"] == {
        "class_name": "EmptyOperator",
        "module_path": "airflow.operators.empty",
    }
    details = airflow.get("/dags/classic/details")
    assert (details["doc_md"], details["timetable_description"]) == ("Written **late**.", "At 00:00, only on Sunday")


def test_default_args_count_where_a_task_says_nothing(airflow):
    a, x = airflow.task("classic", "a"), airflow.task("classic", "x")
    assert (a["owner"], a["retries"], a["retry_delay"]["seconds"], a["pool"]) == ("ann", 3.0, 60, "small")
    assert (x["owner"], x["retries"]) == ("ann", 0.0)


def test_functions_are_tasks_and_groups(airflow):
    assert airflow.edges("taskflow") == sorted(
        [
            ("extract", "choose"),
            ("extract", "side.left"),
            ("extract", "side.right"),
            ("choose", "side.left"),
            ("side.left", "side.right"),
            ("add", "total"),
        ]
    )
    ids = [task["task_id"] for task in airflow.get("/dags/taskflow/tasks")["tasks"]]
    assert ids == ["add", "choose", "extract", "extract__1", "extract__2", "side.left", "side.right", "total"]
    assert airflow.task("taskflow", "choose")["operator_name"] == "@task.branch"
    assert airflow.task("taskflow", "side.left")["doc_md"] == "To the left."
    mapped, total = airflow.task("taskflow", "add"), airflow.task("taskflow", "total")
    assert (mapped["is_mapped"], total["is_mapped"], total["trigger_rule"]) == (True, False, "all_done")
    details = airflow.get("/dags/taskflow/details")
    assert (details["doc_md"], details["timezone"]) == ("What it is for.", "UTC")  # the installation's (observed)
    assert airflow.airflow.deployment.airflow.dags.get("taskflow").timezone == "Europe/Paris"
    assert details["params"]["limit"]["value"] == 3


def test_a_loop_over_a_file_makes_dags(airflow):
    assert airflow.edges("team_red") == [("one", "two")]
    assert airflow.get("/dags/team_blue")["owners"] == ["blue"]


def test_what_is_not_installed_does_no_harm(airflow):
    assert airflow.edges("providers") == [("copy", "mystery"), ("mystery", "own"), ("wait", "copy")]
    mystery, own = airflow.task("providers", "mystery"), airflow.task("providers", "own")
    assert mystery["class_ref"] == {
        "class_name": "MysteryOperator",
        "module_path": "airflow.providers.nobody.knows.operators.this",
    }
    assert (own["operator_name"], own["ui_color"], own["template_fields"]) == ("Own", "#123456", ["query"])
    assert airflow.get("/dags/providers")["tags"] == [{"name": "None"}]  # a file's own fallback is taken


def test_setups_and_teardowns_stand_around_their_tasks(airflow):
    assert airflow.edges("prepared") == sorted([("make", "drop"), ("make", "work"), ("work", "more"), ("more", "drop")])
    assert airflow.task("prepared", "drop")["trigger_rule"] == "all_done_setup_success"


def test_datasets_are_made_and_waited_for(airflow):
    waits = airflow.get("/dags/waits/details")
    assert waits["dataset_expression"] == {"any": ["s3://a", {"all": ["s3://b", "s3://c"]}]}
    assert waits["schedule_interval"] == {"__type": "CronExpression", "value": "Dataset"}
    made = {row["uri"]: row for row in airflow.get("/datasets")["datasets"]}
    assert [each["task_id"] for each in made["s3://b"]["producing_tasks"]] == ["make"]
    assert made["s3://b"]["extra"] == {"k": 1}
    assert [each["dag_id"] for each in made["s3://c"]["consuming_dags"]] == ["waits"]


def test_a_change_of_a_dataset_starts_who_waits_for_it(airflow):
    for dag_id in ("makes", "waits"):
        airflow.patch(f"/dags/{dag_id}", {"is_paused": False})
    airflow.airflow.trigger("makes")
    airflow.airflow.clock.advance(minutes=10)
    runs = airflow.get("/dags/waits/dagRuns")["dag_runs"]
    assert [run["run_type"] for run in runs] == ["dataset_triggered"]


def test_runs_go_as_far_as_the_file_tells(airflow):
    airflow.patch("/dags/taskflow", {"is_paused": False})
    run = airflow.airflow.trigger("taskflow", run_id="one")
    airflow.airflow.clock.advance(minutes=10)
    instances = airflow.get(f"/dags/taskflow/dagRuns/{run.run_id}/taskInstances")["task_instances"]
    assert sorted(each["map_index"] for each in instances if each["task_id"] == "add") == [0, 1, 2]


def test_the_sdk_of_airflow_3(folder):
    source = FILES["assets.py"].replace(
        "from airflow import DAG", "from airflow.sdk import DAG, Asset, Param, chain, task"
    )
    source = source.replace("from airflow.datasets import Dataset\n", "from airflow.sdk import Asset as Dataset\n")
    lines = ("decorators import task", "baseoperator import chain", "param import Param", "import Dataset as Asset")
    folder("assets.py", "".join(line for line in source.splitlines(True) if not line.rstrip().endswith(lines)))
    with MockAirflow(dags_folder=folder.path, airflow_version="3.3.2") as airflow:
        assert [row.stack_trace for row in airflow.deployment.airflow.import_errors] == []
        waits = airflow.deployment.airflow.dags.get("waits")
        assert waits.schedule.assets == {"any": ["s3://a", {"all": ["s3://b", "s3://c"]}]}
        assert waits.tasks["first"].downstream_task_ids == ("second",)


def test_classes_are_made_of_placeholders_by_calls_too(folder):
    folder(
        "kinds.py",
        """
        from abc import ABCMeta
        from not_installed import Base, helpers
        from airflow.providers.nobody.operators.own import OwnOperator

        KINDS = [type(name, (Base,), {"size": 2}) for name in ("A", "B")] + [ABCMeta("C", (helpers.Other,), {})]
        Two = type("Two", (Base, helpers.Other), {"size": 2})
        OPERATOR = type("MadeOperator", (Base, OwnOperator), {"ui_color": "#123456"})
        """,
    )
    folder(
        "use.py",
        """
        import not_installed
        from kinds import KINDS, OPERATOR, Two
        from airflow import DAG

        class Mine(not_installed.Third, KINDS[0], Two):
            pass

        tags = [kind.__name__ for kind in (*KINDS, Two, type(Mine(1)))] + [str(Mine().size)]
        with DAG("made", schedule=None, tags=tags):
            OPERATOR(task_id="a")
        """,
    )
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert asking.errors() == {}
        assert sorted(tag["name"] for tag in asking.get("/dags/made")["tags"]) == ["2", "A", "B", "C", "Mine", "Two"]
        task = asking.task("made", "a")
        assert (task["operator_name"], task["ui_color"]) == ("MadeOperator", "#123456")
