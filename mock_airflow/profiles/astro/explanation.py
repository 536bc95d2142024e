"""The profile astro, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, CONTROL, HOST, JSON, Explanation

_PAIR = '"client_id": "x", "client_secret": "y", "grant_type": "client_credentials", "audience": "astronomer-ee"'

EXPLANATION = Explanation(
    title="Profile astro: Deployment API keys and API tokens of the cloud",
    meaning="A Deployment API key's id and secret are exchanged at /oauth/token (JSON or a form) for a token that is"
    " good for 24 hours, a JWT signed with RS256. API tokens of a deployment, a workspace or the organization are such"
    " JWTs themselves. Either goes along as Authorization: Bearer <token>. Airflow is at /<short id>, d and the last"
    " seven characters of the deployment's id, and at the root too (astro_root).",
    causes=(
        "A wrong id and a wrong secret are the same 401 access_denied; another grant or audience is a 403.",
        "A deleted key is gone for good, but what it was exchanged for counts until it expires"
        " (astro_tokens_outlive_keys).",
        "API tokens are made, listed, rotated and deleted at /v1/organizations/<id>/tokens. create and rotate alone"
        " tell the value; a rotated or deleted one is refused at once.",
        "A token without a role on the deployment is a 403; none, a wrong or an expired one is a 401.",
        "Tokens can be checked with /.well-known/jwks.json, which /.well-known/openid-configuration names.",
        "With airflow_version=3.3.2 keys are gone (astro_api_keys): the first credential is an API token, for /api/v2.",
        "Variables: ASTRONOMER_KEY_ID and ASTRONOMER_KEY_SECRET, or ASTRO_API_TOKEN; serve prints the first two.",
    ),
    options="--profile astro",
    calls=(
        (f"curl {API}/dags", 401),
        (f"curl {JSON} -d '{{{_PAIR}}}' {HOST}/oauth/token", 401),
        (f"curl {JSON} -d '{{}}' {HOST}/oauth/token", 400),
        (f"curl {HOST}/v1/organizations", 401),
        (f"curl {HOST}/.well-known/jwks.json", 200),
        (f"curl {CONTROL}/keys", 200),
    ),
    elsewhere=(
        (
            "--profile astro --airflow-version 3.3.2",
            (
                (f"curl {HOST}/dz3uu847/api/v2/dags", 401),
                (f"curl {JSON} -d '{{{_PAIR}}}' {HOST}/oauth/token", 403),
            ),
        ),
    ),
)
