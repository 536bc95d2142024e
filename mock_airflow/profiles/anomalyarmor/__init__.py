"""AnomalyArmor: API keys with scopes and tiers, OAuth 2.1 for its MCP server, and the resources that its tools read.

Each module tells what is documented, what the vendor's packages show (code), and what is assumed; every assumption is a
setting of the profile. ``docs/profiles/anomalyarmor.md`` has the table.
"""
