"""Traffic from files: HTTP archives, exports of a journal, and recordings of a real Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mock_airflow.errors import ReviewError
from mock_airflow.journal import redaction
from mock_airflow.journal.headers import told_header
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.secrets import Mask
from mock_airflow.review.entries import declared_names, entry_of
from mock_airflow.review.har import entries_of
from mock_airflow.review.traffic import Traffic

_MOST = 512 * 1024 * 1024  # bytes of a file that is read at once


def traffic_of(path: Path) -> Traffic:
    """The calls to Airflow that a file holds. Raises ReviewError for one that cannot be read, or holds none."""
    value = _loaded(path)
    if not isinstance(value, dict):
        raise ReviewError(f"{path} holds a list or a single value, and neither an HTTP archive nor a recording.")
    if "log" in value:
        traffic = Traffic(entries_of(value, path.name))
    elif isinstance(value.get("entries"), list):
        traffic = Traffic([_of_journal(entry, place, path) for place, entry in enumerate(value["entries"])])
    elif isinstance(value.get("steps"), list) or isinstance(value.get("answers"), dict):
        traffic = Traffic(_recorded(value, path), knows_times=False)
    else:
        raise ReviewError(
            f"{path} is neither an HTTP archive (an object with 'log'), nor an export of a journal ('entries'), nor a"
            " recording ('steps', or 'scenario' and 'answers')."
        )
    if not traffic:
        raise ReviewError(
            f"{path} holds no call to Airflow's REST API (an operation below /api/v1, /api/v2 or /api/experimental)."
        )
    return traffic


def _loaded(path: Path) -> Any:
    try:
        if path.stat().st_size > _MOST:
            raise ReviewError(f"{path} has more than {_MOST // 2**20} MiB; export fewer calls.")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ReviewError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise ReviewError(f"{path} is not a text in UTF-8, as an HTTP archive is; export it as HAR.") from None
    try:
        value = json.loads(text)
        return _whole_characters(value) if "\\ud" in text.lower() else value
    except json.JSONDecodeError as error:
        raise ReviewError(
            f"{path} is not JSON, as an HTTP archive is: {error.msg} in line {error.lineno}, column {error.colno}."
            + (" It may have been cut off." if error.pos >= len(text.rstrip()) - 1 else "")
        ) from None
    except RecursionError:
        raise ReviewError(f"{path} nests its values deeper than any HTTP archive does.") from None


def _whole_characters(value: Any) -> Any:
    """A JSON value without halves of characters, which no output can hold."""
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _of_journal(value: Any, place: int, path: Path) -> Entry:
    """An entry as ``mock-airflow journal export --format entries`` writes it."""
    try:
        request, response = value["request"], value["response"]
        return entry_of(
            number=int(value["number"]),
            at=datetime.fromisoformat(value["at"]),
            method=str(value["method"]),
            path=str(value["path"]),
            query=str(value["query"]),
            status=int(value["status"]),
            request_headers=tuple(request["headers"].items()),
            request_body=str(request["body"]),
            response_headers=tuple(response["headers"].items()),
            response_body=str(response["body"]),
            duration=float(value["duration"]),
            credential=str(value["credential"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReviewError(
            f"{path}: entries[{place}] is not an entry as `mock-airflow journal export --format entries` writes them"
            f" ({type(error).__name__}: {error})."
        ) from None


_START = datetime(2000, 1, 1, tzinfo=timezone.utc)  # recordings tell the order of their steps, and not their moments


def _recorded(value: Mapping[str, Any], path: Path) -> list[Entry]:
    """The steps of a recording with their answers, in their order."""
    answers = value.get("answers", value)
    answered = answers.get("steps") if isinstance(answers, Mapping) else None
    scenario = value.get("scenario") or _beside(path)
    steps = scenario.get("steps", []) if isinstance(scenario, Mapping) else []
    if not isinstance(answered, list) or not isinstance(steps, list):
        raise ReviewError(f"{path} is not a recording: its answers have no list of steps.")
    asked = {step.get("id"): step for step in steps if isinstance(step, Mapping)}
    found = []
    for place, answer in enumerate(answered):
        try:
            found.append(_step(asked[answer["id"]], answer, place))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ReviewError(
                f"{path}: steps[{place}] is no step of a recording, with a method, a path and a status"
                f" ({type(error).__name__}: {error})."
            ) from None
    return found


def _beside(path: Path) -> Any:
    """The scenario of recorded answers, which stands in a folder beside theirs. Raises ReviewError without it."""
    scenario = path.parent.parent / "scenarios" / path.name
    if not scenario.is_file():
        raise ReviewError(
            f"{path} has answers alone; what was asked is not in it. Its scenario is looked for at {scenario}, or"
            " in the"
            " same file, as `mock-airflow journal export --format recording` writes it."
        )
    return _loaded(scenario)


def _step(sent: Any, answer: Any, place: int) -> Entry:
    found: set[str] = set()
    query = sent.get("query", "")
    query = urlencode([tuple(pair) for pair in query]) if isinstance(query, list) else query
    query = urlencode(query, doseq=True) if isinstance(query, Mapping) else str(query)
    target, _, rest = str(sent["path"]).partition("?")
    body = json.dumps(sent["json"]) if "json" in sent else str(sent.get("raw") or "")
    told = answer.get("json", None)
    headers = sent.get("headers", {})
    return entry_of(
        number=place + 1,
        at=_START + timedelta(seconds=place),
        method=str(sent["method"]),
        path=target,
        query=redaction.query(query or rest, found, declared_names(str(sent["method"]), target)),
        status=int(answer["status"]),
        request_headers=tuple((str(name), told_header(name, str(text), found)) for name, text in headers.items()),
        request_body=redaction.request_body(body.encode(), "application/json", found, frozenset()) if body else "",
        response_headers=tuple((str(name), str(text)) for name, text in answer.get("headers", {}).items()),
        response_body=json.dumps(told) if told is not None else str(answer.get("text") or ""),
        credential=f"Basic {sent['as']}:***" if sent.get("as") not in (None, "none") else None,
        mask=Mask.of(value for value in found if len(value) >= 4),
    )
