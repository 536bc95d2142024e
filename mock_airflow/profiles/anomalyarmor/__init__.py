"""AnomalyArmor: API keys with scopes and tiers, OAuth 2.1 for its MCP server, and the resources that its tools read.

``resources/`` declares them: a ``Collection`` is a list of items with its verbs, a ``Shape`` how something is shown,
and a handler asks its ``Ask`` for all that a request holds. Each module says what is documented, what the vendor's
packages show (code), and what is assumed; every assumption is a setting of the profile.
``docs/profiles/anomalyarmor.md`` has the table.
"""
