"""The SECC as the SUT: the tester is the EV, and brings the embedded reference charger along where it is asked to."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from harness.actor.access import SeccAccess, shows_life
from harness.actor.bench import Controls
from harness.actor.discovery import SdpProbe
from harness.actor.embedded import EmbeddedSecc, embedded_secc
from harness.actor.embedded_charger import EmbeddedCharger
from harness.actor.evcc import Evcc
from harness.actor.inlet import Inlet
from harness.actor.meter import ReadMeter
from harness.actor.scene import Scene
from harness.errors import Inconclusive, Unauthorised
from harness.grid.cable import DcCable
from harness.link.observation import Observation, Refused
from harness.link.transport import Address, Network
from harness.v2g.evcc import EvPolicy
from harness.v2g.sdp import Security
from harness.v2g.services import Service

Authorise = Callable[[], Awaitable[Observation]]


class SeccSide:
    """Implements `harness.actor.side.Side`. `authorise` lets the user be authorised where the bench can; None where that
    is not the EV's business. `make_reference` makes the embedded reference charger where it is more than an SECC."""

    def __init__(
        self,
        scene: Scene,
        authorise: Authorise | None,
        make_reference: Callable[[Network], EmbeddedCharger] | None = None,
    ) -> None:
        access = scene.description.roles.secc
        assert access is not None
        self.scene, self._described, self._authorise = scene, access, authorise
        self.network = scene.network(interface=access.interface)
        self._make_reference = make_reference
        self._evcc: Evcc | None = None
        self._reference: EmbeddedSecc | EmbeddedCharger | None = None
        self._endings: list[Callable[[], Awaitable[None]]] = []

    async def set_up(self) -> None:
        """Start the embedded reference charger, where there is one."""
        if self.scene.embeds:
            self._reference = (self._make_reference or self._secc_alone)(self.network)
            await self._reference.start()
            self._endings.append(self._reference.stop)

    def _secc_alone(self, network: Network) -> EmbeddedSecc:
        return embedded_secc(self.scene.description, self.scene.pki, network, self.scene.faults_of("secc"))

    async def tear_down(self) -> None:
        """Close everything, the last opened first."""
        while self._endings:
            await self._endings.pop()()

    @property
    def controls(self) -> Controls:
        return self._reference.controls if self._reference else {}

    @property
    def read_meter(self) -> ReadMeter | None:
        return self._reference.meter if self._reference else None

    async def absence(self) -> str:
        """Why the SUT cannot be reached, where nothing at all was seen of it; empty when it is there.

        Only then it is sought once more, after its recovery time, so that a device that answers is never disturbed.
        """
        trace = self.scene.timeline.trace
        if self.scene.embeds or shows_life(trace, "secc"):
            return ""
        for seen in trace.link("v2g").of(Refused):
            if seen.message.stage == "sdp":
                return str(seen.message)  # asked for often enough
        await asyncio.sleep(self.scene.description.pixit.secc.recovery_time)
        return await self.access().knock(self.scene.timeline, self.scene.capture)

    @property
    def excuse(self) -> str:
        """Why no connection to the SUT came to stand, which may be the fault of bench or credentials; else empty."""
        return self._evcc.excused if self._evcc is not None else ""

    @property
    def evcc(self) -> Evcc:
        """The tester as the EV at this SUT."""
        if self._evcc is None:
            self._evcc = self._new_evcc(self._inlet())
        return self._evcc

    def another_evcc(self) -> Evcc:
        """A second EV, which reaches the SUT by the same way while its inlet is on no cable."""
        return self._new_evcc(Inlet(DcCable(), self.scene.clock), connections=100)

    async def sdp_probe(self) -> SdpProbe:
        """A socket from which datagrams of any kind go to the SDP server of the SUT."""
        probe = SdpProbe(await self.network.datagrams(), self.scene.timeline, self.scene.capture)
        self._endings.append(probe.close)
        return probe

    def access_announced_by(self, found: Observation) -> SeccAccess:
        """The endpoint in an SDP answer, spoken to as the answer says; without a certificate where none is described."""
        access = self.access()
        if found.message.security is not Security.TLS:
            return access.at(found).over(None)
        return access.at(found).over(access.tls or self.scene.pki.without_certificate("lab"))

    @property
    def tls_kind(self) -> str:
        """Which TLS profile the SUT is tested with; raises `Inconclusive` where it is reached without TLS."""
        if not self._described.tls_profile:
            raise Inconclusive("the description reaches the SECC without TLS; set roles.secc.tls")
        return self._described.tls_profile

    def access(self) -> SeccAccess:
        """How the tester reaches the SUT."""
        kind = self._described.tls_profile
        tls = self.scene.pki.evcc_profile(kind) if kind else None
        if self._reference is not None:
            endpoint = None if self._described.transport == "sdp" else self._reference.address
            return SeccAccess(self.network, endpoint, tls)
        direct = self._described.transport == "direct"
        described = Address(self._described.host or "", self._described.port or 0) if direct else None
        return SeccAccess(self.network, described, tls)

    def _new_evcc(self, inlet: Inlet, connections: int = 0) -> Evcc:
        description = self.scene.description
        pixit = description.pixit.secc
        evcc = Evcc(
            self.access(),
            self.scene.timeline,
            self.scene.capture,
            inlet,
            self._policy(),
            recovery=pixit.recovery_time,
            margin=pixit.transmission_delay,
            authorise=self._let_in if pixit.authorisation == "external" and self._authorise else None,
            connections=connections,
        )
        self._endings.append(evcc.close)
        return evcc

    async def _let_in(self) -> None:
        """Let the user be authorised, at an SECC that waits for that."""
        assert self._authorise is not None
        if "authorise" not in self.scene.description.bench.trigger.available:
            raise Unauthorised(
                "the SECC waits for an authorisation, and this bench cannot give it; describe bench.trigger.actions.authorise"
            )
        await self._authorise()

    def _inlet(self) -> Inlet:
        return Inlet(self._reference.cable if self._reference else DcCable(), self.scene.clock)

    def _policy(self) -> EvPolicy:
        """An ordinary EV that asks for the best DC service the device claims."""
        description = self.scene.description
        service = Service.DC_BPT if "DC_BPT" in description.pics.secc else Service.DC
        policy = EvPolicy(service=service)
        electronics = description.pixit.secc.power_electronics
        return policy if electronics else policy.replace(voltage_match=math.inf)
