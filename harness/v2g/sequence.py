"""The order of messages as data. Two rules hold in this file:

1. It does not know which role we play. SECC and EVCC, the reference device and the judgement of a live SUT, read the
   same rows; the diagrams in the documentation are drawn from them.
2. It does not know what a message means. Which of a row's outcomes came about is read from response code, processing
   and progress alone.

A state says what the SECC waits for. Every ``FAILED`` response ends the session from any state, so no row says it.
Rows marked `tolerated` are those on which the open implementations and the readings of the standard differ: a device
may take such a request or answer it with FAILED_SequenceError, and is blamed for neither.

Sources: ISO 15118-20:2022, 8.4 to 8.6 in own words; requirement ids where public code or notes cite them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_messages import chargeProgressType as Progress
from harness.messages.common_messages import chargingSessionType as Ending
from harness.messages.common_types import processingType, responseCodeType
from harness.v2g.services import Mode


class State(Enum):
    """What the SECC waits for next; the value is how reports say it."""

    APP_PROTOCOL = "protocol negotiation"
    SESSION_SETUP = "session setup"
    AUTHORIZATION_SETUP = "authorization setup"
    AUTHORIZATION = "authorization"
    SERVICE_DISCOVERY = "service discovery"
    SERVICE_DETAIL = "service detail"
    SERVICE_SELECTION = "service selection"
    CHARGE_PARAMETER_DISCOVERY = "charge parameter discovery"
    SCHEDULE_EXCHANGE = "schedule exchange"
    GO_TO_PAUSE = "pause asked for by the SECC"
    CABLE_CHECK = "cable check"
    PRE_CHARGE = "precharge"
    POWER_DELIVERY = "power delivery"
    CHARGE_LOOP = "charge loop"
    STANDBY = "standby"
    STANDBY_BEFORE_START = "standby before the isolation test"
    RENEGOTIATION = "charge loop with a new schedule"
    STOPPED = "power stopped"
    PAUSED = "paused"
    ENDED = "ended"


FINAL = frozenset({State.PAUSED, State.ENDED})
LOOPING = frozenset({State.CHARGE_LOOP, State.STANDBY, State.RENEGOTIATION})


class Outcome(Enum):
    """How an exchange came out."""

    DONE = "done"
    AGAIN = "to be repeated"
    NEW = "new session"
    JOINED = "old session joined"
    REFUSED = "refused, session continues"
    GO_TO_PAUSE = "pause asked for"
    TERMINATE = "terminated"
    PAUSE = "paused"
    RENEGOTIATE = "services to be renegotiated"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """In `state` the `request` (with `progress`, for PowerDeliveryReq) is legal, and its outcomes lead to states.

    An outcome that a row does not name leaves the state as it is.
    """

    state: State
    request: type
    leads_to: Mapping[Outcome, State] = field(default_factory=dict)
    progress: Progress | None = None
    tolerated: bool = False
    source: str = "ISO 15118-20:2022, 8.6"


def _to(state: State) -> dict[Outcome, State]:
    return {Outcome.DONE: state}


_ENDINGS = {
    Outcome.TERMINATE: State.ENDED,
    Outcome.PAUSE: State.PAUSED,
    Outcome.RENEGOTIATE: State.SERVICE_DISCOVERY,
}
_SCHEDULED = {Outcome.DONE: State.CABLE_CHECK, Outcome.GO_TO_PAUSE: State.GO_TO_PAUSE}
_STOPPABLE = (
    State.AUTHORIZATION_SETUP,
    State.AUTHORIZATION,
    State.SERVICE_DISCOVERY,
    State.SERVICE_DETAIL,
    State.SERVICE_SELECTION,
    State.CHARGE_PARAMETER_DISCOVERY,
    State.SCHEDULE_EXCHANGE,
    State.GO_TO_PAUSE,
    State.CABLE_CHECK,
    State.PRE_CHARGE,
    State.STOPPED,
)
# Whether SessionStopReq is legal once power delivery is near, or flows, is read differently by the open stacks.
_STOPPABLE_PERHAPS = (
    State.POWER_DELIVERY,
    State.CHARGE_LOOP,
    State.STANDBY,
    State.STANDBY_BEFORE_START,
    State.RENEGOTIATION,
)

SETUP = (
    Step(State.APP_PROTOCOL, supportedAppProtocolReq, _to(State.SESSION_SETUP), source="[V2G20-169]"),
    Step(
        State.SESSION_SETUP,
        cm.SessionSetupReq,
        {Outcome.NEW: State.AUTHORIZATION_SETUP, Outcome.JOINED: State.CHARGE_PARAMETER_DISCOVERY},
        source="[V2G20-1032]",
    ),
    Step(State.AUTHORIZATION_SETUP, cm.AuthorizationSetupReq, _to(State.AUTHORIZATION), source="[V2G20-1577]"),
    Step(State.AUTHORIZATION, cm.CertificateInstallationReq),
    Step(State.AUTHORIZATION, cm.AuthorizationReq, _to(State.SERVICE_DISCOVERY), source="[V2G20-1582]"),
    Step(State.SERVICE_DISCOVERY, cm.ServiceDiscoveryReq, _to(State.SERVICE_DETAIL)),
    Step(State.SERVICE_DETAIL, cm.ServiceDetailReq, _to(State.SERVICE_SELECTION)),
    Step(State.SERVICE_SELECTION, cm.ServiceDetailReq),
    Step(State.SERVICE_SELECTION, cm.ServiceSelectionReq, _to(State.CHARGE_PARAMETER_DISCOVERY)),
    Step(State.SERVICE_DETAIL, cm.ServiceDiscoveryReq, tolerated=True),
    Step(State.SERVICE_SELECTION, cm.ServiceDiscoveryReq, tolerated=True),
    Step(State.SERVICE_DETAIL, cm.ServiceSelectionReq, _to(State.CHARGE_PARAMETER_DISCOVERY), tolerated=True),
)

ENDING = (
    *(Step(state, cm.SessionStopReq, _ENDINGS) for state in _STOPPABLE),
    *(Step(state, cm.SessionStopReq, _ENDINGS, tolerated=True) for state in _STOPPABLE_PERHAPS),
)

DC_LINE = (
    Step(State.CHARGE_PARAMETER_DISCOVERY, dc.DC_ChargeParameterDiscoveryReq, _to(State.SCHEDULE_EXCHANGE)),
    Step(State.SCHEDULE_EXCHANGE, cm.ScheduleExchangeReq, _SCHEDULED),
    Step(State.CABLE_CHECK, dc.DC_CableCheckReq, _to(State.PRE_CHARGE)),
    Step(
        State.CABLE_CHECK,
        cm.PowerDeliveryReq,
        _to(State.STANDBY_BEFORE_START),
        Progress.Standby,
        tolerated=True,
        source="[V2G20-2122]",
    ),
    Step(State.STANDBY_BEFORE_START, dc.DC_CableCheckReq, _to(State.PRE_CHARGE), tolerated=True),
    Step(State.STANDBY_BEFORE_START, dc.DC_ChargeLoopReq, tolerated=True),
    Step(State.STANDBY_BEFORE_START, cm.PowerDeliveryReq, _to(State.STOPPED), Progress.Stop, tolerated=True),
    Step(State.PRE_CHARGE, dc.DC_PreChargeReq, _to(State.POWER_DELIVERY)),
    Step(State.POWER_DELIVERY, cm.PowerDeliveryReq, _to(State.CHARGE_LOOP), Progress.Start),
    Step(State.POWER_DELIVERY, cm.PowerDeliveryReq, _to(State.STANDBY), Progress.Standby, tolerated=True),
    Step(State.POWER_DELIVERY, cm.PowerDeliveryReq, _to(State.STOPPED), Progress.Stop, tolerated=True),
    Step(State.POWER_DELIVERY, cm.PowerDeliveryReq, {}, Progress.ScheduleRenegotiation, tolerated=True),
)

DC_LOOP = (
    *(Step(state, dc.DC_ChargeLoopReq) for state in LOOPING),
    *(Step(state, cm.PowerDeliveryReq, _to(State.STOPPED), Progress.Stop) for state in LOOPING),
    Step(State.CHARGE_LOOP, cm.PowerDeliveryReq, _to(State.STANDBY), Progress.Standby),
    Step(State.RENEGOTIATION, cm.PowerDeliveryReq, _to(State.STANDBY), Progress.Standby),
    Step(State.STANDBY, cm.PowerDeliveryReq, _to(State.CHARGE_LOOP), Progress.Start),
    Step(State.STANDBY, cm.PowerDeliveryReq, {}, Progress.Standby, tolerated=True),
    Step(State.CHARGE_LOOP, cm.PowerDeliveryReq, {}, Progress.Start, tolerated=True),
    Step(State.RENEGOTIATION, cm.PowerDeliveryReq, _to(State.CHARGE_LOOP), Progress.Start, tolerated=True),
    Step(State.CHARGE_LOOP, cm.PowerDeliveryReq, {}, Progress.ScheduleRenegotiation),
    Step(State.RENEGOTIATION, cm.PowerDeliveryReq, _to(State.CHARGE_LOOP), Progress.ScheduleRenegotiation),
    Step(State.STANDBY, cm.PowerDeliveryReq, {}, Progress.ScheduleRenegotiation, tolerated=True),
    # Whether the new schedules travel on the main or on the side stream is unverified; both are taken.
    Step(State.CHARGE_LOOP, cm.ScheduleExchangeReq, _to(State.RENEGOTIATION), tolerated=True),
    Step(State.RENEGOTIATION, cm.ScheduleExchangeReq, tolerated=True),
    Step(State.STANDBY, cm.ScheduleExchangeReq, tolerated=True),
    *(Step(state, cm.MeteringConfirmationReq, source="[V2G20-1083]") for state in LOOPING),
    Step(State.STOPPED, dc.DC_WeldingDetectionReq),
)

TABLES: Mapping[Mode | None, tuple[Step, ...]] = {
    None: (*SETUP, *ENDING),
    Mode.DC: (*SETUP, *DC_LINE, *DC_LOOP, *ENDING),
}
"""All rows of an energy transfer mode. A further mode is further rows; None is a protocol without rows of its own."""


@cache
def steps_in(mode: Mode | None, state: State) -> tuple[Step, ...]:
    """The rows of one state."""
    return tuple(step for step in TABLES[mode] if step.state is state)


def step_for(mode: Mode | None, state: State, request: Any) -> Step | None:
    """The row that allows `request` in `state`; None when it is out of sequence."""
    return next((step for step in steps_in(mode, state) if _matches(step, request)), None)


def step_anywhere(mode: Mode | None, request: Any) -> Step | None:
    """The first row of any state for `request`: where a device stands that took it out of sequence."""
    return next((step for step in TABLES[mode] if _matches(step, request)), None)


def _matches(step: Step, request: Any) -> bool:
    return type(request) is step.request and step.progress in (None, getattr(request, "ChargeProgress", None))


def outcome(request: Any, response: Any) -> Outcome:
    """How an exchange came out, read from codes, processing and progress."""
    if failed(response):
        return Outcome.FAILED
    match request:
        case cm.SessionSetupReq():
            joined = response.ResponseCode is responseCodeType.OK_OldSessionJoined
            return Outcome.JOINED if joined else Outcome.NEW
        case cm.SessionStopReq():
            return _ENDING_OUTCOME[request.ChargingSession]
        case cm.ScheduleExchangeReq() if response.GoToPause:
            return Outcome.GO_TO_PAUSE
        case dc.DC_PreChargeReq() | cm.PowerDeliveryReq(ChargeProgress=Progress.Start):
            if request.EVProcessing is not processingType.Finished:
                return Outcome.AGAIN
    if response.ResponseCode in _REFUSALS:
        return Outcome.REFUSED
    finished = getattr(response, "EVSEProcessing", processingType.Finished) is processingType.Finished
    return Outcome.DONE if finished else Outcome.AGAIN


_ENDING_OUTCOME = {
    Ending.Terminate: Outcome.TERMINATE,
    Ending.Pause: Outcome.PAUSE,
    Ending.ServiceRenegotiation: Outcome.RENEGOTIATE,
}
# Warnings that leave a request without effect; the session goes on where it was.
_REFUSALS = frozenset(
    code
    for code in responseCodeType
    if code.name.startswith(("WARNING_Certificate", "WARNING_EIM", "WARNING_eMSP", "WARNING_GeneralPnC"))
    or code
    in (
        responseCodeType.WARNING_AuthorizationSelectionInvalid,
        responseCodeType.WARNING_ChallengeInvalid,
        responseCodeType.WARNING_NoCertificateAvailable,
        responseCodeType.WARNING_NoContractMatchingPCIDFound,
        responseCodeType.WARNING_ScheduleRenegotiationFailed,
        responseCodeType.WARNING_StandbyNotAllowed,
    )
)


def failed(response: Any) -> bool:
    """True for a response that ends the session, whatever it answers; False for a message that is none."""
    code = getattr(response, "ResponseCode", None)
    return code is not None and str(code.value).upper().startswith("FAILED")


def response_to(request: type) -> type:
    """The response type that belongs to a request type."""
    found = getattr(sys.modules[request.__module__], request.__name__.removesuffix("Req") + "Res")
    assert isinstance(found, type)
    return found


def is_request(message: Any) -> bool:
    """True for requests, which only EVCCs send."""
    return type(message).__name__.endswith("Req")


def is_response(message: Any) -> bool:
    """True for responses, which only SECCs send."""
    return type(message).__name__.endswith("Res")
