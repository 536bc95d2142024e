"""A plausible DAG file for DAGs whose own file nobody gave: reading it as a DAG folder's gives the same DAGs again.

It has what rows tell of them. What they do not tell, such as a command or a function, is made up.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_airflow.domain.module_paths import in_airflow_3
from mock_airflow.domain.records import Dag, Schedule, Task

_IMPORTS = {  # by a word that stands in the text
    "datetime(": "from datetime import datetime, timezone",
    "timedelta(": "from datetime import timedelta",
    "relativedelta(": "from dateutil.relativedelta import relativedelta",
}
_IN_2 = {
    "DAG(": "from airflow import DAG",
    "Dataset(": "from airflow.datasets import Dataset",
    "DatasetAlias(": "from airflow.datasets import DatasetAlias",
    "@task": "from airflow.decorators import task",
}
_FROM_SDK = {"Asset(": "Asset", "AssetAlias(": "AssetAlias", "DAG(": "DAG", "@task": "task"}
_NEEDED = {  # arguments without which an operator cannot be made
    "PythonOperator": "python_callable=print",
    "BranchPythonOperator": "python_callable=print",
    "ShortCircuitOperator": "python_callable=print",
    "PythonSensor": "python_callable=bool",
    "BashOperator": "bash_command='echo {task_id}'",
    "BashSensor": "bash_command='true'",
    "FileSensor": "filepath='/data/{task_id}'",
    "DateTimeSensor": "target_time='2025-01-01T00:00:00+00:00'",
    "TimeDeltaSensor": "delta=timedelta(minutes=1)",
    "SQLExecuteQueryOperator": "sql='SELECT 1'",
    "TriggerDagRunOperator": "trigger_dag_id='{dag_id}'",
    "ExternalTaskSensor": "external_dag_id='{dag_id}'",
    "HITLOperator": "subject='{task_id}', options=['OK']",
    "HITLBranchOperator": "subject='{task_id}', options=['OK']",
    "HITLEntryOperator": "subject='{task_id}'",
    "ApprovalOperator": "subject='{task_id}'",
}
_TASK_ARGUMENTS = (
    "owner",
    "retries",
    "retry_delay",
    "retry_exponential_backoff",
    "execution_timeout",
    "trigger_rule",
    "depends_on_past",
    "wait_for_downstream",
    "pool",
    "pool_slots",
    "queue",
    "priority_weight",
    "weight_rule",
    "start_date",
    "end_date",
    "doc_md",
    "max_active_tis_per_dag",
)
_DAG_ARGUMENTS = (
    "description",
    "start_date",
    "end_date",
    "catchup",
    "max_active_runs",
    "max_active_tasks",
    "max_consecutive_failed_dag_runs",
    "default_view",
    "dag_run_timeout",
    "is_paused_upon_creation",
    "orientation",
    "render_template_as_native_obj",
    "doc_md",
)
_GONE_IN_3 = ("default_view", "orientation")
_CALLED = {"dag_run_timeout": "dagrun_timeout"}  # where DAG() has another name for it
_LONG_AGO = datetime(2021, 1, 1, tzinfo=timezone.utc)
_PLAIN_TASK = Task(task_id="", task_display_name="")
_PLAIN_DAG = Dag(dag_id="", dag_display_name="", fileloc="", file_token="")
Named = Callable[[str], str]  # the name of the asset at a URI


class _Words(NamedTuple):
    """The words of a generation; ``named`` tells an asset's name."""

    generation: int
    named: Named

    @property
    def usual(self) -> Dag:
        """A DAG whose file says nothing of itself."""
        return _PLAIN_DAG if self.generation == 2 else replace(_PLAIN_DAG, catchup=False)

    def imports(self, body: str) -> set[str]:
        """What a text needs of Airflow itself."""

        def there(words: Mapping[str, str]) -> list[str]:
            return [line for word, line in words.items() if re.search(rf"(?<!\w){re.escape(word)}", body)]

        from_airflow = (
            there(_IN_2) if self.generation == 2 else [f"from airflow.sdk import {', '.join(there(_FROM_SDK))}"]
        )
        return {*there(_IMPORTS), *from_airflow}

    def class_of(self, task: Task) -> str:
        """The import of an operator's class."""
        module = task.module_path if self.generation == 2 else in_airflow_3(task.module_path)
        return f"from {module} import {task.class_name}"

    def asset(self, uri: str) -> str:
        """An asset, which is a dataset in Airflow 2."""
        if self.generation == 2:
            return f"Dataset({uri!r})"
        name = self.named(uri)
        return f"Asset({uri!r})" if name == uri else f"Asset(name={name!r}, uri={uri!r})"

    def alias(self, name: str) -> str:
        """An alias."""
        return f"{'Dataset' if self.generation == 2 else 'Asset'}Alias({name!r})"


def source_text(dags: Iterable[Dag], generation: int = 2, named: Named = str) -> str:
    """The text of one file that declares these DAGs, as Airflow of that generation reads it."""
    words = _Words(generation, named)
    dags = sorted(dags, key=lambda dag: dag.dag_id)
    body = "\n\n".join("\n".join(_dag(dag, words)) for dag in dags)
    imports = words.imports(body)
    for dag in dags:
        imports |= {words.class_of(task) for task in dag.tasks.values() if _is_plain(task)}
    ours = sorted(line for line in imports if line.startswith("from date"))
    airflows = sorted(imports.difference(ours))
    head = "\n\n".join("\n".join(lines) for lines in (ours, airflows) if lines)
    return f"{head}\n\n{body}\n"


def _dag(dag: Dag, words: _Words) -> Iterator[str]:
    yield "with DAG("
    yield f"    dag_id={dag.dag_id!r},"
    yield f"    schedule={_schedule(dag.schedule, words)},"
    if dag.dag_display_name != dag.dag_id:
        yield f"    dag_display_name={dag.dag_display_name!r},"
    for name, value in _told(dag, words.usual, _DAG_ARGUMENTS):
        if words.generation == 2 or name not in _GONE_IN_3:
            yield f"    {_CALLED.get(name, name)}={value},"
    if dag.start_date is None and dag.schedule.kind != "none":  # without one, a DAG with a schedule cannot be made
        yield f"    start_date={_text(_LONG_AGO)},"
    if dag.tags:
        yield f"    tags={list(dag.tags)!r},"
    params = {name: param.get("value") if isinstance(param, dict) else param for name, param in dag.params.items()}
    if params:
        yield f"    params={params!r},"
    yield "):" if dag.tasks else "):\n    pass"
    names = _names(dag)
    for task in dag.tasks.values():
        yield from _task(dag, task, names[task.task_id], words)
    for task in dag.tasks.values():
        after = [names[task_id] for task_id in task.downstream_task_ids if task_id in names]
        if after:
            yield f"    {names[task.task_id]} >> {after[0] if len(after) == 1 else '[' + ', '.join(after) + ']'}"


def _is_plain(task: Task) -> bool:
    """Whether the task is an operator's object, and not made of a function by a decorator."""
    return not task.operator_name.startswith("@") and not task.class_name.startswith("_")


def _task(dag: Dag, task: Task, name: str, words: _Words) -> Iterator[str]:
    arguments = [f"task_id={task.task_id!r}"]
    if task.task_display_name != task.task_id:
        arguments.append(f"task_display_name={task.task_display_name!r}")
    arguments += [f"{each}={value}" for each, value in _told(task, _PLAIN_TASK, _TASK_ARGUMENTS)]
    if task.outlets:
        arguments.append(f"outlets=[{', '.join(map(words.asset, task.outlets))}]")
    if not _is_plain(task):
        decorator = task.operator_name if re.fullmatch(r"@task(\.\w+)?", task.operator_name) else "@task"
        item = "item" if task.is_mapped else ""
        yield f"\n    {decorator}({', '.join(arguments)})"
        yield f"    def run_{name}({item}):"
        yield f"        return {item or repr(task.task_id)}\n"
        yield f"    {name} = run_{name}.expand(item=[1, 2, 3])" if item else f"    {name} = run_{name}()"
        return
    needed = _NEEDED.get(task.class_name)
    if needed is not None:
        arguments.append(needed.format(task_id=task.task_id.replace("'", ""), dag_id=dag.dag_id.replace("'", "")))
    made = f"{task.class_name}.partial" if task.is_mapped else task.class_name
    mapped = ".expand(params=[{'item': 1}, {'item': 2}])" if task.is_mapped else ""
    yield f"    {name} = {made}({', '.join(arguments)}){mapped}"


def _told(row: Dag | Task, plain: Dag | Task, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The fields that say something else than they would anyhow, as Python texts."""
    for name in names:
        value = getattr(row, name)
        if value != getattr(plain, name):
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.replace(microsecond=0)
        return f"datetime({', '.join(map(str, moment.timetuple()[:6]))}, tzinfo=timezone.utc)"
    if isinstance(value, timedelta):
        return f"timedelta(seconds={value.total_seconds():g})"
    return repr(value)


def _schedule(schedule: Schedule, words: _Words) -> str:
    if schedule.assets is not None:
        return _condition(schedule.assets, words, outermost=True)
    if schedule.delta is not None:
        return _text(schedule.delta)
    if schedule.relative is not None:
        return f"relativedelta({', '.join(f'{name}={value!r}' for name, value in schedule.relative.items())})"
    if schedule.kind in ("once", "continuous"):
        return repr(f"@{schedule.kind}")
    return repr(schedule.value) if schedule.kind == "cron" else "None"


def _condition(condition: Any, words: _Words, *, outermost: bool = False) -> str:
    if isinstance(condition, str):
        return words.asset(condition)
    if "alias" in condition:
        alias = condition["alias"]
        return words.alias(alias["name"] if isinstance(alias, dict) else alias)
    sign, parts = (" | ", condition["any"]) if "any" in condition else (" & ", condition.get("all", ()))
    texts = [_condition(part, words) for part in parts]
    if outermost and sign == " & ":
        return f"[{', '.join(texts)}]"
    return f"({sign.join(texts)})"


def _names(dag: Dag) -> dict[str, str]:
    """A variable's name for each task."""
    names: dict[str, str] = {}
    for task_id in dag.tasks:
        name = re.sub(r"\W", "_", task_id, flags=re.ASCII)
        if not name.isidentifier() or keyword.iskeyword(name) or name in ("DAG", "task"):
            name = f"task_{name}"
        while name in names.values():
            name += "_"
        names[task_id] = name
    return names
