"""How the reference station reaches its CSMS: by slots, by a renewed certificate, and what it goes back to."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from harness.actor.csms import Csms
from harness.actor.csms_authority import OperatorAuthority
from harness.actor.csms_settings import CsmsSettings, Entrance
from harness.actor.ocpp_line import CsmsAccess, ocpp_tls
from harness.actor.station import ReferenceStation
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.security import PROFILES
from harness.ocpp.station.settings import StationSettings
from harness.pki.operator import OperatorCa, operator_ca
from tests.ocpp.station.bench import Bench

HOST = "csms.example"
OWN = "ChargingStationCertificate"


def alive(told: Callable[[Csms, ReferenceStation, OperatorCa], Awaitable[None]]) -> None:
    """A station of security profile 3 and its CSMS, joined by memory."""

    async def tell() -> None:
        ca, now, network = operator_ca(datetime.now(UTC)), datetime.now(UTC), MemoryNetwork()
        chain, key = ca.own_chain(HOST, "v2x-harness", now)
        entrance = Entrance(("2.1",), 3, chain=chain, key=key, roots=ca.root_pem)
        settings = CsmsSettings(entrance, CsmsPolicy())
        csms = Csms(settings, network, Timeline(Clock()), identity="CS1", authority=OperatorAuthority(ca))
        await csms.start()
        own = ca.own_chain("REF-1", "v2x-harness", now, server=False)
        tls = ocpp_tls(*own, ca.root_pem, server_name=HOST)
        access = CsmsAccess(network, csms.address, csms.url, "CS1", PROFILES[3], versions=("2.1",), tls=tls)
        station = ReferenceStation(StationSettings(security_profile=3), access)
        await station.start()
        try:
            await csms.connected(10)
            await asyncio.sleep(1)
            await told(csms, station, ca)
        finally:
            await station.stop()
            await csms.stop()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(tell())


def events(csms: Csms) -> list[Any]:
    frames = [seen.message for seen in csms.trace if seen.sender == "station"]
    told = [frame for frame in frames if getattr(frame, "action", "") == "SecurityEventNotification"]
    return [frame.payload["type"] for frame in told if frame.number == 2]


def test_a_renewed_certificate_brings_a_new_connection() -> None:
    async def told(csms: Csms, station: ReferenceStation, _ca: OperatorCa) -> None:
        await csms.trigger("SignChargingStationCertificate")
        assert await csms.station().reconnected(60)
        assert (
            csms.system.authority.ca.issued.keys()
            >= {  # type: ignore[attr-defined]
                one.serial_number for one in station.station.certificates.own[OWN][:1]
            }
        )
        assert "DiscardedRenewedClientCertificate" not in events(csms)

    alive(told)


def test_a_renewed_certificate_that_is_refused_is_given_up_for_the_old_one() -> None:
    async def told(csms: Csms, station: ReferenceStation, _ca: OperatorCa) -> None:
        former = station.station.certificates.own[OWN][0]
        csms.system.authority = OperatorAuthority(operator_ca(datetime.now(UTC), "Somebody else"))
        await csms.trigger("SignChargingStationCertificate")
        await csms.station().gone(30)
        await csms.connected(120)
        await asyncio.sleep(5)
        assert station.station.certificates.own[OWN][0] == former
        assert events(csms).count("DiscardedRenewedClientCertificate") == 1

    alive(told)


def test_a_csms_that_is_not_taken_is_reported_once_however_often_it_is_tried() -> None:
    async def told(csms: Csms, station: ReferenceStation, _ca: OperatorCa) -> None:
        sound = csms.settings.entrance
        chain, key = operator_ca(datetime.now(UTC), "Somebody else").own_chain(HOST, "x", datetime.now(UTC))
        csms.admit(chain=chain, key=key)
        await csms.station().drop()
        await asyncio.sleep(200)
        assert not station.connected
        csms.admit(chain=sound.chain, key=sound.key)
        await csms.connected(200)
        await asyncio.sleep(5)
        assert events(csms).count("InvalidCsmsCertificate") == 1

    alive(told)


def test_the_slot_in_use_is_told_in_the_device_model() -> None:
    async def told(csms: Csms, station: ReferenceStation, _ca: OperatorCa) -> None:
        assert await csms.get_variable("OCPPCommCtrlr", "ActiveNetworkProfile") == "1"
        assert station.station.variables.text("NetworkConfiguration[1].OcppCsmsUrl") == csms.url
        listed = await csms.call("GetInstalledCertificateIds", {"certificateType": ["CSMSRootCertificate"]})
        assert listed.accepted

    alive(told)


def test_slots_of_lower_security_go_once_a_higher_one_stood() -> None:
    bench = Bench()
    variables = bench.station.variables
    variables.put("NetworkConfiguration[2].OcppCsmsUrl", "wss://csms.example/ocpp")
    variables.put("NetworkConfiguration[2].SecurityProfile", "2")
    variables.put("NetworkConfiguration[1].OcppCsmsUrl", "ws://csms.example/ocpp")
    variables.put("OCPPCommCtrlr.NetworkConfigurationPriority", "2,1")
    bench.station.network.connected(2)
    assert variables.text("OCPPCommCtrlr.NetworkConfigurationPriority") == "2"
    assert variables.text("NetworkConfiguration[1].OcppCsmsUrl") == ""
    assert variables.text("SecurityCtrlr.SecurityProfile") == "2"
