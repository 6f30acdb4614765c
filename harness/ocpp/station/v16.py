"""OCPP 1.6 at the edge of a station that thinks in 2.1: names, payloads, and the transaction that 1.6 tells in pieces.

A transaction begins with StartTransaction, which needs a token and a plugged cable; its number comes with the answer. Later
messages about it are written without the number and completed when it is known; they wait in the queue until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.ocpp.station.dialect import Dialect, Duty
from harness.ocpp.station.model import DeviceModel, Place
from harness.ocpp.station.wire import Payload, Request

_UNKNOWN = -1
"""The number of a transaction whose StartTransaction was never answered."""
_REASONS = {
    "DeAuthorized": "DeAuthorized",
    "EmergencyStop": "EmergencyStop",
    "EVDisconnected": "EVDisconnected",
    "ImmediateReset": "HardReset",
    "SoftReset": "SoftReset",
    "UnlockCommand": "UnlockCommand",
    "Local": "Local",
    "PowerLoss": "PowerLoss",
    "Reboot": "Reboot",
    "Remote": "Remote",
}
_STATES = {"Charging": "Charging", "SuspendedEV": "SuspendedEV", "SuspendedEVSE": "SuspendedEVSE"}
_PURPOSES = {"ChargePointMaxProfile": "ChargingStationMaxProfile"}
_RESETS = {"Hard": "Immediate", "Soft": "Immediate"}
_TRIGGERS = {
    "DiagnosticsStatusNotification": "LogStatusNotification",
    "SignChargePointCertificate": "SignChargingStationCertificate",
}
_CERTIFICATES = {"CentralSystemRootCertificate": "CSMSRootCertificate"}
_EVENTS = {
    "InvalidCsmsCertificate": "InvalidCentralSystemCertificate",
    "InvalidChargingStationCertificate": "InvalidChargePointCertificate",
}
_DIAGNOSTICS = -1
"""The requestId under which the station keeps an upload of GetDiagnostics, which has none."""
_UPLOADS = {"Idle": "Idle", "Uploading": "Uploading", "Uploaded": "Uploaded", "UploadFailure": "UploadFailed"}
_SPAN = {"startTime": "oldestTimestamp", "stopTime": "latestTimestamp"}
_UPDATES = frozenset(
    {"Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing", "Installed"}
)
_SAME = frozenset(
    {
        "Heartbeat",
        "SecurityEventNotification",
        "DataTransfer",
        "ClearCache",
        "GetLog",
        "GetInstalledCertificateIds",
        "InstallCertificate",
        "DeleteCertificate",
        "CertificateSigned",
    }
)
_MEASURANDS_1_6 = (
    "Energy.Active.Import.Register Energy.Active.Export.Register Power.Active.Import Power.Active.Export Power.Offered"
    " Power.Reactive.Import Power.Reactive.Export Current.Import Current.Export Voltage Frequency SoC"
)

Made = list[tuple[str, dict[str, Any]]]


class Dialect16(Dialect):
    """OCPP 1.6 with its security extension. EVSE and connector are one: the connectorId is the EVSE's number."""

    variables: Mapping[str, str] = {"TxCtrlr.TxStartPoint": "PowerPathClosed", "TxCtrlr.TxStopPoint": "PowerPathClosed"}

    def __init__(self, variables: DeviceModel) -> None:
        self._variables = variables
        self._numbers: dict[str, int] = {}
        self._unnumbered: dict[str, list[dict[str, Any]]] = {}
        self._states: dict[str, str] = {}
        self._running: dict[int, str] = {}
        self._begun: dict[str, list[dict[str, Any]]] = {}
        self._remote_starts = 0
        self._reset, self._asked = "Hard", ""
        self._makers: Mapping[str, Callable[[Request], Made]] = {
            "BootNotification": lambda request: [("BootNotification", _boot(request.payload))],
            "Authorize": lambda request: [("Authorize", {"idTag": request.payload["idToken"]["idToken"]})],
            "StatusNotification": self._status,
            "MeterValues": self._meter_values,
            "TransactionEvent": self._event,
            "FirmwareStatusNotification": _firmware,
            "LogStatusNotification": self._log,
            "SignCertificate": lambda request: [("SignCertificate", {"csr": request.payload["csr"]})],
        }

    # --- what the station says -----------------------------------------------------------------------------------------

    def outgoing(self, request: Request) -> Made:
        if request.action in self._makers:
            return self._makers[request.action](request)
        payload = dict(request.payload)
        if request.action == "SecurityEventNotification":
            payload["type"] = _EVENTS.get(payload["type"], payload["type"])
        return [(request.action, payload)] if request.action in _SAME else []

    def gate(self, allowed: frozenset[str]) -> frozenset[str]:
        return allowed & {"BootNotification", "Heartbeat", "StatusNotification", "MeterValues", "SignCertificate"}

    def understood(self, request: Request, action: str, answer: Payload) -> Payload:
        if action == "StartTransaction":
            self._number(request.transaction, answer["transactionId"])
        if "idTagInfo" in answer:
            return {"idTokenInfo": _info(answer["idTagInfo"])}
        return answer

    def failed(self, request: Request) -> None:
        if request.action == "TransactionEvent" and request.payload["eventType"] == "Started":
            self._number(request.transaction, _UNKNOWN)

    def _status(self, request: Request) -> Made:
        said = request.payload
        state = {"Occupied": "Preparing"}.get(said["connectorStatus"], said["connectorStatus"])
        return [("StatusNotification", _connector(said["evseId"], state, said["timestamp"]))]

    def _log(self, request: Request) -> Made:
        """Of diagnostics, which 1.6 had first, or of a log of the security extension."""
        said, asked = request.payload, self._asked == "DiagnosticsStatusNotification"
        self._asked = ""
        if said.get("requestId", _DIAGNOSTICS if asked else 0) != _DIAGNOSTICS:
            return [("LogStatusNotification", dict(said))]
        state = _UPLOADS.get(said["status"])
        return [("DiagnosticsStatusNotification", {"status": state})] if state else []

    def _meter_values(self, request: Request) -> Made:
        values = [_values(each) for each in request.payload["meterValue"]]
        return [("MeterValues", {"connectorId": request.payload["evseId"], "meterValue": values})]

    def _event(self, request: Request) -> Made:
        event, kind = request.payload, request.payload["eventType"]
        evse, identifier = request.about
        if kind == "Ended":
            self._running.pop(evse, None)
        else:
            self._running[evse] = identifier
        if kind == "Started":
            self._begun[identifier] = [_values(each, self._kept()) for each in event.get("meterValue", [])]
            return [("StartTransaction", self._start(event, evse)), *self._state(event, evse, identifier)]
        if kind == "Ended":
            stop = self._numbered(identifier, _stop(event, self._reset, self._begun.pop(identifier, [])))
            finished = [("StatusNotification", _connector(evse, "Finishing", event["timestamp"]))]
            return [
                ("StopTransaction", stop),
                *(finished if event["transactionInfo"]["chargingState"] != "Idle" else []),
            ]
        made = self._state(event, evse, identifier)
        if "meterValue" in event:
            values = [_values(each) for each in event["meterValue"]]
            made.append(("MeterValues", self._numbered(identifier, {"connectorId": evse, "meterValue": values})))
        return made

    def _kept(self) -> tuple[str, ...]:
        """The measurands of the begin that StopTransaction tells (StopTxnSampledData)."""
        return self._variables.members("SampledDataCtrlr.TxEndedMeasurands")

    def _start(self, event: Payload, evse: int) -> dict[str, Any]:
        start = {
            "connectorId": evse,
            "idTag": event["idToken"]["idToken"][:20] if "idToken" in event else "unknown",
            "meterStart": _register(event),
            "timestamp": event["timestamp"],
        }
        return start | ({"reservationId": event["reservationId"]} if "reservationId" in event else {})

    def _state(self, event: Payload, evse: int, identifier: str) -> Made:
        state = _STATES.get(event["transactionInfo"].get("chargingState", ""))
        if state is None or self._states.get(identifier) == state:
            return []
        self._states[identifier] = state
        return [("StatusNotification", _connector(evse, state, event["timestamp"]))]

    def _numbered(self, identifier: str, payload: dict[str, Any]) -> dict[str, Any]:
        if identifier in self._numbers:
            payload["transactionId"] = self._numbers[identifier]
        else:
            self._unnumbered.setdefault(identifier, []).append(payload)
        return payload

    def _number(self, identifier: str, number: int) -> None:
        self._numbers[identifier] = number
        for payload in self._unnumbered.pop(identifier, []):
            payload["transactionId"] = number

    # --- what the CSMS asks --------------------------------------------------------------------------------------------

    def incoming(self, action: str, payload: Payload) -> tuple[str, Payload]:
        turn = getattr(self, f"_in_{action}", None)
        if turn is None:
            return action, payload
        turned: tuple[str, Payload] = turn(payload)
        return turned

    def duty(self, action: str) -> Duty | None:
        return self._configuration if action == "GetConfiguration" else None

    def _in_RemoteStartTransaction(self, said: Payload) -> tuple[str, Payload]:
        self._remote_starts += 1
        request: dict[str, Any] = {"remoteStartId": self._remote_starts, "idToken": _token(said["idTag"])}
        if said.get("connectorId"):
            request["evseId"] = said["connectorId"]
        if "chargingProfile" in said:
            request["chargingProfile"] = self._profile(said["chargingProfile"])
        return "RequestStartTransaction", request

    def _in_RemoteStopTransaction(self, said: Payload) -> tuple[str, Payload]:
        return "RequestStopTransaction", {"transactionId": self._identifier(said["transactionId"])}

    def _in_Reset(self, said: Payload) -> tuple[str, Payload]:
        self._reset = said["type"]
        return "Reset", {"type": _RESETS[said["type"]]}

    def _in_ChangeAvailability(self, said: Payload) -> tuple[str, Payload]:
        place = {"evse": {"id": said["connectorId"]}} if said["connectorId"] else {}
        return "ChangeAvailability", {"operationalStatus": said["type"], **place}

    def _in_UnlockConnector(self, said: Payload) -> tuple[str, Payload]:
        return "UnlockConnector", {"evseId": said["connectorId"], "connectorId": 1}

    def _in_TriggerMessage(self, said: Payload) -> tuple[str, Payload]:
        asked = self._asked = said["requestedMessage"]
        place = {"evse": {"id": said["connectorId"]}} if said.get("connectorId") else {}
        return "TriggerMessage", {"requestedMessage": _TRIGGERS.get(asked, asked), **place}

    _in_ExtendedTriggerMessage = _in_TriggerMessage

    def _in_ChangeConfiguration(self, said: Payload) -> tuple[str, Payload]:
        place = self._variables.keys16().get(said["key"], Place("OCPPCommCtrlr", said["key"]))
        variable = {"name": place.variable} | ({"instance": place.instance} if place.instance else {})
        item = {"component": {"name": place.component}, "variable": variable, "attributeValue": said["value"]}
        return "SetVariables", {"setVariableData": [item]}

    def _in_SetChargingProfile(self, said: Payload) -> tuple[str, Payload]:
        profile, connector = self._profile(said["csChargingProfiles"]), said["connectorId"]
        if profile["chargingProfilePurpose"] == "TxProfile" and connector in self._running:
            profile.setdefault("transactionId", self._running[connector])  # 1.6 need not name it
        return "SetChargingProfile", {"evseId": connector, "chargingProfile": profile}

    def _in_ClearChargingProfile(self, said: Payload) -> tuple[str, Payload]:
        if "id" in said:
            return "ClearChargingProfile", {"chargingProfileId": said["id"]}
        wanted = {"evseId": said["connectorId"]} if "connectorId" in said else {}
        if "chargingProfilePurpose" in said:
            purpose = said["chargingProfilePurpose"]
            wanted["chargingProfilePurpose"] = _PURPOSES.get(purpose, purpose)
        if "stackLevel" in said:
            wanted["stackLevel"] = said["stackLevel"]
        return "ClearChargingProfile", {"chargingProfileCriteria": wanted} if wanted else {}

    def _in_GetCompositeSchedule(self, said: Payload) -> tuple[str, Payload]:
        unit = {"chargingRateUnit": said["chargingRateUnit"]} if "chargingRateUnit" in said else {}
        return "GetCompositeSchedule", {"evseId": said["connectorId"], "duration": said["duration"], **unit}

    def _in_ReserveNow(self, said: Payload) -> tuple[str, Payload]:
        place = {"evseId": said["connectorId"]} if said["connectorId"] else {}
        group = {"groupIdToken": _token(said["parentIdTag"])} if "parentIdTag" in said else {}
        named = {"id": said["reservationId"], "expiryDateTime": said["expiryDate"], "idToken": _token(said["idTag"])}
        return "ReserveNow", {**named, **place, **group}

    def _in_SendLocalList(self, said: Payload) -> tuple[str, Payload]:
        entries = [
            {"idToken": _token(each["idTag"])}
            | ({"idTokenInfo": _info(each["idTagInfo"])} if "idTagInfo" in each else {})
            for each in said.get("localAuthorizationList", [])
        ]
        return "SendLocalList", {
            "versionNumber": said["listVersion"],
            "updateType": said["updateType"],
            "localAuthorizationList": entries,
        }

    def _in_InstallCertificate(self, said: Payload) -> tuple[str, Payload]:
        kind = said["certificateType"]
        return "InstallCertificate", {**said, "certificateType": _CERTIFICATES.get(kind, kind)}

    def _in_GetInstalledCertificateIds(self, said: Payload) -> tuple[str, Payload]:
        kind = said["certificateType"]
        return "GetInstalledCertificateIds", {"certificateType": [_CERTIFICATES.get(kind, kind)]}

    def _in_GetDiagnostics(self, said: Payload) -> tuple[str, Payload]:
        log = {"remoteLocation": said["location"]}
        log |= {new: said[old] for old, new in _SPAN.items() if old in said}
        kept = {name: said[name] for name in ("retries", "retryInterval") if name in said}
        return "GetLog", {"logType": "DiagnosticsLog", "requestId": _DIAGNOSTICS, "log": log, **kept}

    def _in_UpdateFirmware(self, said: Payload) -> tuple[str, Payload]:
        firmware = {"location": said["location"], "retrieveDateTime": said["retrieveDate"]}
        kept = {name: said[name] for name in ("retries", "retryInterval") if name in said}
        return "UnsignedUpdateFirmware", {"firmware": firmware, **kept}

    def _in_SignedUpdateFirmware(self, said: Payload) -> tuple[str, Payload]:
        return "UpdateFirmware", said

    def _profile(self, said: Payload) -> dict[str, Any]:
        """A profile of 1.6; phases of the mains mean nothing at a DC outlet and are left out."""
        schedule = dict(said["chargingSchedule"])
        schedule["id"] = said["chargingProfileId"]
        schedule["chargingSchedulePeriod"] = [
            {name: value for name, value in period.items() if name != "numberPhases"}
            for period in schedule["chargingSchedulePeriod"]
        ]
        profile = {name: value for name, value in said.items() if name not in ("chargingProfileId", "transactionId")}
        profile |= {"id": said["chargingProfileId"], "chargingSchedule": [schedule]}
        profile["chargingProfilePurpose"] = _PURPOSES.get(
            said["chargingProfilePurpose"], said["chargingProfilePurpose"]
        )
        if "transactionId" in said:
            profile["transactionId"] = self._identifier(said["transactionId"])
        return profile

    def _identifier(self, number: int) -> str:
        return next((identifier for identifier, known in self._numbers.items() if known == number), str(number))

    def _configuration(self, said: Payload, _now: float) -> dict[str, Any]:
        """GetConfiguration."""
        keys = self._variables.keys16()
        known, unknown = [], []
        for key in said.get("key") or keys:
            if key not in keys:
                unknown.append(key)
                continue
            found = self._variables.at(keys[key])
            entry: dict[str, Any] = {"key": key, "readonly": found.access == "RO"}
            highest = found.highest is not None and found.live is not None
            value = f"{found.highest:g}" if highest else found.read
            known.append(entry if found.access == "WO" else {**entry, "value": value[:500]})
        answer: dict[str, Any] = {"configurationKey": known} if known else {}
        return answer | ({"unknownKey": unknown} if unknown else {})

    # --- what the station answers --------------------------------------------------------------------------------------

    def response(self, action: str, request: Payload, result: dict[str, Any]) -> dict[str, Any]:
        if action == "GetConfiguration":
            return result
        if action == "ChangeConfiguration":
            return {"status": _changed(result["setVariableResult"][0]["attributeStatus"])}
        if action == "UpdateFirmware":
            return {}
        if action == "GetDiagnostics":
            return {"fileName": result["filename"]} if "filename" in result else {}
        if action == "GetLocalListVersion":
            return {"listVersion": result["versionNumber"]}
        if action == "GetCompositeSchedule":
            return _composite(request, result)
        if action == "GetInstalledCertificateIds":
            chains = result.get("certificateHashDataChain", [])
            hashes = [each["certificateHashData"] for each in chains]
            return {"status": result["status"]} | ({"certificateHashData": hashes} if hashes else {})
        said = {"status": result["status"]} | ({"filename": result["filename"]} if "filename" in result else {})
        if action == "UnlockConnector" and said["status"] == "UnknownConnector":
            said["status"] = "NotSupported"
        return said


def _boot(payload: Payload) -> dict[str, Any]:
    said = payload["chargingStation"]
    return {
        "chargePointVendor": said["vendorName"][:20],
        "chargePointModel": said["model"][:20],
        "chargePointSerialNumber": said["serialNumber"][:25],
        "firmwareVersion": said["firmwareVersion"][:50],
    }


def _firmware(request: Request) -> Made:
    if "requestId" in request.payload:
        return [("SignedFirmwareStatusNotification", dict(request.payload))]
    state = request.payload["status"]
    return [("FirmwareStatusNotification", {"status": state})] if state in _UPDATES else []


def _connector(evse: int, state: str, timestamp: str) -> dict[str, Any]:
    error = "OtherError" if state == "Faulted" else "NoError"
    return {"connectorId": evse, "errorCode": error, "status": state, "timestamp": timestamp}


def _stop(event: Payload, reset: str, begun: Sequence[Payload]) -> dict[str, Any]:
    """StopTransaction; `reset` is the kind of the last one that was asked for, `begun` the values of the begin."""
    info = event["transactionInfo"]
    why = info.get("stoppedReason", "Local")
    if event["triggerReason"] == "UnlockCommand":
        why = "UnlockCommand"
    elif why == "ImmediateReset" and reset == "Soft":
        why = "SoftReset"
    stop: dict[str, Any] = {"meterStop": _register(event), "timestamp": event["timestamp"]}
    stop["reason"] = _REASONS.get(why, "Other")
    if "idToken" in event:
        stop["idTag"] = event["idToken"]["idToken"][:20]
    data = [each for each in begun if each["sampledValue"]]
    data += [_values(each) for each in event.get("meterValue", [])]
    return stop | ({"transactionData": data} if data else {})


def _register(event: Payload) -> int:
    """The import register in whole Wh, as the last values of the event show it."""
    for values in reversed(event.get("meterValue", [])):
        for sample in values["sampledValue"]:
            if sample["measurand"] == "Energy.Active.Import.Register":
                return round(float(sample["value"]))
    return 0


def _values(values: Payload, measurands: Sequence[str] = ()) -> dict[str, Any]:
    """Values in the words of 1.6, of some measurands if they are named."""
    samples = []
    for sample in values["sampledValue"]:
        if sample["measurand"] in (measurands or _MEASURANDS_1_6.split()):
            kept = {name: sample[name] for name in ("measurand", "context", "location")}
            samples.append({"value": f"{sample['value']:g}", **kept, "unit": sample["unitOfMeasure"]["unit"]})
    return {"timestamp": values["timestamp"], "sampledValue": samples}


def _token(tag: str) -> dict[str, str]:
    return {"idToken": tag, "type": "Central"}


def _info(said: Payload) -> dict[str, Any]:
    info: dict[str, Any] = {"status": said["status"]}
    if "expiryDate" in said:
        info["cacheExpiryDateTime"] = said["expiryDate"]
    if "parentIdTag" in said:
        info["groupIdToken"] = _token(said["parentIdTag"])
    return info


def _changed(said: str) -> str:
    return {"UnknownVariable": "NotSupported", "UnknownComponent": "NotSupported"}.get(said, said)


def _composite(request: Payload, result: Mapping[str, Any]) -> dict[str, Any]:
    if result["status"] != "Accepted":
        return {"status": "Rejected"}
    found = result["schedule"]
    periods = [
        {"startPeriod": each["startPeriod"], "limit": round(each["limit"], 1)}
        for each in found["chargingSchedulePeriod"]
    ]
    schedule = {
        "duration": found["duration"],
        "chargingRateUnit": found["chargingRateUnit"],
        "chargingSchedulePeriod": periods,
    }
    return {
        "status": "Accepted",
        "connectorId": request["connectorId"],
        "scheduleStart": found["scheduleStart"],
        "chargingSchedule": schedule,
    }
