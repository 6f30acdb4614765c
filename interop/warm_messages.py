"""The messages of a DC and a DC_BPT session, in the JSON form that the codec of `iso15118` takes, to warm it up.

Contents are plausible and otherwise without meaning; nothing of this goes over a wire.
"""

from __future__ import annotations

import json
from typing import Any

SAP = "urn:iso:15118:2:2010:AppProtocol"
COMMON = "urn:iso:std:iso:15118:-20:CommonMessages"
DC = "urn:iso:std:iso:15118:-20:DC"

Content = dict[str, Any]
_HEADER = {"SessionID": "0123456789ABCDEF", "TimeStamp": 1700000000}


def as_json(name: str, content: Content) -> str:
    """The text the codec takes; every message but those of the app protocol has a header."""
    header = {} if name.startswith("supportedAppProtocol") else {"Header": _HEADER}
    ok = {"ResponseCode": "OK"} if name.endswith("Res") else {}
    return json.dumps({name: {**header, **ok, **content}})


def _number(value: int, exponent: int = 0) -> Content:
    return {"Exponent": exponent, "Value": value}


def _limits(side: str, *names: str) -> Content:
    return {f"{side}{name}": _number(100 + index) for index, name in enumerate(names)}


_CHARGE = ("MaximumChargePower", "MinimumChargePower", "MaximumChargeCurrent", "MinimumChargeCurrent")
_VOLTAGE = ("MaximumVoltage", "MinimumVoltage")
_DISCHARGE = ("MaximumDischargePower", "MinimumDischargePower", "MaximumDischargeCurrent", "MinimumDischargeCurrent")
_EV_LOOP = ("MaximumChargePower", "MinimumChargePower", "MaximumChargeCurrent", *_VOLTAGE)
_BPT_LOOP = ("MaximumDischargePower", "MinimumDischargePower", "MaximumDischargeCurrent")
_ENERGY = {"EVTargetEnergyRequest": _number(40, 3), "EVMaximumEnergyRequest": _number(60, 3)}
_LEAST_ENERGY = {"EVMinimumEnergyRequest": _number(-20, 3)}
_V2X_ENERGY = {"EVMaximumV2XEnergyRequest": _number(5, 3), "EVMinimumV2XEnergyRequest": _number(0)}
_TARGETS = {"EVTargetCurrent": _number(20), "EVTargetVoltage": _number(400)}
_PRESENT = {"EVSEPresentCurrent": _number(20), "EVSEPresentVoltage": _number(400)}
_ACHIEVED = {f"EVSE{what}LimitAchieved": False for what in ("Power", "Current", "Voltage")}
_EV_LOOP_HEAD = {
    "DisplayParameters": {"PresentSOC": 50, "ChargingComplete": False},
    "MeterInfoRequested": True,
    "EVPresentVoltage": _number(400),
}
_METER = {"MeterInfo": {"MeterID": "meter", "ChargedEnergyReadingWh": 10, "MeterTimestamp": 1700000000}}


def _parameter_set(number: int, control_mode: int) -> Content:
    names = {"Connector": 2, "ControlMode": control_mode, "MobilityNeedsMode": 1, "Pricing": 0}
    return {"ParameterSetID": number, "Parameter": [{"Name": name, "intValue": names[name]} for name in names]}


def _loop_request(mode: str, *contents: Content) -> tuple[str, str, Content]:
    control = {key: value for content in contents for key, value in content.items()}
    return DC, "DC_ChargeLoopReq", {**_EV_LOOP_HEAD, f"{mode}_DC_CLReqControlMode": control}


def _loop_response(mode: str, *names: str) -> tuple[str, str, Content]:
    control = {f"{mode}_DC_CLResControlMode": _limits("EVSE", *names)}
    return DC, "DC_ChargeLoopRes", {**_METER, **_PRESENT, **_ACHIEVED, **control}


_SCHEDULE = {
    "PowerSchedule": {
        "TimeAnchor": 0,
        "PowerScheduleEntries": {"PowerScheduleEntry": [{"Duration": 3600, "Power": _number(10, 3)}]},
    },
    "PriceLevelSchedule": {
        "TimeAnchor": 0,
        "PriceScheduleID": 1,
        "NumberOfPriceLevels": 1,
        "PriceLevelScheduleEntries": {"PriceLevelScheduleEntry": [{"Duration": 3600, "PriceLevel": 1}]},
    },
}
_PROFILE_ENTRIES = {"EVPowerProfileEntries": {"EVPowerProfileEntry": [{"Duration": 3600, "Power": _number(10, 3)}]}}


def _power_delivery(progress: str, **control: Content) -> tuple[str, str, Content]:
    profile = {"EVPowerProfile": {"TimeAnchor": 0, **control, **_PROFILE_ENTRIES}} if control else {}
    return COMMON, "PowerDeliveryReq", {"EVProcessing": "Finished", "ChargeProgress": progress, **profile}


_SESSION_OPENING: list[tuple[str, str, Content]] = [
    (
        SAP,
        "supportedAppProtocolReq",
        {
            "AppProtocol": [
                {
                    "ProtocolNamespace": DC,
                    "VersionNumberMajor": 1,
                    "VersionNumberMinor": 0,
                    "SchemaID": 1,
                    "Priority": 1,
                }
            ]
        },
    ),
    (SAP, "supportedAppProtocolRes", {"ResponseCode": "OK_SuccessfulNegotiation", "SchemaID": 1}),
    (COMMON, "SessionSetupReq", {"EVCCID": "WARMUP00000000001"}),
    (COMMON, "SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": "XX123E1234"}),
    (COMMON, "AuthorizationSetupReq", {}),
    (
        COMMON,
        "AuthorizationSetupRes",
        {
            "AuthorizationServices": ["EIM"],
            "CertificateInstallationService": False,
            "EIM_ASResAuthorizationMode": {},
        },
    ),
    (COMMON, "AuthorizationReq", {"SelectedAuthorizationService": "EIM", "EIM_AReqAuthorizationMode": {}}),
    (COMMON, "AuthorizationRes", {"EVSEProcessing": "Finished"}),
    (COMMON, "ServiceDiscoveryReq", {}),
    (
        COMMON,
        "ServiceDiscoveryRes",
        {
            "ServiceRenegotiationSupported": False,
            "EnergyTransferServiceList": {
                "Service": [{"ServiceID": 2, "FreeService": False}, {"ServiceID": 6, "FreeService": False}]
            },
        },
    ),
    (COMMON, "ServiceDetailReq", {"ServiceID": 6}),
    (
        COMMON,
        "ServiceDetailRes",
        {"ServiceID": 6, "ServiceParameterList": {"ParameterSet": [_parameter_set(1, 1), _parameter_set(2, 2)]}},
    ),
    (COMMON, "ServiceSelectionReq", {"SelectedEnergyTransferService": {"ServiceID": 6, "ParameterSetID": 1}}),
    (COMMON, "ServiceSelectionRes", {}),
]

_PREPARATION: list[tuple[str, str, Content]] = [
    (DC, "DC_ChargeParameterDiscoveryReq", {"DC_CPDReqEnergyTransferMode": _limits("EV", *_CHARGE, *_VOLTAGE)}),
    (
        DC,
        "DC_ChargeParameterDiscoveryReq",
        {"BPT_DC_CPDReqEnergyTransferMode": _limits("EV", *_CHARGE, *_VOLTAGE, *_DISCHARGE)},
    ),
    (DC, "DC_ChargeParameterDiscoveryRes", {"DC_CPDResEnergyTransferMode": _limits("EVSE", *_CHARGE, *_VOLTAGE)}),
    (
        DC,
        "DC_ChargeParameterDiscoveryRes",
        {"BPT_DC_CPDResEnergyTransferMode": _limits("EVSE", *_CHARGE, *_VOLTAGE, *_DISCHARGE)},
    ),
    (
        COMMON,
        "ScheduleExchangeReq",
        {"MaximumSupportingPoints": 12, "Scheduled_SEReqControlMode": {"DepartureTime": 7200, **_ENERGY}},
    ),
    (
        COMMON,
        "ScheduleExchangeReq",
        {
            "MaximumSupportingPoints": 12,
            "Dynamic_SEReqControlMode": {"DepartureTime": 7200, **_ENERGY, **_LEAST_ENERGY, **_V2X_ENERGY},
        },
    ),
    (
        COMMON,
        "ScheduleExchangeRes",
        {
            "EVSEProcessing": "Finished",
            "Scheduled_SEResControlMode": {"ScheduleTuple": [{"ScheduleTupleID": 1, "ChargingSchedule": _SCHEDULE}]},
        },
    ),
    (COMMON, "ScheduleExchangeRes", {"EVSEProcessing": "Finished", "Dynamic_SEResControlMode": {}}),
    (DC, "DC_CableCheckReq", {}),
    (DC, "DC_CableCheckRes", {"EVSEProcessing": "Finished"}),
    (
        DC,
        "DC_PreChargeReq",
        {"EVProcessing": "Ongoing", "EVPresentVoltage": _number(400), "EVTargetVoltage": _number(400)},
    ),
    (DC, "DC_PreChargeRes", {"EVSEPresentVoltage": _number(400)}),
]

_TRANSFER: list[tuple[str, str, Content]] = [
    _power_delivery("Start", Scheduled_EVPPTControlMode={"SelectedScheduleTupleID": 1}),
    _power_delivery("Start", Dynamic_EVPPTControlMode={}),
    _power_delivery("Stop"),
    (COMMON, "PowerDeliveryRes", {}),
    _loop_request("Scheduled", _TARGETS),
    _loop_request("Dynamic", {"DepartureTime": 7200}, _ENERGY, _LEAST_ENERGY, _limits("EV", *_EV_LOOP)),
    _loop_request("BPT_Scheduled", _TARGETS),
    _loop_request("BPT_Dynamic", _ENERGY, _LEAST_ENERGY, _limits("EV", *_EV_LOOP, *_BPT_LOOP), _V2X_ENERGY),
    _loop_response("Scheduled", "MaximumChargePower", "MinimumChargePower"),
    _loop_response("Dynamic", "MaximumChargePower", "MinimumChargePower", "MaximumChargeCurrent", "MaximumVoltage"),
    _loop_response("BPT_Scheduled", "MaximumChargePower", *_BPT_LOOP),
    _loop_response(
        "BPT_Dynamic",
        "MaximumChargePower",
        "MinimumChargePower",
        "MaximumChargeCurrent",
        "MaximumVoltage",
        *_BPT_LOOP,
        "MinimumVoltage",
    ),
    (DC, "DC_WeldingDetectionReq", {"EVProcessing": "Finished"}),
    (DC, "DC_WeldingDetectionRes", {"EVSEPresentVoltage": _number(0)}),
    (COMMON, "SessionStopReq", {"ChargingSession": "Terminate"}),
    (COMMON, "SessionStopRes", {}),
]

MESSAGES = [*_SESSION_OPENING, *_PREPARATION, *_TRANSFER]
