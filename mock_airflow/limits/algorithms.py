"""How requests are counted against a rule: four ways, each exact to the microsecond.

A state is a plain tuple that is never changed, only replaced, so that snapshots may share it. Moments and periods are
whole microseconds; nothing is rounded, so a request that comes exactly at the edge of a window is decided the same way
on every machine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from mock_airflow.limits.rules import LimitRule

SECOND = 1_000_000


class Counted(NamedTuple):
    """What a rule says to a request: the state when it is counted, and microseconds until something changes.

    ``wait`` is until a request passes again, 0 when this one does; ``reset`` until nothing is used up any more.
    ``remaining`` is how many requests may follow this one at once.
    """

    state: Any
    remaining: int
    wait: int
    reset: int


_counted = partial(tuple.__new__, Counted)  # in a quarter of the time of Counted()


class Algorithm(ABC):
    """A way to count. ``most`` is the highest amount it can hold to."""

    most: int = 999_999_999

    @abstractmethod
    def fresh(self, rule: LimitRule, now: int) -> Any:
        """The state in which nothing is used up."""

    @abstractmethod
    def empty(self, rule: LimitRule, now: int) -> Any:
        """The state in which everything has just been used up."""

    @abstractmethod
    def count(self, rule: LimitRule, state: Any, now: int) -> Counted:
        """One more request at this moment; the state stays as it is when there is one too many."""

    @abstractmethod
    def carried(self, state: Any, old: LimitRule, new: LimitRule, now: int) -> Any:
        """The state under another rule, in which as much is used up as before."""


class TokenBucket(Algorithm):
    """A bucket that holds as many tokens as the rule allows requests and fills up evenly over the rule's period.

    State: how full it was, in tokens times period, and when. A microsecond adds ``amount`` of these units.
    """

    def fresh(self, rule: LimitRule, now: int) -> Any:
        """A full bucket."""
        return rule.amount * rule.seconds * SECOND, now

    def empty(self, rule: LimitRule, now: int) -> Any:
        """An empty bucket."""
        return 0, now

    def count(self, rule: LimitRule, state: Any, now: int) -> Counted:
        """Take a token, if a whole one is there."""
        units, at = state
        _, amount, seconds = rule
        token = seconds * SECOND
        full = amount * token
        if now > at:
            units += (now - at) * amount
            if units > full:
                units = full
        if units < token:
            return _counted(
                ((units, now), 0, (token - units + amount - 1) // amount, (full - units + amount - 1) // amount)
            )
        units -= token
        return _counted(((units, now), units // token, 0, (full - units + amount - 1) // amount))

    def carried(self, state: Any, old: LimitRule, new: LimitRule, now: int) -> Any:
        """The tokens that are missing stay missing."""
        units, at = state
        missing = old.amount * old.seconds * SECOND - units
        token = new.seconds * SECOND
        return max(new.amount * token - missing * token // (old.seconds * SECOND), 0), at


class FixedWindow(Algorithm):
    """Windows that begin at whole multiples of the period since 1970, such as each full minute.

    State: the window's number, and the requests in it.
    """

    def fresh(self, rule: LimitRule, now: int) -> Any:
        """No request in the window."""
        return now // (rule.seconds * SECOND), 0

    def empty(self, rule: LimitRule, now: int) -> Any:
        """The window is full."""
        return now // (rule.seconds * SECOND), rule.amount

    def count(self, rule: LimitRule, state: Any, now: int) -> Counted:
        """Count the request in the window that the moment lies in."""
        period = rule.seconds * SECOND
        window = now // period
        used = state[1] if state[0] == window else 0
        left = period - now % period
        if used >= rule.amount:
            return Counted(state, 0, left, left)
        return Counted((window, used + 1), rule.amount - used - 1, 0, left)

    def carried(self, state: Any, old: LimitRule, new: LimitRule, now: int) -> Any:
        """The requests of the window that is open count in the new one."""
        used = state[1] if state[0] == now // (old.seconds * SECOND) else 0
        return now // (new.seconds * SECOND), used


class _Log(NamedTuple):
    """A stretch of a log that only grows at its end: moments, and how many requests there were up to each.

    Later states share the lists; a state that is not the latest, as after going back to a snapshot, copies its stretch
    before it appends.
    """

    moments: list[int]
    totals: list[int]
    start: int
    end: int
    before: int  # the total when the stretch began

    @property
    def used(self) -> int:
        return self.totals[self.end - 1] - self.before if self.end > self.start else 0

    def since(self, moment: int) -> _Log:
        """The part after a moment."""
        start = bisect_right(self.moments, moment, self.start, self.end)
        if start == self.start:
            return self
        before = self.totals[start - 1]
        if start * 2 > len(self.moments):  # what nobody asks for any more is dropped now and then
            return _Log(self.moments[start : self.end], self.totals[start : self.end], 0, self.end - start, before)
        return self._replace(start=start, before=before)

    def plus(self, moment: int, count: int = 1) -> _Log:
        """With so many more requests at a moment."""
        log = self
        if self.end != len(self.moments):
            part = slice(self.start, self.end)
            log = _Log(self.moments[part], self.totals[part], 0, self.end - self.start, self.before)
        log.moments.append(moment)
        log.totals.append(log.before + log.used + count)
        return log._replace(end=log.end + 1)


class SlidingWindow(Algorithm):
    """The moment of each request of the last period is remembered; one leaves the window a whole period later."""

    most = 100_000  # each is remembered for a period

    def fresh(self, rule: LimitRule, now: int) -> Any:
        """Nothing is remembered."""
        return _Log([], [], 0, 0, 0)

    def empty(self, rule: LimitRule, now: int) -> Any:
        """All requests that the rule allows came just now."""
        return _Log([], [], 0, 0, 0).plus(now, rule.amount)

    def count(self, rule: LimitRule, state: Any, now: int) -> Counted:
        """Remember the request, if fewer than the rule allows are remembered."""
        period = rule.seconds * SECOND
        log: _Log = state.since(now - period)
        if log.end > log.start and log.moments[log.end - 1] > now:  # the clock was set back, to before all of them
            log = self.fresh(rule, now)
        used = log.used
        if used >= rule.amount:
            # The first whose leaving makes room: up to it all but amount - 1 are gone.
            leaving = bisect_right(log.totals, log.before + used - rule.amount, log.start, log.end)
            return Counted(state, 0, log.moments[leaving] + period - now, log.moments[log.end - 1] + period - now)
        return Counted(log.plus(now), rule.amount - used - 1, 0, period)

    def carried(self, state: Any, old: LimitRule, new: LimitRule, now: int) -> Any:
        """What is remembered stays so, as long as the new period says."""
        return state


class SlidingCounter(Algorithm):
    """A sliding window of two numbers: of the window before, as much counts as the last period covers of it.

    State: the window's number, the requests in the one before, and in this one.
    """

    def fresh(self, rule: LimitRule, now: int) -> Any:
        """Nothing in either window."""
        return now // (rule.seconds * SECOND), 0, 0

    def empty(self, rule: LimitRule, now: int) -> Any:
        """This window is full."""
        return now // (rule.seconds * SECOND), 0, rule.amount

    def count(self, rule: LimitRule, state: Any, now: int) -> Counted:
        """Count the request, if with it the weighted sum is not above the amount."""
        amount, period = rule.amount, rule.seconds * SECOND
        window, left = (
            now // period,
            period - now % period,
        )  # `left` is also what the last period covers of the one before
        before, current = _shifted(state, window)
        room = (amount - current) * period - before * left
        reset = left + period if current else left
        if room >= period:
            return Counted((window, before, current + 1), (room - period) // period, 0, left + period)
        if current < amount:  # it passes in this window, once little enough of the one before is covered
            return Counted(state, 0, left - (amount - 1 - current) * period // before, reset)
        return Counted(state, 0, left + period - (amount - 1) * period // current, reset)

    def carried(self, state: Any, old: LimitRule, new: LimitRule, now: int) -> Any:
        """What both windows count for now counts in the new one."""
        period = old.seconds * SECOND
        before, current = _shifted(state, now // period)
        if old.seconds == new.seconds:
            return now // period, before, current
        weighted = current + -(-before * (period - now % period) // period)
        return now // (new.seconds * SECOND), 0, weighted


def _shifted(state: tuple[int, int, int], window: int) -> tuple[int, int]:
    """The requests of the window before and of this one, as seen from this one."""
    at, before, current = state
    if at == window:
        return before, current
    return (current, 0) if at == window - 1 else (0, 0)


ALGORITHMS: Mapping[str, Algorithm] = {
    "token-bucket": TokenBucket(),
    "fixed-window": FixedWindow(),
    "sliding-window": SlidingWindow(),
    "sliding-counter": SlidingCounter(),
}
