"""A real partner: the charge point of the `ocpp` package over `websockets`, at our CSMS on loopback sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v21 import call as call21
from ocpp.v21 import call_result as result21
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

from harness.actor.csms import Csms
from harness.actor.csms_settings import CsmsSettings
from harness.link.clock import Clock
from harness.link.sockets import SocketNetwork
from harness.link.trace import Timeline
from harness.ocpp.csms.periods import central_setpoint

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC).isoformat()


class Partner16(ChargePoint16):
    profiles: list[Any]

    @on("SetChargingProfile")
    def set_charging_profile(self, connector_id, cs_charging_profiles):
        self.profiles.append((connector_id, cs_charging_profiles))
        return result16.SetChargingProfile(status="Accepted")


class Partner201(ChargePoint201):
    profiles: list[Any]

    @on("SetChargingProfile")
    def set_charging_profile(self, evse_id, charging_profile):
        self.profiles.append((evse_id, charging_profile))
        return result201.SetChargingProfile(status="Accepted")


class Partner21(ChargePoint21):
    profiles: list[Any]

    @on("SetChargingProfile")
    def set_charging_profile(self, evse_id, charging_profile):
        self.profiles.append((evse_id, charging_profile))
        return result21.SetChargingProfile(status="Accepted")


def with_partner(kind: type, subprotocol: str, told: Callable[[Csms, Any], Awaitable[None]]) -> None:
    """Let the partner connect to a CSMS of ours over real sockets."""

    async def run() -> None:
        csms = Csms(CsmsSettings(), SocketNetwork(), Timeline(Clock()), identity="PARTNER")
        await csms.start()
        async with websockets.connect(f"{csms.url}/PARTNER", subprotocols=[subprotocol]) as socket:
            assert socket.subprotocol == subprotocol
            partner = kind("PARTNER", socket)
            partner.profiles = []
            serving = asyncio.create_task(partner.start())
            try:
                async with asyncio.timeout(20):
                    await told(csms, partner)
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
                await csms.stop()

    asyncio.run(run())


def test_a_charge_point_of_1_6_boots_charges_and_takes_a_limit() -> None:
    async def told(csms: Csms, partner: Any) -> None:
        boot = await partner.call(call16.BootNotification("Model", "Vendor"), suppress=False)
        assert (boot.status, boot.interval) == ("Accepted", 60)
        assert (await partner.call(call16.Heartbeat(), suppress=False)).current_time.endswith("Z")
        await partner.call(call16.StatusNotification(1, "NoError", "Preparing"), suppress=False)
        begun = await partner.call(call16.StartTransaction(1, "TAG", 1000, NOW), suppress=False)
        assert begun.id_tag_info["status"] == "Accepted"
        outcome = await csms.limit(6000, evse_id=1, lasting=600)
        assert outcome.accepted, str(outcome)
        connector, profile = partner.profiles[0]
        assert connector == 1
        assert profile["charging_schedule"]["charging_schedule_period"] == [{"start_period": 0, "limit": 6000}]
        await partner.call(call16.StopTransaction(3000, NOW, begun.transaction_id), suppress=False)
        (transaction,) = csms.record.transactions.values()
        assert (transaction.imported, transaction.running) == (2000.0, False)

    with_partner(Partner16, "ocpp1.6", told)


@pytest.mark.parametrize(
    ("kind", "subprotocol", "call"), [(Partner201, "ocpp2.0.1", call201), (Partner21, "ocpp2.1", call21)]
)
def test_a_charging_station_of_2_x_boots_charges_and_takes_a_limit(kind: type, subprotocol: str, call: Any) -> None:
    async def told(csms: Csms, partner: Any) -> None:
        described = {"model": "Model", "vendor_name": "Vendor"}
        boot = await partner.call(call.BootNotification(described, "PowerUp"), suppress=False)
        assert (boot.status, boot.interval) == ("Accepted", 60)
        assert (await partner.call(call.Heartbeat(), suppress=False)).current_time.endswith("Z")
        occupied = call.StatusNotification(timestamp=NOW, connector_status="Occupied", evse_id=1, connector_id=1)
        await partner.call(occupied, suppress=False)
        begun = await partner.call(
            call.TransactionEvent(
                event_type="Started",
                timestamp=NOW,
                trigger_reason="Authorized",
                seq_no=0,
                transaction_info={"transaction_id": "tx1"},
                evse={"id": 1, "connector_id": 1},
                id_token={"id_token": "TAG", "type": "ISO14443"},
            ),
            suppress=False,
        )
        assert begun.id_token_info["status"] == "Accepted"
        outcome = await csms.limit(6000, evse_id=1, lasting=600)
        assert outcome.accepted, str(outcome)
        assert partner.profiles[0][0] == 1
        assert csms.record.connectors["1/1"].status == "Occupied"
        assert [each.transaction_id for each in csms.record.running] == ["tx1"]

    with_partner(kind, subprotocol, told)


def test_a_station_of_2_1_takes_a_discharge_setpoint() -> None:
    async def told(csms: Csms, partner: Any) -> None:
        await partner.call(
            call21.BootNotification(charging_station={"model": "M", "vendor_name": "V"}, reason="PowerUp"),
            suppress=False,
        )
        await partner.call(
            call21.TransactionEvent(
                event_type="Started",
                timestamp=NOW,
                trigger_reason="Authorized",
                seq_no=0,
                transaction_info={"transaction_id": "tx1"},
                evse={"id": 1, "connector_id": 1},
            ),
            suppress=False,
        )
        outcome = await csms.dispatch(central_setpoint(-3000), lasting=60)
        assert outcome.accepted, str(outcome)
        (period,) = partner.profiles[0][1]["charging_schedule"][0]["charging_schedule_period"]
        assert (period["setpoint"], period["operation_mode"]) == (-3000, "CentralSetpoint")

    with_partner(Partner21, "ocpp2.1", told)
