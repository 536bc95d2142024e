"""The profile gateway, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, HOST, KEY, Explanation

EXPLANATION = Explanation(
    title="Profile gateway: a proxy of one's own, by settings alone",
    meaning="Before Airflow stands a proxy that reads the header gateway_header: a key or a JWT after gateway_scheme, a"
    " name and a password, or a client certificate's subject (gateway_credential). What it answers to a missing and"
    " to a wrong credential, and to who has no role, are statuses and templates of the settings.",
    causes=(
        "gateway_roles gives names and groups a role of Airflow's, such as data-team=Op; * is anybody.",
        "A JWT is checked by issuer, audience and time, with this server's keys or with those of gateway_jwks; groups"
        " are in the claim gateway_role_claim. /oauth/token makes one for a client.",
        "Templates may have $status, $title, $reason, $rule, $path, $url, $request_id and $retry_after.",
        "limit_headers and retry_after say how a limit is told; gateway_mount puts Airflow below a path.",
        "docs/profiles/gateway.md has an API gateway's key, an OIDC proxy and basic authentication by nginx.",
    ),
    options=f"--profile gateway --key {KEY}:read-only",
    calls=(
        (f"curl {API}/dags", 401),
        (f"curl -H 'Authorization: Bearer {KEY}' {API}/dags", 200),
        (f"curl -H 'Authorization: Bearer {KEY}' -X DELETE {API}/dags/bad_variable_usage", 403),
        (f"curl {HOST}/oauth/token -d grant_type=client_credentials", 404),
    ),
    elsewhere=(
        (
            "--profile gateway --set gateway_header=X-Api-Key --set gateway_scheme=",
            ((f"curl {API}/dags", 401), (f"curl -H 'X-Api-Key: wrong-key' {API}/dags", 401)),
        ),
    ),
)
