"""Faulty chargers that go wrong in the flow of a session: in the loop, in standby, over notifications, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.message import Evolves, Replies, Rewrites, kinds_of
from harness.fault.signal import Fixed, RememberingSignal
from harness.fault.timing import Delays
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.messages.common_messages import chargeProgressType as Progress
from harness.messages.common_messages import chargingSessionType as Ending
from harness.messages.common_types import evseNotificationType as Notice
from harness.messages.common_types import responseCodeType as Code
from harness.quantity import rational
from harness.v2g.filler import minimal

_LOOP_REQ, _LOOP_RES = kinds_of(dc.DC_ChargeLoopReq), kinds_of(dc.DC_ChargeLoopRes)
_LOOPS = 150
"""Loop responses after which a charger may have enough: about half a minute."""


@dataclass(frozen=True)
class RunsOnWithoutStop(Fault):
    """The power stage is switched off by PowerDelivery Stop alone; the end of a connection leaves it as it is."""

    memory: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and isinstance(message, cm.PowerDeliveryReq):
            self.memory["running"] = message.ChargeProgress is not Progress.Stop
        return (message,)

    def on_signal(self, signal: str, value: float, now: float) -> float:  # noqa: ARG002
        return 1.0 if signal == "enable" and self.memory.get("running", False) else value


@dataclass(frozen=True)
class NeverResets(RememberingSignal):
    """A counter goes on from where the last session left it."""

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        if value < self.memory.get("last", 0.0):
            self.memory["before"] = self.memory.get("before", 0.0) + self.memory["last"]
        self.memory["last"] = value
        return value + self.memory.get("before", 0.0)


def _gives_up(memory: dict[str, Any], response: dc.DC_ChargeLoopRes) -> Any:
    memory["sent"] = memory.get("sent", 0) + 1
    return response if memory["sent"] <= _LOOPS else replace(response, ResponseCode=Code.FAILED)


def _answers_other_variant(response: dc.DC_ChargeLoopRes) -> Any:
    name = type(response.CLResControlMode).__name__
    other = name.replace("Dynamic", "Scheduled") if "Dynamic" in name else name.replace("Scheduled", "Dynamic")
    return replace(response, CLResControlMode=minimal(getattr(dc, other)))


def _takes_any_variant(memory: dict[str, Any], request: dc.DC_ChargeLoopReq) -> Any:
    """Reads every loop element as if it were of the variant that came first."""
    first = memory.setdefault("first", request.CLReqControlMode)
    same = type(request.CLReqControlMode) is type(first)
    return request if same else replace(request, CLReqControlMode=first)


def _stays_in_standby(memory: dict[str, Any], request: Any) -> Any:
    if isinstance(request, cm.PowerDeliveryReq):
        memory["standby"] = memory.get("standby", False) or request.ChargeProgress is Progress.Standby
        return request
    if not memory.get("standby") or not hasattr(request.CLReqControlMode, "EVTargetCurrent"):
        return request
    return replace(request, CLReqControlMode=replace(request.CLReqControlMode, EVTargetCurrent=rational(0)))


def _fails_schedule_renegotiation(request: Any, response: cm.PowerDeliveryRes) -> Any:
    asked = getattr(request, "ChargeProgress", None) is Progress.ScheduleRenegotiation
    return replace(response, ResponseCode=Code.FAILED) if asked else response


def _ends_instead_of_renegotiating(request: cm.SessionStopReq) -> Any:
    renegotiates = request.ChargingSession is Ending.ServiceRenegotiation
    return replace(request, ChargingSession=Ending.Terminate) if renegotiates else request


def _notifies_other_wish(response: dc.DC_ChargeLoopRes) -> Any:
    if response.EVSEStatus is None:
        return response
    said = response.EVSEStatus.EVSENotification
    other = Notice.Terminate if said is Notice.Pause else Notice.Pause
    return replace(response, EVSEStatus=replace(response.EVSEStatus, EVSENotification=other))


def _counts_delay_up(memory: dict[str, Any], response: dc.DC_ChargeLoopRes) -> Any:
    if response.EVSEStatus is None:
        return response
    memory["said"] = memory.get("said", 0) + 1
    delay = response.EVSEStatus.NotificationMaxDelay + 2 * memory["said"]
    return replace(response, EVSEStatus=replace(response.EVSEStatus, NotificationMaxDelay=delay))


def _promises_two_seconds(response: dc.DC_ChargeLoopRes) -> Any:
    if response.EVSEStatus is None:
        return response
    return replace(response, EVSEStatus=replace(response.EVSEStatus, NotificationMaxDelay=2))


def _refuses_early_stop(memory: dict[str, Any], message: Any) -> Any:
    """A SessionStop is out of sequence unless power was delivered before."""
    if isinstance(message, cm.SessionSetupRes | cm.PowerDeliveryRes):
        memory["powered"] = isinstance(message, cm.PowerDeliveryRes)
        return message
    return message if memory.get("powered") else replace(message, ResponseCode=Code.FAILED_SequenceError)


def _demands_welding_detection(memory: dict[str, Any], message: Any) -> Any:
    """A SessionStop is out of sequence after power was delivered, until welding detection was done."""
    if not isinstance(message, cm.SessionStopRes):
        memory["last"] = type(message)
        return message
    missing = memory.get("last") is cm.PowerDeliveryRes
    return replace(message, ResponseCode=Code.FAILED_SequenceError) if missing else message


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"secc-{name}", "secc", what, faults)


CATALOGUE: tuple[Mutant, ...] = (
    _mutant("gives-the-loop-up", f"fails after {_LOOPS} loop responses", Evolves(_LOOP_RES, _gives_up)),
    _mutant("answers-other-variant", "answers in the other control mode", Rewrites(_LOOP_RES, _answers_other_variant)),
    _mutant("accepts-any-variant", "serves loop requests of any variant", Evolves(_LOOP_REQ, _takes_any_variant)),
    _mutant(
        "stays-in-standby",
        "gives no current any more once it stood by",
        Evolves(kinds_of(cm.PowerDeliveryReq, _LOOP_REQ), _stays_in_standby),
    ),
    _mutant(
        "fails-schedule-renegotiation",
        "fails when the EV renegotiates its schedule",
        Replies((cm.PowerDeliveryRes,), _fails_schedule_renegotiation),
    ),
    _mutant(
        "closes-on-renegotiation",
        "ends the session where the EV renegotiates its service",
        Rewrites((cm.SessionStopReq,), _ends_instead_of_renegotiating),
    ),
    _mutant("notifies-other-wish", "says Pause for Terminate, and worse", Rewrites(_LOOP_RES, _notifies_other_wish)),
    _mutant("counts-delay-up", "lets NotificationMaxDelay grow", Evolves(_LOOP_RES, _counts_delay_up)),
    _mutant(
        "never-enforces-terminate",
        "goes on for an hour although the EV had two seconds",
        Fixed("site_notice_delay", 3600.0),
        Rewrites(_LOOP_RES, _promises_two_seconds),
    ),
    _mutant("slow-welding", "answers in welding detection after 1.9 s", Delays((dc.DC_WeldingDetectionRes,), 1.9)),
    _mutant(
        "refuses-early-stop",
        "refuses SessionStop before power delivery",
        Evolves((cm.SessionSetupRes, cm.PowerDeliveryRes, cm.SessionStopRes), _refuses_early_stop),
    ),
    _mutant(
        "demands-welding-detection",
        "refuses SessionStop without welding detection",
        Evolves((cm.PowerDeliveryRes, dc.DC_WeldingDetectionRes, cm.SessionStopRes), _demands_welding_detection),
    ),
    _mutant("runs-on-after-loss", "goes on when the connection ends without a stop", RunsOnWithoutStop()),
    _mutant("meter-not-reset", "counts on from session to session", NeverResets("energy_import")),
)
"""All of them."""
