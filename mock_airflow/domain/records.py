"""The rows of an Airflow: one frozen record a noun, changed by replacing.

Fields carry Airflow's own names. Times are aware datetimes in UTC. A record holds what Airflow stores; what Airflow
works out when asked (a pool's occupied slots, a token for a file) is worked out by the verb or the view that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

JsonObject = dict[str, Any]

UNFINISHED_RUN = ("queued", "running")
FINISHED_TASK = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


class RunKey(NamedTuple):
    """What names a DAG run."""

    dag_id: str
    run_id: str


class TaskInstanceKey(NamedTuple):
    """What names a task instance; map_index is -1 unless the task is mapped and expanded."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a DAG runs by itself.

    ``kind`` is one of none, cron, timedelta, relativedelta, datasets, once, continuous, timetable. ``value`` is the cron
    expression or the timetable's name; ``delta`` the period; ``datasets`` the condition over URIs
    (``{"all": [...]}`` / ``{"any": [...]}``, nested, or None).
    """

    kind: str = "none"
    value: str = ""
    delta: timedelta | None = None
    datasets: JsonObject | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One task of a DAG, as its file declares it."""

    task_id: str
    task_display_name: str
    owner: str = "airflow"
    operator_name: str = "EmptyOperator"
    class_name: str = "EmptyOperator"
    module_path: str = "airflow.operators.empty"
    downstream_task_ids: tuple[str, ...] = ()
    trigger_rule: str = "all_success"
    retries: int = 0
    retry_delay: timedelta = timedelta(minutes=5)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Dag:
    """A DAG: what its file declares and what Airflow remembers of it.

    ``tasks`` keeps the order of declaration, which is the order of a new run's task instances.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class DagRun:
    """One run of a DAG. ``id`` is the order of creation; ``cleared`` counts how often it was made to run again."""

    id: int
    dag_id: str
    run_id: str
    run_type: str
    state: str
    logical_date: datetime
    data_interval_start: datetime | None
    data_interval_end: datetime | None
    external_trigger: bool
    conf: JsonObject = field(default_factory=dict)
    note: str | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    last_scheduling_decision: datetime | None = None
    updated_at: datetime
    consumed_event_ids: tuple[int, ...] = ()

    @property
    def key(self) -> RunKey:
        """The run's name."""
        return RunKey(self.dag_id, self.run_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskInstance:
    """One task in one run: the current attempt; earlier ones are TaskInstanceTry rows.

    ``ends_at`` and ``outcome`` are the running attempt's fate by its plan; ``wake_at`` is when a waiting one (queued,
    up_for_retry) goes on. All three are None while nothing is under way.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    logical_date: datetime
    task_display_name: str
    operator: str | None
    state: str | None = None
    try_number: int = 0
    max_tries: int = 0
    start_date: datetime | None = None
    end_date: datetime | None = None
    duration: float | None = None
    queued_when: datetime | None = None
    hostname: str = ""
    unixname: str = "root"
    pid: int | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str | None = "default"
    priority_weight: int | None = 1
    executor: str | None = None
    executor_config: str = "{}"
    note: str | None = None
    rendered_fields: JsonObject = field(default_factory=dict)
    rendered_map_index: str | None = None
    sla_miss: JsonObject | None = None
    trigger: JsonObject | None = None
    triggerer_job: JsonObject | None = None
    updated_at: datetime | None = None
    wake_at: datetime | None = None
    ends_at: datetime | None = None
    outcome: str | None = None

    @property
    def key(self) -> TaskInstanceKey:
        """The task instance's name."""
        return TaskInstanceKey(self.dag_id, self.run_id, self.task_id, self.map_index)

    @property
    def run_key(self) -> RunKey:
        """The name of the run it belongs to."""
        return RunKey(self.dag_id, self.run_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskInstanceTry:
    """A past attempt of a task instance."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    task_display_name: str
    operator: str | None
    state: str | None
    max_tries: int
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    queued_when: datetime | None
    hostname: str
    unixname: str
    pid: int | None
    pool: str
    pool_slots: int
    queue: str | None
    priority_weight: int | None
    executor: str | None
    executor_config: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetReference:
    """That a DAG consumes a dataset, or (with a task_id) that a task produces it."""

    dag_id: str
    task_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A dataset that some DAG names."""

    id: int
    uri: str
    extra: JsonObject | None
    created_at: datetime
    updated_at: datetime
    aliases: tuple[JsonObject, ...] = ()
    consuming_dags: tuple[DatasetReference, ...] = ()
    producing_tasks: tuple[DatasetReference, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetEvent:
    """That a dataset changed; ``created_dagruns`` names the runs it helped to start."""

    id: int
    dataset_id: int
    dataset_uri: str
    timestamp: datetime
    extra: JsonObject | None = None
    source_dag_id: str | None = None
    source_task_id: str | None = None
    source_run_id: str | None = None
    source_map_index: int = -1
    created_dagruns: tuple[RunKey, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedEvent:
    """A dataset's change that a consuming DAG has not yet answered with a run."""

    dag_id: str
    uri: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A pool of slots; -1 slots are infinite."""

    id: int
    name: str
    slots: int
    description: str | None = None
    include_deferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A person or program that may log in. Only a digest of the password is kept, and no repr shows it."""

    id: int
    username: str
    password_digest: str = field(repr=False)
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    active: bool | None = True
    roles: tuple[str, ...] = ()
    login_count: int | None = None
    fail_login_count: int | None = None
    last_login: datetime | None = None
    created_on: datetime
    changed_on: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A named set of permissions: pairs of an action (``can_read``) and a resource (``DAG Runs``), in order."""

    id: int
    name: str
    actions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLog:
    """An entry of the audit log."""

    event_log_id: int
    when: datetime
    event: str
    owner: str | None = None
    extra: str | None = None
    dag_id: str | None = None
    task_id: str | None = None
    run_id: str | None = None
    map_index: int | None = None
    try_number: int | None = None
    execution_date: datetime | None = None
