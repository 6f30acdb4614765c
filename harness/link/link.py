"""One way to talk and to see: a Link joins a transport, a codec, faults and the timeline of the case.

A Link knows neither V2G nor OCPP. It stamps where octets meet the transport, turns a receiving codec error into an
observation, and never lets a fault of the peer become an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Protocol

from harness.errors import CodecError
from harness.link.burst import Burst, Pace
from harness.link.observation import Closed, Event, Flooded, Observation, RawOctets, Silence, Undecodable
from harness.link.tap import abort
from harness.link.trace import Timeline
from harness.link.transport import Telling, Transport

Direction = Literal["in", "out"]

FLOOD_LIMIT = 2 * 2**20
"""Octets a link takes from a peer while nobody takes a message from it or sends one: far above any legal burst."""

BACKLOG_LIMIT = 1000
"""Messages that may wait to be taken; more than that nobody sends who waits for an answer."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One complete frame: its octets, the message in it (or the `CodecError` it raised), and remarks of the codec."""

    octets: bytes
    message: Any
    facts: Mapping[str, Any] = field(default_factory=dict)


class Codec(Protocol):
    """Messages to octets and back, for one direction pair of one connection; `feed` reassembles a stream.

    `encode` raises `CodecError`, for what we fail to encode is our error. `feed` never raises: an undecodable frame
    comes out with the `CodecError` as its message. `rest` is the incomplete frame held back, `facts` describes what
    `encode` would put around a message.
    """

    def encode(self, message: Any) -> bytes: ...
    def feed(self, octets: bytes) -> Iterable[Frame]: ...
    def facts(self, message: Any) -> Mapping[str, Any]: ...
    @property
    def rest(self) -> bytes: ...


class LinkFault(Protocol):
    """A disturbance that a link applies; idle by default in every hook (see harness.fault)."""

    @property
    def name(self) -> str: ...

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        """The messages that travel instead of `message`: none drops it, two repeat it."""
        ...

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:
        """The chunks of octets that are written instead of the `octets` that encode `message`."""
        ...

    def delay(self, message: Any, direction: Direction) -> float:
        """Seconds to hold the message back."""
        ...


class Link:
    """A conversation with one peer over one connection.

    `role` is who we are and `peer_role` who the other is, as observations name them. `faults` are applied to
    everything sent and received; `faults_for_next` only to the next message sent. A peer that sends faster than `pace`, or
    more than `flood_limit` octets that nobody takes, is not listened to any more (`Flooded`).
    """

    def __init__(
        self,
        name: str,
        transport: Transport,
        codec: Codec,
        timeline: Timeline,
        *,
        role: str,
        peer_role: str,
        connection: int = 1,
        faults: Sequence[LinkFault] = (),
        flood_limit: int = FLOOD_LIMIT,
        pace: Pace | None = None,
        closed_reason: Callable[[BaseException], str] = str,
    ) -> None:
        self.name, self.transport, self.codec, self.timeline = name, transport, codec, timeline
        self.role, self.peer_role, self.connection = role, peer_role, connection
        self.faults = tuple(faults)
        self.closed: Observation | None = None
        self._flood_limit, self._received = flood_limit, 0
        self._burst = None if pace is None else Burst(pace)
        self._closed_reason = closed_reason
        self._inbox: asyncio.Queue[Observation] = asyncio.Queue()
        self._first_at: float | None = None
        if isinstance(transport, Telling):
            transport.tell_to(self._observe_told)
        self._reader = asyncio.get_running_loop().create_task(self._read_on())

    async def send(self, message: Any, *, faults: Sequence[LinkFault] = ()) -> Observation | None:
        """Encode and send; returns what was observed as sent, or None when a fault dropped it.

        Raises `CodecError` for what we cannot encode. A peer that is gone is no error here: its close is an
        observation that the next `receive` returns.
        """
        self._received = 0
        applied = (*self.faults, *faults)
        outgoing, altered = alter(message, applied, "out")
        seen = None
        for part in outgoing:
            await _hold(part, applied, "out")
            octets = self.codec.encode(part)
            chunks, bent = bend(octets, part, applied)
            seen = self._observe_sent(part, b"".join(chunks), ", ".join(filter(None, (altered, bent))))
            await self._write(chunks)
        return seen

    async def send_octets(self, octets: bytes, note: str) -> Observation:
        """Send octets that need be no message, and record why."""
        self._received = 0
        seen = self._observe_sent(RawOctets(note), octets, "")
        await self._write([octets])
        return seen

    async def receive(self, until: float | None) -> Observation:
        """The next thing the peer did, at latest at `until` (s on the clock, None: whenever): a message, `Closed`, or `Silence`."""
        if self.closed is not None and self._inbox.empty():
            return self.closed
        started = self.timeline.clock.now()
        try:
            async with asyncio.timeout_at(until):
                taken = await self._inbox.get()
                self._received = 0
                return taken
        except TimeoutError:
            waited = Silence(self.timeline.clock.now() - started)
            return self.timeline.observe(self.name, self.peer_role, waited, connection=self.connection)

    async def close(self) -> None:
        """Close from our side; what is already received stays readable."""
        await self._leave(self.transport.close, "closed by the tester")

    async def drop(self) -> None:
        """Tear the connection down from our side, without an orderly end where the medium allows that."""
        await self._leave(partial(abort, self.transport), "torn by the tester")

    async def _leave(self, end: Callable[[], Awaitable[None]], how: str) -> None:
        self._reader.cancel()  # first: it would take our own close for the peer's
        await asyncio.gather(self._reader, return_exceptions=True)
        await end()
        if self.closed is None:
            said = Closed(how if self.role else "closed")
            self.closed = self.timeline.observe(self.name, self.role, said, connection=self.connection)
            self._inbox.put_nowait(self.closed)  # whoever waits to receive must not wait for ever

    def _observe_sent(self, message: Any, octets: bytes, altered: str) -> Observation:
        facts = {} if isinstance(message, RawOctets) else self.codec.facts(message)
        return self.timeline.observe(
            self.name, self.role, message, octets=octets, connection=self.connection, altered_by=altered, facts=facts
        )

    def _observe_told(self, event: Event, outbound: bool, at: float) -> None:
        sender = self.role if outbound else self.peer_role
        self.timeline.observe(self.name, sender, event, at=at, connection=self.connection)

    async def _write(self, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                await self.transport.write(chunk)
        except ConnectionError:
            return  # the reader sees the same end and records it as `Closed`

    async def _read_on(self) -> None:
        how = "closed"
        try:
            while octets := await self.transport.read():
                if not await self._take(octets):
                    return
        except ConnectionError as error:
            how = self._closed_reason(error) or "reset"
        self._end(Closed(how, self.codec.rest))

    async def _take(self, octets: bytes) -> bool:
        self._received += len(octets)
        now = self.timeline.clock.now()
        self._first_at = now if self._first_at is None else self._first_at
        for frame in self.codec.feed(octets):
            await self._take_frame(frame, now)
            if self._burst is not None and (limit := self._burst.exceeded(now, len(frame.octets))) is not None:
                return await self._stop_reading(Flooded(*limit))
            if self._inbox.qsize() > BACKLOG_LIMIT:
                return await self._stop_reading(Flooded(BACKLOG_LIMIT, "messages that nobody waited for"))
        self._first_at = now if self.codec.rest else None
        if self._received > self._flood_limit:
            return await self._stop_reading(Flooded(self._flood_limit))
        return True

    async def _stop_reading(self, flooded: Flooded) -> bool:
        self._end(flooded)
        await self.transport.close()
        return False

    async def _take_frame(self, frame: Frame, now: float) -> None:
        messages, altered = alter(frame.message, self.faults, "in")
        for message in messages:
            await _hold(message, self.faults, "in")
            self._deliver(frame, message, now, altered)

    def _deliver(self, frame: Frame, message: Any, now: float, altered: str) -> None:
        if isinstance(message, CodecError):
            message = Undecodable(message.message, message.path, message.bit)
        seen = self.timeline.observe(
            self.name,
            self.peer_role,
            message,
            octets=frame.octets,
            at=now,
            first_at=self._first_at,
            connection=self.connection,
            altered_by=altered,
            facts=frame.facts,
        )
        self._inbox.put_nowait(seen)

    def _end(self, event: Closed | Flooded) -> None:
        self.closed = self.timeline.observe(self.name, self.peer_role, event, connection=self.connection)
        self._inbox.put_nowait(self.closed)


def alter(message: Any, faults: Sequence[LinkFault], direction: Direction) -> tuple[list[Any], str]:
    """The messages that travel instead, and the names of the faults that changed something."""
    messages, names = [message], []
    for fault in faults:
        after = [changed for each in messages for changed in fault.on_message(each, direction)]
        if len(after) != len(messages) or any(a is not b for a, b in zip(after, messages, strict=True)):
            names.append(fault.name)
        messages = after
    return messages, ", ".join(names)


def bend(octets: bytes, message: Any, faults: Sequence[LinkFault]) -> tuple[list[bytes], str]:
    """The chunks of octets that travel instead, and the names of the faults that changed something."""
    chunks, names = [octets], []
    for fault in faults:
        after = [bent for chunk in chunks for bent in fault.on_octets(chunk, message)]
        if after != chunks:
            names.append(fault.name)
        chunks = after
    return chunks, ", ".join(names)


async def _hold(message: Any, faults: Sequence[LinkFault], direction: Direction) -> None:
    wait = sum(fault.delay(message, direction) for fault in faults)
    if wait > 0:
        await asyncio.sleep(wait)
