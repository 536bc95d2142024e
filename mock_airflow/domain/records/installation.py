"""What an installation tells of itself: its audit log, its files, its plugins and providers."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from mock_airflow.domain.records.json_object import JsonObject


class EventLog(Struct, frozen=True, gc=False):  # it holds nothing that could lead back to it
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


class DagImportError(Struct, frozen=True, kw_only=True):
    """That a DAG file could not be imported; ``place`` is the file's in its bundle, where it is known."""

    import_error_id: int
    filename: str
    stack_trace: str
    timestamp: datetime
    bundle_name: str = "dags-folder"
    place: str | None = None


class DagWarning(Struct, frozen=True, kw_only=True):
    """Something odd about a DAG, such as a pool that does not exist."""

    dag_id: str
    warning_type: str
    message: str
    timestamp: datetime


class DagFile(Struct, frozen=True, kw_only=True):
    """A DAG file: its source, when it was last asked to be parsed again, and the token that a real Airflow gave it."""

    fileloc: str
    source: str | None = None
    file_token: str | None = None
    parse_asked_at: datetime | None = None


class Plugin(Struct, frozen=True, kw_only=True):
    """A plugin; ``parts`` holds its lists (macros, hooks, listeners ...) as Airflow tells them."""

    name: str
    source: str
    parts: JsonObject = field(default_factory=dict)


class Provider(Struct, frozen=True, kw_only=True):
    """An installed provider package."""

    package_name: str
    description: str
    version: str
    documentation_url: str | None = None


class DagCode(Struct, frozen=True, kw_only=True):
    """The text that a version of a DAG was read from (Airflow 3)."""

    dag_id: str
    version_number: int
    source: str


class Job(Struct, frozen=True, kw_only=True):
    """A process of the installation that tells now and then that it is alive."""

    id: int
    job_type: str
    state: str
    start_date: datetime
    end_date: datetime | None = None
    latest_heartbeat: datetime | None = None
    dag_id: str | None = None
    executor_class: str | None = None
    hostname: str = ""
    unixname: str = "root"
