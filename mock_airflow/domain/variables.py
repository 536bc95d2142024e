"""Variables."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import VariableNotFoundError
from mock_airflow.domain.records import Variable


def get(airflow: Airflow, key: str) -> Variable:
    """The variable. Raises VariableNotFoundError."""
    variable = airflow.variables.get(key)
    if variable is None:
        raise VariableNotFoundError(key=key)
    return variable


def put(airflow: Airflow, *, key: str, value: str, description: str | None = None) -> Variable:
    """Set a variable. One that is there goes, description and all, and the new one is the last in the list (code)."""
    if key in airflow.variables:
        airflow.variables.delete(key)
    number = airflow.next_id("variables")
    return airflow.variables.put(
        Variable(id=number, key=key, value=value, description=description, written_at=airflow.now())
    )


def change(airflow: Airflow, which: str, /, **values: Any) -> Variable:
    """Change value or description of a variable. Raises VariableNotFoundError."""
    if "value" in values:
        values["written_at"] = airflow.now()
    return airflow.variables.put(replace(get(airflow, which), **values))


def delete(airflow: Airflow, key: str) -> None:
    """Remove the variable. Raises VariableNotFoundError."""
    get(airflow, key)
    airflow.variables.delete(key)
