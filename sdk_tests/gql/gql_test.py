"""Houston by a GraphQL client that reads the schema first and holds every document against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import print_schema

from mock_airflow import MockAirflow

CREATE = gql("""
  mutation ($label: String!, $deploymentUuid: Uuid!, $role: Role!) {
    createDeploymentServiceAccount(label: $label, deploymentUuid: $deploymentUuid, role: $role) { id apiKey active }
  }
""")
LIST = gql("query ($id: Uuid!) { deploymentServiceAccounts(deploymentUuid: $id) { id label apiKey lastUsedAt } }")
DELETE = gql("""
  mutation ($id: Uuid!, $deploymentUuid: Uuid!) {
    deleteDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $deploymentUuid) { id }
  }
""")


@pytest.fixture
def software() -> Iterator[MockAirflow]:
    with MockAirflow(profile="astronomer-software") as mock:
        yield mock


def client(software: MockAirflow, key: str | None = None) -> Client:
    headers = software.headers if key is None else {"Authorization": key}
    transport = RequestsHTTPTransport(url=f"{software.url}/v1", headers=headers)
    return Client(transport=transport, fetch_schema_from_transport=True)


def ask(client: Client, document, **variables):
    document.variable_values = variables
    return client.execute(document)


def test_schema_is_read_by_introspection(software: MockAirflow) -> None:
    asking = client(software)
    with asking:
        assert asking.schema is not None
        assert "createDeploymentServiceAccount" in print_schema(asking.schema)


def test_a_service_accounts_life(software: MockAirflow) -> None:
    asking = client(software)
    (deployment,) = ask(asking, gql("{ deployments { id releaseName } }"))["deployments"]
    made = ask(asking, CREATE, label="ci", deploymentUuid=deployment["id"], role="DEPLOYMENT_VIEWER")
    account = made["createDeploymentServiceAccount"]
    airflow = f"{software.api_url}/dags"
    assert requests.get(airflow, headers={"Authorization": account["apiKey"]}, timeout=10).status_code == 200

    (listed,) = ask(asking, LIST, id=deployment["id"])["deploymentServiceAccounts"]
    assert listed["lastUsedAt"]
    assert listed["apiKey"] == account["apiKey"]
    ask(asking, DELETE, id=account["id"], deploymentUuid=deployment["id"])
    answer = requests.get(airflow, headers={"Authorization": account["apiKey"]}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302


def test_refusals_are_errors_with_codes(software: MockAirflow) -> None:
    with pytest.raises(TransportQueryError) as refused:
        ask(client(software, "f" * 32), LIST, id="ckd0000000001")
    assert refused.value.errors[0]["extensions"] == {"code": "UNAUTHENTICATED"}
