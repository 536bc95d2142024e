"""Two servers over one database: one truth, whichever is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
import requests
from hypothesis import HealthCheck, given, settings, strategies as st
from werkzeug.test import Client

from mock_airflow import MockAirflow

from .postgres import Postgres

CHECKOUT = Path(__file__).parents[2]
FROZEN: dict[str, Any] = {"clock": "2025-03-01T00:30:00Z", "frozen": True, "world": "etl"}


class Pair(Protocol):
    """Opens the test's deployment twice, as two servers do; the first has the settings."""

    def __call__(self, **settings: Any) -> tuple[MockAirflow, MockAirflow]: ...


@pytest.fixture
def pair(database: str, name: str) -> Iterator[Pair]:
    with ExitStack() as stack:

        def opened(**settings: Any) -> tuple[MockAirflow, MockAirflow]:
            first = stack.enter_context(MockAirflow(database=database, deployment=name, **settings))
            return first, stack.enter_context(MockAirflow(database=database, deployment=name))

        yield opened


def rows(mock: MockAirflow) -> dict[str, list[Any]]:
    with mock.deployment.lock:
        return {
            name: [row for row in table if getattr(row, "name", "") != "passwords"]
            for name, table in mock.deployment.airflow.tables.items()
        }


def token(secret: str) -> dict[str, str]:
    return {"Authorization": f"Token {secret}"}


def test_what_one_changes_the_other_knows_at_its_next_request(pair: Pair) -> None:
    first, second = pair(profile="datacoves", **FROZEN)
    issued = first.keys.create(scope="read-only")

    def asked() -> int:
        return requests.get(second.api_url + "/dags", headers=token(issued.secret)).status_code

    assert asked() == 200
    first.limits.set("1/minute")
    assert [asked(), asked()] == [200, 429]
    first.clock.advance(minutes=1)
    assert asked() == 200
    first.limits.set(None)
    first.faults.add("GET */dags", status=503, times=1)
    assert [asked(), asked()] == [503, 200]
    first.keys.revoke(issued)
    assert asked() == 401


def test_no_snapshot_takes_the_place_of_anothers(pair: Pair) -> None:
    first, second = pair(**FROZEN)
    kept: dict[str, int] = {}
    for mock, value in ((first, "a"), (second, "b"), (first, "c")):
        variable = {"key": "colour", "value": value}
        requests.post(mock.api_url + "/variables", json=variable, headers=mock.headers).raise_for_status()
        kept[value] = requests.post(mock.url + "/__mock__/snapshot").json()["id"]
        requests.delete(mock.api_url + "/variables/colour", headers=mock.headers).raise_for_status()
    later, _ = pair()
    kept["none"] = requests.post(later.url + "/__mock__/snapshot").json()["id"]

    assert list(kept.values()) == [1, 2, 3, 4]
    for mock in (first, second, later):
        for value in "abc":
            requests.post(f"{mock.url}/__mock__/restore/{kept[value]}").raise_for_status()
            found = requests.get(mock.api_url + "/variables/colour", headers=mock.headers).json()["value"]
            assert found == value
    requests.delete(f"{first.url}/__mock__/snapshots/2").raise_for_status()  # in a turn that changes nothing else
    told = requests.get(second.url + "/__mock__/snapshots").json()["snapshots"]
    assert [each["id"] for each in told] == [1, 3, 4]


def test_snapshots_resets_and_rewinds_are_everybodys(pair: Pair) -> None:
    first, second = pair(**FROZEN)
    control = {"one": first.url + "/__mock__", "other": second.url + "/__mock__"}
    variables = second.api_url + "/variables"

    def put(mock: MockAirflow, key: str) -> None:
        answer = requests.post(mock.api_url + "/variables", auth=("admin", "admin"), json={"key": key, "value": "x"})
        assert answer.status_code == 200

    def there() -> set[str]:
        told = requests.get(variables, auth=("admin", "admin")).json()["variables"]
        return {each["key"] for each in told} & {"a", "b", "c"}

    put(first, "a")
    kept = requests.post(control["one"] + "/snapshot").json()["id"]
    put(second, "b")
    assert [each["id"] for each in requests.get(control["other"] + "/snapshots").json()["snapshots"]] == [kept]
    requests.post(f"{control['other']}/restore/{kept}").raise_for_status()
    assert there() == {"a"}
    assert rows(first) == rows(second)
    put(first, "c")
    put(second, "b")
    number = next(call.number for call in second.calls if call.method == "POST" and '"c"' in call.request_body)
    requests.post(f"{control['other']}/rewind/{number}").raise_for_status()  # a call that the first one answered
    assert there() == {"a"}
    assert rows(first) == rows(second)
    requests.delete(f"{control['one']}/snapshots/{kept}").raise_for_status()
    assert requests.post(f"{control['other']}/restore/{kept}").status_code == 404
    requests.post(control["other"] + "/reset").raise_for_status()
    assert requests.get(control["one"] + "/journal").json()["total_entries"] == 0
    assert rows(first) == rows(second)


def test_limits_and_run_ids_are_exact_under_load_and_the_histories_are_equal(pair: Pair) -> None:
    first, second = pair(profile="datacoves", rate_limit="40/day", **FROZEN)
    numbers = count()

    def ask(mock: MockAirflow) -> int:
        number = next(numbers)
        body = {} if number % 2 else {"conf": {"number": number}}
        url = f"{mock.api_url}/dags/etl/dagRuns"
        return requests.post(url, headers=first.headers, json=body, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(ask, [first, second] * 40))

    assert answers[200] + answers[409] == 40  # two within a microsecond of a frozen clock ask for the same run id
    assert answers[429] == 40
    ids = [run.run_id for run in first.deployment.airflow.dag_runs if run.run_type == "manual"]
    assert len(ids) == len(set(ids)) >= 1
    assert rows(first) == rows(second)
    histories = [
        [(call.number, call.status, call.path) for call in mock.calls if call.path.endswith("dagRuns")]
        for mock in (first, second)
    ]
    assert histories[0] == histories[1]
    assert len(histories[0]) == 80
    assert [number for number, *_ in histories[0]] == list(range(1, 81))


def test_what_calls_changed_is_told_the_same_by_every_server(pair: Pair) -> None:
    first, second = pair(**FROZEN)
    secret = "pass-of-the-warehouse-1"
    connection = {"connection_id": "c", "conn_type": "http", "password": secret, "host": "example.org"}

    for mock, method, path, body in (
        (first, "POST", "dags/etl/dagRuns", {"dag_run_id": "mine", "conf": {"words": 'with "quotes"'}}),
        (second, "PATCH", "pools/default_pool", {"name": "default_pool", "slots": 3}),
        (first, "POST", "connections", connection),
        (second, "POST", "variables", {"key": "told", "value": f"it is {secret}"}),
        (first, "DELETE", "variables/told", None),
    ):
        answer = requests.request(method, f"{mock.api_url}/{path}", auth=("admin", "admin"), json=body)
        assert answer.ok, answer.text

    assert rows(first) == rows(second)  # both have read what the other wrote last
    told = [[call.told() for call in mock.calls] for mock in (first, second)]
    assert told[0] == told[1]
    assert [len(call["changes"]) > 0 for call in told[0]] == [True] * 5
    assert secret not in json.dumps(told)


def test_four_processes_admit_as_one_would(postgres: Postgres) -> None:
    """The whole of it is 64 clients and 20,000 requests: ``python -m benchmarks.replicas postgresql://...``."""
    command = [sys.executable, "-m", "benchmarks.replicas", postgres.made(), "--clients", "8", "--requests", "200"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "150 of 150" in done.stdout


def test_a_request_that_came_second_is_walked_again(pair: Pair) -> None:
    """Without a journal a GET takes no turn at first; what it changes is lost to whoever was faster, and done again."""
    first, second = pair(journal_size=0, profile="datacoves", **FROZEN)
    seen: list[str] = []
    profile = second.deployment.profile
    authenticate = profile.authenticate

    def slowly(request: Any, site: Any) -> Any:
        found = authenticate(request, site)
        if not seen:  # the other one is faster, just this once
            with first.deployment.lock:
                first.deployment.airflow.next_id("anything")
        seen.append(request.path)
        return found

    patched = pytest.MonkeyPatch()
    patched.setattr(type(profile), "authenticate", lambda self, request, site: slowly(request, site))
    with patched.context():
        answer = Client(second.deployment.wsgi).get("/api/v1/dags", headers=first.headers)
    patched.undo()

    assert answer.status_code == 200
    assert len(seen) == 2
    assert rows(first) == rows(second)


OPERATIONS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["trigger", "variable", "unvariable", "advance", "pause", "pool", "list", "limit", "settle"]),
        st.integers(0, 3),
    ),
    max_size=15,
)


def carried_out(mock: MockAirflow, what: str, number: int) -> Any:
    """One operation, and what it tells."""
    call = Client(mock.deployment.wsgi)
    auth, json_body = ("admin", "admin"), {"key": f"k{number}", "value": str(number)}
    if what == "trigger":
        answer = call.post("/api/v1/dags/etl/dagRuns", auth=auth, json={"dag_run_id": f"r{number}"})
    elif what == "variable":
        answer = call.post("/api/v1/variables", auth=auth, json=json_body)
    elif what == "unvariable":
        answer = call.delete(f"/api/v1/variables/k{number}", auth=auth)
    elif what == "advance":
        return call.post("/__mock__/clock/advance", json={"seconds": 40 * number}).get_json()
    elif what == "pause":
        answer = call.patch("/api/v1/dags/etl", auth=auth, json={"is_paused": bool(number % 2)})
    elif what == "pool":
        answer = call.patch("/api/v1/pools/default_pool", auth=auth, json={"name": "default_pool", "slots": number + 1})
    elif what == "limit":
        mock.limits.set(f"{number + 2}/minute")
        return None
    elif what == "settle":
        mock.deployment.settle()
        return None
    else:
        answer = call.get("/api/v1/dags/~/dagRuns?order_by=-id", auth=auth)
    return answer.status_code, answer.get_data(as_text=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=OPERATIONS)
def test_two_replicas_are_one_airflow(steps: list[tuple[bool, str, int]], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'airflow.db'}"
    alone = MockAirflow(**FROZEN)
    first = MockAirflow(database=url, fresh=True, **FROZEN)
    both = first, MockAirflow(database=url)
    for other, what, number in steps:
        assert carried_out(both[other], what, number) == carried_out(alone, what, number), json.dumps(steps)

    assert rows(both[0]) == rows(both[1]) == rows(alone)
    assert [call.status for call in both[0].calls] == [call.status for call in alone.calls]
    with MockAirflow(database=url) as again:
        assert rows(again) == rows(alone)
    for mock in both:
        mock.close()
