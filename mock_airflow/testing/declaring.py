"""The short forms in which a test declares a DAG or a dataset, and how they become what a world file would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.params import plain_param
from mock_airflow.domain.records.json_object import unstorable
from mock_airflow.domain.scheduler.schedules import schedule_of
from mock_airflow.errors import DagError, DatasetError, RunError, ScheduleError

Tasks: TypeAlias = Sequence[str | Mapping[str, Any]] | Mapping[str, Sequence[str]]
DagSchedule: TypeAlias = str | timedelta | Sequence[str] | Mapping[str, Any] | None

_PYTHON = {
    "operator_name": "PythonOperator",
    "class_ref": {"class_name": "PythonOperator", "module_path": "airflow.operators.python"},
    "template_fields": ["templates_dict", "op_args", "op_kwargs"],
    "ui_color": "#ffefeb",
}


def check_run(run_id: Any, conf: Any, note: Any) -> None:
    """See that an answer can tell of a run with this. Raises RunError."""
    for name, value in (("run id", run_id), ("note", note)):
        if value is not None and not isinstance(value, str):
            raise RunError(f"The {name} of a run is a text, not {value!r}.")
    if not isinstance(conf, (Mapping, type(None))):
        raise RunError(f"The conf of a run is a dict such as {{'day': 'monday'}}, not {conf!r}.")
    for name, value in (("conf", conf), ("note", note)):
        if (odd := unstorable(value)) is not None:
            raise RunError(f"The {name} of a run has {odd}, which JSON cannot hold; give what a client could send.")


def dag_entry(airflow: Airflow, dag_id: str, tasks: Tasks, schedule: DagSchedule, fields: Mapping[str, Any]) -> Any:
    """The DAG as an entry of a world file's ``dags``. Raises DagError."""
    if not dag_id:
        raise DagError("A DAG needs an id of at least one character.")
    if dag_id in airflow.dags:
        raise DagError(f"There already is a DAG {dag_id!r}; a DAG's id is unique, so choose another one.")
    entry: dict[str, Any] = {**fields, "dag_id": dag_id, "tasks": list(_tasks(dag_id, tasks))}
    if schedule is not None:
        entry["schedule"] = _schedule(dag_id, schedule)
    if "params" in entry:
        entry["params"] = {name: _param(value) for name, value in dict(entry["params"]).items()}
    return entry


def dataset_entry(airflow: Airflow, uri: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The dataset as an entry of a world file's ``datasets``. Raises DatasetError."""
    if not uri:
        raise DatasetError("A dataset needs a URI of at least one character.")
    if airflow.assets.lookup("uri", uri) is not None:
        raise DatasetError(f"There already is a dataset {uri!r}; a dataset's URI is unique, so choose another one.")
    return {**fields, "uri": uri}


def _tasks(dag_id: str, tasks: Any) -> Iterator[Any]:
    if isinstance(tasks, (str, bytes)) or not isinstance(tasks, (Sequence, Mapping)):
        raise DagError(
            f"The tasks of the DAG {dag_id!r} are a sequence such as ('extract', 'load'), or a mapping from each task "
            f"to those after it such as {{'extract': ['load']}}, not {tasks!r}."
        )
    if isinstance(tasks, Mapping):
        after: dict[str, list[str]] = {}
        for task_id, downstream in tasks.items():
            if isinstance(downstream, (str, bytes)) or not isinstance(downstream, Sequence):
                raise DagError(
                    f"What comes after the task {task_id!r} of the DAG {dag_id!r} is a list of task ids, such as "
                    f"[{str(downstream)!r}], not {downstream!r}."
                )
            after[task_id] = list(downstream)
        for named in [each for downstream in tasks.values() for each in downstream]:
            after.setdefault(named, [])  # the last ones need no line of their own
        for task_id, downstream in after.items():
            yield {**_PYTHON, "task_id": task_id, "downstream_task_ids": downstream}
        return
    for task in tasks:
        if isinstance(task, Mapping) and not {"operator_name", "class_ref"} & set(task):
            yield {**_PYTHON, **task}  # an EmptyOperator, the world file's default, would be done in no time
        else:
            yield task


def _schedule(dag_id: str, schedule: Any) -> Any:
    if isinstance(schedule, (str, timedelta)):
        try:
            schedule_of(schedule)
        except ScheduleError as problem:
            raise DagError(f"The schedule {schedule!r} of the DAG {dag_id!r} {problem.reason}.") from None
    if isinstance(schedule, timedelta):
        return schedule.total_seconds()
    return list(schedule) if isinstance(schedule, tuple) else schedule


def _param(value: Any) -> Any:
    """A param as Airflow answers it; a plain value stands for one without a schema."""
    return value if isinstance(value, Mapping) and "__class" in value else plain_param(value)
