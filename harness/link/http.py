"""HTTP/1.1 over any transport, one request for each connection: how firmware and logs travel beside OCPP.

Nothing here knows a file; a body is octets, and at most `LARGEST` of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from harness.link.transport import Address, Network, Transport

LARGEST = 64 * 2**20
"""Octets of a body that are taken; what is longer is refused."""


class HttpFailure(ConnectionError):
    """The peer does not speak HTTP/1.1, ended the connection in the middle, or sends more than is taken."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a client asked for; `path` begins with a slash and still has its query."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a server answered."""

    status: int
    body: bytes = b""


async def ask(network: Network, method: str, url: str, body: bytes = b"") -> HttpReply:
    """Send one request to an ``http://`` URL; raises `OSError` (`HttpFailure` among them) when no reply comes of it."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise HttpFailure(f"{url} is no http:// URL")
    transport = await network.connect(Address(parts.hostname, parts.port or 80))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), ("Content-Length", str(len(body))), ("Connection", "close")]
    wire = h11.Connection(h11.CLIENT)
    try:
        request = h11.Request(method=method, target=path, headers=headers)
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            await transport.write(wire.send(event) or b"")
        head, content = await _message(wire, transport, h11.Response)
        assert isinstance(head, h11.Response)
        return HttpReply(head.status_code, content)
    finally:
        await transport.close()


async def answer(transport: Transport, reply_to: Callable[[HttpRequest], Awaitable[HttpReply]]) -> HttpRequest:
    """Answer the one request that comes on an accepted `transport`; raises `HttpFailure` when none comes."""
    wire = h11.Connection(h11.SERVER)
    try:
        head, body = await _message(wire, transport, h11.Request)
        assert isinstance(head, h11.Request)
        request = HttpRequest(head.method.decode("ascii"), head.target.decode("ascii"), body)
        reply = await reply_to(request)
        headers = [("Content-Length", str(len(reply.body))), ("Connection", "close")]
        response = h11.Response(status_code=reply.status, headers=headers)
        for event in (response, *_content(request, reply), h11.EndOfMessage()):
            await transport.write(wire.send(event) or b"")
        return request
    finally:
        await transport.close()


def _content(request: HttpRequest, reply: HttpReply) -> list[h11.Data]:
    return [] if request.method == "HEAD" else [h11.Data(data=reply.body)]


async def _message(
    wire: h11.Connection, transport: Transport, kind: type[h11.Request] | type[h11.Response]
) -> tuple[h11.Request | h11.Response, bytes]:
    """The head and the whole body of the message that the peer sends."""
    head: h11.Request | h11.Response | None = None
    body = bytearray()
    while True:
        event = await _event(wire, transport)
        if isinstance(event, kind):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > LARGEST:
                raise HttpFailure(f"more than {LARGEST} octets")
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return head, bytes(body)
        elif not isinstance(event, h11.InformationalResponse):
            raise HttpFailure("the peer closed the connection without a message")


async def _event(wire: h11.Connection, transport: Transport) -> object:
    while True:
        try:
            event = wire.next_event()
        except h11.RemoteProtocolError as wrong:
            raise HttpFailure(f"not HTTP/1.1: {wrong}") from wrong
        if event is not h11.NEED_DATA:
            return event
        if wire.they_are_waiting_for_100_continue:
            await transport.write(wire.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        wire.receive_data(await transport.read())
