"""The traffic under review: calls with what is known of them, in the order in which they were answered.

It comes from a deployment's journal, or from a file with the traffic of any Airflow. Of a deployment the state is known
too, and the rows that each call changed.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs

from mock_airflow.review.described import Described, described

if TYPE_CHECKING:
    from mock_airflow.api.operation import Operation
    from mock_airflow.deployment import Deployment
    from mock_airflow.journal.journal import Entry

_Key = TypeVar("_Key")

OVER = frozenset({"success", "failed"})  # states of a run that it does not leave by itself
UNANSWERED = 0
FETCHES = ("/token", "/token/cli", "/token/login")  # how paths end at which tokens are handed out


class Seen:
    """One call under review: its entry in the journal, and what follows from that."""

    __slots__ = ("_answer", "_headers", "_query", "_sent", "_told", "described", "entry", "who")

    _UNREAD: Any = object()

    def __init__(self, entry: Entry, generation: int | None = None) -> None:
        self.entry = entry
        self.described: Described = described(entry.method, entry.path, generation)
        self.who = entry.principal or entry.credential
        self._query = self._headers = self._sent = self._answer = self._told = self._UNREAD

    def __repr__(self) -> str:
        return f"<Seen {self.line}>"

    @property
    def number(self) -> int:
        """Its number in the journal, or in the file."""
        return self.entry.number

    @property
    def method(self) -> str:
        """Its method."""
        return self.entry.method

    @property
    def status(self) -> int:
        """The answer's status; 0 where none came."""
        return self.entry.status

    @property
    def ok(self) -> bool:
        """Whether it was done what was asked for."""
        return 200 <= self.status < 300

    @property
    def line(self) -> str:
        """The call in a line."""
        path = f"{self.entry.path}?{self.entry.query}" if self.entry.query else self.entry.path
        return f"#{self.number} {self.method} {path} ({self.status or 'no answer'})"

    @property
    def operation(self) -> Operation | None:
        """What of Airflow's it called; None for a path that is none of Airflow's."""
        return self.described.operation

    @property
    def id(self) -> str:
        """Its operation's id; empty for none."""
        return "" if self.operation is None else self.operation.operation_id

    @property
    def version(self) -> str:
        """The API that it called: v1, v2, experimental, fab or simple_auth; empty for none of them."""
        return self.described.api

    @property
    def names(self) -> Mapping[str, str]:
        """The names in its path."""
        return self.described.names

    @property
    def query(self) -> Mapping[str, list[str]]:
        """Its query, every name with its values."""
        if self._query is self._UNREAD:
            self._query = parse_qs(self.entry.query, keep_blank_values=True) if self.entry.query else {}
        query: Mapping[str, list[str]] = self._query
        return query

    def asked(self, name: str) -> str | None:
        """The last value of a query parameter; None where it was not sent."""
        values = self.query.get(name)
        return values[-1] if values else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by name in small letters, as far as they are kept."""
        if self._headers is self._UNREAD:
            self._headers = {name.lower(): value for name, value in self.entry.request_headers}
        headers: Mapping[str, str] = self._headers
        return headers

    @property
    def told(self) -> Mapping[str, str]:
        """The answer's headers by name in small letters, as far as they are kept."""
        if self._told is self._UNREAD:
            self._told = {name.lower(): value for name, value in self.entry.response_headers}
        told: Mapping[str, str] = self._told
        return told

    @property
    def sent(self) -> Any:
        """The request's JSON; None without one that was kept whole."""
        if self._sent is self._UNREAD:
            self._sent = _parsed(self.entry.request_body)
        return self._sent

    @property
    def body(self) -> Mapping[str, Any]:
        """The request's JSON where it is an object; empty otherwise."""
        return self.sent if isinstance(self.sent, dict) else {}

    @property
    def answer(self) -> Any:
        """The answer's JSON; None without one that was kept whole."""
        if self._answer is self._UNREAD:
            self._answer = _parsed(self.entry.response_body)
        return self._answer

    @property
    def answered(self) -> Mapping[str, Any]:
        """The answer's JSON where it is an object; empty otherwise."""
        return self.answer if isinstance(self.answer, dict) else {}

    @property
    def agent(self) -> str:
        """What the client calls itself; empty where it says nothing."""
        return self.headers.get("user-agent", "")

    @property
    def place(self) -> str:
        """Which Airflow was asked: an archive may hold calls to several."""
        return self.entry.host + self.described.root

    @property
    def client(self) -> tuple[str, str, str]:
        """What tells one client from another: who it is, what it calls itself, and which Airflow it asks.

        Who it is stays the same when it renews its token, where the deployment knows; a credential tells it otherwise.
        """
        return self.who, self.agent, self.place

    @property
    def request(self) -> tuple[str, str, str, str]:
        """What two calls share that ask the same: method, path, query and body."""
        return self.method, self.entry.path, self.entry.query, self.entry.request_body

    @property
    def is_fetch(self) -> bool:
        """Whether it was handed out a token."""
        return self.method == "POST" and self.ok and self.entry.path.rstrip("/").endswith(FETCHES)

    @property
    def run(self) -> tuple[str, str] | None:
        """The DAG and the run in its path; None where it names none, or all."""
        dag, run = self.names.get("dag_id"), self.names.get("dag_run_id")
        return None if dag is None or run is None or "~" in (dag, run) else (dag, run)

    @property
    def page(self) -> tuple[int, int] | None:
        """Of a list: how many items the answer had, and how many there are."""
        return self.entry.page

    @property
    def offset(self) -> int:
        """From which item on a list was asked for."""
        text = self.asked("offset") or str(self.body.get("page_offset") or 0)
        return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0

    @property
    def limit(self) -> int | None:
        """How many items of a list were asked for; None where nothing was said."""
        text = self.asked("limit") or str(self.body.get("page_limit") or "")
        return int(text) if text.isdecimal() and len(text) <= _DIGITS else None

    @property
    def filters(self) -> tuple[str, ...]:
        """What chose the items of a list: its query and body without what chooses the page."""
        query = sorted((name, *values) for name, values in self.query.items() if name not in PAGING)
        body = sorted((name, str(value)) for name, value in self.body.items() if name not in PAGING)
        return tuple(str(each) for each in (*query, *body))

    def items(self) -> list[dict[str, Any]] | None:
        """The items of the list that was answered; None where it is none, or too long to be kept whole."""
        if not self.ok or not isinstance(self.answer, dict):
            return None
        found = [each for each in self.answer.values() if isinstance(each, list)]
        if len(found) != 1 or not all(isinstance(item, dict) for item in found[0]):
            return None
        items: list[dict[str, Any]] = found[0]
        return items


_DIGITS = 18  # of a number that may be a place in a list
PAGING = frozenset({"limit", "offset", "cursor", "page_limit", "page_offset", "fields"})


def _parsed(text: str) -> Any:
    if text[:1] not in ("{", "[", '"'):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class Traffic:
    """Calls under review, oldest first.

    ``deployment`` is whose journal they are from, None for those of a file. ``finished`` says that no more will come,
    as in a test that is over. ``knows_times`` says that each call's moment is known, and ``knows_connections`` by which
    connection it came.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        deployment: Deployment | None = None,
        *,
        finished: bool = False,
        knows_times: bool = True,
    ) -> None:
        self.deployment, self.finished, self.knows_times = deployment, finished, knows_times
        generation = None if deployment is None else deployment.generation
        self.calls = [Seen(entry, generation) for entry in entries]
        names: dict[str, set[str]] = defaultdict(set)
        for call in self.calls:
            if call.entry.principal and call.entry.credential:
                names[call.entry.credential].add(call.entry.principal)
        for call in self.calls:  # what a gateway answers, it answers before anybody has looked who asks
            found = names.get(call.entry.credential, ())
            if call.entry.principal is None and len(found) == 1:
                call.who = next(iter(found))
        self.knows_connections = bool(self.calls) and all(call.entry.peer for call in self.calls)

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    @cached_property
    def fetches(self) -> list[Seen]:
        """The calls that handed out a token."""
        return [call for call in self if call.is_fetch]

    @cached_property
    def places(self) -> Mapping[int, int]:
        """Where each call stands, by its number."""
        return {call.number: place for place, call in enumerate(self.calls)}

    def after(self, call: Seen) -> Iterator[Seen]:
        """The calls that came after one."""
        for place in range(self.places[call.number] + 1, len(self.calls)):
            yield self.calls[place]

    @cached_property
    def by_client(self) -> Mapping[tuple[str, str, str], list[Seen]]:
        """The calls of each client."""
        return grouped(self, lambda call: call.client)

    @cached_property
    def by_request(self) -> Mapping[tuple[tuple[str, str, str], tuple[str, str, str, str]], list[Seen]]:
        """The calls of each client that asked the same."""
        return grouped(self, lambda call: (call.client, call.request))

    @cached_property
    def same(self) -> list[list[Seen]]:
        """For each client and request that came more than once, those calls."""
        return [calls for calls in self.by_request.values() if len(calls) > 1]

    def one_after_the_other(self, calls: Iterable[Seen]) -> list[Seen]:
        """Calls without those that were on their way before the one before them was answered, as threads make them."""
        kept: list[Seen] = []
        for call in calls:
            if not kept or not self.overlaps(kept[-1], call):
                kept.append(call)
        return kept

    def pause(self, one: Seen, other: Seen) -> float:
        """How many seconds a client waited between two calls: by the deployment's clock, or really, if that is more.

        A test may let the clock pass, or really wait; neither is held against it.
        """
        by_clock = (other.entry.at - one.entry.at).total_seconds()
        return max(by_clock, other.entry.began - one.entry.began - one.entry.duration)

    def pauses(self, calls: Sequence[Seen]) -> list[float]:
        """The pauses between calls that follow one another."""
        return [self.pause(one, other) for one, other in itertools.pairwise(calls)]

    def stood_still(self, calls: Sequence[Seen]) -> bool:
        """Whether the clock of the deployment stood still meanwhile, so that no pause can be told from none."""
        return self.deployment is not None and len({call.entry.at for call in calls}) == 1

    def overlaps(self, one: Seen, other: Seen) -> bool:
        """Whether the second was on its way before the first was answered, as far as is known."""
        return other.entry.began < one.entry.began + one.entry.duration if one.entry.began else False


def moment_of(text: str) -> datetime | None:
    """The moment that a text in ISO 8601 names, in UTC where it names no zone; None for another text."""
    six = re.sub(r"\.(\d+)", lambda match: f".{match[1][:6]:0<6}", text)  # as many digits as Python 3.10 reads
    try:
        found = datetime.fromisoformat(six.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


def grouped(calls: Iterable[Seen], key: Callable[[Seen], _Key]) -> dict[_Key, list[Seen]]:
    """Calls by what they share, each group in their order."""
    found: dict[_Key, list[Seen]] = defaultdict(list)
    for call in calls:
        found[key(call)].append(call)
    return dict(found)
