"""Each rule of the review: a client that does it, and one that nearly does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mock_airflow.review import rules as rules
from mock_airflow.review.advice import RULES
from tests.review.talking import DAGS, Talker

Story = Callable[[Talker], Any]


class Case(NamedTuple):
    """A rule, the settings of the Airflow, who does it, and who nearly does."""

    rule: str
    does: Story
    nearly: Story
    settings: dict[str, Any]


CASES: list[Case] = []
THREE = {"airflow_version": "3.3.2", "profile": "airflow3"}


def case(rule: str, does: Story, nearly: Story, **settings: Any) -> None:
    CASES.append(Case(rule, does, nearly, settings))


# ------------------------------------------------------------------------------------------------------------ waiting


def limited(*waits: float) -> Story:
    def story(t: Talker) -> None:
        for wait in waits:
            t.get("/pools", wait=wait)

    return story


case("retry-after-ignored", limited(0, 0, 30), limited(0, 0, 60), rate_limit="1/minute")


def busy(times: int, *waits: float, method: str = "GET", path: str = "/pools", **effects: Any) -> Story:
    def story(t: Talker) -> None:
        t.airflow.faults.add(f"{method} *", times=times, optional=True, **({"status": 503} | effects))
        for wait in waits:
            t(method, path, wait=wait, **({"json": {}} if method == "POST" else {}))

    return story


case("gave-up-at-first-error", busy(1, 0), busy(1, 0, 2))
case("retries-at-one-pace", busy(9, 0, 2, 2, 2), busy(9, 0, 1, 2, 4))
case(
    "retries-without-end",
    busy(20, 0, *[2.0**step for step in range(11)]),
    busy(20, 0, *[2.0**step for step in range(9)]),
)


def refused_first(body: dict[str, Any], status: int = 502) -> Story:
    def story(t: Talker) -> None:
        t.airflow.faults.add("POST *", status=status, times=1)
        for wait in (0, 5):
            t.post("/dags/etl/dagRuns", body, wait=wait)

    return story


case("trigger-retried-without-run-id", refused_first({"conf": {}}), refused_first({"dag_run_id": "mine", "conf": {}}))
case("trigger-retried-without-run-id", refused_first({"conf": {}}, 504), refused_first({"conf": {}}, 429))


def polling(times: int, pause: float, growth: float = 1.0, path: str = "/dags/etl/dagRuns/{run}") -> Story:
    def story(t: Talker) -> None:
        run, wait = t.trigger(), pause
        t.airflow.plan("etl", {"extract": 100_000}, run)
        for _ in range(times):
            t.get(path.format(run=run), wait=wait)
            wait *= growth

    return story


case("poll-too-fast", polling(6, 0.2), polling(6, 2))
case("poll-too-fast", polling(8, 0.5, path="/dags/etl/dagRuns/{run}/taskInstances"), polling(4, 0.2))


def listing(times: int, pause: float) -> Story:
    def story(t: Talker) -> None:
        t.trigger()
        for _ in range(times):
            t.post("/dags/~/dagRuns/list", {"dag_ids": ["etl"]}, wait=pause)

    return story


case("poll-too-fast", listing(6, 0.2), listing(6, 2))
case("poll-too-fast", polling(6, 0.2), polling(6, 0))  # the clock stands still: nobody knows
case("poll-never-slows", polling(70, 3), polling(70, 3, growth=1.05))
case("poll-never-slows", polling(70, 3), polling(70, 30))


def after_the_end(more: int, clear: bool = False) -> Story:
    def story(t: Talker) -> None:
        run = t.trigger()
        for wait in [600.0] + [20.0] * more:
            t.get(f"/dags/etl/dagRuns/{run}", wait=wait)
            if clear:
                t.post(f"/dags/etl/dagRuns/{run}/clear", {"dry_run": False})
                t.airflow.clock.advance(600)

    return story


case("poll-goes-on", after_the_end(3), after_the_end(2))
case("poll-goes-on", after_the_end(3), after_the_end(3, clear=True))


def logs(times: int, token: bool = False) -> Story:
    def story(t: Talker) -> None:
        run, sent = t.trigger(), ""
        t.airflow.clock.advance(600)
        for _ in range(times):
            path = f"/dags/etl/dagRuns/{run}/taskInstances/extract/logs/1"
            answer = t.get(path + sent, wait=5, headers={"Accept": "application/json"})
            if token:
                sent = f"?token={answer.json['continuation_token']}"

    return story


case("log-read-from-the-start", logs(3), logs(3, token=True))
case("log-read-from-the-start", logs(3), logs(1))

# ------------------------------------------------------------------------------------------------------ pages and lists


def asks(*paths: str) -> Story:
    def story(t: Talker) -> None:
        for path in paths:
            t.get(path, wait=1)

    return story


case("first-page-only", asks("/dags"), asks("/dags", "/dags?offset=100"), dags=130)
case("first-page-only", asks("/dags?limit=100"), asks("/dags?limit=10"), dags=130)
case("first-page-only", asks("/dags?limit=120"), asks("/dags?limit=100&order_by=-dag_id"), dags=130)
case(
    "first-page-only",
    asks("/dags?limit=120", "/dags?limit=20", *[f"/dags?limit=20&offset={20 * page}" for page in range(1, 7)]),
    asks("/dags?limit=20", *[f"/dags?limit=20&offset={20 * page}" for page in range(1, 7)]),
    dags=130,
)
case("first-page-only", asks("/dags"), asks("/dags?dag_id_pattern=etl"), dags=130)
case("first-page-only", asks("/dags"), asks("/dags", "/dags?offset=50", "/dags?offset=100"), dags=130, **THREE)
case(
    "stepped-by-asked-limit",
    asks("/dags?limit=120", "/dags?limit=120&offset=120"),
    asks("/dags?limit=120", "/dags?limit=120&offset=100"),
    dags=130,
)
case(
    "pages-with-gaps",
    asks("/dags?limit=10", "/dags?limit=10&offset=20"),
    asks("/dags?limit=10&offset=20", "/dags?limit=10&offset=10", "/dags?limit=10"),
    dags=30,
)
case(
    "pages-overlap",
    asks("/dags?limit=10", "/dags?limit=10&offset=9"),
    asks("/dags?limit=10", "/dags?limit=10", "/dags?limit=10&offset=10"),
    dags=30,
)
BY_STATE = "/dags/~/dagRuns?limit=2&order_by=state"
BY_ID = "/dags/~/dagRuns?limit=2&order_by=id"


def ordered(path: str, version: str = "v1") -> Story:
    def story(t: Talker) -> None:
        for _ in range(4):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(1)
        asks(path, f"{path}&offset=2")(t)

    return story


case("pages-without-order", ordered(BY_STATE), ordered(BY_ID))
case("pages-without-order", ordered("/dags/~/dagRuns/~/taskInstances?limit=2"), ordered("/dags/~/dagRuns?limit=2"))


def pushed(order: str) -> Story:
    def story(t: Talker) -> None:
        for _ in range(4):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(1)
        t.get(f"/dags/etl/dagRuns?limit=2&order_by={order}")
        t.airflow.trigger("etl")
        t.get(f"/dags/etl/dagRuns?limit=2&order_by={order}&offset=2")

    return story


case("items-came-twice", pushed("-id"), pushed("id"))
ONE_BY_ONE = tuple(f"/dags/{name}" for name in DAGS[:6])
case("one-call-for-each", asks(*ONE_BY_ONE), asks(*ONE_BY_ONE[:4]), dags=6)
case(
    "one-call-for-each",
    asks(*ONE_BY_ONE),
    asks(*[path for each in ONE_BY_ONE for path in (each, f"{each}/dagRuns")]),
    dags=6,
)
case("one-call-for-each", asks(*ONE_BY_ONE), asks(*[f"{path}/details" for path in ONE_BY_ONE]), dags=6)
case(
    "whole-list-for-one",
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl"),
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl", "/dags/dag_001"),
    dags=130,
)
case(
    "whole-list-for-one",
    asks("/dags?limit=100", "/dags?limit=100&offset=100", "/dags/etl/dagRuns"),
    asks("/dags?limit=100&tags=none", "/dags?limit=100&offset=100&tags=none", "/dags/etl"),
    dags=130,
)


def variables(count: int, between: bool = False) -> Story:
    def story(t: Talker) -> None:
        for number in range(count):
            t.post("/variables", {"key": f"v{number}", "value": "1"}, wait=1)
            if between:
                t.get("/version")

    return story


case("one-by-one-where-bulk-is", variables(5), variables(4), **THREE)
case("one-by-one-where-bulk-is", variables(5), variables(5, between=True), **THREE)


case(
    "deep-offset-where-cursor-is",
    asks("/dags/~/dagRuns?offset=1000"),
    asks("/dags/~/dagRuns?offset=900", "/dags?offset=2000", "/dags/~/dagRuns?cursor="),
    **THREE,
)

# --------------------------------------------------------------------------------------------------------------- runs


def paused(polls: int, unpause: bool = False) -> Story:
    def story(t: Talker) -> None:
        t.airflow.add_dag("idle", tasks=("one",), is_paused=True)
        run = t.trigger("idle")
        for place in range(polls):
            t.get(f"/dags/idle/dagRuns/{run}", wait=10)
            if unpause and place == 0:
                t("PATCH", "/dags/idle", json={"is_paused": False})

    return story


case("paused-dag-triggered", paused(2), paused(1))
case("paused-dag-triggered", paused(3), paused(3, unpause=True))
case("paused-dag-triggered", paused(2), paused(0), **THREE)


def hopeless(polls: int, slots: int = 0) -> Story:
    def story(t: Talker) -> None:
        t.post("/pools", {"name": "narrow", "slots": 1})
        t.airflow.add_dag("stuck", tasks=[{"task_id": "one", "pool": "narrow"}])
        t("PATCH", "/pools/narrow?update_mask=slots", json={"name": "narrow", "slots": slots})
        run = t.trigger("stuck")
        for _ in range(polls):
            t.get(f"/dags/stuck/dagRuns/{run}", wait=5)

    return story


case("waited-for-what-cannot-end", hopeless(3), hopeless(2))
case("waited-for-what-cannot-end", hopeless(3), hopeless(3, slots=1))

DATE = "2025-01-01T05:00:00+00:00"


def dated(*bodies: dict[str, Any]) -> Story:
    def story(t: Talker) -> None:
        for body in bodies:
            t.post("/dags/etl/dagRuns", body)

    return story


case(
    "same-date-triggered-twice",
    dated({"dag_run_id": "a", "logical_date": DATE}, {"dag_run_id": "b", "logical_date": DATE}),
    dated({"dag_run_id": "a", "logical_date": DATE}, {"dag_run_id": "a", "logical_date": DATE}),
)
case(
    "same-date-triggered-twice",
    dated({"logical_date": DATE}, {"logical_date": "2025-01-01T05:00:00Z"}),
    dated({"logical_date": DATE}, {"logical_date": "2025-01-01T05:00:00.000001Z"}, {}, {}),
)


def result(seconds: float, state: bool = True, kind: str = "xcomEntries/return_value", again: bool = False) -> Story:
    def story(t: Talker) -> None:
        run = t.trigger()
        t.airflow.clock.advance(seconds)
        if state:
            t.get(f"/dags/etl/dagRuns/{run}")
        t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/{kind}")
        if again:
            t.get(f"/dags/etl/dagRuns/{run}/taskInstances/extract/{kind}", wait=600)

    return story


case("read-before-done", result(0), result(600))
case("read-before-done", result(0, state=False), result(0, again=True))
case("read-before-done", result(1, kind="logs/1"), result(600, kind="logs/1"))

# ------------------------------------------------------------------------------------------------------------- access


def tokens(count: int, wait: float = 0, refused: bool = False) -> Story:
    def story(t: Talker) -> None:
        for _ in range(count):
            answer = t.post("/auth/token", {"username": "admin", "password": "admin"}, wait=wait)
            t.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
            t.get("/dags", wait=1)
            if refused:
                t.airflow.tokens.expire_all()
                t.get("/dags")

    return story


case("token-for-every-call", tokens(3), tokens(2), **THREE)
case("token-for-every-call", tokens(3), tokens(3, wait=70), **THREE)
case("token-for-every-call", tokens(3), tokens(3, refused=True), **THREE)


def dead(times: int, *, renew: bool = False) -> Story:
    def story(t: Talker) -> None:
        t.get("/dags")
        for _ in range(times):
            t.airflow.tokens.expire_all()
            t.get("/dags", wait=1)
            if renew:
                answer = t.post("/auth/token", {"username": "admin", "password": "admin"})
                t.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    return story


case("dead-credential", dead(3), dead(2), **THREE)
case("dead-credential", dead(3), dead(4, renew=True), **THREE)


def as_role(role: str, path: str) -> Story:
    def story(t: Talker) -> None:
        t.headers = dict(t.airflow.principal(role).headers)
        t.get(path)

    return story


case("more-rights-than-needed", as_role("Admin", "/dags"), as_role("Viewer", "/dags"))
case("more-rights-than-needed", as_role("Op", "/dags"), as_role("Op", "/connections"))
case("more-rights-than-needed", as_role("Admin", "/dags"), as_role("Viewer", "/dags"), **THREE)

# ------------------------------------------------------------------------------------------------------------ secrets

case("secret-in-url", asks("/dags?api_key=7f3a91c2d4e5"), asks("/dags?tags=token"))
case(
    "secret-in-conf",
    dated({"conf": {"db": {"password": "hunter2-hunter2"}}}),
    dated({"conf": {"password": None, "connection_id": "warehouse"}}),
)
case(
    "secret-in-conf",
    dated({"conf": {"url": "postgres://me:hunter2@db/x"}}),
    dated({"conf": {"url": "postgres://db/x"}}),
)


def variable(key: str, value: str) -> Story:
    return lambda t: t.post("/variables", {"key": key, "value": value})


URL = "postgres://me:hunter2hunter2@db/x"
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse_secret", URL))
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse", "postgres://db/x"))

# ----------------------------------------------------------------------------------------------------------- refusals

case("refusal-repeated", asks(*["/dags/none"] * 3), asks(*["/dags/none"] * 2))


def awaited(t: Talker) -> None:
    for _ in range(3):
        t.get("/dags/none", wait=5)
    t.airflow.add_dag("none")
    t.get("/dags/none", wait=5)


case("refusal-repeated", asks(*["/dags/none"] * 3), awaited)


case(
    "error-read-as-success",
    asks("/dags/none", "/dags/etl/dagRuns/None"),
    asks("/dags/etl", "/dags/etl/dagRuns/None"),
)


def refused_run(waits: bool) -> Story:
    def story(t: Talker) -> None:
        t.post("/dags/none/dagRuns", {"dag_run_id": "mine"})
        if waits:
            t.get("/dags/none/dagRuns/mine", wait=5)

    return story


case("error-read-as-success", refused_run(True), refused_run(False))

# ------------------------------------------------------------------------------------------------------------ changes


def patched(body: dict[str, Any], mask: str = "") -> Story:
    def story(t: Talker) -> None:
        t.post("/variables", {"key": "limit", "value": "10", "description": "of the nightly job"})
        t("PATCH", f"/variables/limit{mask}", json=body)

    return story


WHOLE = {"key": "limit", "value": "20", "description": ""}
case("patch-resets-fields", patched(WHOLE), patched(WHOLE, "?update_mask=value"), **THREE)
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "20"}))
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "10", "description": ""}))


def deletes(*, look: bool = False, runs: int = 2) -> Story:
    def story(t: Talker) -> None:
        for _ in range(runs):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(600)
        if look:
            t.get("/dags/etl/dagRuns?limit=1")
        t("DELETE", "/dags/etl")

    return story


case("delete-takes-along", deletes(), deletes(look=True))
case("delete-takes-along", deletes(), deletes(runs=0))

# -------------------------------------------------------------------------------------------------------- connections


def connections(*ports: int) -> Story:
    def story(t: Talker) -> None:
        for port in ports:
            t.get("/pools", peer=str(port))

    return story


case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 1, 2, 3, 4))
case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 2, 3, 4))


def called(agent: str) -> Story:
    def story(t: Talker) -> None:
        t.agent = agent
        t.get("/pools")

    return story


case("no-name-of-its-own", called("python-requests/2.32.0"), called("night-loader/1.0 python-requests/2.32.0"))
case("no-name-of-its-own", called("OpenAPI-Generator/2.10.0/python"), called("node-exporter/1.2 (ops)"))
case("no-name-of-its-own", called("Python/3.11 aiohttp/3.9.5"), called("loader"))

# ----------------------------------------------------------------------------------------------------------- versions

case("deprecated-operation", asks("/users"), asks("/auth/fab/v1/users"))
case(
    "deprecated-operation",
    asks("/api/experimental/dags/etl/dag_runs"),
    asks("/dags/etl/dagRuns"),
    enable_experimental_api=True,
)
case("deprecated-field", dated({"execution_date": DATE}), dated({"logical_date": DATE}))
GTE = "/dags/etl/dagRuns?execution_date_gte="
case("date-without-zone", asks(f"{GTE}2025-01-01T00:00:00"), asks(f"{GTE}2025-01-01T00:00:00Z"))
case("date-without-zone", asks(f"{GTE}2025-01-01T00:00:00+02:00"), asks(f"{GTE}2025-01-01T00:00:00%2B02:00"))
case(
    "date-without-zone",
    dated({"logical_date": "2025-01-01T00:00:00"}),
    dated({"dag_run_id": "2025-01-01T00:00:00", "note": "2025-01-01"}),
)
case("poll-where-wait-is", polling(5, 10), polling(4, 10), **THREE)
case("poll-where-wait-is", polling(5, 10), polling(5, 10, path="/dags/etl/dagRuns/{run}/taskInstances"), **THREE)

OF_FILES = {"authorization-sent-on"}  # no server of ours is two hosts; tests/review/files_test.py has its cases


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{each.rule}" for number, each in enumerate(CASES)])
def test_who_does_it_is_told_and_who_nearly_does_is_not(case: Case, talk: Callable[[dict[str, Any]], Talker]) -> None:
    doing, nearly = talk(case.settings), talk(case.settings)

    case.does(doing)
    case.nearly(nearly)

    found = doing.review().of(case.rule)
    assert found, doing.airflow.story()
    assert set(found[0].calls) <= {call.number for call in doing.airflow.calls}
    assert [str(each) for each in nearly.review().of(case.rule)] == []


def test_every_rule_has_its_cases() -> None:
    assert {each.rule for each in CASES} | OF_FILES == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_what_it_has_to(rule: Any, checkout: Path) -> None:
    assert len(rule.proof) > 80, "what is proof, and what is none"
    assert rule.source.startswith(("documented", "observed", "assumed", "code")), rule.source
    assert rule.consequence.endswith("."), rule.consequence
    assert rule.consequence.count(". ") == 0, "one sentence"


def test_lists_that_are_named_instead_carry_all_that_the_single_answer_has() -> None:
    from mock_airflow.api import migration
    from mock_airflow.api.v1 import API as V1
    from mock_airflow.api.v2 import API as V2
    from mock_airflow.review.rules.lists import _WHOLE

    for (version, single), (_, whole) in _WHOLE.items():
        api = V1 if version == "v1" else V2
        lists = [each for each in api if (each.method, each.path) == (whole.method, whole.path)]
        # with Airflow 3 a batch is asked at the path of a DAG called ~
        lists = lists or [each for each in api if each.method == whole.method and each.fits(whole.path)]
        assert len(lists) == 1, (version, single)
        one, many = set(migration._answered(api.operations[single])), set(migration._answered(lists[0]))
        if version == "v1":  # some describe the whole list, with its items inside
            many |= {field for part in lists[0].answer.parts() for field in part.fields}
        assert one, (version, single)
        assert one <= many | {"tasks", "task_instances", "total_entries", "total_entries_limit"}, (version, single)
