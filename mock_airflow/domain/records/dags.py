"""DAGs, as their files declare them and as Airflow remembers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from mock_airflow.domain.records.json_object import JsonObject

DEFAULT_RETRY_DELAY = timedelta(minutes=5)  # [core] default_task_retry_delay, out of the box
# schedules that name moments
TIMED = frozenset({"cron", "timedelta", "relativedelta", "once", "continuous", "events", "timetable"})
SPANS = ("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds")
PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")  # what a relative period may set


# by which attributes of tasks every Airflow orders them
ORDERED_TASKS = (
    *("task_id", "task_display_name", "operator_name", "owner", "start_date", "end_date", "trigger_rule"),
    *("depends_on_past", "wait_for_downstream", "retries", "retry_delay", "retry_exponential_backoff"),
    *("execution_timeout", "queue", "pool", "pool_slots", "priority_weight", "ui_color", "ui_fgcolor"),
)


class Schedule(Struct, frozen=True, kw_only=True):
    """When a DAG runs by itself.

    ``kind`` is one of none, cron, timedelta, relativedelta, assets, once, continuous, events, timetable. ``value`` is
    the cron expression or the timetable's name; ``delta`` the period, or ``relative`` its parts by the calendar
    (``{"months": 1}``); ``events`` the moments themselves; ``assets`` the condition over URIs (``{"all": [...]}`` /
    ``{"any": [...]}``, nested, or None), alone or besides a cron expression. A cron schedule with a ``span`` starts its
    runs at its moments, each about so long before; without, at the end of each interval between two moments. Of a
    timetable that only has a name no more is known than the next run that its DAG tells. ``intervals`` says that the
    schedule was declared as one of intervals, so that it is about these wherever others are about moments.
    """

    kind: str = "none"
    value: str = ""
    delta: timedelta | None = None
    relative: JsonObject | None = None
    assets: JsonObject | None = None
    span: timedelta | None = None
    intervals: bool = False
    events: tuple[datetime, ...] = ()


class Task(Struct, frozen=True, kw_only=True):
    """One task of a DAG, as its file declares it.

    ``asks`` is what the task asks people for, under the names of its operator's arguments, with the
    ``response_timeout`` in seconds and, of a mapped task, ``items`` for what is another question by its index.
    Airflow's API tells nothing of the last fields, from ``outlet_aliases`` on. With ``returns_dag_result`` what the
    task returns is what runs of an Airflow 3 give. ``expands_over`` names the
    tasks whose lists, returned or put together from their own instances, a mapped task is crossed from, with the
    lengths of lists that are known; ``mapped_group`` the mapped task group it is in, whose tasks follow each other
    index by index.
    """

    task_id: str
    task_display_name: str
    owner: str = "airflow"
    operator_name: str = "EmptyOperator"
    class_name: str = "EmptyOperator"
    module_path: str = "airflow.operators.empty"
    downstream_task_ids: tuple[str, ...] = ()
    trigger_rule: str = "all_success"
    retries: int = 0
    retry_delay: timedelta = DEFAULT_RETRY_DELAY
    retry_exponential_backoff: bool = False
    execution_timeout: timedelta | None = None
    depends_on_past: bool = False
    wait_for_downstream: bool = False
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    priority_weight: int = 1
    weight_rule: str = "downstream"
    is_mapped: bool = False
    start_date: datetime | None = None
    end_date: datetime | None = None
    doc_md: str | None = None
    params: JsonObject = field(default_factory=dict)
    extra_links: tuple[JsonObject, ...] = ()
    template_fields: tuple[str, ...] = ()
    ui_color: str = "#e8f7e4"
    ui_fgcolor: str = "#000"
    outlets: tuple[str, ...] = ()
    outlet_aliases: tuple[str, ...] = ()
    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: bool = False
    returns_dag_result: bool = False
    max_retry_delay: timedelta | None = None
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    expands_over: tuple[str | int, ...] = ()
    mapped_group: str | None = None
    asks: JsonObject | None = None


class Dag(Struct, frozen=True, kw_only=True):
    """A DAG: what its file declares and what Airflow remembers of it.

    ``timezone`` is the one that its schedule counts in, ``default_timezone`` the installation's, which is what the API
    tells of any DAG (observed). From ``bundle_name`` on it is what only Airflow 3 tells; ``details`` are those of its
    fields that a world file says and nothing here follows from; no API tells ``fail_fast``. ``tasks`` keeps the order
    of declaration, which is the order of a new run's task instances.
    """

    dag_id: str
    dag_display_name: str
    tasks: Mapping[str, Task] = field(default_factory=dict)
    description: str | None = None
    fileloc: str
    file_token: str
    schedule: Schedule = Schedule()
    timetable_description: str = "Never, external triggers only"
    owners: tuple[str, ...] = ("airflow",)
    tags: tuple[str, ...] = ()
    is_active: bool = True
    is_paused: bool | None = False
    is_subdag: bool = False
    root_dag_id: str | None = None
    has_import_errors: bool = False
    has_task_concurrency_limits: bool = False
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_consecutive_failed_dag_runs: int = 0
    default_view: str = "grid"
    last_parsed_time: datetime | None = None
    last_expired: datetime | None = None
    last_pickled: datetime | None = None
    pickle_id: str | None = None
    scheduler_lock: bool | None = None
    next_dagrun: datetime | None = None
    next_dagrun_data_interval_start: datetime | None = None
    next_dagrun_data_interval_end: datetime | None = None
    next_dagrun_create_after: datetime | None = None
    catchup: bool = True
    concurrency: int = 16
    dag_run_timeout: timedelta | None = None
    doc_md: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    is_paused_upon_creation: bool | None = None
    last_parsed: datetime | None = None
    orientation: str = "LR"
    params: JsonObject = field(default_factory=dict)
    render_template_as_native_obj: bool = False
    template_searchpath: tuple[str, ...] | None = None
    timezone: str = "UTC"
    default_timezone: str = "UTC"
    bundle_name: str = "dags-folder"
    bundle_version: str | None = None
    default_args: JsonObject = field(default_factory=dict)
    details: JsonObject = field(default_factory=dict)
    fail_fast: bool = False

    @property
    def is_partitioned(self) -> bool:
        """Whether its runs stand for partitions, and have no logical date."""
        return bool(self.details.get("timetable_partitioned"))

    @property
    def rests(self) -> bool:
        """Whether the scheduler passes it by: it is paused, or its file is gone."""
        return bool(self.is_paused) or not self.is_active


class DagVersion(Struct, frozen=True, kw_only=True):
    """A version of a DAG: what its file declared from ``created_at`` on. Numbers count per DAG."""

    id: str
    dag_id: str
    version_number: int
    created_at: datetime
    bundle_name: str = "dags-folder"
    bundle_version: str | None = None
    bundle_url: str | None = None
