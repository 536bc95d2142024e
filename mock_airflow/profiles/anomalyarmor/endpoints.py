"""All of the vendor's endpoints and tools; importing this module fills the tables."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor import mcp, oauth, tools
from mock_airflow.profiles.anomalyarmor.api import API, HOST
from mock_airflow.profiles.anomalyarmor.resources import (
    assets,
    contracts,
    coverage,
    insights,
    keys,
    notifications,
)

# Each imports what it builds on, so that these are all.
MODULES = (keys, assets, contracts, coverage, insights, notifications, oauth, mcp, tools)
APIS = (API, HOST, mcp.MCP)
