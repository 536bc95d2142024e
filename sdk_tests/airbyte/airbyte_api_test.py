"""Airbyte's own Python SDK, at our server as if it were Airbyte's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import airbyte_api
import pytest
from airbyte_api import api, errors, models

from mock_airflow import MockAirflow

CLOCK = "2025-01-01T06:00:00Z"
SEEDS = itertools.count()  # the SDK keeps its tokens by pair for the whole process, so each server has pairs of its own


@pytest.fixture
def airbyte() -> Iterator[MockAirflow]:
    with MockAirflow(profile="airbyte", clock=CLOCK, frozen=True, seed=next(SEEDS)) as mock:
        yield mock


def sdk(airbyte: MockAirflow, token_url: str | None = None, **changed: str) -> airbyte_api.AirbyteAPI:
    pair = {**airbyte.credentials, **changed}
    given = {} if token_url is None else {"token_url": token_url}
    return airbyte_api.AirbyteAPI(
        security=models.Security(client_credentials=models.SchemeClientCredentials(**pair, **given)),
        server_url=f"{airbyte.url}/api/public/v1",
    )


def exchanges(airbyte: MockAirflow) -> list[str]:
    return [call.path for call in airbyte.calls if call.path.endswith("/token")]


def test_its_default_token_url_leads_to_the_root(airbyte: MockAirflow) -> None:
    found = sdk(airbyte).workspaces.list_workspaces(request=api.ListWorkspacesRequest())

    assert found.workspaces_response is not None
    assert [row.name for row in found.workspaces_response.data] == ["Default Workspace"]
    assert exchanges(airbyte) == ["/applications/token"]


def test_a_token_url_of_its_own(airbyte: MockAirflow) -> None:
    client = sdk(airbyte, token_url=f"{airbyte.url}/api/public/v1/applications/token")
    client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())
    client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())

    assert exchanges(airbyte) == ["/api/public/v1/applications/token"]


def test_the_config_apis_token_endpoint_lacks_what_it_wants(airbyte: MockAirflow) -> None:
    client = sdk(airbyte, token_url=f"{airbyte.url}/api/v1/applications/token")
    with pytest.raises(Exception, match="Unexpected token type"):
        client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())


def test_an_expired_token_is_renewed_after_a_401(airbyte: MockAirflow) -> None:
    client = sdk(airbyte)
    client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())
    airbyte.clock.advance(minutes=61)

    with pytest.raises(errors.SDKError, match="401"):
        client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())
    found = client.workspaces.list_workspaces(request=api.ListWorkspacesRequest())

    assert found.status_code == 200
    assert [call.rule for call in airbyte.calls if call.status == 401] == ["expired token"]
    assert len(exchanges(airbyte)) == 2


def test_a_wrong_secret_is_told_as_the_editions_do(airbyte: MockAirflow) -> None:
    with pytest.raises(Exception, match="401"):
        sdk(airbyte, client_secret="wrong").workspaces.list_workspaces(request=api.ListWorkspacesRequest())
    community = MockAirflow(profile="airbyte", airbyte_edition="community")
    with community, pytest.raises(Exception, match="400"):
        sdk(community, client_secret="wrong").workspaces.list_workspaces(request=api.ListWorkspacesRequest())


def test_workspaces_are_made_changed_listed_and_deleted(airbyte: MockAirflow) -> None:
    client = sdk(airbyte)
    made = client.workspaces.create_workspace(
        request=models.WorkspaceCreateRequest(name="Finance Team")
    ).workspace_response
    assert made is not None
    client.workspaces.update_workspace(
        request=api.UpdateWorkspaceRequest(
            workspace_id=made.workspace_id, workspace_update_request=models.WorkspaceUpdateRequest(name="Analytics")
        )
    )
    one = client.workspaces.get_workspace(
        request=api.GetWorkspaceRequest(workspace_id=made.workspace_id)
    ).workspace_response
    assert one is not None
    assert one.name == "Analytics"
    client.workspaces.delete_workspace(request=api.DeleteWorkspaceRequest(workspace_id=made.workspace_id))
    with pytest.raises(errors.SDKError, match="404"):
        client.workspaces.get_workspace(request=api.GetWorkspaceRequest(workspace_id=made.workspace_id))


def test_pages_end_with_an_empty_one(airbyte: MockAirflow) -> None:
    client = sdk(airbyte)
    for number in range(3):
        client.workspaces.create_workspace(request=models.WorkspaceCreateRequest(name=f"Team {number}"))
    sizes, offset = [], 0
    while True:
        page = client.workspaces.list_workspaces(
            request=api.ListWorkspacesRequest(limit=2, offset=offset)
        ).workspaces_response
        assert page is not None
        sizes.append(len(page.data))
        if not page.next:
            break
        offset += 2
    assert sizes == [2, 2, 0]
