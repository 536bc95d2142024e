"""A call of the control API, which sees all of the deployment."""

from __future__ import annotations

from dataclasses import dataclass

from mock_airflow.api.operation import Call
from mock_airflow.deployment import Deployment


@dataclass(frozen=True, slots=True)
class ControlCall(Call):
    """One request to the control API on its way through a handler."""

    deployment: Deployment
