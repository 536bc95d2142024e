"""The ways to a review: from a test, from the control API, as JSON, SARIF, HTML and text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from mock_airflow import MockAirflow, MockAirflowError
from mock_airflow.review.advice import RULES
from tests.review.talking import Talker


@pytest.fixture
def talker() -> Iterator[Talker]:
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as airflow:
        for number in range(120):
            airflow.add_dag(f"dag_{number:03}", tasks=("only",))
        yield Talker(airflow)


def make_trouble(talker: Talker) -> None:
    """First page only, a secret in conf, admin where User would do."""
    talker.get("/dags")
    talker.post("/dags/dag_001/dagRuns", {"conf": {"password": "<script>hunter2"}}, wait=1)


def test_a_test_asserts_the_review(talker: Talker) -> None:
    assert len(talker.review()) == 0
    make_trouble(talker)
    review = talker.review()

    assert review.rules == ["first-page-only", "secret-in-conf", "more-rights-than-needed"]
    assert [str(advice.severity) for advice in review] == ["error", "warning", "note"]
    first = review[0]
    assert (first.calls, first.values) == ((1,), {"read": 100, "total": 120, "limit": None})
    assert first.seen == "#1 read 100 of 120 items, and the rest was never read."
    assert talker.review(severity="error").rules == ["first-page-only"]
    ignoring = talker.review(ignore={"first-page-only": "a sample is enough", "more-rights-than-needed": "of the test"})
    assert ignoring.rules == ["secret-in-conf"]
    assert [(advice.rule, reason) for advice, reason in ignoring.ignored] == [
        ("first-page-only", "a sample is enough"),
        ("more-rights-than-needed", "of the test"),
    ]
    with pytest.raises(AssertionError, match=r"(?s)1 error, 1 warning.*ERROR first-page-only.*Instead: while") as told:
        review.assert_none("warning")
    assert "more-rights" not in str(told.value)
    talker.review(severity="error", ignore=["first-page-only"]).assert_none()
    for wrong in ({"ignore": ["first-page"]}, {"severity": "grave"}):
        with pytest.raises(MockAirflowError, match=r"did you mean 'first-page-only'|there are note, warning, error"):
            talker.review(**wrong)  # type: ignore[arg-type]
    with pytest.raises(MockAirflowError, match="no rule 'pages'"):
        review.of("pages")


def test_text_says_what_was_left_out_and_ignored(talker: Talker) -> None:
    make_trouble(talker)
    text = str(talker.review(ignore={"secret-in-conf": "made up"}))

    assert "Ignored: secret-in-conf (made up): #2 sent a secret in conf.password." in text
    assert "Left out, as they need which connection each call came by: connection-for-every-call." in text
    assert "hunter2" not in text


def test_score_card_counts_what_was_done(talker: Talker) -> None:
    run = talker.trigger("dag_001")
    talker.airflow.plan("dag_001", {"only": 1000}, run)
    for _ in range(3):
        talker.get(f"/dags/dag_001/dagRuns/{run}", wait=20)
    talker.airflow.faults.add("GET */pools", status=503, times=2)
    for wait in (0, 1, 2):
        talker.get("/pools", wait=wait)
    score = talker.review().score

    assert score.operations == {"get_dag_run": 3, "get_pools": 3, "post_dag_run": 1}
    assert (score.calls, score.clients, score.waits, score.waited, score.retries) == (7, 1, 4, 43.0, 2)
    assert score.statuses == {"200": 5, "503": 2}
    assert score.least is not None
    assert score.least.role == "User"
    lines = score.lines()
    assert len(lines) < 24, "one screen"
    assert any(re.fullmatch(r"waits +4, 43 s in all", line) for line in lines)


def test_the_lost_answer_of_a_trigger_is_proved_by_the_rows(talker: Talker) -> None:
    talker.airflow.faults.add("POST *", lost_answer=True, status=504, times=1)
    for wait in (0, 3):
        talker.post("/dags/dag_001/dagRuns", {"conf": {}}, wait=wait)
    advice = talker.review().of("trigger-retried-without-run-id")

    assert [str(each.severity) for each in advice] == ["error"]
    assert len(set(advice[0].values["runs"])) == 2


def test_what_may_go_on_is_not_called_given_up(talker: Talker) -> None:
    talker.airflow.faults.add("GET */pools", status=503, times=1)
    talker.get("/pools")

    assert talker.review().rules == ["gave-up-at-first-error"]
    assert talker.review(finished=False).rules == []
    talker.get("/version", wait=61)
    assert talker.review(finished=False).rules == ["gave-up-at-first-error"]


def test_migration_tells_what_each_call_becomes(talker: Talker) -> None:
    make_trouble(talker)
    talker.get("/dags/dag_001/dagRuns?execution_date_gte=2025-01-01T00:00:00Z")
    talker.get("/dags/dag_001/dagRuns?order_by=-execution_date")
    talker.get("/datasets")
    migration = talker.review().migration
    moves = {move.before: move for move in migration.moves}

    assert moves["GET /api/v1/datasets"].after == "GET /api/v2/assets"
    assert moves["POST /api/v1/dags/{dag_id}/dagRuns"].request == (
        "in the body, logical_date is required (null will do)",
    )
    assert (
        "in the query, execution_date_gte is now logical_date_gte" in moves["GET /api/v1/dags/{dag_id}/dagRuns"].request
    )
    assert (
        "order_by=execution_date is refused; it is order_by=logical_date now"
        in moves["GET /api/v1/dags/{dag_id}/dagRuns"].request
    )
    assert "schedule_interval is now timetable_summary" in moves["GET /api/v1/dags"].answer
    assert any("POST /auth/token" in each for each in migration.everywhere)
    assert "-> GET /api/v2/assets" in str(migration)


def test_control_api_gives_it_in_every_form(talker: Talker) -> None:
    make_trouble(talker)
    ask = lambda query="": talker._client.get(f"/__mock__/review{query}")  # noqa: E731

    told = ask().json
    assert [each["rule"] for each in told["advice"]] == ["first-page-only", "secret-in-conf", "more-rights-than-needed"]
    assert told["advice"][0]["evidence"] == [
        {"call": 1, "at": "2025-01-01T06:00:00+00:00", "line": "#1 GET /api/v1/dags (200)"}
    ]
    assert told["score"]["calls"] == 2
    assert {each["rule"] for each in told["left_out"]} == {"connection-for-every-call"}
    few = ask("?severity=warning&ignore=first-page-only").json
    assert [each["rule"] for each in few["advice"]] == ["secret-in-conf"]
    assert ask("?since=2").json["calls"] == 1
    assert "ERROR first-page-only" in ask("?format=text").text
    assert ask("?format=sarif").json["version"] == "2.1.0"
    assert ask("?format=html").content_type == "text/html; charset=utf-8"
    for wrong in ("?format=pdf", "?severity=grave", "?ignore=nothing"):
        answer = ask(wrong)
        assert (answer.status_code, answer.json["status"]) == (400, 400)
    assert len(talker.airflow.calls) == 2, "the review is no call of the client's"


class Page(HTMLParser):
    """What of an HTML page would be loaded or run, and the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href") or name.startswith("on")]
        self.loaded += [tag] if tag in ("script", "link", "iframe") else []
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_needs_nothing_else_and_runs_nothing(talker: Talker) -> None:
    make_trouble(talker)
    talker.get("/dags/<img src=x>")
    talker.get("/dags/<img src=x>/dagRuns/None")
    html = talker.review().html("a <b>test</b>")
    page = Page()
    page.feed(html)

    assert (page.loaded, page.open) == ([], [])
    assert "&lt;img src=x&gt;" in html
    assert "a &lt;b&gt;test&lt;/b&gt;" in html
    assert "Moving to Airflow 3" in html


def test_sarif_has_what_the_standard_demands(talker: Talker) -> None:
    make_trouble(talker)
    log = talker.review(ignore={"secret-in-conf": "made up"}).sarif("traffic.har")
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert json.loads(json.dumps(log)) == log
    assert [rule["id"] for rule in rules] == list(RULES)
    assert [result["ruleId"] for result in run["results"]] == [
        "first-page-only",
        "more-rights-than-needed",
        "secret-in-conf",
    ]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "traffic.har", "index": 0}
    assert run["results"][2]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "made up"}]


def test_vendors_and_both_generations_can_be_reviewed() -> None:
    from mock_airflow.settings import PROFILES

    for profile in PROFILES:
        with MockAirflow(profile=profile, clock="2025-01-01T06:00:00Z", frozen=True) as airflow:
            airflow.add_dag("etl", tasks=("one",))
            talker: Any = Talker(airflow)
            talker.get("/dags")
            assert set(airflow.review().rules) <= {"more-rights-than-needed"}, profile


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({}, "airflow users add-role -u admin -r Viewer; airflow users remove-role -u admin -r Admin"),
        ({"airflow_version": "3.3.2", "profile": "airflow3"}, "[core] simple_auth_manager_users = admin:viewer"),
        (
            {"airflow_version": "3.3.2", "profile": "airflow3", "auth_manager": "fab"},
            "airflow users add-role -u admin -r Viewer; airflow users remove-role -u admin -r Admin",
        ),
    ],
)
def test_the_smaller_role_is_given_as_that_airflow_gives_it(settings: dict[str, Any], way: str) -> None:
    with MockAirflow(**settings) as airflow:
        talker = Talker(airflow)
        talker.get("/dags")
        found = talker.review().of("more-rights-than-needed")

    assert [each.way_out for each in found] == [way]
