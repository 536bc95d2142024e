"""A DAG that a file declared, in the API's own field names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.dag_files.parsing import reporting_3
from mock_airflow.dag_files.parsing.standin.dags.params import NOTSET, Param
from mock_airflow.dag_files.parsing.standin.dags.timetables import (
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DatasetOrTimeSchedule,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.moments import convert_to_utc, zone_name
from mock_airflow.dag_files.parsing.standin.plugins import links_of
from mock_airflow.dag_files.parsing.standin.tasks.groups import MappedTaskGroup, TaskGroup
from mock_airflow.dag_files.parsing.standin.tasks.mapping import MappedOperator

_RELATIVE = (
    *("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds"),
    *("year", "month", "day", "hour", "minute", "second", "microsecond"),
)


def dag_told(dag: Any) -> dict[str, Any]:
    """The DAG: ``details`` (and what the list of DAGs tells), ``tasks``, ``groups``, and what the API does not tell."""
    tasks = dag.tasks
    condition = dag.timetable.dataset_condition
    details = {
        "dag_id": dag.dag_id,
        "dag_display_name": dag.dag_display_name,
        "description": _text(dag.description),
        "default_view": dag.default_view,
        "has_task_concurrency_limits": any(
            task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None for task in tasks
        ),
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "max_consecutive_failed_dag_runs": dag.max_consecutive_failed_dag_runs,
        "owners": dag.owner.split(","),
        "schedule_interval": _schedule(dag.schedule_interval),
        "timetable_description": dag.timetable.description,
        "tags": list(dict.fromkeys(str(tag) for tag in dag.tags)),
        "catchup": bool(dag.catchup),
        "dag_run_timeout": _period(dag.dagrun_timeout),
        "dataset_expression": condition.as_expression() if condition is not None else None,
        "doc_md": _text(dag.doc_md),
        "start_date": _moment(_date(dag, "start_date")),
        "end_date": _moment(_date(dag, "end_date")),
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "orientation": dag.orientation,
        "params": _params(dag.params),
        "render_template_as_native_obj": bool(dag.render_template_as_native_obj),
        "template_searchpath": None,  # which Airflow does not store (observed)
        "timezone": zone_name(getattr(dag.timetable, "timezone", None) or dag.timezone),
    }
    if Installed.major > 2:
        details |= reporting_3.details(dag)
    return {
        "details": details,
        "tasks": [_task(task) for task in tasks],
        "groups": _group(dag.task_group),
        "edge_labels": dag.edge_info,
        "setup": [task.task_id for task in tasks if task.is_setup],
        "teardown": [task.task_id for task in tasks if task.is_teardown],
        "unseen": {task.task_id: seen for task in tasks if (seen := _unseen(task))},
        "plan": {task.task_id: plan for task in tasks if (plan := _plan(task))},
        "timetable": _timetable(dag.timetable),
        "consumes": [[uri, _plain(each.extra)] for uri, each in condition.iter_datasets()] if condition else [],
        "produces": [
            [task.task_id, uri, _plain(each.extra)] for task in tasks for uri, each in _datasets(task.outlets)
        ],
        "pools": list(dict.fromkeys(task.pool for task in tasks)),
        "assets": reporting_3.assets(dag) if Installed.major > 2 else [],
    }


def _date(dag: Any, name: str) -> Any:
    """A DAG's own date; in Airflow 3 that of its default_args too, which in Airflow 2 is only its tasks' (observed)."""
    own = getattr(dag, name)
    return dag.default_args.get(name) if own is None and Installed.major > 2 else own


def _datasets(outlets: Any) -> Iterator[tuple[str, Any]]:
    for each in outlets:
        if hasattr(each, "iter_datasets"):
            yield from each.iter_datasets()


def _unseen(task: Any) -> dict[str, Any]:
    """What the API does not tell of a task, but what its runs show; only what is not as usual."""
    over, group = _mapped_over(task)
    aliases = [
        name for out in task.outlets if hasattr(out, "iter_dataset_aliases") for name, _ in out.iter_dataset_aliases()
    ]
    told = {
        "is_setup": task.is_setup,
        "is_teardown": task.is_teardown,
        "on_failure_fail_dagrun": bool(task.on_failure_fail_dagrun),
        "returns_dag_result": Installed.major > 2 and task.returns_dag_result,
        "outlet_aliases": aliases,
        "max_retry_delay": _period(task.max_retry_delay),
        "max_active_tis_per_dag": task.max_active_tis_per_dag,
        "max_active_tis_per_dagrun": task.max_active_tis_per_dagrun,
        "expands_over": over.comes_from() if over is not None and over.length() is None else None,
        "mapped_group": group.group_id if group is not None else None,
        "asks": reporting_3.asks(task) if Installed.major > 2 else None,
    }
    return {name: value for name, value in told.items() if value}


def _mapped_over(task: Any) -> tuple[Any, Any]:
    """What makes there be several instances of a task, and the mapped group that it is in."""
    if isinstance(task, MappedOperator):
        return task.expand_input, None
    group = task.task_group
    while group is not None and not isinstance(group, MappedTaskGroup):
        group = group.task_group
    return (None, None) if group is None else (group._expand_input, group)


def _plan(task: Any) -> dict[str, Any]:
    """How the task's runs go, as far as the file tells."""
    over, _ = _mapped_over(task)
    if over is not None and (length := over.length()) is not None:
        return {"length": length}
    dag_id = getattr(task, "trigger_dag_id", None)
    starts = any(type(link).__name__ == "TriggerDagRunLink" for link in task.operator_extra_links)
    return {"triggers": dag_id} if starts and isinstance(dag_id, str) and "{{" not in dag_id else {}


def _timetable(timetable: Any) -> dict[str, Any] | None:
    """A schedule of moments, which the API tells no different from one of intervals; None for any other."""
    if isinstance(timetable, EventsTimetable):
        return {"events": [moment.isoformat() for moment in timetable.event_dates]} if timetable.event_dates else None
    times = timetable.timetable if isinstance(timetable, DatasetOrTimeSchedule) else timetable
    told: dict[str, Any] = {}
    if isinstance(times, (CronTriggerTimetable, MultipleCronTriggerTimetable)) and isinstance(
        times.interval, timedelta
    ):
        told = {"cron": times.summary, "span": times.interval.total_seconds()}
    elif isinstance(times, CronDataIntervalTimetable) and Installed.major > 2:
        told = {"cron": times.summary, "intervals": True}
    elif times is not timetable and isinstance(times, CronDataIntervalTimetable):
        told = {"cron": times.summary}
    elif isinstance(times, DeltaTriggerTimetable) and isinstance(times.delta, timedelta):
        told = {"period": times.delta.total_seconds()}
        told |= {"span": times.interval.total_seconds()} if isinstance(times.interval, timedelta) else {}
    elif isinstance(times, DeltaDataIntervalTimetable) and isinstance(times.delta, timedelta) and Installed.major > 2:
        told = {"period": times.delta.total_seconds(), "intervals": True}
    if told and times is not timetable:
        told["datasets"] = timetable.dataset_condition.as_expression()
    return told or None


def _task(task: Any) -> dict[str, Any]:
    mapped = isinstance(task, MappedOperator)
    kind = task.operator_class if mapped else type(task)
    links = task.operator_extra_links if mapped else links_of(kind, task.operator_extra_links)
    return {
        "task_id": task.task_id,
        "task_display_name": task.task_display_name,
        "class_ref": {"module_path": kind.__module__, "class_name": kind.__name__},
        "operator_name": task.operator_name,
        "owner": _text(task.owner),
        "start_date": _moment(task.start_date),
        "end_date": _moment(task.end_date),
        "trigger_rule": str(task.trigger_rule),
        "extra_links": [{"class_name": type(link).__name__, "module_path": type(link).__module__} for link in links],
        "depends_on_past": bool(task.depends_on_past),
        "is_mapped": isinstance(task, MappedOperator),
        "wait_for_downstream": bool(task.wait_for_downstream),
        "retries": task.retries,
        "queue": _text(task.queue),
        "pool": _text(task.pool),
        "pool_slots": task.pool_slots,
        "execution_timeout": _period(task.execution_timeout),
        "retry_delay": _period(task.retry_delay),
        "retry_exponential_backoff": bool(task.retry_exponential_backoff),
        "priority_weight": task.priority_weight,
        "weight_rule": task.weight_rule,
        "ui_color": _text(task.ui_color),
        "ui_fgcolor": _text(task.ui_fgcolor),
        "template_fields": [str(name) for name in task.template_fields],
        "downstream_task_ids": list(task.downstream_task_ids),
        "params": _params(task.params, task.dag.params if Installed.major > 2 and task.dag else None),
        "doc_md": _text(task.doc_md),
    }


def _group(group: TaskGroup) -> dict[str, Any]:
    return {
        "group_id": group.group_id,
        "prefix_group_id": group.prefix_group_id,
        "tooltip": group.tooltip,
        "is_mapped": isinstance(group, MappedTaskGroup),
        "children": [
            _group(child) if isinstance(child, TaskGroup) else child.node_id for child in group.children.values()
        ],
    }


def _params(params: Any, of_dag: Any = None) -> dict[str, Any]:
    """Params as the API tells them; with those of the DAG, where each comes from."""
    told = {}
    known = dict(of_dag.items()) if of_dag is not None else {}
    for name, param in params.items():
        if isinstance(param, Param):
            told[name] = {
                "__class": "airflow.models.param.Param",
                "value": None if param.value is NOTSET else _plain(param.value),
                "description": _text(param.description),
                "schema": _plain(param.schema),
            }
            if of_dag is not None:
                same = name in known and known[name].value == param.value and known[name].schema == param.schema
                told[name]["source"] = "dag" if same else "task"
    return told


def _schedule(schedule: Any) -> Any:
    if schedule is None:
        return None
    if isinstance(schedule, str):
        return {"__type": "CronExpression", "value": schedule}
    if isinstance(schedule, timedelta):
        return _period(schedule)
    return {"__type": "RelativeDelta", **{name: getattr(schedule, name) for name in _RELATIVE}}


def _period(value: Any) -> Any:
    if not isinstance(value, timedelta):
        return None
    return {"__type": "TimeDelta", "days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}


def _moment(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    """The value as JSON has it; what JSON cannot hold, as its text."""
    return json.loads(json.dumps(_keyed(value) if Installed.major > 2 else value, default=_as_text))


def _keyed(value: Any) -> Any:
    """The value with keys as Airflow 3 stores them: None is called so (observed)."""
    if isinstance(value, dict):
        return {str(key): _keyed(part) for key, part in value.items()}
    return [_keyed(part) for part in value] if isinstance(value, (list, tuple)) else value


def _as_text(value: Any) -> str:
    return str(convert_to_utc(value) if isinstance(value, datetime) else value)
