"""What is wrong with the content of a request, given what its session knows.

Sequence and session id are judged before (see `session`). Every function reads, none changes the session. Each finding
carries the response codes with which an SECC may answer; where careful devices may also go on, OK is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_messages import chargeProgressType as Progress
from harness.messages.common_messages import chargingSessionType as Ending
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import number
from harness.v2g.envelope import contradictions
from harness.v2g.schedules import profile_excess
from harness.v2g.services import ENERGY_SERVICES, ControlMode
from harness.v2g.violation import Kind, Violation

if TYPE_CHECKING:
    from harness.v2g.session import Session


def wrong_in_request(session: Session, request: Any) -> tuple[Violation, ...]:
    """The violations in the content of a request that is in sequence."""
    judge = _JUDGES.get(type(request))
    return () if judge is None else tuple(judge(session, request))


def _wrong(
    kind: Kind, requirement: str, expected: str, actual: str, *answers: Code, confirmed: bool = True
) -> Violation:
    return Violation(kind, "evcc", requirement, expected, actual, confirmed=confirmed, answers=answers)


def _authorization(session: Session, request: cm.AuthorizationReq) -> Iterator[Violation]:
    offered, chosen = session.authorization_services, request.SelectedAuthorizationService
    if offered and chosen not in offered:
        names = " or ".join(each.value for each in offered)
        yield _wrong(
            Kind.AUTHORIZATION, "[V2G20-2209]", names, chosen.value, Code.WARNING_AuthorizationSelectionInvalid
        )


def _certificate_installation(session: Session, _: cm.CertificateInstallationReq) -> Iterator[Violation]:
    if session.certificate_installation is False:
        codes = Code.FAILED_SequenceError, Code.WARNING_NoCertificateAvailable
        text = "no CertificateInstallationReq, the service was not announced"
        yield _wrong(Kind.AUTHORIZATION, "[V2G20-2221]", text, "CertificateInstallationReq", *codes, confirmed=False)


def _service_detail(session: Session, request: cm.ServiceDetailReq) -> Iterator[Violation]:
    known = session.services | session.value_added_services
    if known and request.ServiceID not in known:
        text = f"one of the offered services {sorted(known)}"
        yield _wrong(Kind.SERVICE, "[V2G20-425]", text, f"{request.ServiceID}", Code.FAILED_ServiceIDInvalid)


def _service_selection(session: Session, request: cm.ServiceSelectionReq) -> Iterator[Violation]:
    energy = request.SelectedEnergyTransferService
    if energy.ServiceID in session.value_added_services and energy.ServiceID not in ENERGY_SERVICES:
        code = Code.FAILED_NoEnergyTransferServiceSelected
        yield _wrong(Kind.SERVICE, "[V2G20-1618]", "an energy transfer service", f"service {energy.ServiceID}", code)
        return
    extra = request.SelectedVASList.SelectedService if request.SelectedVASList else ()
    choices = [(session.services, energy), *((session.value_added_services, each) for each in extra)]
    for known, each in choices:
        unknown = bool(session.services) and each.ServiceID not in known
        sets = session.parameter_sets.get(each.ServiceID)
        if unknown or (sets is not None and each.ParameterSetID not in sets):
            actual = f"service {each.ServiceID} with parameter set {each.ParameterSetID}"
            text = "a service and parameter set that were offered"
            codes = [Code.FAILED_ServiceSelectionInvalid]
            if unknown and each is energy:  # nobody's service is no energy service either
                codes.append(Code.FAILED_NoEnergyTransferServiceSelected)
            yield _wrong(Kind.SERVICE, "[V2G20-467]", text, actual, *codes)


def _charge_parameters(session: Session, request: dc.DC_ChargeParameterDiscoveryReq) -> Iterator[Violation]:
    element = request.DC_CPDReqEnergyTransferMode
    bidirectional = isinstance(element, dc.BPT_DC_CPDReqEnergyTransferMode)
    if session.service is not None and bidirectional is not session.bidirectional:
        expected = "BPT_DC_CPDReqEnergyTransferMode" if session.bidirectional else "DC_CPDReqEnergyTransferMode"
        code = Code.FAILED_WrongChargeParameter
        yield _wrong(Kind.VARIANT, "[V2G20-2272]", expected, type(element).__name__, code)
        return
    for fault in contradictions(element):
        codes = Code.FAILED_WrongChargeParameter, Code.OK
        yield _wrong(Kind.LIMITS, "[V2G20-2272]", "consistent limits", fault, *codes)


def _schedule_exchange(session: Session, request: cm.ScheduleExchangeReq) -> Iterator[Violation]:
    dynamic = request.Dynamic_SEReqControlMode
    said = ControlMode.SCHEDULED if dynamic is None else ControlMode.DYNAMIC
    if session.control_mode not in (None, said):
        expected = f"{session.control_mode.name.lower()} control mode"
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", expected, said.name.lower(), Code.FAILED)
        return
    if dynamic is None:
        return
    yield from _v2x_window(dynamic)
    low, high = dynamic.MinimumSOC, dynamic.TargetSOC
    if low is not None and high is not None and low > high:
        actual = f"MinimumSOC {low} above TargetSOC {high}"
        yield _wrong(Kind.ENERGY, "[V2G20-1640]", "MinimumSOC <= TargetSOC", actual, Code.FAILED, Code.OK)


def _v2x_window(element: Any) -> Iterator[Violation]:
    """Both V2X energies or none; a device may reject the message or go on without a window."""
    low, high = element.EVMinimumV2XEnergyRequest, element.EVMaximumV2XEnergyRequest
    if (low is None) is not (high is None):
        codes = Code.FAILED, Code.FAILED_WrongChargeParameter, Code.OK
        yield _wrong(Kind.ENERGY, "[V2G20-2681]", "both V2X energy requests or none", "one of them", *codes)
    if low is not None and high is not None and number(low) > number(high):
        codes = Code.FAILED, Code.FAILED_WrongChargeParameter, Code.OK
        text = "EVMinimumV2XEnergyRequest <= EVMaximumV2XEnergyRequest"
        yield _wrong(Kind.ENERGY, "[V2G20-2681]", text, f"{number(low):g} and {number(high):g}", *codes)


def _power_delivery(session: Session, request: cm.PowerDeliveryReq) -> Iterator[Violation]:
    if request.ChargeProgress not in (Progress.Start, Progress.ScheduleRenegotiation):
        return
    yield from _unmatched_start(session, request)
    profile = request.EVPowerProfile
    if profile is None or session.control_mode is None:
        return
    scheduled = profile.Scheduled_EVPPTControlMode
    said = ControlMode.DYNAMIC if scheduled is None else ControlMode.SCHEDULED
    if said is not session.control_mode:
        expected = f"{session.control_mode.name.lower()} EVPowerProfile"
        codes = Code.FAILED_EVPowerProfileInvalid, Code.FAILED
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", expected, said.name.lower(), *codes, confirmed=False)
    elif scheduled is not None and session.schedule_tuples:
        yield from _power_profile(session, profile, scheduled.SelectedScheduleTupleID)


_MATCH = 25.0
"""V between outlet and battery at which a contactor may still close: 20 V by practice of IEC 61851-23, and rounding."""


def _unmatched_start(session: Session, request: cm.PowerDeliveryReq) -> Iterator[Violation]:
    """An EV that starts although precharge has not come to its battery's voltage; careful devices refuse it."""
    gap = None if session.looping else session.precharge_gap
    if request.ChargeProgress is Progress.Start and gap is not None and abs(gap) > _MATCH:
        codes = Code.OK, Code.FAILED_PowerDeliveryNotApplied, Code.FAILED
        text = f"an outlet within {_MATCH:g} V of the battery before the start"
        yield _wrong(Kind.LIMITS, "V2G20:precharge-match", text, f"{gap:+.0f} V", *codes, confirmed=False)


def _power_profile(session: Session, profile: cm.EVPowerProfileType, chosen: int) -> Iterator[Violation]:
    schedule = session.schedule_tuples.get(chosen)
    if schedule is None:
        text = f"one of the offered schedule tuples {sorted(session.schedule_tuples)}"
        yield _wrong(Kind.SCHEDULE, "[V2G20-1058]", text, f"{chosen}", Code.FAILED_ScheduleSelectionInvalid)
    elif excess := profile_excess(profile, schedule):
        text = "a power profile within the schedule"
        yield _wrong(Kind.SCHEDULE, "[V2G20-1864]", text, excess, Code.FAILED_EVPowerProfileInvalid)


_LOOP_MODES = {
    dc.Scheduled_DC_CLReqControlMode: (False, ControlMode.SCHEDULED),
    dc.BPT_Scheduled_DC_CLReqControlMode: (True, ControlMode.SCHEDULED),
    dc.Dynamic_DC_CLReqControlMode: (False, ControlMode.DYNAMIC),
    dc.BPT_Dynamic_DC_CLReqControlMode: (True, ControlMode.DYNAMIC),
}


def _charge_loop(session: Session, request: dc.DC_ChargeLoopReq) -> Iterator[Violation]:
    element = request.CLReqControlMode
    wanted = (session.bidirectional, session.control_mode)
    if session.service is not None and session.control_mode is not None and _LOOP_MODES[type(element)] != wanted:
        expected = next(cls.__name__ for cls, said in _LOOP_MODES.items() if said == wanted)
        codes = Code.FAILED, Code.FAILED_ServiceSelectionInvalid, Code.FAILED_WrongChargeParameter
        actual = type(element).__name__
        yield _wrong(Kind.VARIANT, "[V2G20-1600]", expected, actual, *codes, confirmed=False)
        return
    if isinstance(element, dc.BPT_Dynamic_DC_CLReqControlMode):
        yield from _v2x_window(element)
    for fault in contradictions(element):
        codes = Code.OK, Code.FAILED_WrongChargeParameter, Code.FAILED
        yield _wrong(Kind.LIMITS, "[V2G20-2272]", "consistent limits", fault, *codes, confirmed=False)


def _metering(session: Session, request: cm.MeteringConfirmationReq) -> Iterator[Violation]:
    signed = request.SignedMeteringData
    if signed.SessionID != session.session_id or (session.meter_info and signed.MeterInfo != session.meter_info):
        text = "session id and readings as the SECC sent them"
        code = Code.FAILED_MeteringSignatureNotValid
        yield _wrong(Kind.METERING, "[V2G20-1083]", text, "others", code, Code.FAILED_SignatureError)


def _session_stop(session: Session, request: cm.SessionStopReq) -> Iterator[Violation]:
    if request.ChargingSession is Ending.ServiceRenegotiation and session.renegotiation_supported is False:
        code = Code.FAILED_NoServiceRenegotiationSupported
        text = "no ServiceRenegotiation, the SECC does not support it"
        yield _wrong(Kind.SERVICE, "[V2G20-1477]", text, "ChargingSession ServiceRenegotiation", code)


_JUDGES: dict[type, Callable[..., Iterator[Violation]]] = {
    cm.AuthorizationReq: _authorization,
    cm.CertificateInstallationReq: _certificate_installation,
    cm.ServiceDetailReq: _service_detail,
    cm.ServiceSelectionReq: _service_selection,
    dc.DC_ChargeParameterDiscoveryReq: _charge_parameters,
    cm.ScheduleExchangeReq: _schedule_exchange,
    cm.PowerDeliveryReq: _power_delivery,
    dc.DC_ChargeLoopReq: _charge_loop,
    cm.MeteringConfirmationReq: _metering,
    cm.SessionStopReq: _session_stop,
}
