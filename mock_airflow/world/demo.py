"""The demo world: a small data team's Airflow, with a past, things going on and a few things that went wrong.

It is made for the moment at which the clock stands, so that its runs are always of the last days. It has the DAG
`bad_variable_usage` and the dataset `upstream_data`, which the pages of hosted Airflows use in their examples.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.domain.ids import Ids

_UPSTREAM = "upstream_data"
_PRICES = "s3://demo-lake/prices.parquet"

# dag_id -> (schedule, owner, tags, description, tasks with their downstream tasks)
_Tasks = dict[str, tuple[str, list[str]]]
_DAGS: dict[str, tuple[Any, str, list[str], str, _Tasks]] = {
    "bad_variable_usage": (
        None,
        "noa",
        ["training"],
        "Reads a Variable at the top of its file, as one should not",
        {"read_variable": ("PythonOperator", ["say_it"]), "say_it": ("BashOperator", [])},
    ),
    "daily_sales": (
        "0 6 * * *",
        "ana",
        ["sales", "daily"],
        "Rolls up yesterday's sales",
        {
            "extract": ("PythonOperator", ["transform"]),
            "transform": ("BashOperator", ["load"]),
            "load": ("PythonOperator", ["notify"]),
            "notify": ("EmptyOperator", []),
        },
    ),
    "flaky_api_pull": (
        None,
        "gus",
        ["ingest"],
        "Pulls from a partner's API that fails now and then",
        {"pull": ("PythonOperator", ["store"]), "store": ("PythonOperator", [])},
    ),
    "hourly_sync": (
        "0 * * * *",
        "ben",
        ["ingest", "hourly"],
        "Copies new rows every hour",
        {"find_changes": ("PythonOperator", ["copy_rows"]), "copy_rows": ("BashOperator", [])},
    ),
    "prices_report": (
        [_UPSTREAM],
        "eli",
        ["report"],
        "Runs whenever the upstream data changes",
        {"render": ("PythonOperator", ["publish"]), "publish": ("BashOperator", [])},
    ),
    "regional_fanout": (
        None,
        "fay",
        ["mapped"],
        "One mapped task a region",
        {"list_regions": ("@task", ["crunch"]), "crunch": ("@task", ["collect"]), "collect": ("@task", [])},
    ),
    "upstream_producer": (
        None,
        "eli",
        ["ingest"],
        "Writes the upstream data",
        {"write_upstream": ("BashOperator", [])},
    ),
    "weekly_billing": (
        "0 4 * * 1",
        "cara",
        ["billing"],
        "Closes the week; paused until the auditors are done",
        {"gather": ("PythonOperator", ["close"]), "close": ("EmptyOperator", [])},
    ),
}
# what the tasks return, the instances of a mapped one by index
_RETURNS: dict[str, Any] = {
    "read_variable": "hello",
    "say_it": "hello",
    "extract": {"rows": 1204, "refused": 3},
    "transform": "1201 rows kept",
    "load": 1201,
    "pull": {"status": 200, "items": 42},
    "store": 42,
    "find_changes": 17,
    "copy_rows": "17 rows copied",
    "render": "report.html",
    "publish": "published",
    "list_regions": ["north", "south", "west"],
    "crunch": (31, 12, 17),
    "collect": 60,
    "write_upstream": "upstream_data",
}
_PEOPLE = {
    "ana": ("Ana", "Abreu", "Op"),
    "ben": ("Ben", "Brandt", "User"),
    "cara": ("Cara", "Conti", "User"),
    "eli": ("Eli", "Engel", "User"),
    "fay": ("Fay", "Fournier", "User"),
    "gus": ("Gus", "Grant", "User"),
    "noa": ("Noa", "Nilsen", "Viewer"),
}
_BROKEN = "/opt/airflow/dags/old_inventory.py"
_STACK_TRACE = f"""Traceback (most recent call last):
  File "{_BROKEN}", line 3, in <module>
    from inventory_client import Stock
ModuleNotFoundError: No module named 'inventory_client'
"""
_CLASSES = {
    "PythonOperator": ("airflow.operators.python", "PythonOperator"),
    "BashOperator": ("airflow.operators.bash", "BashOperator"),
    "EmptyOperator": ("airflow.operators.empty", "EmptyOperator"),
    "@task": ("airflow.decorators.python", "_PythonDecoratedOperator"),
}


def content(now: datetime, seed: int, generation: int = 2) -> dict[str, Any]:
    """The demo world as of ``now``, in the form of a world file, as Airflow of that generation has made its past."""
    maker = _Maker(now, seed, generation)
    maker.history()
    return {
        "about": "A small data team's Airflow: runs of the last days, one under way, one that failed.",
        "dags": [_dag(dag_id, now) for dag_id in _DAGS],
        "datasets": [
            {
                "uri": _UPSTREAM,
                "consuming_dags": [{"dag_id": "prices_report"}],
                "producing_tasks": [{"dag_id": "upstream_producer", "task_id": "write_upstream"}],
            },
            {"uri": _PRICES, "extra": {"team": "sales"}},
        ],
        "pools": [{"name": "partner_api", "slots": 4, "description": "The partner allows four calls at once"}],
        "variables": [
            {"key": "greeting", "value": "hello", "description": "Said by bad_variable_usage"},
            {"key": "regions", "value": '["north", "south", "west"]'},
        ],
        "connections": [
            {
                "connection_id": "warehouse",
                "conn_type": "postgres",
                "host": "db.example.org",
                "port": 5432,
                "schema": "dw",
            },
            {"connection_id": "partner_api", "conn_type": "http", "host": "partner.example.org"},
        ],
        "dag_runs": maker.runs,
        "task_instances": maker.instances,
        "task_instance_tries": maker.tries,
        "xcoms": maker.xcoms,
        "event_logs": sorted(maker.events, key=lambda event: event["when"]),
        "import_errors": [{"filename": _BROKEN, "stack_trace": _STACK_TRACE, "timestamp": now - timedelta(seconds=25)}],
        "users": [_person(*each, now) for each in _PEOPLE.items()],
    }


def _person(username: str, told: tuple[str, str, str], now: datetime) -> dict[str, Any]:
    first, last, role = told
    return {
        "username": username,
        "first_name": first,
        "last_name": last,
        "email": f"{username}@example.com",
        "roles": [{"name": role}],
        "created_on": now - timedelta(days=60),
    }


def _dag(dag_id: str, now: datetime) -> dict[str, Any]:
    schedule, owner, tags, description, tasks = _DAGS[dag_id]
    dag: dict[str, Any] = {
        "dag_id": dag_id,
        "description": description,
        "owners": [owner],
        "tags": [{"name": tag} for tag in tags],
        "is_paused": dag_id == "weekly_billing",
        "catchup": False,
        "start_date": (now - timedelta(days=60)).replace(hour=0, minute=0, second=0, microsecond=0),
        "last_parsed_time": now - timedelta(seconds=20),
        "tasks": [_task(dag_id, task_id, owner) for task_id in tasks],
    }
    if schedule is not None:
        dag["schedule"] = schedule
    if dag_id == "bad_variable_usage":
        dag["doc_md"] = "Calls `Variable.get` outside of a task, so every parse of the file asks the database."
    return dag


def _owner_of(dag_id: str) -> str:
    return _DAGS[dag_id][1]


def _task(dag_id: str, task_id: str, owner: str) -> dict[str, Any]:
    operator, downstream = _DAGS[dag_id][4][task_id]
    module, name = _CLASSES[operator]
    return {
        "task_id": task_id,
        "owner": owner,
        "operator_name": operator,
        "class_ref": {"module_path": module, "class_name": name},
        "downstream_task_ids": downstream,
        "retries": 2 if task_id == "pull" else 0,
        "retry_delay": 30,
        "pool": "partner_api" if task_id == "pull" else "default_pool",
        "is_mapped": task_id == "crunch",
    }


class _Maker:
    """Makes the runs of the last days: in Airflow 3 a scheduled one is about a moment, and not about a time before."""

    def __init__(self, now: datetime, seed: int, generation: int) -> None:
        self.now, self.points = now, generation == 3
        self.ids = Ids(seed)
        self.runs: list[dict[str, Any]] = []
        self.instances: list[dict[str, Any]] = []
        self.tries: list[dict[str, Any]] = []
        self.xcoms: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def history(self) -> None:
        """Everything that has happened, oldest first."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        for days in range(7, 0, -1):
            start = midnight - timedelta(days=days + 1) + timedelta(hours=6)
            failed = "load" if days == 3 else None
            self._run("daily_sales", start, timedelta(days=1), "scheduled", failed_task=failed)
        for hours in range(12, 1, -1):
            self._run("hourly_sync", hour - timedelta(hours=hours), timedelta(hours=1), "scheduled")
        self._run("regional_fanout", self.now - timedelta(hours=5), None, "manual")
        self._run("flaky_api_pull", self.now - timedelta(hours=3), None, "manual", retried="pull")
        self._run("upstream_producer", self.now - timedelta(hours=2), None, "manual")
        self._run("bad_variable_usage", self.now - timedelta(hours=1), None, "manual")
        self._open_run("hourly_sync", hour - timedelta(hours=1))

    def _open_run(self, dag_id: str, start: datetime) -> None:
        """A run that is queued as the world begins, and goes on from there."""
        self.runs.append(self._run_row(dag_id, start, timedelta(hours=1), "scheduled") | {"state": "queued"})

    def _run_row(self, dag_id: str, start: datetime, period: timedelta | None, run_type: str) -> dict[str, Any]:
        if self.points:
            start, period = start + (period or timedelta(0)), None
        return {
            "dag_id": dag_id,
            "dag_run_id": f"{run_type}__{start.isoformat()}",
            "run_type": run_type,
            "logical_date": start,
            "data_interval_start": start,
            "data_interval_end": start + (period or timedelta(0)),
            "external_trigger": run_type == "manual",
        }

    def _run(
        self,
        dag_id: str,
        start: datetime,
        period: timedelta | None,
        run_type: str,
        *,
        failed_task: str | None = None,
        retried: str | None = None,
    ) -> None:
        begun = start + (period or timedelta(0)) + timedelta(seconds=1)
        row = self._run_row(dag_id, start, period, run_type)
        at, state = begun, "success"
        if run_type == "manual":
            extra = {
                "dag_run_id": row["dag_run_id"],
                **({"logical_date": None, "method": "POST"} if self.points else {}),
            }
            self.events.append(
                {
                    "when": begun,
                    "event": "trigger_dag_run" if self.points else "api.post_dag_run",
                    "owner": _owner_of(dag_id),
                    "dag_id": dag_id,
                    "extra": json.dumps(extra),
                }
            )
        for task_id, index in self._instances_of(dag_id):
            outcome = "upstream_failed" if state == "failed" else "failed" if task_id == failed_task else "success"
            at = self._instance(row, task_id, index, at, outcome, retried=task_id == retried)
            state = "failed" if outcome != "success" else state
        self.runs.append(row | {"state": state, "start_date": begun, "end_date": at, "last_scheduling_decision": at})

    def _instances_of(self, dag_id: str) -> Iterator[tuple[str, int]]:
        for task_id in _DAGS[dag_id][4]:
            yield from ((task_id, index) for index in (range(3) if task_id == "crunch" else (-1,)))

    def _instance(
        self, run: dict[str, Any], task_id: str, index: int, at: datetime, outcome: str, *, retried: bool
    ) -> datetime:
        """Add a task instance that was queued at ``at``; gives the moment it ended."""
        operator = _DAGS[run["dag_id"]][4][task_id][0]
        row = {
            "dag_id": run["dag_id"],
            "dag_run_id": run["dag_run_id"],
            "task_id": task_id,
            "map_index": index,
            "state": outcome,
            "max_tries": 2 if task_id == "pull" else 0,
            "pool": "partner_api" if task_id == "pull" else "default_pool",
        }
        if operator == "EmptyOperator" or outcome == "upstream_failed":
            number = 0 if outcome == "upstream_failed" else 1
            self.instances.append(row | {"start_date": at, "end_date": at, "duration": 0.0, "try_number": number})
            return at
        number = 1
        if retried:
            _, ended = self._attempt(row | {"state": "failed"}, at, number, self.tries)
            at, number = ended + timedelta(seconds=30), 2
        end = self._attempt(row, at, number, self.instances)[1]
        if outcome == "success" and task_id in _RETURNS:
            value = _RETURNS[task_id][index] if index >= 0 else _RETURNS[task_id]
            names = ("dag_id", "dag_run_id", "task_id", "map_index")
            self.xcoms.append({name: row[name] for name in names} | {"value": value, "timestamp": end})
        return end

    def _attempt(
        self, row: dict[str, Any], at: datetime, number: int, into: list[dict[str, Any]]
    ) -> tuple[datetime, datetime]:
        start = at + timedelta(seconds=1)
        seconds = round(self.ids.between(1.0, 6.0), 3)
        end = start + timedelta(seconds=seconds)
        into.append(
            row
            | {
                "queued_when": at,
                "start_date": start,
                "end_date": end,
                "duration": seconds,
                "try_number": number,
                "hostname": "worker-1",
                "pid": 1000 + int(self.ids.fraction() * 30000),
            }
        )
        about = {name: row[name] for name in ("dag_id", "task_id", "map_index")}
        about |= {"run_id": row["dag_run_id"], "try_number": number, "owner": _owner_of(row["dag_id"])}
        self.events += [about | {"when": start, "event": "running"}, about | {"when": end, "event": row["state"]}]
        return start, end
