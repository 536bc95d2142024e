"""Asks Houston in GraphQL, in process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_airflow import MockAirflow

DEPLOYMENT = "ckd0000000001"
WORKSPACE = "ckw0000000001"
AIRFLOW = "/quasar-1234/airflow"
CREATE = """
mutation make($label: String!, $category: String, $deploymentUuid: Uuid!, $role: Role!) {
  createDeploymentServiceAccount(
    label: $label, category: $category, deploymentUuid: $deploymentUuid, role: $role
  ) { id label apiKey entityType deploymentUuid category active lastUsedAt createdAt updatedAt }
}
"""
LIST = """
query ($deploymentUuid: Uuid!) {
  deploymentServiceAccounts(deploymentUuid: $deploymentUuid) { id apiKey label category entityUuid lastUsedAt active }
}
"""
DELETE = """
mutation ($serviceAccountUuid: Uuid!, $deploymentUuid: Uuid!) {
  deleteDeploymentServiceAccount(serviceAccountUuid: $serviceAccountUuid, deploymentUuid: $deploymentUuid) {
    id apiKey label roleBinding { role }
  }
}
"""


def graphql(mock: MockAirflow, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Any:
    """The whole answer of a query; by default as the mock's own administrator."""
    return answered(mock, {"query": query, "variables": variables}, headers).json


def answered(mock: MockAirflow, body: Any, headers: Mapping[str, str] | None = None) -> Any:
    """The response to a request of any body."""
    from werkzeug.test import Client

    return Client(mock.deployment.wsgi).post(
        "/v1", json=body, headers={**(mock.headers if headers is None else headers)}
    )


def get(
    mock: MockAirflow, path: str, headers: Mapping[str, str] | None = None, method: str = "GET", **more: Any
) -> Any:
    """The response of any path."""
    from werkzeug.test import Client

    return Client(mock.deployment.wsgi).open(
        path, method=method, headers={**(mock.headers if headers is None else headers)}, **more
    )


def new_key(mock: MockAirflow, role: str = "DEPLOYMENT_EDITOR", label: str = "ci") -> dict[str, Any]:
    """A new service account of the deployment, as Houston tells it."""
    told = graphql(mock, CREATE, label=label, category="default", deploymentUuid=DEPLOYMENT, role=role)
    account: dict[str, Any] = told["data"]["createDeploymentServiceAccount"]
    return account
