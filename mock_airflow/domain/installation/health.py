"""How the parts of the installation are."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.airflow import Airflow


def report(airflow: Airflow) -> dict[str, Any]:
    """Status and last heartbeat of each part.

    A scheduler that runs is healthy with a heartbeat of just now; with runs ``manual`` there is none, so it is
    unhealthy and its last heartbeat is the one the world file tells (observed).
    """
    told = airflow.health
    scheduler = {"status": "healthy", "latest_scheduler_heartbeat": airflow.now()}
    if airflow.runs == "manual":
        last = told.get("scheduler", {}).get("latest_scheduler_heartbeat")
        scheduler = {"status": "unhealthy", "latest_scheduler_heartbeat": last}
    return {
        "metadatabase": told.get("metadatabase", {"status": "healthy"}),
        "scheduler": scheduler,
        "triggerer": told.get("triggerer", {"status": None, "latest_triggerer_heartbeat": None}),
        "dag_processor": told.get("dag_processor", {"status": None, "latest_dag_processor_heartbeat": None}),
    }
