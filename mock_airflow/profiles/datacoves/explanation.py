"""The profile datacoves, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, HOST, JSON, KEY, RUNS, Explanation

_TOKEN = f"-H 'Authorization: Token {KEY}'"

EXPLANATION = Explanation(
    title="Profile datacoves: My Airflow and Team Airflow",
    meaning="A gate in front of an ordinary Airflow 2 reads Authorization: Token <key>, and no other scheme. Every"
    " path needs the key, /health included, and the gate answers before Airflow does: an unknown path without a key"
    " is 401. The header, the variables and that a key is shown once are documented; the gate's refusals are not,"
    " and follow Django REST framework.",
    causes=(
        "The documented URL ends in a slash and the sample script joins '/dags' to it. Airflow answers"
        " /api/v1//dags with 308 to the merged path; requests follows, httpx and curl without -L do not.",
        "A key's first eight characters name it; only they are kept in the clear.",
        "Keys: --key SECRET:SCOPE with read-only (acts as Viewer), read-write (User) or admin; later with"
        " `mock-airflow keys create`, revoke and rotate.",
        "Variables: MY_AIRFLOW_API_URL and MY_AIRFLOW_API_KEY; for Team Airflow AIRFLOW_API_URL and"
        " DATACOVES_API_KEY. serve prints them.",
    ),
    options=f"--profile datacoves --key {KEY}:read-only",
    calls=(
        (f"curl {API}/health", 401),
        (f"curl {_TOKEN} {API}/dags", 200),
        (f"curl {_TOKEN} {API}//dags", 308),
        (f"curl -H 'Authorization: Bearer {KEY}' {API}/dags", 401),
        (f"curl {_TOKEN} {JSON} -d '{{}}' {RUNS}", 403),
    ),
    elsewhere=(
        (
            f"--profile datacoves --key {KEY}:read-only --airflow-version 3.3.2",
            ((f"curl {_TOKEN} {HOST}/api/v2/dags", 200), (f"curl {HOST}/api/v2/dags", 401)),
        ),
    ),
)
