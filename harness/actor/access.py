"""How the tester reaches an SECC: by SDP or directly, with TLS or without, and what it presents there."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from harness.errors import BenchError
from harness.link.capture import Capture
from harness.link.observation import Connected, Observation, Refused, Silence
from harness.link.tap import CapturedDatagrams, CapturedTransport
from harness.link.tls import TlsFailure, TlsProfile, tls_connect
from harness.link.trace import Timeline, Trace
from harness.link.transport import Address, Network, Transport
from harness.v2g.sdp import ALL_NODES, SERVER_PORT, SdpClient, SdpRequest, SdpResponse, Security

_NOBODY = "nobody answered the SDP requests"
CONNECT_PATIENCE = 5.0
"""Seconds that a TCP connection or a TLS handshake may take before it counts as refused."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening a connection; `transport` is None when it was refused."""

    seen: Observation
    transport: Transport | None


@dataclass(frozen=True, slots=True)
class SeccAccess:
    """`endpoint` None: discover by SDP. `tls` None: plain TCP, and SDP asks for that."""

    network: Network
    endpoint: Address | None
    tls: TlsProfile | None

    def over(self, tls: TlsProfile | None) -> SeccAccess:
        """The same way with another TLS profile, or without TLS."""
        return replace(self, tls=tls)

    def at(self, found: Observation) -> SeccAccess:
        """The same way to the endpoint of an SDP answer, without another discovery."""
        return replace(self, endpoint=_endpoint_of(found))

    async def discover(self, timeline: Timeline, capture: Capture) -> Observation:
        """Ask by SDP until somebody answers; observes every datagram, and `Silence` when nobody does."""
        client = SdpClient(SdpRequest(self.security))
        clock, started = timeline.clock, timeline.clock.now()
        socket = CapturedDatagrams(await self.network.datagrams(), capture, clock)
        try:
            while not client.given_up(clock.now()):
                if (octets := client.due(clock.now())) is not None:
                    timeline.observe("sdp", "evcc", client.request, octets=octets)
                    await ask_all_nodes(socket, octets)
                seen = await self._hear(socket, client, timeline)
                if seen is not None and isinstance(seen.message, SdpResponse):
                    return seen
        finally:
            await socket.close()
        return timeline.observe("sdp", "secc", Silence(clock.now() - started))

    @property
    def security(self) -> Security:
        """What SDP asks for."""
        return Security.NONE if self.tls is None else Security.TLS

    async def _hear(self, socket: CapturedDatagrams, client: SdpClient, timeline: Timeline) -> Observation | None:
        """The next datagram that concerns us, None when it is time to ask again."""
        try:
            async with asyncio.timeout_at(client.deadline):
                octets, sender = await socket.receive()
        except TimeoutError:
            return None
        heard = client.hear(octets)
        if heard is None:
            return None
        return timeline.observe("sdp", "secc", heard, octets=octets, facts={"from": str(sender)})

    async def open(self, timeline: Timeline, capture: Capture, connection: int) -> Opened:
        """Discover where needed and connect; what goes wrong is a `Refused` observation."""
        endpoint = self.endpoint
        if endpoint is None:
            found = await self.discover(timeline, capture)
            if not isinstance(found.message, SdpResponse):
                refused = Refused("ff02::1", "sdp", _NOBODY)
                return Opened(timeline.observe("v2g", "secc", refused, connection=connection), None)
            if found.message.security != self.security:
                said = "without TLS" if self.security is Security.TLS else "with TLS only"
                refused = Refused("ff02::1", "sdp", f"the SECC announces an endpoint {said}, which was not asked for")
                return Opened(timeline.observe("v2g", "secc", refused, connection=connection), None)
            endpoint = _endpoint_of(found)
        return await self._connect(endpoint, timeline, capture, connection)

    async def knock(self, timeline: Timeline, capture: Capture) -> str:
        """Why nobody is there: nothing answers SDP, or no TCP connection comes about. Empty when somebody is."""
        endpoint = self.endpoint
        if endpoint is None:
            found = await self.discover(timeline, capture)
            return "" if isinstance(found.message, SdpResponse) else _NOBODY
        opened = await self.over(None)._connect(endpoint, timeline, capture, 0)
        if opened.transport is None:
            return str(opened.seen.message)
        await opened.transport.close()
        return ""

    async def _connect(self, endpoint: Address, timeline: Timeline, capture: Capture, connection: int) -> Opened:
        stage, name = "tcp", str(endpoint)
        try:
            async with asyncio.timeout(CONNECT_PATIENCE):
                plain = await self.network.connect(endpoint)
                if self.tls is None:
                    transport: Transport = CapturedTransport(plain, capture, timeline.clock)
                    facts = Connected(name)
                else:
                    stage = "tls"
                    secured = await tls_connect(plain, self.tls, capture=capture, clock=timeline.clock)
                    transport = secured
                    facts = Connected(name, secured.version, secured.cipher, secured.peer_chain)
        except TimeoutError:
            refused = Refused(name, stage, f"no answer within {CONNECT_PATIENCE:g} s")
        except (TlsFailure, OSError) as error:
            refused = Refused(name, stage, os.strerror(error.errno) if error.errno and error.errno > 0 else str(error))
        else:
            return Opened(timeline.observe("v2g", "secc", facts, connection=connection), transport)
        return Opened(timeline.observe("v2g", "secc", refused, connection=connection), None)


async def ask_all_nodes(socket: CapturedDatagrams, octets: bytes) -> None:
    """Send a datagram to whoever answers SDP; raises `BenchError` when the interface takes none."""
    try:
        await socket.send(octets, Address(ALL_NODES, SERVER_PORT))
    except OSError as error:
        raise BenchError(
            f"an SDP request cannot be sent from {socket.local}: {error.strerror or error}; see whether the cable is"
            " plugged in and the interface is up (`v2x-harness doctor`)"
        ) from error


def shows_life(trace: Trace, role: str) -> bool:
    """Whether anything in a trace came from the device of that role, be it half a handshake."""
    return any(_is_life(seen.message) for seen in trace.sent_by(role))


def _is_life(message: object) -> bool:
    if isinstance(message, Refused):
        return message.stage not in ("sdp", "tcp")
    return not isinstance(message, Silence)


def _endpoint_of(found: Observation) -> Address:
    """The announced endpoint, with the zone that the answer came through where its address is link-local."""
    answer: SdpResponse = found.message
    host = str(answer.address)
    came_from = str(found.facts["from"])
    zone = came_from.partition("%")[2].partition("]")[0]
    return Address(f"{host}%{zone}" if zone and IPv6Address(host).is_link_local else host, answer.port)
