"""Clearing runs: one, many in a request, or what partitions they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from pydantic import Field, model_validator

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.bulk_dag_runs import BulkDAGRunBody
from mock_airflow.api.v2.cursors import by_cursor
from mock_airflow.api.v2.dag_run_fields import latest_version, run_view
from mock_airflow.api.v2.task_instance_fields import task_instance_view
from mock_airflow.domain import clearing, dag_runs
from mock_airflow.domain.dags import declared
from mock_airflow.domain.records import UNFINISHED_RUN, Dag, DagRun

operation = API.tagged("DagRun")

_EDIT = on_dag("PUT", "DAG Runs")


class _Selector(Body):
    partition_key: str | None = None
    partition_date_start: datetime | None = None
    partition_date_end: datetime | None = None

    def one_of(self, other: bool, name: str) -> None:
        """See that there is one way of selecting runs. Raises ValueError."""
        window = self.partition_date_start is not None or self.partition_date_end is not None
        if sum((other, self.partition_key is not None, window)) != 1:
            raise ValueError(
                f"Exactly one of {name}, partition_key, or a partition date window (partition_date_start /"
                " partition_date_end) must be provided."
            )
        start, end = self.partition_date_start, self.partition_date_end
        if start is not None and end is not None and start > end:
            raise ValueError("partition_date_start must be on or before partition_date_end.")


class DAGRunClearBody(Body):
    """What of a run is cleared."""

    dry_run: bool = True
    only_failed: bool = False
    only_new: bool = False
    run_on_latest_version: bool | None = None
    note: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_of_both(cls, sent: Any) -> Any:
        if not isinstance(sent, Mapping):
            raise Oops("A real Airflow fails at a body for clearing that is not an object.")
        if sent.get("only_new") and sent.get("only_failed"):
            raise ValueError("only_new and only_failed are mutually exclusive")
        return sent


class BulkDAGRunClearBody(DAGRunClearBody, _Selector):
    """Which runs are cleared, and what of them."""

    read_twice = True

    dag_runs: list[BulkDAGRunBody] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_selection(self) -> BulkDAGRunClearBody:
        self.one_of(bool(self.dag_runs), "dag_runs (non-empty)")
        return self


def version_to_run(call: Call, dag_id: str, asked: bool | None) -> int | None:
    """The number of the version that cleared task instances run by; None to keep their own.

    The request says so, else the DAG (code).
    """
    if asked is None:
        dag = call.airflow.dags.get(dag_id)
        asked = bool(dag is not None and dag.details.get("rerun_with_latest_version"))
    version = latest_version(call.airflow, dag_id) if asked else None
    return version.version_number if version is not None else None


def views_to_clear(call: Call, run: DagRun, body: Any) -> list[dict[str, Any]]:
    """What clearing a run would reach: task instances, or the tasks that are new since then."""
    rows = call.airflow.task_instances.group("run", run.key).values()
    if body.only_new:
        dag = declared(call.airflow, run.dag_id)
        new = sorted(set(dag.tasks) - {ti.task_id for ti in rows})
        return [{"task_id": task_id, "task_display_name": task_id} for task_id in new]
    states = clearing.FAILED if body.only_failed else None
    return [task_instance_view(call, ti) for ti in rows if states is None or ti.state in states]


def clear_one(call: Call, run: DagRun, body: Any) -> DagRun:
    """Clear a run as a body asks; it is queued again, whatever it was."""
    airflow = call.airflow
    version = version_to_run(call, run.dag_id, body.run_on_latest_version)
    rows = clearing.by_name(airflow.task_instances.group("run", run.key).values())
    if body.only_new:
        clearing.add_new_tasks(airflow, run.key, version)
    else:
        chosen = [ti for ti in rows if not body.only_failed or ti.state in clearing.FAILED]
        clearing.clear(airflow, chosen, dag_version=version)
    if dag_runs.get(airflow, run.dag_id, run.run_id).state not in UNFINISHED_RUN:
        clearing.reopen(airflow, run)
    if body.note is not None:
        dag_runs.set_note(airflow, run.dag_id, run.run_id, body.note or None)
    return dag_runs.get(airflow, run.dag_id, run.run_id)


@operation(
    "POST",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/clear",
    access=_EDIT,
    body=DAGRunClearBody,
    event=True,
    answer="ClearTaskInstanceCollectionResponse",
    or_answer="DAGRunResponse",
)
def clear_dag_run(call: Call) -> Answer:
    """Clear a run's task instances; a dry run, which is the default, tells which."""
    run = dag_runs.get(call.airflow, call.path["dag_id"], call.path["dag_run_id"])
    if call.body.dry_run:
        views = views_to_clear(call, run, call.body)
        return answer({"task_instances": views, "total_entries": len(views)})
    return answer(run_view(call, clear_one(call, run, call.body)))


@operation(
    "POST",
    "/dags/{dag_id}/clearDagRuns",
    access=_EDIT,
    body=BulkDAGRunClearBody,
    event=True,
    answer="ClearTaskInstanceCollectionResponse",
    or_answer="DAGRunCollectionResponse",
)
def clear_dag_runs(call: Call) -> Answer:
    """Clear many runs, by their ids or by their partitions; a dry run, which is the default, tells what it reaches."""
    body = call.body
    found = [dag_runs.get(call.airflow, *key) for key in _named(call)]
    if body.dry_run:
        views = [view for run in found for view in views_to_clear(call, run, body)]
        return answer({"task_instances": views, "total_entries": len(views)})
    cleared = [clear_one(call, run, body) for run in found]
    return by_cursor("dag_runs", [run_view(call, run) for run in cleared], len(cleared))


def _named(call: Call) -> list[tuple[str, str]]:
    """The runs that a body names, each once. Raises Detail."""
    body, dag_id = call.body, call.path["dag_id"]
    if not body.dag_runs:
        if dag_id == "~":
            raise Detail(400, "Partition selectors require a concrete dag_id; '~' is not supported.")
        dag = declared(call.airflow, dag_id)
        return [(run.dag_id, run.run_id) for run in _of_partitions(call, dag, body)]
    keys = []
    for each in body.dag_runs:
        if dag_id == "~" and each.dag_id in (None, "", "~"):
            raise Detail(
                400,
                "When the URL dag_id is '~', every entry must provide a concrete dag_id (missing on dag_run_id:"
                f" {each.dag_run_id!r}).",
            )
        if dag_id != "~" and (each.dag_id or dag_id) != dag_id:
            raise Detail(400, f"Entry dag_id {each.dag_id!r} does not match the URL dag_id {dag_id!r}.")
        keys.append((each.dag_id or dag_id, each.dag_run_id))
    return list(dict.fromkeys(keys))


def _of_partitions(call: Call, dag: Dag, body: Any) -> list[DagRun]:
    rows: Iterable[DagRun] = call.airflow.dag_runs.group("dag_id", dag.dag_id).values()
    if body.partition_key is not None:
        found = [run for run in rows if run.partition_key == body.partition_key]
    else:
        zone = ZoneInfo(dag.timezone)
        start, end = (_local(each, zone) for each in (body.partition_date_start, body.partition_date_end))
        found = [
            run
            for run in rows
            if run.partition_date is not None
            and (start is None or run.partition_date >= start)
            and (end is None or run.partition_date <= end)
        ]
    return sorted(found, key=lambda run: (run.partition_date or datetime.min.replace(tzinfo=timezone.utc), run.run_id))


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A bound in the DAG's own time zone, whatever zone it came with (code)."""
    return moment.replace(tzinfo=zone) if moment is not None else None


class ClearPartitionsBody(_Selector):
    """Of which runs the partition is taken away."""

    run_id: str | None = None
    clear_task_instances: bool = False
    dry_run: bool = True

    @model_validator(mode="after")
    def _one_selection(self) -> ClearPartitionsBody:
        self.one_of(self.run_id is not None, "run_id")
        return self


@operation(
    "POST",
    "/dags/{dag_id}/clearPartitions",
    access=_EDIT,
    body=ClearPartitionsBody,
    event=True,
    answer="ClearPartitionsResponse",
)
def clear_dag_run_partitions(call: Call) -> Answer:
    """Take the partition from runs, and clear their task instances where that is asked for; tells how many."""
    body, airflow = call.body, call.airflow
    dag = declared(airflow, call.path["dag_id"])
    if body.run_id is not None:
        found = [run for run in airflow.dag_runs.group("dag_id", dag.dag_id).values() if run.run_id == body.run_id]
    else:
        found = _of_partitions(call, dag, body)
    rows = [ti for run in found for ti in airflow.task_instances.group("run", run.key).values()]
    rows = rows if body.clear_task_instances else []
    partitioned = [run for run in found if (run.partition_key, run.partition_date) != (None, None)]
    if not body.dry_run:
        for run in partitioned:
            airflow.dag_runs.put(replace(run, partition_key=None, partition_date=None))
        clearing.clear(airflow, clearing.by_name(rows))
    return answer({"dag_runs_cleared": len(partitioned), "task_instances_cleared": len(rows), "dry_run": body.dry_run})
