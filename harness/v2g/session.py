"""A session as both sides know it: follows the messages of either side and says who broke what.

The same session guides the reference devices, judges a live SUT and reads a recording; it holds no socket and no clock,
time is an argument in seconds on any clock that does not go back. It sees every request and response of one connection
in the order in which they crossed the wire.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_messages import chargeProgressType as Progress
from harness.messages.common_types import EVSEStatusType, MeterInfoType, processingType
from harness.messages.common_types import evseNotificationType as Notice
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import number
from harness.v2g import timers
from harness.v2g.envelope import Envelope, envelope_of
from harness.v2g.requests import wrong_in_request
from harness.v2g.responses import wrong_in_response
from harness.v2g.sequence import (
    FINAL,
    LOOPING,
    Outcome,
    State,
    failed,
    is_request,
    is_response,
    outcome,
    response_to,
    step_anywhere,
    step_for,
    steps_in,
)
from harness.v2g.services import (
    BIDIRECTIONAL,
    ControlMode,
    MobilityNeedsMode,
    Mode,
    Value,
    control_mode_of,
    parameters_of,
)
from harness.v2g.violation import Kind, Violation

NO_SESSION = bytes(8)
Parameters = Mapping[str, Value]


class Pending(NamedTuple):
    """A request that waits for its response: what was wrong with it, and when it came."""

    request: Any
    at: float
    wrong: tuple[Violation, ...]


class Notification(NamedTuple):
    """What the SECC asked for, and until when the EV has to follow."""

    kind: Notice
    deadline: float


@dataclass(slots=True)
class Session:
    """One V2G communication session on one connection.

    `margin` (s) is added to every deadline, for the way over the wire. `paused` is the session that this one may join.
    Sets and mappings are empty, and limits None, as long as nothing was said. `precharge_gap` is the outlet's voltage less
    the battery's (V), as both reported it last before the start.
    """

    margin: float = 0.0
    paused: Session | None = None
    state: State = State.APP_PROTOCOL
    session_id: bytes = NO_SESSION
    mode: Mode | None = Mode.DC
    authorization_services: tuple[cm.authorizationType, ...] = ()
    certificate_installation: bool | None = None
    services: frozenset[int] = frozenset()
    value_added_services: frozenset[int] = frozenset()
    renegotiation_supported: bool | None = None
    parameter_sets: dict[int, dict[int, Parameters]] = field(default_factory=dict)
    service: int | None = None
    parameters: Parameters | None = None
    ev_limits: Envelope | None = None
    evse_limits: Envelope | None = None
    ev_now: Envelope | None = None
    evse_now: Envelope | None = None
    schedule_tuples: dict[int, cm.ScheduleTupleType] = field(default_factory=dict)
    selected_tuple: int | None = None
    meter_info: MeterInfoType | None = None
    precharge_gap: float | None = None
    loops: int = 0
    notification: Notification | None = None
    pending: Pending | None = None
    timed_out: Violation | None = None
    _queue: deque[tuple[Any, float]] = field(default_factory=deque)
    _answered: tuple[type, float] | None = None
    _polling: tuple[type, float] | None = None

    # --- what a session knows -----------------------------------------------------------------------------------------

    @property
    def bidirectional(self) -> bool:
        """True when a service with bidirectional power transfer was chosen."""
        return self.service in BIDIRECTIONAL

    @property
    def control_mode(self) -> ControlMode | None:
        """The control mode of the chosen parameter set; None while none is known."""
        return None if self.parameters is None else control_mode_of(self.parameters)

    @property
    def mobility_needs_mode(self) -> MobilityNeedsMode:
        """Who knows the driver's needs; the EVCC alone unless the chosen set says otherwise."""
        said = (self.parameters or {}).get("MobilityNeedsMode")
        return MobilityNeedsMode.EVCC_AND_SECC if said == 2 else MobilityNeedsMode.EVCC

    @property
    def looping(self) -> bool:
        """True from the start of power delivery to its stop, standby included."""
        return self.state in LOOPING

    @property
    def over(self) -> bool:
        """True when no further request is legal on this connection."""
        return self.state in FINAL

    def expects(self, *, tolerated: bool = False) -> tuple[type, ...]:
        """The request types that are legal now; with `tolerated`, those also that some devices take."""
        rows = steps_in(self.mode, self.state)
        return tuple(dict.fromkeys(row.request for row in rows if tolerated or not row.tolerated))

    def wrong_with(self, request: Any) -> tuple[Violation, ...]:
        """What would be wrong with this request now; empty when it is legal. Changes nothing."""
        return tuple(self._wrong_with(request))

    # --- following ----------------------------------------------------------------------------------------------------

    def observe(self, message: Any, now: float) -> tuple[Violation, ...]:
        """Follow one message of either side; returns what was wrong with it, and what has become late before it."""
        late = self.expire(now)
        if is_request(message):
            return (*late, *self._request(message, now))
        if is_response(message):
            return (*late, *self._response(message, now))
        return late

    @property
    def deadline(self) -> float | None:
        """The next instant at which somebody is late; call `expire` then."""
        moments = [at for at, _ in self._deadlines()]
        return min(moments) if moments else None

    def expire(self, now: float) -> tuple[Violation, ...]:
        """What has become late until `now`; each is reported once. After a sequence timeout `timed_out` is set."""
        due = [violation for at, violation in self._deadlines() if now > at]
        for violation in due:
            if violation.kind is Kind.NOTIFICATION:
                self.notification = None
            elif violation.who == "evcc":
                self.timed_out, self._answered = violation, None
            elif self.pending is not None:
                self.pending = self.pending._replace(at=float("inf"))
        return tuple(due)

    def _deadlines(self) -> Iterator[tuple[float, Violation]]:
        if self.pending is not None:
            limit = timers.evcc_message_timeout(type(self.pending.request))
            text = f"a response within {limit.seconds:g} s ({limit.name})"
            actual = f"none to {type(self.pending.request).__name__}"
            wrong = Violation(Kind.TIMING, "secc", "[V2G20-436]", text, actual, confirmed=limit.confirmed)
            yield self.pending.at + limit.seconds + self.margin, wrong
        if self._answered is not None and not self.over:
            answered, at = self._answered
            limit = timers.secc_sequence_timeout(answered)
            text = f"the next request within {limit.seconds:g} s ({limit.name})"
            actual = f"none after the response to {answered.__name__}"
            wrong = Violation(Kind.TIMING, "evcc", "[V2G20-443]", text, actual, confirmed=limit.confirmed)
            yield at + limit.seconds + self.margin, wrong
        if self.notification is not None:
            kind, at = self.notification
            text = f"the EV to follow the notification {kind.value} in time"
            yield (
                at + self.margin,
                Violation(
                    Kind.NOTIFICATION, "evcc", "ISO 15118-20:2022, 8.3.5.3.1", text, "it did not", confirmed=False
                ),
            )

    # --- requests -----------------------------------------------------------------------------------------------------

    def _request(self, request: Any, now: float) -> tuple[Violation, ...]:
        if self.pending is not None:  # sent before the response to the last one: its turn comes with that response
            self._queue.append((request, now))
            return ()
        wrong = tuple(self._wrong_with(request))
        late = tuple(self._poll(request, now))
        self.pending = Pending(request, now, wrong)
        self._answered = None
        if not any(each.kind in (Kind.SEQUENCE, Kind.SESSION_ID) for each in wrong):
            self._follow_notification(request)
        return (*wrong, *late)

    def _wrong_with(self, request: Any) -> Iterator[Violation]:
        """Sequence first, then the session id, then the content, as devices check."""
        step = step_for(self.mode, self.state, request)
        if step is None or step.tolerated:
            legal = " or ".join(each.__name__ for each in self.expects()) or "no further request"
            text = f"{legal} in the state {self.state.value}"
            progress = getattr(request, "ChargeProgress", None)
            actual = type(request).__name__ + (f" ({progress.value})" if progress else "")
            tolerated = step is not None
            # A second protocol negotiation has no code of its own for this; it may be refused in its own words.
            codes = () if isinstance(request, supportedAppProtocolReq) else (Code.FAILED_SequenceError,)
            yield Violation(Kind.SEQUENCE, "evcc", "[V2G20-459]", text, actual, tolerated, answers=codes)
            if not tolerated:
                return
        if not isinstance(request, supportedAppProtocolReq | cm.SessionSetupReq):
            given = request.Header.SessionID
            if given != self.session_id:
                text = f"SessionID {self.session_id.hex()}"
                code = Code.FAILED_UnknownSession
                yield Violation(Kind.SESSION_ID, "evcc", "[V2G20-460]", text, given.hex(), answers=(code,))
                return
        yield from wrong_in_request(self, request)

    def _poll(self, request: Any, now: float) -> Iterator[Violation]:
        """How long one phase has been polled already."""
        if self._polling is None or self._polling[0] is not type(request):
            self._polling = (type(request), now)
            return
        limit = timers.evcc_ongoing_timeout(type(request))
        elapsed = now - self._polling[1]
        if type(request) in timers.POLLED and elapsed > limit.seconds + self.margin:
            text = f"polling for at most {limit.seconds:g} s ({limit.name})"
            actual = f"{type(request).__name__} after {elapsed:.1f} s"
            yield Violation(Kind.TIMING, "evcc", limit.name, text, actual, confirmed=limit.confirmed)

    def _follow_notification(self, request: Any) -> None:
        if self.notification is not None and _follows(self.notification.kind, request):
            self.notification = None

    # --- responses ----------------------------------------------------------------------------------------------------

    def _response(self, response: Any, now: float) -> tuple[Violation, ...]:
        if self.pending is None:
            return (
                _by_secc(Kind.RESPONSE_TYPE, "[V2G20-459]", "no response without a request", type(response).__name__),
            )
        request, wrong = self.pending.request, self.pending.wrong
        self.pending, self._answered = None, (type(request), now)
        expected: type = response_to(type(request))
        if type(response) is not expected:
            found = [_by_secc(Kind.RESPONSE_TYPE, "[V2G20-459]", expected.__name__, type(response).__name__)]
        else:
            found = [*self._judge(request, wrong, response, now)]
            self._advance(request, response, now)
        return (*found, *self._next_in_queue())

    def _next_in_queue(self) -> tuple[Violation, ...]:
        return self._request(*self._queue.popleft()) if self._queue else ()

    def _judge(self, request: Any, wrong: tuple[Violation, ...], response: Any, now: float) -> Iterator[Violation]:
        yield from self._wrong_code(request, wrong, response)
        yield from self._wrong_id(request, wrong, response)
        if self.timed_out is not None and not failed(response):
            text = f"an ended session, since {self.timed_out.expected} did not come"
            yield replace(
                _by_secc(Kind.TIMING, "[V2G20-443]", text, type(response).__name__), confirmed=self.timed_out.confirmed
            )
        self.timed_out = None
        if not failed(response):
            yield from wrong_in_response(self, request, response)
            yield from self._ongoing(request, response, now)

    def _wrong_code(self, request: Any, wrong: tuple[Violation, ...], response: Any) -> Iterator[Violation]:
        code = response.ResponseCode
        required = [each for each in wrong if each.answers and not each.tolerated]
        allowed = {answer for each in wrong for answer in each.answers}
        if required and code not in allowed:
            first = required[0]
            text = f"{' or '.join(answer.value for answer in first.answers)}, since {first.actual} is wrong here"
            yield replace(_by_secc(Kind.RESPONSE_CODE, first.requirement, text, code.value), confirmed=first.confirmed)
        elif code in _ACCUSATIONS and code not in allowed:
            requirement = "[V2G20-459]" if code is Code.FAILED_SequenceError else "[V2G20-460]"
            if isinstance(request, cm.SessionStopReq):  # where it may come is known from implementations
                requirement = "V2G20:session-stop-any-phase"
            yield _by_secc(Kind.RESPONSE_CODE, requirement, "no such code, since the request is right", code.value)

    def _wrong_id(self, request: Any, wrong: tuple[Violation, ...], response: Any) -> Iterator[Violation]:
        header = getattr(response, "Header", None)
        free = isinstance(request, cm.SessionSetupReq) or any(each.kind is Kind.SESSION_ID for each in wrong)
        if header is None or free or self.session_id == NO_SESSION or header.SessionID == self.session_id:
            return
        yield _by_secc(Kind.SESSION_ID, "[V2G20-460]", f"SessionID {self.session_id.hex()}", header.SessionID.hex())

    def _ongoing(self, request: Any, response: Any, now: float) -> Iterator[Violation]:
        """Whether a phase is still not finished when its own time, or that of the EV for it, is over."""
        if getattr(response, "EVSEProcessing", None) is not processingType.Ongoing or self._polling is None:
            return
        limits = (timers.SECC_ONGOING_PERFORMANCE, timers.evcc_ongoing_timeout(type(request)))
        limit = min(limits, key=lambda timer: timer.seconds)
        elapsed = round(now - self._polling[1], 3)
        if elapsed >= limit.seconds and not isinstance(request, cm.AuthorizationReq):
            text = f"Finished within {limit.seconds:g} s ({limit.name})"
            actual = f"still Ongoing after {elapsed:.1f} s"
            yield replace(_by_secc(Kind.TIMING, limit.name, text, actual), confirmed=limit.confirmed)

    def _advance(self, request: Any, response: Any, now: float) -> None:
        """Take the row's way, and remember what was said. A request taken out of sequence puts us where it belongs."""
        result = outcome(request, response)
        if result is Outcome.FAILED:
            self.state = State.ENDED
            return
        step = step_for(self.mode, self.state, request) or step_anywhere(self.mode, request)
        if step is not None:
            stay = self.state if step.state is not self.state and not step.leads_to else step.state
            self.state = step.leads_to.get(result, stay)
        _learn(self, request, response, result, now)


_ACCUSATIONS = (Code.FAILED_SequenceError, Code.FAILED_UnknownSession)


def _by_secc(kind: Kind, requirement: str, expected: str, actual: str) -> Violation:
    return Violation(kind, "secc", requirement, expected, actual)


def _follows(kind: Notice, request: Any) -> bool:
    """True for the request with which an EV follows a notification."""
    progress = getattr(request, "ChargeProgress", None)
    match kind:
        case Notice.Pause | Notice.Terminate | Notice.ServiceRenegotiation:
            return progress is Progress.Stop or isinstance(request, cm.SessionStopReq)
        case Notice.ExitStandby:
            return progress in (Progress.Start, Progress.Stop)
        case Notice.ScheduleRenegotiation:
            renegotiating = progress in (Progress.ScheduleRenegotiation, Progress.Stop)
            return renegotiating or isinstance(request, cm.ScheduleExchangeReq)
        case Notice.MeteringConfirmation:
            return isinstance(request, cm.MeteringConfirmationReq)


def _learn(session: Session, request: Any, response: Any, result: Outcome, now: float) -> None:
    """What a successful exchange tells."""
    match request, response:
        case supportedAppProtocolReq(), _:
            chosen = next((each for each in request.AppProtocol if each.SchemaID == response.SchemaID), None)
            named = {mode.value: mode for mode in Mode}
            session.mode = named.get(chosen.ProtocolNamespace) if chosen else session.mode
        case cm.SessionSetupReq(), _:
            session.session_id = response.Header.SessionID
            if result is Outcome.JOINED and session.paused is not None:
                _rejoin(session, session.paused)
        case _, cm.AuthorizationSetupRes():
            session.authorization_services = response.AuthorizationServices
            session.certificate_installation = response.CertificateInstallationService
        case _, cm.ServiceDiscoveryRes():
            session.services = frozenset(each.ServiceID for each in response.EnergyTransferServiceList.Service)
            extra = response.VASList.Service if response.VASList else ()
            session.value_added_services = frozenset(each.ServiceID for each in extra)
            session.renegotiation_supported = response.ServiceRenegotiationSupported
        case _, cm.ServiceDetailRes():
            sets = response.ServiceParameterList.ParameterSet
            session.parameter_sets[request.ServiceID] = {s.ParameterSetID: parameters_of(s) for s in sets}
        case cm.ServiceSelectionReq(), _:
            chosen_set = request.SelectedEnergyTransferService
            session.service = chosen_set.ServiceID
            session.parameters = session.parameter_sets.get(chosen_set.ServiceID, {}).get(chosen_set.ParameterSetID)
        case dc.DC_ChargeParameterDiscoveryReq(), _:
            session.ev_limits = session.ev_now = envelope_of(request.DC_CPDReqEnergyTransferMode)
            session.evse_limits = session.evse_now = envelope_of(response.DC_CPDResEnergyTransferMode)
        case _, cm.ScheduleExchangeRes(Scheduled_SEResControlMode=scheduled) if scheduled and result is Outcome.DONE:
            session.schedule_tuples = {each.ScheduleTupleID: each for each in scheduled.ScheduleTuple}
        case dc.DC_PreChargeReq(), _:
            session.precharge_gap = number(response.EVSEPresentVoltage) - number(request.EVPresentVoltage)
        case cm.PowerDeliveryReq(), _:
            profile = request.EVPowerProfile.Scheduled_EVPPTControlMode if request.EVPowerProfile else None
            session.selected_tuple = profile.SelectedScheduleTupleID if profile else session.selected_tuple
            _note(session, response.EVSEStatus, now)
        case dc.DC_ChargeLoopReq(), _:
            _learn_loop(session, request, response, now)
        case cm.SessionStopReq(), _:
            session.notification = None
            if result is Outcome.RENEGOTIATE:
                _forget_services(session)


def _learn_loop(session: Session, request: dc.DC_ChargeLoopReq, response: dc.DC_ChargeLoopRes, now: float) -> None:
    session.loops += 1
    session.ev_now = (session.ev_limits or Envelope()).updated(envelope_of(request.CLReqControlMode))
    session.evse_now = (session.evse_limits or Envelope()).updated(envelope_of(response.CLResControlMode))
    session.meter_info = response.MeterInfo or session.meter_info
    _note(session, response.EVSEStatus, now)


def _note(session: Session, status: EVSEStatusType | None, now: float) -> None:
    """A repeated notification does not move its deadline back."""
    if status is None or session.state not in LOOPING:
        return
    deadline = now + status.NotificationMaxDelay
    before = session.notification
    if before is not None and before.kind is status.EVSENotification:
        deadline = min(deadline, before.deadline)
    session.notification = Notification(status.EVSENotification, deadline)


def _rejoin(session: Session, paused: Session) -> None:
    """A joined session keeps authorisation, services and the choice among them; the id was compared before."""
    for name in _KEPT:
        setattr(session, name, getattr(paused, name))


_KEPT = (
    "authorization_services",
    "certificate_installation",
    "services",
    "value_added_services",
    "renegotiation_supported",
    "parameter_sets",
    "service",
    "parameters",
    "meter_info",
)


def _forget_services(session: Session) -> None:
    session.services = session.value_added_services = frozenset()
    session.parameter_sets = {}
    session.service = session.parameters = None
    session.schedule_tuples = {}
    session.selected_tuple = None
    session.ev_limits = session.evse_limits = session.ev_now = session.evse_now = None
