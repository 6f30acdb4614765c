"""The tester's EV left to itself: once plugged in, it does what an ordinary car does, until it is unplugged.

Cases for the OCPP side of a charger that is tested on both sides plug this one in. It waits for authorisation as long as it
takes, charges or discharges as the charger steers it, follows what the charger notifies, and tries again when a session
comes to nothing.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.actor.answers import answer
from harness.actor.bench import Controls
from harness.actor.charge_loop import ChargeLoop
from harness.actor.evcc import Evcc
from harness.actor.exchange import Exchange, words
from harness.errors import Inconclusive, TesterLate
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import evseNotificationType as Notice
from harness.v2g.evcc import EvPolicy
from harness.v2g.services import Service

PILOT = ("plug", "unplug")
"""The actions that it takes over."""
_AGAIN = 5.0
"""Seconds after which an EV whose session came to nothing begins another."""
_FULL = 0.999
"""State of charge at which the car takes no more."""


@dataclass(frozen=True, slots=True)
class BenchCar:
    """One of `harness.device.bench.EVS` as the tester plays it: its state of charge (0 to 1), the services that it knows, the
    best first, the least SOC (percent) from which it gives energy back, and the SOC that it wants to come to."""

    soc: float = 0.5
    services: tuple[Service, ...] = (Service.DC_BPT, Service.DC)
    v2x_from: float | None = None
    target: float = 80.0

    def policy(self, ordinary: EvPolicy) -> EvPolicy:
        """What it wants: up to 12 kW, or to give 11 kW, at the outlet; it asks again twice a second while it has to wait."""
        car = ordinary.replace(service=self.services[0]).with_limits(
            maximum_charge_power=12_000.0, maximum_discharge_power=11_000.0
        )
        car = car.replace(poll_period=0.5, target_soc=self.target, maximum_soc=max(self.target, car.maximum_soc))
        if self.v2x_from is not None:
            car = car.replace(v2x_window=(self.v2x_from, car.maximum_soc))
        return car


CARS: Mapping[str, BenchCar] = {
    "any": BenchCar(),
    "charge_only": BenchCar(services=(Service.DC,)),
    "nearly_full": BenchCar(soc=0.995, target=100.0),
    "nearly_empty": BenchCar(soc=0.02, v2x_from=3.7),
}


class DrivenEv:
    """`evcc` gives the tester's EV; `pilot` is what plug and unplug do at an embedded charger, empty at a real one. `late` says
    how it lost a session by its own slowness, empty while it did not."""

    def __init__(self, evcc: Callable[[], Evcc], pilot: Controls) -> None:
        self._evcc, self._pilot = evcc, pilot
        self.late = ""
        self._life: asyncio.Task[None] | None = None
        self._ordinary: EvPolicy | None = None
        self._car = CARS["any"]

    @property
    def controls(self) -> Controls:
        """What it does in the place of a bench."""
        return {"plug": self.plug, "unplug": self.unplug}

    async def plug(self, ev: str = "any", evse: int = 1) -> None:
        """Plug it in; raises `Inconclusive` for what the tester's EV cannot be."""
        if evse != 1 or ev not in CARS:
            known = ", ".join(CARS)
            raise Inconclusive(f"the tester's own EV is at EVSE 1, and one of {known}; it is no {ev} at EVSE {evse}")
        await self.unplug()
        await self._at_plug("plug")
        evcc, car = self._evcc(), CARS[ev]
        self._car = car
        self._ordinary = self._ordinary or evcc.policy
        evcc.policy = car.policy(self._ordinary)
        evcc.inlet.charge_to(car.soc)
        self._life = asyncio.get_running_loop().create_task(self._live(evcc))

    async def unplug(self, evse: int = 1) -> None:  # noqa: ARG002 - it has one inlet
        """Pull the plug out, whatever it is doing; raises what went wrong inside, if anything did."""
        if self._life is None:
            return
        life, self._life = self._life, None
        life.cancel()
        await asyncio.wait({life})  # its end is told apart from ours: Ctrl-C must get through
        if not life.cancelled() and (failure := life.exception()) is not None:
            raise failure
        await self._evcc().close()
        self._evcc().forget()
        await self._at_plug("unplug")

    async def _at_plug(self, what: str) -> None:
        if what in self._pilot:
            await self._pilot[what]()

    # --- what it does while it is plugged in -------------------------------------------------------------------------------

    async def _live(self, evcc: Evcc) -> None:
        while True:
            try:
                await self._session(evcc)
                return
            except TesterLate as late:
                self.late = str(late)
            except Inconclusive:
                pass  # whether the charger is to blame, the rules say
            await evcc.close()
            await asyncio.sleep(_AGAIN)

    async def _session(self, evcc: Evcc) -> None:
        await evcc.reach(cm.AuthorizationReq)
        await self._wait_for_authorisation(evcc)
        while not await self._charge(evcc):
            continue

    async def _wait_for_authorisation(self, evcc: Evcc) -> None:
        """Ask until the driver is authorised, however long that takes; a refusal ends the session."""
        last = await evcc.seek_authorization(within=math.inf)
        if not answer(last.outcome).code.startswith("OK"):
            raise Inconclusive(f"the EV is not authorised: {words(last.outcome)} (frame {last.outcome.number})")
        evcc.continue_with(cm.ServiceDiscoveryReq)

    async def _charge(self, evcc: Evcc) -> bool:
        """From services to the end of the loop; True when the session is over, False when another service is to be chosen."""
        await evcc.reach(cm.ServiceDetailReq)
        if evcc.policy.service not in evcc.session.services:
            evcc.policy = evcc.policy.replace(service=self._other(evcc.policy.service))
        await evcc.reach(dc.DC_ChargeLoopReq)
        loop = ChargeLoop(evcc)
        notice = _notice(await loop.turn())
        while notice not in (Notice.Terminate, Notice.ServiceRenegotiation):
            if evcc.inlet.soc >= _FULL and evcc.policy.limits.maximum_charge_power:
                evcc.policy = evcc.policy.with_limits(maximum_charge_power=0.0)
            notice = _notice(await loop.turn())
        if notice is Notice.Terminate:
            await evcc.stop()
            return True
        await self._choose_anew(evcc)
        return False

    def _other(self, service: Service) -> Service:
        """Of the services that this car knows another one, if it knows two."""
        return next((each for each in self._car.services if each is not service), service)

    async def _choose_anew(self, evcc: Evcc) -> None:
        """The charger wants another service."""
        await evcc.stop_power()
        await evcc.end_session(cm.chargingSessionType.ServiceRenegotiation)
        evcc.policy = evcc.policy.replace(service=self._other(evcc.policy.service))
        evcc.continue_with(cm.ServiceDiscoveryReq)


def _notice(exchange: Exchange) -> Notice | None:
    status = getattr(exchange.response, "EVSEStatus", None)
    return None if status is None else status.EVSENotification
