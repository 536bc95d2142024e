"""Patterns in queries, fault rules, assertions and filters: what they mean, and that no text takes long to be read."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mock_airflow import MockAirflow
from mock_airflow.domain.wildcards import matcher
from mock_airflow.testing.calls import Calls
from tests.support import Deploy

ID = "a" * 240
# With a matcher that goes back, each of these keeps a core busy for longer than any test may last.
HARD = ("%".join("a" * 60) + "%zz", "%a_" * 60 + "zz", "_%" * 100 + "zz", "%" * 3000 + "zz", "a%" * 60 + "b%" * 60)


@pytest.mark.parametrize("pattern", HARD)
@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/api/v1/dags?dag_id_pattern=", {}),
        ("PATCH", "/api/v1/dags?dag_id_pattern=", {"json": {"is_paused": True}}),
        ("GET", "/api/v1/datasets?uri_pattern=", {}),
    ],
)
def test_no_pattern_of_a_query_takes_long(
    deploy: Deploy, method: str, path: str, more: dict[str, Any], pattern: str
) -> None:
    call = deploy({"dags": [{"dag_id": ID}], "datasets": [{"uri": "s3://" + "a" * 2990}]})

    answer = call(method, path + pattern.replace("%", "%25"), **more).get_json()
    assert answer.get("dags", answer.get("datasets")) == []


@pytest.mark.parametrize("pattern", HARD)
def test_no_pattern_of_a_rule_an_assertion_or_a_filter_takes_long(deploy: Deploy, pattern: str) -> None:
    call = deploy()
    stars = "/api/v1/pools/" + pattern.replace("%", "*").replace("_", "a*")
    call.deployment.faults.add(f"GET {stars}", status=503)
    path = "/api/v1/pools/" + "a" * 3000

    assert call.get(path).status_code == 404
    calls = MockAirflow.of(call.deployment).calls
    assert calls.filter(path=stars) == []
    calls.assert_not_called(f"GET {stars}")
    told = call.get("/__mock__/journal", query_string={"path": stars}).get_json()
    assert told["total_entries"] == 0


def test_limit_written_with_very_many_blanks_is_understood(deploy: Deploy) -> None:
    call = deploy()
    blanks = " " * 200_000

    answer = call("PUT", "/__mock__/limits", json={"limit": f"{blanks}5{blanks}/{blanks}minute{blanks}"})
    assert answer.status_code == 200, answer.text
    assert call("PUT", "/__mock__/limits", json={"limit": f"5/{blanks}week"}).status_code == 400


def test_body_with_very_many_form_tokens_is_kept(deploy: Deploy) -> None:
    call = deploy()

    call.post("/api/v1/pools", data='name="csrf_token"' * 50_000, content_type="text/html")
    (made,) = call.deployment.journal
    assert made.request_body.startswith('name="csrf_token"')


SIGNS = st.text("ab%_\n", max_size=8)


@given(pattern=SIGNS, text=SIGNS)
def test_meaning_is_that_of_the_plain_regular_expression(pattern: str, text: str) -> None:
    for any_character in (None, "_"):
        signs = {"%": ".*", any_character: "."}
        plain = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)
        wanted = re.fullmatch(plain, text, re.DOTALL) is not None
        assert matcher(pattern, "%", any_character)(text) is wanted


class Walked(str):
    """A text that notes where it was searched and read."""

    __slots__ = ("places",)

    def find(self, sub: str, start: int = 0, end: int = 0) -> int:  # type: ignore[override]
        found = super().find(sub, start, end)
        self.places += [start, end if found < 0 else found + len(sub)]
        return found

    def __getitem__(self, place: Any) -> str:
        self.places.append(place)
        return super().__getitem__(place)


@given(parts=st.lists(st.text("ab_", max_size=3), max_size=30), text=st.text("aaab", max_size=60))
def test_text_is_walked_once(parts: list[str], text: str) -> None:
    walked = Walked(text)
    walked.places = []
    matcher(f"%{'%'.join(parts)}%", "%", "_")(walked)

    between = walked.places[4:]  # behind the two ends, which are empty here
    assert all(later >= earlier for earlier, later in pairwise(between))


@pytest.mark.parametrize(
    ("pattern", "dag_ids"),
    [
        ("straße", ["straße"]),
        ("STRAßE", ["straße"]),
        ("ä", ["ä_low"]),  # only ASCII letters are folded, as SQLite does
        ("%25", ["a.b", "straße", "ä_low", "Ä_HIGH"]),
        ("a.b", ["a.b"]),
        ("a_b", ["a.b"]),
        ("_____________", []),
    ],
)
def test_signs_of_other_alphabets_and_of_regular_expressions_stand_for_themselves(
    deploy: Deploy, pattern: str, dag_ids: list[str]
) -> None:
    call = deploy({"dags": [{"dag_id": each} for each in ("a.b", "straße", "ä_low", "Ä_HIGH")]})

    answer = call.get(f"/api/v1/dags?dag_id_pattern={pattern}").get_json()
    assert sorted(dag["dag_id"] for dag in answer["dags"]) == sorted(dag_ids)


def test_one_pattern_means_the_same_in_a_rule_and_in_an_assertion(deploy: Deploy) -> None:
    call = deploy()
    pattern = "GET /api/v1/variables/a[1]*"
    call.deployment.faults.add(pattern, status=503)

    assert call.get("/api/v1/variables/a[1]z").status_code == 503
    Calls(call.deployment.journal).assert_called(pattern, times=1)
    Calls(call.deployment.journal).assert_not_called("GET /api/v1/variables/a1*")
