"""The profile airflow2, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import ADMIN, API, Explanation

EXPLANATION = Explanation(
    title="Profile airflow2: an Airflow 2 of one's own",
    meaning="Basic authentication and the roles Admin, Op, User, Viewer and Public, checked in the order of a real"
    " server: route and method (404, 405), shape of body and query (415, 400), credential (403; 401 with"
    " auth_role_public unset), rate limit, permission (403), existence and meaning (404, 409, 400).",
    causes=(
        "Open to everybody: /api/v1/health, /api/v1/version and /health.",
        "Real servers have session authentication only, until [api] auth_backends is changed; here basic_auth is"
        " on. --set auth_backends=session shows the difference: a right password gets 403.",
        "Users: --user name:password:Role, repeated as needed; without any, an admin is made and printed.",
        "Each request with a valid password counts as a login of the user.",
    ),
    options="--user vera:vera:Viewer",
    calls=(
        (f"curl {API}/health", 200),
        (f"curl {API}/dags", 403),
        (f"curl -u vera:vera {API}/dags", 200),
        (f"curl -u vera:vera -X DELETE {API}/dags/bad_variable_usage", 403),
    ),
    elsewhere=(("--set auth_backends=session", ((f"curl {ADMIN} {API}/dags", 403),)),),
)
