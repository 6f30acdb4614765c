"""Taps: transports and datagram sockets that hand a copy of what they move to a `Capture`.

Put below TLS a tap sees records, put on a plain connection it sees messages. It changes nothing and needs no privileges.
"""

from __future__ import annotations

from harness.link.capture import Capture, Flow
from harness.link.clock import Clock
from harness.link.transport import Address, Datagrams, Transport


class CapturedTransport:
    """A transport whose octets are recorded in both directions; it is one flow of the capture."""

    def __init__(self, inner: Transport, capture: Capture, clock: Clock) -> None:
        self.local, self.remote = inner.local, inner.remote
        self._inner, self._capture, self._clock = inner, capture, clock
        self._flow = capture.flow(inner.local, inner.remote)

    async def write(self, octets: bytes) -> None:
        # recorded before it is sent, else the answer could come first
        self._capture.add(self._clock.now(), self._flow, octets, outbound=True)
        await self._inner.write(octets)

    async def read(self) -> bytes:
        octets = await self._inner.read()
        self._capture.add(self._clock.now(), self._flow, octets, outbound=False)
        return octets

    async def close(self) -> None:
        await self._inner.close()

    async def abort(self) -> None:
        await abort(self._inner)


class CapturedDatagrams:
    """A datagram socket whose datagrams are recorded; each address it talks to is one flow of the capture."""

    def __init__(self, inner: Datagrams, capture: Capture, clock: Clock) -> None:
        self.local = inner.local
        self._inner, self._capture, self._clock = inner, capture, clock
        self._flows: dict[Address, Flow] = {}

    async def send(self, octets: bytes, to: Address) -> None:
        self._capture.add(self._clock.now(), self._flow(to), octets, outbound=True)
        await self._inner.send(octets, to)

    async def receive(self) -> tuple[bytes, Address]:
        octets, sender = await self._inner.receive()
        self._capture.add(self._clock.now(), self._flow(sender), octets, outbound=False)
        return octets, sender

    async def close(self) -> None:
        await self._inner.close()

    def _flow(self, remote: Address) -> Flow:
        if remote not in self._flows:
            self._flows[remote] = self._capture.flow(self.local, remote, "udp")
        return self._flows[remote]


def captured(transport: Transport, capture: Capture, clock: Clock) -> CapturedTransport:
    """The same transport, recorded."""
    return CapturedTransport(transport, capture, clock)


def captured_datagrams(datagrams: Datagrams, capture: Capture, clock: Clock) -> CapturedDatagrams:
    """The same datagram socket, recorded."""
    return CapturedDatagrams(datagrams, capture, clock)


async def abort(transport: Transport) -> None:
    """Tear a connection down without an orderly end, where its medium can; else close it."""
    await getattr(transport, "abort", transport.close)()
