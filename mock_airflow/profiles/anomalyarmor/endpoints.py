"""All of the vendor's endpoints; importing this module fills the tables."""

from __future__ import annotations

from mock_airflow.profiles.anomalyarmor import (
    alert_rules,
    alerts,
    assets,
    badges,
    contracts,
    coverage,
    destinations,
    freshness,
    health,
    incidents,
    intelligence,
    investigations,
    jobs,
    keys,
    lineage,
    mcp,
    metrics,
    oauth,
    recommendations,
    referential,
    schema,
    slack,
    tags,
    validity,
)
from mock_airflow.profiles.anomalyarmor.api import API, HOST

MODULES = (
    keys,
    assets,
    freshness,
    schema,
    lineage,
    alerts,
    alert_rules,
    destinations,
    slack,
    incidents,
    investigations,
    tags,
    badges,
    metrics,
    validity,
    referential,
    coverage,
    recommendations,
    intelligence,
    health,
    jobs,
    contracts,
    oauth,
    mcp,
)
APIS = (API, HOST, mcp.MCP)
