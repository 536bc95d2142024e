"""Every method of every API class of `apache-airflow-client` 2.10.0, against the live server.

The client reads each answer into its models and checks their types, nulls included (``_check_return_type``).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import airflow_client.client as client
import pytest
from airflow_client.client import api, apis, models
from airflow_client.client.exceptions import ApiException, ApiValueError

from mock_airflow import MockAirflow

WORLD = Path(__file__).resolve().parents[1] / "fixtures" / "recordings" / "airflow-2.11.2" / "start.json"
NOW = "2026-11-21T03:00:00+00:00"  # after all that there is in the world
FIRST, SECOND, THIRD = ORDERS = [f"scheduled__2025-01-0{day}T06:00:00+00:00" for day in (1, 2, 3)]
STOCK = "s3://mock-lake/stock.csv"
STOCK_RUN = "dataset_triggered__2026-11-21T01:39:46.440533+00:00"
FANOUT = ("fanout_pipeline", "seed_fanout_1")
SQUARES = (*FANOUT, "crunch.square")
EXTRACT = ("orders_daily", FIRST, "extract")
TOKEN = "Ii9vcHQvYWlyZmxvdy9kYWdzL29yZGVyc19kYWlseS5weSI.x9ormMMtnuvhGARaBEVhmsjp2uk"  # of orders_daily.py
READ_POOLS = models.ActionResource(
    action=models.Action(name="can_read"), resource=models.Resource(name="Pools")
)


class Caller:
    """Calls methods of the API classes, given as ``DAGApi.get_dag``, by the class that they are of."""

    def __init__(self, api_client: client.ApiClient) -> None:
        self._api_client = api_client

    def __call__(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        owner, name = method.__qualname__.split(".")
        return getattr(getattr(apis, owner)(self._api_client), name)(*arguments, **options)

    def status(self, method: Callable[..., Any], *arguments: Any) -> int:
        """The status of a call that is refused."""
        with pytest.raises(ApiException) as raised:
            self(method, *arguments)
        status: int = raised.value.status
        return status


Told = Callable[[Any, Caller], Any]


class Row(NamedTuple):
    """A call, what the test tells of its answer and of what can be asked afterwards, and what that is to be."""

    method: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    told: Told
    expected: Any


def row(method: Callable[..., Any], *arguments: Any, told: Told, expected: Any, **options: Any) -> Row:
    return Row(method, arguments, options, told, expected)


def all_of(items: Iterable[Any], *names: str) -> list[Any]:
    """One attribute of each, or several; states and the like as text."""
    texts = [tuple(plain(getattr(item, name)) for name in names) for item in items]
    return [text[0] for text in texts] if len(names) == 1 else texts


def plain(value: Any) -> Any:
    """What is in one of the client's enumerations."""
    return value.value if isinstance(value, client.model_utils.ModelSimple) else value


ACCESS = [
    row(
        apis.PermissionApi.get_permissions, limit=2, offset=1,
        told=lambda found, _: (found.total_entries, all_of(found.actions, "name")),
        expected=(5, ["can_read", "can_create"]),
    ),
    row(
        apis.RoleApi.get_roles, order_by="-name",
        told=lambda found, _: (found.total_entries, [(role.name, len(role.actions)) for role in found.roles]),
        expected=(6, [("Viewer", 30), ("User", 39), ("Public", 0), ("Op", 63), ("Analyst", 2), ("Admin", 92)]),
    ),
    row(
        apis.RoleApi.get_role, "Analyst",
        told=lambda role, _: (role.name, [(each.action.name, each.resource.name) for each in role.actions]),
        expected=("Analyst", []),
    ),
    row(
        apis.RoleApi.post_role, models.Role(name="Swimmer", actions=[READ_POOLS]),
        told=lambda role, call: (role.to_dict(), call(apis.RoleApi.get_role, "Swimmer").actions[0].resource.name),
        expected=({}, "Pools"),
    ),
    row(
        apis.RoleApi.patch_role, "Public", models.Role(name="Passer-by", actions=[READ_POOLS]),
        told=lambda role, call: (
            role.name, all_of(call(apis.RoleApi.get_role, "Passer-by").actions, "action"),
            call.status(apis.RoleApi.get_role, "Public"),
        ),
        expected=("Passer-by", [READ_POOLS.action], 404),
    ),
    row(
        apis.RoleApi.delete_role, "Analyst",
        told=lambda none, call: (none, call.status(apis.RoleApi.get_role, "Analyst")), expected=(None, 404),
    ),
    row(
        apis.UserApi.get_users, order_by="email",
        told=lambda found, _: (found.total_entries, all_of(found.users, "username", "last_name")),
        expected=(5, [(name, "Tester") for name in ("admin", "op", "public", "user", "viewer")]),
    ),
    row(
        apis.UserApi.get_user, "viewer",
        told=lambda user, _: (user.email, user.active, user.last_login, all_of(user.roles, "name")),
        expected=("viewer@example.com", True, None, ["Viewer"]),
    ),
    row(
        apis.UserApi.post_user,
        models.User(
            username="ana", email="ana@example.com", first_name="Ana", last_name="Lyst", password="secret",
            roles=[models.UserCollectionItemRoles(name="Analyst")],
        ),
        told=lambda user, call: (
            user.username, user.get("password"), all_of(call(apis.UserApi.get_user, "ana").roles, "name")
        ),
        expected=("ana", None, ["Analyst"]),
    ),
    row(
        apis.UserApi.patch_user, "op",
        models.User(username="op", email="op@example.com", first_name="Olga", last_name="P"), update_mask=["first_name"],
        told=lambda user, call: (user.first_name, call(apis.UserApi.get_user, "op").last_name),
        expected=("Olga", "Tester"),
    ),
    row(
        apis.UserApi.delete_user, "public",
        told=lambda none, call: (none, call.status(apis.UserApi.get_user, "public")), expected=(None, 404),
    ),
]  # fmt: skip
CONFIGURATION = [
    row(
        apis.ConfigApi.get_config, section="core",
        told=lambda config, _: (
            all_of(config.sections, "name"),
            [option.value for option in config.sections[0].options if option.key == "test_connection"],
        ),
        expected=(["core"], ["Enabled"]),
    ),
    row(
        apis.ConfigApi.get_value, "api", "maximum_page_limit",
        told=lambda config, _: [(part.name, all_of(part.options, "key", "value")) for part in config.sections],
        expected=[("api", [("maximum_page_limit", "100")])],
    ),
    row(
        apis.ConnectionApi.get_connections, order_by="connection_id",
        told=lambda found, _: (found.total_entries, all_of(found.connections, "connection_id", "port", "login")),
        expected=(2, [("http_echo", None, None), ("pg_main", 5432, "reader")]),
    ),
    row(
        apis.ConnectionApi.get_connection, "pg_main",
        told=lambda found, _: (found.conn_type, found.host, found.extra, found.get("password")),
        expected=("postgres", "db.example.org", '{"sslmode": "require", "api_token": "***"}', None),
    ),
    row(
        apis.ConnectionApi.post_connection, models.Connection(connection_id="lake", conn_type="aws", password="secret"),
        told=lambda made, call: (
            made.connection_id, made.host, made.get("password"), call(apis.ConnectionApi.get_connection, "lake").conn_type,
        ),
        expected=("lake", None, None, "aws"),
    ),
    row(
        apis.ConnectionApi.patch_connection, "pg_main",
        models.Connection(connection_id="pg_main", conn_type="postgres", port=6432, host="other"), update_mask=["port"],
        told=lambda changed, call: (changed.port, call(apis.ConnectionApi.get_connection, "pg_main").host),
        expected=(6432, "db.example.org"),
    ),
    row(
        apis.ConnectionApi.delete_connection, "http_echo",
        told=lambda none, call: (none, all_of(call(apis.ConnectionApi.get_connections).connections, "connection_id")),
        expected=(None, ["pg_main"]),
    ),
    row(
        apis.ConnectionApi.test_connection, models.Connection(connection_id="t", conn_type="nope"),
        told=lambda tested, _: (tested.status, tested.message), expected=(False, 'Unknown hook type "nope"'),
    ),
    row(
        apis.PoolApi.get_pools, order_by="-slots",
        told=lambda found, _: (found.total_entries, all_of(found.pools, "name", "open_slots", "description")),
        expected=(3, [("default_pool", 128, "Default pool"), ("wide_pool", 64, None), ("etl_pool", 3, "For loading jobs")]),
    ),
    row(
        apis.PoolApi.get_pool, "wide_pool",
        told=lambda pool, _: (pool.slots, pool.include_deferred, pool.occupied_slots), expected=(64, True, 0),
    ),
    row(
        apis.PoolApi.post_pool, models.Pool(name="tiny", slots=1),
        told=lambda pool, call: (pool.open_slots, call(apis.PoolApi.get_pools).total_entries), expected=(1, 4),
    ),
    row(
        apis.PoolApi.patch_pool, "etl_pool", models.Pool(name="etl_pool", slots=9), update_mask=["slots"],
        told=lambda pool, call: (pool.slots, call(apis.PoolApi.get_pool, "etl_pool").description),
        expected=(9, "For loading jobs"),
    ),
    row(
        apis.PoolApi.delete_pool, "etl_pool",
        told=lambda none, call: (none, all_of(call(apis.PoolApi.get_pools).pools, "name")),
        expected=(None, ["default_pool", "wide_pool"]),
    ),
    row(
        apis.VariableApi.get_variables, order_by="key", limit=2,
        told=lambda found, _: (found.total_entries, all_of(found.variables, "key", "description")),
        expected=(3, [("api_key", None), ("greeting", "Said at the start")]),
    ),
    row(apis.VariableApi.get_variable, "api_key", told=lambda found, _: found.value, expected="k-987654"),
    row(
        apis.VariableApi.post_variables, models.Variable(key="a/b", value="1"),
        told=lambda made, call: (made.key, call(apis.VariableApi.get_variable, "a/b").value), expected=("a/b", "1"),
    ),
    row(
        apis.VariableApi.patch_variable, "greeting", models.Variable(key="greeting", value="bye", description="At the end"),
        told=lambda made, call: (made.value, call(apis.VariableApi.get_variable, "greeting").description),
        expected=("bye", "At the end"),
    ),
    row(
        apis.VariableApi.delete_variable, "greeting",
        told=lambda none, call: (none, call.status(apis.VariableApi.get_variable, "greeting")), expected=(None, 404),
    ),
]  # fmt: skip
DAGS = [
    row(
        apis.DAGApi.get_dags, limit=3, offset=1, order_by="-dag_id", tags=["datasets", "sales"],
        told=lambda found, _: (found.total_entries, all_of(found.dags, "dag_id")),
        expected=(5, ["stock_consumer", "orders_daily", "combo_consumer"]),
    ),
    row(
        apis.DAGApi.get_dag, "billing_weekly",
        told=lambda dag, _: (dag.is_paused, dag.owners, dag.schedule_interval.type, dag.schedule_interval.days),
        expected=(True, ["cara", " ben"], "TimeDelta", 7),
    ),
    row(
        apis.DAGApi.get_dag_details, "combo_consumer",
        told=lambda dag, _: (dag.schedule_interval.value, dag.owners, dag.dag_run_timeout, dag.dataset_expression),
        expected=("Dataset", [], None, {"all": ["s3://mock-lake/prices.csv", STOCK]}),
    ),
    row(
        apis.DAGApi.get_dag_details, "adhoc_report",
        told=lambda dag, _: (dag.doc_md, dag.schedule_interval, dag.params["region"]["value"], dag.start_date.year),
        expected=("Runs a report **on demand**.", None, "north", 2025),
    ),
    row(
        apis.DAGApi.get_dag_source, TOKEN,
        told=lambda source, _: 'dag_id="orders_daily"' in source.content, expected=True,
    ),
    row(
        apis.DAGApi.reparse_dag_file, TOKEN,
        told=lambda none, call: (none, call.status(apis.DAGApi.reparse_dag_file, "none")), expected=(None, 404),
    ),
    row(
        apis.DAGApi.get_tasks, "orders_daily",
        told=lambda found, _: all_of(found.tasks, "task_id", "trigger_rule", "pool", "retries"),
        expected=[
            ("extract", "all_success", "default_pool", 2.0),
            ("load", "all_done", "default_pool", 2.0),
            ("transform", "all_success", "etl_pool", 2.0),
        ],
    ),
    row(
        apis.DAGApi.get_task, "orders_daily", "extract",
        told=lambda task, _: (
            task.class_ref.class_name, task.downstream_task_ids, task.retry_delay.seconds, task.execution_timeout,
            plain(task.ui_color),
        ),
        expected=("PythonOperator", ["transform"], 180, None, "#ffefeb"),
    ),
    row(
        apis.DAGApi.patch_dag, "orders_daily", models.DAG(is_paused=True), update_mask=["is_paused"],
        told=lambda dag, call: (dag.is_paused, call(apis.DAGApi.get_dag, "orders_daily").is_paused), expected=(True, True),
    ),
    row(
        apis.DAGApi.patch_dags, "stock", models.DAG(is_paused=True),
        told=lambda found, call: (
            all_of(found.dags, "dag_id", "is_paused"), call(apis.DAGApi.get_dags, paused=True).total_entries
        ),
        expected=([("stock_consumer", True), ("stock_producer", True)], 3),
    ),
    row(
        apis.DAGApi.delete_dag, "flaky_job",
        told=lambda none, call: (
            none, call.status(apis.DAGApi.get_dag, "flaky_job"),
            call(apis.DAGRunApi.get_dag_runs, "flaky_job").total_entries,
        ),
        expected=(None, 404, 0),
    ),
    row(
        apis.DAGApi.post_clear_task_instances, "orders_daily",
        models.ClearTaskInstances(
            dry_run=False, task_ids=["transform"], dag_run_id=SECOND, include_downstream=True, only_failed=False,
            reset_dag_runs=True,
        ),
        told=lambda cleared, call: (
            all_of(cleared.task_instances, "dag_run_id", "task_id"),
            plain(call(apis.DAGRunApi.get_dag_run, "orders_daily", SECOND).state),
            all_of(call(apis.TaskInstanceApi.get_task_instances, "orders_daily", SECOND).task_instances, "task_id", "state"),
        ),
        expected=(
            [(SECOND, "transform"), (SECOND, "load")], "queued",
            [("extract", "success"), ("transform", None), ("load", None)],
        ),
    ),
    row(
        apis.DAGApi.post_set_task_instances_state, "orders_daily",
        models.UpdateTaskInstancesState(
            dry_run=False, task_id="extract", dag_run_id=FIRST, new_state=models.UpdateTaskState("failed"),
            include_upstream=False, include_downstream=False, include_future=True, include_past=False,
        ),
        told=lambda changed, call: (
            all_of(changed.task_instances, "dag_run_id"),
            {plain(call(apis.TaskInstanceApi.get_task_instance, "orders_daily", run, "extract").state) for run in ORDERS},
        ),
        expected=(ORDERS, {"failed"}),
    ),
    row(
        apis.DagStatsApi.get_dag_stats, "orders_daily,flaky_job,none",
        told=lambda found, _: [(dag.dag_id, all_of(dag.stats, "state", "count")) for dag in found.dags],
        expected=[
            ("flaky_job", [("queued", 0), ("running", 0), ("success", 0), ("failed", 1)]),
            ("orders_daily", [("queued", 0), ("running", 0), ("success", 3), ("failed", 0)]),
        ],
    ),
    row(
        apis.DagWarningApi.get_dag_warnings, dag_id="billing_weekly",
        told=lambda found, _: (found.total_entries, found.dag_warnings[0].warning_type), expected=(1, "non-existent pool"),
    ),
    row(
        apis.ImportErrorApi.get_import_errors,
        told=lambda found, _: (found.total_entries, all_of(found.import_errors, "import_error_id", "filename")),
        expected=(1, [(1, "/opt/airflow/dags/broken_import.py")]),
    ),
    row(
        apis.ImportErrorApi.get_import_error, 1,
        told=lambda error, _: error.stack_trace.splitlines()[-1], expected="RuntimeError: broken on purpose",
    ),
]  # fmt: skip
DATASETS = [
    row(
        apis.DatasetApi.get_datasets, order_by="-id",
        told=lambda found, _: (found.total_entries, all_of(found.datasets, "id", "extra")),
        expected=(2, [(2, {}), (1, {"team": "supply"})]),
    ),
    row(
        apis.DatasetApi.get_dataset, STOCK,
        told=lambda found, _: (all_of(found.consuming_dags, "dag_id"), all_of(found.producing_tasks, "dag_id", "task_id")),
        expected=(["combo_consumer", "stock_consumer"], [("stock_producer", "write_stock")]),
    ),
    row(
        apis.DatasetApi.get_dataset_events, source_dag_id="stock_producer",
        told=lambda found, _: (found.total_entries, all_of(found.dataset_events[0].created_dagruns, "dag_run_id", "state")),
        expected=(1, [(STOCK_RUN, "success")]),
    ),
    row(
        apis.DatasetApi.create_dataset_event, models.CreateDatasetEvent(dataset_uri=STOCK, extra={"rows": 5}),
        told=lambda made, call: (
            made.extra, made.source_dag_id, made.created_dagruns, call(apis.DatasetApi.get_dataset_events).total_entries,
            all_of(call(apis.DatasetApi.get_dataset_queued_events, STOCK).queued_events, "dag_id"),
        ),
        expected=({"rows": 5, "from_rest_api": True}, None, [], 2, ["combo_consumer", "stock_consumer"]),
    ),
    row(
        apis.DatasetApi.get_dataset_queued_events, STOCK,
        told=lambda found, _: (found.total_entries, all_of(found.queued_events, "dag_id")), expected=(1, ["combo_consumer"]),
    ),
    row(
        apis.DatasetApi.get_dag_dataset_queued_events, "combo_consumer",
        told=lambda found, _: (found.total_entries, all_of(found.queued_events, "uri")), expected=(1, [STOCK]),
    ),
    row(
        apis.DatasetApi.get_dag_dataset_queued_event, "combo_consumer", STOCK,
        told=lambda found, _: (found.dag_id, found.created_at.isoformat()),
        expected=("combo_consumer", "2026-11-21T01:39:46.442480+00:00"),
    ),
    *(
        row(
            method, *arguments,
            told=lambda none, call: (none, call.status(apis.DatasetApi.get_dataset_queued_events, STOCK)),
            expected=(None, 404),
        )
        for method, arguments in (
            (apis.DatasetApi.delete_dataset_queued_events, (STOCK,)),
            (apis.DatasetApi.delete_dag_dataset_queued_events, ("combo_consumer",)),
            (apis.DatasetApi.delete_dag_dataset_queued_event, ("combo_consumer", STOCK)),
        )
    ),
    *(
        row(
            method, "stock_consumer", STOCK_RUN,
            told=lambda found, _: (found.total_entries, all_of(found.dataset_events, "dataset_uri", "source_run_id")),
            expected=(1, [(STOCK, "seed_stock_1")]),
        )
        for method in (apis.DatasetApi.get_upstream_dataset_events, apis.DAGRunApi.get_upstream_dataset_events)
    ),
]  # fmt: skip
RUNS = [
    row(
        apis.DAGRunApi.get_dag_runs, "orders_daily", order_by="-execution_date", state=["success"], limit=2,
        told=lambda found, _: (found.total_entries, all_of(found.dag_runs, "dag_run_id", "run_type")),
        expected=(3, [(THIRD, "scheduled"), (SECOND, "scheduled")]),
    ),
    row(
        apis.DAGRunApi.get_dag_runs_batch, models.ListDagRunsForm(states=["failed"], page_limit=5),
        told=lambda found, _: (found.total_entries, all_of(found.dag_runs, "dag_id", "dag_run_id", "state")),
        expected=(1, [("flaky_job", "relay__seed_adhoc_1", "failed")]),
    ),
    row(
        apis.DAGRunApi.get_dag_run, "orders_daily", FIRST,
        told=lambda run, _: (run.conf, run.note, plain(run.state), run.data_interval_end - run.data_interval_start),
        expected=({}, None, "success", timedelta(days=1)),
    ),
    row(
        apis.DAGRunApi.post_dag_run, "fanout_pipeline", models.DAGRun(dag_run_id="mine", conf={"a": [1]}, note="by me"),
        told=lambda run, call: (
            run.dag_run_id, run.conf, run.note, plain(run.state), run.start_date, run.logical_date.isoformat(),
            all_of(call(apis.TaskInstanceApi.get_task_instances, "fanout_pipeline", "mine").task_instances, "state", "pid"),
        ),
        expected=("mine", {"a": [1]}, "by me", "queued", None, NOW, [(None, None)] * 6),
    ),
    row(
        apis.DAGRunApi.set_dag_run_note, *FANOUT, models.SetDagRunNote(note="seen"),
        told=lambda run, call: (run.note, call(apis.DAGRunApi.get_dag_run, *FANOUT).note), expected=("seen", "seen"),
    ),
    row(
        apis.DAGRunApi.update_dag_run_state, "orders_daily", FIRST, models.UpdateDagRunState(state="failed"),
        told=lambda run, call: (plain(run.state), plain(call(apis.DAGRunApi.get_dag_run, "orders_daily", FIRST).state)),
        expected=("failed", "failed"),
    ),
    row(
        apis.DAGRunApi.clear_dag_run, *FANOUT, models.ClearDagRun(dry_run=False),
        told=lambda run, call: (run["state"], run["end_date"], plain(call(apis.DAGRunApi.get_dag_run, *FANOUT).state)),
        expected=("queued", None, "queued"),
    ),
    row(
        apis.DAGRunApi.clear_dag_run, "stock_producer", "seed_stock_1", models.ClearDagRun(dry_run=True),
        told=lambda found, _: [each["task_id"] for each in found["task_instances"]], expected=["write_stock"],
    ),
    row(
        apis.DAGRunApi.delete_dag_run, "orders_daily", SECOND,
        told=lambda none, call: (
            none, all_of(call(apis.DAGRunApi.get_dag_runs, "orders_daily").dag_runs, "dag_run_id"),
            call(apis.XComApi.get_xcom_entries, "orders_daily", SECOND, "~").total_entries,
        ),
        expected=(None, [FIRST, THIRD], 0),
    ),
    row(
        apis.XComApi.get_xcom_entries, "orders_daily", FIRST, "extract", xcom_key="order_count",
        told=lambda found, _: (found.total_entries, all_of(found.xcom_entries, "key", "task_id", "map_index")),
        expected=(1, [("order_count", "extract", -1)]),
    ),
    row(
        apis.XComApi.get_xcom_entry, *EXTRACT, "return_value", stringify=False,
        told=lambda entry, _: entry.value, expected={"day": "2025-01-01", "orders": 42},
    ),
    row(
        apis.XComApi.get_xcom_entry, *SQUARES, "return_value", map_index=2, deserialize=True, stringify=True,
        told=lambda entry, _: (entry.value, entry.map_index), expected=("9", 2),
    ),
    row(
        apis.EventLogApi.get_event_logs, event="success", dag_id="orders_daily", order_by="-event_log_id", limit=1,
        told=lambda found, _: (found.total_entries, all_of(found.event_logs, "task_id", "run_id", "try_number")),
        expected=(6, [("transform", THIRD, 1)]),
    ),
    row(
        apis.EventLogApi.get_event_log, 84,
        told=lambda found, _: (found.event, found.owner, found.dag_id, found.map_index, found.when.year),
        expected=("cli_scheduler", "root", None, None, 2026),
    ),
]  # fmt: skip
TASK_INSTANCES = [
    row(
        apis.TaskInstanceApi.get_task_instances, "~", "~", state=["skipped", "upstream_failed", "failed"],
        told=lambda found, _: (found.total_entries, sorted(all_of(found.task_instances, "task_id", "state", "pid"))),
        expected=(3, [("after", "upstream_failed", None), ("boom", "failed", 4634), ("right", "skipped", None)]),
    ),
    row(
        apis.TaskInstanceApi.get_task_instances_batch,
        models.ListTaskInstanceForm(dag_ids=["fanout_pipeline"], state=[models.TaskState("skipped")]),
        told=lambda found, _: (found.total_entries, all_of(found.task_instances, "task_id", "duration", "try_number")),
        expected=(1, [("right", None, 0)]),
    ),
    row(
        apis.TaskInstanceApi.get_task_instance, *EXTRACT,
        told=lambda ti, _: (plain(ti.state), ti.duration, ti.sla_miss, ti.trigger, ti.triggerer_job, ti.rendered_fields),
        expected=("success", 0.170516, None, None, None, {"op_args": [], "op_kwargs": {}, "templates_dict": None}),
    ),
    row(
        apis.TaskInstanceApi.get_mapped_task_instances, *SQUARES, order_by="-map_index",
        told=lambda found, _: (found.total_entries, all_of(found.task_instances, "map_index", "rendered_map_index")),
        expected=(3, [(2, "3 squared"), (1, "2 squared"), (0, "1 squared")]),
    ),
    row(
        apis.TaskInstanceApi.get_mapped_task_instance, *SQUARES, 1,
        told=lambda ti, _: (ti.map_index, plain(ti.state), ti.rendered_fields["op_kwargs"]),
        expected=(1, "success", {"n": 2}),
    ),
    row(
        apis.TaskInstanceApi.get_task_instance_tries, "flaky_job", "relay__seed_adhoc_1", "boom",
        told=lambda found, _: (found.total_entries, all_of(found.task_instances, "try_number", "state")),
        expected=(2, [(1, "failed"), (2, "failed")]),
    ),
    row(
        apis.TaskInstanceApi.get_task_instance_try_details, "flaky_job", "relay__seed_adhoc_1", "boom", 2,
        told=lambda ti, _: (ti.try_number, ti.pid, ti.max_tries), expected=(2, 4634, 1),
    ),
    row(
        apis.TaskInstanceApi.get_mapped_task_instance_tries, *SQUARES, 0,
        told=lambda found, _: all_of(found.task_instances, "map_index", "try_number"), expected=[(0, 1)],
    ),
    row(
        apis.TaskInstanceApi.get_mapped_task_instance_try_details, *SQUARES, 2, 1,
        told=lambda ti, _: (ti.map_index, ti.try_number, plain(ti.state)), expected=(2, 1, "success"),
    ),
    row(
        apis.TaskInstanceApi.get_task_instance_dependencies, *EXTRACT,
        told=lambda found, _: found.dependencies, expected=[],
    ),
    row(
        apis.TaskInstanceApi.get_mapped_task_instance_dependencies, *SQUARES, 0,
        told=lambda found, _: found.dependencies, expected=[],
    ),
    row(
        apis.TaskInstanceApi.get_extra_links, "adhoc_report", "seed_adhoc_1", "kick_flaky",
        told=lambda links, _: links.to_dict(),
        expected={"Triggered DAG": "/dags/flaky_job/grid?dag_run_id=relay__seed_adhoc_1"},
    ),
    row(
        apis.TaskInstanceApi.get_log, *EXTRACT, 1, full_content=True,
        told=lambda log, call: (
            log.content.startswith("[('af2-host',"), "Marking task as SUCCESS. dag_id=orders_daily" in log.content,
            call(apis.TaskInstanceApi.get_log, *EXTRACT, 1, token=log.continuation_token).content,
        ),
        expected=(True, True, "[('af2-host', '')]"),
    ),
    row(
        apis.TaskInstanceApi.patch_task_instance, *EXTRACT,
        models.UpdateTaskInstance(dry_run=True, new_state=models.UpdateTaskState("failed")),
        told=lambda found, call: (
            found.task_id, found.dag_run_id, plain(call(apis.TaskInstanceApi.get_task_instance, *EXTRACT).state)
        ),
        expected=("extract", FIRST, "success"),
    ),
    row(
        apis.TaskInstanceApi.patch_task_instance, *EXTRACT,
        models.UpdateTaskInstance(dry_run=False, new_state=models.UpdateTaskState("failed")),
        told=lambda found, call: (
            found.to_dict(), plain(call(apis.TaskInstanceApi.get_task_instance, *EXTRACT).state)
        ),
        expected=({}, "failed"),
    ),
    row(
        apis.TaskInstanceApi.patch_mapped_task_instance, *SQUARES, 1,
        update_task_instance=models.UpdateTaskInstance(dry_run=False, new_state=models.UpdateTaskState("skipped")),
        told=lambda found, call: (
            found.to_dict(),
            all_of(call(apis.TaskInstanceApi.get_mapped_task_instances, *SQUARES).task_instances, "state"),
        ),
        expected=({}, ["success", "skipped", "success"]),
    ),
    row(
        apis.TaskInstanceApi.set_task_instance_note, *EXTRACT, models.SetTaskInstanceNote(note="why"),
        told=lambda ti, call: (ti.note, call(apis.TaskInstanceApi.get_task_instance, *EXTRACT).note),
        expected=("why", "why"),
    ),
    row(
        apis.TaskInstanceApi.set_mapped_task_instance_note, *SQUARES, 2, models.SetTaskInstanceNote(note="nine"),
        told=lambda ti, call: (
            ti.note, all_of(call(apis.TaskInstanceApi.get_mapped_task_instances, *SQUARES).task_instances, "note")
        ),
        expected=("nine", [None, None, "nine"]),
    ),
]  # fmt: skip
MONITORING = [
    row(
        apis.MonitoringApi.get_health,
        told=lambda health, _: (
            plain(health.metadatabase.status), plain(health.scheduler.status), plain(health.triggerer.status),
            health.dag_processor.latest_dag_processor_heartbeat,
        ),
        expected=("healthy", "unhealthy", None, None),
    ),
    row(
        apis.MonitoringApi.get_version,
        told=lambda version, _: (version.version, version.git_version), expected=("2.11.2", ""),
    ),
    row(
        apis.PluginApi.get_plugins,
        told=lambda found, _: (found.total_entries, all_of(found.plugins, "name", "macros", "executors")),
        expected=(1, [("demo_plugin", ["demo_plugin.shout"], [])]),
    ),
    row(
        apis.ProviderApi.get_providers,
        told=lambda found, _: (found["total_entries"], found["providers"][-1]["package_name"]),
        expected=(9, "apache-airflow-providers-sqlite"),
    ),
]  # fmt: skip
ROWS = [*ACCESS, *CONFIGURATION, *DAGS, *DATASETS, *RUNS, *TASK_INSTANCES, *MONITORING]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[MockAirflow, client.ApiClient]]:
    settings = {"expose_config": "True", "test_connection": "Enabled", "enable_xcom_deserialize_support": True}
    with MockAirflow(world=str(WORLD), clock=NOW, frozen=True, runs="manual", **settings) as airflow:
        configuration = client.Configuration(host=airflow.api_url, username="admin", password="admin")
        with client.ApiClient(configuration) as api_client:
            yield airflow, api_client


@pytest.fixture
def airflow(served: tuple[MockAirflow, client.ApiClient]) -> MockAirflow:
    served[0].reset()
    return served[0]


@pytest.fixture
def call(airflow: MockAirflow, served: tuple[MockAirflow, client.ApiClient]) -> Caller:
    return Caller(served[1])


def public_methods() -> set[Callable[..., Any]]:
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
    assert sorted(method.__qualname__ for method in methods.symmetric_difference(each.method for each in ROWS)) == []


@pytest.mark.parametrize("asked", ROWS, ids=[each.method.__qualname__ for each in ROWS])
def test_method(call: Caller, asked: Row) -> None:
    answer = call(asked.method, *asked.arguments, **asked.options)

    assert asked.told(answer, call) == asked.expected
