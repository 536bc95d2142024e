"""Every method of every API class of `apache-airflow-client` 2.10.0, against the live server.

The client reads each answer into its models and checks their types, nulls included (``_check_return_type``). None of
the recorded answers of a real Airflow 2.11.2 breaks it; what breaks it nonetheless, there and here, is at the end.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any, NamedTuple

import airflow_client.client as client
import pytest
from airflow_client.client import api, apis, models
from airflow_client.client.exceptions import ApiException, ApiValueError
from airflow_client.client.model_utils import ModelSimple

from mock_airflow import MockAirflow

WORLD = Path(__file__).resolve().parents[3] / "fixtures" / "recordings" / "airflow-2.11.2" / "start.json"
NOW = "2026-11-21T03:00:00+00:00"  # after all that there is in the world
SETTINGS = {"expose_config": "True", "test_connection": "Enabled", "enable_xcom_deserialize_support": True}
DAG, FIRST = "orders_daily", "scheduled__2025-01-01T06:00:00+00:00"
SECOND, THIRD = FIRST.replace("01-01", "01-02"), FIRST.replace("01-01", "01-03")
EXTRACT = (DAG, FIRST, "extract")
FANOUT = ("fanout_pipeline", "seed_fanout_1")
SQUARES = (*FANOUT, "crunch.square")  # mapped, three times
FLAKY = ("flaky_job", "relay__seed_adhoc_1", "boom")  # failed twice
STOCK = "s3://mock-lake/stock.csv"
CONSUMED = ("stock_consumer", "dataset_triggered__2026-11-21T01:39:46.440533+00:00")
TOKEN = "Ii9vcHQvYWlyZmxvdy9kYWdzL29yZGVyc19kYWlseS5weSI.x9ormMMtnuvhGARaBEVhmsjp2uk"  # of orders_daily.py
READ_POOLS = models.ActionResource(action=models.Action(name="can_read"), resource=models.Resource(name="Pools"))
FAILED, SKIPPED = models.UpdateTaskState("failed"), models.UpdateTaskState("skipped")
STRATEGY = "demo_plugin.DecreasingStrategy"  # a weight rule of one's own
DAGS, RUN, TI, DATA = apis.DAGApi, apis.DAGRunApi, apis.TaskInstanceApi, apis.DatasetApi
CONN, POOL, VAR, ROLE, USER = apis.ConnectionApi, apis.PoolApi, apis.VariableApi, apis.RoleApi, apis.UserApi


class Caller:
    """Calls methods of the API classes, given as ``DAGApi.get_dag``."""

    def __init__(self, api_client: client.ApiClient) -> None:
        self._api_client = api_client

    def __call__(self, method: FunctionType, *arguments: Any, **options: Any) -> Any:
        owner, name = method.__qualname__.split(".")
        return getattr(getattr(apis, owner)(self._api_client), name)(*arguments, **options)

    def refused(self, method: FunctionType, *arguments: Any) -> int:
        """The status of a call that is refused."""
        with pytest.raises(ApiException) as raised:
            self(method, *arguments)
        return int(raised.value.status)


class Row(NamedTuple):
    """A call, what a test tells of its answer and of what can be asked afterwards, and what that is to be."""

    method: FunctionType
    arguments: tuple[Any, ...]
    told: Callable[[Any, Caller], Any]
    expected: Any
    options: Mapping[str, Any] = MappingProxyType({})

    def __str__(self) -> str:
        return self.method.__qualname__


def plain(value: Any) -> Any:
    """What is in one of the client's enumerations; anything else as it is."""
    return value.value if isinstance(value, ModelSimple) else value


def each(items: Iterable[Any], *names: str) -> list[Any]:
    """One attribute of each, or a tuple of several; by key, as the models of two lists misname it and leave dicts."""
    rows = [tuple(plain(item[name]) for name in names) for item in items]
    return [values[0] for values in rows] if len(names) == 1 else rows


def listed(key: str, *names: str) -> Callable[[Any, Caller], Any]:
    """What is told of a page: how many there are in all, and attributes of each on it."""
    return lambda found, _: (found.total_entries, each(found[key], *names))


# fmt: off
ROWS = [
    # Access
    Row(apis.PermissionApi.get_permissions, (), listed("actions", "name"), (5, ["can_read", "can_create"]),
        {"limit": 2, "offset": 1}),
    Row(ROLE.get_roles, (), lambda found, _: [(role.name, len(role.actions)) for role in found.roles],
        [("Admin", 92), ("Analyst", 2), ("Op", 63), ("Public", 0), ("User", 39), ("Viewer", 30)], {"order_by": "name"}),
    Row(ROLE.get_role, ("Analyst",), lambda role, _: [each([r.action, r.resource], "name") for r in role.actions],
        [["can_read", "DAGs"], ["can_read", "DAG Runs"]]),
    Row(ROLE.post_role, (models.Role(name="Swimmer", actions=[READ_POOLS]),),
        lambda role, call: (role.to_dict(), call(ROLE.get_role, "Swimmer").actions), ({}, [READ_POOLS])),
    Row(ROLE.patch_role, ("Public", models.Role(name="Passer-by", actions=[READ_POOLS])),
        lambda role, call: (role.name, call(ROLE.get_role, "Passer-by").actions, call.refused(ROLE.get_role, "Public")),
        ("Passer-by", [READ_POOLS], 404)),
    Row(ROLE.delete_role, ("Analyst",), lambda _, call: call.refused(ROLE.get_role, "Analyst"), 404),
    Row(USER.get_users, (), listed("users", "username", "login_count"), (5, [("op", None), ("public", None)]),
        {"order_by": "email", "offset": 1, "limit": 2}),
    Row(USER.get_user, ("viewer",), lambda user, _: (user.email, user.last_login, each(user.roles, "name")),
        ("viewer@example.com", None, ["Viewer"])),
    Row(USER.post_user,
        (models.User(username="ana", email="ana@example.com", first_name="Ana", last_name="Lyst", password="secret",
                     roles=[models.UserCollectionItemRoles(name="Analyst")]),),
        lambda user, call: (user.username, user.get("password"), each(call(USER.get_user, "ana").roles, "name")),
        ("ana", None, ["Analyst"])),
    Row(USER.patch_user, ("op", models.User(username="op", email="op@example.com", first_name="Olga", last_name="P")),
        lambda user, call: (user.first_name, call(USER.get_user, "op").last_name), ("Olga", "Tester"),
        {"update_mask": ["first_name"]}),
    Row(USER.delete_user, ("public",), lambda _, call: call.refused(USER.get_user, "public"), 404),
    # Configuration
    Row(apis.ConfigApi.get_config, (),
        lambda found, _: [(part.name, ("test_connection", "Enabled") in each(part.options, "key", "value"))
                          for part in found.sections], [("core", True)], {"section": "core"}),
    Row(apis.ConfigApi.get_value, ("api", "maximum_page_limit"),
        lambda found, _: [(part.name, each(part.options, "key", "value")) for part in found.sections],
        [("api", [("maximum_page_limit", "100")])]),
    Row(CONN.get_connections, (), listed("connections", "connection_id", "port", "login"),
        (2, [("http_echo", None, None), ("pg_main", 5432, "reader")]), {"order_by": "connection_id"}),
    Row(CONN.get_connection, ("pg_main",), lambda found, _: (found.host, found.extra, found.get("password")),
        ("db.example.org", '{"sslmode": "require", "api_token": "***"}', None)),
    Row(CONN.post_connection, (models.Connection(connection_id="lake", conn_type="aws", password="secret"),),
        lambda made, call: (made.host, made.get("password"), call(CONN.get_connection, "lake").conn_type),
        (None, None, "aws")),
    Row(CONN.patch_connection,
        ("pg_main", models.Connection(connection_id="pg_main", conn_type="postgres", port=6432, host="other")),
        lambda changed, call: (changed.port, call(CONN.get_connection, "pg_main").host), (6432, "db.example.org"),
        {"update_mask": ["port"]}),
    Row(CONN.delete_connection, ("http_echo",),
        lambda _, call: each(call(CONN.get_connections).connections, "connection_id"), ["pg_main"]),
    Row(CONN.test_connection, (models.Connection(connection_id="t", conn_type="nope"),),
        lambda tested, _: (tested.status, tested.message), (False, 'Unknown hook type "nope"')),
    Row(POOL.get_pools, (), listed("pools", "name", "open_slots", "description"),
        (3, [("default_pool", 128, "Default pool"), ("wide_pool", 64, None)]), {"order_by": "-slots", "limit": 2}),
    Row(POOL.get_pool, ("wide_pool",), lambda pool, _: (pool.slots, pool.include_deferred), (64, True)),
    Row(POOL.post_pool, (models.Pool(name="tiny", slots=1),),
        lambda pool, call: (pool.open_slots, call(POOL.get_pools).total_entries), (1, 4)),
    Row(POOL.patch_pool, ("etl_pool", models.Pool(name="etl_pool", slots=9)),
        lambda pool, call: (pool.slots, call(POOL.get_pool, "etl_pool").description), (9, "For loading jobs"),
        {"update_mask": ["slots"]}),
    Row(POOL.delete_pool, ("etl_pool",), lambda _, call: each(call(POOL.get_pools).pools, "name"),
        ["default_pool", "wide_pool"]),
    Row(VAR.get_variables, (), listed("variables", "key", "description"),
        (3, [("api_key", None), ("greeting", "Said at the start")]), {"order_by": "key", "limit": 2}),
    Row(VAR.get_variable, ("api_key",), lambda found, _: found.value, "k-987654"),
    Row(VAR.post_variables, (models.Variable(key="a/b", value="1"),),
        lambda made, call: (made.key, call(VAR.get_variable, "a/b").value), ("a/b", "1")),
    Row(VAR.patch_variable, ("greeting", models.Variable(key="greeting", value="bye", description="At the end")),
        lambda made, call: (made.value, call(VAR.get_variable, "greeting").description), ("bye", "At the end")),
    Row(VAR.delete_variable, ("api_key",), lambda _, call: call.refused(VAR.get_variable, "api_key"), 404),
    # The installation
    Row(apis.MonitoringApi.get_health, (),
        lambda found, _: (*each([found.metadatabase, found.scheduler], "status"), found.triggerer.status,
                          found.dag_processor.latest_dag_processor_heartbeat),
        ("healthy", "unhealthy", None, None)),
    Row(apis.MonitoringApi.get_version, (), lambda found, _: (found.version, found.git_version), ("2.11.2", "")),
    Row(apis.PluginApi.get_plugins, (), listed("plugins", "name", "macros"),
        (1, [("demo_plugin", ["demo_plugin.shout"])])),
    Row(apis.ProviderApi.get_providers, (),
        lambda found, _: (found["total_entries"], found["providers"][-1]["package_name"]),
        (9, "apache-airflow-providers-sqlite")),
    Row(apis.EventLogApi.get_event_logs, (), listed("event_logs", "task_id", "run_id", "try_number"),
        (6, [("transform", THIRD, 1)]), {"event": "success", "dag_id": DAG, "order_by": "-event_log_id", "limit": 1}),
    Row(apis.EventLogApi.get_event_log, (84,),
        lambda found, _: (found.event, found.owner, found.dag_id, found.when.isoformat()),
        ("cli_scheduler", "root", None, "2026-11-21T01:53:00.911571+00:00")),
    Row(apis.ImportErrorApi.get_import_errors, (), listed("import_errors", "import_error_id", "filename"),
        (1, [(1, "/opt/airflow/dags/broken_import.py")])),
    Row(apis.ImportErrorApi.get_import_error, (1,), lambda error, _: error.stack_trace.splitlines()[-1],
        "RuntimeError: broken on purpose"),
    Row(apis.DagWarningApi.get_dag_warnings, (), listed("dag_warnings", "dag_id", "warning_type"),
        (1, [("billing_weekly", "non-existent pool")]), {"dag_id": "billing_weekly"}),
    # DAGs
    Row(DAGS.get_dags, (), listed("dags", "dag_id"), (5, ["stock_consumer", DAG]),
        {"limit": 2, "offset": 1, "order_by": "-dag_id", "tags": ["datasets", "sales"]}),
    Row(DAGS.get_dag, ("billing_weekly",),
        lambda dag, _: (dag.is_paused, dag.owners, dag.schedule_interval.type, dag.schedule_interval.days),
        (True, ["cara", " ben"], "TimeDelta", 7)),
    Row(DAGS.get_dag_details, ("combo_consumer",),
        lambda dag, _: (dag.owners, dag.dag_run_timeout, dag.dataset_expression),
        ([], None, {"all": [STOCK, "s3://mock-lake/prices.csv"]})),
    Row(DAGS.get_dag_details, ("adhoc_report",),
        lambda dag, _: (dag.doc_md, dag.schedule_interval, dag.params["region"]["value"], dag.start_date.year),
        ("Runs a report **on demand**.", None, "north", 2025)),
    Row(DAGS.get_dag_source, (TOKEN,), lambda source, _: "extract >> transform >> load" in source.content, True),
    Row(DAGS.reparse_dag_file, (TOKEN,), lambda _, call: call.refused(DAGS.reparse_dag_file, "no"), 404),
    Row(DAGS.get_tasks, (DAG,), lambda found, _: each(found.tasks, "task_id", "trigger_rule", "pool", "retries"),
        [("transform", "all_success", "etl_pool", 2.0), ("load", "all_done", "default_pool", 2.0),
         ("extract", "all_success", "default_pool", 2.0)], {"order_by": "-task_id"}),
    Row(DAGS.get_task, (DAG, "extract"),
        lambda task, _: (task.class_ref.class_name, task.downstream_task_ids, task.retry_delay.seconds,
                         task.execution_timeout, plain(task.ui_color)),
        ("PythonOperator", ["transform"], 180, None, "#ffefeb")),
    Row(DAGS.patch_dag, (DAG, models.DAG(is_paused=True)),
        lambda dag, call: (dag.is_paused, call(DAGS.get_dag, DAG).is_paused), (True, True),
        {"update_mask": ["is_paused"]}),
    Row(DAGS.patch_dags, ("stock", models.DAG(is_paused=True)),
        lambda found, call: (each(found.dags, "dag_id"), call(DAGS.get_dags, paused=True).total_entries),
        (["stock_consumer", "stock_producer"], 3)),
    Row(DAGS.delete_dag, (FLAKY[0],),
        lambda _, call: (call.refused(DAGS.get_dag, FLAKY[0]), call(RUN.get_dag_runs, FLAKY[0]).total_entries),
        (404, 0)),
    Row(DAGS.post_clear_task_instances,
        (DAG, models.ClearTaskInstances(dry_run=False, task_ids=["transform"], dag_run_id=SECOND,
                                        include_downstream=True, only_failed=False, reset_dag_runs=True)),
        lambda cleared, call: (
            each(cleared.task_instances, "task_id"), plain(call(RUN.get_dag_run, DAG, SECOND).state),
            each(call(TI.get_task_instances, DAG, SECOND).task_instances, "task_id", "state")),
        (["load", "transform"], "queued", [("extract", "success"), ("transform", None), ("load", None)])),
    Row(DAGS.post_set_task_instances_state,
        (DAG, models.UpdateTaskInstancesState(
            dry_run=False, task_id="extract", dag_run_id=SECOND, new_state=FAILED, include_upstream=False,
            include_downstream=False, include_future=True, include_past=False)),
        lambda changed, call: (
            each(changed.task_instances, "dag_run_id"),
            [call(TI.get_task_instance, DAG, run, "extract").state.value
             for run in (FIRST, SECOND, THIRD)]), ([SECOND, THIRD], ["success", "failed", "failed"])),
    Row(apis.DagStatsApi.get_dag_stats, ("flaky_job,none",),
        lambda found, _: [(dag.dag_id, each(dag.stats, "state", "count")) for dag in found.dags],
        [("flaky_job", [("queued", 0), ("running", 0), ("success", 0), ("failed", 1)])]),
    # Datasets
    Row(DATA.get_datasets, (), listed("datasets", "id", "extra"), (2, [(2, {}), (1, {"team": "supply"})]),
        {"order_by": "-id"}),
    Row(DATA.get_dataset, (STOCK,),
        lambda found, _: (each(found.consuming_dags, "dag_id"), each(found.producing_tasks, "dag_id", "task_id")),
        (["combo_consumer", "stock_consumer"], [("stock_producer", "write_stock")])),
    Row(DATA.get_dataset_events, (),
        lambda found, _: (found.total_entries, each(found.dataset_events[0].created_dagruns, "dag_id", "dag_run_id")),
        (1, [CONSUMED]), {"source_dag_id": "stock_producer"}),
    Row(DATA.create_dataset_event, (models.CreateDatasetEvent(dataset_uri=STOCK, extra={"rows": 5}),),
        lambda made, call: (
            made.extra, made.source_dag_id, made.created_dagruns,
            each(call(DATA.get_dataset_queued_events, STOCK).queued_events, "dag_id")),
        ({"rows": 5, "from_rest_api": True}, None, [], ["combo_consumer", "stock_consumer"])),
    Row(DATA.get_dataset_queued_events, (STOCK,), listed("queued_events", "dag_id"), (1, ["combo_consumer"])),
    Row(DATA.get_dag_dataset_queued_events, ("combo_consumer",), listed("queued_events", "uri"), (1, [STOCK])),
    Row(DATA.get_dag_dataset_queued_event, ("combo_consumer", STOCK),
        lambda found, _: (found.dag_id, found.uri, found.created_at.isoformat()),
        ("combo_consumer", STOCK, "2026-11-21T01:39:46.442480+00:00")),
    *(Row(method, arguments, lambda _, call: call.refused(DATA.get_dataset_queued_events, STOCK), 404)
      for method, arguments in (
          (DATA.delete_dataset_queued_events, (STOCK,)),
          (DATA.delete_dag_dataset_queued_events, ("combo_consumer",)),
          (DATA.delete_dag_dataset_queued_event, ("combo_consumer", STOCK)))),
    *(Row(owner.get_upstream_dataset_events, CONSUMED,
          listed("dataset_events", "dataset_uri", "source_run_id"),
          (1, [(STOCK, "seed_stock_1")])) for owner in (DATA, RUN)),
    # Runs and what they left
    Row(RUN.get_dag_runs, (DAG,), listed("dag_runs", "dag_run_id", "run_type"),
        (3, [(THIRD, "scheduled"), (SECOND, "scheduled")]),
        {"order_by": "-execution_date", "state": ["success"], "limit": 2}),
    Row(RUN.get_dag_runs_batch, (models.ListDagRunsForm(states=["failed"], page_limit=5),),
        listed("dag_runs", "dag_id", "dag_run_id", "state"), (1, [(*FLAKY[:2], "failed")])),
    Row(RUN.get_dag_run, (DAG, FIRST),
        lambda run, _: (run.conf, run.note, plain(run.state), run.data_interval_end - run.data_interval_start),
        ({}, None, "success", timedelta(days=1))),
    Row(RUN.post_dag_run, (FANOUT[0], models.DAGRun(dag_run_id="mine", conf={"a": [1]}, note="by me")),
        lambda run, call: (
            run.dag_run_id, run.conf, run.note, plain(run.state), run.start_date, run.logical_date.isoformat(),
            each(call(TI.get_task_instances, FANOUT[0], "mine").task_instances, "state", "pid")),
        ("mine", {"a": [1]}, "by me", "queued", None, NOW, [(None, None)] * 6)),
    Row(RUN.set_dag_run_note, (*FANOUT, models.SetDagRunNote(note="seen")),
        lambda run, call: (run.note, call(RUN.get_dag_run, *FANOUT).note), ("seen", "seen")),
    Row(RUN.update_dag_run_state, (DAG, FIRST, models.UpdateDagRunState(state="failed")),
        lambda run, call: (plain(run.state), plain(call(RUN.get_dag_run, DAG, FIRST).state)), ("failed", "failed")),
    Row(RUN.clear_dag_run, (*FANOUT, models.ClearDagRun(dry_run=False)),
        lambda run, call: (run["state"], run["end_date"], plain(call(RUN.get_dag_run, *FANOUT).state)),
        ("queued", None, "queued")),
    Row(RUN.clear_dag_run, ("stock_producer", "seed_stock_1", models.ClearDagRun(dry_run=True)),
        lambda found, _: [task["task_id"] for task in found["task_instances"]], ["write_stock"]),
    Row(RUN.delete_dag_run, (DAG, SECOND),
        lambda _, call: (each(call(RUN.get_dag_runs, DAG).dag_runs, "dag_run_id"),
                         call(apis.XComApi.get_xcom_entries, DAG, SECOND, "~").total_entries), ([FIRST, THIRD], 0)),
    Row(apis.XComApi.get_xcom_entries, EXTRACT, listed("xcom_entries", "key", "map_index"), (1, [("order_count", -1)]),
        {"xcom_key": "order_count"}),
    Row(apis.XComApi.get_xcom_entry, (*EXTRACT, "return_value"), lambda entry, _: entry.value,
        {"day": "2025-01-01", "orders": 42}, {"stringify": False}),
    Row(apis.XComApi.get_xcom_entry, (*SQUARES, "return_value"), lambda entry, _: (entry.value, entry.map_index),
        ("9", 2), {"map_index": 2, "deserialize": True, "stringify": True}),
    # Task instances
    Row(TI.get_task_instances, ("~", "~"),
        lambda found, _: (found.total_entries, sorted(each(found.task_instances, "task_id", "state", "try_number"))),
        (2, [("after", "upstream_failed", 0), ("right", "skipped", 0)]), {"state": ["skipped", "upstream_failed"]}),
    Row(TI.get_task_instances_batch,
        (models.ListTaskInstanceForm(dag_ids=[FANOUT[0]], state=[models.TaskState("skipped")]),),
        listed("task_instances", "task_id", "duration", "pid"), (1, [("right", None, None)])),
    Row(TI.get_task_instance, EXTRACT,
        lambda task, _: (plain(task.state), task.duration, task.sla_miss, task.trigger, task.rendered_fields),
        ("success", 0.170516, None, None, {"op_args": [], "op_kwargs": {}, "templates_dict": None})),
    Row(TI.get_mapped_task_instances, SQUARES, listed("task_instances", "map_index", "rendered_map_index"),
        (3, [(2, "3 squared"), (1, "2 squared"), (0, "1 squared")]), {"order_by": "-map_index"}),
    Row(TI.get_mapped_task_instance, (*SQUARES, 1), lambda task, _: (task.map_index, task.rendered_fields["op_kwargs"]),
        (1, {"n": 2})),
    Row(TI.get_task_instance_tries, FLAKY, listed("task_instances", "try_number", "state"),
        (2, [(1, "failed"), (2, "failed")])),
    Row(TI.get_task_instance_try_details, (*FLAKY, 2), lambda task, _: (task.try_number, task.pid, task.max_tries),
        (2, 4634, 1)),
    Row(TI.get_mapped_task_instance_tries, (*SQUARES, 0),
        lambda found, _: each(found.task_instances, "map_index", "try_number"), [(0, 1)]),
    Row(TI.get_mapped_task_instance_try_details, (*SQUARES, 2, 1),
        lambda task, _: (task.map_index, task.try_number, plain(task.state)), (2, 1, "success")),
    Row(TI.get_task_instance_dependencies, ("made", "once", "second"),
        lambda found, _: each(found.dependencies, "name"), ["Dagrun Running", "Task Instance State", "Trigger Rule"]),
    Row(TI.get_mapped_task_instance_dependencies, (*SQUARES, 0), lambda found, _: found.dependencies, []),
    Row(TI.get_extra_links, ("adhoc_report", "seed_adhoc_1", "kick_flaky"), lambda links, _: links.to_dict(),
        {"Triggered DAG": f"/dags/{FLAKY[0]}/grid?dag_run_id={FLAKY[1]}"}),
    Row(TI.get_log, (*EXTRACT, 1),
        lambda log, call: ("Marking task as SUCCESS. dag_id=orders_daily, task_id=extract" in log.content,
                           call(TI.get_log, *EXTRACT, 1, token=log.continuation_token).content),
        (True, "[('af2-host', '')]"), {"full_content": True}),
    Row(TI.patch_task_instance, (*EXTRACT, models.UpdateTaskInstance(new_state=FAILED, dry_run=True)),
        lambda found, call: (found.task_id, plain(call(TI.get_task_instance, *EXTRACT).state)), ("extract", "success")),
    Row(TI.patch_task_instance, (*EXTRACT, models.UpdateTaskInstance(new_state=FAILED, dry_run=False)),
        lambda found, call: (found.to_dict(), plain(call(TI.get_task_instance, *EXTRACT).state)), ({}, "failed")),
    Row(TI.patch_mapped_task_instance, (*SQUARES, 1),
        lambda found, call: (
            found.to_dict(), each(call(TI.get_mapped_task_instances, *SQUARES).task_instances, "state")),
        ({}, ["success", "skipped", "success"]),
        {"update_task_instance": models.UpdateTaskInstance(new_state=SKIPPED, dry_run=False)}),
    Row(TI.set_task_instance_note, (*EXTRACT, models.SetTaskInstanceNote(note="why")),
        lambda task, call: (task.note, call(TI.get_task_instance, *EXTRACT).note), ("why", "why")),
    Row(TI.set_mapped_task_instance_note, (*SQUARES, 2, models.SetTaskInstanceNote(note="nine")),
        lambda task, call: (task.note, each(call(TI.get_mapped_task_instances, *SQUARES).task_instances, "note")),
        ("nine", [None, None, "nine"])),
]
# fmt: on


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[MockAirflow, client.ApiClient]]:
    """The recordings' world, and a DAG besides that has a run which waits."""
    with MockAirflow(world=str(WORLD), clock=NOW, frozen=True, runs="manual", **SETTINGS) as airflow:
        airflow.add_dag("made", tasks=("first", {"task_id": "second", "weight_rule": STRATEGY}))
        airflow.trigger("made", run_id="once")
        configuration = client.Configuration(host=airflow.api_url, username="admin", password="admin")
        with client.ApiClient(configuration) as api_client:
            yield airflow, api_client


@pytest.fixture
def call(served: tuple[MockAirflow, client.ApiClient]) -> Iterator[Caller]:
    airflow, api_client = served
    before = airflow.snapshot()
    yield Caller(api_client)
    airflow.restore(before)


def public_methods() -> set[FunctionType]:
    modules = [importlib.import_module(f"{api.__name__}.{found.name}") for found in pkgutil.iter_modules(api.__path__)]
    return {
        method
        for module in modules
        for owner in vars(module).values()
        if inspect.isclass(owner) and owner.__module__ == module.__name__
        for name, method in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
    }


def test_no_method_is_left_out() -> None:
    methods = public_methods()

    assert len(methods) == 90
    assert {method.__qualname__ for method in methods.symmetric_difference(asked.method for asked in ROWS)} == set()


@pytest.mark.parametrize("asked", ROWS, ids=str)
def test_method(call: Caller, asked: Row) -> None:
    answer = call(asked.method, *asked.arguments, **asked.options)

    assert asked.told(answer, call) == asked.expected


# A text like any other in Airflow 2.11's document and answers; the client knows three words only.
@pytest.mark.parametrize(("method", "arguments"), [(DAGS.get_tasks, ("made",)), (DAGS.get_task, ("made", "second"))])
def test_a_custom_weight_rule_breaks_the_client(call: Caller, method: FunctionType, arguments: Any) -> None:
    with pytest.raises(ApiValueError, match=rf"Invalid value for `value` \({STRATEGY}\), must be one of"):
        call(method, *arguments)

    assert f'"weight_rule": "{STRATEGY}"' in call(method, *arguments, _preload_content=False).data.decode()


# The client reads it twice, into the details and into the DAG in them, and takes the two for unequal. The recorded
# answers (05_dag_single 005, 008, 017) do the same to it.
@pytest.mark.parametrize("dag_id", ["billing_weekly", "combo_consumer", DAG])
def test_the_schedule_in_the_details_breaks_the_client(call: Caller, dag_id: str) -> None:
    details = call(DAGS.get_dag_details, dag_id)

    assert details.dag_id == dag_id
    with pytest.raises(ApiValueError, match="Values stored for property schedule_interval in DAGDetail differ"):
        details.get("schedule_interval")
