"""All timers of a session as data: who keeps them, how long they are, and how sure we are of the figure.

Values in seconds. `confirmed` is False where the figure is known from implementations only; a verdict that rests on it is
provisional. Nothing runs in this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.app_protocol import supportedAppProtocolReq

Role = Literal["evcc", "secc"]


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer or performance time. `requests` names the request types it applies to; empty: all others."""

    name: str
    role: Role
    seconds: float
    requests: tuple[type, ...] = ()
    confirmed: bool = True
    source: str = ""


_LOOP = (dc.DC_ChargeLoopReq,)
_SECC_TABLE = "ISO 15118-20:2022, timing of the SECC [V2G20-1500]"
_EVCC_TABLE = "ISO 15118-20:2022, timing of the EVCC [V2G20-1499]"
_IMPLEMENTATIONS = "known from implementations"
POLLED = (cm.AuthorizationReq, dc.DC_CableCheckReq, dc.DC_PreChargeReq, dc.DC_WeldingDetectionReq)
_SLOW = (cm.ServiceDetailReq, cm.CertificateInstallationReq)

COMMUNICATION_SETUP_TIMEOUT = Timer(
    "V2G_EVCC_CommunicationSetup_Timeout", "evcc", 20.0, (cm.SessionSetupReq,), False, _IMPLEMENTATIONS
)
COMMUNICATION_SETUP_PERFORMANCE = Timer(
    "V2G_SECC_CommunicationSetup_Performance_Time", "secc", 18.0, (cm.SessionSetupReq,), False, _IMPLEMENTATIONS
)
SECC_SEQUENCE_TIMEOUTS = (
    Timer("V2G_SECC_Sequence_Timeout", "secc", 60.0, source=_SECC_TABLE),
    Timer("V2G_SECC_Sequence_Timeout", "secc", 0.5, _LOOP, source=_SECC_TABLE),
)
"""From sending a response to receiving the next request; `requests` is what the response answered."""
EVCC_SEQUENCE_PERFORMANCE = (
    Timer("V2G_EVCC_Sequence_Performance_Time", "evcc", 40.0, source=_EVCC_TABLE),
    Timer("V2G_EVCC_Sequence_Performance_Time", "evcc", 0.25, _LOOP, source=_EVCC_TABLE),
)
EVCC_MESSAGE_TIMEOUTS = (
    Timer("V2G_EVCC_Msg_Timeout", "evcc", 2.0, confirmed=False, source=_IMPLEMENTATIONS),
    Timer("V2G_EVCC_Msg_Timeout", "evcc", 5.0, _SLOW, False, _IMPLEMENTATIONS),
    Timer("V2G_EVCC_Msg_Timeout", "evcc", 0.5, _LOOP, False, _IMPLEMENTATIONS),
    Timer("V2G_EVCC_Msg_Timeout", "evcc", 2.0, (supportedAppProtocolReq,), False, _IMPLEMENTATIONS),
)
SECC_MESSAGE_PERFORMANCE = (
    Timer("V2G_SECC_Msg_Performance_Time", "secc", 1.5, confirmed=False, source="EVCC timeout less 0.5 s"),
    Timer("V2G_SECC_Msg_Performance_Time", "secc", 4.5, _SLOW, False, "EVCC timeout less 0.5 s"),
    Timer("V2G_SECC_Msg_Performance_Time", "secc", 1.5, POLLED, source=_SECC_TABLE),
    Timer("V2G_SECC_Msg_Performance_Time", "secc", 0.25, _LOOP, source=_SECC_TABLE),
)
EVCC_ONGOING_TIMEOUTS = (
    Timer("V2G_EVCC_Ongoing_Timeout", "evcc", 60.0, source=_EVCC_TABLE),
    Timer("V2G_EVCC_CableCheck_Timeout", "evcc", 40.0, (dc.DC_CableCheckReq,), False, _IMPLEMENTATIONS),
    Timer("V2G_EVCC_PreCharge_Timeout", "evcc", 10.0, (dc.DC_PreChargeReq,), False, _IMPLEMENTATIONS),
)
"""Total time of polling one phase, from its first request."""
SECC_ONGOING_PERFORMANCE = Timer("V2G_SECC_Ongoing_Performance_Time", "secc", 55.0, source=_SECC_TABLE)
TCP_CLOSE = Timer("TCP termination", "secc", 5.0, source="[V2G20-1633], [V2G20-1643]")
"""The EV closes within this time after the final response, else the SECC does."""
EIM_WAIT = Timer("wait for external identification", "secc", 180.0, (cm.AuthorizationReq,), False, _IMPLEMENTATIONS)
TRANSMISSION_MARGIN = 0.25
"""Seconds allowed for the way over the wire when a timeout is judged as an error (ISO 15118-4 practice)."""

ALL = (
    COMMUNICATION_SETUP_TIMEOUT,
    COMMUNICATION_SETUP_PERFORMANCE,
    *SECC_SEQUENCE_TIMEOUTS,
    *EVCC_SEQUENCE_PERFORMANCE,
    *EVCC_MESSAGE_TIMEOUTS,
    *SECC_MESSAGE_PERFORMANCE,
    *EVCC_ONGOING_TIMEOUTS,
    SECC_ONGOING_PERFORMANCE,
    TCP_CLOSE,
    EIM_WAIT,
)


def timer_for(timers: tuple[Timer, ...], request: type) -> Timer:
    """The timer of a group that applies to a request type: the one that names it, else the general one."""
    general = next(timer for timer in timers if not timer.requests)
    return next((timer for timer in timers if request in timer.requests), general)


def secc_sequence_timeout(answered: type) -> Timer:
    """How long the SECC waits for a next request after it answered a request of this type."""
    return timer_for(SECC_SEQUENCE_TIMEOUTS, answered)


def evcc_message_timeout(request: type) -> Timer:
    """How long the EVCC waits for the response to a request of this type."""
    return timer_for(EVCC_MESSAGE_TIMEOUTS, request)


def secc_message_performance(request: type) -> Timer:
    """Within which time the SECC has to answer a request of this type."""
    return timer_for(SECC_MESSAGE_PERFORMANCE, request)


def evcc_ongoing_timeout(request: type) -> Timer:
    """How long the EVCC polls with requests of this type before it gives up."""
    return timer_for(EVCC_ONGOING_TIMEOUTS, request)
