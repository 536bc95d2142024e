"""The profile airflow3, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import HOST, JSON, Explanation

PAIR = '{"username": "admin", "password": "admin"}'

EXPLANATION = Explanation(
    title="airflow3: an Airflow 3 of one's own, with tokens from /auth/token",
    meaning=(
        "The API is /api/v2. Name and password are exchanged at POST /auth/token for a JWT, which is sent as"
        " Authorization: Bearer <token>, or as the cookie _token. Basic authentication opens nothing."
    ),
    causes=(
        "No token is a 401 Not authenticated, an expired one a 401 Token Expired, any other that does not count a 403.",
        "The roles are viewer, user, op and admin, each with what the ones before it may do; too low a role is a 403.",
        "Permission is looked at before the request itself: who may not do a thing never sees the 422.",
        "A token lives for 24 hours (jwt_expiration_time), one of /auth/token/cli for one (jwt_cli_expiration_time).",
    ),
    options="--profile airflow3",
    calls=(
        (f"curl {JSON} -d '{PAIR}' {HOST}/auth/token", 201),
        (f"curl {HOST}/api/v2/pools", 401),
        (f"curl --user admin:admin {HOST}/api/v2/pools", 401),
        (f"curl {HOST}/api/v2/version", 200),
    ),
)
