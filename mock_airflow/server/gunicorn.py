"""What gunicorn, Airflow 2's web server, refuses before Airflow sees it: its bounds, pages and words (observed)."""

from __future__ import annotations

import re
from html import escape
from http import HTTPStatus

from mock_airflow.answers import RaisedAnswer

MAX_LINE = 4094  # bytes of a request line, without its end
MAX_FIELD = 8190  # bytes of a header line, with its end
MAX_FIELDS = 100
MAX_HEAD = MAX_LINE + MAX_FIELDS * (MAX_FIELD + 2) + 4

_PHRASES = {HTTPStatus.REQUEST_URI_TOO_LONG: "URI Too Long"}
_UNUSUAL = re.compile("[a-z#]")


class PageRefusal(RaisedAnswer):
    """A request that is refused with gunicorn's own page."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status

    def answer(self) -> bytes:
        """Everything that goes back; gunicorn says neither who it is nor when."""
        phrase = _PHRASES.get(self.status, self.status.phrase)
        page = (
            f"<html>\n  <head>\n    <title>{phrase}</title>\n  </head>\n  <body>\n    <h1><p>{phrase}</p></h1>\n"
            f"    {escape(str(self))}\n  </body>\n</html>\n"
        ).encode("latin-1", "replace")
        head = f"HTTP/1.1 {self.status.value} {phrase}\r\nConnection: close\r\nContent-Type: text/html\r\n"
        return f"{head}Content-Length: {len(page)}\r\n\r\n".encode() + page


def check_growing(buffer: bytearray) -> None:
    """See that a head which has not arrived whole may still become a good one. Raises PageRefusal."""
    end = buffer.find(b"\r\n", 0, MAX_LINE + 2)
    if end < 0 and len(buffer) - 2 > MAX_LINE:
        full = buffer.find(b"\r\n")
        raise _line_too_long(full if full >= 0 else len(buffer))
    if len(buffer) > MAX_HEAD:
        raise _fields_too_large("max buffer headers")


def check_head(line: str, fields: list[str]) -> None:
    """See that gunicorn would take the request line and the header lines. Raises PageRefusal."""
    if len(line) > MAX_LINE:
        raise _line_too_long(len(line))
    method = line.partition(" ")[0]
    if _UNUSUAL.search(method) or not 3 <= len(method) <= 20:
        raise PageRefusal(HTTPStatus.BAD_REQUEST, f"Invalid Method 'Invalid HTTP method: {method!r}'")
    if not line.isascii():
        raise PageRefusal(HTTPStatus.BAD_REQUEST, f"Invalid Request Line 'Invalid HTTP request line: {line!r}'")
    for number, field in enumerate(fields):
        if number == MAX_FIELDS:
            raise _fields_too_large("limit request headers fields")
        if len(field) + 2 > MAX_FIELD:
            raise _fields_too_large("limit request headers fields size")


def _line_too_long(length: int) -> PageRefusal:
    return PageRefusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"Request Line is too large ({length} > {MAX_LINE})")


def _fields_too_large(what: str) -> PageRefusal:
    return PageRefusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"Error parsing headers: '{what}'")
