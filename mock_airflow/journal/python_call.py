"""A call of the journal as a program: by requests, by httpx, and as what a test expects of a client.

As in a line of curl no secret is in it: what has to stand there is read from the variables that the server prints.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from mock_airflow.domain.masking import MASK
from mock_airflow.journal.curl import Known, carried
from mock_airflow.journal.journal import Entry

LIBRARIES = ("requests", "httpx")
_BY_NAME = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_CUT = "..."
_SHORT = 88  # characters of a call that stands in one line


def python_call(entry: Entry, base_url: str, known: Known, library: str) -> str:
    """The call as a program, by requests or httpx, whose functions take the same."""
    arguments = [repr(f"{base_url}{entry.path}")]
    method = f"{library}.{entry.method.lower()}"
    if entry.method not in _BY_NAME:
        method = f"{library}.request"
        arguments.insert(0, repr(entry.method))
    query = parse_qsl(entry.query, keep_blank_values=True)
    if query:
        arguments.append(f"params={_by_name(query)}")
    headers: list[str] = []
    for each in carried(entry, known):
        if each.header is None:
            name, _, password = each.text.partition(":")
            arguments.append(f"auth=({_text(name, each.ours)}, {_text(password, each.ours)})")
        else:
            headers.append(f"{each.header!r}: {_text(each.text, each.ours)}")
    body, more = _body(entry, library)
    arguments += body
    headers += more
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    call = f"answer = {method}({', '.join(arguments)})"
    if len(call) > _SHORT:
        call = f"answer = {method}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"
    imports = ["import os", ""] if "os.environ" in call else []
    return "\n".join([*imports, f"import {library}", "", call, "print(answer.status_code, answer.text)"])


def _body(entry: Entry, library: str) -> tuple[list[str], list[str]]:
    """The arguments that send the body, and the headers that belong to it."""
    if not entry.request_body:
        return [], []
    sent = {name.lower(): value for name, value in entry.request_headers}
    kind = sent.get("content-type", "application/json")
    if kind == "application/json" and entry.request_json is not None:
        return [f"json={entry.request_json!r}"], []
    raw = "data" if library == "requests" else "content"
    text = 'open("body", "rb").read()' if entry.request_body.endswith(_CUT) else f"{entry.request_body!r}.encode()"
    return [f"{raw}={text}"], [f"'Content-Type': {kind!r}"]


def expectation(entry: Entry) -> str:
    """What a test says after its client has made this call, with the fixture ``mock_airflow``."""
    call = repr(f"{entry.method} {entry.path}")
    if entry.status == 0 or entry.status >= 400:
        return f"with mock_airflow.expect({entry.status}, call={call}):\n    ...  # what your client does"
    arguments = [call, "times=1"]
    if entry.request_json is not None:
        arguments.append(f"json={entry.request_json!r}")
    query = parse_qsl(entry.query, keep_blank_values=True)
    if query and MASK not in entry.query:
        arguments.append(f"query={_by_name(query)}")
    arguments.append(f"status={entry.status}")
    return f"mock_airflow.calls.assert_called({', '.join(arguments)})"


def _by_name(query: list[tuple[str, str]]) -> str:
    values: dict[str, Any] = {}
    for name, value in query:
        values[name] = value if name not in values else [*_listed(values[name]), value]
    return repr(values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(text: str, ours: bool) -> str:
    """A text as Python writes it; in one of ours, variables are read from the environment."""
    if not ours:
        return repr(text)
    parts = re.split(r"\$(\w+)", text)
    plain = [repr(part) if place % 2 == 0 else f'os.environ["{part}"]' for place, part in enumerate(parts)]
    return " + ".join(part for part in plain if part != "''") or "''"
