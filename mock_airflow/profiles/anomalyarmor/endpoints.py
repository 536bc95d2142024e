"""All of the vendor's endpoints; importing this module fills the tables."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor import mcp, oauth
from mock_airflow.profiles.anomalyarmor.api import API, HOST
from mock_airflow.profiles.anomalyarmor.resources import contracts, coverage, insights, keys, notifications, tags

MODULES = (keys, contracts, coverage, insights, notifications, tags, oauth, mcp)  # each imports those it builds on
APIS = (API, HOST, mcp.MCP)
