"""Clients that do a thing right although it looks odd: none of them may be given advice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflowError
from mock_airflow.review.imported import traffic_of
from mock_airflow.review.review import review
from tests.review.files_test import archive, call
from tests.review.rules.case import THREE
from tests.review.talking import Talker

Story = Callable[[Talker], Any]
ALL_ODD: list[Any] = []


def odd(*rules: str, **settings: Any) -> Callable[[Story], Story]:
    def add(story: Story) -> Story:
        ALL_ODD.extend(pytest.param(rule, story, settings, id=f"{story.__name__}-{rule}") for rule in rules)
        return story

    return add


def renewed(talker: Talker) -> None:
    """Go on with a new token of the same user."""
    answer = talker.post("/auth/token", {"username": "admin", "password": "admin"}, headers={"Authorization": ""})
    talker.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}


@odd("first-page-only", "gave-up-at-first-error", dags=130, **THREE)
def renews_its_token_between_two_pages(t: Talker) -> None:
    t.get("/dags?limit=100")
    t.airflow.faults.add("GET *", status=503, times=1)
    t.get("/dags?limit=100&offset=100", wait=60)
    t.airflow.clock.advance(60)
    renewed(t)
    t.get("/dags?limit=100&offset=100")


@odd("first-page-only", dags=130)
def reads_one_list_by_two_threads_at_once(t: Talker) -> None:
    for path in ("/dags", "/dags", "/dags?offset=100", "/dags?offset=100"):
        t.get(path)


@odd("first-page-only")
def goes_on_from_the_last_date_it_saw(t: Talker) -> None:
    for number in range(130):
        t.post("/dags/etl/dagRuns", {"logical_date": f"2024-01-01T00:{number // 60:02}:{number % 60:02}Z"})
    t.get("/dags/etl/dagRuns?limit=100&order_by=execution_date")
    t.get("/dags/etl/dagRuns?limit=100&order_by=execution_date&execution_date_gte=2024-01-01T00:01:39Z")


@odd("gave-up-at-first-error")
def makes_a_new_run_id_for_each_attempt(t: Talker) -> None:
    t.airflow.faults.add("POST *", status=429, times=1)
    for name in ("first", "second"):
        t.post("/dags/etl/dagRuns", {"dag_run_id": name}, wait=60)


@odd("error-read-as-success")
def looks_whether_a_limited_trigger_was_made(t: Talker) -> None:
    t.airflow.faults.add("POST *", status=429, times=1)
    t.post("/dags/etl/dagRuns", {"dag_run_id": "mine"})
    t.get("/dags/etl/dagRuns/mine", wait=60)
    t.post("/dags/etl/dagRuns", {"dag_run_id": "mine"})


@odd("error-read-as-success")
def reads_a_variable_that_is_called_null(t: Talker) -> None:
    t.get("/variables/null")
    t.post("/variables", {"key": "null", "value": "x"})
    t.get("/variables/null")


@odd("trigger-retried-without-run-id")
def looks_for_the_run_before_it_triggers_again(t: Talker) -> None:
    t.airflow.faults.add("POST *", status=502, times=1)
    t.post("/dags/etl/dagRuns", {"conf": {}})
    t.get("/dags/etl/dagRuns?order_by=-start_date&limit=5", wait=5)
    t.post("/dags/etl/dagRuns", {"conf": {}}, wait=5)


@odd("trigger-retried-without-run-id")
def triggers_once_a_day(t: Talker) -> None:
    t.airflow.faults.add("POST *", status=502, times=1)
    for _ in range(2):
        t.post("/dags/etl/dagRuns", {"conf": {}}, wait=86400)


@odd("read-before-done")
def waits_by_the_list_of_the_tasks(t: Talker) -> None:
    run = t.trigger()
    for _ in range(3):
        t.get(f"/dags/etl/dagRuns/{run}/taskInstances", wait=300)
    t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/logs/1")


@odd("read-before-done")
def reads_the_log_of_a_task_that_is_over_while_the_run_goes_on(t: Talker) -> None:
    run = t.trigger()
    t.airflow.plan("etl", {"load": 100_000}, run)
    for path in ("/taskInstances/extract", "", "/taskInstances/load", "/taskInstances/extract/logs/1"):
        t.get(f"/dags/etl/dagRuns/{run}{path}", wait=300)


@odd("poll-too-fast")
def polls_while_a_test_moves_the_clock_once(t: Talker) -> None:
    run = t.trigger()
    t.airflow.plan("etl", {"extract": 100_000}, run)
    for wait in (0, 0, 0, 60, 0, 0, 0):
        t.get(f"/dags/etl/dagRuns/{run}", wait=wait)


@odd("retries-at-one-pace", "retries-without-end")
def asks_for_the_health_once_a_minute(t: Talker) -> None:
    t.get("/health")
    t.airflow.faults.add("GET *", status=503, times=15)
    for _ in range(16):
        t.get("/health", wait=60)


@odd("retries-at-one-pace")
def polls_on_at_its_pace_while_airflow_restarts(t: Talker) -> None:
    run = t.trigger()
    t.get(f"/dags/etl/dagRuns/{run}", wait=30)
    t.get(f"/dags/etl/dagRuns/{run}", wait=30)
    t.airflow.faults.add("GET *", status=503, times=4)
    for _ in range(5):
        t.get(f"/dags/etl/dagRuns/{run}", wait=30)


@odd("refusal-repeated")
def makes_sure_once_an_hour_that_a_pool_is_there(t: Talker) -> None:
    for _ in range(5):
        t.post("/pools", {"name": "mine", "slots": 4}, wait=3600)


@odd("retry-after-ignored", rate_limit="1/minute")
def shares_its_key_with_another_program(t: Talker) -> None:
    for agent, wait in (("one/1.0", 0), ("one/1.0", 0), ("other/1.0", 1), ("one/1.0", 60)):
        t.agent = agent
        t.get("/pools", wait=wait)


@odd("token-for-every-call", **THREE)
def fetches_a_token_for_each_of_three_users(t: Talker) -> None:
    users = [t.airflow.principal(role) for role in ("Admin", "User", "Viewer")]
    for user in users:
        body = {"username": user.name, "password": user.name}
        token = t.post("/auth/token", body, headers={"Authorization": ""}).json["access_token"]
        t.headers = {"Authorization": f"Bearer {token}"}
        t.get("/dags")


@odd("poll-goes-on", "log-read-from-the-start")
def shows_a_run_and_its_log_once_a_day(t: Talker) -> None:
    run = t.trigger()
    for _ in range(6):
        t.get(f"/dags/etl/dagRuns/{run}", wait=86400)
        t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/logs/1")


@odd("secret-in-conf")
def sends_a_conf_that_only_sounds_secret(t: Talker) -> None:
    conf = {"max_tokens": 4096, "secret_name": "prod/db", "title": "*** urgent ***", "token_count": 7}
    t.post("/dags/etl/dagRuns", {"conf": conf})


@odd("secret-in-url", **THREE)
def pages_by_the_token_of_a_proxy(t: Talker) -> None:
    t.get("/dags?page_token=eyJwYWdlIjoyfQ-and-more-of-it")


@pytest.mark.parametrize(("rule", "story", "settings"), ALL_ODD)
def test_what_only_looks_wrong_is_not_told(
    talk: Callable[[dict[str, Any]], Talker], rule: str, story: Story, settings: dict[str, Any]
) -> None:
    talker = talk(settings)
    story(talker)

    assert [str(each) for each in talker.review().of(rule)] == []


def at_once(paths: list[str], statuses: list[int], **more: Any) -> list[dict[str, Any]]:
    """Calls of threads: each came before any other was answered, by a connection of its own."""
    return [
        call(
            number + 1,
            url=f"https://airflow.example{path}",
            status=status,
            sent={"Authorization": "Bearer abcdefghijklmnopqrstuvwxyz", "User-Agent": "loader/1"},
            entry={"startedDateTime": f"2025-01-01T06:00:00.{number}00Z", "time": 5000, "connection": f"c{number}"},
        )
        for number, (path, status) in enumerate(zip(paths, statuses, strict=True))
    ]


@pytest.mark.parametrize(
    ("rule", "paths", "status"),
    [
        ("connection-for-every-call", [f"/api/v1/dags/{name}/details" for name in "abcdef"], 200),
        ("dead-credential", [f"/api/v1/dags/{name}/details" for name in "abcdef"], 401),
        ("poll-too-fast", ["/api/v1/dags/etl/dagRuns/one"] * 6, 200),
        ("refusal-repeated", ["/api/v1/pools/mine"] * 6, 404),
        ("retries-at-one-pace", ["/api/v1/pools/mine"] * 6, 503),
    ],
)
def test_threads_that_ask_at_once_do_not_repeat_themselves(
    tmp_path: Path, rule: str, paths: list[str], status: int
) -> None:
    found = review(traffic_of(archive(tmp_path, *at_once(paths, [status] * len(paths)))))

    assert [str(each) for each in found.of(rule)] == []


def test_two_airflows_in_one_archive_are_two(tmp_path: Path) -> None:
    page = json.dumps({"dags": [{"dag_id": f"d{number}"} for number in range(100)], "total_entries": 130})
    rest = json.dumps({"dags": [{"dag_id": f"d{number}"} for number in range(30)], "total_entries": 130})
    calls = [
        call(1, url="https://one.example/api/v1/dags?limit=100", body=page),
        call(2, url="https://two.example/api/v1/dags?limit=100&offset=100", body=rest),
    ]
    assert review(traffic_of(archive(tmp_path, *calls))).of("first-page-only")


def test_what_another_host_calls_api_v1_is_passed_over(tmp_path: Path) -> None:
    calls = [
        call(1),
        call(2, url="https://prometheus.example/api/v1/query?query=up", status=503),
        call(3, url="https://k8s.example/api/v1/namespaces/x/pods", status=503),
        call(4, url="https://airflow.example/api/v1/nothing", status=404),
    ]
    assert [each.number for each in traffic_of(archive(tmp_path, *calls))] == [1, 4]


def test_tokens_of_another_host_are_none_of_airflows(tmp_path: Path) -> None:
    others = [call(number, url="https://oauth2.example/token", entry={}) for number in range(1, 6)]
    for each in others:
        each["request"]["method"] = "POST"
    found = review(traffic_of(archive(tmp_path, *others, call(9))))

    assert found.calls == 1
    assert not found.of("token-for-every-call")


def test_a_terminal_obeys_nothing_that_a_path_holds(tmp_path: Path) -> None:
    odd = call(1, url="https://airflow.example/api/v1/dags/x%1b[31m%0Ay")
    assert "dags/x%1B[31m%0Ay" in str(review(traffic_of(archive(tmp_path, odd))))


DATE = "Wed, 01 Jan 2025 06:05:30 GMT"


@pytest.mark.parametrize(("pause", "found"), [(31, False), (29, True)])
def test_a_date_to_come_back_at_is_by_the_clock_of_who_named_it(tmp_path: Path, pause: int, found: bool) -> None:
    told = {"Retry-After": DATE, "Date": "Wed, 01 Jan 2025 06:05:00 GMT"}  # that clock goes five minutes before ours
    calls = [call(1, status=503, told=told), call(1 + pause)]
    assert bool(review(traffic_of(archive(tmp_path, *calls))).of("retry-after-ignored")) is found


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 302, "told": {"Location": "http://[x/"}},
        {"url": f"https://airflow.example/api/v1/dags?offset={'9' * 5000}&limit={'9' * 5000}"},
        {"body": '{"total_entries": 3, "dags": ' + "[" * 100_000 + "]" * 100_000 + "}"},
        {"url": "https://airflow.example/api/v1/dags/\ud800%ff?x=\udfff", "told": {"X-Odd": "\ud800"}},
        {"entry": {"time": float("nan")}},
        {"entry": {"time": 1e400, "startedDateTime": "9999-12-31T23:59:59Z"}},
        {"entry": {"startedDateTime": "0001-01-01T00:00:00+14:00"}},
        {"status": 429, "told": {"Retry-After": "9" * 5000}},
    ],
    ids=["location", "digits", "depth", "half a character", "nan", "infinity", "oldest", "retry-after"],
)
def test_odd_values_are_read(tmp_path: Path, changed: dict[str, Any]) -> None:
    found = review(traffic_of(archive(tmp_path, call(1), call(2, **changed), call(3))))

    lines = "".join(found.score.lines())
    assert f"{found}{lines}{found.migration}{found.html()}{json.dumps([found.as_json(), found.sarif()])}".encode()
    assert found.calls == 3


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MockAirflowError, match=r"entries\[0\].request.url is .* which is not a URL: Port out of range"):
        traffic_of(archive(tmp_path, call(1, url="http://airflow.example:99999/api/v1/pools")))


def test_half_characters_in_a_sent_body_are_read(tmp_path: Path) -> None:
    sent = call(1, url="https://airflow.example/api/v1/pools")
    sent["request"] |= {"method": "POST", "postData": {"mimeType": "application/json", "text": '{"name": "\ud800"}'}}
    found = review(traffic_of(archive(tmp_path, sent)))
    assert f"{found}{found.html()}".encode()
    assert found.calls == 1
