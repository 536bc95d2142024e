"""Health and version: open to everybody, credentials ignored."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.operation import Call, json_answer
from mock_airflow.api.v1.api import API
from mock_airflow.domain.installation import health

operation = API.tagged("Monitoring")


def _part(name: str, heartbeat: str | None = None) -> Schema:
    fields = [Field("status", nullable=True, enum=("healthy", "unhealthy"))]
    if heartbeat:
        fields.append(Field(heartbeat, read_only=True, nullable=True, format="datetime"))
    return Schema(name, *fields)


HEALTH = Schema(
    "HealthInfo",
    nested("metadatabase", _part("MetadatabaseStatus")),
    nested("scheduler", _part("SchedulerStatus", "latest_scheduler_heartbeat")),
    nested("triggerer", _part("TriggererStatus", "latest_triggerer_heartbeat")),
    nested("dag_processor", _part("DagProcessorStatus", "latest_dag_processor_heartbeat")),
)
VERSION = Schema("VersionInfo", Field("version"), Field("git_version", nullable=True))


@operation("GET", "/health", access=None, answer=HEALTH)
def get_health(call: Call) -> Answer:
    """Tell how the parts of the installation are."""
    return json_answer(health.report(call.airflow))


@operation("GET", "/version", access=None, answer=VERSION)
def get_version(call: Call) -> Answer:
    """Tell Airflow's version."""
    return json_answer({"version": call.settings.airflow_version, "git_version": call.airflow.git_version})
