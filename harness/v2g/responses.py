"""What is wrong with the content of a response that is no failure, given its request and what its session knows.

Response type, session id and required failure codes are judged before (see `session`). Every function reads, none
changes the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_types import processingType
from harness.messages.common_types import responseCodeType as Code
from harness.v2g.envelope import contradictions, envelope_of, signed_limits
from harness.v2g.services import (
    ENERGY_SERVICES,
    PROTOCOL_MAJOR,
    PROTOCOL_MINOR,
    ControlMode,
    MobilityNeedsMode,
    Mode,
    control_mode_of,
    parameters_of,
)
from harness.v2g.violation import Kind, Violation

if TYPE_CHECKING:
    from harness.v2g.session import Session

_NO_SESSION = bytes(8)


def wrong_in_response(session: Session, request: Any, response: Any) -> tuple[Violation, ...]:
    """The violations in the content of a response that accepts its request."""
    judge = _JUDGES.get(type(response))
    return () if judge is None else tuple(judge(session, request, response))


def _wrong(kind: Kind, requirement: str, expected: str, actual: str, *, confirmed: bool = True) -> Violation:
    return Violation(kind, "secc", requirement, expected, actual, confirmed=confirmed)


def _protocol(
    _: Session, request: ap.supportedAppProtocolReq, response: ap.supportedAppProtocolRes
) -> Iterator[Violation]:
    offered = {each.SchemaID: each for each in request.AppProtocol}
    chosen = offered.get(response.SchemaID) if response.SchemaID is not None else None
    if chosen is None:
        ids = " or ".join(str(each) for each in sorted(offered))
        yield _wrong(Kind.PROTOCOL, "[V2G20-169]", f"SchemaID {ids}", f"{response.SchemaID}")
        return
    if chosen.ProtocolNamespace not in {mode.value for mode in Mode}:
        return
    if chosen.VersionNumberMajor != PROTOCOL_MAJOR:
        actual = f"the entry with version {chosen.VersionNumberMajor}.{chosen.VersionNumberMinor}"
        yield _wrong(Kind.PROTOCOL, "[V2G20-169]", f"an entry with version {PROTOCOL_MAJOR}.x", actual)
        return
    same = chosen.VersionNumberMinor == PROTOCOL_MINOR
    codes = ap.responseCodeType
    wanted = codes.OK_SuccessfulNegotiation if same else codes.OK_SuccessfulNegotiationWithMinorDeviation
    if response.ResponseCode is not wanted:
        yield _wrong(Kind.PROTOCOL, "[V2G20-169]", wanted.value, response.ResponseCode.value)


def _session_setup(session: Session, request: cm.SessionSetupReq, response: cm.SessionSetupRes) -> Iterator[Violation]:
    asked, given = request.Header.SessionID, response.Header.SessionID
    match response.ResponseCode:
        case Code.OK_NewSessionEstablished:
            if given == _NO_SESSION:
                yield _wrong(Kind.SESSION_ID, "[V2G20-2106]", "a SessionID other than zero", given.hex())
            elif given == asked:
                yield _wrong(
                    Kind.SESSION_ID, "[V2G20-2106]", "a fresh SessionID", f"that of the request, {given.hex()}"
                )
        case Code.OK_OldSessionJoined:
            if given != asked or asked == _NO_SESSION:
                yield _wrong(Kind.SESSION_ID, "[V2G20-2623]", f"SessionID {asked.hex()}", given.hex())
            elif session.paused is None or session.paused.session_id != asked:
                yield _wrong(Kind.SESSION_ID, "[V2G20-2545]", "no session to be joined", "OK_OldSessionJoined")
        case code:
            text = "OK_NewSessionEstablished or OK_OldSessionJoined"
            yield _wrong(Kind.RESPONSE_CODE, "[V2G20-2622]", text, code.value)


def _authorization(_: Session, __: Any, response: cm.AuthorizationRes) -> Iterator[Violation]:
    warned = response.ResponseCode.name.startswith("WARNING")
    if warned and response.EVSEProcessing is not processingType.Finished:
        yield _wrong(Kind.AUTHORIZATION, "[V2G20-2230]", "Finished with a warning", response.EVSEProcessing.value)


def _service_discovery(session: Session, _: Any, response: cm.ServiceDiscoveryRes) -> Iterator[Violation]:
    energy = [each.ServiceID for each in response.EnergyTransferServiceList.Service]
    unknown = [each for each in energy if 65 <= each <= 66]
    if unknown:
        yield _wrong(Kind.SERVICE, "[V2G20-1248]", "energy services only", f"service {unknown[0]}")
    if len(set(energy)) != len(energy):
        yield _wrong(Kind.SERVICE, "[V2G20-1248]", "every service once", f"{energy}", confirmed=False)
    carried = session.mode.services if session.mode else frozenset()
    if carried and not carried & set(energy):
        text = f"a service of the negotiated protocol, {sorted(carried)}"
        yield _wrong(Kind.SERVICE, "[V2G20-1248]", text, f"{energy}", confirmed=False)


def _service_detail(_: Session, request: cm.ServiceDetailReq, response: cm.ServiceDetailRes) -> Iterator[Violation]:
    if response.ServiceID != request.ServiceID:
        yield _wrong(Kind.SERVICE, "[V2G20-464]", f"details of service {request.ServiceID}", f"{response.ServiceID}")
    sets = [parameters_of(each) for each in response.ServiceParameterList.ParameterSet]
    ids = [each.ParameterSetID for each in response.ServiceParameterList.ParameterSet]
    if len(set(ids)) != len(ids):
        yield _wrong(Kind.SERVICE, "[V2G20-464]", "every ParameterSetID once", f"{ids}", confirmed=False)
    if request.ServiceID not in ENERGY_SERVICES:
        return
    missing = set(ControlMode) - {control_mode_of(each) for each in sets}
    if missing:
        text = "a parameter set for each control mode"
        actual = "none for " + ", ".join(sorted(mode.name.lower() for mode in missing))
        yield _wrong(Kind.SERVICE, "[V2G20-2656]", text, actual)
    for each in sets:
        both = each.get("MobilityNeedsMode") == MobilityNeedsMode.EVCC_AND_SECC
        if both and control_mode_of(each) is ControlMode.SCHEDULED:
            yield _wrong(Kind.SERVICE, "[V2G20-2663]", "MobilityNeedsMode 1 in a scheduled set", "2")


def _charge_parameters(
    _: Session, request: dc.DC_ChargeParameterDiscoveryReq, response: dc.DC_ChargeParameterDiscoveryRes
) -> Iterator[Violation]:
    asked, given = request.DC_CPDReqEnergyTransferMode, response.DC_CPDResEnergyTransferMode
    if isinstance(given, dc.BPT_DC_CPDResEnergyTransferMode) is not isinstance(
        asked, dc.BPT_DC_CPDReqEnergyTransferMode
    ):
        expected = type(asked).__name__.replace("CPDReq", "CPDRes")
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", expected, type(given).__name__)
    for fault in contradictions(given):
        yield _wrong(Kind.LIMITS, "[V2G20-2654]", "consistent limits", fault)


def _schedule_exchange(
    _: Session, request: cm.ScheduleExchangeReq, response: cm.ScheduleExchangeRes
) -> Iterator[Violation]:
    asked_dynamic = request.Dynamic_SEReqControlMode is not None
    if asked_dynamic is (response.Dynamic_SEResControlMode is None):
        names = "Scheduled_SEResControlMode", "Dynamic_SEResControlMode"
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", names[asked_dynamic], names[not asked_dynamic])
        return
    if response.EVSEProcessing is not processingType.Finished:
        return
    if (scheduled := response.Scheduled_SEResControlMode) is not None:
        yield from _schedule_tuples(request, scheduled)
    if response.Dynamic_SEResControlMode is not None:
        yield from _soc_order(response.Dynamic_SEResControlMode, "[V2G20-1640]")


def _schedule_tuples(
    request: cm.ScheduleExchangeReq, scheduled: cm.Scheduled_SEResControlModeType
) -> Iterator[Violation]:
    ids = [each.ScheduleTupleID for each in scheduled.ScheduleTuple]
    if len(set(ids)) != len(ids):
        yield _wrong(Kind.SCHEDULE, "[V2G20-1058]", "every ScheduleTupleID once", f"{ids}")
    for each in scheduled.ScheduleTuple:
        for schedule in filter(None, (each.ChargingSchedule, each.DischargingSchedule)):
            points = len(schedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry)
            if points > request.MaximumSupportingPoints:
                text = f"at most {request.MaximumSupportingPoints} entries, the MaximumSupportingPoints of the EV"
                yield _wrong(Kind.SCHEDULE, "[V2G20-1058]", text, f"{points}")


def _soc_order(element: Any, requirement: str) -> Iterator[Violation]:
    if None not in (element.MinimumSOC, element.TargetSOC) and element.MinimumSOC > element.TargetSOC:
        actual = f"MinimumSOC {element.MinimumSOC} above TargetSOC {element.TargetSOC}"
        yield _wrong(Kind.ENERGY, requirement, "MinimumSOC <= TargetSOC", actual)


def _power_delivery(_: Session, request: cm.PowerDeliveryReq, response: cm.PowerDeliveryRes) -> Iterator[Violation]:
    allowed = _WARNINGS_BY_PROGRESS.get(response.ResponseCode)
    if allowed is not None and request.ChargeProgress is not allowed:
        actual = f"{response.ResponseCode.value} to ChargeProgress {request.ChargeProgress.value}"
        text = f"{response.ResponseCode.value} only to ChargeProgress {allowed.value}"
        yield _wrong(Kind.RESPONSE_CODE, "[V2G20-734]", text, actual, confirmed=False)


_WARNINGS_BY_PROGRESS = {
    Code.WARNING_StandbyNotAllowed: cm.chargeProgressType.Standby,
    Code.WARNING_ScheduleRenegotiationFailed: cm.chargeProgressType.ScheduleRenegotiation,
}


def _charge_loop(session: Session, request: dc.DC_ChargeLoopReq, response: dc.DC_ChargeLoopRes) -> Iterator[Violation]:
    expected = type(request.CLReqControlMode).__name__.replace("CLReq", "CLRes")
    given = response.CLResControlMode
    if type(given).__name__ != expected:
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", expected, type(given).__name__)
        return
    yield from _loop_limits(session, given)
    yield from _meter(session, request, response)
    if isinstance(given, dc.Dynamic_DC_CLResControlMode):
        yield from _soc_order(given, "[V2G20-1290]")


def _loop_limits(session: Session, element: Any) -> Iterator[Violation]:
    """Maxima of the loop stay at or below, minima at or above those of charge parameter discovery."""
    announced, now = session.evse_limits, envelope_of(element)
    if announced is None:
        return
    for name in signed_limits(element):
        before, after = getattr(announced, name), getattr(now, name)
        lowest = name.startswith("min_")
        if before is None or (after >= before if lowest else after <= before):
            continue
        requirement, relation = ("[V2G20-2655]", "at least") if lowest else ("[V2G20-2654]", "at most")
        text = f"{name.replace('_', ' ')} of the EVSE {relation} {before:g} as announced in charge parameter discovery"
        yield _wrong(Kind.LIMITS, requirement, text, f"{after:g}")
    if announced.negative_discharge is (not now.negative_discharge) and now.negative_discharge is not None:
        text = "discharge limits with the same sign as in charge parameter discovery"
        yield _wrong(Kind.LIMITS, "[V2G20-1034]", text, "the other sign")


def _meter(session: Session, request: dc.DC_ChargeLoopReq, response: dc.DC_ChargeLoopRes) -> Iterator[Violation]:
    now, before = response.MeterInfo, session.meter_info
    if request.MeterInfoRequested and now is None:
        yield _wrong(Kind.METERING, "[V2G20-1082]", "MeterInfo, which the EV requested", "none")
    status = response.EVSEStatus
    if status is not None and status.EVSENotification.name == "MeteringConfirmation" and now is None:
        yield _wrong(Kind.METERING, "[V2G20-1833]", "MeterInfo with the notification MeteringConfirmation", "none")
    if now is None or before is None:
        return
    pairs = {
        "charged": (before.ChargedEnergyReadingWh, now.ChargedEnergyReadingWh),
        "discharged": (before.BPT_DischargedEnergyReadingWh, now.BPT_DischargedEnergyReadingWh),
    }
    for name, (was, is_now) in pairs.items():
        if was is not None and is_now is not None and is_now < was:
            yield _wrong(Kind.METERING, "[V2G20-902]", f"{name} energy of at least {was} Wh", f"{is_now} Wh")


_JUDGES: dict[type, Callable[..., Iterator[Violation]]] = {
    ap.supportedAppProtocolRes: _protocol,
    cm.SessionSetupRes: _session_setup,
    cm.AuthorizationRes: _authorization,
    cm.ServiceDiscoveryRes: _service_discovery,
    cm.ServiceDetailRes: _service_detail,
    dc.DC_ChargeParameterDiscoveryRes: _charge_parameters,
    cm.ScheduleExchangeRes: _schedule_exchange,
    cm.PowerDeliveryRes: _power_delivery,
    dc.DC_ChargeLoopRes: _charge_loop,
}
