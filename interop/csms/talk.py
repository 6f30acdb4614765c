"""What the central system answers, in each version. Few tokens are known, and no station needs to be asked for anything."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from ocpp.charge_point import camel_to_snake_case
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as calls16
from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v21 import call as calls21
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as calls201

TOKENS = {"TEST-VALID-01": "Accepted", "TEST-BLOCKED-01": "Blocked", "TEST-EXPIRED-01": "Expired"}
_HEARTBEAT = 60
_numbers = itertools.count(1)


def stamp() -> str:
    """Now, as the wire writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Answers:
    """What all versions have in common; `calls` is the library's module of requests."""

    calls: Any
    _call_result: Any

    def answer(self, action: str, **fields: Any) -> Any:
        return getattr(self._call_result, action)(**fields)

    def request(self, action: str, payload: dict[str, Any]) -> Any:
        """A request in the library's form. Raises AttributeError and TypeError for what it does not know."""
        return getattr(self.calls, action)(**camel_to_snake_case(payload))

    @on("BootNotification")
    def boot_notification(self, **_more: Any) -> Any:
        return self.answer("BootNotification", current_time=stamp(), interval=_HEARTBEAT, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **_more: Any) -> Any:
        return self.answer("Heartbeat", current_time=stamp())

    @on("StatusNotification")
    def status_notification(self, **_more: Any) -> Any:
        return self.answer("StatusNotification")

    @on("MeterValues")
    def meter_values(self, **_more: Any) -> Any:
        return self.answer("MeterValues")

    @on("FirmwareStatusNotification")
    def firmware_status(self, **_more: Any) -> Any:
        return self.answer("FirmwareStatusNotification")

    @on("DataTransfer")
    def data_transfer(self, **_more: Any) -> Any:
        return self.answer("DataTransfer", status="UnknownVendorId")


class Answers2(Answers):
    """2.0.1 and 2.1."""

    @on("Authorize")
    def authorize(self, id_token: dict[str, Any], **_more: Any) -> Any:
        return self.answer("Authorize", id_token_info=_judged(id_token))

    @on("TransactionEvent")
    def transaction_event(self, id_token: dict[str, Any] | None = None, **_more: Any) -> Any:
        return self.answer("TransactionEvent", id_token_info=_judged(id_token) if id_token else None)

    @on("NotifyReport")
    def notify_report(self, **_more: Any) -> Any:
        return self.answer("NotifyReport")

    @on("NotifyEvent")
    def notify_event(self, **_more: Any) -> Any:
        return self.answer("NotifyEvent")

    @on("SecurityEventNotification")
    def security_event(self, **_more: Any) -> Any:
        return self.answer("SecurityEventNotification")

    @on("LogStatusNotification")
    def log_status(self, **_more: Any) -> Any:
        return self.answer("LogStatusNotification")

    @on("ReportChargingProfiles")
    def report_charging_profiles(self, **_more: Any) -> Any:
        return self.answer("ReportChargingProfiles")

    @on("NotifyChargingLimit")
    def notify_charging_limit(self, **_more: Any) -> Any:
        return self.answer("NotifyChargingLimit")

    @on("ClearedChargingLimit")
    def cleared_charging_limit(self, **_more: Any) -> Any:
        return self.answer("ClearedChargingLimit")

    @on("NotifyEVChargingNeeds")
    def notify_needs(self, **_more: Any) -> Any:
        return self.answer("NotifyEVChargingNeeds", status="Rejected")

    @on("SignCertificate")
    def sign_certificate(self, **_more: Any) -> Any:
        return self.answer("SignCertificate", status="Rejected")


class Talk21(Answers2, ChargePoint21):
    """A station that speaks 2.1."""

    calls = calls21


class Talk201(Answers2, ChargePoint201):
    """A station that speaks 2.0.1."""

    calls = calls201


class Talk16(Answers, ChargePoint16):
    """A station that speaks 1.6."""

    calls = calls16

    @on("Authorize")
    def authorize(self, id_tag: str, **_more: Any) -> Any:
        return self.answer("Authorize", id_tag_info=_judged({"id_token": id_tag}))

    @on("StartTransaction")
    def start_transaction(self, id_tag: str, **_more: Any) -> Any:
        judged = _judged({"id_token": id_tag})
        return self.answer("StartTransaction", transaction_id=next(_numbers), id_tag_info=judged)

    @on("StopTransaction")
    def stop_transaction(self, **_more: Any) -> Any:
        return self.answer("StopTransaction")

    @on("DiagnosticsStatusNotification")
    def diagnostics_status(self, **_more: Any) -> Any:
        return self.answer("DiagnosticsStatusNotification")


def _judged(token: dict[str, Any]) -> dict[str, str]:
    """Tokens are compared without regard to case."""
    return {"status": TOKENS.get(token["id_token"].upper(), "Invalid")}


TALKS: dict[str, Any] = {"ocpp2.1": Talk21, "ocpp2.0.1": Talk201, "ocpp1.6": Talk16}
