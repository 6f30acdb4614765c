"""All that one case stands on, put together from a device description and taken down again.

The stage plays every neighbour of the SUT, keeps the one clock and the one timeline, and, where the description says
`reference`, brings the embedded reference device along. It has a side for each role of the SUT. It knows no runner.
"""

from __future__ import annotations

import random
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from harness.actor.access import SeccAccess
from harness.actor.bench import BenchActions, Controls
from harness.actor.central_wishes import CentralWishes
from harness.actor.csms import Csms
from harness.actor.csms_side import CsmsSide
from harness.actor.csms_under_test import CsmsUnderTest
from harness.actor.discovery import SdpProbe
from harness.actor.driven_ev import PILOT, DrivenEv
from harness.actor.embedded_charger import EmbeddedCharger
from harness.actor.evcc import Evcc
from harness.actor.grid_control import GridControl
from harness.actor.meter import MeterProbe, reader_of
from harness.actor.scene import Scene, StageOptions
from harness.actor.secc_side import SeccSide
from harness.actor.secc_under_test import SeccUnderTest
from harness.actor.side import Side
from harness.actor.station_side import StationSide
from harness.actor.station_under_test import StationUnderTest
from harness.actor.tester_pki import TesterPki
from harness.actor.tester_station import TesterStation
from harness.device.description import DeviceDescription
from harness.errors import BenchError, Inconclusive, UsageError
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.observation import BenchAction, Observation
from harness.link.trace import Timeline
from harness.link.transport import Network
from harness.ocppj.versions import Version

__all__ = ["Stage", "StageOptions"]


@dataclass
class Stage:
    """Made inside the case's event loop by `set_up`, ended by `tear_down`, which closes whatever stands.

    `network` is where the SUT is, if that is neither a real interface nor the memory that an embedded device lives in.
    `role` is the one that the case tests (empty: whichever there are); `versions` of OCPP are spoken in it, best first
    (none: those of the description).
    """

    description: DeviceDescription
    pki: TesterPki
    options: StageOptions = field(default_factory=StageOptions)
    network: Network | None = None
    role: str = ""
    versions: tuple[Version, ...] = ()
    random: random.Random = field(init=False)
    scene: Scene = field(init=False)
    actions: BenchActions = field(init=False)
    grid: GridControl = field(init=False)
    meter: MeterProbe | None = None
    _ev: DrivenEv | None = None
    _sides: dict[str, Side] = field(default_factory=dict)
    _endings: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        self.random = random.Random(self.options.seed)

    async def set_up(self) -> None:
        """Bring up clock, network, embedded device and meter; raises `BenchError` when the bench does not allow it."""
        self.scene = Scene(self.description, self.pki, self.options, self.network, self.versions)
        self._make_sides()
        for side in self._sides.values():
            self._endings.push_async_callback(side.tear_down)
            await side.set_up()
        await self._let_station_connect()
        controls = {name: control for side in self._sides.values() for name, control in side.controls.items()}
        self.actions = BenchActions(
            self.description.bench.trigger, self.timeline, controls, self._own_actions(controls)
        )
        self.grid = GridControl(self.description.bench.grid_source, self.timeline, controls.get("grid"))
        if not self.embeds:
            self._endings.push_async_callback(self.grid.restore)
            self._endings.push_async_callback(self._unplug)
        self._start_meter()

    async def _let_station_connect(self) -> None:
        """An SECC of a whole charger knows nothing of drivers and power while its station is on the way to the CSMS."""
        station = self._sides.get("station")
        if self.role == "secc" and not self.embeds and isinstance(station, StationSide):
            with suppress(Inconclusive):  # the case may show all the same what it is about
                await station.csms.connected(self.description.pixit.station.connect_time)

    def _make_sides(self) -> None:
        roles = self.description.roles
        if roles.station is not None:
            self._sides["station"] = StationSide(self.scene, alone=roles.secc is None)
        if roles.secc is not None:
            own_doing = roles.joined and self.role != "secc"
            authorise = None if own_doing else lambda: self.secc.authorise()
            self._sides["secc"] = SeccSide(self.scene, authorise, self._charger if roles.joined else None)
        if roles.csms is not None:
            self._sides["csms"] = CsmsSide(self.scene)
        if not self._sides:
            raise BenchError(
                "the description names no role that this harness can test; list roles.secc, .station or .csms"
            )

    def _charger(self, site: Network) -> EmbeddedCharger:
        """The embedded reference charger with both sides."""
        station = self._sides["station"]
        assert isinstance(station, StationSide)
        mutant = self.options.mutant
        return EmbeddedCharger(self.description, self.pki, station.settings(), station.access(), site, mutant)

    def _own_actions(self, controls: Controls) -> Controls:
        """What the tester does itself at a charger with both sides: it plays the EV, and its CSMS says how much power."""
        station = self._sides.get("station")
        if not self.description.roles.joined or not isinstance(station, StationSide):
            return {}
        pilot = {name: controls[name] for name in PILOT if name in controls}
        self._ev = DrivenEv(lambda: self._secc_side.evcc, pilot)
        self._endings.push_async_callback(self._ev.unplug)
        return {**self._ev.controls, **(CentralWishes(station.csms).controls if self.role == "secc" else {})}

    def _start_meter(self) -> None:
        described = self.description.bench.meter
        reference = next((side.read_meter for side in self._sides.values() if side.read_meter is not None), None)
        read = reader_of(described, reference)
        if read is not None:
            self.meter = MeterProbe(read, self.timeline, described.interval, described.accuracy.at)
            self._endings.push_async_callback(self.meter.close)

    async def tear_down(self) -> None:
        """Close everything, the last opened first. At a real device what was plugged in is pulled out, and the mains are made
        nominal again."""
        await self._endings.aclose()

    async def _unplug(self) -> None:
        plugged: set[Any] = set()
        for seen in self.timeline.trace.of(BenchAction):
            evse = seen.message.values.get("evse", 1)
            if seen.message.action == "plug":
                plugged.add(evse)
            elif seen.message.action == "unplug":
                plugged.discard(evse)
        if "unplug" in self.description.bench.trigger.available:
            for evse in sorted(plugged):
                await self.actions.do("unplug", evse=evse)

    # --- what everybody needs ---

    @property
    def clock(self) -> Clock:
        return self.scene.clock

    @property
    def timeline(self) -> Timeline:
        return self.scene.timeline

    @property
    def capture(self) -> Capture:
        return self.scene.capture

    @property
    def embeds(self) -> bool:
        """Whether the SUT is the embedded reference device."""
        return self.description.bench.embedded

    async def absence(self) -> str:
        """Why the SUT cannot be reached, where nothing at all was seen of it; empty when it is there."""
        for side in self._tested():
            if why := await side.absence():
                return why
        return ""

    @property
    def excuse(self) -> str:
        """Why no connection to the SUT came to stand, which may be the fault of bench or credentials; else empty."""
        return next((side.excuse for side in self._tested() if side.excuse), "")

    @property
    def late(self) -> str:
        """How the tester's own slowness spoilt what the case is about; empty where it did not."""
        return self._ev.late if self._ev is not None else ""

    def _tested(self) -> list[Side]:
        return [side for role, side in self._sides.items() if self.role in ("", role)]

    # --- the SECC and the tester as its EV ---

    @property
    def evcc(self) -> Evcc:
        """The tester as the EV at this SUT."""
        return self._secc_side.evcc

    @property
    def secc(self) -> SeccUnderTest:
        """The SECC as the SUT: its PIXIT and what the bench can make it do."""
        return SeccUnderTest(self.description, self.actions, self.timeline)

    def another_evcc(self) -> Evcc:
        """A second EV, which reaches the SUT by the same way while its inlet is on no cable."""
        return self._secc_side.another_evcc()

    async def sdp_probe(self) -> SdpProbe:
        """A socket from which datagrams of any kind go to the SDP server of the SUT."""
        return await self._secc_side.sdp_probe()

    def access_announced_by(self, found: Observation) -> SeccAccess:
        """The endpoint in an SDP answer, spoken to as the answer says; without a certificate where none is described."""
        return self._secc_side.access_announced_by(found)

    @property
    def tls_kind(self) -> str:
        """Which TLS profile the SUT is tested with; raises `Inconclusive` where it is reached without TLS."""
        return self._secc_side.tls_kind

    @property
    def _secc_side(self) -> SeccSide:
        side = self._sides.get("secc")
        if not isinstance(side, SeccSide):
            raise UsageError("the description lists no role secc, so nobody plays its EV")
        return side

    # --- OCPP, either side ---

    @property
    def csms(self) -> Csms | CsmsUnderTest:
        """The tester as the CSMS of the station under test; or, where that is the SUT, the CSMS as the SUT."""
        side = self._ocpp_side
        return (
            side.csms if isinstance(side, StationSide) else CsmsUnderTest(self.description, self.actions, side.station)
        )

    @property
    def station(self) -> StationUnderTest | TesterStation:
        """The station as the SUT; or, where the CSMS is the SUT, the tester as its station."""
        side = self._ocpp_side
        if isinstance(side, CsmsSide):
            return side.station
        return StationUnderTest(self.description, self.actions, self.grid, side.csms)

    @property
    def _ocpp_side(self) -> StationSide | CsmsSide:
        wanted = [self.role] if self.role in ("station", "csms") else ["station", "csms"]
        for role in wanted:
            side = self._sides.get(role)
            if isinstance(side, (StationSide, CsmsSide)):
                return side
        raise UsageError("the description lists neither a station nor a CSMS")
