"""Writing a WSGI application's answer as HTTP/1.1."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__
from mock_airflow.server.connection import STOPPING, Stream
from mock_airflow.server.date_header import date_of
from mock_airflow.server.wire import Request, tokens

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from mock_airflow.faults.delivery import Delivery

SOFTWARE = f"mock-airflow/{__version__}"
_ONE_SEND = 64 * 1024  # up to here it is cheaper to copy a body behind its head than to send twice


class WireAnswer:
    """The answer to one request: what `start_response` and its `write` stand for, and the bytes they become."""

    def __init__(self, stream: Stream, request: Request | None = None) -> None:
        self._stream = stream
        self._head_only = request is not None and request.method == "HEAD"
        self._http11 = request is None or request.http11
        self._version = "1.1" if request is None else request.version
        self._late = None if request is None else request.late
        self.keep_alive = request is not None and request.keep_alive
        self.begun = False  # the head is out: too late for another answer
        self.lasting = False  # events that go on until somebody leaves
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._bodyless = self._chunked = False
        self._due: int | None = None  # bytes of the announced Content-Length that are still to come
        self._environ: WSGIEnvironment = {}

    def run(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        """Calls the application and sends what it answers."""
        self._environ = environ
        result = app(environ, self._start)
        try:
            delivery: Delivery | None = environ.get("mock_airflow.delivery")
            if delivery is not None:
                self._deliver(b"".join(result), delivery)
            elif isinstance(result, list | tuple):
                self._finish(b"".join(result))
            else:
                if not any(name.lower() == "content-length" for name, _ in self._headers):
                    self._stream.waits()  # for what the application has not got yet
                for chunk in result:
                    self._write(chunk)
                self._finish()
        finally:
            if hasattr(result, "close"):
                result.close()

    def plain(self, status: HTTPStatus, sentence: str) -> None:
        """Answers with one line of text instead, and lets the connection close."""
        self._status = f"{status.value} {status.phrase}"
        self._headers = [("Content-Type", "text/plain; charset=utf-8")]
        self.keep_alive = False
        self._finish(sentence.encode() + b"\n")

    def _deliver(self, body: bytes, delivery: Delivery) -> None:
        """Send as much of the answer as the delivery says, at its pace, and end as it says."""
        stream = self._stream
        if delivery.pause:
            stream.waits()
        if delivery.head:
            self.begun = True
            stream.send(self._head(len(body)))
            for piece in delivery.pieces(b"" if self._bodyless else body):
                stream.send(piece)
        if delivery.ending is not None:
            self.begun, self.keep_alive = True, False
            stream.close(reset=delivery.ending == "reset")

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None) -> Any:
        if exc_info is not None and exc_info[1] is not None and self.begun:
            raise exc_info[1]
        if exc_info is None and self._status:
            raise RuntimeError("The application called start_response a second time without exc_info.")
        self._status, self._headers = status, headers
        return self._write

    def _write(self, chunk: bytes) -> None:
        if chunk:
            self._send(chunk, None)

    def _finish(self, last: bytes = b"") -> None:
        if not self.begun:
            self._send(last, len(last))
        else:
            self._write(last)
        if self._bodyless:
            return
        if self._chunked:
            self._stream.send(b"0\r\n\r\n")
        elif self._due:
            raise RuntimeError(f"The application announced {self._due} bytes more than it gave.")

    def _send(self, data: bytes, whole: int | None) -> None:
        head = b"" if self.begun else self._head(whole)
        self.begun = True
        if self._bodyless:
            data = b""
        elif self._chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        elif self._due is not None:
            data = data[: self._due]
            self._due -= len(data)
        if head and len(data) > _ONE_SEND:
            self._stream.send(head)
            head = b""
        if head or data:
            self._stream.send(head + data)

    def _head(self, whole: int | None) -> bytes:
        code = int(self._status[:3] or 0)
        if code < 100:
            raise RuntimeError("The application answered without a status: it must call start_response first.")
        empty = code < 200 or code == HTTPStatus.NO_CONTENT  # and says nothing of a length
        self._bodyless = self._head_only or empty or code == HTTPStatus.NOT_MODIFIED
        ours = {"transfer-encoding", "content-length"} if empty else {"transfer-encoding"}
        given = {name.lower(): value for name, value in self._headers}
        self.lasting = given.get("content-type", "").startswith("text/event-stream")
        lines = [f"HTTP/{self._version} {self._status}"]
        lines += [f"{name}: {value}" for name, value in self._headers if name.lower() not in ours]
        if "server" not in given:
            lines.append(f"Server: {SOFTWARE}")
        if "date" not in given:
            lines.append(f"Date: {date_of(self._environ)}")
        if not empty:
            lines += self._framing(given.get("content-length"), whole)
        lines += self._ending(tokens(given["connection"]) if "connection" in given else set())
        head = "\r\n".join(lines)
        if head.count("\n") >= len(lines) or head.count("\r") >= len(lines):
            raise ValueError("The application's status and headers must not contain line breaks.")
        return f"{head}\r\n\r\n".encode("latin-1")

    def _framing(self, announced: str | None, whole: int | None) -> list[str]:
        # How the client finds the end of the body.
        self._due, self._chunked = None, False
        if announced is not None:
            self._due = int(announced)
            return []
        if self._bodyless:
            return [f"Content-Length: {whole}"] if whole else []
        if whole is not None:
            self._due = whole
            return [f"Content-Length: {whole}"]
        self._chunked = self._http11
        self.keep_alive = self.keep_alive and self._http11
        return ["Transfer-Encoding: chunked"] if self._chunked else []

    def _ending(self, options: set[str]) -> list[str]:
        # What becomes of the connection; its default changed from HTTP/1.0 to HTTP/1.1.
        unread = self._late is not None and self._late.pending
        stopping = self._environ.get(STOPPING)
        ends = "close" in options or unread or (stopping is not None and stopping())
        self.keep_alive = self.keep_alive and not ends
        if not self.keep_alive:
            return [] if "close" in options else ["Connection: close"]
        return [] if self._http11 or "keep-alive" in options else ["Connection: keep-alive"]
