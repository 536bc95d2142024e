"""The conditions over assets that DAGs are scheduled by."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.domain.asset_conditions import aliases_in, condition_met, uris_in

ALL, ANY = {"all": ["a", "b"]}, {"any": ["a", "b"]}
NESTED = {"all": [{"any": ["a", {"alias": "daily"}]}, "c"]}


@pytest.mark.parametrize(
    ("condition", "changed", "met"),
    [
        ("a", ["a"], True),
        ("a", ["b"], False),
        (ALL, ["a"], False),
        (ALL, ["a", "b"], True),
        (ANY, ["b"], True),
        (ANY, ["c"], False),
        ({"any": []}, ["a"], False),
        (NESTED, ["a", "c"], True),
        (NESTED, ["a"], False),
        (NESTED, ["c"], False),
        (None, ["a"], False),
        ({}, ["a"], False),
    ],
    ids=str,
)
def test_changed_assets_meet_a_condition(condition: Any, changed: list[str], met: bool) -> None:
    assert condition_met(condition, changed) is met


def test_alias_is_met_by_what_was_changed_under_its_name() -> None:
    assert condition_met({"alias": "daily"}, {"a"}, {"daily"})
    assert condition_met(NESTED, {"c"}, {"daily"})
    assert not condition_met({"alias": "daily"}, {"daily"}, {"weekly"})


def test_names_in_a_condition_are_told_apart() -> None:
    assert [*uris_in(NESTED)] == ["a", "c"]
    assert [*aliases_in(NESTED)] == ["daily"]
    assert [*uris_in(None), *aliases_in(None), *aliases_in("a")] == []
