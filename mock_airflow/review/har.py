"""HTTP archives (HAR 1.2), as browsers and proxies export them, read as calls without secrets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from mock_airflow.errors import ReviewError
from mock_airflow.journal import redaction
from mock_airflow.journal.headers import told_header
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.secrets import Mask
from mock_airflow.review.described import described
from mock_airflow.review.entries import declared_names, entry_of
from mock_airflow.review.traffic import moment_of

_Headers = tuple[tuple[str, str], ...]


class _Part(NamedTuple):
    """A member of an archive and where it stands, for sentences about it."""

    value: Any
    place: str

    def get(self, name: str, kind: type | tuple[type, ...], what: str) -> _Part:
        """A member of this object. Raises ReviewError where it is missing or of another kind."""
        place = f"{self.place}.{name}"
        if not isinstance(self.value, Mapping) or name not in self.value:
            raise ReviewError(f"{self.place} has no {name!r}, which is {what} in an HTTP archive (HAR 1.2).")
        if not isinstance(self.value[name], kind):
            raise ReviewError(f"{place} is {self.value[name]!r:.80}, and not {what} as in an HTTP archive (HAR 1.2).")
        return _Part(self.value[name], place)


def entries_of(archive: Any, name: str) -> list[Entry]:
    """The calls to Airflow that an archive has, oldest first, numbered by their place in it.

    Calls to a token endpoint of the same host and those that a redirect of Airflow's led to are kept as well. Raises
    ReviewError for what is not an archive, with the place.
    """
    listed = (
        _Part(archive, name)
        .get("log", dict, "the object that holds everything")
        .get("entries", list, "the list of calls")
    )
    found = [_call(_Part(value, f"{listed.place}[{place}]"), place + 1) for place, value in enumerate(listed.value)]
    calls = sorted((each for each in found if each is not None), key=lambda each: each[0])
    return [entry for _, entry in _of_airflow(calls)]


def _of_airflow(calls: list[tuple[datetime, Entry]]) -> Iterator[tuple[datetime, Entry]]:
    targets: set[str] = set()
    hosts = {entry.host for _, entry in calls if described(entry.method, entry.path).operation is not None}
    for moment, entry in calls:
        url = f"{entry.host}{entry.path}"
        ours = described(entry.method, entry.path).prefix and entry.host in hosts  # others have an /api/v1 as well
        fetch = entry.method == "POST" and entry.path.rstrip("/").endswith("/token")
        if ours or (fetch and entry.host in hosts) or url in targets:
            yield moment, entry
            location = {key.lower(): value for key, value in entry.response_headers}.get("location")
            if 300 <= entry.status < 400 and location:
                with suppress(ValueError):  # leads nowhere
                    target = urlsplit(location)
                    targets.add(f"{target.netloc or entry.host}{target.path or '/'}")


def _call(part: _Part, number: int) -> tuple[datetime, Entry] | None:
    """One call; None for what never went out, such as data: URLs and what a browser had cached."""
    request = part.get("request", dict, "what was asked")
    response = part.get("response", dict, "what was answered")
    method = request.get("method", str, "the method").value.upper()
    url = _url(request.get("url", str, "the URL"))
    if url.scheme not in ("http", "https"):
        return None
    moment = _moment(part.get("startedDateTime", str, "the moment"))
    time = part.value.get("time")
    seconds = max(float(time), 0.0) / 1000 if isinstance(time, (int, float)) else 0.0
    found: set[str] = set()
    sent = _headers(request, found)
    told = _headers(response, found)
    body = _sent_body(request, found)
    kind = {key.lower(): value for key, value in told}.get("content-type", "")
    answer = redaction.answer_body(_content(response), kind)
    status = response.get("status", int, "the status").value
    query = redaction.query(url.query, found, declared_names(method, unquote(url.path)))
    entry = entry_of(
        number=number,
        at=moment,
        method=method,
        path=unquote(url.path),
        query=query,
        request_headers=sent,
        request_body=body,
        status=status if status >= 0 else 0,
        response_headers=told,
        response_body=answer,
        duration=seconds,
        peer=_connection(part.value, url),
        host=url.netloc.rpartition("@")[2],
        mask=Mask.of(value for value in found if len(value) >= 4),
    )
    return moment, entry


def _url(part: _Part) -> SplitResult:
    try:
        found = urlsplit(str(part.value))
        found.port  # noqa: B018 - it is read here to be refused here
        return found
    except ValueError as error:
        raise ReviewError(f"{part.place} is {part.value!r:.80}, which is not a URL: {error}.") from None


def _moment(part: _Part) -> datetime:
    found = moment_of(part.value)
    if found is None:
        raise ReviewError(
            f"{part.place} is {part.value!r:.80}, which is not a moment such as 2025-01-01T06:00:00Z."
        ) from None
    return found


def _headers(part: _Part, found: set[str]) -> _Headers:
    """The headers of a message without their secrets."""
    listed = part.value.get("headers", [])
    told = []
    for place, header in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(header, Mapping) or not all(isinstance(header.get(key), str) for key in ("name", "value")):
            raise ReviewError(f"{part.place}.headers[{place}] is not an object with a name and a value.")
        if not header["name"].startswith(":"):  # those of HTTP/2 say what the URL says
            told.append((header["name"], told_header(header["name"], header["value"], found)))
    return tuple(told)


def _sent_body(request: _Part, found: set[str]) -> str:
    data = request.value.get("postData")
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        return ""
    kind = data.get("mimeType")
    return redaction.request_body(data["text"].encode(), kind if isinstance(kind, str) else "", found, frozenset())


def _content(response: _Part) -> bytes:
    content = response.value.get("content")
    text = content.get("text") if isinstance(content, Mapping) else None
    if not isinstance(text, str):
        return b""
    if isinstance(content, Mapping) and content.get("encoding") == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            raise ReviewError(f"{response.place}.content.text is not the base64 that its encoding says.") from None
    return text.encode("utf-8", "replace")


def _connection(value: Mapping[str, Any], url: SplitResult) -> str:
    """By which connection a call came, where the archive says so; Chromium writes the port of the server there."""
    port = url.port or (443 if url.scheme == "https" else 80)
    name = value.get("connection")
    return str(name) if isinstance(name, (str, int)) and str(name) not in ("", "0", str(port)) else ""
