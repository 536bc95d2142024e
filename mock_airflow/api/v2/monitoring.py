"""Health and version: open to everybody, credentials ignored."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.domain.installation import health
from mock_airflow.domain.installation.releases import git_version

operation = API.tagged("Monitor")


@operation("GET", "/monitor/health", access=None, answer="HealthInfoResponse")
def get_health(call: Call) -> Answer:
    """Tell how the parts of the installation are; their heartbeats keep the offset (observed)."""
    report = health.report(call.airflow)
    if call.airflow.runs != "manual":  # whoever starts an Airflow 3 starts all of it
        for part in ("triggerer", "dag_processor"):
            report[part] = {"status": "healthy", f"latest_{part}_heartbeat": call.airflow.now()}
    return answer({part: _offset_form(told) for part, told in report.items()})


def _offset_form(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in part.items()}


@API.tagged("Version")("GET", "/version", access=None, answer="VersionInfo")
def get_version(call: Call) -> Answer:
    """Tell Airflow's version."""
    return answer(
        {
            "version": call.settings.airflow_version,
            "git_version": git_version(call.airflow, call.settings.airflow_version),
        }
    )
