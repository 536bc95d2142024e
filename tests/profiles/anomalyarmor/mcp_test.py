"""The MCP server: who gets in, what it answers over streamable HTTP, and its tools."""

from __future__ import annotations

import json

import pytest
import requests

from mock_airflow import MockAirflow

from .oauth_client import OAuthClient

ACCEPT = {"Accept": "application/json, text/event-stream"}


class Session:
    """Sends messages as somebody who signed in."""

    def __init__(self, mock):
        self.mock = mock
        self.headers = {**ACCEPT, "Authorization": f"Bearer {OAuthClient(mock).signed_in()['access_token']}"}

    def post(self, message, **headers):
        return requests.post(f"{self.mock.url}/mcp", json=message, headers={**self.headers, **headers})

    def ask(self, method, params=None, **headers):
        message = {"jsonrpc": "2.0", "id": 7, "method": method, **({} if params is None else {"params": params})}
        answer = self.post(message, **headers)
        assert answer.status_code == 200, answer.text
        data = answer.text
        if answer.headers["Content-Type"] == "text/event-stream":
            data = next(line for line in data.splitlines() if line.startswith("data: ")).removeprefix("data: ")
        told = json.loads(data)
        assert (told["jsonrpc"], told["id"]) == ("2.0", 7)
        return told

    def tool(self, tool, /, **arguments):
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})["result"]
        text = result["content"][0]["text"]
        if result["isError"]:
            return text
        return json.loads(text)


@pytest.fixture
def session(armor):
    return Session(armor)


# --------------------------------------------------------------------------------------------------------- getting in


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic eDp5"}])
def test_without_a_credential_one_is_told_where_to_get_one(armor, header):
    answer = requests.post(f"{armor.url}/mcp", json={}, headers={**ACCEPT, **header})
    assert (answer.status_code, answer.text) == (401, "")
    where = f"{armor.url}/.well-known/oauth-protected-resource/mcp"
    assert answer.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{where}"'
    assert requests.get(where).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "aa_live_unknownunknownunknown"])
def test_a_bad_token_is_told_as_one(armor, token):
    answer = requests.post(f"{armor.url}/mcp", json={}, headers={**ACCEPT, "Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_token"
    said = answer.headers["WWW-Authenticate"]
    assert said.startswith('Bearer error="invalid_token", error_description="')
    assert said.endswith(f'resource_metadata="{armor.url}/.well-known/oauth-protected-resource/mcp"')


def test_api_keys_get_in_by_a_setting_alone(armor):
    refused = requests.post(f"{armor.url}/mcp", json={}, headers={**ACCEPT, **armor.headers})
    assert (refused.status_code, armor.calls[-1].rule) == (401, "kind of credential")
    with MockAirflow(profile="anomalyarmor", anomalyarmor_mcp_keys="yes") as mock:
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        assert requests.post(f"{mock.url}/mcp", json=ping, headers={**ACCEPT, **mock.headers}).status_code == 200


def test_an_expired_token_gets_in_no_more(session, armor):
    assert session.ask("ping")["result"] == {}
    armor.tokens.expire_all()
    assert session.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}).status_code == 401


# ---------------------------------------------------------------------------------------------------------- transport


@pytest.mark.parametrize(
    ("asked", "told"),
    [("2024-11-05", "2024-11-05"), ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("1999", "2025-11-25")],
)
def test_the_version_is_agreed_upon(session, asked, told):
    result = session.ask("initialize", {"protocolVersion": asked, "capabilities": {}, "clientInfo": {}})["result"]
    assert (result["protocolVersion"], result["serverInfo"]["name"]) == (told, "armor-mcp")
    assert result["capabilities"] == {"tools": {"listChanged": False}}


def test_notifications_and_answers_are_taken_without_a_word(session):
    for message in ({"method": "notifications/initialized"}, {"id": 1, "result": {}}):
        answer = session.post({"jsonrpc": "2.0", **message})
        assert (answer.status_code, answer.text) == (202, "")


def test_plain_json_is_a_setting():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_mcp_json="yes") as mock:
        answer = Session(mock).post({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ([], 400, -32600),
        ({}, 400, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, 400, -32600),
    ],
)
def test_what_is_no_message(session, message, status, code):
    answer = session.post(message)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_rules_of_the_transport(session, armor):
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert session.post(ping, Accept="application/json").status_code == 406
    assert session.post(ping, **{"MCP-Protocol-Version": "1999"}).status_code == 400
    assert session.post(ping, **{"MCP-Protocol-Version": "2025-06-18"}).status_code == 200
    text = requests.post(f"{armor.url}/mcp", data="{", headers={**session.headers, "Content-Type": "application/json"})
    assert (text.status_code, text.json()["error"]["code"]) == (400, -32700)
    assert requests.post(f"{armor.url}/mcp", data="x", headers=session.headers).status_code == 415
    for method in ("GET", "DELETE"):
        answer = requests.request(method, f"{armor.url}/mcp", headers=session.headers)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_unknown_methods_and_tools(session):
    assert session.ask("nonsense")["error"]["code"] == -32601
    assert session.ask("tools/call", {"name": "nonsense"})["error"]["code"] == -32602
    assert session.ask("ping", [])["error"]["code"] == -32602


# --------------------------------------------------------------------------------------------------------------- tools


def test_the_tools_are_described(session):
    tools = {tool["name"]: tool for tool in session.ask("tools/list")["result"]["tools"]}
    assert len(tools) >= 45
    assert tools["list_assets"]["annotations"] == {"readOnlyHint": True, "idempotentHint": True}
    assert tools["get_lineage"]["inputSchema"]["required"] == ["asset_id"]
    for tool in tools.values():
        assert tool["description"].endswith(".")
        assert tool["inputSchema"]["type"] == "object"


def test_tools_see_and_change_what_the_api_does(session, armor):
    assert session.tool("health_summary")["overall_status"] == "critical"
    assets = {asset["qualified_name"]: asset["id"] for asset in session.tool("list_assets", limit=50)}
    orders = assets["snowflake.prod.warehouse.orders"]
    assert session.tool("manage_asset", action="get", asset_id=orders)["name"] == "orders"
    made = session.tool("create_alert_rule", name="by a model", severities=["critical"])
    listed = requests.get(f"{armor.api_url}/sdk/alerts/rules/{made['id']}", headers=armor.headers).json()
    assert listed["data"]["name"] == "by a model"
    session.tool("manage_alert_rule", action="delete", rule_id=made["id"])
    assert session.tool("manage_alert_rule", action="get", rule_id=made["id"]) == "NOT_FOUND: Rule not found"
    job = session.tool("trigger_asset_discovery", asset_id="snowflake.prod")
    assert session.tool("job_status", job_id=job["job_id"])["status"] == "completed"
    assert [one["name"] for one in session.tool("get_api_key_info", view="list")["keys"]] == ["first key"]


CALLS = {
    "get_todays_briefing": {},
    "get_freshness_summary": {},
    "check_freshness": {"asset_id": "snowflake.prod", "stale_only": True},
    "setup_freshness": {"asset_id": "snowflake.prod", "table_paths": ["warehouse.orders"]},
    "list_freshness_schedules": {},
    "get_schema_summary": {},
    "list_schema_changes": {"unacknowledged_only": True},
    "create_schema_baseline": {"asset_id": "snowflake.prod"},
    "enable_schema_monitoring": {"asset_id": "snowflake.prod"},
    "disable_schema_monitoring": {"asset_id": "snowflake.prod"},
    "get_schema_monitoring": {"asset_id": "snowflake.prod"},
    "dry_run_schema": {"asset_id": "snowflake.prod"},
    "get_alerts_summary": {},
    "list_alerts": {"status": "triggered"},
    "list_inbox_alerts": {},
    "list_alert_rules": {},
    "get_alert_trends": {"period": "30d"},
    "get_lineage": {"asset_id": "snowflake.prod.warehouse.orders"},
    "investigate_asset": {"asset_id": "snowflake.prod.warehouse.inventory"},
    "list_destinations": {},
    "setup_destination": {"destination_type": "email", "email": "a@example.com"},
    "list_tags": {"asset_id": "snowflake.prod"},
    "apply_tags": {"asset_id": "snowflake.prod", "object_path": "warehouse.orders.id", "tags": ["pii"]},
    "get_metrics_summary": {"asset_id": "snowflake.prod"},
    "list_metrics": {"asset_id": "snowflake.prod", "limit": 5},
    "create_metric": {"asset_id": "snowflake.prod", "metric_type": "row_count", "table_path": "warehouse.returns"},
    "get_validity_summary": {"asset_id": "snowflake.prod"},
    "list_validity_rules": {"asset_id": "snowflake.prod"},
    "create_validity_rule": {
        "asset_id": "snowflake.prod",
        "table_path": "warehouse.orders",
        "column_name": "amount",
        "rule_type": "range_bounds",
        "rule_config": {"min": 0},
    },
    "create_referential_check": {
        "asset_id": "snowflake.prod",
        "source_table": "warehouse.returns",
        "source_column": "order_id",
        "target_table": "warehouse.orders",
        "target_column": "id",
    },
    "manage_referential": {"action": "list", "asset_id": "snowflake.prod"},
    "get_coverage": {"scope": "asset", "asset_id": "snowflake.prod"},
    "manage_coverage": {"action": "gaps", "asset_id": "snowflake.prod"},
    "recommend": {"recommendation_type": "thresholds", "asset_id": "snowflake.prod", "days": 7},
    "generate_intelligence": {"asset_id": "snowflake.prod"},
}


def test_every_tool_that_needs_nothing_first(session):
    failed = {name: told for name, given in CALLS.items() if isinstance(told := session.tool(name, **given), str)}
    assert failed == {}


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("manage_asset", {"action": "get"}, "The argument asset_id is missing."),
        ("manage_asset", {"action": "burn", "asset_id": "x"}, "action must be one of get, test."),
        ("list_assets", {"limit": "many"}, "The argument limit must be of the type whole."),
        ("list_assets", {"colour": "red"}, "There is no argument colour."),
        ("get_coverage", {"scope": "asset"}, "The argument asset_id is required for scope asset."),
        ("list_assets", {"limit": 1000}, "VALIDATION_ERROR: limit must be between 1 and 100"),
        ("get_lineage", {"asset_id": "none"}, "ASSET_NOT_FOUND: Asset not found"),
    ],
)
def test_what_goes_wrong_in_a_tool_is_told_to_the_model(session, name, given, said):
    assert session.tool(name, **given) == said


def test_a_tool_asks_for_the_scope_of_what_it_does():
    with MockAirflow(profile="anomalyarmor", anomalyarmor_oauth_scope="read-only") as mock:
        session = Session(mock)
        assert session.tool("list_assets", limit=1)
        said = session.tool("create_schema_baseline", asset_id="snowflake.prod")
    assert said == "FORBIDDEN: This operation requires read-write scope"


def test_a_tool_that_is_refused_changes_nothing(session):
    given = {"asset_id": "snowflake.prod", "table_path": "warehouse.orders", "check_interval": "never"}
    before = len(session.tool("list_freshness_schedules"))
    assert session.tool("setup_freshness", **given).startswith("VALIDATION_ERROR")
    assert len(session.tool("list_freshness_schedules")) == before


def test_agents_find_the_server_by_its_card(armor):
    card = requests.get(f"{armor.url}/.well-known/mcp/server-card.json").json()
    assert card["serverUrl"] == f"{armor.url}/mcp"
    assert card["authentication"]["oauthProtectedResource"].endswith("/.well-known/oauth-protected-resource/mcp")
