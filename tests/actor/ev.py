"""A minimal scripted EV and a charger on one memory network, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from harness.actor.secc import ReferenceSecc
from harness.actor.v2g_codec import V2gCodec
from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.link.clock import Clock
from harness.link.link import Link
from harness.link.memory import MemoryNetwork
from harness.link.observation import Event
from harness.link.trace import Timeline
from harness.link.transport import Address
from harness.link.virtual import VirtualTimeLoop
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import MessageHeaderType
from harness.quantity import number, rational
from harness.v2g.secc_settings import SeccSettings, Tls
from harness.v2g.services import ControlMode, Service
from harness.v2g.session import Session
from harness.v2g.violation import Violation
from tests.v2g import dialogue as d

PLAIN = replace(SeccSettings(), tls=Tls(enabled=False))


def in_virtual_time(story: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine function to its end while the clock jumps."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(story())


@dataclass
class Ev:
    """One connection; `session` follows both sides, `violations` is what it found."""

    link: Link
    clock: Clock
    battery: Battery
    cable: DcCable
    session: Session = field(default_factory=Session)
    violations: list[Violation] = field(default_factory=list)
    service: int = Service.DC_BPT
    mode: ControlMode = ControlMode.DYNAMIC
    evccid: str = "EV1"
    changes: dict[str, Any] = field(default_factory=dict)
    amperes: float = 20.0

    async def ask(self, request: Any, within: float = 3.0, session_id: bytes | None = None) -> Any:
        """Send a request with the session's id and return what came: a response, or an event."""
        if hasattr(request, "Header"):
            known = self.session.session_id if session_id is None else session_id
            request = replace(request, Header=MessageHeaderType(SessionID=known, TimeStamp=self.clock.unix()))
        await self.link.send(request)
        self.violations += self.session.observe(request, self.clock.now())
        seen = (await self.link.receive(self.clock.now() + within)).message
        if not isinstance(seen, Event):
            self.violations += self.session.observe(seen, self.clock.now())
        return seen

    async def follow(self, exchanges: list[d.Exchange]) -> Any:
        """Send the requests of a dialogue; returns the last response."""
        response = None
        for request, _ in exchanges:
            response = await self.ask(request)
        return response

    async def set_up(self) -> Any:
        await self.ask(d.sap())
        return await self.ask(replace(d.setup_exchange()[0], EVCCID=self.evccid))

    async def until_parameters(self) -> Any:
        await self.set_up()
        await self.follow(d.authorization_exchanges())
        return await self.choose_service()

    async def choose_service(self) -> Any:
        await self.follow(d.service_exchanges(self.service, self.mode)[:2])
        chosen = cm.SelectedServiceType(ServiceID=int(self.service), ParameterSetID=int(self.mode))
        return await self.ask(d.ask(cm.ServiceSelectionReq, SelectedEnergyTransferService=chosen))

    async def prepare(self) -> Any:
        """From charge parameter discovery to the end of precharge, with the contactor closed at its end."""
        await self.ask(d.parameter_exchange(self.service)[0])
        await self.ask(d.schedule_exchange(self.mode)[0])
        await self.check_cable()
        return await self.precharge()

    async def check_cable(self) -> Any:
        while True:
            response = await self.ask(d.ask(dc.DC_CableCheckReq))
            if getattr(response, "EVSEProcessing", d.FINISHED) is d.FINISHED:
                return response
            await asyncio.sleep(0.2)

    async def precharge(self) -> Any:
        response = None
        for _ in range(40):
            self.cable.step(self.clock.now())
            volts = {
                "EVPresentVoltage": rational(self.battery.voltage),
                "EVTargetVoltage": rational(self.battery.voltage),
            }
            response = await self.ask(d.ask(dc.DC_PreChargeReq, EVProcessing=d.ONGOING, **volts))
            if abs(number(response.EVSEPresentVoltage) - self.battery.voltage) < 10:
                break
            await asyncio.sleep(0.1)
        response = await self.ask(d.ask(dc.DC_PreChargeReq, EVProcessing=d.FINISHED, **volts))
        self.battery.contactor_closed = True
        return response

    async def start(self) -> Any:
        profile = {}
        if self.mode is ControlMode.SCHEDULED:
            given = d.profile(10000)
            profile = {"EVPowerProfile": replace(given, TimeAnchor=self.clock.unix())}
        return await self.ask(d.delivery(d.Progress.Start, **profile))

    async def until_loop(self) -> Any:
        await self.until_parameters()
        await self.prepare()
        return await self.start()

    async def loop(self, seconds: float, **changes: Any) -> Any:
        """Charge loops at 5 Hz; `changes` replace fields of the control mode from now on. Returns the last response."""
        self.changes |= changes
        response = None
        for _ in range(max(1, round(seconds / 0.2))):
            response = await self.ask(self.loop_request())
            if isinstance(response, Event) or response.ResponseCode.name.startswith("FAILED"):
                return response
            await asyncio.sleep(0.2)
        return response

    def loop_request(self) -> Any:
        self.cable.step(self.clock.now())
        request = d.loop_request(self.service, self.mode, amperes=self.amperes, **self.changes)
        return replace(request, EVPresentVoltage=rational(round(self.battery.voltage, 1)))

    async def stop(self, ending: d.Ending = d.Ending.Terminate) -> Any:
        await self.ask(d.delivery(d.Progress.Stop))
        await asyncio.sleep(1.6)
        self.battery.contactor_closed = False
        for processing in (d.ONGOING, d.FINISHED):
            await self.ask(d.ask(dc.DC_WeldingDetectionReq, EVProcessing=processing))
            await asyncio.sleep(1.0)
        return await self.ask(d.ending_exchange(ending)[0])

    async def whole_session(self, seconds: float = 4.0) -> Any:
        await self.until_loop()
        await self.loop(seconds)
        return await self.stop()


@dataclass
class Yard:
    """A charger with a car before it."""

    secc: ReferenceSecc
    network: MemoryNetwork
    battery: Battery

    async def arrive(self, **decisions: Any) -> Ev:
        """A new connection of the car."""
        transport = await self.network.connect(Address(self.network.host, self.secc.address.port))
        clock = Clock()
        link = Link("v2g", transport, V2gCodec(), Timeline(clock), role="evcc", peer_role="secc")
        return Ev(link, clock, self.battery, self.secc.cable, **decisions)


@asynccontextmanager
async def yard(settings: SeccSettings = PLAIN, faults: Any = (), soc: float = 0.5) -> AsyncIterator[Yard]:
    network, battery = MemoryNetwork(), Battery(soc=soc)
    secc = ReferenceSecc(settings, network, faults=faults, cable=DcCable(battery=battery))
    await secc.start()
    try:
        yield Yard(secc, network, battery)
    finally:
        await secc.stop()
