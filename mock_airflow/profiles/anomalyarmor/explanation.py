"""The profile anomalyarmor, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, HOST, JSON, KEY, RUNS, Explanation

_BEARER = f"-H 'Authorization: Bearer {KEY}'"

EXPLANATION = Explanation(
    title="Profile anomalyarmor: API keys with scopes and tiers, and OAuth for the MCP server",
    meaning="A key goes along as Authorization: Bearer aa_live_<random>. Its scope says which methods pass: read-only"
    " GET, read-write GET and POST, admin all of them and the keys. That counts for the vendor's own resources and for"
    " the ordinary Airflow 2 behind the gate alike. The MCP server at /mcp takes OAuth access tokens alone, and a 401"
    " from it tells where its authorization server is described.",
    causes=(
        "Its documentation shows /api/v1/assets, its Python package calls /api/v1/sdk/assets and expects another form;"
        " both are served.",
        "A revoked key opens nothing from the next request on, and cannot be brought back.",
        "The package raises AuthenticationError for 403 too, with 'Forbidden: ' before the message.",
        "The plan allows so many keys: --tier free-trial allows one, and a second is refused with 403 (assumed:"
        " anomalyarmor_key_limit_status).",
        "Nobody is asked on the consent page with --set anomalyarmor_auto_approve=yes.",
        "Variables: ARMOR_API_KEY and ARMOR_API_URL, which has to end in /api/v1; serve prints them.",
    ),
    options=f"--profile anomalyarmor --key {KEY}:read-only",
    calls=(
        (f"curl {API}/sdk/assets", 401),
        (f"curl {_BEARER} {API}/sdk/assets", 200),
        (f"curl {_BEARER} {API}/assets", 200),
        (f"curl {_BEARER} {API}/assets/no.such.table", 404),
        (f"curl -X POST {_BEARER} {API}/sdk/freshness/snowflake.prod.warehouse.orders/refresh", 403),
        (f'curl {_BEARER} {JSON} -d \'{{"name": "ci"}}\' {API}/api-keys', 403),
        (f"curl {_BEARER} {JSON} -d '{{}}' {RUNS}", 403),
        (f"curl -X POST {HOST}/mcp", 401),
        (f"curl {HOST}/.well-known/oauth-protected-resource/mcp", 200),
    ),
)
