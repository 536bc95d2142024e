"""What a test asserts of its calls, and what it is told when they were others; the journal's filters and exports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from haralyzer import HarParser

from mock_airflow.testing.calls import Calls
from tests.support import Deploy

RUNS = "/api/v1/dags/etl/dagRuns"
WORLD = {"dags": [{"dag_id": f"dag_{number}"} for number in range(7)] + [{"dag_id": "etl"}]}


def calls(call: Any) -> Calls:
    return Calls(call.deployment.journal)


def test_call_is_found_by_method_path_body_query_status_and_operation(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post(RUNS, json={"dag_run_id": "a", "conf": {"password": "hidden-hidden", "n": 1}})
    call.get("/api/v1/dags?limit=2&tags=a&tags=b", by="viewer")

    made = calls(call)
    assert made.assert_called(f"POST {RUNS}", times=1, status=200)[0].number == 1
    made.assert_called("post_dag_run", json={"dag_run_id": "a", "conf": {"password": "hidden-hidden", "n": 1}})
    made.assert_called("GET /api/v1/*", query={"limit": 2, "tags": ["a", "b"]}, principal="viewer")
    made.assert_called("GET /api/v1/dags?limit=2&tags=a&tags=b")
    made.assert_called("* /api/v1/*", times=2)
    made.assert_not_called("DELETE *")
    made.assert_called("DELETE *", times=0)
    assert [each.number for each in made.assert_called_in_order("post_dag_run", "GET /api/v1/dags")] == [1, 2]
    assert [each.number for each in made.filter(method="get", principal="viewer", path="/api/*", status=200)] == [2]
    with pytest.raises(ValueError, match="there are operation"):
        made.filter(verb="GET")


def test_failure_shows_the_nearest_call_and_the_first_difference(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.get("/api/v1/pools")
    call.post(RUNS, json={"dag_run_id": "a", "conf": {"day": 2, "region": "north"}})
    call.post("/api/v1/dags/none/dagRuns", json={})
    made = calls(call)

    def told(*call: str, **wanted: Any) -> str:
        with pytest.raises(AssertionError) as failure:
            made.assert_called(*call, **wanted)
        return str(failure.value)

    assert told(f"POST {RUNS}", json={"dag_run_id": "a", "conf": {"day": 1, "region": "north"}}) == (
        f"POST {RUNS} with the body "
        '{"dag_run_id": "a", "conf": {"day": 1, "region": "north"}} was not called, but at least 1 call was expected. '
        f"The nearest call is #2 POST {RUNS} (200): its body differs at $.conf.day: 1 expected, 2 sent."
    )
    assert "#2 POST /api/v1/dags/etl/dagRuns (200): its path is" in told("POST /api/v1/dags/elt/dagRuns")
    assert "#1 GET /api/v1/pools (200): its method is GET, not DELETE" in told("DELETE /api/v1/pools")
    assert "called once, but 2 calls were expected" in told("POST /api/v1/dags/none/*", times=2)
    assert "its status is 404, not 200: " in told("POST /api/v1/dags/none/dagRuns", status=200)
    assert "$.limit: " in told("GET /api/v1/pools", query={"limit": 3})
    with pytest.raises(AssertionError, match="There was no call at all"):
        Calls().assert_called("GET /")
    with pytest.raises(AssertionError, match="but no call was expected"):
        made.assert_not_called("get_pools")
    made.assert_not_called("get_pools", principal="viewer")
    with pytest.raises(AssertionError, match=r"get_pools was not called after #2.*It was called before, as #1 GET"):
        made.assert_called_in_order("post_dag_run", "get_pools")
    with pytest.raises(AssertionError, match=r"GET /api/v1/pool was not called. The nearest call is #1 .*its path is "):
        made.assert_called_in_order("GET /api/v1/pool")
    with pytest.raises(AssertionError, match=r"after #3 POST .*There was no call at all"):
        made.assert_called_in_order("POST /api/v1/dags/none/dagRuns", "GET /api/v1/dags")


def test_all_pages_have_to_be_read(deploy: Deploy) -> None:
    call = deploy(WORLD)
    for offset in (6, 0):
        call.get(f"/api/v1/dags?limit=3&offset={offset}")
    with pytest.raises(AssertionError, match=r"8 items, of which only the first 3.*offset=3"):
        calls(call).assert_all_pages_read("GET /api/v1/dags")

    call.get("/api/v1/dags?limit=3&offset=3")

    calls(call).assert_all_pages_read("GET /api/v1/dags")
    call.get("/api/v1/version")
    with pytest.raises(AssertionError, match="never answered with a page"):
        calls(call).assert_all_pages_read("GET /api/v1/version")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_who_is_told_to_wait_has_to(deploy: Deploy, form: str) -> None:
    call = deploy(rate_limit="1/minute", retry_after=form)
    call.get("/api/v1/pools")
    with pytest.raises(AssertionError, match="No call was answered with a Retry-After"):
        calls(call).assert_respected_retry_after()
    call.get("/api/v1/pools")
    call.get("/api/v1/pools", by="viewer")
    call.deployment.clock.advance(60)
    call.get("/api/v1/pools")
    calls(call).assert_respected_retry_after()

    call.get("/api/v1/pools")
    call.deployment.clock.advance(59)
    call.get("/api/v1/pools")

    with pytest.raises(AssertionError, match=r"#6 GET /api/v1/pools .429. came 1 s too early: #5"):
        calls(call).assert_respected_retry_after()


def test_token_has_to_be_reused(deploy: Deploy) -> None:
    call = deploy(profile="airbyte")
    credentials = call.deployment.credentials
    with pytest.raises(AssertionError, match="No token was fetched"):
        calls(call).assert_token_reused()

    def fetch() -> None:
        body = {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
        assert call.post("/api/v1/applications/token", json=body, by=None).status_code == 200

    fetch()
    calls(call).assert_token_reused()
    call.get("/api/v1/dags", by=None, headers={"Authorization": "Bearer wrong"})
    fetch()
    calls(call).assert_token_reused()
    call.deployment.clock.advance(1000)
    fetch()
    calls(call).assert_token_reused(lifetime=1000)
    with pytest.raises(AssertionError, match="was not refused in between"):
        calls(call).assert_token_reused()
    assert credentials["client_secret"] not in repr([each.told() for each in calls(call)])


def test_journal_is_filtered_over_the_wire(deploy: Deploy) -> None:
    call = deploy(WORLD)
    for path in ("/api/v1/pools", "/api/v1/dags/etl", "/api/v1/dags/none", "/api/v1/pools"):
        call.get(path)

    def numbers(query: str) -> list[int]:
        return [entry["number"] for entry in call.get(f"/__mock__/journal?{query}").get_json()["entries"]]

    assert numbers("path=/api/v1/dags*") == [2, 3]
    assert numbers("status=404&method=get") == [3]
    assert numbers("since=2&until=3") == [2, 3]
    assert numbers("operation=get_pools&last=1") == [4]
    assert numbers("fault=1") == []
    assert "entries, har, recording" in call.get("/__mock__/journal?format=x").get_json()["detail"]


def test_call_is_explained(deploy: Deploy) -> None:
    call = deploy(profile="datacoves", rate_limit="1/minute")
    key = call.deployment.keys.create(name="old", expires_in=60)
    call.deployment.clock.advance(90)
    call.get("/api/v1/dags", by=None, headers={"Authorization": f"Token {key.secret}"})

    told = call.get("/__mock__/explain/1").get_json()

    assert (told["status"], told["decision"], told["since"]) == (401, "refused", "2025-06-01T12:01:00+00:00")
    assert told["rule"]
    assert told["would_pass"]
    assert told["read_from"]
    assert "expired at 2025-06-01T12:01:00" in told["text"]
    assert key.secret not in json.dumps(told)
    assert told.items() >= call.deployment.journal.get(1).why.as_json().items()
    assert call.get("/__mock__/explain/9").status_code == 404


def test_http_archive_is_read_by_a_library_that_nobody_here_wrote(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.get("/api/v1/dags?limit=1")
    call.post(RUNS, json={"conf": {"token": "hidden-hidden"}})

    text = call.get("/__mock__/journal?format=har").get_data(as_text=True)

    assert "hidden-hidden" not in text
    pages = HarParser(json.loads(text))
    assert pages.har_data["version"] == "1.2"
    assert [HarParser.match_request_type(each, "POST") for each in pages.har_data["entries"]] == [False, True]
    entry = pages.har_data["entries"][0]
    assert entry["request"]["url"] == "http://localhost/api/v1/dags?limit=1"
    assert entry["request"]["queryString"] == [{"name": "limit", "value": "1"}]
    assert entry["startedDateTime"] == "2025-06-01T12:00:00.000+00:00"


def test_recording_is_replayed_by_the_recordings_own_player(deploy: Deploy, tmp_path: Path, checkout: Path) -> None:
    from mock_airflow.server.live import LiveServer

    call = deploy(WORLD)
    call.get("/api/v1/dags?limit=1&order_by=dag_id")
    call.post(RUNS, json={"dag_run_id": "again"})
    call.post("/api/v1/pools", json={"name": "new", "slots": 2}, by="op")
    call.get("/api/v1/pools/new", by="viewer")
    call.get("/api/v1/dags", by=None)
    call.get("/api/v1/dags", by=None, headers={"Authorization": "Bearer something-long"})
    exported = call.get("/__mock__/journal?format=recording").get_json()
    assert [each["reason"] for each in exported["left_out"]] == ["its credential is not a name and password"]
    for part in ("scenario", "answers"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "journal.json").write_text(json.dumps(exported[part]))
    call.deployment.reset()

    def replay(base_url: str) -> subprocess.CompletedProcess[str]:
        player = checkout / "fixtures/recordings/airflow-2.11.2/compare.py"
        places = ["--scenarios", str(tmp_path / "scenario"), "--answers", str(tmp_path / "answers")]
        return subprocess.run(
            [sys.executable, player, "--base-url", base_url, *places], capture_output=True, text=True, check=False
        )

    with LiveServer(call.deployment.wsgi) as server:
        good = replay(server.url)
        assert (good.returncode, "5 of 5 steps" in good.stdout) == (0, True), good.stdout + good.stderr
        assert replay(server.url).returncode == 1  # the run and the pool are there already
