"""The profile astronomer-software, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import HOST, KEY, Explanation

_AIRFLOW = f"{HOST}/quasar-1234/airflow"
_RAW = f"-H 'Authorization: {KEY}'"

EXPLANATION = Explanation(
    title="Profile astronomer-software: Astronomer Enterprise, Software, Private Cloud",
    meaning="An ingress asks Houston, the platform's API, who calls, and sends whoever is nobody to the login page: a"
    " missing or wrong key is a 302 and never a 401. The key stands in the Authorization header as it is, or after"
    " Bearer. Airflow answers below /<release>/airflow only, with the experimental API of Airflow 1.10 on, and the"
    " platform's HTML pages take the place of its 403, 404, 502 and 503.",
    causes=(
        "A client that follows redirects gets the login page with 200, and fails when it reads that as JSON.",
        "Service accounts are made, listed, changed and deleted by GraphQL at POST /v1, with the schema's own"
        " introspection. Their keys are told again whenever asked for.",
        "A role in the workspace gives the same role in its deployments: VIEWER acts as Viewer, EDITOR as User, ADMIN"
        " as Admin. A key of another deployment is refused with the 403 page.",
        "A user's temporary token, good for 24 hours: createToken, or /login and then /token; give the server a"
        " --user.",
    ),
    options=f"--profile astronomer-software --key {KEY}:read-only",
    calls=(
        (f"curl {_RAW} {_AIRFLOW}/api/experimental/pools", 200),
        (f"curl -H 'Authorization: Bearer {KEY}' {_AIRFLOW}/api/v1/dags", 200),
        (f"curl {_AIRFLOW}/api/v1/dags", 302),
        (f"curl {_RAW} -X DELETE {_AIRFLOW}/api/v1/dags/bad_variable_usage", 403),
        (f"curl {_RAW} {HOST}/api/v1/dags", 404),
        (f"curl {HOST}/login", 200),
    ),
    elsewhere=(
        (
            "--profile astronomer-software --airflow-version 3.3.2",
            ((f"curl {_AIRFLOW}/api/v2/dags", 302), (f"curl {HOST}/login", 200)),
        ),
    ),
)
