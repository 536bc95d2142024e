"""The mcp package's own client: from a 401 to a tool's answer, by discovery, registration, PKCE and refresh."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.oauth2 import AuthorizationCodeResult
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from mock_airflow import MockAirflow

REDIRECT = "http://127.0.0.1:7777/callback"
Allow = Callable[[str], dict[str, str]]


class Store:
    """Keeps what a client is told, as a file would."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def provider(armor: MockAirflow, store: Store, allow: Allow) -> OAuthClientProvider:
    brought: dict[str, str] = {}

    async def redirect(url: str) -> None:
        brought.update(await anyio.to_thread.run_sync(allow, url))

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=brought["code"], state=brought["state"])

    return OAuthClientProvider(
        server_url=f"{armor.url}/mcp",
        client_metadata=OAuthClientMetadata(client_name="A test", redirect_uris=[REDIRECT]),
        storage=store,
        redirect_handler=redirect,
        callback_handler=callback,
    )


def run(armor: MockAirflow, store: Store, allow: Allow, work: Callable[[Client], Awaitable[Any]]) -> Any:
    """What the work gives, done by a client that signs in when it is asked to."""

    async def connected() -> Any:
        async with (
            httpx2.AsyncClient(auth=provider(armor, store, allow), follow_redirects=True) as http,
            Client(streamable_http_client(f"{armor.url}/mcp", http_client=http)) as client,
        ):
            return await work(client)

    return anyio.run(connected)


async def list_assets(client: Client) -> Any:
    return await client.call_tool("list_assets", {"limit": 3})


def test_the_whole_flow(armor: MockAirflow, allow: Allow) -> None:
    store = Store()

    async def work(client: Client) -> tuple[Any, Any, Any]:
        return client.server_info, await client.list_tools(), await list_assets(client)

    server, tools, assets = run(armor, store, allow, work)
    assert server.name == "armor-mcp"
    assert {"health_summary", "get_lineage", "job_status"} <= {tool.name for tool in tools.tools}
    assert not assets.is_error
    assert assets.structured_content["result"][0]["qualified_name"] == "snowflake.prod"
    assert store.client is not None
    assert store.tokens is not None
    assert store.tokens.refresh_token
    paths = [call.path for call in armor.calls]
    steps = [
        "/mcp",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/oauth/register",
        "/oauth/authorize",
        "/oauth/token",
        "/mcp",
    ]
    assert [path for number, path in enumerate(paths) if number == 0 or path != paths[number - 1]] == steps


def test_a_token_that_is_kept_is_used_again(armor: MockAirflow, allow: Allow) -> None:
    store = Store()
    run(armor, store, allow, list_assets)
    before = len(armor.calls)
    run(armor, store, allow, list_assets)
    assert {call.path for call in armor.calls[before:]} == {"/mcp"}


def test_an_expired_token_is_renewed_without_asking_anybody(armor: MockAirflow, allow: Allow) -> None:
    auth = provider(armor, Store(), allow)

    async def connected() -> Any:
        async with (
            httpx2.AsyncClient(auth=auth, follow_redirects=True) as http,
            Client(streamable_http_client(f"{armor.url}/mcp", http_client=http)) as client,
        ):
            assert not (await list_assets(client)).is_error
            auth.context.token_expiry_time = 1.0  # as far as the client knows, its time is over
            return await list_assets(client)

    assert not anyio.run(connected).is_error
    asked = [call.path for call in armor.calls if call.path.startswith("/oauth/")]
    assert asked == ["/oauth/register", "/oauth/authorize", "/oauth/authorize", "/oauth/token", "/oauth/token"]


def test_a_revoked_token_leads_through_the_consent_page_again(armor: MockAirflow, allow: Allow) -> None:
    store = Store()
    run(armor, store, allow, list_assets)
    armor.tokens.expire_all()
    assert not run(armor, store, allow, list_assets).is_error
    assert [call.path for call in armor.calls].count("/oauth/register") == 1


def test_a_tools_refusal_is_an_error_for_the_model(armor: MockAirflow, allow: Allow) -> None:
    async def work(client: Client) -> Any:
        return await client.call_tool("check_freshness", {"asset_id": "no.such.table"})

    result = run(armor, Store(), allow, work)
    assert result.is_error
    assert result.content[0].text == "ASSET_NOT_FOUND: Asset not found"


@pytest.mark.parametrize("form", ["yes", "no"])
def test_both_forms_of_an_answer_are_read(allow: Allow, form: str) -> None:
    with MockAirflow(profile="anomalyarmor", anomalyarmor_mcp_json=form) as mock:
        assert not run(mock, Store(), allow, list_assets).is_error
