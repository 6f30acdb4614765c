"""The CSMS and the reference station together, with a plant behind it, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from harness.actor.csms import Csms
from harness.actor.csms_settings import CsmsSettings
from harness.actor.ocpp_line import CsmsAccess
from harness.actor.station import ReferenceStation
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp.csms.periods import V2xPlan, central_setpoint
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.records import Token
from harness.ocpp.exchange import RpcExchange
from harness.ocpp.security import PROFILES
from harness.ocpp.station.evse import EvNeeds
from harness.ocpp.station.settings import StationSettings
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, Send
from harness.ocppj.versions import Version

TOKEN = Token("TAG1")
Told = Callable[[Csms, ReferenceStation], Awaitable[None]]


def together(told: Told, version: Version = "2.1", policy: CsmsPolicy | None = None) -> None:
    """Let both live in virtual time; afterwards no frame of either may have broken a rule of OCPP-J or a schema."""

    async def run() -> None:
        network = MemoryNetwork()
        csms = Csms(CsmsSettings(policy=policy or CsmsPolicy()), network, Timeline(Clock()), identity="CS1")
        await csms.start()
        access = CsmsAccess(network, csms.address, "ws://csms/ocpp", "CS1", PROFILES[0], versions=(version,))
        station = ReferenceStation(StationSettings(version=version, security_profile=0), access)
        await station.start()
        try:
            await csms.booted(within=60)
            await told(csms, station)
        finally:
            await station.stop()
            await csms.stop()
        _assert_sound(csms, version)

    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()


def _assert_sound(csms: Csms, version: Version) -> None:
    exchange = RpcExchange(version)
    for seen in csms.trace.of(Call, CallResult, CallError, CallResultError, Send):
        heard = exchange.observe(seen.message, seen.sender, seen.at)
        wrong = [each for each in heard.violations if not each.tolerated]
        assert not wrong, f"frame {seen.number} {seen.name}: {wrong[0]}"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_station_boots_tells_what_it_is_and_takes_a_limit(version: Version) -> None:
    async def told(csms: Csms, _station: ReferenceStation) -> None:
        assert len(await csms.inventory()) > 20
        assert (await csms.limit(5000)).accepted
        assert (await csms.trigger("Heartbeat")).accepted
        assert (await csms.expect("Heartbeat", within=10)).name == "Heartbeat.req"

    together(told, version)


def test_a_bidirectional_transaction_follows_the_setpoints_of_the_csms() -> None:
    async def told(csms: Csms, station: ReferenceStation) -> None:
        station.plug_in(1, EvNeeds("WMIV1"))
        await asyncio.sleep(5)
        transaction = await csms.start_transaction(1, TOKEN)
        await csms.expect("NotifyEVChargingNeeds", within=60, after=0)
        await asyncio.sleep(60)
        assert station.meter().power == pytest.approx(-5000, abs=300)
        outcome = await csms.dispatch(central_setpoint(-3000), lasting=600)
        assert outcome.accepted, str(outcome)
        await asyncio.sleep(60)
        assert station.meter().power == pytest.approx(-3000, abs=300)
        assert csms.current(transaction).operation_mode == "CentralSetpoint"
        ended = await csms.stop_transaction(transaction)
        assert ended.message.payload["eventType"] == "Ended"
        known = csms.current(transaction)
        assert known.exported > 50
        assert (known.odd, known.missing) == ((), ())
        assert not csms.record.profiles

    together(told, policy=CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=-5000)))


def test_an_outage_is_made_up_for_without_gaps() -> None:
    async def told(csms: Csms, station: ReferenceStation) -> None:
        station.plug_in(1, EvNeeds("WMIV1"))
        transaction = await csms.start_transaction(1, TOKEN)
        await station.cut_connection(120)
        await csms.station().gone(within=10)
        await csms.connected(within=600)
        await asyncio.sleep(120)
        ended = await csms.stop_transaction(csms.current(transaction))
        assert ended.message.payload["eventType"] == "Ended"
        known = csms.current(transaction)
        assert (known.missing, known.odd, known.running) == ((), (), False)

    together(told)


def test_der_controls_come_back_as_they_were_set() -> None:
    async def told(csms: Csms, _station: ReferenceStation) -> None:
        curve = {"priority": 1, "yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}, {"x": 108, "y": -44}]}
        outcome = await csms.set_der("VoltVar", curve)
        assert outcome.accepted, str(outcome)
        assert (await csms.der_controls(isDefault=True)).accepted
        (known,) = (each for each in csms.record.der_controls.values() if each.reported)
        assert (known.control_type, known.content["curveData"]) == ("VoltVar", curve["curveData"])
        assert (await csms.clear_der(True)).accepted

    together(told)
