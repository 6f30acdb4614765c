"""What the station does when the CSMS asks, and what it makes of the CSMS's answers (OCPP 2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.authorisation import key_of
from harness.ocpp.station.certificates import SIGNED
from harness.ocpp.station.evse import Evse
from harness.ocpp.station.inventory import Inventory
from harness.ocpp.station.metering import told_by
from harness.ocpp.station.model import Place
from harness.ocpp.station.wire import Payload, Refused, Request, stamp, status

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

Duty = Callable[[Payload, float], "dict[str, Any] | Refused"]
_ACCEPTED = {"status": "Accepted"}
_CUSTOMERS = ("idToken", "customerIdentifier", "customerCertificate")
"""By one of these the CSMS names a customer."""


class Duties:
    """`of` gives the duty behind an action, None for one that the station does not have."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._inventory = Inventory(station.variables, station.agenda)
        self._duties: Mapping[str, Duty] = {
            **self._own(),
            **self._of_parts(),
            **station.charging.duties(),
        }
        self._answers: Mapping[str, Callable[[Request, Payload, float], None]] = {
            "BootNotification": self._booted,
            "Authorize": station.driver.answered,
            "TransactionEvent": station.driver.told_by_event,
            "PullDynamicScheduleUpdate": station.charging.pulled,
            "NotifyEVChargingNeeds": station.charging.needs_answered,
            "SignCertificate": lambda _request, answer, _now: station.certificates.answered(answer),
        }

    def of(self, action: str) -> Duty | None:
        """What to do for an action."""
        return self._duties.get(action)

    def answered(self, request: Request, answer: Payload, now: float) -> None:
        """The CSMS has answered a request."""
        learn = self._answers.get(request.action)
        if learn is not None:
            learn(request, answer, now)

    def _own(self) -> dict[str, Duty]:
        return {
            "SetVariables": self._set_variables,
            "GetVariables": lambda request, _now: self._station.variables.get_variables(request),
            "ChangeAvailability": self._change_availability,
            "RequestStartTransaction": self._start,
            "RequestStopTransaction": self._stop,
            "UnlockConnector": self._unlock,
            "TriggerMessage": self._trigger,
            "GetTransactionStatus": lambda request, _now: self._station.transactions.get_status(
                request, self._station.queued
            ),
            "CostUpdated": self._cost,
            "CustomerInformation": self._customer,
            "DataTransfer": lambda _request, _now: status("UnknownVendorId"),
            "SetDisplayMessage": self._display,
        }

    def _of_parts(self) -> dict[str, Duty]:
        one = self._station
        return {
            "GetBaseReport": self._inventory.base,
            "GetReport": self._inventory.custom,
            "SetNetworkProfile": one.network.set_profile,
            "Reset": one.restart.request,
            "ClearCache": one.tokens.clear_cache,
            "GetLocalListVersion": one.tokens.list_version,
            "SendLocalList": one.tokens.send_list,
            "ReserveNow": one.reservations.reserve,
            "CancelReservation": one.reservations.cancel,
            "GetDisplayMessages": one.display.get,
            "ClearDisplayMessage": one.display.clear,
            "InstallCertificate": one.certificates.install,
            "DeleteCertificate": one.certificates.delete,
            "GetInstalledCertificateIds": one.certificates.installed,
            "CertificateSigned": one.certificates.signed,
            "UpdateFirmware": one.transfers.update_firmware,
            "UnsignedUpdateFirmware": one.transfers.update_unsigned,
            "GetLog": one.transfers.get_log,
            "SetVariableMonitoring": one.monitoring.set,
            "ClearVariableMonitoring": one.monitoring.clear,
            "SetMonitoringLevel": one.monitoring.set_level,
            "SetMonitoringBase": one.monitoring.set_base,
            "GetMonitoringReport": one.monitoring.report,
            "SetDERControl": one.der.set,
            "GetDERControl": one.der.get,
            "ClearDERControl": one.der.clear,
        }

    # --- provisioning --------------------------------------------------------------------------------------------------

    def _booted(self, _request: Request, answer: Payload, now: float) -> None:
        if self._station.registration.answered(answer, now):
            started = self._station.registration.reason == "PowerUp"
            self._station.secure("StartupOfTheDevice" if started else "ResetOrReboot", now)
            for evse in self._station.evses.values():
                self._station.tell_state(evse, now)

    def _set_variables(self, request: Payload, now: float) -> dict[str, Any]:
        answer = self._station.variables.set_variables(request, self._judge)
        self._station.settle_all(now)
        return answer

    def _judge(self, place: Place, value: str) -> str:
        """The reason code for which a value is refused although its form is right."""
        if place.variable.endswith("Measurands") and set(filter(None, value.split(","))) - told_by(
            self._station.version
        ):
            return "InvalidValue"
        return self._station.network.judge(place, value)

    # --- availability (G03, G04) ---------------------------------------------------------------------------------------

    def _change_availability(self, request: Payload, now: float) -> dict[str, Any]:
        number = request.get("evse", {}).get("id", 0)
        connector = request.get("evse", {}).get("connectorId", 1)
        if number > len(self._station.evses) or connector != 1:
            return status("Rejected", "UnknownEvse")
        wanted = request["operationalStatus"] == "Operative"
        before = [evse.usable for evse in self._concerned(number)]
        for evse in self._concerned(number):
            if number:
                evse.operative = wanted
            else:
                evse.station_operative = wanted
        busy = any(evse.number in self._station.transactions.of_evse for evse in self._concerned(number))
        if not wanted and busy and any(before):
            return status("Scheduled")
        if not wanted and number:
            self._station.reservations.evse_lost(number)
        self._station.settle_all(now)
        return dict(_ACCEPTED)

    def _concerned(self, number: int) -> list[Evse]:
        return [self._station.evses[number]] if number else list(self._station.evses.values())

    # --- remote control (block F) --------------------------------------------------------------------------------------

    def _start(self, request: Payload, now: float) -> dict[str, Any]:
        station, number = self._station, request.get("evseId", 0)
        if station.registration.state == "Pending" or number > len(station.evses):
            return status("Rejected")
        evse = station.evses[number] if number else self._free()
        if evse is None or not evse.usable or evse.authorised:
            return status("Rejected", "TxInProgress" if evse is not None and evse.authorised else "UnknownEvse")
        if "chargingProfile" in request:
            profile = request["chargingProfile"]
            if profile["chargingProfilePurpose"] != "TxProfile" or "transactionId" in profile:
                return status("Rejected", "InvalidProfile")
            answer = station.profiles.set(evse.number, profile, "", now, starting=True)
            if answer["status"] != "Accepted":
                return answer
        running = station.transactions.of_evse.get(evse.number)
        group = str(request.get("groupIdToken", {}).get("idToken", "")).lower()
        station.driver.start_from_afar(evse, request["idToken"], group, request["remoteStartId"], now)
        if running is None:
            return dict(_ACCEPTED)
        station.profiles.bind_transaction(evse.number, running.id)
        return {**_ACCEPTED, "transactionId": running.id}

    def _free(self) -> Evse | None:
        usable = [one for one in self._station.evses.values() if one.usable and not one.authorised]
        return next((one for one in usable if one.plugged), usable[0] if usable else None)

    def _stop(self, request: Payload, now: float) -> dict[str, Any]:
        found = self._station.transactions.find(request["transactionId"])
        if found is None or self._station.registration.state == "Pending":
            return status("Rejected", "TxNotFound")
        self._station.driver.stop_from_afar(self._station.evses[found[0]], now)
        return dict(_ACCEPTED)

    def _unlock(self, request: Payload, now: float) -> dict[str, Any]:
        evse = self._station.evses.get(request["evseId"])
        if evse is None or request["connectorId"] != 1:
            return status("UnknownConnector")
        if evse.authorised and evse.number in self._station.transactions.of_evse:
            if self._station.version != "1.6":
                return status("OngoingAuthorizedTransaction")
            self._station.transactions.end(evse, now, "UnlockCommand", "Other")  # 1.6 ends it first
        evse.locked = False
        return status("Unlocked")

    def _trigger(self, request: Payload, now: float) -> dict[str, Any]:
        asked, station = request["requestedMessage"], self._station
        number = request.get("evse", {}).get("id", 0)
        if number > len(station.evses):
            return status("Rejected", "UnknownEvse")
        if asked == "BootNotification":
            if station.registration.accepted and station.version != "1.6":  # F06.FR.17, which 1.6 does not have
                return status("Rejected")
            station.registration.announce("Triggered", now)
            return dict(_ACCEPTED)
        if asked in SIGNED:
            station.certificates.ask(SIGNED[asked], now)
            station.registration.asked_for("SignCertificate")
            return dict(_ACCEPTED)
        return self._trigger_report(asked, self._concerned(number), now)

    def _trigger_report(self, asked: str, evses: list[Evse], now: float) -> dict[str, Any]:
        station = self._station
        if asked == "Heartbeat":
            station.agenda.put("Heartbeat", {})
        elif asked == "StatusNotification":
            for evse in evses:
                station.agenda.put("StatusNotification", self._status_of(evse, now))
        elif asked == "MeterValues":
            for evse in evses:
                station.aligned.triggered(evse)
        elif asked == "TransactionEvent":
            busy = [evse for evse in evses if evse.number in station.transactions.of_evse]
            if not busy:
                return status("Rejected", "TxNotFound")
            for evse in busy:
                station.transactions.trigger(evse, now)
        elif asked == "FirmwareStatusNotification":
            station.agenda.put(asked, self._firmware())
        elif asked == "LogStatusNotification":
            upload = station.transfers.upload
            said = {"status": "Idle"} if upload is None else {"status": "Uploading", "requestId": upload.request_id}
            station.agenda.put(asked, said)
        else:
            return status("NotImplemented")
        station.registration.asked_for(asked)
        return dict(_ACCEPTED)

    def _firmware(self) -> dict[str, Any]:
        update = self._station.transfers.update
        words = {"scheduled": "DownloadScheduled", "downloading": "Downloading", "downloaded": "Downloaded"}
        if update is None:
            return {"status": "Idle"}
        said = {"status": words.get(update.state, "Installing")}
        return said if update.request_id is None else {**said, "requestId": update.request_id}

    def _status_of(self, evse: Evse, now: float) -> dict[str, Any]:
        return {
            "timestamp": stamp(now),
            "connectorStatus": evse.availability,
            "evseId": evse.number,
            "connectorId": 1,
        }

    # --- for the driver's eyes -------------------------------------------------------------------------------------------

    def _cost(self, request: Payload, now: float) -> dict[str, Any]:
        found = self._station.transactions.find(request["transactionId"])
        if found is not None:
            found[1].cost = request["totalCost"]
            self._station.transactions.tick(self._station.evses[found[0]], now)
        return {}

    def _display(self, request: Payload, now: float) -> dict[str, Any]:
        running = frozenset(one.id for one in self._station.transactions.of_evse.values())
        return self._station.display.set(request, running, now)

    def _customer(self, request: Payload, now: float) -> dict[str, Any]:
        """CustomerInformation (N09, N10): what the cache and the list hold about a token; of others nothing is stored."""
        if not (request["report"] or request["clear"]):
            return status("Rejected", "InvalidValue")
        if sum(name in request for name in _CUSTOMERS) != 1:
            return status("Invalid")
        tokens = self._station.tokens
        key = key_of(request["idToken"]) if "idToken" in request else None
        known = [f"cache: {tokens.cache[key][1]['status']}"] if key in tokens.cache else []
        known += [f"list: {tokens.entries[key]['status']}"] if key in tokens.entries else []
        if request["clear"] and key is not None:
            tokens.cache.pop(key, None)
        data = "; ".join(known) or "nothing is stored"
        said = {"seqNo": 0, "generatedAt": stamp(now), "requestId": request["requestId"]}
        self._station.agenda.put(
            "NotifyCustomerInformation", {"data": data if request["report"] else "cleared", **said}
        )
        return dict(_ACCEPTED)
