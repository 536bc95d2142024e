"""The calls of a test, and what a test asserts of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mock_airflow.journal import tracebacks
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.matching import _ANY, WantedCall, check_filters, matching, nearest
from mock_airflow.journal.pattern import Route

__tracebackhide__ = tracebacks.assertions
_SHOWN = 10


class Calls(list[Entry]):
    """What was asked and answered, oldest first. A list that does not grow: ask the mock for it again.

    ``known`` gives what the deployment answers, so that a name which none of its calls could ever have is refused.
    """

    def __init__(self, entries: Iterable[Entry] = (), known: Callable[[], Sequence[Route]] | None = None) -> None:
        super().__init__(entries)
        self._known = known

    def _some(self, entries: Iterable[Entry]) -> Calls:
        return Calls(entries, self._known)

    def filter(self, **wanted: Any) -> Calls:
        """Those that fit: ``operation``, ``principal``, ``status``, ``decision``, ``method``, ``path`` (with ``*``),
        ``fault`` (a rule's number), ``since`` and ``until`` (numbers). Raises ValueError for another filter, and for a
        value that no call of this deployment could ever have.
        """
        found = self._some(matching(self, wanted))
        if not found and self._known is not None:
            check_filters(wanted, self._known())
        return found

    def assert_called(
        self,
        call: str,
        *,
        times: int | None = None,
        json: Any = _ANY,
        query: Any = _ANY,
        status: int | None = None,
        principal: str | None = None,
    ) -> Calls:
        """That a call was made, exactly ``times`` times if that is given, at least once if not; gives those calls.

        ``call`` is a method and a path, such as ``POST /api/v1/dags/*/dagRuns``, or an operation's id. ``json`` is the
        whole body and ``query`` the whole query that it has to have. A failure shows the nearest call and where it
        first differs.
        """
        wanted = WantedCall(call, json, query, status, principal)
        found = self._some(entry for entry in self if wanted.difference(entry) is None)
        if times == 0:
            self._see_that_it_could_be(wanted)
        if found and times in (None, len(found)):
            return found
        if not found and times == 0:
            return found
        expected = "at least 1 call was" if times is None else _calls(times)
        more = times is not None and len(found) > times
        instead = f"\n{lines(found)}" if more else self._instead(wanted)
        raise AssertionError(f"{wanted.words} was {_times(len(found))}, but {expected} expected. {instead}")

    def assert_not_called(
        self,
        call: str,
        *,
        json: Any = _ANY,
        query: Any = _ANY,
        status: int | None = None,
        principal: str | None = None,
    ) -> None:
        """That such a call was never made; takes what ``assert_called`` takes, but for how often.

        Raises PatternError for a call that could not have been made at all, as with a path without ``/api/v1``.
        """
        wanted = WantedCall(call, json, query, status, principal)
        self._see_that_it_could_be(wanted)
        found = [entry for entry in self if wanted.difference(entry) is None]
        if found:
            raise AssertionError(f"{wanted.words} was {_times(len(found))}, but {_calls(0)} expected.\n{lines(found)}")

    def assert_called_in_order(self, *calls: str) -> Calls:
        """That these calls were made one after the other, others between them or not; gives the first such calls."""
        found, rest = self._some(()), self._some(self)
        for call in calls:
            wanted = WantedCall(call)
            place = next((place for place, entry in enumerate(rest) if wanted.difference(entry) is None), None)
            if place is None:
                after = f" after {line(found[-1])}" if found else ""
                before = next((entry for entry in self if wanted.difference(entry) is None), None)
                early = f"It was called before, as {line(before)}." if before is not None else rest._instead(wanted)
                raise AssertionError(f"{call} was not called{after}. {early}\n{lines(self)}")
            found.append(rest[place])
            rest = self._some(rest[place + 1 :])
        return found

    def assert_all_pages_read(self, call: str) -> None:
        """That the pages of a list which were read cover all of it, as long as it was when the last one was read.

        ``call`` names the list, as for ``assert_called``; the query may differ from page to page.
        """
        from mock_airflow.review.rules.pages import gaps, page_of  # the review costs nothing until it is asked for
        from mock_airflow.review.traffic import Seen

        read = [page for entry in self.assert_called(call) if (page := page_of(Seen(entry))) is not None]
        if not read:
            raise AssertionError(f"{call} was never answered with a page of a list.\n{lines(self.assert_called(call))}")
        missing = next(iter(gaps(read)), None)
        if missing is not None:
            raise AssertionError(
                f"{call} has {read[-1].total} items, of which only the first {missing.start} were read without a gap; "
                f"the next page begins at offset={missing.start}.\n{lines(self.assert_called(call))}"
            )

    def assert_respected_retry_after(self) -> None:
        """That nobody who was told by a 429 or 503 when to come back came back earlier with the same credential.

        Fails too when nobody was told so.
        """
        from mock_airflow.review.rules.waiting import come_back_at, too_early

        if all(come_back_at(entry) is None for entry in self):
            raise AssertionError(f"No call was answered with a Retry-After that could be respected.\n{lines(self)}")
        found = next(too_early(self), None)
        if found is not None:
            told, until, came, seconds = found
            raise AssertionError(
                f"{line(came)} came {seconds:g} s too early: {line(told)} said to come back at {until.isoformat()}."
            )

    def assert_token_reused(self, lifetime: float | None = None) -> None:
        """That a token was fetched only when there was none that worked: once, and again only after a 401.

        With ``lifetime``, in seconds on the clock, a token that is that old may be replaced before it is refused. Fails
        too when no token was fetched.
        """
        from mock_airflow.review.rules.access import fetches, needless_fetches

        if not fetches(self):
            raise AssertionError(f"No token was fetched: no POST to a path that ends in /token.\n{lines(self)}")
        found = next(needless_fetches(self, lifetime), None)
        if found is not None:
            one, other = found
            raise AssertionError(
                f"{line(other)} fetched a token although that of {line(one)} was not refused in between."
            )

    def _see_that_it_could_be(self, wanted: WantedCall) -> None:
        """Refuse a call that nobody could make and nobody has made: a typing error would pass for good news."""
        pattern = wanted.pattern
        if self._known is not None and all(pattern.difference(entry) for entry in self):
            pattern.check(self._known())

    def _instead(self, wanted: WantedCall) -> str:
        near = nearest(self, wanted)
        if near is None:
            return "There was no other call." if self else "There was no call at all."
        entry, difference = near
        return f"The nearest call is {line(entry)}: {difference}."


def _times(count: int) -> str:
    return {0: "not called", 1: "called once", 2: "called twice"}.get(count, f"called {count} times")


def _calls(count: int) -> str:
    return {0: "no call was", 1: "1 call was"}.get(count, f"{count} calls were")


def line(entry: Entry) -> str:
    """A call in a line: number, method, path, status."""
    path = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return f"#{entry.number} {entry.method} {path} ({entry.status})"


def lines(entries: list[Entry]) -> str:
    """The first of some calls, a line each."""
    if not entries:
        return "There was no call at all."
    more = [f"  ... and {len(entries) - _SHOWN} more"] if len(entries) > _SHOWN else []
    return "\n".join(["The calls were:", *(f"  {line(entry)}" for entry in entries[:_SHOWN]), *more])
