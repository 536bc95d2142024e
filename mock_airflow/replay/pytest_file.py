"""Calls of a journal as a pytest file that needs nothing beside it, and passes as it is."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__
from mock_airflow.errors import JournalError
from mock_airflow.journal.journal import Entry
from mock_airflow.replay.replaying import LeftOutCall, Part, Sender, Step, replayed

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

MOST_ROWS, MOST_CALLS = 50_000, 500  # of a state that is written into a test, and in one
_WIDTH = 112
_HEAD = '''"""What a client asked of a Mock Airflow, as a test: {what}.

Written by mock-airflow {version}. It needs pytest, requests and mock-airflow, and nothing beside it: the state that the
first call found is at its end. No secret is in it: credentials are made anew. Change it as you like.
{left_out}"""

import base64
import zlib

import pytest
import requests

from mock_airflow import MockAirflow


@pytest.fixture
def airflow_at(tmp_path):
    """A mock in a state that was saved, on a clock that stands still; closed with the test."""
    opened = []

    def at(state):
        file = tmp_path / f"{{len(opened)}}.saved"
        file.write_bytes(zlib.decompress(base64.b64decode(state)))
        opened.append(MockAirflow.load(file, strict=False))  # errors are asserted below
        return opened[-1]

    yield at
    for airflow in opened:
        airflow.close()
'''


def pytest_file(deployment: Deployment, entries: Iterable[Entry]) -> str:
    """The text of the file.

    Each call is made at the moment it was made at, with a credential of the same role, and its answer is held to its
    status and to what its body is about. Calls that cannot be made again are named at the top, with the reason. Raises
    JournalError where there is none that can, or where the state has too many rows to stand in a file.
    """
    chosen = list(entries)
    if len(chosen) > MOST_CALLS:
        raise JournalError(
            f"{len(chosen)} calls are too many for a test, which has {MOST_CALLS} at most; choose, as by last=20."
        )
    rows = sum(deployment.airflow.tables.sizes().values())
    if rows > MOST_ROWS:
        raise JournalError(
            f"The state has {rows} rows, and a test that holds more than {MOST_ROWS} would be too large;"
            " save it with `mock-airflow world save`, and load that in a test."
        )
    parts, left_out = replayed(deployment, chosen)
    if not parts:
        why = f": {left_out[0].reason}" if left_out else ""
        raise JournalError(f"There is no call that a test could make again{why}.")
    steps = [step for part in parts for step in part.steps]
    numbers = [step.entry.number for step in steps]
    what = f"call {numbers[0]}" if len(numbers) == 1 else f"calls {numbers[0]} to {numbers[-1]}"
    head = _HEAD.format(what=what, version=__version__, left_out="".join(_left_out(left_out)))
    tests = ["\n".join(_test(part)) for part in parts]
    states = [f'{_state(part)} = """\n{_packed(part.saved)}\n"""' for part in parts]
    return "\n\n".join([head, *(f"{test}\n" for test in tests), "\n".join(states)]) + "\n"


def _left_out(calls: Sequence[LeftOutCall]) -> Iterator[str]:
    for entry, reason in calls:
        yield f"\nLeft out: #{entry.number} {entry.method} {_quotable(entry.path)}, as {reason}."
    if calls:
        yield "\n"


def _quotable(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'")


def _state(part: Part) -> str:
    return f"BEFORE_{part.steps[0].entry.number}"


def _packed(saved: str) -> str:
    packed = base64.b64encode(zlib.compress(saved.encode(), 9)).decode()
    return "\n".join(packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH))


def _test(part: Part) -> Iterator[str]:
    numbers = [step.entry.number for step in part.steps]
    name = f"call_{numbers[0]}" if len(numbers) == 1 else f"calls_{numbers[0]}_to_{numbers[-1]}"
    yield f"def test_{name}(airflow_at):"
    yield f"    airflow = airflow_at({_state(part)})"
    last = None
    for step in part.steps:
        yield ""
        yield f"    # {step.entry.number}: {_told(step)}"
        if step.moment != last:
            yield f"    airflow.clock.freeze({step.moment.isoformat()!r})"
            last = step.moment
        yield from _asked(step)
        yield f"    assert answer.status_code == {step.entry.status}, answer.text"
        if step.expected:
            yield "    body = answer.json()"
            for expression, value in step.expected:
                yield f"    assert {expression} {'is' if isinstance(value, bool) else '=='} {value!r}"


def _told(step: Step) -> str:
    entry = step.entry
    return f"{entry.principal or 'nobody'}, {entry.operation_id or 'no operation'}, {entry.decision}"


def _asked(step: Step) -> Iterator[str]:
    given = [repr(step.entry.method), f'f"{{airflow.url}}{_literal(step.url)}"']
    if headers := _headers(step):
        given.append(f"headers={headers}")
    if step.json is not None:
        given.append(f"json={_json(step)}")
    elif step.data:
        given.append(f"data={step.data!r}.encode()")
    yield "    answer = requests.request("
    for argument in [*given, "timeout=60", "allow_redirects=False"]:
        yield f"        {argument},"
    yield "    )"


def _literal(url: str) -> str:
    return url.replace("\\", "\\\\").replace('"', '\\"').replace("{", "{{").replace("}", "}}")


def _headers(step: Step) -> str:
    carried = _carried(step.sender)
    if not step.headers:
        return carried
    own = ", ".join(f"{name!r}: {value!r}" for name, value in step.headers.items())
    return f"{{**{carried}, {own}}}" if carried else f"{{{own}}}"


def _carried(sender: Sender) -> str:
    if sender.first:
        return "airflow.headers"
    if sender.role:
        return f"airflow.principal({sender.role!r}).headers"
    return repr(dict(sender.headers)) if sender.headers else ""


def _json(step: Step) -> str:
    """The body as Python; what stands in the first credential is taken from there."""
    body: Any = step.json
    if not step.credentials:
        return repr(body)
    members = (
        f"{name!r}: airflow.credentials[{name!r}]" if name in step.credentials else f"{name!r}: {value!r}"
        for name, value in body.items()
    )
    return f"{{{', '.join(members)}}}"
