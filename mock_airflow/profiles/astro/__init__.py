"""Astro, the cloud: Deployment API keys that are exchanged for tokens, and API tokens that are used as they are.

In one server stand, by path, the three hosts that the cloud has: the auth host (``/oauth/token``), the API
(``/v1/organizations/...``) and the deployment's own (``/<short id>/api/v1``).
"""
