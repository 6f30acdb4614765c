"""The reference charger between a CSMS and an EV: both protocols at once, over memory, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.actor.charger import ReferenceCharger
from harness.actor.csms import Csms
from harness.actor.csms_settings import CsmsSettings
from harness.actor.ocpp_line import CsmsAccess
from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.trace import Timeline
from harness.ocpp.csms.periods import V2xPlan, central_setpoint
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.security import PROFILES
from harness.ocpp.station.settings import StationSettings
from harness.v2g.services import ControlMode, Service
from tests.actor.ev import PLAIN, Ev, Yard, in_virtual_time
from tests.v2g import dialogue as d

TAG = {"idToken": "TAG1", "type": "ISO14443"}


@dataclass
class Place:
    csms: Csms
    charger: ReferenceCharger
    ev: Ev

    def said(self, action: str) -> list[Any]:
        frames = [seen.message for seen in self.csms.trace if seen.sender == "station"]
        return [frame.payload for frame in frames if getattr(frame, "action", "") == action and frame.number == 2]

    async def into_the_loop(self) -> None:
        """The driver plugs in and authorises, the EV goes to the charge loop."""
        await self.ev.set_up()
        self.charger.station.present(TAG)
        await asyncio.sleep(2)
        await self.ev.follow(d.authorization_exchanges())
        await self.ev.choose_service()
        await self.ev.prepare()
        await self.ev.start()


def at_a_charger(told: Callable[[Place], Awaitable[None]], policy: CsmsPolicy | None = None, **decisions: Any) -> None:
    async def run() -> None:
        backend, site, battery = MemoryNetwork(), MemoryNetwork(), Battery()
        csms = Csms(CsmsSettings(policy=policy or CsmsPolicy()), backend, Timeline(Clock()), identity="CS1")
        await csms.start()
        access = CsmsAccess(backend, csms.address, "ws://csms/ocpp", "CS1", PROFILES[0], versions=("2.1",))
        settings = StationSettings(security_profile=0)
        charger = ReferenceCharger(settings, access, PLAIN, site, cable=DcCable(battery=battery))
        await charger.start()
        try:
            await csms.booted(within=60)
            ev = await Yard(charger.secc, site, battery).arrive(**decisions)
            await told(Place(csms, charger, ev))
        finally:
            await charger.stop()
            await csms.stop()

    in_virtual_time(run)


def test_the_needs_of_the_ev_reach_the_csms_as_the_ev_said_them() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(3)
        needs = place.said("NotifyEVChargingNeeds")[0]["chargingNeeds"]
        assert (needs["requestedEnergyTransfer"], needs["controlMode"]) == ("DC_BPT", "DynamicControl")
        assert needs["v2xChargingParameters"]["maxDischargePower"] > 0
        token = next(event["idToken"] for event in place.said("TransactionEvent") if "idToken" in event)
        assert token["additionalInfo"][0] == {"additionalIdToken": "EV1", "type": "EVCCID"}
        assert place.ev.violations == []

    at_a_charger(told)


def test_a_setpoint_of_the_csms_changes_what_flows_in_both_directions() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(5)
        assert place.charger.meter().power == pytest.approx(-4000, abs=300)
        for watts in (-2000, 3000):
            outcome = await place.csms.dispatch(central_setpoint(watts), lasting=600)
            assert outcome.accepted, str(outcome)
            await place.ev.loop(8)
            assert place.charger.meter().power == pytest.approx(watts, abs=300)
        assert place.ev.violations == []

    at_a_charger(told, CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=-4000)))


def test_an_ev_that_only_charges_is_never_discharged() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(5)
        assert place.said("NotifyEVChargingNeeds")[0]["chargingNeeds"]["requestedEnergyTransfer"] == "DC"
        assert place.charger.meter().power >= 0
        assert place.charger.meter().energy_export == 0

    at_a_charger(told, CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=-4000)), service=Service.DC)


def test_scheduled_control_is_told_as_such() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(5)
        assert place.said("NotifyEVChargingNeeds")[0]["chargingNeeds"]["controlMode"] == "ScheduledControl"

    at_a_charger(told, mode=ControlMode.SCHEDULED)


def test_an_ev_without_authorised_driver_waits() -> None:
    async def told(place: Place) -> None:
        await place.ev.set_up()
        response = await place.ev.follow(d.authorization_exchanges())
        assert response.EVSEProcessing is not d.FINISHED
        assert place.said("TransactionEvent")[0]["triggerReason"] == "CablePluggedIn"

    at_a_charger(told)


def test_the_end_of_the_session_ends_the_transaction_and_frees_the_connector() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(5)
        await place.ev.stop()
        await place.ev.link.close()
        await asyncio.sleep(5)
        ended = place.said("TransactionEvent")[-1]
        assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "StoppedByEV")
        assert place.said("NotifyEvent")[-1]["eventData"][0]["actualValue"] == "Available"

    at_a_charger(told)


def test_a_remote_stop_ends_the_session_of_the_ev() -> None:
    async def told(place: Place) -> None:
        await place.into_the_loop()
        await place.ev.loop(3)
        running = place.charger.station.station.transactions.of_evse[1].id
        outcome = await place.csms.call("RequestStopTransaction", {"transactionId": running})
        assert outcome.accepted
        response = await place.ev.loop(3)
        assert response.EVSEStatus.EVSENotification.name == "Terminate"
        assert abs(place.charger.meter().power) < 100

    at_a_charger(told)
