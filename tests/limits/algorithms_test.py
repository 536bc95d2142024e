"""The ways to count, each against a plain model that remembers every request and decides in exact fractions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from mock_airflow.limits.algorithms import ALGORITHMS
from mock_airflow.limits.limits import Limits
from mock_airflow.limits.rules import LimitRule
from mock_airflow.storage.tables import Table

SECOND = 1_000_000
START = datetime(2025, 1, 1, 0, 0, 7, 123, tzinfo=timezone.utc)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Admits = Callable[[list[int], int], bool]


def bucket(amount: int, period: int) -> Admits:
    """Whether the tokens that were there at first and came since, never more than the bucket holds, leave one."""

    def admits(before: list[int], now: int) -> bool:
        tokens, last = Fraction(amount), before[0] if before else now
        for moment in [*before, now]:
            tokens = min(Fraction(amount), tokens + Fraction((moment - last) * amount, period))
            last = moment
            tokens -= moment is not now
        return tokens >= 1

    return admits


def fixed(amount: int, period: int) -> Admits:
    return lambda before, now: sum(each // period == now // period for each in before) < amount


def sliding(amount: int, period: int) -> Admits:
    return lambda before, now: sum(each > now - period for each in before) < amount


def counter(amount: int, period: int) -> Admits:
    def admits(before: list[int], now: int) -> bool:
        current = sum(each // period == now // period for each in before)
        earlier = sum(each // period == now // period - 1 for each in before)
        return earlier * (1 - Fraction(now % period, period)) + current + 1 <= amount

    return admits


MODELS: dict[str, Callable[[int, int], Admits]] = {
    "token-bucket": bucket,
    "fixed-window": fixed,
    "sliding-window": sliding,
    "sliding-counter": counter,
}


def steps(period: int) -> st.SearchStrategy[int]:
    """Microseconds between requests, with a liking for the edges of windows."""
    edge = st.integers(1, 4).map(lambda part: period // part)
    near = st.tuples(edge, st.integers(-1, 1)).map(sum)
    return st.one_of(st.just(0), near, st.integers(0, 2 * period))


def test_every_algorithm_has_its_model() -> None:
    assert MODELS.keys() == ALGORITHMS.keys()


def _limits() -> Limits:
    return Limits(Table("limits", lambda account: account.who, []), Table("singletons", lambda row: row.name, []))


@pytest.mark.parametrize("name", ALGORITHMS)
@settings(max_examples=50)
@given(data=st.data(), amount=st.integers(1, 5), seconds=st.integers(1, 7))
def test_decides_as_the_model_to_the_microsecond(name: str, data: Any, amount: int, seconds: int) -> None:
    limits, model = _limits(), MODELS[name](amount, seconds * SECOND)
    limits.set(f"{amount} per {seconds} seconds", algorithm=name)
    now, admitted = START, list[int]()
    for step in data.draw(st.lists(steps(seconds * SECOND), min_size=1, max_size=15)):
        now += timedelta(microseconds=step)
        moment = (now - EPOCH) // timedelta(microseconds=1)
        expected = model(admitted, moment)

        standing = limits.count("key", None, now)

        assert standing is not None
        assert (standing.exceeded is None) == expected
        if expected:
            admitted.append(moment)


def _limits() -> Limits:
    return Limits(Table("limits", lambda account: account.who, []), Table("singletons", lambda row: row.name, []))


@pytest.mark.parametrize("name", ALGORITHMS)
@settings(max_examples=50)
@given(data=st.data(), amount=st.integers(1, 5), seconds=st.integers(1, 7))
def test_tells_the_first_microsecond_at_which_it_passes_and_how_many_do(
    name: str, data: Any, amount: int, seconds: int
) -> None:
    algorithm, rule = ALGORITHMS[name], LimitRule("", amount, seconds)
    now = (START - EPOCH) // timedelta(microseconds=1)
    state = algorithm.fresh(rule, now)
    for step in data.draw(st.lists(steps(seconds * SECOND), min_size=1, max_size=15)):
        now += step
        counted = algorithm.count(rule, state, now)
        if counted.wait:
            assert algorithm.count(rule, counted.state, now + counted.wait - 1).wait == 1
            assert algorithm.count(rule, counted.state, now + counted.wait).wait == 0
        else:
            more = counted
            for left in reversed(range(counted.remaining)):
                more = algorithm.count(rule, more.state, now)
                assert (more.wait, more.remaining) == (0, left)
            assert algorithm.count(rule, more.state, now).wait > 0
        state = counted.state
    unused = algorithm.count(rule, state, now + counted.reset)
    assert unused.remaining == amount - 1


@pytest.mark.parametrize("name", ALGORITHMS)
def test_everything_is_used_up_of_an_empty_one(name: str) -> None:
    algorithm, rule, now = ALGORITHMS[name], LimitRule("", 3, 10), 1_000_000_003

    counted = algorithm.count(rule, algorithm.empty(rule, now), now)

    assert counted.wait > 0
    assert algorithm.count(rule, counted.state, now + counted.reset).remaining == 2


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_was_used_up_stays_so_under_another_rule(name: str) -> None:
    algorithm, old, now = ALGORITHMS[name], LimitRule("", 5, 60), 6_000_000_000
    state = algorithm.fresh(old, now)
    for _ in range(4):
        state = algorithm.count(old, state, now).state

    for new, remaining in ((LimitRule("", 9, 60), 4), (LimitRule("", 9, 30), 4), (LimitRule("", 5, 60), 0)):
        assert algorithm.count(new, algorithm.carried(state, old, new, now), now).remaining == remaining
    fewer = LimitRule("", 3, 60)
    assert algorithm.count(fewer, algorithm.carried(state, old, fewer, now), now).wait > 0


@pytest.mark.parametrize("name", ALGORITHMS)
def test_states_are_never_changed_so_that_snapshots_may_share_them(name: str) -> None:
    algorithm, rule, now = ALGORITHMS[name], LimitRule("", 4, 10), 1_000_000_000
    early = algorithm.count(rule, algorithm.fresh(rule, now), now).state

    one = algorithm.count(rule, algorithm.count(rule, early, now + 5).state, now + 7)
    other = algorithm.count(rule, early, now + 9)

    assert (one.remaining, other.remaining) == (1, 2)
    assert algorithm.count(rule, one.state, now + 9).remaining == 0
    assert algorithm.count(rule, other.state, now + 9).remaining == 1


@pytest.mark.parametrize("name", ALGORITHMS)
def test_clock_that_is_set_back_locks_nobody_out(name: str) -> None:
    algorithm, rule, now = ALGORITHMS[name], LimitRule("", 1, 60), 10**15
    state = algorithm.count(rule, algorithm.fresh(rule, now), now).state

    back = algorithm.count(rule, state, now - 10**12)

    assert back.wait <= 60 * SECOND
    assert algorithm.count(rule, back.state, now - 10**12 + back.wait + 120 * SECOND).wait == 0
