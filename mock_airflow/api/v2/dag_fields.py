"""A DAG as `/api/v2` tells it, in short and with all that its file declares."""

from __future__ import annotations

import os
from typing import Any

from mock_airflow.api.airflow3.json_text import duration_text
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.dag_run_fields import latest_version, version_view
from mock_airflow.api.v2.lists import OwnView
from mock_airflow.domain.records import UNFINISHED_RUN, Dag


def summary_of(dag: Dag) -> str | None:
    """What Airflow 3 calls the DAG's timetable."""
    schedule = dag.schedule
    if schedule.assets is not None and schedule.kind == "assets":
        return "Asset"
    if schedule.kind == "cron":
        return f"Asset or {schedule.value}" if schedule.assets is not None else schedule.value
    if schedule.kind == "timedelta" and schedule.delta is not None:
        return str(schedule.delta)
    if schedule.relative is not None:
        from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

        return str(relativedelta(**schedule.relative))
    if schedule.kind in ("once", "continuous"):
        return f"@{schedule.kind}"
    return schedule.value or None


_TYPES = {
    "none": "NullTimetable",
    "once": "OnceTimetable",
    "continuous": "ContinuousTimetable",
    "assets": "AssetTriggeredTimetable",
    "events": "EventsTimetable",
    "relativedelta": "DeltaTriggerTimetable",
    "timedelta": "DeltaTriggerTimetable",
    "cron": "CronTriggerTimetable",
}


def timetable_type(dag: Dag) -> str:
    """The class of the DAG's timetable, which no answer tells."""
    schedule = dag.schedule
    if dag.is_partitioned:
        return {"cron": "CronPartitionTimetable", "assets": "PartitionedAssetTimetable"}.get(
            schedule.kind, "PartitionedAtRuntime"
        )
    if schedule.assets is not None and schedule.kind != "assets":
        return "AssetOrTimeSchedule"
    name = _TYPES.get(schedule.kind, schedule.value)
    return name.replace("Trigger", "DataInterval") if schedule.intervals else name


def relative_fileloc(dag: Dag) -> str:
    """The file's place in its bundle."""
    return str(
        dag.details.get("relative_fileloc") or dag.fileloc.partition("/dags/")[2] or os.path.basename(dag.fileloc)
    )


@OwnView
def dag_view(dag: Dag) -> dict[str, Any]:
    """A DAG as lists tell it."""
    details, timed = dag.details, dag.schedule.kind in ("cron", "timedelta", "relativedelta")
    described = dag.timetable_description.replace("datasets", "assets")
    return {
        "dag_id": dag.dag_id,
        "dag_display_name": dag.dag_display_name,
        "is_paused": dag.is_paused,
        "is_stale": not dag.is_active,
        "last_parsed_time": dag.last_parsed_time,
        "last_parse_duration": details.get("last_parse_duration"),
        "last_expired": dag.last_expired,
        "bundle_name": dag.bundle_name,
        "bundle_version": dag.bundle_version,
        "relative_fileloc": relative_fileloc(dag),
        "fileloc": dag.fileloc,
        "description": dag.description,
        "timetable_summary": summary_of(dag),
        "timetable_description": described,
        "timetable_partitioned": details.get("timetable_partitioned", False),
        "timetable_periodic": details.get("timetable_periodic", timed),
        "tags": [
            {"name": tag, "dag_id": dag.dag_id, "dag_display_name": dag.dag_display_name} for tag in sorted(dag.tags)
        ],
        "max_active_tasks": dag.max_active_tasks,
        "max_active_runs": dag.max_active_runs,
        "max_consecutive_failed_dag_runs": dag.max_consecutive_failed_dag_runs,
        "has_task_concurrency_limits": dag.has_task_concurrency_limits,
        "has_import_errors": dag.has_import_errors,
        "next_dagrun_logical_date": None if dag.is_partitioned else dag.next_dagrun,
        "next_dagrun_data_interval_start": None if dag.is_partitioned else dag.next_dagrun_data_interval_start,
        "next_dagrun_data_interval_end": None if dag.is_partitioned else dag.next_dagrun_data_interval_end,
        "next_dagrun_run_after": dag.next_dagrun_create_after,
        "allowed_run_types": details.get("allowed_run_types"),
        "owners": list(dag.owners),
        "is_backfillable": details.get("is_backfillable", timed),
        "file_token": dag.file_token,
    }


def details_view(call: Call, dag: Dag) -> dict[str, Any]:
    """A DAG with all that its file declares."""
    version = latest_version(call.airflow, dag.dag_id)
    runs = call.airflow.dag_runs.group("dag_id", dag.dag_id).values()
    return {
        **dag_view(call, dag),
        "catchup": dag.catchup,
        "dag_run_timeout": duration_text(dag.dag_run_timeout) if dag.dag_run_timeout is not None else None,
        "asset_expression": expression(call, dag.schedule.assets),
        "doc_md": dag.doc_md,
        "start_date": dag.start_date,
        "end_date": dag.end_date,
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "params": {name: param_view(param) for name, param in dag.params.items()},
        "render_template_as_native_obj": dag.render_template_as_native_obj,
        "template_search_path": list(dag.template_searchpath) if dag.template_searchpath is not None else None,
        "timezone": dag.timezone,
        "last_parsed": call.airflow.now(),
        "default_args": dag.default_args,
        "rerun_with_latest_version": dag.details.get("rerun_with_latest_version"),
        "owner_links": dag.details.get("owner_links") or {},
        "is_favorite": (call.principal.name, dag.dag_id) in call.airflow.favorites,
        "active_runs_count": sum(run.state in UNFINISHED_RUN for run in runs),
        "concurrency": dag.max_active_tasks,
        "latest_dag_version": version_view(call, version) if version is not None else None,
    }


def param_view(param: Any) -> dict[str, Any]:
    """A param without the name of its class."""
    return {name: param.get(name) for name in ("value", "schema", "description", "source")}


def expression(call: Call, told: Any) -> Any:
    """A condition over assets as Airflow 3 tells it."""
    if told is None:
        return None
    if isinstance(told, str):
        asset = call.airflow.assets.lookup("uri", told)
        name = getattr(asset, "name", None) or told
        return {
            "asset": {
                "uri": told,
                "name": name,
                "group": getattr(asset, "group", None) or "asset",
                "id": asset.id if asset is not None else None,
            }
        }
    if "alias" in told:
        return {"alias": {"name": told["alias"], "group": "asset"}}
    return {word: [expression(call, each) for each in parts] for word, parts in told.items()}
