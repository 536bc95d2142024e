"""The objects inside of a task instance's answer. Rows hold them as JSON, so they are written as they are."""

from __future__ import annotations

from mock_airflow.api.airflow2.schema import Field, Schema

SLA_MISS = Schema(
    "SLAMiss",
    Field("task_id", read_only=True),
    Field("dag_id"),
    Field("execution_date", format="datetime"),
    Field("email_sent", "boolean"),
    Field("timestamp", format="datetime"),
    Field("description", nullable=True),
    Field("notification_sent", "boolean"),
    nullable=True,
)
TRIGGER = Schema(
    "Trigger",
    Field("id", "integer"),
    Field("classpath"),
    Field("kwargs"),
    Field("created_date", format="datetime"),
    Field("triggerer_id", "integer", nullable=True),
    nullable=True,
)
JOB = Schema(
    "Job",
    Field("id", "integer"),
    Field("dag_id", nullable=True),
    Field("state", nullable=True),
    Field("job_type", nullable=True),
    Field("start_date", format="datetime", nullable=True),
    Field("end_date", format="datetime", nullable=True),
    Field("latest_heartbeat", format="datetime", nullable=True),
    Field("executor_class", nullable=True),
    Field("hostname", nullable=True),
    Field("unixname", nullable=True),
    nullable=True,
)
