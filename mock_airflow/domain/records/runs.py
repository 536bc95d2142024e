"""DAG runs, task instances and their past attempts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from mock_airflow.domain.records.json_object import JsonObject

RUN_STATES = ("queued", "running", "success", "failed")
UNFINISHED_RUN = ("queued", "running")
HOLDING = frozenset({"queued", "running"})  # the states in which a task instance takes slots
FINISHED_TASK = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
TASK_STATES = (  # of task instances; one that nobody looked at yet has none
    *sorted(FINISHED_TASK),
    "running",
    "queued",
    "scheduled",
    "up_for_retry",
    "up_for_reschedule",
    "deferred",
    "restarting",
    "awaiting_input",
)


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


class DagRun(Struct, frozen=True, kw_only=True):
    """One run of a DAG. ``id`` is the order of creation.

    ``state`` is queued, running, success or failed, and ``run_type`` manual, scheduled, backfill or asset_triggered.
    What only Airflow 3 tells begins with ``run_after``, from when on the run may start. Every run has a logical date
    here, by which it takes its place among the others; of one that is ``dateless`` an Airflow 3 tells none.
    """

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
    run_after: datetime | None = None
    dateless: bool = False
    triggered_by: str | None = None
    triggering_user_name: str | None = None
    bundle_version: str | None = None
    partition_key: str | None = None
    partition_date: datetime | None = None

    @property
    def key(self) -> RunKey:
        """The run's name."""
        return RunKey(self.dag_id, self.run_id)


class TaskAttempt(Struct, frozen=True, kw_only=True):
    """What a task instance and its past attempts have in common.

    Only Airflow 3 tells of ``scheduled_when``, the number of the DAG's version and ``operator_name``.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 0
    task_display_name: str
    operator: str | None
    state: str | None = None
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
    scheduled_when: datetime | None = None
    dag_version: int | None = None
    operator_name: str | None = None


class TaskInstance(TaskAttempt, frozen=True, kw_only=True):
    """One task in one run: the current attempt; earlier ones are TaskInstanceTry rows.

    ``ends_at`` and ``outcome`` are the running attempt's fate by its plan, ``ends_at`` None while it is held;
    ``wake_at`` is when a waiting one (queued, up_for_retry) goes on. All three are None while nothing is under way.
    ``waits`` counts how often the attempt let go of its slot (up_for_reschedule, deferred). Only Airflow 3 tells of
    ``id``, empty for one that follows from the attempt.
    """

    logical_date: datetime
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
    waits: int = 0
    id: str = ""

    @property
    def key(self) -> TaskInstanceKey:
        """The task instance's name."""
        return TaskInstanceKey(self.dag_id, self.run_id, self.task_id, self.map_index)

    @property
    def run_key(self) -> RunKey:
        """The name of the run it belongs to."""
        return RunKey(self.dag_id, self.run_id)


class TaskInstanceTry(TaskAttempt, frozen=True, kw_only=True):
    """A past attempt of a task instance."""
