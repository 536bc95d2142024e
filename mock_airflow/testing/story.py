"""The story of a deployment: what was asked and answered, why, what it changed, and how to ask it again."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.in_process.first_credential import known_at
from mock_airflow.journal.curl import curl
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.summary import summary
from mock_airflow.rewinding import Mark
from mock_airflow.settings import Settings
from mock_airflow.settings.address import SERVED_AT

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

_INDENT = " " * 6
_SAME = "method path query request_body status decision reason credential page faults".split()  # of equal calls
_MOST_ROWS = 50_000  # whose state is written for a failing test: some seconds
_NO_OPTIONS = frozenset(
    {"strict", "journal_size", "journal_bytes", "kept_snapshots", "explain_header", "virtual_days", "virtual_sleeps"}
)  # they change no answer


def story(deployment: Deployment, last: int = 20, width: int = 100, keep: Path | None = None) -> str:
    """The last calls, oldest first: moment on the clock, call, answer, credential, decision and reason, changed rows.

    A line of curl asks each again, of the server that the first line starts. With ``keep`` the state is written to that
    file, and the first line serves it; else it serves what the settings say. Sentences are wrapped at ``width``;
    secrets are hidden.
    """
    entries = list(deployment.journal)
    unused = [
        f"The fault rule {rule.id} never fired ({rule.text}); calls that it was for: {rule.seen}."
        for rule in deployment.faults.never_fired()
    ]
    told = _folded(entries)[-last:]
    served = _served(deployment, keep, told[0][0] if told else None)
    if not entries:
        return "\n".join(["No call reached this deployment.", *(served if keep is not None else []), *unused])
    left_out = len(entries) - sum(map(len, told))
    lines = [*served, *([f"({left_out} earlier calls are left out)"] if left_out > 0 else [])]
    return "\n".join([*lines, *_each_told(deployment, told, width), *unused])


def last_calls(deployment: Deployment, last: int, width: int = 100) -> str:
    """The last calls as the story tells them, without how to serve what they met."""
    return "\n".join(_each_told(deployment, _folded(list(deployment.journal))[-last:], width))


def _each_told(deployment: Deployment, told: list[list[Entry]], width: int) -> list[str]:
    from mock_airflow.profiles.calls import airflows

    known, mounted = known_at(deployment, SERVED_AT), f"{SERVED_AT}{deployment.mount}"
    lines = []
    for entry, *others in told:
        of_airflow = entry.path == "/health" or any(api.covers(entry.path) for api in airflows(deployment.generation))
        lines += _told(entry, width, others)
        lines.append(f"{_INDENT}{curl(entry, mounted if of_airflow else SERVED_AT, known)}")
    return lines


def _served(deployment: Deployment, keep: Path | None, first: Entry | None) -> list[str]:
    """The lines that say how to serve what the calls met."""
    rows = sum(deployment.airflow.tables.sizes().values())
    if keep is None or rows > _MOST_ROWS:
        return [f"To ask again, serve the same: {serve_line(deployment.settings)}"]
    back = "its start" if first is None else f"before #{first.number}"
    _write(deployment, keep, first)
    return [
        f"To ask again, serve the same: mock-airflow serve --saved {shlex.quote(str(keep))}",
        f"(all is as it was left, and the clock stands still; POST /__mock__/reset leads back to {back})",
    ]


def _write(deployment: Deployment, file: Path, first: Entry | None) -> None:
    """Write the state to a file, in which the start is what the first call that is told of found."""
    from mock_airflow.persistence.files import save

    with deployment.lock:
        left, before = deployment.fork(), deployment.fork()
        if first is not None and isinstance(first.mark, Mark):
            before.history.go_back(first.mark)
        else:
            before.reset()
    for each in (left, before):
        each.clock.freeze()
    left.resume(before.snapshot(), deployment.credentials, deployment.first_draw)
    save(left, file)


def serve_line(settings: Settings) -> str:
    """The command that serves the same world in the same way; secrets are left out."""
    parts = ["mock-airflow serve"]
    if not settings.world and settings.dags_folder is None and settings.saved is None:
        parts.append("--world ''")  # without it, the world demo is served
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if value != field.default and not field.metadata.get("secret") and field.name not in _NO_OPTIONS:
            option = f"--{field.name.replace('_', '-')}"
            parts += [f"{option} {shlex.quote(text)}" for text in _texts(value)]
    return " ".join(parts)


def _texts(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, datetime):
            yield each.isoformat()
        else:
            yield "" if each is None else str(each).lower() if isinstance(each, bool) else str(each)


def _folded(entries: list[Entry]) -> list[list[Entry]]:
    """The entries, with each row of equal ones that changed nothing, such as a poll's, in one."""
    found: list[list[Entry]] = []
    for entry in entries:
        if found and _repeats(found[-1][-1], entry):
            found[-1].append(entry)
        else:
            found.append([entry])
    return found


def _repeats(one: Entry, other: Entry) -> bool:
    """Whether the same was asked and passed again, and nothing happened."""
    same = all(getattr(one, part) == getattr(other, part) for part in _SAME)
    passed = other.decision == "answered" and 200 <= other.status < 300
    return same and passed and not summary((*one.changes, *other.changes))


def _without(entry: Entry) -> str:
    """What a call came with that has no credential in its header."""
    return "a cookie" if any(name == "Cookie" for name, _ in entry.request_headers) else "no credential"


def _told(entry: Entry, width: int, others: list[Entry]) -> list[str]:
    number, moment = f"#{entry.number}", _moment(entry)
    if others:
        number = f"#{entry.number} to #{others[-1].number}"
        moment = f"{moment} to {_moment(others[-1]).partition(' ')[2]}"
    path = f"{entry.path}?{entry.query}" if entry.query else entry.path
    status = str(entry.status) if entry.status else "no answer"
    parts = [number, moment, entry.method, path, status, entry.credential or _without(entry)]
    if entry.page is not None and entry.page[0] < entry.page[1]:
        parts.append(f"{entry.page[0]} of {entry.page[1]} rows")
    if others:
        parts.append(f"{len(others) + 1} times")
    sentences = []
    if entry.decision != "answered" or entry.reason:
        sentences.append(f"{entry.decision}: {entry.reason}" if entry.reason else entry.decision)
    if entry.would_pass:
        sentences.append(f"would pass: {entry.would_pass}")
    lines = ["  ".join(parts)]
    for sentence in sentences:
        lines += textwrap.wrap(
            sentence, max(width, 40), initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  ", break_long_words=False
        )
    return [*lines, *(f"{_INDENT}{entry.mask.hide(line)}" for line in summary(entry.changes))]


def _moment(entry: Entry) -> str:
    return entry.at.replace(tzinfo=None).isoformat(" ", "milliseconds")
