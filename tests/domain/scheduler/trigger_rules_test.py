"""Trigger rules: what each says for every way in which the tasks before may have ended."""

from __future__ import annotations

from itertools import product

import pytest

from mock_airflow.domain.scheduler.trigger_rules import of_setups, verdict

# By rule and verdict: states before the task, each by its first letter (u is upstream_failed, x removed, - none yet).
SAID = {
    "all_failed": {"run": ["", "f", "fu"], "wait": ["-", "f-"], "skipped": ["s", "k", "fs", "s-"]},
    "all_done": {"run": ["", "sfkux"], "wait": ["-", "sf-"]},
    "all_skipped": {"run": ["", "kk"], "wait": ["k-"], "skipped": ["s", "kf", "u-"]},
    "one_failed": {"run": ["f", "u", "f-", "sf"], "wait": ["-", "s-"], "skipped": ["", "s", "sk"]},
    "one_done": {"run": ["s", "f-"], "wait": ["-", "k-"], "skipped": ["", "k", "u"]},
    "none_failed": {"run": ["", "s", "sk", "k"], "wait": ["-", "k-"], "upstream_failed": ["f", "u-"]},
    "none_skipped": {"run": ["", "s", "sfu"], "wait": ["-", "f-"], "skipped": ["k", "sk-"]},
    "always": {"run": ["", "-", "f", "k"]},
}
STATES = {"s": "success", "f": "failed", "k": "skipped", "u": "upstream_failed", "x": "removed", "-": None}
OLD_NAMES = {"dummy": "always", "none_failed_or_skipped": "none_failed_min_one_success"}


def states(letters: str) -> list[str | None]:
    return [STATES[letter] for letter in letters]


@pytest.mark.parametrize(
    ("rule", "before", "said"),
    [(rule, before, said) for rule, table in SAID.items() for said, cases in table.items() for before in cases],
)
def test_rule_decides_by_how_the_tasks_before_ended(rule: str, before: str, said: str) -> None:
    assert verdict(rule, states(before)) == said
    assert verdict(rule, states(before[::-1])) == said


@pytest.mark.parametrize(("old", "new"), OLD_NAMES.items())
def test_old_name_means_the_same(old: str, new: str) -> None:
    for count in range(4):
        for before in product(STATES.values(), repeat=count):
            assert verdict(old, before) == verdict(new, before)


@pytest.mark.parametrize("rule", SAID)
def test_what_is_decided_while_some_are_open_stays_so(rule: str) -> None:
    """A verdict before all have ended is the verdict of each way in which the rest may end, but to run for certain."""
    for before in product(STATES.values(), repeat=2):
        early = verdict(rule, [*before, None])
        if early in ("skipped", "upstream_failed"):
            assert "run" not in {verdict(rule, [*before, STATES[last]]) for last in "sfku"}, before


def test_one_instance_of_a_mapped_task_does_not_wait_for_removed_ones() -> None:
    assert verdict("all_success", states("sx")) == "wait"
    assert verdict("all_success", states("sx"), leaving_removed=True) == "run"
    assert verdict("none_failed_min_one_success", states("xk"), leaving_removed=True) == "upstream_failed"


def test_teardown_runs_where_one_of_its_setups_did() -> None:
    def said(before: str, setups: str) -> str:
        return verdict("all_done_setup_success", states(before), states(setups))

    assert said("s-", "s") == "wait"
    assert [said("sf", "s"), said("sf", "sf"), said("f", "")] == ["run", "run", "run"]
    assert [said("fk", "f"), said("kk", "kk")] == ["upstream_failed", "skipped"]


def test_setups_further_up_all_have_to_be_a_success() -> None:
    told = {before: of_setups(states(before)) for before in ("", "ss", "s-", "sk", "skf", "u")}

    assert list(told.values()) == ["run", "run", "wait", "skipped", "upstream_failed", "upstream_failed"]


def test_rule_that_airflow_does_not_know_waits_for_ever() -> None:
    assert verdict("sometimes", states("ss")) == "wait"
