"""AnomalyArmor: API keys with scopes and tiers, OAuth 2.1 for its MCP server, and the resources that its tools read.

``resources/`` has a class for each of its resources. A method under ``@get("/path")`` is an operation, whose parameters
are what it reads (``resource.py``); a class of ``Items`` that says its path, what a new item takes and what an item
shows has all five verbs. Fields and views are texts, as ``declared.py`` tells. ``tools.json`` has the MCP server's
tools, ``warehouse.json`` what a deployment holds from the start.

Each module says what is documented, what the vendor's packages show (code), and what is assumed; every assumption is a
setting of the profile. ``docs/profiles/anomalyarmor.md`` has the table.
"""
