"""Httpx, intercepted where a client's own transport sends, for synchronous and asynchronous clients.

A client with a transport of somebody else's, such as ``httpx.MockTransport``, is left alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import httpx

from mock_airflow.in_process.interception import Interception, Layer

if TYPE_CHECKING:
    from mock_airflow.in_process.wsgi_call import Reply


def layers(interception: Interception) -> list[Layer]:
    """What is laid over httpx while the interception is entered."""

    def make(below: Any, layer: Layer) -> Any:
        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if layer.ended or not interception.takes(str(request.url)):
                response: httpx.Response = below(transport, request)
                return response
            return _answer(interception.for_caller(), request, request.read())

        return handle_request

    def make_async(below: Any, layer: Layer) -> Any:
        async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            if layer.ended or not interception.takes(str(request.url)):
                response: httpx.Response = await below(transport, request)
                return response
            body = await request.aread()
            answering = interception.for_caller()
            if answering.is_prompt():  # and so in the very order in which the loop's tasks ask
                return _answer(answering, request, body)
            # in a thread, as a delayed answer must not hold up the other tasks of the loop
            return await anyio.to_thread.run_sync(_answer, answering, request, body)

        return handle_async_request

    return [
        Layer(httpx.HTTPTransport, "handle_request", make),
        Layer(httpx.AsyncHTTPTransport, "handle_async_request", make_async),
    ]


def _answer(interception: Interception, request: httpx.Request, body: bytes) -> httpx.Response:
    """The answer as httpx's transport would give it. Raises what that would raise where none comes."""
    patience: float | None = request.extensions.get("timeout", {}).get("read")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    reply = interception.answer(request.method, str(request.url), headers, body, patience)
    delivery = reply.delivery
    if delivery is not None and delivery.late:
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if delivery is not None and not delivery.head:
        if delivery.ending == "reset":
            raise httpx.ReadError(str(_reset()), request=request)
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(
        reply.status,
        headers=reply.headers,
        stream=_Body(reply, request, patience),
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": reply.reason.encode("ascii", "ignore")},
    )


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that may come in pieces, and break off."""

    def __init__(self, reply: Reply, request: httpx.Request, patience: float | None) -> None:
        self._reply, self._request, self._patience = reply, request, patience

    def __iter__(self) -> Iterator[bytes]:
        reply, delivery = self._reply, self._reply.delivery
        if delivery is None:
            yield reply.body
            return
        received = 0
        tires = self._patience is not None and delivery.pause >= self._patience
        for piece in delivery.pieces(reply.body):
            if tires and received:
                raise httpx.ReadTimeout("The read operation timed out", request=self._request)
            received += len(piece)
            yield piece
        if delivery.ending == "reset":
            raise httpx.ReadError(str(_reset()), request=self._request)
        if received < len(reply.body):
            raise httpx.RemoteProtocolError(
                f"peer closed connection without sending complete message body (received {received} bytes, expected "
                f"{len(reply.body)})",
                request=self._request,
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._reply.delivery is None:
            yield self._reply.body
            return
        pieces = iter(self)
        while (piece := await anyio.to_thread.run_sync(next, pieces, None)) is not None:
            yield piece


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
