"""The reference devices outlive hostile peers: afterwards they serve a sound one as if nothing had been."""

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
from harness.ocpp.security import PROFILES
from harness.ocpp.station.settings import StationSettings
from tests.actor.scripted_station import ScriptedStation
from tests.hostile_ocpp import CSMSS, STATIONS

LONG = 5.0
"""Seconds with the hostile peer."""


def in_virtual_time(body: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(body())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", STATIONS)
def test_the_reference_csms_outlives_a_hostile_station(name: str) -> None:
    async def body() -> None:
        network = MemoryNetwork()
        csms = Csms(CsmsSettings(), network, Timeline(Clock()))
        await csms.start()
        hostile = asyncio.get_running_loop().create_task(STATIONS[name](network, csms.address))  # type: ignore[arg-type]
        await asyncio.sleep(LONG)
        sound = ScriptedStation(network, csms.address, "SOUND")
        await sound.connect()
        assert (await sound.boot())["status"] == "Accepted"
        assert (await sound.ask("Heartbeat"))["currentTime"]
        hostile.cancel()
        await asyncio.gather(hostile, return_exceptions=True)
        await sound.close()
        await csms.stop()  # raises what went wrong inside

    in_virtual_time(body)


@pytest.mark.parametrize("name", CSMSS)
def test_the_reference_station_outlives_a_hostile_csms(name: str) -> None:
    async def body() -> None:
        network = MemoryNetwork()
        listener = await network.listen(9000, CSMSS[name])
        access = CsmsAccess(network, listener.address, "ws://csms/ocpp", "CS1", PROFILES[0])
        station = ReferenceStation(StationSettings(), access)
        await station.start()
        await asyncio.sleep(LONG)
        await listener.close()
        csms = Csms(CsmsSettings().listening(port=9000), network, Timeline(Clock()), identity="CS1")
        await csms.start()
        await csms.connected(within=900.0)  # the back-off may have grown
        if not station.station.registration.accepted:
            await csms.booted(within=900.0)
        await station.stop()  # raises what went wrong inside
        await csms.stop()

    in_virtual_time(body)
