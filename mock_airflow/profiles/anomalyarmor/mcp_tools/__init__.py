"""The MCP server's tools: each calls one of the API's operations with what it is given.

Names and arguments are those of armor-mcp 0.9.1 (code); the descriptions are our own. A tool that would fail there,
since it calls what the package of 0.6.0 does not have, works here.
"""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor.mcp_tools import alerts, assets, destinations, freshness, quality
from mock_airflow.profiles.anomalyarmor.mcp_tools.tool import TOOLS, ToolProblem, Use

MODULES = (assets, freshness, alerts, destinations, quality)
__all__ = ["MODULES", "TOOLS", "ToolProblem", "Use"]
