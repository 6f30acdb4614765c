"""All that one case stands on, put together from a device description and taken down again.

The stage plays every neighbour of the SUT, keeps the one clock and the one timeline, and, where the description says
`reference`, brings the embedded reference device along. It knows no runner.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from harness.actor.access import SeccAccess, shows_life
from harness.actor.bench import BenchActions
from harness.actor.discovery import SdpProbe
from harness.actor.embedded import EmbeddedSecc, embedded_secc
from harness.actor.evcc import Evcc
from harness.actor.inlet import Inlet
from harness.actor.meter import MeterProbe, reader_of
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.tester_pki import TesterPki
from harness.device.description import DeviceDescription
from harness.errors import BenchError, Inconclusive
from harness.fault.fault import Mutant
from harness.grid.cable import DcCable
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Observation
from harness.link.sockets import SocketNetwork
from harness.link.trace import Timeline
from harness.link.transport import Address, Network
from harness.v2g.evcc import EvPolicy
from harness.v2g.sdp import Security
from harness.v2g.services import Service


@dataclass(frozen=True)
class StageOptions:
    """How a run is staged. `mutant` makes the embedded reference device faulty; `seed` feeds what cases draw."""

    virtual_time: bool = False
    mutant: Mutant | None = None
    seed: int = 0


@dataclass
class Stage:
    """Made inside the case's event loop by `set_up`, ended by `tear_down`, which closes whatever stands.

    `network` is where the SUT is, if that is neither a real interface nor the memory that an embedded device lives in.
    """

    description: DeviceDescription
    pki: TesterPki
    options: StageOptions = StageOptions()
    network: Network | None = None
    random: random.Random = field(init=False)
    clock: Clock = field(init=False)
    timeline: Timeline = field(init=False)
    capture: Capture = field(init=False)
    meter: MeterProbe | None = None
    _evcc: Evcc | None = None
    _secc: SeccUnderTest | None = None
    _reference: EmbeddedSecc | None = None
    _endings: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.options.seed)

    async def set_up(self) -> None:
        """Bring up clock, network, embedded device and meter; raises `BenchError` when the bench does not allow it."""
        self.clock = Clock()
        self.timeline = Timeline(self.clock)
        self.capture = Capture()
        access = self.description.roles.secc
        if access is None:
            raise BenchError("the description names no role that this harness can test; list roles.secc")
        if self.embeds:
            await self._bring_up_reference()
        elif self.network is None:
            self.network = SocketNetwork(access.interface)
        self.actions = BenchActions(
            self.description.bench.trigger, self.timeline, self._reference.controls if self._reference else None
        )
        self._start_meter()

    @property
    def embeds(self) -> bool:
        """Whether the SUT is the embedded reference device."""
        return self.description.bench.embedded

    async def tear_down(self) -> None:
        """Close everything, the last opened first."""
        while self._endings:
            await self._endings.pop()()

    async def absence(self) -> str:
        """Why the SUT cannot be reached, where nothing at all was seen of it; empty when it is there.

        Only then it is sought once more, after its recovery time, so that a device that answers is never disturbed.
        """
        if self.embeds or shows_life(self.timeline.trace, "secc"):
            return ""
        await asyncio.sleep(self.description.pixit.secc.recovery_time)
        return await self._secc_access().knock(self.timeline, self.capture)

    @property
    def evcc(self) -> Evcc:
        """The tester as the EV at this SUT."""
        if self._evcc is None:
            self._evcc = self._new_evcc(self._inlet())
        return self._evcc

    def another_evcc(self) -> Evcc:
        """A second EV, which reaches the SUT by the same way while its inlet is on no cable."""
        return self._new_evcc(Inlet(DcCable(), self.clock), connections=100)

    async def sdp_probe(self) -> SdpProbe:
        """A socket from which datagrams of any kind go to the SDP server of the SUT."""
        assert self.network is not None
        probe = SdpProbe(await self.network.datagrams(), self.timeline, self.capture)
        self._endings.append(probe.close)
        return probe

    def access_announced_by(self, found: Observation) -> SeccAccess:
        """The endpoint in an SDP answer, spoken to as the answer says; without a certificate where none is described."""
        access = self._secc_access()
        if found.message.security is not Security.TLS:
            return access.at(found).over(None)
        return access.at(found).over(access.tls or self.pki.without_certificate("lab"))

    @property
    def tls_kind(self) -> str:
        """Which TLS profile the SUT is tested with; raises `Inconclusive` where it is reached without TLS."""
        access = self.description.roles.secc
        if access is None or not access.tls_profile:
            raise Inconclusive("the description reaches the SECC without TLS; set roles.secc.tls")
        return access.tls_profile

    @property
    def secc(self) -> SeccUnderTest:
        """The SECC as the SUT: its PIXIT and what the bench can make it do."""
        if self._secc is None:
            self._secc = SeccUnderTest(self.description, self.actions, self.timeline)
        return self._secc

    async def _bring_up_reference(self) -> None:
        access = self.description.roles.secc
        assert access is not None
        self.network = MemoryNetwork() if self.options.virtual_time else SocketNetwork(access.interface)
        mutant = self.options.mutant
        self._reference = embedded_secc(self.description, self.pki, self.network, mutant)
        await self._reference.start()
        self._endings.append(self._reference.stop)

    def _start_meter(self) -> None:
        described = self.description.bench.meter
        reference = self._reference.meter if self._reference else None
        read = reader_of(described, reference)
        if read is not None:
            self.meter = MeterProbe(read, self.timeline, described.interval, described.accuracy.at)
            self._endings.append(self.meter.close)

    def _secc_access(self) -> SeccAccess:
        access = self.description.roles.secc
        assert access is not None and self.network is not None
        tls = self.pki.evcc_profile(access.tls_profile) if access.tls_profile else None
        if self._reference is not None:
            endpoint = None if access.transport == "sdp" else self._reference.address
            return SeccAccess(self.network, endpoint, tls)
        described = Address(access.host or "", access.port or 0) if access.transport == "direct" else None
        return SeccAccess(self.network, described, tls)

    def _new_evcc(self, inlet: Inlet, connections: int = 0) -> Evcc:
        pixit = self.description.pixit.secc
        waits = pixit.authorisation == "external" and "authorise" in self.description.bench.trigger.available
        evcc = Evcc(
            self._secc_access(),
            self.timeline,
            self.capture,
            inlet,
            self._policy(),
            recovery=pixit.recovery_time,
            authorise=self.secc.authorise if waits else None,
            connections=connections,
        )
        self._endings.append(evcc.close)
        return evcc

    def _inlet(self) -> Inlet:
        return Inlet(self._reference.cable if self._reference else DcCable(), self.clock)

    def _policy(self) -> EvPolicy:
        """An ordinary EV that asks for the best DC service the device claims."""
        service = Service.DC_BPT if "DC_BPT" in self.description.pics.secc else Service.DC
        policy = EvPolicy(service=service)
        return policy if self.description.pixit.secc.power_electronics else policy.replace(voltage_match=math.inf)
