"""The environments of the account; one of them is the Airflow that answers here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.profiles.mwaa.iam import environment_arn

if TYPE_CHECKING:
    from mock_airflow.settings import Settings
    from mock_airflow.storage.tables import Table

_SERVICE_ROLE = "aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA"
_LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")


@dataclass(frozen=True, kw_only=True, slots=True)
class MwaaEnvironment:
    """An environment as the control plane knows it."""

    name: str
    created_at: datetime
    status: str = "AVAILABLE"


class MwaaEstate:
    """What the account has; goes with the snapshots of the Airflow that it belongs to."""

    def __init__(self, airflow: Airflow, settings: Settings) -> None:
        self._settings = settings
        self.main = settings.mwaa_environment
        self.environments: Table[str, MwaaEnvironment] = airflow.add_table("mwaa_environments", lambda row: row.name)
        for name in dict.fromkeys((self.main, *settings.mwaa_more_environments)):
            self.environments.put(MwaaEnvironment(name=name, created_at=airflow.now()))

    def described(self, row: MwaaEnvironment, hostname: str) -> dict[str, Any]:
        """An environment as GetEnvironment tells it; what no setting says is what a small one is made with."""
        settings, created = self._settings, int(row.created_at.timestamp())
        region, account = settings.mwaa_region, settings.mwaa_account
        logs = f"arn:aws:logs:{region}:{account}:log-group:airflow-{row.name}"
        return {
            "AirflowConfigurationOptions": {},
            "AirflowVersion": settings.airflow_version,
            "Arn": environment_arn(settings, row.name),
            "CeleryExecutorQueue": f"arn:aws:sqs:{region}:{account}:airflow-celery-{row.name}",
            "CreatedAt": created,
            "DagS3Path": "dags",
            "DatabaseVpcEndpointService": f"com.amazonaws.vpce.{region}.vpce-svc-00000000000000001",
            "EndpointManagement": "SERVICE",
            "EnvironmentClass": "mw1.small",
            "ExecutionRoleArn": f"arn:aws:iam::{account}:role/service-role/AmazonMWAA-{row.name}",
            "LastUpdate": {"CreatedAt": created, "Status": "SUCCESS"},
            "LoggingConfiguration": {
                name: {"CloudWatchLogGroupArn": f"{logs}-{name[:-4]}", "Enabled": True, "LogLevel": "INFO"}
                for name in _LOGS
            },
            "MaxWebservers": 2,
            "MaxWorkers": 10,
            "MinWebservers": 2,
            "MinWorkers": 1,
            "Name": row.name,
            "NetworkConfiguration": {
                "SecurityGroupIds": ["sg-00000000000000001"],
                "SubnetIds": ["subnet-00000000000000001", "subnet-00000000000000002"],
            },
            "Schedulers": 2,
            "ServiceRoleArn": f"arn:aws:iam::{account}:role/{_SERVICE_ROLE}",
            "SourceBucketArn": f"arn:aws:s3:::{row.name.lower().replace('_', '-')}-dags",
            "Status": row.status,
            "WebserverAccessMode": "PUBLIC_ONLY",
            "WebserverUrl": hostname,
            "WebserverVpcEndpointService": f"com.amazonaws.vpce.{region}.vpce-svc-00000000000000002",
            "WeeklyMaintenanceWindowStart": "SUN:03:30",
        }
