"""What an SECC answers: pure decisions of a charger, from its settings, its session, its site and its measurements.

`answer` gives the response and what the power stage shall do. Whether a request is right is for the session to say
(`wrong`); this module decides everything that is free. It knows no socket, no clock and no task.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.grid.power_stage import IsolationTest
from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_messages import chargeProgressType as Progress
from harness.messages.common_messages import chargingSessionType as Ending
from harness.messages.common_types import EVSEStatusType, MessageHeaderType, MeterInfoType, processingType
from harness.messages.common_types import evseNotificationType as Notice
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import number, rational
from harness.v2g.dispatch import Delivery, deliver, dynamic_wish, evse_envelope, scheduled_wish
from harness.v2g.envelope import Envelope, envelope_of
from harness.v2g.filler import minimal
from harness.v2g.offers import details_of, offered_services, restricted, schedule_tuples
from harness.v2g.secc_settings import SeccSettings
from harness.v2g.sequence import State, response_to
from harness.v2g.services import PROTOCOL_MAJOR, PROTOCOL_MINOR, MobilityNeedsMode
from harness.v2g.session import Session
from harness.v2g.violation import Violation

FINISHED, ONGOING = processingType.Finished, processingType.Ongoing


@dataclass(frozen=True, slots=True)
class Site:
    """What the site wants now. `setpoint` (W at the grid terminals, + = charge) and `limit` (W, magnitude) are None
    when nothing was said; `authorised` is None while the user has not been decided upon. `services` are the ids of those of
    the SECC's energy services that may be offered, None for all."""

    setpoint: float | None = None
    limit: float | None = None
    authorised: bool | None = None
    notification: EVSEStatusType | None = None
    services: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the controller sees of its plant: the outlet (V, A, + = charge), the isolation monitor, and the energies
    (Wh) that its meter counted in this service session."""

    voltage: float = 0.0
    current: float = 0.0
    isolation: IsolationTest = IsolationTest.IDLE
    energy_import: float = 0.0
    energy_export: float = 0.0


@dataclass(frozen=True, slots=True)
class Situation:
    """All that an answer depends on besides request and session. `fresh_id` is a new random session id, `joinable`
    the paused session that this very EV may join, `waited` the s since authorisation began, `ev_voltage` the battery
    voltage (V) that the EV reported last."""

    settings: SeccSettings
    unix: int
    site: Site
    measured: Measured
    fresh_id: bytes
    joinable: Session | None = None
    waited: float = 0.0
    ev_voltage: float | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What the power stage shall do from now on."""


@dataclass(frozen=True, slots=True)
class Isolate(Command):
    """Test the insulation with `voltage` V."""

    voltage: float


@dataclass(frozen=True, slots=True)
class Energise(Command):
    """Put `voltage` V on the outlet."""

    voltage: float


@dataclass(frozen=True, slots=True)
class Flow(Command):
    """Let `current` A flow, below `ceiling` V."""

    current: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Halt(Command):
    """Ramp down, switch off, open the contactors."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, None where the protocol has none (close the connection then), and a command, None to go on as is."""

    response: Any
    command: Command | None = None


def answer(request: Any, wrong: tuple[Violation, ...], session: Session, now: Situation) -> Answer:
    """The answer to a request of which `wrong` is known."""
    if session.state is State.APP_PROTOCOL and not isinstance(request, ap.supportedAppProtocolReq):
        return Answer(None, Halt())
    code = _refusal(request, wrong, session)
    if code is not None:
        return Answer(refusing(request, code, session, now), Halt() if _ends(code) else None)
    given = _ANSWERS[type(request)](request, session, now)
    failed = getattr(given.response.ResponseCode, "name", "").startswith("FAILED")
    return Answer(given.response, Halt()) if failed else given


def _refusal(request: Any, wrong: tuple[Violation, ...], session: Session) -> Code | None:
    """The code that a wrong request earns. What is tolerated is taken, as long as we know what is meant."""
    for each in wrong:
        if each.answers and each.answers[0] is not Code.OK and not each.tolerated:
            return each.answers[0]
    if isinstance(request, ap.supportedAppProtocolReq) and session.state is not State.APP_PROTOCOL:
        return Code.FAILED_SequenceError
    guessed = isinstance(request, cm.ServiceSelectionReq) and session.state is State.SERVICE_DETAIL
    return Code.FAILED_SequenceError if guessed or type(request) not in _ANSWERS else None


def _ends(code: Code) -> bool:
    return code.name.startswith("FAILED")


def refusing(request: Any, code: Code, session: Session, now: Situation) -> Any:
    """A response with `code` that is complete by its schema, whatever the request was ([V2G20-736])."""
    cls = response_to(type(request))
    if cls is ap.supportedAppProtocolRes:
        return cls(ResponseCode=ap.responseCodeType.Failed_NoNegotiation)
    given: dict[str, Any] = {"Header": _header(session, now), "ResponseCode": code}
    match request:
        case cm.SessionSetupReq():
            given["EVSEID"] = now.settings.evse_id
        case cm.AuthorizationReq():
            given["EVSEProcessing"] = FINISHED
        case cm.ServiceDiscoveryReq():
            given |= offered_services(now.settings.offer, None)
        case cm.ServiceDetailReq():
            known = details_of(now.settings.offer, now.settings.offer.services[0])
            given |= {"ServiceID": request.ServiceID, "ServiceParameterList": known}
        case cm.ScheduleExchangeReq(Scheduled_SEReqControlMode=scheduled) if scheduled is not None:
            given["Scheduled_SEResControlMode"] = minimal(cm.Scheduled_SEResControlModeType)
        case _:
            given |= _variant_of(request)
    return minimal(cls, **given)


def _variant_of(request: Any) -> dict[str, Any]:
    """The response's element of the variant that the request used, where the message has variants."""
    for name in ("DC_CPDReqEnergyTransferMode", "AC_CPDReqEnergyTransferMode", "CLReqControlMode"):
        element = getattr(request, name, None)
        if element is not None:
            cls = getattr(sys.modules[type(element).__module__], type(element).__name__.replace("Req", "Res"))
            return {name.replace("Req", "Res"): minimal(cls)}
    return {}


def _header(session: Session, now: Situation) -> MessageHeaderType:
    return MessageHeaderType(SessionID=session.session_id, TimeStamp=now.unix)


def _ok(cls: type, session: Session, now: Situation, code: Code = Code.OK, **fields: Any) -> Any:
    return cls(Header=_header(session, now), ResponseCode=code, **fields)


# --- setting up -----------------------------------------------------------------------------------------------------------


def _protocol(request: ap.supportedAppProtocolReq, _: Session, now: Situation) -> Answer:
    """Of the protocols we speak, the one that the EV ranks best."""
    spoken = [
        each
        for each in request.AppProtocol
        if each.ProtocolNamespace in now.settings.protocols and each.VersionNumberMajor == PROTOCOL_MAJOR
    ]
    codes = ap.responseCodeType
    if not spoken:
        return Answer(ap.supportedAppProtocolRes(ResponseCode=codes.Failed_NoNegotiation))
    best = min(spoken, key=lambda each: each.Priority)
    same = best.VersionNumberMinor == PROTOCOL_MINOR
    code = codes.OK_SuccessfulNegotiation if same else codes.OK_SuccessfulNegotiationWithMinorDeviation
    return Answer(ap.supportedAppProtocolRes(ResponseCode=code, SchemaID=best.SchemaID))


def _session_setup(request: cm.SessionSetupReq, _: Session, now: Situation) -> Answer:
    joined = now.joinable is not None and now.joinable.session_id == request.Header.SessionID
    code = Code.OK_OldSessionJoined if joined else Code.OK_NewSessionEstablished
    given = request.Header.SessionID if joined else now.fresh_id
    header = MessageHeaderType(SessionID=given, TimeStamp=now.unix)
    return Answer(cm.SessionSetupRes(Header=header, ResponseCode=code, EVSEID=now.settings.evse_id))


def _authorization_setup(_: cm.AuthorizationSetupReq, session: Session, now: Situation) -> Answer:
    offered: dict[str, Any] = {
        "AuthorizationServices": (cm.authorizationType.EIM,),
        "CertificateInstallationService": False,
        "EIM_ASResAuthorizationMode": cm.EIM_ASResAuthorizationModeType(),
    }
    return Answer(_ok(cm.AuthorizationSetupRes, session, now, **offered))


def _authorization(_: cm.AuthorizationReq, session: Session, now: Situation) -> Answer:
    """A decided refusal is Finished with a warning; the EV may ask again ([V2G20-2219])."""
    decided = now.site.authorised
    if decided is None and now.waited >= now.settings.authorisation.patience:
        decided = False
    if decided is None:
        waiting = processingType.Ongoing_WaitingForCustomerInteraction
        return Answer(_ok(cm.AuthorizationRes, session, now, EVSEProcessing=waiting))
    code = Code.OK if decided else Code.WARNING_EIMAuthorizationFailure
    return Answer(_ok(cm.AuthorizationRes, session, now, code, EVSEProcessing=FINISHED))


def _service_discovery(request: cm.ServiceDiscoveryReq, session: Session, now: Situation) -> Answer:
    listed = request.SupportedServiceIDs
    wanted = None if listed is None else frozenset(listed.ServiceID)
    offer = restricted(now.settings.offer, now.site.services)
    return Answer(_ok(cm.ServiceDiscoveryRes, session, now, **offered_services(offer, wanted)))


def _service_detail(request: cm.ServiceDetailReq, session: Session, now: Situation) -> Answer:
    details = details_of(now.settings.offer, request.ServiceID)
    return Answer(_ok(cm.ServiceDetailRes, session, now, ServiceID=request.ServiceID, ServiceParameterList=details))


def _service_selection(_: cm.ServiceSelectionReq, session: Session, now: Situation) -> Answer:
    return Answer(_ok(cm.ServiceSelectionRes, session, now))


# --- parameters and schedules ---------------------------------------------------------------------------------------------


def _charge_parameters(request: dc.DC_ChargeParameterDiscoveryReq, session: Session, now: Situation) -> Answer:
    ev = envelope_of(request.DC_CPDReqEnergyTransferMode)
    ratings = now.settings.ratings
    if (ev.max_voltage or 0.0) < ratings.min_voltage or (ev.min_voltage or 0.0) > ratings.max_voltage:
        return Answer(refusing(request, Code.FAILED_WrongChargeParameter, session, now))
    evse = evse_envelope(ratings, None, bidirectional=session.bidirectional)
    cls = dc.BPT_DC_CPDResEnergyTransferMode if session.bidirectional else dc.DC_CPDResEnergyTransferMode
    element = cls(**limit_fields(cls, evse, now.settings))
    return Answer(_ok(dc.DC_ChargeParameterDiscoveryRes, session, now, DC_CPDResEnergyTransferMode=element))


def limit_fields(cls: type, evse: Envelope, settings: SeccSettings) -> dict[str, Any]:
    """The limits of the EVSE as fields of a CPD or loop element."""
    fields = {}
    for name in (each for each in Envelope.__slots__ if each != "negative_discharge"):
        field = "EVSE" + "".join(_WORDS[word] for word in name.split("_"))
        value = getattr(evse, name)
        if value is not None and field in cls.__dataclass_fields__:  # type: ignore[attr-defined]
            negative = settings.negative_discharge_limits and "discharge" in name
            fields[field] = rational(-value if negative else value)
    return fields


_WORDS = {
    "max": "Maximum",
    "min": "Minimum",
    "charge": "Charge",
    "discharge": "Discharge",
    "power": "Power",
    "current": "Current",
    "voltage": "Voltage",
}


def _schedule_exchange(request: cm.ScheduleExchangeReq, session: Session, now: Situation) -> Answer:
    if request.Scheduled_SEReqControlMode is not None:
        tuples = schedule_tuples(request, session, now.settings, now.unix)
        mode: dict[str, Any] = {"Scheduled_SEResControlMode": cm.Scheduled_SEResControlModeType(ScheduleTuple=tuples)}
    else:
        mode = {"Dynamic_SEResControlMode": cm.Dynamic_SEResControlModeType(**_needs(session, now))}
    return Answer(_ok(cm.ScheduleExchangeRes, session, now, EVSEProcessing=FINISHED, **mode))


def _needs(session: Session, now: Situation) -> dict[str, Any]:
    """What the site knows of its user; said only where the EV chose that the SECC may say it."""
    known = now.settings.offer.mobility_needs
    if known is None or session.mobility_needs_mode is MobilityNeedsMode.EVCC:
        return {}
    return {
        "DepartureTime": known.departure_time,
        "MinimumSOC": known.minimum_soc,
        "TargetSOC": known.target_soc,
    }


# --- power ----------------------------------------------------------------------------------------------------------------


def _cable_check(request: dc.DC_CableCheckReq, session: Session, now: Situation) -> Answer:
    match now.measured.isolation:
        case IsolationTest.PASSED:
            return Answer(_ok(dc.DC_CableCheckRes, session, now, EVSEProcessing=FINISHED))
        case IsolationTest.FAILED:
            return Answer(refusing(request, Code.FAILED, session, now))
        case state:
            begin = Isolate(_test_voltage(session, now)) if state is IsolationTest.IDLE else None
            return Answer(_ok(dc.DC_CableCheckRes, session, now, EVSEProcessing=ONGOING), begin)


def _test_voltage(session: Session, now: Situation) -> float:
    """As high as this EV will ever see it, and no higher than the EVSE can go."""
    ratings = now.settings.ratings
    highest = session.ev_limits.max_voltage if session.ev_limits is not None else None
    return min(ratings.isolation_voltage, highest or ratings.max_voltage)


def _precharge(request: dc.DC_PreChargeReq, session: Session, now: Situation) -> Answer:
    most = min(now.settings.ratings.max_voltage, (session.ev_limits or Envelope()).max_voltage or math.inf)
    wanted = min(max(number(request.EVTargetVoltage), 0.0), most)
    response = _ok(dc.DC_PreChargeRes, session, now, EVSEPresentVoltage=_said(now.measured.voltage))
    return Answer(response, Energise(wanted))


def _power_delivery(request: cm.PowerDeliveryReq, session: Session, now: Situation) -> Answer:
    done = _ok(cm.PowerDeliveryRes, session, now, EVSEStatus=now.site.notification)
    match request.ChargeProgress:
        case Progress.Start if request.EVProcessing is FINISHED:
            return _start(request, session, now, done)
        case Progress.Stop:
            return Answer(_ok(cm.PowerDeliveryRes, session, now), Halt())
        case Progress.Standby:
            if not now.settings.standby_allowed:
                return Answer(_ok(cm.PowerDeliveryRes, session, now, Code.WARNING_StandbyNotAllowed))
            return Answer(done, Flow(0.0, now.settings.ratings.max_voltage) if session.looping else None)
        case _:
            return Answer(done)


def _start(request: cm.PowerDeliveryReq, session: Session, now: Situation, done: Any) -> Answer:
    """Current may flow once the voltages on both sides of the EV's contactor agree."""
    gap = abs(now.measured.voltage - (now.ev_voltage or 0.0))
    if not session.looping and gap > now.settings.precharge_tolerance:
        return Answer(refusing(request, Code.FAILED_PowerDeliveryNotApplied, session, now))
    return Answer(done, None if session.looping else Flow(0.0, now.settings.ratings.max_voltage))


def _charge_loop(request: dc.DC_ChargeLoopReq, session: Session, now: Situation) -> Answer:
    element = request.CLReqControlMode
    bidirectional, voltage = session.bidirectional, now.measured.voltage
    ev = (session.ev_limits or Envelope()).updated(envelope_of(element))
    evse = evse_envelope(now.settings.ratings, now.site.limit, bidirectional=bidirectional)
    if isinstance(element, dc.Dynamic_DC_CLReqControlMode):
        wish = dynamic_wish(element, ev, now.settings.ratings, now.site.setpoint, voltage)
    else:
        wish = scheduled_wish(element, ev)
    delivery = deliver(wish, ev, evse, bidirectional=bidirectional, voltage=voltage)
    idle = session.state in (State.STANDBY, State.STANDBY_BEFORE_START)
    command = None if idle else Flow(delivery.current, delivery.ceiling)
    return Answer(_loop_response(request, session, now, delivery, evse), command)


def _loop_response(
    request: dc.DC_ChargeLoopReq, session: Session, now: Situation, delivery: Delivery, evse: Envelope
) -> dc.DC_ChargeLoopRes:
    cls = getattr(dc, type(request.CLReqControlMode).__name__.replace("CLReq", "CLRes"))
    more = _needs(session, now) if issubclass(cls, dc.Dynamic_DC_CLResControlMode) else {}
    if more and now.settings.offer.mobility_needs is not None:
        more["AckMaxDelay"] = now.settings.offer.mobility_needs.acknowledge_within
    response: dc.DC_ChargeLoopRes = _ok(
        dc.DC_ChargeLoopRes,
        session,
        now,
        EVSEStatus=now.site.notification,
        MeterInfo=_meter_info(session, now) if _meter_is_due(request, session, now) else None,
        EVSEPresentCurrent=_said(now.measured.current),
        EVSEPresentVoltage=_said(now.measured.voltage),
        EVSEPowerLimitAchieved=delivery.power_limited,
        EVSECurrentLimitAchieved=delivery.current_limited,
        EVSEVoltageLimitAchieved=delivery.voltage_limited,
        CLResControlMode=cls(**limit_fields(cls, evse, now.settings), **more),
    )
    return response


def _meter_is_due(request: dc.DC_ChargeLoopReq, session: Session, now: Situation) -> bool:
    """When asked, in the first loop response of a metering EVSE, and with a wish for confirmation."""
    first = now.settings.meter.metering and session.loops == 0
    notice = now.site.notification
    confirm = notice is not None and notice.EVSENotification is Notice.MeteringConfirmation
    return request.MeterInfoRequested or first or confirm


def _meter_info(session: Session, now: Situation) -> MeterInfoType:
    back = math.floor(now.measured.energy_export) if session.bidirectional else None
    return MeterInfoType(
        MeterID=now.settings.meter.id,
        ChargedEnergyReadingWh=math.floor(now.measured.energy_import),
        BPT_DischargedEnergyReadingWh=back,
        MeterTimestamp=now.unix,
    )


def _said(value: float) -> Any:
    """A measured value to a tenth, as meters of chargers resolve."""
    return rational(round(value, 1))


# --- ending ---------------------------------------------------------------------------------------------------------------


def _welding_detection(_: dc.DC_WeldingDetectionReq, session: Session, now: Situation) -> Answer:
    return Answer(_ok(dc.DC_WeldingDetectionRes, session, now, EVSEPresentVoltage=_said(now.measured.voltage)))


def _metering_confirmation(_: cm.MeteringConfirmationReq, session: Session, now: Situation) -> Answer:
    return Answer(_ok(cm.MeteringConfirmationRes, session, now))


def _session_stop(request: cm.SessionStopReq, session: Session, now: Situation) -> Answer:
    if request.ChargingSession is Ending.Pause and not now.settings.pause_allowed:
        return Answer(refusing(request, Code.FAILED_PauseNotAllowed, session, now))
    return Answer(_ok(cm.SessionStopRes, session, now), Halt())


_ANSWERS: dict[type, Callable[[Any, Session, Situation], Answer]] = {
    ap.supportedAppProtocolReq: _protocol,
    cm.SessionSetupReq: _session_setup,
    cm.AuthorizationSetupReq: _authorization_setup,
    cm.AuthorizationReq: _authorization,
    cm.ServiceDiscoveryReq: _service_discovery,
    cm.ServiceDetailReq: _service_detail,
    cm.ServiceSelectionReq: _service_selection,
    dc.DC_ChargeParameterDiscoveryReq: _charge_parameters,
    cm.ScheduleExchangeReq: _schedule_exchange,
    dc.DC_CableCheckReq: _cable_check,
    dc.DC_PreChargeReq: _precharge,
    cm.PowerDeliveryReq: _power_delivery,
    dc.DC_ChargeLoopReq: _charge_loop,
    dc.DC_WeldingDetectionReq: _welding_detection,
    cm.MeteringConfirmationReq: _metering_confirmation,
    cm.SessionStopReq: _session_stop,
}
