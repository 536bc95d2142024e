"""DAGs of a world file: what the list answers, what details add, and their tasks.

The three sections are read in the order tasks, dag_details, dags, and each may stand alone. Airflow answers tasks
sorted by id; the order in which they were declared, which is that of a new run's task instances, is taken from the runs
that the world has, and else is by dependency.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.domain import asset_references, dag_versions, dags
from mock_airflow.domain.file_tokens import file_token
from mock_airflow.domain.params import plain_param
from mock_airflow.domain.records import TIMED, Dag, Schedule, Task
from mock_airflow.domain.scheduler import scheduled_runs
from mock_airflow.domain.scheduler.schedules import condition_of
from mock_airflow.domain.schedules.cron import zone_of
from mock_airflow.domain.schedules.descriptions import cron_in_words
from mock_airflow.world.entry import WorldEntry, attempt, check_characters, check_key, complain, nearest
from mock_airflow.world.fields import changed, record
from mock_airflow.world.sections import airflow_3
from mock_airflow.world.sections.schedules import as_planned, conducted, read_schedule
from mock_airflow.world.sections.transaction import Draft, by_dag, entries, section

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment


@section("tasks")
def _tasks(draft: Draft, content: Any, place: str) -> None:
    for dag_id, value, where in by_dag(content, place):
        if not isinstance(value, list):
            complain(where, "the tasks of a DAG are a list.")
        tasks = tasks_of(value, where)
        draft.put("dags", replace(_dag_or_new(draft, dag_id, where), tasks=tasks))


def tasks_of(items: list[Any], place: str) -> dict[str, Task]:
    """Tasks by id. Texts make a chain, each task after the one before it; objects say their own dependencies."""
    tasks: dict[str, Task] = {}
    for index, item in enumerate(items):
        where = f"{place}[{index}]"
        if isinstance(item, str):
            check_characters(item, where)
        task = _short_task(item, items, index) if isinstance(item, str) else _task(WorldEntry(item, where))
        check_key(task.task_id, where)
        if task.task_id in tasks:
            complain(where, f"there are two tasks {task.task_id!r}; a DAG's task ids are unique.")
        tasks[task.task_id] = task
    for task in tasks.values():
        for downstream in task.downstream_task_ids:
            if downstream not in tasks:
                complain(
                    place,
                    f"the task {task.task_id!r} has {downstream!r} downstream, which the DAG does not have."
                    f"{nearest(downstream, tasks)}",
                )
    return in_order(tasks, place)


def _short_task(task_id: str, items: list[Any], index: int) -> Task:
    after = items[index + 1] if index + 1 < len(items) else None
    following = after.get("task_id") if isinstance(after, dict) else after
    return Task(
        task_id=task_id,
        task_display_name=task_id,
        operator_name="PythonOperator",
        class_name="PythonOperator",
        module_path="airflow.operators.python",
        template_fields=("templates_dict", "op_args", "op_kwargs"),
        ui_color="#ffefeb",
        downstream_task_ids=(following,) if isinstance(following, str) else (),
    )


def _task(entry: WorldEntry) -> Task:
    task_id = entry.text("task_id")
    class_ref = entry.child("class_ref") if entry.has("class_ref") else WorldEntry({}, f"{entry.place}.class_ref")
    operator = entry.text("operator_name", None)
    class_name = class_ref.text("class_name", operator or "EmptyOperator")
    module = class_ref.text("module_path", "airflow.operators.empty")
    class_ref.done()
    entry.ignore("class_ref", "sub_dag", "executor")
    usual_rule = "all_done_setup_success" if entry.flag("is_teardown", False) else "all_success"
    task = record(
        entry,
        Task,
        {"task_display_name": task_id, "trigger_rule": usual_rule},
        task_id=task_id,
        operator_name=operator or class_name,
        class_name=class_name,
        module_path=module,
        retry_exponential_backoff=bool(entry.any("retry_exponential_backoff", False)),
        params=_params(entry, {}),
        expands_over=_factors(entry),
    )
    entry.done()
    return task


def _factors(entry: WorldEntry) -> tuple[str | int, ...]:
    """What multiplies to the number of a mapped task's instances: task ids and whole numbers, or one of them."""
    value = entry.any("expands_over")
    factors = value if isinstance(value, list) else [] if value is None else [value]
    for one in factors:
        if isinstance(one, bool) or not isinstance(one, (str, int)):
            complain(f"{entry.place}.expands_over", "a task id is expected, or a list of task ids and lengths.")
    return tuple(factors)


def in_order(tasks: dict[str, Task], place: str) -> dict[str, Task]:
    """The tasks with each before all that depend on it, otherwise as they stood. A cycle is refused."""
    waits = dict.fromkeys(tasks, 0)
    for task in tasks.values():
        for downstream in task.downstream_task_ids:
            waits[downstream] += 1
    ordered: dict[str, Task] = {}
    while len(ordered) < len(tasks):
        free = next((one for one in tasks if one not in ordered and waits[one] == 0), None)
        if free is None:
            rest = ", ".join(repr(one) for one in tasks if one not in ordered)
            complain(place, f"the tasks {rest} depend on each other in a circle.")
        ordered[free] = tasks[free]
        for downstream in tasks[free].downstream_task_ids:
            waits[downstream] -= 1
    return ordered


def _dag_or_new(draft: Draft, dag_id: str, place: str) -> Dag:
    known: Dag | None = draft.get("dags", dag_id)
    if known is not None:
        return known
    check_key(dag_id, place)
    fileloc = f"/opt/airflow/dags/{dag_id}.py"
    return Dag(
        dag_id=dag_id,
        dag_display_name=dag_id,
        fileloc=fileloc,
        file_token=file_token(fileloc),
        catchup=draft.airflow.conduct.catchup,
    )


def _fields(entry: WorldEntry, dag: Dag) -> Dag:
    """The DAG with what an entry says of it: the list of DAGs, details, or both."""
    fileloc = entry.text("fileloc", dag.fileloc)
    tags = []
    for index, tag in enumerate(entry.array("tags", None) or ()):
        tags.append(tag if isinstance(tag, str) else WorldEntry(tag, f"{entry.place}.tags[{index}]").text("name"))
    dag = _waiting(entry, dag)
    schedule = read_schedule(entry, dag.schedule)
    entry.ignore("dag_id", "concurrency")
    dag = airflow_3.list_fields(entry, dag)
    return as_planned(
        changed(
            entry,
            dag,
            dag_id=dag.dag_id,
            tasks=dag.tasks,
            fileloc=fileloc,
            file_token=entry.text("file_token", None) or file_token(fileloc),
            schedule=schedule,
            timetable_description=entry.text("timetable_description", None) or _described(entry, schedule, dag),
            owners=dag.owners,
            tags=tuple(tags) or dag.tags,
            concurrency=dag.concurrency,
            params=_params(entry, dag.params),
            timezone=_zone(entry, dag.timezone),
            default_timezone=dag.default_timezone,
            details=dag.details,
        ),
        by_airflow_3="timetable_summary" in entry.value,
    )


_NEVER = "Never, external triggers only"


def _described(entry: WorldEntry, schedule: Schedule, dag: Dag) -> str:
    if entry.has("timetable_description"):  # there may be no words for it
        return ""
    if schedule == dag.schedule:
        return dag.timetable_description
    if schedule.kind == "assets":
        return "Triggered by datasets"
    if schedule.kind == "cron":
        return cron_in_words(schedule.value)
    return {
        "once": "Once, as soon as possible",
        "continuous": "As frequently as possible, but only one run at a time",
    }.get(schedule.kind, "")


@section("dag_details")
def _dag_details(draft: Draft, content: Any, place: str) -> None:
    for dag_id, value, where in by_dag(content, place):
        entry = WorldEntry(value, where)
        entry.text("dag_id", dag_id)
        entry.ignore("owners")  # always empty in details
        dag = _fields(entry, _dag_or_new(draft, dag_id, where))
        draft.put("dags", replace(dag, default_timezone=dag.timezone))
        entry.done()
    _follow_schedules(draft, [dag_id for dag_id, _, _ in by_dag(content, place)])


def _waiting(entry: WorldEntry, dag: Dag) -> Dag:
    """The DAG with the condition over datasets that details tell."""
    expression = entry.any("dataset_expression") or airflow_3.condition(entry)
    if expression is None:
        return dag
    attempt(partial(condition_of, expression), f"{entry.place}.dataset_expression")
    if dag.schedule.kind in TIMED:
        return replace(dag, schedule=replace(dag.schedule, assets=expression))
    never = dag.timetable_description == _NEVER  # which nobody said of it
    described = "Triggered by datasets" if never else dag.timetable_description
    return replace(dag, schedule=Schedule(kind="assets", assets=expression), timetable_description=described)


def _params(entry: WorldEntry, known: dict[str, Any]) -> dict[str, Any]:
    """Params as Airflow answers them, an object each; any other value stands for a param without a schema."""
    params = entry.object("params", known)
    for name, param in params.items():
        if isinstance(param, dict) and not isinstance(param.get("schema") or {}, dict):
            complain(f"{entry.place}.params.{name}.schema", "an object is expected.")
    return {name: param if isinstance(param, dict) else plain_param(param) for name, param in params.items()}


def _zone(entry: WorldEntry, known: str) -> str:
    name: str = entry.text("timezone", known)
    attempt(partial(zone_of, name), f"{entry.place}.timezone")
    return name


def _follow_schedules(draft: Draft, dag_ids: Iterable[str]) -> None:
    """Have the schedules of these DAGs followed, and their datasets know them, once everything was read."""

    def follow(deployment: Deployment) -> None:
        for dag_id in dag_ids:
            dag = dags.get(deployment.airflow, dag_id)
            if (meant := conducted(deployment.airflow, dag)) is not dag:
                deployment.airflow.dags.put(meant)
            dag_versions.first(deployment.airflow, meant)
            asset_references.link(deployment.airflow, meant)
            scheduled_runs.take_up(deployment.airflow, dag_id)

    draft.later(follow)


@section("dags")
def _dags(draft: Draft, content: Any, place: str) -> None:
    dag_ids = []
    for entry in entries(content, place):
        dag_id = entry.text("dag_id")
        dag = _fields(entry, _dag_or_new(draft, dag_id, f"{entry.place}.dag_id"))
        owners = entry.texts("owners", None)
        items = entry.array("tasks", None)
        if items is not None:
            dag = replace(dag, tasks=tasks_of(list(items), f"{entry.place}.tasks"))
        if owners is None:
            owners = tuple(dict.fromkeys(task.owner for task in dag.tasks.values())) or dag.owners
        draft.put("dags", replace(dag, owners=owners))
        entry.done()
        dag_ids.append(dag_id)
    _follow_schedules(draft, dag_ids)
