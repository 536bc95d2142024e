"""What a task looks like with every attribute of Airflow's operator object printed (observed).

What a DAG file says of an operator of its own kind is not known here: commands and arguments are read back from what
the task's last instance was given, with the run's id and dates turned back into their templates (assumed).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from typing import Any

from mock_airflow.domain import dags
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Dag, RunKey, Task, TaskInstance, TaskInstanceKey
from mock_airflow.domain.xcoms import RETURN_VALUE

_RUNS_LOOKED_AT = 20
# The attributes that every operator has, at the value of an operator that was not told otherwise.
_UNTOLD: dict[str, Any] = {
    "allow_nested_operators": True,
    "do_xcom_push": True,
    "email_on_failure": True,
    "email_on_retry": True,
    "executor_config": {},
    "ignore_first_depends_on_past": True,
    "inlets": [],
    "multiple_outputs": False,
    "start_from_trigger": False,
    "wait_for_past_depends_before_skipping": False,
    **dict.fromkeys(
        "doc doc_json doc_rst doc_yaml email executor map_index_template max_active_tis_per_dag "
        "max_active_tis_per_dagrun max_retry_delay on_execute_callback on_failure_callback on_retry_callback "
        "on_skipped_callback on_success_callback resources run_as_user sla start_trigger_args".split()
    ),
}
_TOLD = (
    "depends_on_past doc_md end_date execution_timeout owner pool pool_slots priority_weight queue retries retry_delay "
    "retry_exponential_backoff start_date task_id trigger_rule ui_color ui_fgcolor wait_for_downstream"
).split()
# How Airflow's own operators show their templated fields, and which files they take templates from.
_RENDERERS = {
    "templates_dict": "json",
    "op_args": "py",
    "op_kwargs": "py",
    "bash_command": "bash",
    "env": "json",
    "conf": "py",
    "sql": "sql",
}
_EXTENSIONS = {"bash_command": [".sh", ".bash"], "sql": [".sql", ".json"]}
_EMPTY: dict[str, Any] = {"op_args": [], "op_kwargs": {}}


class _Printed:
    """An object of Airflow's in a list or a dictionary, of which only the looks are known."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def task_attributes(airflow: Airflow, dag: Dag, task: Task) -> dict[str, str]:
    """The attributes by name, each as Python prints it. A mapped task's object has hardly any (observed)."""
    upstream = dags.upstream_of(dag)[task.task_id]
    decorated = task.operator_name.startswith("@")
    ti = _last_given(airflow, dag.dag_id, task.task_id)
    if task.is_mapped:
        values: dict[str, Any] = dict.fromkeys(task.template_fields)
        if decorated:
            expanded = _expanded(airflow, dag, upstream, ti)
            values["op_kwargs_expand_input"] = f"DictOfListsExpandInput(value={expanded!r})"
    else:
        values = {
            **_UNTOLD,
            **{name: getattr(task, name) for name in _TOLD},
            **_templated(airflow, dag, task, ti, upstream if decorated else ()),
            "downstream_task_ids": _set(task.downstream_task_ids),
            "operator_extra_links": [_Printed(f"{link['class_name']}()") for link in task.extra_links] or (),
            "outlets": [_dataset(airflow, uri) for uri in task.outlets],
            "params": {name: param.get("value") for name, param in task.params.items()},
            "task_group": _object(task, "airflow.utils.task_group.TaskGroup"),
            "template_ext": [end for name in task.template_fields for end in _EXTENSIONS.get(name, ())],
            "template_fields": list(task.template_fields),
            "template_fields_renderers": {
                name: _RENDERERS[name] for name in task.template_fields if name in _RENDERERS
            },
            "upstream_task_ids": _set(upstream),
            "weight_rule": _object(
                task, f"airflow.task.priority_strategy._{task.weight_rule.capitalize()}PriorityWeightStrategy"
            ),
        }
    return {name: str(value) for name, value in values.items()}


def _last_given(airflow: Airflow, dag_id: str, task_id: str) -> TaskInstance | None:
    """The last instance of the task that was given values for its templated fields."""
    for run in islice(reversed(list(airflow.dag_runs.group("dag_id", dag_id).values())), _RUNS_LOOKED_AT):
        for ti in airflow.task_instances.group("run", run.key).values():
            if ti.task_id == task_id and ti.rendered_fields:
                return ti
    return None


def _templated(
    airflow: Airflow, dag: Dag, task: Task, ti: TaskInstance | None, upstream: Iterable[str]
) -> dict[str, Any]:
    """The templated fields; an argument that is what an upstream task returned is printed as that task's."""
    if ti is None:
        return {name: _EMPTY.get(name) for name in task.template_fields}
    given = {name: _untemplated(ti.rendered_fields.get(name, _EMPTY.get(name)), ti) for name in task.template_fields}
    run = RunKey(ti.dag_id, ti.run_id)
    if given.get("op_args"):
        given["op_args"] = tuple(_source(airflow, dag, run, upstream, value) for value in ti.rendered_fields["op_args"])
    if given.get("op_kwargs"):
        kwargs = ti.rendered_fields["op_kwargs"]
        given["op_kwargs"] = {name: _source(airflow, dag, run, upstream, value) for name, value in kwargs.items()}
    return given


def _source(airflow: Airflow, dag: Dag, run: RunKey, upstream: Iterable[str], value: Any, *, part: bool = False) -> Any:
    """The upstream task that returned the value, or with ``part`` a list with it; else the value itself."""
    for task_id in upstream:
        xcom = airflow.xcoms.get((TaskInstanceKey(*run, task_id), RETURN_VALUE))
        if xcom is not None and (value in xcom.value if part and isinstance(xcom.value, list) else value == xcom.value):
            return _Printed(f"XComArg(<Task({dag.tasks[task_id].class_name}): {task_id}>)")
    return value


def _expanded(airflow: Airflow, dag: Dag, upstream: Iterable[str], ti: TaskInstance | None) -> dict[str, Any]:
    """The arguments that a mapped task is expanded over."""
    if ti is None:
        return {}
    run = RunKey(ti.dag_id, ti.run_id)
    kwargs = ti.rendered_fields.get("op_kwargs") or {}
    return {name: _source(airflow, dag, run, upstream, value, part=True) for name, value in kwargs.items()}


def _untemplated(value: Any, ti: TaskInstance) -> Any:
    if isinstance(value, str):
        for name, text in (
            ("run_id", ti.run_id),
            ("ts", ti.logical_date.isoformat()),
            ("ds", f"{ti.logical_date:%Y-%m-%d}"),
        ):
            value = value.replace(text, f"{{{{ {name} }}}}")
        return value
    if isinstance(value, list):
        return [_untemplated(item, ti) for item in value]
    if isinstance(value, dict):
        return {name: _untemplated(item, ti) for name, item in value.items()}
    return value


def _set(names: Iterable[str]) -> str:
    """A set as Python prints it, in an order that is always the same."""
    return "{" + ", ".join(map(repr, sorted(names))) + "}" if names else "set()"


def _dataset(airflow: Airflow, uri: str) -> _Printed:
    dataset = airflow.assets.lookup("uri", uri)
    return _Printed(f"Dataset(uri={uri!r}, extra={(dataset.extra or None) if dataset else None!r})")


def _object(task: Task, kind: str) -> str:
    """An object that prints as its kind and an address: any believable one that is always the same."""
    digest = hashlib.sha256(f"{kind}/{task.task_id}".encode()).digest()
    return f"<{kind} object at 0x7f{digest[:5].hex()}>"
