"""Where Airflow 3 has what Airflow 2 has elsewhere: the operators of the core are the standard provider's by now."""

from __future__ import annotations

import re

_STANDARD = re.compile(r"airflow\.(operators|sensors|decorators)\.(\w+)")
_RENAMED = {"external_task_sensor": "external_task", "time_sensor": "time", "python_operator": "python"}
_ELSEWHERE = {
    "airflow.operators.email": "airflow.providers.smtp.operators.smtp",
    "airflow.operators.generic_transfer": "airflow.providers.common.sql.operators.generic_transfer",
    "airflow.operators.subdag": "airflow.operators.subdag",  # gone
}


def in_airflow_3(path: str) -> str:
    """The module that a class of this one comes from in Airflow 3; any other as it is."""
    found = _STANDARD.fullmatch(path)
    if path in _ELSEWHERE or found is None:
        return _ELSEWHERE.get(path, path)
    return f"airflow.providers.standard.{found[1]}.{_RENAMED.get(found[2], found[2])}"
