"""The opening handshake of WebSocket over any transport, as client or as server (RFC 6455, 4).

    socket = await websocket_connect(transport, ClientSettings("wss://csms/ocpp/CS1", ("ocpp2.1", "ocpp2.0.1")))

What each side offers and demands is data. A handshake that fails is a `WebSocketFailure` that says who refused, and why.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from harness.link.transport import Transport
from harness.link.websocket import HttpHeaders, Pump, Upgrade, WebSocketTransport

MESSAGE_LIMIT = 16 * 2**20
"""Octets of one message that are taken by default; a longer one ends the connection with close code 1009."""
HANDSHAKE_TIMEOUT = 30.0

_QUIET = logging.getLogger("harness.link.upgrade")
_QUIET.setLevel(logging.CRITICAL)  # the library logs what is an observation here
_Result = TypeVar("_Result")


class WebSocketFailure(ConnectionError):
    """An opening handshake that failed; the transport is closed.

    `status` is the HTTP status that refused it (0: none was sent), `by` says who refused. `headers` are those of the peer.
    """

    def __init__(self, reason: str, *, by: str, status: int = 0, headers: HttpHeaders = ()) -> None:
        self.reason, self.by, self.status, self.headers = reason, by, status, headers
        super().__init__(f"websocket: {reason}")


@dataclass(frozen=True, slots=True)
class Rejection:
    """An upgrade refused by HTTP status (401 unauthorised, 404 unknown path, ...)."""

    status: int
    reason: str
    headers: HttpHeaders = ()


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a client opens: `url`, the sub-protocols it offers (in order of preference), further headers."""

    url: str
    subprotocols: tuple[str, ...] = ()
    headers: HttpHeaders = ()
    compression: bool = True
    message_limit: int = MESSAGE_LIMIT


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How a server answers. `admit` may refuse an upgrade before it happens.

    Of the client's sub-protocols the first that is in `subprotocols` is chosen. If there is none the handshake is completed
    without one and the connection closed at once, as OCPP-J demands, unless `keep_without_subprotocol`.
    """

    subprotocols: tuple[str, ...] = ()
    admit: Callable[[Upgrade], Rejection | None] = field(default=lambda _upgrade: None)
    compression: bool = True
    message_limit: int = MESSAGE_LIMIT
    keep_without_subprotocol: bool = False


async def websocket_connect(
    transport: Transport, settings: ClientSettings, *, timeout: float = HANDSHAKE_TIMEOUT
) -> WebSocketTransport:
    """Open a WebSocket as its client. The server may have chosen no sub-protocol; then `subprotocol` is empty.

    Raises `WebSocketFailure`, after which the transport is closed.
    """
    offered = [Subprotocol(name) for name in settings.subprotocols]
    protocol = ClientProtocol(
        parse_uri(settings.url),
        subprotocols=offered or None,
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)] if settings.compression else None,
        max_size=settings.message_limit,
        logger=_QUIET,
    )
    flow = Pump(transport, protocol)
    request = protocol.connect()
    for name, value in settings.headers:
        request.headers[name] = value
    protocol.send_request(request)
    await _within(timeout, transport, _until_open(flow))
    return WebSocketTransport(flow, Upgrade(request.path, _pairs(request.headers), settings.subprotocols))


async def websocket_accept(
    transport: Transport, settings: ServerSettings, *, timeout: float = HANDSHAKE_TIMEOUT
) -> WebSocketTransport:
    """Open a WebSocket as its server; otherwise as `websocket_connect`."""
    protocol = _server_protocol(settings)
    flow = Pump(transport, protocol)
    request = await _within(timeout, transport, _request(flow))
    upgrade = Upgrade(request.path, _pairs(request.headers), _offered(request.headers))
    try:
        await _answer(flow, protocol, request, settings.admit(upgrade))
        opened = WebSocketTransport(flow, upgrade)
        if not opened.subprotocol and settings.subprotocols and not settings.keep_without_subprotocol:
            await opened.close()
            said = ", ".join(upgrade.offered) or "none"
            raise WebSocketFailure(
                f"no common sub-protocol: {said} offered, {', '.join(settings.subprotocols)} spoken here",
                by="us",
                status=101,
                headers=upgrade.headers,
            )
    except BaseException:
        await transport.close()
        raise
    return opened


def _server_protocol(settings: ServerSettings) -> ServerProtocol:
    def select(_protocol: ServerProtocol, offered: object) -> Subprotocol | None:
        names = offered if isinstance(offered, (list, tuple)) else ()
        return next((name for name in names if name in settings.subprotocols), None)

    return ServerProtocol(
        select_subprotocol=select,
        extensions=[ServerPerMessageDeflateFactory()] if settings.compression else None,
        max_size=settings.message_limit,
        logger=_QUIET,
    )


async def _answer(flow: Pump, protocol: ServerProtocol, request: Request, rejection: Rejection | None) -> None:
    if rejection is None:
        response = protocol.accept(request)
        reason = str(protocol.handshake_exc or "")
    else:
        response = protocol.reject(rejection.status, f"{rejection.reason}\n")
        reason = rejection.reason
        for name, value in rejection.headers:
            response.headers[name] = value
    protocol.send_response(response)
    try:
        await flow.flush()
    except ConnectionError as torn:
        raise WebSocketFailure(f"the peer left during the handshake ({torn})", by="peer") from torn
    if response.status_code != 101:
        raise WebSocketFailure(
            f"refused with HTTP {response.status_code}: {reason}",
            by="us",
            status=response.status_code,
            headers=_pairs(request.headers),
        )


async def _request(flow: Pump) -> Request:
    while True:
        going = await flow.pump()
        events = flow.protocol.events_received()
        if events and isinstance(request := events.pop(0), Request):
            flow.protocol.events[:0] = events  # a client in haste sent messages with its request
            return request
        refused = flow.protocol.handshake_exc
        await flow.flush()
        if refused is not None and not isinstance(refused.__cause__, EOFError):
            raise WebSocketFailure(f"no HTTP upgrade request: {refused.__cause__ or refused}", by="us")
        if not going:
            raise WebSocketFailure("the peer left before it asked for anything", by="peer")


async def _until_open(flow: Pump) -> None:
    await flow.flush()
    while flow.protocol.state is State.CONNECTING:
        going = await flow.pump()
        refused = flow.protocol.handshake_exc
        if refused is not None:
            raise _client_failure(refused)
        if not going:
            raise WebSocketFailure("the peer left during the handshake", by="peer")


def _client_failure(refused: Exception) -> WebSocketFailure:
    if isinstance(refused, InvalidStatus):
        response = refused.response
        said = f"refused with HTTP {response.status_code} {response.reason_phrase}"
        return WebSocketFailure(said, by="peer", status=response.status_code, headers=_pairs(response.headers))
    if isinstance(refused.__cause__, EOFError):
        return WebSocketFailure("the peer left during the handshake", by="peer")
    return WebSocketFailure(f"no proper answer to the upgrade: {refused.__cause__ or refused}", by="us")


async def _within(timeout: float, transport: Transport, step: Coroutine[Any, Any, _Result]) -> _Result:
    """One step of the handshake in time; after a failure the transport is closed."""
    try:
        async with asyncio.timeout(timeout):
            return await step
    except TimeoutError as late:
        await transport.close()
        raise WebSocketFailure(f"no handshake within {timeout:g} s", by="peer") from late
    except WebSocketFailure:
        await transport.close()
        raise
    except ConnectionError as torn:
        await transport.close()
        raise WebSocketFailure(f"the connection was torn during the handshake ({torn})", by="peer") from torn
    except BaseException:
        await transport.close()
        raise


def _pairs(headers: Headers) -> HttpHeaders:
    return tuple(headers.raw_items())


def _offered(headers: Headers) -> tuple[str, ...]:
    lists = headers.get_all("Sec-WebSocket-Protocol")
    return tuple(name.strip() for each in lists for name in each.split(",") if name.strip())
