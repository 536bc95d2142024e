"""MCP servers for Airflow 3, which agents steer it by: Astronomer's, and one that makes its tools of our document."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from mock_airflow import MockAirflow

Call = tuple[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(airflow_version="3.3.2", world="demo", expose_config="True", runs="instant") as mock:
        yield mock


def asked(program: str, options: list[str], calls: list[Call]) -> tuple[list[str], list[str]]:
    """The tools that the server has, and what it says to each call."""
    command = StdioServerParameters(command=str(Path(sys.executable).with_name(program)), args=options)

    async def converse() -> tuple[list[str], list[str]]:
        async with stdio_client(command) as streams, ClientSession(*streams) as session:
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            told = []
            for name, arguments in calls:
                answer = await session.call_tool(name, dict(arguments))
                assert not answer.isError, answer.content
                told.append("".join(getattr(each, "text", "") for each in answer.content))
            return tools, told

    return asyncio.run(converse())


def test_astronomers(airflow: MockAirflow) -> None:
    pair = airflow.credentials
    options = ["--airflow-url", airflow.url, "--username", pair["username"], "--password", pair["password"]]
    dag = {"dag_id": "daily_sales"}
    reads = [
        "list_dags",
        "list_dag_runs",
        "list_connections",
        "list_variables",
        "list_pools",
        "list_assets",
        "list_asset_events",
        "list_providers",
        "list_plugins",
        "list_import_errors",
        "list_dag_warnings",
        "get_airflow_version",
        "get_airflow_config",
        "get_system_health",
    ]
    of_dag = ["get_dag_details", "get_dag_source", "list_tasks", "explore_dag", "unpause_dag", "trigger_dag_and_wait"]
    calls: list[Call] = [*((name, {}) for name in reads), *((name, dag) for name in of_dag)]

    tools, told = asked("astro-airflow-mcp", options, calls)

    assert {name for name, _ in calls} <= set(tools)
    answers = {name: json.loads(text) for (name, _), text in zip(calls, told, strict=True)}
    assert not [name for name, answer in answers.items() if "error" in answer]
    assert answers["list_dags"]["total_dags"] == 8
    assert answers["get_airflow_version"]["version"] == "3.3.2"
    assert answers["trigger_dag_and_wait"]["dag_run"]["state"] == "success"
    assert {call.status for call in airflow.calls} <= {200, 201}


def test_one_that_makes_its_tools_of_the_document(airflow: MockAirflow) -> None:
    token = airflow.headers["Authorization"].removeprefix("Bearer ")
    options = ["--static-tools", "--base-url", airflow.url, "--auth-token", token]
    calls: list[Call] = [("get_dags", {}), ("get_pool", {"pool_name": "default_pool"}), ("get_version", {})]

    tools, _ = asked("airflow-mcp-server", options, calls)

    assert {"get_dags", "trigger_dag_run", "bulk_pools", "get_log"} <= set(tools)
    assert len(tools) == 128
    answered = [(call.operation_id, call.status) for call in airflow.calls if call.operation_id is not None]
    assert answered[-3:] == [("get_dags", 200), ("get_pool", 200), ("get_version", 200)]
