"""An open WebSocket over any transport: memory, sockets or TLS, in real or virtual time (RFC 6455).

The protocol itself is the sans-IO core of the `websockets` library; this file moves its octets, so captures and TLS are
those of the transport below. Each message is one `Chunk`. Pings, pongs and close codes are events that the socket tells to
its link; nothing is sent on its own account but the pongs and closes that RFC 6455 demands. `harness.link.upgrade` opens one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Protocol, State

from harness.link.observation import Event
from harness.link.tap import abort
from harness.link.transport import Chunk, Transport

HttpHeaders = tuple[tuple[str, str], ...]
CLOSE_TIMEOUT = 2.0
"""Seconds granted to the peer to answer our close."""

_QUIET_FOR = 0.1
"""Seconds without octets after which a peer that is being left has stopped sending."""

NORMAL, GOING_AWAY, NO_STATUS = 1000, 1001, 1005


@dataclass(frozen=True, slots=True)
class Upgraded(Event):
    """The opening handshake is done. `offered` sub-protocols are those of the client, in its order; `chosen` may be empty."""

    path: str
    offered: tuple[str, ...]
    chosen: str
    compression: bool
    headers: HttpHeaders = field(default=(), repr=False)

    def __str__(self) -> str:
        compressed = ", compressed" if self.compression else ""
        return f"websocket {self.path} with {self.chosen or 'no sub-protocol'}{compressed}"


@dataclass(frozen=True, slots=True)
class Ping(Event):
    """A ping frame."""

    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Pong(Event):
    """A pong frame."""

    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class CloseFrame(Event):
    """A close frame; code 1005 stands for one without code."""

    code: int
    reason: str = ""

    def __str__(self) -> str:
        return f"websocket close {self.code}" + (f" ({self.reason})" if self.reason else "")


@dataclass(frozen=True, slots=True)
class BrokenFraming(Event):
    """The peer sent octets that are no WebSocket frame, or a message above the limit; `code` is our answer to it."""

    code: int
    reason: str

    def __str__(self) -> str:
        return f"websocket framing broken: {self.reason}"


@dataclass(frozen=True, slots=True)
class Unresponsive(Event):
    """The peer sent nothing, no pong either, for `waited` s after a ping."""

    waited: float

    def __str__(self) -> str:
        return f"no pong within {self.waited:g} s"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a client asks for: the request path as sent, its headers, and the sub-protocols it offers, in its order."""

    path: str
    headers: HttpHeaders
    offered: tuple[str, ...]

    def header(self, name: str) -> str:
        """The value of a header, empty when it is absent."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")


class WebSocketTransport:
    """An open WebSocket. `upgrade` is what the client asked for, `subprotocol` what was agreed (empty: nothing).

    `heard_at` is when the peer last sent anything (s on the loop's clock).
    """

    def __init__(self, flow: Pump, upgrade: Upgrade) -> None:
        self.local, self.remote = flow.inner.local, flow.inner.remote
        self.inner, self.upgrade = flow.inner, upgrade
        self.subprotocol = flow.protocol.subprotocol or ""
        self.compression = bool(flow.protocol.extensions)
        self._flow, self._protocol = flow, flow.protocol
        self._messages: deque[Chunk] = deque()
        self._parts: list[bytes] = []
        self._binary = False
        self._torn = False
        self._told = _Told()
        self.tell(Upgraded(upgrade.path, upgrade.offered, self.subprotocol, self.compression, upgrade.headers), True)

    @property
    def heard_at(self) -> float:
        return self._flow.heard_at

    def tell_to(self, listener: Callable[[Event, bool, float], None]) -> None:
        """Tell every event, also those that have been, to `listener`."""
        self._told.to(listener)

    async def write(self, octets: bytes) -> None:
        """Send one message: text, unless the octets are a binary `Chunk`. The text need not be valid UTF-8."""
        self._demand_open()
        if isinstance(octets, Chunk) and octets.binary:
            self._protocol.send_binary(octets)
        else:
            self._protocol.send_text(octets)
        await self._flow.flush()

    async def write_fragments(self, *fragments: bytes) -> None:
        """Send one text message in several frames."""
        self._demand_open()
        self._protocol.send_text(fragments[0], fin=len(fragments) == 1)
        for left, fragment in reversed(list(enumerate(reversed(fragments[1:])))):
            self._protocol.send_continuation(fragment, fin=left == 0)
        await self._flow.flush()

    async def ping(self, payload: bytes = b"") -> None:
        """Send a ping; its pong is an event, and moves `heard_at`."""
        self._demand_open()
        self._protocol.send_ping(payload)
        self.tell(Ping(payload), True)
        await self._flow.flush()

    async def read(self) -> bytes:
        """The next message. Raises `ConnectionError` also when the peer closed with another code than 1000 or 1001."""
        while True:
            self._sort(self._protocol.events_received())
            if self._messages:
                return self._messages.popleft()
            await self._flow.flush()  # only now: to answer a close may take its time
            if not await self._flow.pump():
                return self._ended()

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close in order: send a close frame, await the peer's for `CLOSE_TIMEOUT`, end the connection.

        Nobody may be reading meanwhile; messages that still come are dropped.
        """
        with suppress(ConnectionError, TimeoutError):
            await self.send_close(code, reason)
            await self._flow.flush()  # the peer's close may have come already, and our answer to it not be sent
            async with asyncio.timeout(CLOSE_TIMEOUT):
                while await self._flow.pump():
                    self._sort(self._protocol.events_received())
                    await self._flow.flush()
        await self.inner.close()

    async def send_close(self, code: int = NORMAL, reason: str = "") -> None:
        """Send a close frame, if none has gone, and leave the rest to whoever reads."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self.tell(CloseFrame(code, reason), True)
            await self._flow.flush()

    async def abort(self) -> None:
        """Tear the connection down below WebSocket, without a close frame."""
        self._torn = True
        await abort(self.inner)

    def _demand_open(self) -> None:
        if self._protocol.state is not State.OPEN:
            raise ConnectionResetError("the websocket is closed")

    def tell(self, event: Event, outbound: bool = False) -> None:
        """Tell an event to whoever listens."""
        self._told.tell(event, outbound, asyncio.get_running_loop().time())

    def _sort(self, events: list[Request | Response | Frame]) -> None:
        """Messages into the inbox, everything else to whom it concerns."""
        for event in events:
            if not isinstance(event, Frame):
                continue
            if event.opcode is Opcode.PING:
                self.tell(Ping(bytes(event.data)), False)
                self.tell(Pong(bytes(event.data)), True)
            elif event.opcode is Opcode.PONG:
                self.tell(Pong(bytes(event.data)), False)
            elif event.opcode is Opcode.CLOSE:
                close = Close.parse(event.data)
                self.tell(CloseFrame(close.code, close.reason), False)
            else:
                self._take(event)

    def _take(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
        self._parts.append(bytes(frame.data))
        if frame.fin:
            self._messages.append(Chunk(b"".join(self._parts), binary=self._binary))
            self._parts.clear()

    def _ended(self) -> bytes:
        """How it ended, for the reader: b"" in order, else a `ConnectionError`."""
        received, broken = self._protocol.close_rcvd, self._protocol.parser_exc
        if received is not None:
            if received.code in (NORMAL, GOING_AWAY, NO_STATUS):
                return b""
            raise ConnectionAbortedError(str(CloseFrame(received.code, received.reason)))
        if broken is not None and not isinstance(broken, EOFError):
            sent = self._protocol.close_sent
            event = BrokenFraming(sent.code if sent else 0, str(broken))
            self.tell(event, False)
            raise ConnectionAbortedError(str(event))
        if self._protocol.close_sent is not None:
            return b""
        raise ConnectionResetError("torn down on our side" if self._torn else "ended without a websocket close")


class _Told:
    """Events, kept until somebody listens."""

    def __init__(self) -> None:
        self._kept: list[tuple[Event, bool, float]] = []
        self._listener: Callable[[Event, bool, float], None] = lambda *event: self._kept.append(event)

    def to(self, listener: Callable[[Event, bool, float], None]) -> None:
        self._listener = listener
        for event in self._kept:
            listener(*event)
        self._kept.clear()

    def tell(self, event: Event, outbound: bool, at: float) -> None:
        self._listener(event, outbound, at)


class Pump:
    """The octets between a sans-IO protocol and its transport."""

    def __init__(self, inner: Transport, protocol: Protocol) -> None:
        self.inner, self.protocol = inner, protocol
        self.heard_at = asyncio.get_running_loop().time()
        self._flushing = asyncio.Lock()  # frames must leave in the order in which they were made
        self._ended = False

    async def pump(self) -> bool:
        """Take what comes next; False when nothing can come any more. A torn connection raises `ConnectionError`."""
        if self._ended:
            return False
        octets = await self.inner.read()
        self.heard_at = asyncio.get_running_loop().time()
        if octets:
            self.protocol.receive_data(octets)
            return True
        self._ended = True
        self.protocol.receive_eof()
        await self.flush()
        return False

    async def flush(self) -> None:
        async with self._flushing:
            for octets in self.protocol.data_to_send():
                if octets:
                    await self.inner.write(octets)
                else:
                    await self._end()

    async def _end(self) -> None:
        """The protocol is through with this connection. After a failure what the peer still sends is taken off: unread octets
        would make TCP answer with a reset, which may overtake our close frame."""
        broken = self.protocol.parser_exc is not None and not self._ended
        self._ended = True
        if broken:
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    while await asyncio.wait_for(self.inner.read(), _QUIET_FOR):
                        pass
        await self.inner.close()


async def keep_alive(socket: WebSocketTransport, interval: float, patience: float) -> None:
    """Ping every `interval` s; tear the connection down when the peer stays silent for `patience` s after a ping."""
    with suppress(ConnectionError):
        while True:
            await asyncio.sleep(interval)
            asked_at = asyncio.get_running_loop().time()
            await socket.ping()
            await asyncio.sleep(patience)
            if socket.heard_at < asked_at:
                socket.tell(Unresponsive(patience))
                await socket.abort()
                return
