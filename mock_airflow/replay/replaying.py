"""Calls made again on a copy of their deployment, which is in the state that the first of them found.

Where an answer comes out otherwise, something else than calls has changed the state in between (a hand on the control
API, a call that cannot be made again): then a new part begins there, with the state of that moment. A call that is
answered otherwise even so is left out, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from mock_airflow.domain.masking import MASK
from mock_airflow.domain.records import DagRun
from mock_airflow.errors import JournalError, MockAirflowError
from mock_airflow.journal.changes import BOOKKEEPING
from mock_airflow.journal.headers import credential_headers
from mock_airflow.journal.journal import Entry
from mock_airflow.replay.essentials import essentials
from mock_airflow.rewinding import Mark

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

_CUT = "..."
_SAFE = "/~:@!$&'()*+,;="
_PARTS = 24  # states that are looked for; each costs as much as saving the deployment
_ROLES = ("Viewer", "User", "Op", "Admin")  # that somebody may have had of whom no more is known
_ANYTHING = ("", "*/*")


class Sender(NamedTuple):
    """Whose credential a call is made with: the first one's, a role's, or the headers of a wrong one, or of none."""

    first: bool = False
    role: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Step(NamedTuple):
    """A call that is answered again as it was: at which moment, by whom, what is sent, and what has to come."""

    entry: Entry
    moment: datetime
    sender: Sender
    url: str
    headers: dict[str, str]
    json: Any
    data: str
    credentials: tuple[str, ...]  # members of the body that are those of the first credential
    expected: tuple[tuple[str, Any], ...]


@dataclass(slots=True)
class Part:
    """Steps that follow each other, and the saved deployment that they begin in."""

    saved: str
    steps: list[Step] = field(default_factory=list)


class LeftOutCall(NamedTuple):
    """A call that is not made again, and why."""

    entry: Entry
    reason: str


def replayed(deployment: Deployment, entries: Sequence[Entry]) -> tuple[list[Part], list[LeftOutCall]]:
    """The calls in parts, and those that are left out. Raises JournalError where the way back to one is not kept."""
    parts: list[Part] = []
    left_out: list[LeftOutCall] = []
    copy: Deployment | None = None
    begun = 0
    for entry in entries:
        reason = _not_repeatable(entry)
        if not reason and copy is not None:
            step = _made_again(copy, entry)
            if step is not None:
                parts[-1].steps.append(step)
                continue
        if not reason and begun >= _PARTS:
            reason = f"what came before it did not follow from calls, {_PARTS} times"
        if not reason:
            begun += 1
            saved = _saved_before(deployment, entry)
            copy = _restored(saved)
            step = _made_again(copy, entry)
            if step is not None:
                parts.append(Part(saved, [step]))
                continue
            reason, copy = "it is answered otherwise on a copy of the deployment", None
        left_out.append(LeftOutCall(entry, reason))
        if any(change.table not in BOOKKEEPING for change in entry.changes):
            copy = None  # what follows met what this one changed
    return parts, left_out


def _not_repeatable(entry: Entry) -> str:
    if not entry.status:
        return "no answer came to it"
    if MASK in entry.path or MASK in entry.query:
        return "the journal hides a part of its URL"
    if entry.request_body.endswith(_CUT):
        return "the journal does not have all of its body"
    return ""


def _saved_before(deployment: Deployment, entry: Entry) -> str:
    """The deployment as the call found it, its clock standing still, as the text of a file."""
    from mock_airflow.persistence.files import text_of

    if not isinstance(entry.mark, Mark):
        raise JournalError(
            f"Call {entry.number} was answered by another process, which alone knows the state before it; a deployment"
            " that no other process shares can write its calls as a test."
        )
    with deployment.lock:
        before = deployment.fork()
        before.history.go_back(entry.mark)
    before.clock.freeze()
    before.resume(before.snapshot(), deployment.credentials, deployment.first_draw)
    return text_of(before)


def _restored(saved: str) -> Deployment:
    from mock_airflow.persistence.files import restored

    return restored(saved, "The state before the call", {"strict": False}, wait=lambda seconds: None)


def _made_again(copy: Deployment, entry: Entry) -> Step | None:
    """The step that has the copy answer as before; None where there is none, and then nothing has changed."""
    before = copy.snapshot()
    known = dict(entry.request_headers)
    headers = {name: known[name] for name in ("Accept",) if known.get(name, "") not in _ANYTHING}
    body, filled = _body(copy, entry)
    if MASK in json.dumps(body) if body is not None else MASK in entry.request_body:
        return None
    data = "" if body is not None else entry.request_body
    if data and "Content-Type" in known:
        headers["Content-Type"] = known["Content-Type"]
    url = f"{_mount(copy, entry)}{quote(entry.path, safe=_SAFE)}{f'?{entry.query}' if entry.query else ''}"
    for sender in _senders(copy, entry):
        moment = _moment(entry)
        try:
            copy.clock.freeze(moment)
            carried = _headers(copy, sender)
        except MockAirflowError:
            copy.restore(before)
            continue
        sent = json.dumps(body) if body is not None else data
        content = {"Content-Type": "application/json"} if body is not None else {}
        found = _asked(copy, entry, url, {"Accept": "*/*", **carried, **content, **headers}, sent)
        expected = _agreed(entry, *found)
        same = not sender.first or [call.principal for call in copy.journal][-1:] in ([], [entry.principal])
        if expected is not None and same:
            return Step(entry, moment, sender, url, headers, body, data, filled, expected)
        copy.restore(before)
    return None


def _mount(copy: Deployment, entry: Entry) -> str:
    """What stands before the path where a client asks; Airflow's own lies below the profile's mount."""
    from mock_airflow.profiles.calls import airflows

    of_airflow = entry.path == "/health" or any(api.covers(entry.path) for api in airflows(copy.generation))
    return copy.mount if of_airflow else ""


def _body(copy: Deployment, entry: Entry) -> tuple[Any, tuple[str, ...]]:
    """The JSON that was sent, with the first credential where it was hidden, and the names of what was put there."""
    body = entry.request_json if "json" in dict(entry.request_headers).get("Content-Type", "") else None
    if not isinstance(body, dict):
        return body, ()
    credentials = copy.credentials
    hidden = [name for name, value in body.items() if value == MASK]
    filled = tuple(hidden) if hidden and all(name in credentials for name in hidden) else ()
    return body | {name: credentials[name] for name in filled}, filled


def _moment(entry: Entry) -> datetime:
    """When it was made; of one that made a run, the very moment that names the run."""
    assert isinstance(entry.mark, Mark)
    began = entry.mark.clock.now
    for change in entry.changes:
        if change.before is None and isinstance(change.after, DagRun):
            named = change.after.run_after or change.after.logical_date
            if began <= named <= entry.at:
                return named
    return began


def _senders(copy: Deployment, entry: Entry) -> Iterator[Sender]:
    """With whose credential the call may have been made, the likeliest first."""
    carriers = credential_headers(copy.profile.credential_header(copy.settings))
    carried = [(name, value) for name, value in entry.request_headers if name in carriers]
    if not carried:
        yield Sender()
        return
    if entry.principal in (None, "anonymous"):  # what was sent counted for nothing
        yield Sender(headers=tuple((name, _wrong(value)) for name, value in carried if name != "Cookie"))
        return
    yield Sender(first=True)
    user = copy.airflow.users.get(entry.principal)
    roles = [*(user.roles if user is not None else ()), *_ROLES]
    for role in dict.fromkeys(roles):
        if role in copy.airflow.roles:
            yield Sender(role=role)


def _wrong(told: str) -> str:
    """A credential of the same form that opens nothing."""
    scheme, space, _ = told.partition(" ")
    if scheme == "Basic":
        return "Basic bm9ib2R5Ondyb25n"  # nobody:wrong
    return f"{scheme} wrong" if space else "wrong"


def _headers(copy: Deployment, sender: Sender) -> Mapping[str, str]:
    if sender.first:
        return copy.headers
    if sender.role:
        with copy.lock:
            return copy.profile.headers(copy.profile.credentials_for(copy, sender.role), copy)
    return dict(sender.headers)


def _asked(copy: Deployment, entry: Entry, url: str, headers: Mapping[str, str], data: str) -> tuple[int, str]:
    from werkzeug.test import Client

    answer = Client(copy.wsgi).open(url, method=entry.method, headers=dict(headers), data=data or None)
    return answer.status_code, answer.get_data(as_text=True)


def _agreed(entry: Entry, status: int, text: str) -> tuple[tuple[str, Any], ...] | None:
    """What a test holds the answer to; None where the one that came is another than the one that is known."""
    if status != entry.status:
        return None
    try:
        came = json.loads(text)
    except ValueError:
        return ()
    known = entry.response_json
    if known is None:  # too long to be kept whole; the copy has answered with all of it
        return tuple(essentials(came))
    expected = dict(essentials(known))
    found = dict(essentials(came))
    differ = [what for what, value in expected.items() if found.get(what) != value and "detail" not in what]
    if differ and status < 400:
        return None
    return tuple((what, value) for what, value in expected.items() if what in found and found[what] == value)
