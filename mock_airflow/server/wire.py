"""Reading HTTP/1.1 requests off a connection.

This is strict, because a mock that forgives a broken request hides a bug of its user: what RFC 9112 calls an error
becomes a `Refusal`, answered in plain words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from mock_airflow.answers import RaisedAnswer
from mock_airflow.server import gunicorn
from mock_airflow.server.connection import Stream
from mock_airflow.server.late_body import LateBody

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_HEAD = 64 * 1024
MAX_HEADERS = 100
MAX_BODY = 16 * 1024 * 1024
_UNASKED = 1024 * 1024  # bytes of a body that are read before the application is called, where it might refuse it

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([!-~\x80-\xff]+) HTTP/(\d)\.(\d)")
_HEADER = re.compile(rf"({_TOKEN}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_ABSOLUTE = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")


class WireRefusal(RaisedAnswer):
    """A request that no application sees: `status` and one sentence go back, and the connection closes."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(slots=True)
class Request:
    """A whole request, its body read and decoded."""

    method: str
    target: str
    http11: bool
    headers: tuple[tuple[str, str], ...]
    joined: dict[str, str]  # by environ name (HTTP_X_...), repeated ones joined
    keep_alive: bool = False
    body: bytes = b""
    late: LateBody | None = None  # in place of it
    version: str = "1.1"  # of the answer

    def environ(self, stream_environ: WSGIEnvironment) -> WSGIEnvironment:
        """The PEP 3333 environ, on top of what is the same for all requests of a connection."""
        target, host = self.target, self.joined.get("HTTP_HOST")
        if absolute := _ABSOLUTE.match(target):
            target, host = target[absolute.end() :], absolute[1]
        path, _, query = target.partition("?")
        environ = {
            **stream_environ,
            **self.joined,
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1") if "%" in path else path or "/",
            "QUERY_STRING": query,
            "REQUEST_URI": self.target,
            "SERVER_PROTOCOL": "HTTP/1.1" if self.http11 else "HTTP/1.0",
            "wsgi.input": self.late or BytesIO(self.body),
            "mock_airflow.raw_headers": self.headers,
        }
        if host is not None:
            environ["HTTP_HOST"] = host
        if "HTTP_CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
        # The body stands here decoded, so an application gets its length and nothing about how it travelled.
        length = environ.pop("HTTP_CONTENT_LENGTH", None)
        if environ.pop("HTTP_TRANSFER_ENCODING", None):
            environ |= {"CONTENT_LENGTH": str(len(self.body)), "mock_airflow.chunked": True}
        elif length:
            environ["CONTENT_LENGTH"] = length if self.late else str(len(self.body))
        return environ


def read_request(stream: Stream, *, as_gunicorn: bool = False) -> Request:
    """The next request. Raises `Refusal` for one that breaks the rules, `Disconnected` when there is none.

    With ``as_gunicorn`` it is held to the bounds of Airflow's own web server, and `PageRefusal` may be raised.
    """
    line, *lines = _read_head(stream, as_gunicorn)
    if as_gunicorn:
        gunicorn.check_head(line, lines)
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _bad("The request line must read METHOD TARGET HTTP/1.1, with one space between its parts.")
    method, target, major, minor = match.groups()
    if major != "1":
        raise WireRefusal(
            HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, f"HTTP/{major}.{minor} is not spoken here: use HTTP/1.1."
        )
    if target[0] != "/" and target != "*" and not _ABSOLUTE.match(target):
        raise _bad("The request target must be a path that starts with / or a URL that starts with http://.")
    if len(lines) > MAX_HEADERS:
        raise WireRefusal(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request has more than {MAX_HEADERS} header lines."
        )
    headers, hosts = [], 0
    joined: dict[str, str] = {}
    for header, key in map(_header, lines):
        headers.append(header)
        if key is None:
            continue
        hosts += key == "HTTP_HOST"
        value = header[1]
        joined[key] = joined[key] + ("; " if key == "HTTP_COOKIE" else ", ") + value if key in joined else value
    request = Request(method, target, minor != "0", tuple(headers), joined)
    if hosts > 1 or (request.http11 and not hosts):
        raise _bad("A request needs one Host header, and no more than one.")
    options = tokens(joined.get("HTTP_CONNECTION", ""))
    request.keep_alive = "close" not in options if request.http11 else "keep-alive" in options
    if "HTTP_CONTENT_LENGTH" in joined or "HTTP_TRANSFER_ENCODING" in joined or "HTTP_EXPECT" in joined:
        _read_body(stream, request, as_gunicorn)
    if as_gunicorn and not request.http11:
        request.version = "1.0"
    return request


def _bad(sentence: str) -> WireRefusal:
    return WireRefusal(HTTPStatus.BAD_REQUEST, sentence)


def tokens(value: str) -> set[str]:
    """The members of a comma-separated header, in lower case."""
    return {token.strip().lower() for token in value.split(",")}


def _read_head(stream: Stream, as_gunicorn: bool) -> list[str]:
    longest = gunicorn.MAX_HEAD if as_gunicorn else MAX_HEAD
    buffer = stream.buffer
    if not buffer:
        stream.receive()
    if buffer[:2] == b"\r\n":  # some clients end a body with a line too many (RFC 9112, 2.2)
        del buffer[:2]
    while (end := buffer.find(b"\r\n\r\n", 0, longest)) < 0:
        if buffer[:1] == b"\x16":
            raise _bad("This is a TLS handshake, and plain HTTP is spoken here: use a URL that starts with http://.")
        if b"\n\n" in buffer:
            raise _bad("The lines of a request head must end with CR LF, not with LF alone.")
        if as_gunicorn:
            gunicorn.check_growing(buffer)
        elif len(buffer) >= MAX_HEAD:
            if buffer.find(b"\r\n", 0, MAX_HEAD) < 0:
                raise WireRefusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"The request line is longer than {MAX_HEAD} bytes.")
            raise WireRefusal(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"The request head is longer than {MAX_HEAD} bytes."
            )
        stream.receive()
    head = buffer[:end].decode("latin-1")
    del buffer[: end + 4]
    return head.split("\r\n")


@lru_cache(maxsize=256)  # a client sends most of its lines again and again
def _header(line: str) -> tuple[tuple[str, str], str | None]:
    """The name and the value of a header, and its name in an environ, if it has one there."""
    match = _HEADER.fullmatch(line)
    if match is None:
        if line[:1] in {" ", "\t"}:
            raise _bad("A header must not be continued on a second line: write it in one.")
        raise _bad("A header line must read Name: value, with no space before the colon and no control characters.")
    name, value = match[1], match[2].rstrip(" \t")
    # X_Name would pass for X-Name, so it is left out, as gunicorn and nginx do; raw_headers still has it.
    return (name, value), None if "_" in name else "HTTP_" + name.upper().replace("-", "_")


def _read_body(stream: Stream, request: Request, as_gunicorn: bool) -> None:
    coding = request.joined.get("HTTP_TRANSFER_ENCODING")
    lengths = {value for name, value in request.headers if name.lower() == "content-length"}
    if coding is not None and (lengths or not request.http11):
        raise _bad("Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0: send one kind of body.")
    if coding is not None and coding.lower() != "chunked":
        raise WireRefusal(HTTPStatus.NOT_IMPLEMENTED, "The only Transfer-Encoding understood here is chunked.")
    if len(lengths) > 1:
        raise _bad("The request has several Content-Length headers that differ.")
    length = lengths.pop() if lengths else "0"
    if not (length.isascii() and length.isdigit()):
        raise _bad("Content-Length must be a number of bytes, in decimal digits.")
    if len(length) > 18 or (int(length) > MAX_BODY and not as_gunicorn):
        raise _too_large()
    expected = request.joined.get("HTTP_EXPECT")
    if expected is not None and request.http11 and expected.lower() != "100-continue":
        raise WireRefusal(HTTPStatus.EXPECTATION_FAILED, "The only Expect understood here is 100-continue.")
    awaited = expected is not None and request.http11
    stream.await_body()
    if as_gunicorn and coding is None and (awaited or int(length) > _UNASKED):
        request.late = LateBody(stream, int(length), awaited=awaited)
        return
    if awaited and not stream.buffer:
        stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = _read_chunks(stream) if coding is not None else stream.take(int(length))


def _read_chunks(stream: Stream) -> bytes:
    body = bytearray()
    while True:
        match = _CHUNK.fullmatch(_read_line(stream))
        if match is None:
            raise _bad("A chunk must begin with its size, in hexadecimal digits.")
        size = int(match[1], 16)
        if len(body) + size > MAX_BODY:
            raise _too_large()
        if size == 0:
            break
        body += stream.take(size)
        if stream.take(2) != b"\r\n":
            raise _bad("A chunk is longer than its size says.")
    for _ in range(MAX_HEADERS):  # trailers, which WSGI has no place for
        if not _read_line(stream):
            return bytes(body)
    raise _bad(f"The chunked body has more than {MAX_HEADERS} trailer lines.")


def _read_line(stream: Stream, limit: int = 4096) -> bytes:
    while (end := stream.buffer.find(b"\r\n", 0, limit)) < 0:
        if len(stream.buffer) >= limit:
            raise _bad(f"A line of the chunked body is longer than {limit} bytes.")
        stream.receive()
    return stream.take(end + 2)[:-2]


def _too_large() -> WireRefusal:
    return WireRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The request body is larger than {MAX_BODY} bytes.")
