"""The only time there is.

A deployment owns one clock. It decides run progress, schedules, token life, rate windows, `Retry-After` and every
timestamp. The outside world comes in through two functions that the caller hands over, so nothing here reads a real
clock by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.errors import ClockError
from mock_airflow.settings.spelling import hint

if TYPE_CHECKING:
    from typing_extensions import Never

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_UNITS = ("seconds", "minutes", "hours", "days", "weeks")
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=timezone.utc), datetime(2262, 1, 1, tzinfo=timezone.utc)


class ClockState(NamedTuple):
    """A clock's setting; what a snapshot keeps.

    A clock that runs at the speed of time is kept as its distance from real time, so going back to a snapshot undoes
    what was set or advanced since, and does not turn time itself back. Any other is kept at its moment.
    """

    now: datetime
    frozen: bool
    speed: float
    offset: timedelta | None


_state = partial(tuple.__new__, ClockState)  # in a quarter of the time of ClockState()


class ClockSetting(NamedTuple):
    """Where a clock stood at a real moment (seconds since 1970), whether it stands still, and how fast it goes."""

    at: datetime
    wall: float
    frozen: bool
    speed: float


class Clock:
    """Real time with an offset, or frozen, or scaled; always UTC.

    ``wall`` gives seconds since 1970 and ``wait`` blocks for some real seconds. Methods may be called from any thread.
    """

    def __init__(self, wall: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._wall, self._wait = wall, wait
        self._lock = threading.Lock()
        self._frozen = False
        self._speed = 1.0
        self._place(_EPOCH + timedelta(seconds=wall()))
        self.before_move: Callable[[datetime], object] = lambda at: None  # may refuse a move by raising ClockError
        self.moving: Callable[[], AbstractContextManager[object]] = nullcontext  # around what is told to the clock

    def now(self) -> datetime:
        """The current moment, with UTC as its zone and microseconds."""
        if self._frozen:
            return self._anchor
        if self._speed == 1.0:  # every request asks several times, so this way is short
            return datetime.fromtimestamp(self._wall() + self._offset, timezone.utc)
        with self._lock:
            return self._read()

    def _read(self) -> datetime:
        if self._frozen:
            return self._anchor
        return self._anchor + timedelta(seconds=(self._wall() - self._anchor_wall) * self._speed)

    def _place(self, at: datetime) -> None:
        self._anchor, self._anchor_wall = _in_range(at), self._wall()
        self._keep_offset()

    def _keep_offset(self) -> None:
        self._offset = (self._anchor - _EPOCH).total_seconds() - self._anchor_wall
        self._distance = timedelta(seconds=self._offset)

    def set(self, at: datetime | str) -> None:
        """Jump to ``at``, a time or its text; the clock keeps running or stays frozen as it was.

        Raises ClockError for what is not a time, and for one without a zone.
        """
        moment = _in_range(at)
        with self.moving():
            self.before_move(moment)
            with self._lock:
                self._place(moment)

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop the clock here, or at ``at``, a time or its text; gives the moment it stopped at.

        Raises ClockError as ``set`` does.
        """
        moment = None if at is None else _in_range(at)
        with self.moving():
            if moment is not None:
                self.before_move(moment)
            with self._lock:
                self._place(self._read() if moment is None else moment)
                self._frozen = True
                return self._anchor

    def unfreeze(self) -> None:
        """Let the clock run on from where it stands."""
        with self.moving(), self._lock:
            self._place(self._read())
            self._frozen = False

    def advance(
        self,
        seconds: float = 0,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        weeks: float = 0,
        **unknown: Never,
    ) -> datetime:
        """Move forward by the sum of the amounts; gives the new moment. Raises ClockError for a negative sum."""
        amount = period_of(seconds=seconds, minutes=minutes, hours=hours, days=days, weeks=weeks, **unknown)
        if amount < timedelta(0):
            raise ClockError(
                f"The clock only advances, so {amount.total_seconds():g} seconds is refused; "
                "call set() to go back to an earlier moment."
            )
        try:
            with self.moving():
                self.before_move(self.now() + amount)
                with self._lock:
                    self._place(self._read() + amount)
                    return self._anchor
        except OverflowError:
            raise ClockError("The clock cannot pass the year 2262; advance by less.") from None

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still between calls of advance() and set()."""
        return self._frozen

    @property
    def speed(self) -> float:
        """Seconds on this clock in one real second; 1.0 unless changed."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        if not _is_number(value) or not 0 < value <= 1e9:
            raise ClockError(
                f"A clock's speed must be above 0 and at most 1e9, not {value!r}; freeze() makes it stand still."
            )
        with self.moving(), self._lock:
            self._place(self._read())
            self._speed = float(value)

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` of this clock pass: really waited for while it runs, advanced at once while it is frozen."""
        if not _is_number(seconds):
            raise ClockError(f"A number of seconds is slept, not {seconds!r}.")
        if seconds <= 0:
            return
        if self._frozen:
            self.advance(seconds)
        else:
            self._wait(seconds / self._speed)

    def really_sleep(self, seconds: float) -> None:
        """Block for real seconds, whatever this clock does."""
        if seconds > 0:
            self._wait(seconds)

    def save(self) -> ClockState:
        """The clock's setting, for load()."""
        with self._lock:
            running = not self._frozen and self._speed == 1.0
            now, offset = (self.now(), self._distance) if running else (self._read(), None)
            return _state((now, self._frozen, self._speed, offset))

    def load(self, state: ClockState) -> None:
        """Go back to what save() gave."""
        with self._lock:
            self._frozen, self._speed = state.frozen, state.speed
            self._place(state.now if state.offset is None else self.real() + state.offset)

    @property
    def setting(self) -> ClockSetting:
        """How it is set, for clocks of other processes that have the same real time."""
        with self._lock:
            return ClockSetting(self._anchor, self._anchor_wall, self._frozen, self._speed)

    def adopt(self, setting: ClockSetting) -> None:
        """Be set as another one."""
        with self._lock:
            self._anchor, self._anchor_wall, self._frozen, self._speed = setting
            self._keep_offset()

    def real(self) -> datetime:
        """The moment outside, which no deployment lives by."""
        return _EPOCH + timedelta(seconds=self._wall())


def period_of(**amounts: float) -> timedelta:
    """The sum of amounts of time by their units. Raises ClockError for a unit or an amount that is none."""
    for unit in amounts.keys() - _UNITS:
        raise ClockError(f"The clock is not advanced by {unit!r}; {hint(unit, _UNITS, 'the units are')}")
    try:
        return timedelta(**amounts)
    except (TypeError, ValueError):
        raise ClockError("The clock is advanced by numbers, such as advance(90) or advance(hours=2).") from None
    except OverflowError:
        raise ClockError("The clock cannot pass the year 2262; advance by less.") from None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))


def moment_of(at: datetime | str) -> datetime:
    """A time in UTC, from one that has a zone or from the text of one. Raises ClockError for anything else."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at.strip().replace("Z", "+00:00"))
        except ValueError:
            raise ClockError(f"{at!r} is not a time; write one such as 2025-01-01T06:00:00Z.") from None
    if not isinstance(at, datetime):
        raise ClockError(f"{at!r} is not a time; give a datetime, or a text such as '2025-01-01T06:00:00Z'.")
    if at.tzinfo is None:
        raise ClockError(f"The time {at.isoformat()} has no zone; give one, such as {at.isoformat()}+00:00.")
    try:
        return at.astimezone(timezone.utc)
    except OverflowError:
        raise ClockError(f"The time {at.isoformat()} lies outside of the years 1 to 9999 in UTC.") from None


def _in_range(at: datetime | str) -> datetime:
    moment = moment_of(at)
    if not _FIRST <= moment <= _LAST:
        raise ClockError(f"The time {moment.isoformat()} is outside of 1900 to 2262, where the clock can stand.")
    return moment
