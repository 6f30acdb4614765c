"""A central system with one station in front of it; everything that passes is checked against the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.ocpp.csms.authority import Authority
from harness.ocpp.csms.central import CentralSystem, Given
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.visit import Order, Refusal
from harness.ocpp.times import stamp
from harness.ocppj.payload import check_payload
from harness.ocppj.versions import Version

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = {"idToken": "TAG", "type": "ISO14443"}


class Desk:
    """`now` moves with `later`; `orders` are those of the last answer."""

    def __init__(
        self, version: Version = "2.1", policy: CsmsPolicy | None = None, authority: Authority | None = None
    ) -> None:
        self.system = CentralSystem(authority)
        self.policy = policy or CsmsPolicy()
        self.version, self.now = version, NOON
        self.system.connected("CS1", version, NOON)
        self.station = self.system.station("CS1")
        self.orders: tuple[Order, ...] = ()

    def later(self, seconds: float) -> Desk:
        self.now += timedelta(seconds=seconds)
        return self

    def give(self, action: str, payload: Mapping[str, Any] | None = None) -> Given:
        """What the CSMS gives for a sound request."""
        request = payload or {}
        assert not check_payload(self.version, action, "request", request), action
        given = self.system.answer("CS1", action, request, self.policy, self.now)
        self.orders = () if isinstance(given.answer, Refusal) else given.answer.orders
        for order in self.orders:
            assert not check_payload(self.version, order.action, "request", order.payload), order
        return given

    def ask(self, action: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The payload of the answer, which is sound."""
        given = self.give(action, payload)
        assert not isinstance(given.answer, Refusal), given.answer
        faults = check_payload(self.version, action, "response", given.answer.payload)
        assert not faults, faults
        return given.answer.payload

    def refused(self, action: str, payload: Mapping[str, Any] | None = None) -> Refusal:
        answer = self.give(action, payload).answer
        assert isinstance(answer, Refusal)
        return answer

    def settle(self, action: str, request: Mapping[str, Any], response: Mapping[str, Any] | None = None) -> None:
        """The CSMS sends a request and the station answers it."""
        answered = {"status": "Accepted"} if response is None else response
        assert not check_payload(self.version, action, "request", request), (action, request)
        assert not check_payload(self.version, action, "response", answered), (action, answered)
        self.system.asked("CS1", action, request, self.policy, self.now)
        self.system.settled("CS1", action, request, answered, self.policy, self.now)

    def carry_out(self) -> None:
        """The station accepts all orders of the last answer."""
        for order in self.orders:
            self.settle(order.action, order.payload)

    # --- what stations say ---

    def boot(self, **more: Any) -> Mapping[str, Any]:
        if self.version == "1.6":
            return self.ask("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M", **more})
        station = {"vendorName": "V", "model": "M", **more}
        return self.ask("BootNotification", {"reason": "PowerUp", "chargingStation": station})

    def event(self, kind: str, seq: int, name: str = "t1", **more: Any) -> Mapping[str, Any]:
        reasons = {"Started": "Authorized", "Updated": "MeterValuePeriodic", "Ended": "StopAuthorized"}
        base = {"eventType": kind, "seqNo": seq, "timestamp": stamp(self.now), "triggerReason": reasons[kind]}
        info = {"transactionId": name, **more.pop("info", {})}
        return self.ask("TransactionEvent", {**base, "transactionInfo": info, **more})

    def start(self, name: str = "t1", evse: int = 1, **more: Any) -> Mapping[str, Any]:
        return self.event("Started", 0, name, evse={"id": evse, "connectorId": 1}, idToken=TOKEN, **more)

    def needs(self, transfer: str = "DC_BPT", evse: int = 1, **more: Any) -> Mapping[str, Any]:
        v2x = more.pop("v2x", {"maxChargePower": 11000, "maxDischargePower": 10000})
        needed = {"requestedEnergyTransfer": transfer, **({"v2xChargingParameters": v2x} if v2x else {}), **more}
        return self.ask("NotifyEVChargingNeeds", {"evseId": evse, "maxScheduleTuples": 12, "chargingNeeds": needed})

    def tell_variable(self, component: str, variable: str, value: str, evse: int | None = None) -> None:
        place: dict[str, Any] = {"name": component} | ({} if evse is None else {"evse": {"id": evse}})
        entry = {"component": place, "variable": {"name": variable}, "variableAttribute": [{"value": value}]}
        part = {"requestId": 1, "generatedAt": stamp(self.now), "seqNo": 0, "reportData": [entry]}
        self.ask("NotifyReport", part)


def sampled(
    value: float | str, measurand: str = "", *, at: str = "2026-03-01T12:00:00Z", **more: Any
) -> dict[str, Any]:
    """One meter value."""
    named = {"measurand": measurand} if measurand else {}
    return {"timestamp": at, "sampledValue": [{"value": value, **named, **more}]}
