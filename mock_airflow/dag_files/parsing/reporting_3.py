"""What an Airflow 3 tells besides of a DAG that a file declared, in the API's own field names."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.dag_files.parsing import partitions
from mock_airflow.dag_files.parsing.standin.dags.timetables import DatasetOrTimeSchedule
from mock_airflow.dag_files.parsing.standin.moments import convert_to_utc
from mock_airflow.dag_files.parsing.standin.tasks.mapping import MappedOperator

_ASKS = (
    *("subject", "body", "options", "multiple", "options_mapping"),
    *("fail_on_reject", "ignore_downstream_trigger_rules"),
)
_QUESTIONS = ("HITLOperator", "ApprovalOperator", "HITLBranchOperator", "HITLEntryOperator")


def details(dag: Any) -> dict[str, Any]:
    """The fields of the DAG that only Airflow 3 has, and those that it words otherwise."""
    timetable = dag.timetable
    times = timetable.timetable if isinstance(timetable, DatasetOrTimeSchedule) else timetable
    periodic = bool(times.periodic)
    return {
        **partitions.told(timetable),
        "default_args": {name: _value(value) for name, value in dag.default_args.items()},
        "owner_links": dict(dag.owner_links or {}),
        "timetable_partitioned": bool(getattr(timetable, "partitioned", False)),
        "timetable_periodic": periodic,
        "is_backfillable": periodic and _may_be_backfilled(dag),
        "allowed_run_types": [str(getattr(one, "value", one)) for one in dag.allowed_run_types or ()] or None,
        "rerun_with_latest_version": dag.rerun_with_latest_version,
        "fail_fast": dag.fail_stop,
        "doc_md": inspect.cleandoc(str(dag.doc_md)) if dag.doc_md is not None else None,
        "timetable_description": timetable.description.replace("datasets", "assets"),
    }


def _may_be_backfilled(dag: Any) -> bool:
    types = [str(getattr(one, "value", one)) for one in dag.allowed_run_types or ()]
    return not types or "backfill" in types


def assets(dag: Any) -> list[dict[str, Any]]:
    """Every asset and alias that the DAG names, and what it is to the DAG: ``consumes``, ``produces`` or ``reads``."""
    found: list[dict[str, Any]] = []

    def note(role: str, task_id: str | None, each: Any) -> None:
        for uri, one in each.iter_datasets() if hasattr(each, "iter_datasets") else ():
            named = {"uri": uri, "name": one.name, "group": one.group, "extra": _value(one.extra)}
            watchers = [str(watcher.name) for watcher in getattr(one, "watchers", ())]
            named |= {"watchers": watchers} if watchers else {}
            if type(each).__name__ != "AssetRef":
                found.append({**named, "role": role, "task_id": task_id})
        for name, alias in each.iter_dataset_aliases() if hasattr(each, "iter_dataset_aliases") else ():
            found.append({"alias": name, "group": alias.group or "asset", "role": role, "task_id": task_id})

    if dag.timetable.dataset_condition is not None:
        note("consumes", None, dag.timetable.dataset_condition)
    for task in dag.tasks:
        for role, several in (("reads", task.inlets), ("produces", task.outlets)):
            for each in several if isinstance(several, (list, tuple)) else [several]:
                note(role, task.task_id, each)
    return found


def asks(task: Any) -> dict[str, Any] | None:
    """What the task asks people for; None where it asks nothing."""
    kind = task.operator_class if isinstance(task, MappedOperator) else type(task)
    if not any(each.__name__ in _QUESTIONS for each in kind.__mro__):
        return None
    if isinstance(task, MappedOperator):
        told = _question(dict(task.partial_kwargs))
        items = list(_items(task.expand_input.value))
        return {**told, "items": items} if items else told
    return _question(vars(task))


def _question(given: dict[str, Any]) -> dict[str, Any]:
    told = {name: _value(given[name]) for name in _ASKS if given.get(name)}
    defaults = given.get("defaults")
    if defaults is not None:
        told["defaults"] = [defaults] if isinstance(defaults, str) else list(defaults)
    limit = given.get("response_timeout") or given.get("execution_timeout")
    if isinstance(limit, timedelta):
        told["response_timeout"] = limit.total_seconds()
    users = given.get("assigned_users")
    if users:
        told["assigned_users"] = [dict(one) for one in (users if isinstance(users, (list, tuple)) else [users])]
    own = given.get("params") or {}
    told["params"] = {name: _param(param) for name, param in own.items()}
    return told


def _items(over: Any) -> Iterator[dict[str, Any]]:
    """The questions of a task that is mapped over one written list."""
    if isinstance(over, dict) and len(over) == 1:
        ((name, values),) = over.items()
        if isinstance(values, (list, tuple)):
            yield from ({name: _value(value)} for value in values)


def _param(param: Any) -> dict[str, Any]:
    value, schema = getattr(param, "value", param), getattr(param, "schema", {})
    return {"value": _value(value), "schema": _value(schema), "description": getattr(param, "description", None)}


def _value(value: Any) -> Any:
    """A value as the API tells those of ``default_args``."""
    if isinstance(value, dict):
        return {str(name): _value(part) for name, part in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_value(part) for part in value]
    if isinstance(value, timedelta):
        return _iso(value)
    if isinstance(value, datetime):
        return convert_to_utc(value).isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _iso(span: timedelta) -> str:
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{number}{sign}" for number, sign in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    days = f"{span.days}D" if span.days else ""
    return f"P{days}T{clock}" if clock else f"P{days}" if days else "PT0S"
