"""What the tasks of a run read and wrote, as they left it in xcoms."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import RunKey

_KEYS = {"pipeline_inlets": "inlets", "pipeline_outlets": "outlets"}


def of_run(airflow: Airflow, run: RunKey) -> dict[str, dict[str, Any]]:
    """``inlets`` and ``outlets`` by task id, of the tasks that left any."""
    found: dict[str, dict[str, Any]] = {}
    for xcom in airflow.xcoms.group("run", run).values():
        if xcom.key in _KEYS:
            found.setdefault(xcom.task_id, {})[_KEYS[xcom.key]] = xcom.value
    return found
