"""The profile airbyte, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, CONTROL, HOST, JSON, Explanation

_PUBLIC = f"{HOST}/api/public/v1"

EXPLANATION = Explanation(
    title="Profile airbyte: applications and access tokens",
    meaning="An application's client id and secret are exchanged for an access token, a JWT, and that goes along as"
    " Authorization: Bearer <token>. Two endpoints exchange them with different answers: /api/v1/applications/token"
    " tells access_token and nothing else, /api/public/v1/applications/token also token_type and expires_in. Behind the"
    " gate sits an ordinary Airflow 2, with the role that the application's scope maps to.",
    causes=(
        "airbyte-api joins its default token path to the host alone, so it asks /applications/token, which is served"
        " too. It wants token_type, so /api/v1/applications/token fails with it.",
        "A token lives 60 minutes by the page for Self-Managed Enterprise. The cloud had 3 minutes and has 15:"
        " --set airbyte_token_minutes=15 (24 h is 1440).",
        "The secret is no one-time thing: every list tells it again.",
        "Editions word errors in other ways: --set airbyte_edition=community, enterprise or cloud. A wrong pair is 400,"
        " 401 and 401.",
        "A token cannot be revoked; a deleted application's tokens count until they expire (assumed).",
        "Lists tell a next page after every page with anything in it, so a client meets one empty page at the end.",
        "Variables: AIRBYTE_CLOUD_CLIENT_ID, AIRBYTE_CLOUD_CLIENT_SECRET, AIRBYTE_CLOUD_API_URL; serve prints them.",
    ),
    options="--profile airbyte",
    calls=(
        (f"curl {_PUBLIC}/workspaces", 401),
        (f"curl {API}/dags", 401),
        (f'curl {JSON} -d \'{{"client_id": "x", "client_secret": "y"}}\' {API}/applications/token', 401),
        (f"curl {CONTROL}/keys", 200),
    ),
    elsewhere=(
        (
            "--profile airbyte --set airbyte_edition=community",
            ((f'curl {JSON} -d \'{{"client_id": "x", "client_secret": "y"}}\' {API}/applications/token', 400),),
        ),
    ),
)
