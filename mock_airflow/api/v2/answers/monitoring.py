"""How answers about health and version look."""

from __future__ import annotations

from typing_extensions import NotRequired, TypedDict


class BaseInfoResponse(TypedDict):
    """How a part is."""

    status: str | None


class SchedulerInfoResponse(TypedDict):
    """How the scheduler is."""

    status: str | None
    latest_scheduler_heartbeat: str | None


class TriggererInfoResponse(TypedDict):
    """How the triggerer is."""

    status: str | None
    latest_triggerer_heartbeat: str | None


class DagProcessorInfoResponse(TypedDict):
    """How the DAG processor is."""

    status: str | None
    latest_dag_processor_heartbeat: str | None


class HealthInfoResponse(TypedDict):
    """How the parts of the installation are."""

    metadatabase: BaseInfoResponse
    scheduler: SchedulerInfoResponse
    triggerer: TriggererInfoResponse
    dag_processor: NotRequired[DagProcessorInfoResponse | None]


class VersionInfo(TypedDict):
    """Which version it is."""

    version: str
    git_version: str | None
