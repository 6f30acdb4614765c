"""A charger's SECC on a network: sockets, SDP, TLS, one session at a time, and a power stage at the other end of the wires.

It is a real device and holds no switch for tests: faults sit in its link, its settings and its wires (see `harness.fault`).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any

from harness.actor.conversation import Conversation, PausedSession, SiteControl
from harness.actor.v2g_codec import V2gCodec
from harness.actor.wires import Wires
from harness.errors import BenchError, DescriptionError
from harness.fault.fault import Fault
from harness.grid.cable import DcCable
from harness.grid.power_stage import PowerStage
from harness.link.clock import Clock
from harness.link.link import Link, alter, bend
from harness.link.observation import Closed, Sample, Silence
from harness.link.tls import TlsFailure, TlsProfile, TlsTransport, tls_accept
from harness.link.trace import Timeline
from harness.link.transport import Address, Datagrams, Listener, Network, Transport
from harness.messages.common_types import EVSEStatusType
from harness.messages.common_types import evseNotificationType as Notice
from harness.pki.check import is_authority
from harness.v2g import sdp
from harness.v2g.secc_settings import SeccSettings

_RESTART = 1.0
"""Seconds a power cycle takes."""
_GRACE = 0.5
"""Seconds a new connection waits for the one before it to be gone."""
_HANDSHAKE = 10.0
"""Seconds a peer has for its TLS handshake before the charger is free for the next."""


class ReferenceSecc:
    """A bidirectional DC charger. `start` it inside a running event loop, `stop` it there too.

    `cable` joins it to a battery in the same process; without one the EV is what it reports. `tls` gives chain,
    key and roots where the settings ask for TLS; the versions and demands are those of the settings. `log` takes one line for each thing that happens. Powers in W, + = from the grid.
    """

    def __init__(
        self,
        settings: SeccSettings,
        network: Network,
        *,
        faults: Sequence[Fault] = (),
        cable: DcCable | None = None,
        tls: TlsProfile | None = None,
        port: int = 0,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.faults = tuple(faults)
        for fault in self.faults:
            settings = fault.on_settings(settings)
        self.settings, self._network, self._port, self._log = settings, network, port, log
        self._tls = _tls_profile(settings, tls)
        self.cable = cable or DcCable()
        self.stage = PowerStage(settings.ratings, settings.insulation)
        self.cable.stage = self.stage
        self._control = SiteControl()
        self.authorise() if settings.authorisation.policy == "immediate" else self._unauthorise()
        self._paused: dict[bytes, PausedSession] = {}
        self._listener: Listener | None = None
        self._sdp: asyncio.Task[None] | None = None
        self._talk: asyncio.Task[Any] | None = None
        self._connections = 0

    # --- life -----------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, and answer SDP where the settings say so; raises `BenchError` when the network does not allow it."""
        self.clock = Clock()
        self.timeline = Timeline(self.clock)
        self.wires = Wires(self.cable, self.stage, self.clock.now, self.faults)
        self.cable.step(self.clock.now())
        try:
            await self._listen()
        except OSError as error:
            raise BenchError(
                f"the reference charger cannot listen: {error}; choose another port or interface"
            ) from error

    async def _listen(self) -> None:
        self._listener = await self._network.listen(self._port, self._accept)
        self._port = self._listener.address.port  # a power cycle brings it back where it was
        if self.settings.sdp:
            datagrams = await self._network.datagrams(sdp.SERVER_PORT, sdp.ALL_NODES)
            self._sdp = asyncio.get_running_loop().create_task(self._answer_sdp(datagrams))

    async def stop(self) -> None:
        """End every conversation, switch the output off, leave the network."""
        for task in filter(None, (self._sdp, self._talk)):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._sdp = self._talk = None
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        self.wires.trip()

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._listener is not None, "the charger is not started"
        return self._listener.address

    # --- what the site can do with it -------------------------------------------------------------------------------------

    def set_setpoint(self, watts: float | None) -> None:
        """Aim for a power at the grid terminals, + = charge, - = discharge; None: charge the EV to its target."""
        self._control.change(setpoint=watts)

    def set_limit(self, watts: float | None) -> None:
        """Hold the power at the grid terminals below a limit (magnitude) in both directions; None lifts it."""
        self._control.change(limit=watts)

    def offer_only(self, services: frozenset[int] | None) -> None:
        """Offer no other energy services than these (ids), from the next service discovery on; None: all there are."""
        self._control.change(services=services)

    def notify(self, kind: str | Notice, max_delay: int = 60) -> None:
        """Ask the EV for something within `max_delay` s, in the charge loop, until it follows."""
        wanted = kind if isinstance(kind, Notice) else Notice[kind]
        self._control.change(notification=EVSEStatusType(NotificationMaxDelay=max_delay, EVSENotification=wanted))

    def authorise(self) -> None:
        """Let the user be authorised, now and later."""
        self._control.change(authorised=True)

    def reject_authorisation(self) -> None:
        """Let authorisation be refused, until `authorise`."""
        self._control.change(authorised=False)

    def withdraw_authorisation(self) -> None:
        """Let the next user wait for authorisation again."""
        self._control.change(authorised=None)

    def _unauthorise(self) -> None:
        rejected = self.settings.authorisation.policy == "never"
        self._control.change(authorised=False if rejected else None)

    async def power_cycle(self) -> None:
        """Off and on again: connections, sessions and wishes are gone, the energy counters stay."""
        await self.stop()
        self._paused.clear()
        self._control.change(setpoint=None, limit=None, notification=None)
        await asyncio.sleep(_RESTART)
        await self._listen()

    def meter(self) -> Sample:
        """The physics at the grid terminals and the outlet, whatever the messages say."""
        return self.wires.sample()

    # --- connections ----------------------------------------------------------------------------------------------------

    async def _answer_sdp(self, datagrams: Datagrams) -> None:
        security = sdp.Security.TLS if self._tls is not None else sdp.Security.NONE
        host = IPv6Address(self.address.host.partition("%")[0])
        try:
            while True:
                octets, sender = await datagrams.receive()
                for heard in self._heard_by_sdp(octets):
                    reply = sdp.answer(heard, host, {security: self.address.port})
                    for datagram in () if reply is None else self._said_by_sdp(reply):
                        with suppress(OSError):  # the asker is already gone
                            await datagrams.send(datagram, sender)
        finally:
            await datagrams.close()

    def _heard_by_sdp(self, octets: bytes) -> list[bytes]:
        """A datagram as it arrives behind this device's faults."""
        message = sdp.decode(octets)
        heard = alter(message, self.faults, "in")[0]
        return [octets if each is message else sdp.encode(each) for each in heard]

    def _said_by_sdp(self, reply: bytes) -> list[bytes]:
        message = sdp.decode(reply)
        said = alter(message, self.faults, "out")[0]
        return [octets for each in said for octets in bend(sdp.encode(each), each, self.faults)[0]]

    async def _accept(self, transport: Transport) -> None:
        """One EV at a time: another connection is closed in order, unless the first is just leaving."""
        if self._talk is not None and not self._talk.done():
            if self.settings.takeover:
                self._talk.cancel()
            await asyncio.wait({self._talk}, timeout=_GRACE)
        if self._talk is not None and not self._talk.done():
            self._log(f"{transport.remote} refused: a session is running")
            await transport.close()
            return
        self._talk = asyncio.current_task()
        try:
            await self._converse(transport)
        finally:
            await transport.close()

    async def _converse(self, transport: Transport) -> None:
        secured: Transport = transport
        if self._tls is not None:
            try:
                async with asyncio.timeout(_HANDSHAKE):
                    secured = await tls_accept(transport, self._tls)
            except (TlsFailure, TimeoutError) as refused:
                self._log(f"{transport.remote}: no TLS connection: {refused or 'timed out'}")
                return
            if (leaf := _leaf_of(secured)) and is_authority(leaf):
                self._log(f"{transport.remote}: the EV presented an authority's certificate as its own")
                await secured.close()
                return
        self._connections += 1
        link = Link(
            "v2g",
            secured,
            V2gCodec(),
            self.timeline,
            role="secc",
            peer_role="evcc",
            connection=self._connections,
            faults=self.faults,
        )
        try:
            await self._serve(link, _leaf_of(secured))
        finally:
            await link.close()

    async def _serve(self, link: Link, leaf: bytes) -> None:
        self._log(f"connection {link.connection} from {link.transport.remote}")
        talk = Conversation(
            link=link,
            clock=self.clock,
            settings=self.settings,
            wires=self.wires,
            control=self._control,
            fresh_id=self._fresh_id,
            identity_of=lambda session_id, evccid: identity(session_id, leaf, evccid),
            paused_sessions=self._paused,
        )
        await talk.run()
        self._log(f"connection {link.connection} over: {talk.reason}")
        if talk.answered_last:
            await self._await_close(link)

    async def _await_close(self, link: Link) -> None:
        """After the final response the EV closes; when it does not, we do ([V2G20-1643])."""
        until = self.clock.now() + self.settings.timers.close
        while not isinstance((await link.receive(until)).message, Closed | Silence):
            continue

    def _fresh_id(self) -> bytes:
        """Eight octets from the system's generator, never zero ([V2G20-2106], [V2G20-2607])."""
        found = bytes(8)
        while not any(found):
            found = secrets.token_bytes(8)
        return found


def identity(session_id: bytes, leaf: bytes, evccid: str) -> bytes:
    """What binds a paused session to its EV: SHA-512 over the id and the hash of the vehicle certificate (DER).

    Without TLS there is no certificate and the EVCCID stands for it, which anyone can copy.
    """
    vehicle = hashlib.sha512(leaf or evccid.encode()).digest()
    return hashlib.sha512(session_id + vehicle).digest()


def _leaf_of(transport: Transport) -> bytes:
    chain = transport.peer_chain if isinstance(transport, TlsTransport) else ()
    return chain[0] if chain else b""


def _tls_profile(settings: SeccSettings, given: TlsProfile | None) -> TlsProfile | None:
    if not settings.tls.enabled:
        return None
    if given is None:
        remedy = "give a PKI directory, or tls.enabled: false"
        raise DescriptionError("the charger is to use TLS but has no certificates", remedy=remedy)
    wanted = settings.tls
    return replace(
        given, minimum=_VERSIONS[wanted.minimum], require_client_certificate=wanted.client_certificate, lab=wanted.lab
    )


_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
