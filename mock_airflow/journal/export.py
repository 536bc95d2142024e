"""The journal in the formats of others: an HTTP archive, and a recording that can be replayed against any Airflow.

Both hold what the journal holds: no secrets, and long bodies cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timezone
from typing import Any
from urllib.parse import parse_qsl

from mock_airflow._version import __version__
from mock_airflow.domain.masking import MASK
from mock_airflow.journal.journal import Entry
from mock_airflow.settings.address import PORT

_CUT = "..."


def har(entries: Iterable[Entry], base_url: str = f"http://localhost:{PORT}") -> dict[str, Any]:
    """The entries as an HTTP archive (HAR 1.2). Moments are those of the clock; what else is known has names with _."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mock-airflow", "version": __version__},
            "entries": [_har_entry(entry, base_url.rstrip("/")) for entry in entries],
        }
    }


def _har_entry(entry: Entry, base_url: str) -> dict[str, Any]:
    milliseconds = entry.duration * 1000
    url = base_url + entry.path + (f"?{entry.query}" if entry.query else "")
    headers = dict(entry.response_headers)
    request: dict[str, Any] = {
        "method": entry.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(entry.request_headers),
        "queryString": _pairs(parse_qsl(entry.query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(entry.request_body.encode()),
    }
    if entry.request_body:
        kind = dict(entry.request_headers).get("Content-Type", "")
        request["postData"] = {"mimeType": kind, "params": [], "text": entry.request_body}
    size = len(entry.response_body.encode())
    return {
        "startedDateTime": entry.at.astimezone(timezone.utc).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": request,
        "response": {
            "status": entry.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(entry.response_headers),
            "content": {"size": size, "mimeType": headers.get("Content-Type", ""), "text": entry.response_body},
            "redirectURL": headers.get("Location", ""),
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_number": entry.number,
        "_requestId": entry.request_id,
        "_operationId": entry.operation_id,
        "_principal": entry.principal,
        "_decision": entry.decision,
        "_reason": entry.reason,
    }


def _pairs(items: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def recording(entries: Iterable[Entry], name: str = "journal") -> dict[str, Any]:
    """The entries as one scenario with its answers, in the form of `fixtures/recordings`, and what was left out.

    Steps are made ``as`` the user whose name the journal has, for a server where the password equals it. A step whose
    answer was cut or holds something hidden is compared by its status alone. Left out is what would go another way on
    another server: calls that met a fault or a limit, other credentials than a name and a password, and bodies of which
    the journal does not have all.
    """
    steps, answers, left_out = [], [], []
    kept = list(entries)
    for entry in kept:
        reason = _not_repeatable(entry)
        if reason:
            left_out.append({"number": entry.number, "call": f"{entry.method} {entry.path}", "reason": reason})
            continue
        steps.append(_step(entry))
        answers.append(_recorded(entry))
    moments = [entry.at.isoformat(timespec="seconds") for entry in kept]
    recorded = {"from": moments[0], "to": moments[-1]} if moments else {}
    return {
        "scenario": {"name": name, "about": "from the journal of mock-airflow", "steps": steps},
        "answers": {
            "name": name,
            "recorded": {"server": f"mock-airflow {__version__}", **recorded},
            "steps": answers,
        },
        "left_out": left_out,
    }


def _not_repeatable(entry: Entry) -> str:
    if entry.faults:
        return "a fault rule fired"
    if entry.decision == "limited":
        return "a limit refused it"
    if entry.credential and _name(entry) is None:
        return "its credential is not a name and password"
    if entry.request_body.endswith(_CUT) or MASK in entry.request_body or MASK in entry.query:
        return "the journal does not have all that was sent"
    return ""


def _name(entry: Entry) -> str | None:
    scheme, _, rest = entry.credential.partition(" ")
    name, colon, _ = rest.partition(":")
    return name if scheme.lower() == "basic" and colon else None


def _step(entry: Entry) -> dict[str, Any]:
    step: dict[str, Any] = {
        "id": f"{entry.number:03}",
        "method": entry.method,
        "path": entry.path,
        "as": _name(entry) or "none",
    }
    if entry.query:
        step["query"] = [list(pair) for pair in parse_qsl(entry.query, keep_blank_values=True)]
    if entry.request_json is not None:
        step["json"] = entry.request_json
    elif entry.request_body:
        step["raw"] = entry.request_body
    told = {name: value for name, value in entry.request_headers if name in ("Content-Type", "Accept")}
    if told:
        step["headers"] = told
    if entry.response_body.endswith(_CUT) or MASK in entry.response_body:
        step["compare"] = {"status_only": True}
    return step


def _recorded(entry: Entry) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": f"{entry.number:03}",
        "status": entry.status,
        "headers": {name.lower(): value for name, value in entry.response_headers if name.lower() != "set-cookie"},
    }
    kind = answer["headers"].get("content-type", "")
    if "json" in kind and entry.response_json is not None:
        return answer | {"json": entry.response_json}
    text = entry.response_body
    return answer | {"text": text[:300] if "html" in kind else text, "text_length": len(text)}
