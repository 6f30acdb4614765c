"""Requests of an ordinary EV and responses of an ordinary EVSE, for tests that need a whole conversation.

All powers 11 kW, all currents 30 A, all voltages 200 to 500 V; discharge limits are magnitudes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import MessageHeaderType, processingType
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import rational
from harness.v2g.filler import minimal
from harness.v2g.services import ControlMode, Mode, Service

ID = bytes.fromhex("00112233445566ff")
FINISHED, ONGOING = processingType.Finished, processingType.Ongoing
Progress, Ending = cm.chargeProgressType, cm.chargingSessionType
Exchange = tuple[Any, Any]


def header(session_id: bytes = ID, at: int = 1_700_000_000) -> MessageHeaderType:
    return MessageHeaderType(SessionID=session_id, TimeStamp=at)


def limits(cls: type, who: str, **given: float) -> Any:
    """An element with every limit filled; `given` names limits without EV or EVSE."""
    values = {
        "MaximumChargePower": 11000, "MinimumChargePower": 0, "MaximumChargeCurrent": 30, "MinimumChargeCurrent": 0,
        "MaximumVoltage": 500, "MinimumVoltage": 200, "MaximumDischargePower": 11000, "MinimumDischargePower": 0,
        "MaximumDischargeCurrent": 30, "MinimumDischargeCurrent": 0,
    } | given  # fmt: skip
    names = {f"{who}{name}": rational(value) for name, value in values.items()}
    return minimal(cls, **{name: pair for name, pair in names.items() if name in cls.__dataclass_fields__})  # type: ignore[attr-defined]


def sap(*entries: ap.AppProtocolType) -> ap.supportedAppProtocolReq:
    entries = entries or (protocol(),)
    return ap.supportedAppProtocolReq(AppProtocol=entries)


def protocol(namespace: str = Mode.DC.value, major: int = 1, minor: int = 0, schema: int = 7, priority: int = 1) -> Any:
    return ap.AppProtocolType(
        ProtocolNamespace=namespace, VersionNumberMajor=major, VersionNumberMinor=minor, SchemaID=schema, Priority=priority
    )  # fmt: skip


def ok(cls: type, code: Code = Code.OK, **fields: Any) -> Any:
    return minimal(cls, **({"Header": header(), "ResponseCode": code} | fields))


def ask(cls: type, **fields: Any) -> Any:
    return minimal(cls, **({"Header": header()} | fields))


def protocol_exchange(schema: int | None = 7) -> Exchange:
    code = ap.responseCodeType.OK_SuccessfulNegotiation
    return sap(), ap.supportedAppProtocolRes(ResponseCode=code, SchemaID=schema)


def setup_exchange() -> Exchange:
    request = cm.SessionSetupReq(Header=header(bytes(8)), EVCCID="WMIV1234567890ABCDEX")
    return request, ok(cm.SessionSetupRes, Code.OK_NewSessionEstablished)


def authorization_exchanges() -> list[Exchange]:
    eim = cm.EIM_AReqAuthorizationModeType()
    return [
        (ask(cm.AuthorizationSetupReq), ok(cm.AuthorizationSetupRes)),
        (ask(cm.AuthorizationReq, EIM_AReqAuthorizationMode=eim), ok(cm.AuthorizationRes, EVSEProcessing=FINISHED)),
    ]


def parameter_set(number: int, mode: ControlMode, mobility: int = 1) -> cm.ParameterSetType:
    values = {"Connector": 2, "ControlMode": int(mode), "MobilityNeedsMode": mobility, "Pricing": 0}
    named = tuple(cm.ParameterType(Name=name, intValue=value) for name, value in values.items())
    return cm.ParameterSetType(ParameterSetID=number, Parameter=named)


def service_exchanges(service: int, mode: ControlMode) -> list[Exchange]:
    offered = cm.ServiceListType(Service=tuple(cm.ServiceType(ServiceID=each, FreeService=True) for each in (2, 6)))
    sets = cm.ServiceParameterListType(ParameterSet=tuple(parameter_set(int(m), m) for m in ControlMode))
    chosen = cm.SelectedServiceType(ServiceID=int(service), ParameterSetID=int(mode))
    discovery = ok(cm.ServiceDiscoveryRes, EnergyTransferServiceList=offered, ServiceRenegotiationSupported=True)
    return [
        (ask(cm.ServiceDiscoveryReq), discovery),
        (ask(cm.ServiceDetailReq, ServiceID=int(service)), ok(cm.ServiceDetailRes, ServiceID=int(service), ServiceParameterList=sets)),
        (ask(cm.ServiceSelectionReq, SelectedEnergyTransferService=chosen), ok(cm.ServiceSelectionRes)),
    ]  # fmt: skip


def parameter_exchange(service: int = Service.DC_BPT) -> Exchange:
    both = service == Service.DC_BPT
    asked = limits(dc.BPT_DC_CPDReqEnergyTransferMode if both else dc.DC_CPDReqEnergyTransferMode, "EV")
    given = limits(dc.BPT_DC_CPDResEnergyTransferMode if both else dc.DC_CPDResEnergyTransferMode, "EVSE")
    return (
        ask(dc.DC_ChargeParameterDiscoveryReq, DC_CPDReqEnergyTransferMode=asked),
        ok(dc.DC_ChargeParameterDiscoveryRes, DC_CPDResEnergyTransferMode=given),
    )


def schedule(power: float, entries: int = 1) -> cm.ChargingScheduleType:
    entry = cm.PowerScheduleEntryType(Duration=3600, Power=rational(power))
    listed = cm.PowerScheduleEntryListType(PowerScheduleEntry=(entry,) * entries)
    return cm.ChargingScheduleType(
        PowerSchedule=cm.PowerScheduleType(TimeAnchor=1_700_000_000, PowerScheduleEntries=listed)
    )


def schedule_exchange(mode: ControlMode, entries: int = 1) -> Exchange:
    tuples = (cm.ScheduleTupleType(ScheduleTupleID=1, ChargingSchedule=schedule(11000, entries)),)
    if mode is ControlMode.DYNAMIC:
        asked = {"Dynamic_SEReqControlMode": energies(cm.Dynamic_SEReqControlModeType, DepartureTime=7200)}
        given: dict[str, Any] = {"Dynamic_SEResControlMode": cm.Dynamic_SEResControlModeType()}
    else:
        asked = {"Scheduled_SEReqControlMode": cm.Scheduled_SEReqControlModeType()}
        given = {"Scheduled_SEResControlMode": cm.Scheduled_SEResControlModeType(ScheduleTuple=tuples)}
    request = ask(cm.ScheduleExchangeReq, MaximumSupportingPoints=12, **asked)
    return request, ok(cm.ScheduleExchangeRes, EVSEProcessing=FINISHED, **given)


def energies(cls: type, target: float = 20000, maximum: float = 30000, minimum: float = -10000, **more: Any) -> Any:
    named = {"EVTargetEnergyRequest": target, "EVMaximumEnergyRequest": maximum, "EVMinimumEnergyRequest": minimum}
    return minimal(cls, **{name: rational(value) for name, value in named.items()}, **more)


def cable_exchanges() -> list[Exchange]:
    volts = {"EVPresentVoltage": rational(380), "EVTargetVoltage": rational(400)}
    precharge = ok(dc.DC_PreChargeRes, EVSEPresentVoltage=rational(380))
    return [
        (ask(dc.DC_CableCheckReq), ok(dc.DC_CableCheckRes, EVSEProcessing=ONGOING)),
        (ask(dc.DC_CableCheckReq), ok(dc.DC_CableCheckRes, EVSEProcessing=FINISHED)),
        (ask(dc.DC_PreChargeReq, EVProcessing=ONGOING, **volts), precharge),
        (ask(dc.DC_PreChargeReq, EVProcessing=FINISHED, **volts), precharge),
    ]


def profile(power: float = 11000, chosen: int = 1) -> cm.EVPowerProfileType:
    entry = cm.PowerScheduleEntryType(Duration=3600, Power=rational(power))
    return cm.EVPowerProfileType(
        TimeAnchor=1_700_000_000,
        Scheduled_EVPPTControlMode=cm.Scheduled_EVPPTControlModeType(SelectedScheduleTupleID=chosen),
        EVPowerProfileEntries=cm.EVPowerProfileEntryListType(EVPowerProfileEntry=(entry,)),
    )


def delivery(progress: Progress, **fields: Any) -> Any:
    return ask(cm.PowerDeliveryReq, ChargeProgress=progress, EVProcessing=FINISHED, **fields)


def delivery_exchange(progress: Progress, code: Code = Code.OK, **fields: Any) -> Exchange:
    return delivery(progress, **fields), ok(cm.PowerDeliveryRes, code)


_LOOP_ELEMENTS = {
    (Service.DC, ControlMode.SCHEDULED): (dc.Scheduled_DC_CLReqControlMode, dc.Scheduled_DC_CLResControlMode),
    (Service.DC, ControlMode.DYNAMIC): (dc.Dynamic_DC_CLReqControlMode, dc.Dynamic_DC_CLResControlMode),
    (Service.DC_BPT, ControlMode.SCHEDULED): (dc.BPT_Scheduled_DC_CLReqControlMode, dc.BPT_Scheduled_DC_CLResControlMode),
    (Service.DC_BPT, ControlMode.DYNAMIC): (dc.BPT_Dynamic_DC_CLReqControlMode, dc.BPT_Dynamic_DC_CLResControlMode),
}  # fmt: skip


def loop_request(service: int, mode: ControlMode, *, amperes: float = 20, **given: Any) -> Any:
    element = limits(_LOOP_ELEMENTS[Service(service), mode][0], "EV")
    if mode is ControlMode.SCHEDULED:
        element = replace(element, EVTargetCurrent=rational(amperes), EVTargetVoltage=rational(400))
    else:
        wanted = {"EVTargetEnergyRequest": 20000, "EVMaximumEnergyRequest": 30000, "EVMinimumEnergyRequest": -10000}
        element = replace(element, **{name: rational(value) for name, value in wanted.items()})
    element = replace(element, **given)
    return ask(dc.DC_ChargeLoopReq, EVPresentVoltage=rational(380), CLReqControlMode=element)


def loop_exchange(service: int, mode: ControlMode, **given: float) -> Exchange:
    element = limits(_LOOP_ELEMENTS[Service(service), mode][1], "EVSE", **given)
    return loop_request(service, mode), ok(dc.DC_ChargeLoopRes, CLResControlMode=element)


def ending_exchange(ending: Ending = Ending.Terminate, code: Code = Code.OK) -> Exchange:
    return ask(cm.SessionStopReq, ChargingSession=ending), ok(cm.SessionStopRes, code)


def until_loop(service: int = Service.DC_BPT, mode: ControlMode = ControlMode.DYNAMIC) -> list[Exchange]:
    """Everything before the first loop message."""
    start = {"EVPowerProfile": profile()} if mode is ControlMode.SCHEDULED else {}
    return [
        protocol_exchange(),
        setup_exchange(),
        *authorization_exchanges(),
        *service_exchanges(service, mode),
        parameter_exchange(service),
        schedule_exchange(mode),
        *cable_exchanges(),
        delivery_exchange(Progress.Start, **start),
    ]


def whole_session(service: int = Service.DC_BPT, mode: ControlMode = ControlMode.DYNAMIC) -> list[Exchange]:
    """An ordinary session from protocol negotiation to its end."""
    welding = ask(dc.DC_WeldingDetectionReq, EVProcessing=FINISHED), ok(dc.DC_WeldingDetectionRes)
    return [
        *until_loop(service, mode),
        *[loop_exchange(service, mode)] * 3,
        delivery_exchange(Progress.Stop),
        welding,
        ending_exchange(),
    ]
