"""The journal: what was asked and answered, bounded, secrets redacted."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.errors import JournalError
from mock_airflow.journal import redaction
from mock_airflow.journal.changes import told
from mock_airflow.journal.secrets import NOTHING, Mask
from mock_airflow.journal.why import Why
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from mock_airflow.limits.standing import Standing

DECISIONS = ("answered", "refused", "limited", "failed", "faulted")
_ERRORS = 100


class Fault(NamedTuple):
    """That a fault rule fired: its number and what it does."""

    id: int
    text: str


class Entry(NamedTuple):
    """One request and its answer, without secrets.

    ``decision`` is answered, refused (a credential, permission or shape was wanting), limited, failed or faulted (a
    fault rule decided what the client got; ``status`` is 0 where that was nothing at all). ``why`` tells the reason;
    the entry has its parts too. ``faults`` are the rules that fired. ``duration`` is in real seconds, ``at`` on the
    clock. ``page`` are, of a list, the items that the answer had and those of the whole list; ``ordered`` says that the
    test had asked for such an answer, by a failure or a fault rule; ``root`` is the mount below which the path was
    asked for; ``mark`` is what leads back to the state before the call, and ``mask`` what hides secrets by their
    values. ``began`` is when the request came, in seconds of the machine's own counting, ``peer`` the other end of its
    connection, empty where there is no socket, and ``host`` which server was asked for. ``request_id`` names it in the
    log too: what the client sent as X-Request-ID, or else a name that no other request has.
    """

    number: int
    at: datetime
    method: str
    path: str
    query: str
    operation_id: str | None
    principal: str | None
    credential: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    decision: str
    why: Why
    limit: Standing | None
    changes: tuple[Change, ...]
    duration: float
    faults: tuple[Fault, ...] = ()
    page: tuple[int, int] | None = None
    ordered: bool = False
    root: str = ""
    mark: object = None
    mask: Mask = NOTHING
    began: float = 0.0
    peer: str = ""
    host: str = ""
    request_id: str = ""

    def __repr__(self) -> str:
        """Which request it was, without the rows that it changed: those hold what people sent."""
        return f"<Entry {self.number}: {self.method} {self.path} {self.status}, {self.decision}>"

    @property
    def identity(self) -> tuple[int, datetime, float]:
        """What no two entries share, even when a reset has begun to count again."""
        return self.number, self.at, self.duration

    def hide(self, text: str) -> str:
        """A text as this entry would have it."""
        return self.mask.hide(redaction.text_value(text))

    @property
    def reason(self) -> str:
        """Why it was decided so, in a sentence."""
        return self.why.reason

    @property
    def rule(self) -> str:
        """The name of the rule that decided."""
        return self.why.rule

    @property
    def read_from(self) -> str:
        """Where the credential that was refused was read."""
        return self.why.read_from

    @property
    def would_pass(self) -> str:
        """What would have passed."""
        return self.why.would_pass

    @property
    def since(self) -> datetime | None:
        """Since when it is so."""
        return self.why.since

    @property
    def until(self) -> datetime | None:
        """Until when it is so."""
        return self.why.until

    @property
    def remaining(self) -> int | None:
        """How many requests might have followed at once; None where no limit held."""
        return self.limit and self.limit.remaining

    @property
    def request_json(self) -> Any:
        """The request's body, parsed and without secrets; None when it is not JSON, or too long to be kept whole."""
        return _parsed(self.request_body)

    @property
    def response_json(self) -> Any:
        """The answer's body, parsed and without secrets; None when it is not JSON, or too long to be kept whole."""
        return _parsed(self.response_body)

    def told(self) -> dict[str, Any]:
        """The entry as the control API tells it."""
        return {
            "number": self.number,
            "request_id": self.request_id,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "operation_id": self.operation_id,
            "principal": self.principal,
            "credential": self.credential,
            "request": {"headers": dict(self.request_headers), "body": self.request_body},
            "status": self.status,
            "response": {"headers": dict(self.response_headers), "body": self.response_body},
            "decision": self.decision,
            **self.why.as_json(),
            "limit": self.limit
            and {
                "rule": self.limit.told.rule.text,
                "remaining": self.limit.remaining,
                "reset": self.limit.told.reset,
                "counted_as": self.limit.who,
            },
            "changes": [self.mask.hide_inside(told(change)) for change in self.changes],
            "duration": self.duration,
            "faults": [fault._asdict() for fault in self.faults],
        }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


class Kept:
    """An entry as a journal keeps it, and about how many bytes it takes."""

    def __init__(self, entry: Entry, weight: int = 0) -> None:
        self.status, self.weight = entry.status, weight
        self._entry = entry

    @property
    def entry(self) -> Entry:
        """The entry; whoever asks for it holds the journal's lock."""
        return self._entry


class Journal:
    """The latest entries of a deployment; safe to read while it is written.

    ``size`` is how many are kept, and ``bytes`` about how much they may hold, the rows that they changed among it.
    """

    def __init__(self, size: int, bytes: int = 64_000_000) -> None:
        self._size, self._bytes, self._weight = size, bytes, 0
        self._entries: deque[Kept] = deque()
        self._errors: deque[Kept] = deque(maxlen=_ERRORS)
        self._lock = threading.Lock()
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter([kept.entry for kept in self._entries])

    def next_number(self) -> int:
        """The number of the next entry."""
        with self._lock:
            self._count += 1
            return self._count

    def add(self, kept: Kept) -> None:
        """Keep one more entry; the oldest give way when there are too many, or their weight in bytes is too much."""
        with self._lock:
            if kept.status >= 400 or not kept.status:
                self._errors.append(kept)
            if not self._size:
                return
            self._entries.append(kept)
            self._weight += kept.weight
            while len(self._entries) > self._size or (self._weight > self._bytes and len(self._entries) > 1):
                self._drop()

    def _drop(self) -> None:
        """Let the oldest entry go. An error is still told, without what leads back to the state before it."""
        kept = self._entries.popleft()
        self._weight -= kept.weight
        if kept.status < 400 and kept.status:
            return
        for place, error in enumerate(self._errors):
            if error is kept:
                self._errors[place] = Kept(kept.entry._replace(changes=(), mark=None))

    @property
    def latest(self) -> int:
        """The number of the latest entry; 0 when there is none."""
        return self._count

    def errors(self) -> list[Entry]:
        """The latest answers that were errors, or none at all, but for those that were excused; a reset keeps them."""
        with self._lock:
            return [kept.entry for kept in self._errors]

    def excuse(self, entries: Iterable[Entry]) -> None:
        """Have some entries be errors no more."""
        excused = {entry.identity for entry in entries}
        with self._lock:
            kept = [each for each in self._errors if each.entry.identity not in excused]
            self._errors.clear()
            self._errors.extend(kept)

    def clear(self) -> None:
        """Forget all entries and begin to count again."""
        with self._lock:
            while self._entries:
                self._drop()
            self._count = 0

    def get(self, number: int) -> Entry:
        """The entry of that number. Raises JournalError when it is not kept, any more or yet."""
        entries = list(self)
        found = next((entry for entry in entries if entry.number == number), None)
        if found is None:
            kept = f"the journal has {entries[0].number} to {entries[-1].number}" if entries else "the journal is empty"
            raise JournalError(
                f"There is no call {number}; {kept}. The settings journal_size and journal_bytes say how many it keeps."
            )
        return found
