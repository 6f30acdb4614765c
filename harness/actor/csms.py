"""The central system on a network: the tester's CSMS, and the reference CSMS, which is the same thing with other settings.

    csms = Csms(settings, network, timeline, identity="CS1")
    await csms.start()
    await csms.booted(within=60)
    await csms.dispatch(central_setpoint(-3000), lasting=60)

It holds no switch for tests: a case replaces decisions of its policy, and faults sit in its links and settings.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from harness.actor.csms_conversation import Attached, StationConversation
from harness.actor.csms_settings import CsmsSettings
from harness.actor.csms_store import CsmsStore
from harness.actor.csms_words import CsmsWords, Where
from harness.actor.file_server import FileServer
from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_line import Line
from harness.actor.served_station import ServedStation
from harness.errors import BenchError, HarnessError, Inconclusive
from harness.fault.fault import Fault
from harness.link.capture import Capture, Flow
from harness.link.link import LinkFault
from harness.link.observation import Observation, Refused
from harness.link.tls import TlsTransport
from harness.link.trace import Timeline, Trace
from harness.link.transport import Address, Listener, Network, Transport
from harness.link.websocket import keep_alive
from harness.ocpp.csms.authority import Authority
from harness.ocpp.csms.central import CentralSystem
from harness.ocpp.csms.station import Station
from harness.ocpp.outbox import message_ids


class _NoCapture(Capture):
    """For a CSMS whose segments nobody wants: it would run for months."""

    def add(self, at: float, flow: Flow, octets: bytes, *, outbound: bool) -> None:
        """Forget it."""


class Csms(CsmsWords):
    """`start` it inside a running event loop, `stop` it there too. Words without a station mean `identity`, or else the first
    that connects.

    `store` keeps the books between two runs, `authority` answers about certificates, `capture` takes what crosses the wire.
    `files` is where stations fetch firmware and bring logs, for whoever starts it.
    """

    def __init__(
        self,
        settings: CsmsSettings,
        network: Network,
        timeline: Timeline,
        *,
        identity: str = "",
        faults: Sequence[Fault] = (),
        store: CsmsStore | None = None,
        authority: Authority | None = None,
        capture: Capture | None = None,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        for fault in faults:
            settings = fault.on_settings(settings)
        self.settings, self.faults = settings, tuple(faults)
        self.policy, self.answer_time = settings.policy, settings.answer_time
        self.timeline, self.clock = timeline, timeline.clock
        self.system = CentralSystem(authority)
        self.stations: dict[str, ServedStation] = {}
        self.former = {}
        self._identity, self._network, self._store = identity, network, store
        self._capture, self._log = capture or _NoCapture(), log
        self.files = FileServer(network, timeline, self._capture, self._reached_at)
        self._listener: Listener | None = None
        self._port = settings.entrance.port
        self._connections = 0
        self._failure: BaseException | None = None
        self._run = secrets.token_hex(4)
        if store is not None and settings.remembers:
            store.load(self.system)

    # --- life ---

    async def start(self) -> None:
        """Listen for stations, after a `stop` where it did before; raises `BenchError` when the port cannot be had."""
        self._door = self.settings.entrance.door
        try:
            self._listener = await self._network.listen(self._port, self._accept)
        except OSError as error:
            raise BenchError(f"the CSMS cannot listen: {error}; choose another port") from error
        self._port = self._listener.address.port

    async def stop(self) -> None:
        """Close all connections and stop listening; raises `HarnessError` for what failed inside meanwhile."""
        for station in list(self.stations.values()):
            await station.close()
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        for station in self.stations.values():
            self._save(station.identity)
        if self._failure is not None:
            raise HarnessError(f"the CSMS failed: {self._failure!r}") from self._failure

    async def turn_away(self) -> None:
        """End all connections, and refuse every new one (HTTP 503) until `let_in`; each try is on the timeline."""
        self._door = replace(self._door, shut=True)
        for station in list(self.stations.values()):
            await station.drop()

    def let_in(self) -> None:
        """Take connections again."""
        self._door = replace(self._door, shut=False)

    @property
    def address(self) -> Address:
        """Where it listens."""
        assert self._listener is not None, "the CSMS is not started"
        return self._listener.address

    @property
    def url(self) -> str:
        """Where stations connect to, without their identity."""
        return f"{self.settings.entrance.scheme}://{str(self.address).replace('%', '%25')}{self.settings.entrance.path}"

    def admit(self, **choices: object) -> None:
        """Let stations in otherwise from the next connection on; what stands stays. `choices` are those of `Entrance`."""
        self.settings = self.settings.listening(**choices)
        self._door = self.settings.entrance.door

    def _reached_at(self) -> str:
        """The host by which the station that is meant reaches us; empty while it is not connected."""
        name = self._identity or self._first()
        talk = self.stations[name].conversation if name in self.stations else None
        return talk.link.transport.local.host if talk is not None else ""

    # --- stations ---

    def station(self, identity: str = "") -> ServedStation:
        """A station by its identity; without one the expected, or else the first that is connected, or was."""
        wanted = identity or self._identity or self._first()
        if not wanted:
            raise Inconclusive("no station has connected yet")
        if wanted not in self.stations:
            # ids never repeat over connections and restarts: OCPP-J 4.1.4
            self.stations[wanted] = ServedStation(self, wanted, message_ids(f"{self._run}-{len(self.stations)}"))
        return self.stations[wanted]

    def _first(self) -> str:
        standing = (name for name, each in self.stations.items() if each.is_connected)
        return next(standing, next(iter(self.stations), ""))

    @property
    def record(self) -> Station:
        return self.station().record

    @property
    def trace(self) -> Trace:
        """All that was seen on the OCPP link."""
        return self.timeline.trace.link("ocpp")

    @property
    def turned_away(self) -> str:
        """Why the last one that came was not let in, to be put behind a sentence; empty where nobody was refused."""
        last = self.trace.of(Refused).last
        return "" if last is None else f"; {last.message} (frame {last.number})"

    def taken(self, identity: str, seen: Observation) -> None:
        self._save(identity)
        self.station(identity).took(seen)

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        within: float | None = None,
        faults: Sequence[LinkFault] = (),
        message_id: str = "",
        at_once: bool = False,
    ) -> CallOutcome:
        """Send a request to the station; see `ServedStation.call`."""
        return await self.station().call(
            action, payload, within=within, faults=faults, message_id=message_id, at_once=at_once
        )

    async def expect(
        self,
        action: str,
        where: Where | None = None,
        *,
        within: float,
        after: int | None = None,
        **fields: Any,
    ) -> Observation:
        """The station's next request of that action; see `ServedStation.expect`."""
        return await self.station().expect(action, where, within=within, after=after, **fields)

    async def connected(self, within: float) -> None:
        """Wait until the station (any, if none is expected by name) is connected."""
        until = self.clock.now() + within
        while not self._identity and not self.stations:
            if self.clock.now() >= until:
                raise Inconclusive(f"no station connected within {within:g} s{self.turned_away}")
            await asyncio.sleep(min(0.1, within))
        await self.station().connected(max(0.0, until - self.clock.now()))

    async def afrr_everywhere(self, signal: int) -> list[CallOutcome]:
        """Pass an aFRR order on to all stations that it concerns (Q08.FR.12)."""
        concerned = [self.station(each.identity) for each in self.system.afrr_stations()]
        return list(await asyncio.gather(*(each.afrr(signal) for each in concerned)))

    # --- connections ---

    async def _accept(self, transport: Transport) -> None:
        self._connections += 1
        opened = await self._door.open(transport, self.timeline, self._capture, self._connections, self.faults)
        if opened.line is None:
            self._log(f"{transport.remote}: {opened.seen.message}")
            return
        try:
            await self._serve(opened.line)
        except Exception as failure:  # a defect of ours: shown when the CSMS is stopped, and the others go on
            self._failure = self._failure or failure
            self._log(f"{opened.line.identity} failed: {failure!r}")
            await transport.close()

    async def _serve(self, line: Line) -> None:
        station = self.station(line.identity)
        await station.close()  # a second connection takes the place of the first
        self.system.connected(line.identity, line.version, self.clock.wall(), self._common_name(line))
        attached = Attached(line.identity, line.version, station.exchange(line.version), station.ids)
        talk = StationConversation(self, line.link, attached, self.clock, self.answer_time)
        station.attach(talk)
        self._log(f"{line.identity} connected with OCPP {line.version}")
        await self._converse(talk, line, station)

    async def _converse(self, talk: StationConversation, line: Line, station: ServedStation) -> None:
        entrance = self.settings.entrance
        pinging = None
        if entrance.ping_interval > 0:
            pings = keep_alive(line.socket, entrance.ping_interval, entrance.ping_patience)
            pinging = asyncio.get_running_loop().create_task(pings)
        try:
            await talk.run()
        finally:
            if pinging is not None:
                pinging.cancel()
            if station.conversation is talk:
                self.system.disconnected(talk.identity)
            station.detach(talk)
            await talk.link.close()
            self._save(talk.identity)
            self._log(f"{talk.identity} is gone: {talk.link.closed.message if talk.link.closed else 'closed'}")

    def _save(self, identity: str) -> None:
        if self._store is not None:
            self._store.save(self.system, identity)

    def _common_name(self, line: Line) -> str:
        """The CN of the certificate that a station presented; empty without one."""
        inner = line.socket.inner
        if not isinstance(inner, TlsTransport) or not inner.peer_chain:
            return ""
        subject = x509.load_der_x509_certificate(inner.peer_chain[0]).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""
