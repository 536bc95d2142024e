"""Every method of every API class of `apache-airflow-client` 3.3.2, against the live server.

The client makes a request of its models and reads each answer into them, which checks names, types and enumerations.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

import airflow_client.client as client
import pytest
import requests
from airflow_client.client import api, models

from mock_airflow import MockAirflow

SALES, FIRST = "sales_daily", "scheduled__2025-01-01T06:00:00+00:00"
RUN = {"dag_id": SALES, "dag_run_id": FIRST}
EXTRACT = {**RUN, "task_id": "extract"}
SHIP = {"dag_id": "inventory_sync", "dag_run_id": "inv_1", "task_id": "restock.ship"}
WOBBLE = {"dag_id": "flaky_job", "dag_run_id": "f_1", "task_id": "wobble"}  # tried twice
AFTER = {"dag_id": "approval_flow", "dag_run_id": "h_2", "task_id": "after"}
ASKED = {"dag_id": "approval_flow", "dag_run_id": "h_2", "task_id": "approve", "map_index": -1}
PART = "scheduled__2025-01-01T00:00:00+00:00__2025-01-01T00:00:00__yaUsyVsq"
DAY, NEXT = datetime(2025, 3, 1, tzinfo=timezone.utc), datetime(2025, 3, 3, tzinfo=timezone.utc)
BACKFILL = {"dag_id": SALES, "from_date": DAY.isoformat(), "to_date": NEXT.isoformat()}
MADE = ("POST", "/backfills", BACKFILL)
STORED = ("PUT", f"/dags/{SALES}/dagRuns/{FIRST}/taskInstances/extract/state-store/cursor", {"value": 3})
KEPT = ("PUT", "/assets/1/state-store/cursor", {"value": {"rows": 3}})
FAVORITE = ("POST", f"/dags/{SALES}/favorite", None)
FAILED = {"new_state": "failed"}
NOTE = {"note": "seen"}


class Row(NamedTuple):
    """A call, what is told of its answer, and what that is to be; ``before`` are requests that prepare it."""

    method: Callable[..., Any]
    arguments: Mapping[str, Any]
    told: Callable[[Any], Any]
    expected: Any
    before: tuple[tuple[str, str, Any], ...] = ()

    def __str__(self) -> str:
        return self.method.__qualname__


def bulk(action: str, *entities: Any) -> dict[str, Any]:
    return {"actions": [{"action": action, "entities": [*entities]}]}


def listed(name: str, field: str) -> Callable[[Any], Any]:
    """The total of a page, and a field of the first item on it."""
    return lambda page: (page.total_entries, getattr(getattr(page, name)[0], field))


def done(outcome: Any) -> Any:
    """What a bulk change came to: of each kind of action that was asked for, its success."""
    return {kind: each.success for kind, each in outcome if each is not None}


A, BF, C, D, R = api.AssetApi, api.BackfillApi, api.ConnectionApi, api.DAGApi, api.DagRunApi
TI, X, V, P = api.TaskInstanceApi, api.XComApi, api.VariableApi, api.PoolApi
AS, TS = api.AssetStateStoreApi, api.TaskStateStoreApi
POSTGRES = {"connection_id": "lake", "conn_type": "postgres", "host": "db.example.org"}
NOTHING = (lambda answer: answer, None)

ROWS = [
    # Assets
    Row(A.get_assets, {}, listed("assets", "name"), (3, "stock_csv")),
    Row(A.get_asset, {"asset_id": 1}, lambda asset: (asset.uri, asset.scheduled_dags[0].dag_id),
        ("s3://warehouse/stock.csv", "stock_consumer")),
    Row(A.get_asset_aliases, {}, listed("asset_aliases", "name"), (1, "stock_alias")),
    Row(A.get_asset_alias, {"asset_alias_id": 1}, lambda alias: alias["name"], "stock_alias"),
    Row(A.get_asset_events, {"asset_id": 1}, listed("asset_events", "source_task_id"), (1, "publish")),
    Row(A.create_asset_event, {"create_asset_events_body": {"asset_id": 1, "extra": {"rows": 9}}},
        lambda event: (event.asset_id, event.extra["rows"]), (1, 9)),
    Row(A.materialize_asset, {"asset_id": 1}, lambda run: (run.dag_id, run.run_type.value),
        ("stock_producer", "asset_materialization")),
    Row(A.get_asset_queued_events, {"asset_id": 1}, listed("queued_events", "dag_id"), (1, "stock_report")),
    Row(A.delete_asset_queued_events, {"asset_id": 1}, *NOTHING),
    Row(A.get_dag_asset_queued_events, {"dag_id": "stock_report"}, listed("queued_events", "asset_id"), (1, 1)),
    Row(A.delete_dag_asset_queued_events, {"dag_id": "stock_report"}, *NOTHING),
    Row(A.get_dag_asset_queued_event, {"dag_id": "stock_report", "asset_id": 1}, lambda event: event.asset_id, 1),
    Row(A.delete_dag_asset_queued_event, {"dag_id": "stock_report", "asset_id": 1}, *NOTHING),
    Row(AS.set_asset_state_store, {"asset_id": 1, "key": "cursor", "asset_state_store_body": {"value": 3}}, *NOTHING),
    Row(AS.get_asset_state_store, {"asset_id": 1, "key": "cursor"}, lambda row: row.key, "cursor", (KEPT,)),
    Row(AS.list_asset_state_store, {"asset_id": 1}, listed("asset_state_store", "key"), (1, "cursor"), (KEPT,)),
    Row(AS.delete_asset_state_store, {"asset_id": 1, "key": "cursor"}, *NOTHING, (KEPT,)),
    Row(AS.clear_asset_state_store, {"asset_id": 1}, *NOTHING, (KEPT,)),
    # Backfills
    Row(BF.create_backfill, {"backfill_post_body": BACKFILL},
        lambda made: (made.id, made.reprocess_behavior.value), (1, "none")),
    Row(BF.create_backfill_dry_run, {"backfill_post_body": BACKFILL},
        lambda found: found.total_entries, 2),
    Row(BF.list_backfills, {"dag_id": SALES}, listed("backfills", "id"), (1, 1), (MADE,)),
    Row(BF.get_backfill, {"backfill_id": 1}, lambda found: found.dag_id, SALES, (MADE,)),
    Row(BF.pause_backfill, {"backfill_id": 1}, lambda found: found.is_paused, True, (MADE,)),
    Row(BF.unpause_backfill, {"backfill_id": 1}, lambda found: found.is_paused, False,
        (MADE, ("PUT", "/backfills/1/pause", None))),
    Row(BF.cancel_backfill, {"backfill_id": 1}, lambda found: found.completed_at is not None, True, (MADE,)),
    # The installation
    Row(api.ConfigApi.get_config, {"section": "core"}, lambda found: found.sections[0].name, "core"),
    Row(api.ConfigApi.get_config_value, {"section": "core", "option": "executor"},
        lambda found: found.sections[0].options[0].key, "executor"),
    Row(api.MonitorApi.get_health, {}, lambda found: found.metadatabase.status, "healthy"),
    Row(api.VersionApi.get_version, {}, lambda found: found.version, "3.3.2"),
    Row(api.PluginApi.get_plugins, {}, listed("plugins", "name"), (1, "demo_plugin")),
    Row(api.PluginApi.import_errors, {}, lambda found: found.total_entries, 0),
    Row(api.ProviderApi.get_providers, {}, lambda found: found.total_entries, 6),
    Row(api.JobApi.get_jobs, {}, listed("jobs", "job_type"), (3, "SchedulerJob")),
    Row(api.LoginApi.login, {}, lambda page: "<html" in page, True),
    Row(api.LoginApi.logout, {}, lambda page: "<html" in page, True),
    # Connections
    Row(C.get_connections, {}, listed("connections", "connection_id"), (2, "pg_main")),
    Row(C.get_connection, {"connection_id": "pg_main"}, lambda found: (found.port, found.password), (5432, "***")),
    Row(C.post_connection, {"connection_body": POSTGRES}, lambda made: made.connection_id, "lake"),
    Row(C.patch_connection, {"connection_id": "pg_main", "update_mask": ["host"],
                             "connection_body": {**POSTGRES, "connection_id": "pg_main", "host": "other"}},
        lambda changed: (changed.host, changed.port), ("other", 5432)),
    Row(C.delete_connection, {"connection_id": "pg_main"}, *NOTHING),
    Row(C.bulk_connections, {"bulk_body_connection_body": bulk("create", POSTGRES)}, done, {"create": ["lake"]}),
    Row(C.create_default_connections, {}, *NOTHING),
    Row(C.test_connection, {"connection_body": {**POSTGRES, "conn_type": "nope"}},
        lambda tested: (tested.status, tested.message), (False, 'Unknown hook type "nope"')),
    Row(C.enqueue_connection_test, {"connection_test_request_body": POSTGRES},
        lambda queued: (queued.connection_id, queued.state), ("lake", "pending")),
    # DAGs
    Row(D.get_dags, {}, listed("dags", "dag_id"), (12, "approval_flow")),
    Row(D.get_dag, {"dag_id": SALES}, lambda dag: (dag.dag_id, dag.is_stale), (SALES, False)),
    Row(D.get_dag_details, {"dag_id": SALES}, lambda dag: (dag.dag_id, dag.catchup), (SALES, True)),
    Row(D.patch_dag, {"dag_id": SALES, "dag_patch_body": {"is_paused": True}}, lambda dag: dag.is_paused, True),
    Row(D.patch_dags, {"dag_id_pattern": "stock%", "dag_patch_body": {"is_paused": True}},
        lambda page: [dag.is_paused for dag in page.dags], [True, True, True]),
    Row(D.delete_dag, {"dag_id": SALES}, *NOTHING),
    Row(D.favorite_dag, {"dag_id": SALES}, *NOTHING),
    Row(D.unfavorite_dag, {"dag_id": SALES}, *NOTHING, (FAVORITE,)),
    Row(D.get_dag_tags, {}, lambda page: page.total_entries > 0, True),
    Row(api.DagSourceApi.get_dag_source, {"dag_id": SALES}, lambda source: "def" in source.content, True),
    Row(api.DagStatsApi.get_dag_stats, {"dag_ids": [SALES]},
        lambda found: {each.state.value: each.count for each in found.dags[0].stats}["success"], 3),
    Row(api.DagVersionApi.get_dag_versions, {"dag_id": "versioned_flow"}, lambda page: page.total_entries, 2),
    Row(api.DagVersionApi.get_dag_version, {"dag_id": "versioned_flow", "version_number": 2},
        lambda found: found.version_number, 2),
    Row(api.DagWarningApi.list_dag_warnings, {}, lambda page: page.total_entries, 3),
    Row(api.EventLogApi.get_event_logs, {"limit": 1}, lambda page: len(page.event_logs), 1),
    Row(api.EventLogApi.get_event_log, {"event_log_id": 1}, lambda entry: entry.event_log_id, 1),
    Row(api.ImportErrorApi.get_import_errors, {}, lambda page: page.total_entries, 1),
    Row(api.ImportErrorApi.get_import_error, {"import_error_id": 1}, lambda found: found.import_error_id, 1),
    # Runs
    Row(R.get_dag_runs, {"dag_id": SALES}, lambda page: (page.total_entries, page.dag_runs[0].dag_run_id), (3, FIRST)),
    Row(R.get_dag_run, RUN, lambda run: (run.state.value, run.run_type.value), ("success", "scheduled")),
    Row(R.trigger_dag_run, {"dag_id": SALES, "trigger_dag_run_post_body": {"logical_date": None}},
        lambda run: (run.state.value, run.logical_date, run.triggered_by.value), ("queued", None, "rest_api")),
    Row(R.patch_dag_run, {**RUN, "dag_run_patch_body": {"state": "failed", **NOTE}},
        lambda run: (run.state.value, run.note), ("failed", "seen")),
    Row(R.delete_dag_run, RUN, *NOTHING),
    Row(R.clear_dag_run, {**RUN, "dag_run_clear_body": {"dry_run": False}},
        lambda either: either.actual_instance.state.value, "queued"),
    Row(R.clear_dag_runs,
        {"dag_id": SALES, "bulk_dag_run_clear_body": {"dag_runs": [{"dag_run_id": FIRST}], "dry_run": False}},
        lambda either: either.actual_instance.dag_runs[0].state.value, "queued"),
    Row(R.clear_dag_run_partitions, {"dag_id": "partitioned_flow",
                                     "clear_partitions_body": {"partition_key": "2025-01-01T00:00:00"}},
        lambda found: (found.dag_runs_cleared, found.dry_run), (1, True)),
    Row(R.bulk_dag_runs, {"dag_id": SALES, "bulk_body_bulk_dag_run_body": bulk("delete", FIRST)}, done,
        {"delete": [f"{SALES}.{FIRST}"]}),
    Row(R.get_list_dag_runs_batch, {"dag_id": "~", "dag_runs_batch_body": {"dag_ids": [SALES]}},
        lambda page: page.total_entries, 3),
    Row(R.get_upstream_asset_events,
        {"dag_id": "stock_consumer", "dag_run_id": "asset_triggered__2026-11-29T03:01:03.889375+00:00_mANhXHAi"},
        listed("asset_events", "asset_id"), (1, 1)),
    Row(R.wait_dag_run_until_finished, {**RUN, "interval": 1}, lambda line: line, {"state": "success"}),
    Row(api.ExperimentalApi.wait_dag_run_until_finished, {**RUN, "interval": 1}, lambda line: line,
        {"state": "success"}),
    # Tasks
    Row(api.TaskApi.get_tasks, {"dag_id": SALES}, listed("tasks", "task_id"), (3, "extract")),
    Row(api.TaskApi.get_task, {"dag_id": SALES, "task_id": "extract"}, lambda task: task.task_id, "extract"),
    # Task instances
    Row(TI.get_task_instances, RUN, listed("task_instances", "task_id"), (3, "extract")),
    Row(TI.get_task_instance, EXTRACT, lambda ti: (ti.state.value, ti.dag_version.version_number), ("success", 1)),
    Row(TI.get_mapped_task_instances, SHIP, lambda page: [ti.map_index for ti in page.task_instances], [0, 1, 2]),
    Row(TI.get_mapped_task_instance, {**SHIP, "map_index": 1}, lambda ti: ti.map_index, 1),
    Row(TI.get_task_instance_tries, WOBBLE, lambda page: [each.try_number for each in page.task_instances], [1, 2]),
    Row(TI.get_task_instance_try_details, {**WOBBLE, "task_try_number": 1}, lambda found: found.state.value, "failed"),
    Row(TI.get_mapped_task_instance_tries, {**SHIP, "map_index": 1}, lambda page: page.total_entries, 1),
    Row(TI.get_mapped_task_instance_try_details, {**SHIP, "map_index": 1, "task_try_number": 1},
        lambda found: found.map_index, 1),
    Row(TI.get_task_instance_dependencies, {**AFTER}, lambda found: len(found.dependencies) > 0, True),
    Row(TI.get_task_instance_dependencies_by_map_index, {**SHIP, "map_index": 1},
        lambda found: found.dependencies is not None, True),
    Row(TI.get_task_instances_batch, {"dag_id": "~", "dag_run_id": "~",
                                      "task_instances_batch_body": {"dag_ids": [SALES], "state": ["success"]}},
        lambda page: page.total_entries, 9),
    Row(TI.get_log, {**EXTRACT, "try_number": 1}, lambda log: len(log.content.actual_instance) > 0, True),
    Row(TI.get_extra_links, {"dag_id": "chain_flow", "dag_run_id": "c_1", "task_id": "kick"},
        lambda found: found.total_entries, 1),
    Row(api.ExtraLinksApi.get_extra_links, {"dag_id": "chain_flow", "dag_run_id": "c_1", "task_id": "kick"},
        lambda found: found.total_entries, 1),
    Row(TI.patch_task_instance, {**EXTRACT, "patch_task_instance_body": FAILED},
        lambda page: [ti.state.value for ti in page.task_instances], ["failed"]),
    Row(TI.patch_task_instance_by_map_index, {**SHIP, "map_index": 1, "patch_task_instance_body": FAILED},
        lambda page: [ti.map_index for ti in page.task_instances], [1]),
    Row(TI.patch_task_instance_dry_run, {**EXTRACT, "patch_task_instance_body": FAILED},
        lambda page: [ti.state.value for ti in page.task_instances], ["success"]),
    Row(TI.patch_task_instance_dry_run_by_map_index, {**SHIP, "map_index": 1, "patch_task_instance_body": FAILED},
        lambda page: page.total_entries, 1),
    Row(TI.patch_task_group_instances,
        {"dag_id": "inventory_sync", "dag_run_id": "inv_1", "group_id": "restock", "patch_task_instance_body": FAILED},
        lambda page: page.total_entries, 4),
    Row(TI.patch_task_group_instances_dry_run,
        {"dag_id": "inventory_sync", "dag_run_id": "inv_1", "group_id": "restock", "patch_task_instance_body": FAILED},
        lambda page: page.total_entries, 4),
    Row(TI.bulk_task_instances, {**RUN, "bulk_body_bulk_task_instance_body": bulk("delete", "extract")}, done,
        {"delete": [f"{SALES}.{FIRST}.extract[-1]"]}),
    Row(TI.delete_task_instance, EXTRACT, *NOTHING),
    Row(TI.post_clear_task_instances,
        {"dag_id": SALES, "clear_task_instances_body": {"dag_run_id": FIRST, "only_failed": False}},
        lambda page: page.total_entries, 3),
    Row(TI.get_hitl_details, {"dag_id": "approval_flow", "dag_run_id": "~"}, listed("hitl_details", "subject"),
        (2, "Ship it?")),
    Row(TI.get_hitl_detail, ASKED, lambda detail: (detail.subject, detail.response_received), ("Ship it?", False)),
    Row(TI.get_hitl_detail_try_detail, {**ASKED, "dag_run_id": "h_1", "try_number": 1},
        lambda detail: detail.chosen_options, ["Approve"]),
    Row(TI.update_hitl_detail, {**ASKED, "update_hitl_detail_payload": {"chosen_options": ["Approve"]}},
        lambda answer: (answer.chosen_options, answer.responded_by.name), (["Approve"], "admin")),
    Row(TS.set_task_state_store, {**EXTRACT, "key": "cursor", "task_state_store_body": {"value": 3}}, *NOTHING),
    Row(TS.patch_task_state_store, {**EXTRACT, "key": "cursor", "task_state_store_patch_body": {"value": 4}},
        *NOTHING, (STORED,)),
    Row(TS.get_task_state_store, {**EXTRACT, "key": "cursor"}, lambda row: row.key, "cursor", (STORED,)),
    Row(TS.list_task_state_store, EXTRACT, listed("task_state_store", "key"), (1, "cursor"), (STORED,)),
    Row(TS.delete_task_state_store, {**EXTRACT, "key": "cursor"}, *NOTHING, (STORED,)),
    Row(TS.clear_task_state_store, EXTRACT, *NOTHING, (STORED,)),
    # Pools
    Row(P.get_pools, {}, listed("pools", "name"), (3, "default_pool")),
    Row(P.get_pool, {"pool_name": "etl_pool"}, lambda pool: (pool.slots, pool.open_slots), (3, 3)),
    Row(P.post_pool, {"pool_body": {"name": "tiny", "slots": 1}}, lambda pool: pool.name, "tiny"),
    Row(P.patch_pool, {"pool_name": "etl_pool", "update_mask": ["slots"],
                          "pool_patch_body": {"pool": "etl_pool", "slots": 9, "include_deferred": False}},
        lambda pool: pool.slots, 9),
    Row(P.delete_pool, {"pool_name": "etl_pool"}, *NOTHING),
    Row(P.bulk_pools, {"bulk_body_pool_body": bulk("delete", "etl_pool")}, done, {"delete": ["etl_pool"]}),
    # Variables
    Row(V.get_variables, {}, listed("variables", "key"), (3, "greeting")),
    Row(V.get_variable, {"variable_key": "greeting"}, lambda variable: variable.value, "hello"),
    Row(V.post_variable, {"variable_body": {"key": "k", "value": "v"}}, lambda variable: variable.key, "k"),
    Row(V.patch_variable, {"variable_key": "greeting", "variable_body": {"key": "greeting", "value": "hi"}},
        lambda variable: variable.value, "hi"),
    Row(V.delete_variable, {"variable_key": "greeting"}, *NOTHING),
    Row(V.bulk_variables, {"bulk_body_variable_body": bulk("create", {"key": "k", "value": "v"})}, done,
        {"create": ["k"]}),
    # XComs
    Row(X.get_xcom_entries, EXTRACT, listed("xcom_entries", "key"), (1, "return_value")),
    Row(X.get_xcom_entry, {**EXTRACT, "xcom_key": "return_value"},
        lambda either: either.actual_instance.key, "return_value"),
    Row(X.create_xcom_entry, {**EXTRACT, "x_com_create_body": {"key": "k", "value": 1}},
        lambda made: made.value, 1),
    Row(X.update_xcom_entry, {**EXTRACT, "xcom_key": "return_value", "x_com_update_body": {"value": 7}},
        lambda made: made.value, 7),
    Row(X.delete_xcom_entry, {**EXTRACT, "xcom_key": "return_value"}, *NOTHING),
]  # fmt: skip
# What takes an argument that another answer gives, or is refused: tests of their own.
APART = {"ConnectionApi.get_connection_test", "DAGParsingApi.reparse_dag_file", "TaskInstanceApi.get_external_log_url"}


def methods() -> Iterator[str]:
    """Every method that makes a request, as ``PoolApi.get_pool``."""
    for module in pkgutil.iter_modules(api.__path__):
        for name, kind in vars(importlib.import_module(f"{api.__name__}.{module.name}")).items():
            if inspect.isclass(kind) and name.endswith("Api"):
                for method in vars(kind):
                    if not method.startswith("_") and not method.endswith(
                        ("_with_http_info", "_without_preload_content")
                    ):
                        yield f"{name}.{method}"


@pytest.fixture
def api_client(airflow: MockAirflow) -> client.ApiClient:
    token = airflow.headers["Authorization"].removeprefix("Bearer ")
    return client.ApiClient(client.Configuration(host=airflow.url, access_token=token))


def modelled(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, bodies as the client's models."""
    told = {}
    for name, value in arguments.items():
        if isinstance(value, dict):
            wanted = name.replace("_", "").lower()
            (kind,) = (each for each in vars(models).values() if getattr(each, "__name__", "").lower() == wanted)
            value = kind.from_dict(value)
        told[name] = value
    return told


def test_every_method_is_called_once() -> None:
    called = [str(row) for row in ROWS]

    assert sorted({*called} | APART) == sorted(set(methods()))
    assert len(called) == len(set(called))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_method(row: Row, airflow: MockAirflow, api_client: client.ApiClient) -> None:
    for method, path, body in row.before:
        answer = requests.request(method, f"{airflow.api_url}{path}", json=body, headers=airflow.headers, timeout=60)
        assert answer.ok, answer.text
    owner, _, name = str(row).partition(".")
    found = getattr(getattr(api, owner)(api_client), name)(**modelled(row.arguments))

    assert row.told(found) == row.expected
    assert airflow.calls[-1].operation_id == name or owner == "LoginApi"


def test_a_connection_test_is_looked_at_by_its_token(api_client: client.ApiClient) -> None:
    queued = C(api_client).enqueue_connection_test(models.ConnectionTestRequestBody.from_dict(POSTGRES))

    found = C(api_client).get_connection_test(queued.token)

    assert (found.connection_id, found.token) == ("lake", queued.token)


def test_a_file_is_parsed_again_by_its_token(api_client: client.ApiClient) -> None:
    token = D(api_client).get_dag(SALES).file_token

    assert api.DAGParsingApi(api_client).reparse_dag_file(token) is None


def test_there_is_no_external_log(api_client: client.ApiClient) -> None:
    with pytest.raises(client.ApiException, match="400"):
        TI(api_client).get_external_log_url(**EXTRACT, try_number=1)


def test_refusals_are_told_by_kind(airflow: MockAirflow, api_client: client.ApiClient) -> None:
    with pytest.raises(client.exceptions.NotFoundException):
        P(api_client).get_pool("missing")
    with pytest.raises(client.exceptions.UnauthorizedException):
        P(client.ApiClient(client.Configuration(host=airflow.url))).get_pools()
