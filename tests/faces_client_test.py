"""The official client of Airflow 2 (`apache-airflow-client` 2.10.0) at the other face of a recorded Airflow 3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import airflow_client.client as client
import pytest
import requests
from airflow_client.client import api, apis, models

from mock_airflow import MockAirflow
from mock_airflow.world.reading import SECTIONS

START = Path(__file__).resolve().parents[1] / "fixtures" / "recordings" / "airflow-3.3.2" / "start.json"
SALES, FIRST = "sales_daily", "scheduled__2025-01-01T06:00:00+00:00"


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockAirflow]:
    start = json.loads(START.read_text("utf-8"))
    world = tmp_path_factory.mktemp("world") / "start.json"
    world.write_text(json.dumps({name: content for name, content in start.items() if name in SECTIONS}), "utf-8")
    settings = {"runs": "manual", "world": str(world), "clock": "2026-11-29T04:00:00Z", "frozen": True}
    with MockAirflow(airflow_version="3.3.2", expose_config="True", **settings) as mock:
        yield mock


@pytest.fixture
def old(airflow: MockAirflow) -> Iterator[client.ApiClient]:
    """The client of Airflow 2 at the face of 2.11.2."""
    face = airflow.seen_as("2.11.2")
    before = airflow.snapshot()
    configuration = client.Configuration(host=face.api_url, **face.credentials)
    with client.ApiClient(configuration) as api_client:
        yield api_client
    airflow.restore(before)


READS = [
    (apis.DAGApi.get_dags, ()),
    (apis.DAGApi.get_dag, (SALES,)),
    (apis.DAGApi.get_dag_details, (SALES,)),
    (apis.DAGApi.get_tasks, (SALES,)),
    (apis.DAGRunApi.get_dag_runs, ("~",)),
    (apis.DAGRunApi.get_dag_run, (SALES, FIRST)),
    (apis.TaskInstanceApi.get_task_instances, ("~", "~")),
    (apis.TaskInstanceApi.get_task_instance_tries, ("flaky_job", "f_1", "wobble")),
    (apis.TaskInstanceApi.get_mapped_task_instances, ("inventory_sync", "inv_1", "restock.ship")),
    (apis.XComApi.get_xcom_entries, (SALES, FIRST, "extract")),
    (apis.DatasetApi.get_datasets, ()),
    (apis.DatasetApi.get_dataset, ("s3://warehouse/stock.csv",)),
    (apis.DatasetApi.get_dataset_events, ()),
    (apis.DatasetApi.get_dag_dataset_queued_events, ("stock_report",)),
    (apis.PoolApi.get_pools, ()),
    (apis.ConnectionApi.get_connections, ()),
    (apis.VariableApi.get_variables, ()),
    (apis.EventLogApi.get_event_logs, ()),
    (apis.ImportErrorApi.get_import_errors, ()),
    (apis.MonitoringApi.get_health, ()),
    (apis.ConfigApi.get_config, ()),
    (apis.PluginApi.get_plugins, ()),
    (apis.ProviderApi.get_providers, ()),
    (apis.RoleApi.get_roles, ()),
    (apis.UserApi.get_users, ()),
    (apis.PermissionApi.get_permissions, ()),
]


@pytest.mark.parametrize(("method", "arguments"), READS, ids=lambda value: getattr(value, "__qualname__", ""))
def test_every_answer_is_read(old: client.ApiClient, method: object, arguments: tuple[str, ...]) -> None:
    owner, _, name = method.__qualname__.partition(".")  # type: ignore[attr-defined]

    found = getattr(getattr(apis, owner)(old), name)(*arguments)

    assert found is not None


def test_what_it_triggers_the_new_api_tells(old: client.ApiClient, airflow: MockAirflow) -> None:
    run = api.dag_run_api.DAGRunApi(old).post_dag_run(SALES, models.DAGRun(conf={"batch_size": 3}))

    told = requests.get(
        f"{airflow.api_url}/dags/{SALES}/dagRuns/{run.dag_run_id}", headers=airflow.headers, timeout=60
    ).json()
    assert (told["conf"], told["run_type"], told["triggered_by"]) == ({"batch_size": 3}, "manual", "rest_api")


def test_what_the_new_api_triggers_it_reads(old: client.ApiClient, airflow: MockAirflow) -> None:
    told = requests.post(
        f"{airflow.api_url}/dags/{SALES}/dagRuns",
        json={"logical_date": None, "note": "new"},
        headers=airflow.headers,
        timeout=60,
    ).json()

    run = api.dag_run_api.DAGRunApi(old).get_dag_run(SALES, told["dag_run_id"])

    assert (run.note, run.state.value, run.external_trigger) == ("new", "queued", True)
