"""Operators of providers, groups of theirs that add a task, and the links that plugins add."""

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

FILES = {
    "dags/google.py": """
        from airflow import DAG
        from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator
        from airflow.providers.google.cloud.operators.bigquery import BigQueryCreateEmptyTableOperator
        from airflow.providers.google.cloud.sensors.gcs import GCSObjectExistenceSensor
        from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator

        with DAG("google", schedule=None):
            wait = GCSObjectExistenceSensor(task_id="wait", bucket="b", object="o")
            load = GCSToBigQueryOperator(task_id="load", bucket="b", source_objects=["o"],
                                         destination_project_dataset_table="p.d.t")
            query = BigQueryInsertJobOperator(task_id="query", configuration={"query": load.output})
            BigQueryCreateEmptyTableOperator(task_id="table", dataset_id="d", table_id="t") >> wait >> load
    """,
    "dags/others.py": """
        from airflow import DAG
        from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
        from airflow.providers.atlassian.jira.operators.jira import JiraOperator
        from airflow.providers.mysql.operators.mysql import MySqlOperator
        from airflow.providers.mysql.transfers.s3_to_mysql import S3ToMySqlOperator
        from airflow.providers.postgres.operators.postgres import PostgresOperator
        from airflow.providers.trino.operators.trino import TrinoOperator

        with DAG("others", schedule=None):
            SparkSubmitOperator(task_id="spark", application="a.py")
            JiraOperator(task_id="jira", jira_method="issue")
            MySqlOperator(task_id="mysql", sql="select 1")
            PostgresOperator(task_id="postgres", sql="select 1")
            TrinoOperator(task_id="trino", sql="select 1")
            S3ToMySqlOperator(task_id="s3", s3_source_key="k", mysql_table="t")
    """,
    "dags/workflow.py": """
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
        from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup

        with DAG("workflow", schedule=None):
            before, after = EmptyOperator(task_id="before"), EmptyOperator(task_id="after")
            group = DatabricksWorkflowTaskGroup(group_id="job", databricks_conn_id="d", max_concurrent_runs=2)
            with group:
                a = DatabricksNotebookOperator(task_id="a", notebook_path="/a", source="WORKSPACE")
                b = DatabricksNotebookOperator(task_id="b", notebook_path="/b", source="WORKSPACE")
                c = DatabricksNotebookOperator(task_id="c", notebook_path="/c", source="WORKSPACE")
                a >> b
            before >> group >> after
    """,
    "dags/not_convertible.py": """
        from airflow import DAG
        from airflow.operators.empty import EmptyOperator
        from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup

        with DAG("not_convertible", schedule=None):
            with DatabricksWorkflowTaskGroup(group_id="job", databricks_conn_id="d"):
                EmptyOperator(task_id="a")
    """,
    "plugins/my_plugin.py": """
        from airflow.plugins_manager import AirflowPlugin
        from airflow.models.baseoperatorlink import BaseOperatorLink
        from airflow.operators.bash import BashOperator
        from airflow.operators.trigger_dagrun import TriggerDagRunOperator

        class Wiki(BaseOperatorLink):
            name = "Wiki"
            operators = [BashOperator, TriggerDagRunOperator]

        class Own(BaseOperatorLink):
            name = "Own"

        class Everywhere(BaseOperatorLink):
            name = "Everywhere"

        class Same(BaseOperatorLink):
            name = "Triggered DAG"
            operators = [TriggerDagRunOperator]

        class P(AirflowPlugin):
            name = "p"
            operator_extra_links = [Wiki(), Own(), Same()]
            global_operator_extra_links = [Everywhere()]
    """,
    "dags/links.py": """
        from airflow import DAG
        from airflow.models.baseoperatorlink import BaseOperatorLink
        from airflow.operators.bash import BashOperator
        from airflow.operators.empty import EmptyOperator
        from airflow.operators.trigger_dagrun import TriggerDagRunOperator
        from my_plugin import Own

        class Here(BaseOperatorLink):
            name = "Here"

        class Sub(BashOperator):
            operator_extra_links = (Own(),)

        class Unregistered(BashOperator):
            operator_extra_links = (Own(), Here())

        class Plain(BashOperator):
            pass

        with DAG("links", schedule=None):
            EmptyOperator(task_id="empty")
            TriggerDagRunOperator(task_id="trigger", trigger_dag_id="links")
            for kind in (BashOperator, Sub, Unregistered, Plain):
                kind(task_id=kind.__name__, bash_command="x")
            BashOperator.partial(task_id="mapped").expand(bash_command=["a"])
    """,
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("providers"))
    for name, source in FILES.items():
        write(name, source)
    with MockAirflow(dags_folder=write.path / "dags") as airflow:
        yield Asking(airflow)


def _links(task):
    return [link["class_name"] for link in task["extra_links"]]


def test_googles_operators_have_their_links_colours_and_template_fields(airflow):
    query, load = airflow.task("google", "query"), airflow.task("google", "load")
    assert _links(query) == ["BigQueryTableLink", "BigQueryJobDetailLink"]
    assert query["extra_links"][0]["module_path"] == "airflow.providers.google.cloud.links.bigquery"
    assert {"configuration", "job_id", "project_id"} <= set(query["template_fields"])
    assert (query["ui_color"], _links(load)) == ("#A1BBFF", ["BigQueryTableLink"])
    assert {"bucket", "object"} <= set(airflow.task("google", "wait")["template_fields"])
    assert airflow.task("google", "table")["ui_color"] == "#81A0FF"  # gone from newer releases of the provider
    assert airflow.edges("google") == [("load", "query"), ("table", "wait"), ("wait", "load")]


@pytest.mark.parametrize(
    ("task_id", "field", "ui_color"),
    [
        ("spark", "application", "#fff"),
        ("jira", "jira_method_args", "#fff"),
        ("mysql", "sql", "#ededed"),
        ("postgres", "sql", "#ededed"),
        ("trino", "sql", "#ededed"),
        ("s3", "s3_source_key", "#f4a460"),
    ],
)
def test_operators_of_other_providers_are_known_too(airflow, task_id, field, ui_color):
    task = airflow.task("others", task_id)
    assert field in task["template_fields"]
    assert task["ui_color"] == ui_color


def test_a_workflow_of_databricks_has_a_task_that_launches_it(airflow):
    assert airflow.edges("workflow") == sorted(
        [
            ("before", "job.launch"),
            ("job.launch", "job.a"),
            ("job.launch", "job.b"),  # by what each of its tasks takes from it
            ("job.launch", "job.c"),
            ("job.a", "job.b"),
            ("job.b", "after"),
            ("job.c", "after"),
        ]
    )
    launch = airflow.task("workflow", "job.launch")
    assert launch["class_ref"]["class_name"] == "_CreateDatabricksWorkflowOperator"
    assert _links(launch) == ["WorkflowJobRunLink", "WorkflowJobRepairAllFailedLink"]
    assert _links(airflow.task("workflow", "job.b")) == ["WorkflowJobRunLink", "WorkflowJobRepairSingleTaskLink"]


def test_what_cannot_be_a_part_of_a_workflow_is_an_error(airflow):
    last = airflow.errors()["not_convertible.py"].strip().splitlines()[-1]
    assert last.endswith("AirflowException: Task job.a does not support conversion to databricks workflow task.")
    assert list(airflow.errors()) == ["not_convertible.py"]


def test_plugins_add_links_to_operators(airflow):
    links = {task["task_id"]: _links(task) for task in airflow.get("/dags/links/tasks")["tasks"]}
    assert {task_id: sorted(found) for task_id, found in links.items()} == {
        "empty": [],
        "trigger": ["Same", "Wiki"],
        "BashOperator": ["Wiki"],
        "Sub": ["Own"],
        "Unregistered": [],
        "Plain": [],
        "mapped": [],
    }
