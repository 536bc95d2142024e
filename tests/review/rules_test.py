"""Each rule of the review: a client that does it, and one that nearly does (the cases are in `rules/`)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow
from mock_airflow.review import rules as rules
from mock_airflow.review.advice import RULES
from mock_airflow.review.traffic import FETCHES
from mock_airflow.settings import PROFILES
from tests.review.rules.case import CASES, Case
from tests.review.talking import Talker

for _cases in sorted(Path(__file__).with_name("rules").glob("*.py")):
    import_module(f"tests.review.rules.{_cases.stem}")  # each notes its own

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


def test_a_vendors_exchange_is_known_as_one() -> None:
    unknown = []
    for profile in PROFILES:
        deployment = MockAirflow(profile=profile, frozen=True).deployment
        probe = deployment.profile.exchange(deployment.credentials, deployment.settings)
        if probe is not None and not probe.path.endswith(FETCHES):
            unknown.append(profile)

    assert unknown == ["mwaa"]  # whose path ends in the environment's name


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
        named = [each for each in api if (each.method, each.path) == (whole.method, whole.path)]
        # with Airflow 3 a batch is asked at the path of a DAG called ~
        named = named or [each for each in api if each.method == whole.method and each.fits(whole.path)]
        assert len(named) == 1, (version, single)
        one, many = set(migration._answered(api.operations[single])), set(migration._answered(named[0]))
        if version == "v1":  # some describe the whole list, with its items inside
            many |= {field for part in named[0].answer.parts() for field in part.fields}
        assert one, (version, single)
        assert one <= many | {"tasks", "task_instances", "total_entries", "total_entries_limit"}, (version, single)
