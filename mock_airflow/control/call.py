"""A call of the control API, which sees all of the deployment."""

from __future__ import annotations

from mock_airflow.api.operation import Call
from mock_airflow.deployment import Deployment


class ControlCall(Call, frozen=True):
    """One request to the control API on its way through a handler."""

    deployment: Deployment
