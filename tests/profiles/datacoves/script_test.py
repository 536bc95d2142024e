"""The script that users of Datacoves paste from its page, in words of our own, against a deployment of that profile.

The variable holds the URL with a slash at its end and the script joins with another one, so every call arrives as
`/api/v1//...` and is redirected with its method, body and header.
"""

import json
import subprocess
import sys

import pytest
import requests

from mock_airflow import MockAirflow

SCRIPT = """
import json
import os
import requests

BASE, KEY = os.environ["MY_AIRFLOW_API_URL"], os.environ["MY_AIRFLOW_API_KEY"]
HEADERS = {"Authorization": f"Token {KEY}"}


def dag_names():
    answer = requests.get(f"{BASE}/dags", headers={**HEADERS, "Content-Type": "application/json"})
    return sorted(dag["dag_id"] for dag in answer.json()["dags"])


def start(dag_id):
    answer = requests.post(f"{BASE}/dags/{dag_id}/dagRuns", headers=HEADERS, json={"note": "Started by a script"})
    return answer.json()


def tell_of_change(uri):
    answer = requests.post(f"{BASE}/datasets/events", headers=HEADERS, json={"dataset_uri": uri})
    return answer.json()


print(json.dumps([tell_of_change("upstream_data"), start("bad_variable_usage"), dag_names()]))
"""


@pytest.fixture
def datacoves():
    with MockAirflow(profile="datacoves", world="demo") as mock:
        yield mock


def test_script_runs_with_nothing_but_its_two_variables(datacoves):
    variables = {name: value for name, value in datacoves.env.items() if name.startswith("MY_AIRFLOW_")}
    assert {*variables} == {"MY_AIRFLOW_API_URL", "MY_AIRFLOW_API_KEY"}
    assert variables["MY_AIRFLOW_API_URL"] == datacoves.api_url + "/"
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=variables, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    event, run, names = json.loads(done.stdout)
    assert (event["dataset_uri"], event["source_run_id"]) == ("upstream_data", None)
    assert (run["dag_id"], run["note"], run["state"]) == ("bad_variable_usage", "Started by a script", "queued")
    assert names == sorted(dag.dag_id for dag in datacoves.deployment.airflow.dags if dag.is_active)
    assert [(call.method, call.path, call.status) for call in datacoves.calls] == [
        ("POST", "/api/v1//datasets/events", 308),
        ("POST", "/api/v1/datasets/events", 200),
        ("POST", "/api/v1//dags/bad_variable_usage/dagRuns", 308),
        ("POST", "/api/v1/dags/bad_variable_usage/dagRuns", 200),
        ("GET", "/api/v1//dags", 308),
        ("GET", "/api/v1/dags", 200),
    ]
    assert {call.credential for call in datacoves.calls} == {f"Token {variables['MY_AIRFLOW_API_KEY'][:8]}***"}


def test_what_the_script_did_is_there_afterwards(datacoves):
    variables = {name: value for name, value in datacoves.env.items() if name.startswith("MY_AIRFLOW_")}
    subprocess.run([sys.executable, "-c", SCRIPT], env=variables, capture_output=True, check=True, timeout=60)
    runs = datacoves.deployment.airflow.dag_runs.group("dag_id", "bad_variable_usage").values()
    mine = [run for run in runs if run.note == "Started by a script"]
    events = list(datacoves.deployment.airflow.asset_events)

    assert len(mine) == 1
    assert datacoves.dag_run(*mine[0].key).state in ("queued", "running")
    datacoves.clock.advance(hours=1)
    assert datacoves.dag_run(*mine[0].key).state in ("success", "failed")
    assert events[-1].asset_uri == "upstream_data"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/dags?limit=1"), ("POST", "/datasets/events"), ("POST", "/dags/none/dagRuns")]
)
def test_doubled_slash_is_redirected_to_the_merged_path(datacoves, method, path):
    url = f"{datacoves.env['MY_AIRFLOW_API_URL']}{path}"
    answer = requests.request(method, url, headers=datacoves.headers, json={}, allow_redirects=False)

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"{datacoves.api_url}{path}"


def test_key_that_does_not_open(datacoves):
    revoked, expired, turned = (datacoves.keys.create() for _ in range(3))
    datacoves.keys.revoke(revoked)
    datacoves.keys.expire(expired)
    datacoves.keys.rotate(turned)
    good = datacoves.credentials["api_key"]
    said = {
        None: "Authentication credentials were not provided.",
        f"Bearer {good}": "Authentication credentials were not provided.",
        good: "Authentication credentials were not provided.",
        "Token": "Invalid token header. No credentials provided.",
        "Token ": "Invalid token header. No credentials provided.",
        f"Token {good} x": "Invalid token header. Token string should not contain spaces.",
        "Token 0123456789abcdef": "Invalid token.",
        f"Token {good[:8]}": "Invalid token.",
        f"Token {good.upper()}": "Invalid token.",
        f"Token {revoked.secret}": "Invalid token.",
        f"Token {expired.secret}": "Invalid token.",
        f"Token {turned.secret}": "Invalid token.",
    }
    for header, detail in said.items():
        headers = {} if header is None else {"Authorization": header}
        for path in ("/dags", "//dags", "/health", "/nothing"):
            answer = requests.get(datacoves.api_url + path, headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"detail": detail}), (header, path)
            assert answer.headers["WWW-Authenticate"] == "Token"
    assert all(good not in f"{call}" for call in datacoves.calls)


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN"])
def test_scheme_in_any_case(datacoves, scheme):
    headers = {"Authorization": f"{scheme} {datacoves.credentials['api_key']}"}

    assert requests.get(datacoves.api_url + "/dags", headers=headers).status_code == 200


def test_read_only_key_may_look_and_not_touch(datacoves):
    headers = {"Authorization": f"Token {datacoves.keys.create(scope='read-only').secret}"}

    assert requests.get(datacoves.api_url + "/dags", headers=headers).status_code == 200
    answer = requests.post(datacoves.api_url + "/dags/bad_variable_usage/dagRuns", headers=headers, json={})
    assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")
