"""The reference station on a network: how it connects, comes back, reboots, and what its plant really does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.actor.csms import Csms
from harness.actor.csms_settings import CsmsSettings
from harness.actor.ocpp_line import CsmsAccess
from harness.actor.station import ReferenceStation
from harness.grid.battery import Battery
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Refused
from harness.link.trace import Timeline
from harness.link.transport import Address
from harness.link.virtual import VirtualTimeLoop
from harness.mutants import find_mutant
from harness.ocpp.csms.periods import central_setpoint
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.security import PROFILES
from harness.ocpp.station.evse import EvNeeds
from harness.ocpp.station.settings import StationSettings
from harness.ocpp.station.transfers import Job

TAG = {"idToken": "TAG1", "type": "ISO14443"}
EV = EvNeeds("EV1", max_charge_power=11_000.0, max_discharge_power=10_000.0)
Told = Callable[["Place"], Awaitable[None]]


@dataclass
class Place:
    csms: Csms
    station: ReferenceStation

    def said(self, action: str) -> list[Any]:
        frames = [seen.message for seen in self.csms.trace if seen.sender == "station"]
        return [frame.payload for frame in frames if getattr(frame, "action", "") == action and frame.number == 2]

    async def charge(self, seconds: float = 30.0) -> None:
        self.station.plug_in(1, EV)
        self.station.present(TAG)
        await asyncio.sleep(seconds)


def in_virtual_time(run: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


def alive(told: Told, mutant: str = "", policy: CsmsPolicy | None = None, **more: Any) -> None:
    """Let a CSMS and a station, sound or faulty, live together in virtual time."""

    async def run() -> None:
        network = MemoryNetwork()
        csms = Csms(CsmsSettings(policy=policy or CsmsPolicy()), network, Timeline(Clock()), identity="CS1")
        await csms.start()
        access = CsmsAccess(network, csms.address, "ws://csms/ocpp", "CS1", PROFILES[0], versions=("2.1",))
        faults = find_mutant(mutant).armed() if mutant else ()
        station = ReferenceStation(StationSettings(security_profile=0), access, faults=faults, **more)
        await station.start()
        try:
            await csms.booted(within=60)
            await told(Place(csms, station))
        finally:
            await station.stop()
            await csms.stop()

    in_virtual_time(run)


def test_what_flows_is_what_was_asked_for_and_what_is_told() -> None:
    async def told(place: Place) -> None:
        await place.charge()
        for watts in (5000, -5000, 0, 11_000):
            assert (await place.csms.dispatch(central_setpoint(watts), lasting=600)).accepted
            await asyncio.sleep(20)
            assert place.station.meter().power == pytest.approx(watts, abs=60)
            assert place.station.station.evses[1].reading.power == pytest.approx(watts, abs=60)

    alive(told)


def test_a_full_battery_takes_nothing_and_the_state_says_so() -> None:
    async def told(place: Place) -> None:
        place.station.plug_in(1, EV, Battery(capacity=1000.0, soc=0.98))
        place.station.present(TAG)
        await asyncio.sleep(60)
        assert place.station.meter().power == pytest.approx(0, abs=10)
        assert place.said("TransactionEvent")[-1]["transactionInfo"]["chargingState"] == "SuspendedEV"

    alive(told)


def test_a_station_waits_longer_and_longer_for_a_csms_that_is_not_there() -> None:
    async def run() -> None:
        network = MemoryNetwork()
        access = CsmsAccess(network, Address("csms", 9), "ws://csms/ocpp", "CS1", PROFILES[0])
        station = ReferenceStation(StationSettings(), access)
        await station.start()
        await asyncio.sleep(400)
        await station.stop()
        refused = [seen.at for seen in station.timeline.trace.of(Refused)]
        waits = [later - earlier for earlier, later in itertools.pairwise(refused)]
        for wait, shortest in zip(waits, (10, 20, 40, 80, 80), strict=False):
            assert shortest <= wait <= shortest + 5.1
        assert len(waits) >= 5

    in_virtual_time(run)


def test_after_an_outage_it_does_not_boot_again_but_tells_what_happened() -> None:
    async def told(place: Place) -> None:
        await place.charge()
        await place.station.cut_connection(100)
        await asyncio.sleep(50)
        place.station.unplug()
        await asyncio.sleep(120)
        assert len(place.said("BootNotification")) == 1
        events = place.said("TransactionEvent")
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        assert (events[-1]["eventType"], events[-1]["offline"]) == ("Ended", True)

    alive(told)


def test_a_reset_lets_it_go_and_boot_again_with_the_reason() -> None:
    async def told(place: Place) -> None:
        await place.charge()
        assert (await place.csms.call("Reset", {"type": "Immediate"})).accepted
        await asyncio.sleep(60)
        assert [boot["reason"] for boot in place.said("BootNotification")] == ["PowerUp", "RemoteReset"]
        assert place.station.meter().power == pytest.approx(0, abs=10)

    alive(told)


def test_a_power_cut_ends_transactions_that_cannot_be_resumed() -> None:
    async def told(place: Place) -> None:
        await place.charge()
        await place.station.power_cycle(30)
        await asyncio.sleep(60)
        ended = place.said("TransactionEvent")[-1]
        assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "PowerLoss")
        assert place.station.meter().power == 0

    alive(told)


def test_a_new_password_brings_a_new_connection_with_it() -> None:
    async def told(place: Place) -> None:
        variable = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        item = {**variable, "attributeValue": "another password, long"}
        assert (await place.csms.call("SetVariables", {"setVariableData": [item]})).accepted
        await place.csms.station().gone(within=10)
        await place.csms.connected(within=60)
        assert place.station.reach.password == b"another password, long"

    alive(told)


def test_files_are_moved_by_whoever_was_given_for_that() -> None:
    moved: list[Job] = []

    async def transfer(job: Job) -> bytes:
        moved.append(job)
        return b""

    async def told(place: Place) -> None:
        request = {"logType": "DiagnosticsLog", "requestId": 1, "log": {"remoteLocation": "https://files/"}}
        assert (await place.csms.call("GetLog", request)).accepted
        await asyncio.sleep(5)
        assert [each["status"] for each in place.said("LogStatusNotification")] == ["Uploading", "Uploaded"]
        assert moved[0].location.startswith("https://files/DiagnosticsLog-1-")

    alive(told, transfer=transfer)


@pytest.mark.parametrize(
    ("mutant", "power"),
    [
        ("", -5000),
        ("station-rubber-stamp", 11_000),
        ("station-reversed-setpoint", 5000),
        ("station-power-reversed", 5000),
        ("station-halved-setpoint", -2500),
        ("station-never-discharges", 0),
        ("station-overdone", -6000),
    ],
)
def test_a_faulty_station_says_accepted_and_does_something_else(mutant: str, power: float) -> None:
    async def told(place: Place) -> None:
        await place.charge()
        assert (await place.csms.dispatch(central_setpoint(-5000), lasting=600)).accepted
        await asyncio.sleep(20)
        assert place.station.meter().power == pytest.approx(power, abs=60)

    alive(told, mutant)
