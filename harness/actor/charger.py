"""The reference charger: a reference station towards the CSMS and a reference SECC towards the EV, joined.

What the CSMS allows and asks for becomes what the SECC offers and aims at; what the EV says over ISO 15118-20 becomes the
plug, the EVCCID and the needs that the CSMS hears of. One EVSE.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.actor.ocpp_line import CsmsAccess
from harness.actor.secc import ReferenceSecc
from harness.actor.station import ReferenceStation
from harness.actor.station_plant import Mains, metered
from harness.fault.fault import Fault, Mutant
from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.link.clock import Clock
from harness.link.observation import Closed, Observation, Sample
from harness.link.tls import TlsProfile
from harness.link.transport import Network
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.ocpp.station.evse import Control, EvNeeds, Reading
from harness.ocpp.station.settings import StationSettings
from harness.quantity import number
from harness.v2g.secc_settings import Authorisation, SeccSettings

_SERVICES = {2: "DC", 6: "DC_BPT"}
"""Services of ISO 15118-20 and their EnergyTransferMode in OCPP."""
_TO_STOP, _TO_CHOOSE = 10, 20
"""Seconds that an EV gets to stop when the station wants its session over, and to choose another service."""


class SeccPlant:
    """Implements `Plant` for the outlet that an SECC steers: the SECC commands the power stage, the station the SECC."""

    def __init__(self, secc: ReferenceSecc, faults: Sequence[Fault] = ()) -> None:
        self._secc, self._faults = secc, tuple(faults)
        self.occupied = False
        self.soc: float | None = None
        self._followed: float | None = None

    def plug_in(self, battery: Battery, now: float) -> None:
        """EVs come by the V2G link."""

    def unplug(self, now: float) -> None:
        """EVs leave by the V2G link."""

    def cut(self, now: float) -> None:  # noqa: ARG002 - the SECC has its own clock
        """The supply fails: the contactors open."""
        self._secc.wires.trip()

    def follow(self, control: Control, now: float) -> None:
        """Let the SECC aim at what the station decided."""
        power = self._carry("power", control.power, now)
        self._secc.wires.make_reactive(self._carry("reactive", control.reactive, now))
        if self.occupied and power != self._followed:
            self._followed = power
            self._secc.set_setpoint(power)
            self._secc.set_limit(max(abs(control.limit), abs(control.discharge_limit)) if power else 0.0)

    def reading(self, mains: Mains, others: float, now: float) -> Reading:
        """What the station reads at the outlet; the state of charge is what the EV displays."""
        return metered(self.truth(now), self.soc, mains, others, lambda signal, value: self._carry(signal, value, now))

    def truth(self, now: float) -> Sample:  # noqa: ARG002 - the SECC has its own clock
        """What an independent instrument sees."""
        return self._secc.meter()

    def forget(self) -> None:
        """The EV is gone."""
        self.occupied, self.soc, self._followed = False, None, None

    def _carry(self, signal: str, value: float, now: float) -> float:
        for fault in self._faults:
            value = fault.on_signal(signal, value, now)
        return value


class ReferenceCharger:
    """`start` it inside a running event loop, `stop` it there too. `station` and `secc` are its two sides.

    `site` is where EVs come in, with `tls` for them; `access` leads to the CSMS. A mutant's faults act on the side whose mutant
    it is, those of a charger on both.
    """

    def __init__(
        self,
        settings: StationSettings,
        access: CsmsAccess,
        secc_settings: SeccSettings,
        site: Network,
        *,
        mutant: Mutant | None = None,
        cable: DcCable | None = None,
        tls: TlsProfile | None = None,
        port: int = 0,
        log: Callable[[str], None] = lambda _: None,
    ) -> None:
        on_site = replace(secc_settings, authorisation=Authorisation("on_site"))
        faults = mutant.armed() if mutant is not None else ()
        v2g, ocpp = (faults if mutant is not None and mutant.role != other else () for other in ("station", "secc"))
        self.secc = ReferenceSecc(on_site, site, faults=v2g, cable=cable, tls=tls, port=port, log=log)
        self._plant = SeccPlant(self.secc, ocpp)
        one = replace(settings, evses=1)
        self.station = ReferenceStation(one, access, faults=ocpp, plants=(self._plant,), log=log)
        self._ev = EvNeeds("", services=())
        self._service = ""
        self._ended_by_ev = self._paused = self._authorised = self._refused = False
        self._by_hand = False

    async def start(self) -> None:
        """Let both sides live."""
        await self.secc.start()
        self.secc.timeline.listen(self._seen)
        self.station.on_step = self._steer
        await self.station.start()
        self.station.station.charging.renegotiate = self._renegotiate

    async def stop(self) -> None:
        """End both sides."""
        await self.station.stop()
        await self.secc.stop()

    @property
    def clock(self) -> Clock:
        """The clock of the station's side."""
        return self.station.clock

    def meter(self) -> Sample:
        """The truth at the grid terminals and the outlet."""
        return self.secc.meter()

    # --- what people do at it ------------------------------------------------------------------------------------------------

    def plug_in(self) -> None:
        """The connector goes into an EV, which the control pilot tells before any message. Without this an EV that connects
        over V2G counts as plugged in for as long as its connection stands."""
        self._by_hand = True
        self._occupy("")

    def unplug(self) -> None:
        """The connector is pulled out."""
        self._by_hand = False
        self._leave()

    async def power_cycle(self) -> None:
        """Off and on again, both sides; whoever is plugged in begins anew."""
        self._lose_session()
        await asyncio.gather(self.secc.power_cycle(), self.station.power_cycle())

    # --- from the EV to the CSMS -------------------------------------------------------------------------------------------

    def _seen(self, seen: Observation) -> None:
        """Something happened on the V2G link."""
        message = seen.message
        if isinstance(message, Closed):
            self._lose_session()
        elif seen.sender == "secc" and isinstance(message, cm.SessionStopRes):
            self._stopped()
        elif seen.sender == "evcc":
            self._heard(message)

    def _heard(self, message: Any) -> None:
        if isinstance(message, cm.SessionSetupReq):
            self._came(message.EVCCID)
        elif isinstance(message, cm.ServiceSelectionReq):
            self._service = _SERVICES.get(message.SelectedEnergyTransferService.ServiceID, "")
        elif isinstance(message, dc.DC_ChargeParameterDiscoveryReq):
            self._ev = with_limits(self._ev, message.DC_CPDReqEnergyTransferMode)
        elif isinstance(message, cm.ScheduleExchangeReq):
            self._needs(message)
        elif isinstance(message, cm.SessionStopReq):
            self._ended_by_ev = message.ChargingSession is cm.chargingSessionType.Terminate
            self._paused = message.ChargingSession is cm.chargingSessionType.Pause
        elif isinstance(message, dc.DC_ChargeLoopReq) and message.DisplayParameters is not None:
            self._plant.soc = message.DisplayParameters.PresentSOC

    def _came(self, evccid: str) -> None:
        """The EV says who it is, at its plug or in place of one."""
        if self._paused and evccid != self._ev.evccid and not self._by_hand:
            self._leave()
        self._paused = False
        if not self._plant.occupied:
            self._occupy(evccid)
        elif self._ev.evccid != evccid:
            self._ev = EvNeeds(evccid, services=())
            self.station.station.evses[1].ev = self._ev

    def _occupy(self, evccid: str) -> None:
        if self._plant.occupied:
            return
        self._plant.occupied = True
        self._ev = EvNeeds(evccid, services=())
        self.station.plug_in(1, self._ev)

    def _needs(self, message: cm.ScheduleExchangeReq) -> None:
        """Everything is known that the CSMS wants to know (Q01.FR.03); told once for each service."""
        evse = self.station.station.evses[1]
        if not self._service or evse.service == self._service:
            return
        offered = tuple(_SERVICES[each] for each in self.secc.settings.offer.services if each in _SERVICES)
        self._ev = replace(with_wishes(self._ev, message, self.station.now()), services=offered)
        self.station.agree(1, self._ev, self._service)

    def _stopped(self) -> None:
        """The EV ended the session by itself (E15.FR.04)."""
        if self._ended_by_ev and self.station.station.evses[1].authorised:
            self.station.stopped_by_ev(1)

    def _leave(self) -> None:
        """The EV is unplugged."""
        if not self._plant.occupied:
            return
        self._plant.forget()
        self._end_session()
        self.secc.withdraw_authorisation()
        self._authorised = False
        self.station.unplug(1)

    def _lose_session(self) -> None:
        """The connection of the EV is gone, and with it the EV, where nothing but messages tells of it."""
        if self._paused:
            return  # it sleeps at the plug
        self._end_session() if self._by_hand else self._leave()

    def _end_session(self) -> None:
        """The EV has ended its session, or lost it; the next one begins with what the station has decided by then."""
        self._service, self._ended_by_ev, self._paused, self._refused = "", False, False, False
        if not self.station.station.evses[1].authorised:
            self.secc.withdraw_authorisation()
            self._authorised = False

    def _renegotiate(self) -> None:
        """Another service is wanted: the EV is asked to choose anew (Q01.FR.05, Q02.FR.06)."""
        self.secc.notify("ServiceRenegotiation", _TO_CHOOSE)

    # --- from the CSMS to the EV -------------------------------------------------------------------------------------------

    def _steer(self) -> None:
        """Bring the SECC to what the station has decided about the user."""
        evse = self.station.station.evses[1]
        if not self._plant.occupied:
            return
        permitted = self.station.station.charging.permitted(evse)
        self.secc.offer_only(frozenset(number for number, name in _SERVICES.items() if name in permitted))
        if evse.authorised and not self._authorised:
            self.secc.authorise()
        elif self._authorised and not evse.authorised and not self._ended_by_ev:
            self.secc.notify("Terminate", _TO_STOP)
        elif evse.refused and not self._refused:
            self.secc.reject_authorisation()
        self._authorised, self._refused = evse.authorised, evse.refused


def with_limits(ev: EvNeeds, told: Any) -> EvNeeds:
    """The EV with the power limits of its DC_ChargeParameterDiscoveryReq (magnitudes in W)."""
    ev = replace(
        ev,
        max_charge_power=abs(number(told.EVMaximumChargePower)),
        min_charge_power=abs(number(told.EVMinimumChargePower)),
        max_discharge_power=0.0,
    )
    if not isinstance(told, dc.BPT_DC_CPDReqEnergyTransferMode):
        return ev
    return replace(
        ev,
        max_discharge_power=abs(number(told.EVMaximumDischargePower)),
        min_discharge_power=abs(number(told.EVMinimumDischargePower)),
    )


def with_wishes(ev: EvNeeds, told: cm.ScheduleExchangeReq, now: float) -> EvNeeds:
    """The EV with the energies (Wh) and the departure of its ScheduleExchangeReq; `now` in s since 1970."""
    mode = told.Dynamic_SEReqControlMode or told.Scheduled_SEReqControlMode
    if mode is None:
        return ev
    dynamic = isinstance(mode, cm.Dynamic_SEReqControlModeType)
    wishes = {
        "target_energy": mode.EVTargetEnergyRequest,
        "min_energy": mode.EVMinimumEnergyRequest,
        "max_energy": mode.EVMaximumEnergyRequest,
        "min_v2x_energy": getattr(mode, "EVMinimumV2XEnergyRequest", None),
        "max_v2x_energy": getattr(mode, "EVMaximumV2XEnergyRequest", None),
    }
    given: dict[str, Any] = {name: number(value) for name, value in wishes.items() if value is not None}
    departure = None if mode.DepartureTime is None else now + mode.DepartureTime
    control = "DynamicControl" if dynamic else "ScheduledControl"
    return replace(ev, control_mode=control, departure=departure, **given)
