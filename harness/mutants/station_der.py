"""Faulty reference stations of DER control (OCPP 2.1 block R): stores that mix things up, inverters that do something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.forgetful import ForgetsAtBoot
from harness.fault.ocpp import (
    Edit,
    Edits,
    Remembering,
    Twice,
    Withholds,
    add,
    answers,
    drop,
    hears,
    is_frame,
    prune,
    put,
    says,
    scale,
)
from harness.fault.signal import Fixed, Mistaken, reversed_signal

_SET, _ALARM = "SetDERControl", "NotifyDERAlarm"
_UNSAID = "unsaid-"
_POINTS = "curve.curveData.*"
_HIGH, _LOW = ("HFMustTrip", "HVMustTrip"), ("LFMustTrip", "LVMustTrip")


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-der-{name}", "station", what, faults)


def _of(kinds: Sequence[str], *edits: Edit) -> tuple[Edits, ...]:
    """Controls of some types, edited before the station sees them."""
    return tuple(hears(_SET, *edits, only=("controlType", kind)) for kind in kinds)


@dataclass(frozen=True)
class Staircase(Fault):
    """Takes a curve for steps: between two points the value of the left one holds."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", _SET) or "curve" not in message.payload:
            return (message,)
        curve = message.payload["curve"]
        data = sorted(curve["curveData"], key=lambda point: point["x"])
        edges = [{"x": right["x"] - 0.001, "y": left["y"]} for left, right in pairwise(data)]
        stepped = {**curve, "curveData": [*data, *edges]}
        return (replace(message, payload={**message.payload, "curve": stepped}),)


@dataclass(frozen=True)
class AlsoHears(Fault):
    """With each request of an action (`only` as in `Edits`) it takes another for said, which nobody said."""

    action: str
    only: tuple[str, Any]
    other: str
    payload: Mapping[str, Any]

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and getattr(message, "message_id", "").startswith(_UNSAID):
            return ()
        heard = direction == "in" and is_frame(message, "request", self.action)
        if not heard or message.payload.get(self.only[0]) != self.only[1]:
            return (message,)
        identifier = f"{_UNSAID}{message.message_id}"[:36]
        return (replace(message, message_id=identifier, action=self.other, payload=self.payload), message)


@dataclass(frozen=True)
class EndsFormerAlarm(Remembering):
    """Tells the end of an alarm when another one takes over."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "out" or not is_frame(message, "request", _ALARM):
            return (message,)
        standing = self.memory.pop("standing", None)
        if message.payload.get("alarmEnded"):
            return (message,)
        self.memory["standing"] = message.payload
        if standing is None:
            return (message,)
        ended = {**standing, "alarmEnded": True, "timestamp": message.payload["timestamp"]}
        return (replace(message, message_id=f"{message.message_id[:34]}-e", payload=ended), message)


_STORE = (
    _mutant("no-tbc", "never says that a report goes on", says("ReportDERControl", drop("tbc"))),
    _mutant("reports-defaults-only", "reports default controls alone", hears("GetDERControl", put("isDefault", True))),
    _mutant(
        "reports-without-class",
        "forgets whether defaults or scheduled controls were asked for",
        hears("GetDERControl", drop("isDefault")),
    ),
    _mutant(
        "clears-blindly",
        "says Accepted where no DER control was to clear",
        answers("ClearDERControl", put("status", "Accepted")),
    ),
    _mutant(
        "clears-defaults", "takes every clearing for one of defaults", hears("ClearDERControl", put("isDefault", True))
    ),
    _mutant(
        "priorities-upside-down",
        "takes the higher number for the higher priority",
        *(
            hears(_SET, scale(f"{name}.priority", -1), add(f"{name}.priority", 100))
            for name in ("limitMaxDischarge", "curve")
        ),
    ),
    _mutant(
        "default-ousts-scheduled",
        "drops scheduled controls when a default comes in",
        AlsoHears(_SET, ("isDefault", True), "ClearDERControl", {"isDefault": False}),
    ),
    _mutant(
        "forgets-at-boot",
        "loses its default DER controls with each boot",
        ForgetsAtBoot("ClearDERControl", {"isDefault": True}),
    ),
    _mutant(
        "nameplate-missing",
        "does not report the apparent power of its inverter",
        says("NotifyReport", prune("reportData", "variable.name", "MaxVA")),
    ),
    _mutant(
        "starts-at-once",
        "forgets startTime: a scheduled control begins when it comes in",
        hears(
            _SET,
            put("limitMaxDischarge.startTime", "2020-01-01T00:00:00Z"),
            add("limitMaxDischarge.duration", 1e9),
            only=("isDefault", False),
        ),
    ),
    _mutant(
        "never-ends", "forgets the duration of scheduled controls", hears(_SET, add("limitMaxDischarge.duration", 1e6))
    ),
)

_ALARMS = (
    _mutant("alarms-twice", "raises every alarm two times", Twice(_ALARM)),
    _mutant("ends-former-alarm", "tells the end of an alarm when another one takes over", EndsFormerAlarm()),
    _mutant(
        "silent-trip-alarm", "keeps overvoltage trips to itself", Withholds(_ALARM, only=("controlType", "HVMustTrip"))
    ),
)

_ACTIVE = (
    _mutant("staircase", "does not interpolate between the points of a curve", Staircase()),
    _mutant(
        "wrong-base",
        "takes a percentage for one of twice the power",
        *_of(("FreqWatt", "VoltWatt"), scale(f"{_POINTS}.y", 2)),
        hears(_SET, scale("limitMaxDischarge.pctMaxDischargePower", 2)),
    ),
    _mutant("slow-answer", "takes minutes to follow a curve", hears(_SET, put("curve.responseTime", 200))),
    _mutant(
        "steep-droop",
        "moves its power twice as much as the droop says",
        hears(_SET, scale("freqDroop.overDroop", 0.5), scale("freqDroop.underDroop", 0.5)),
    ),
    _mutant("one-sided-droop", "does nothing at a low frequency", hears(_SET, put("freqDroop.underFreq", 10.0))),
    _mutant("no-hysteresis", "lets power return as soon as the curve does", hears(_SET, drop("curve.hysteresis"))),
    _mutant("no-soft-start", "begins with all its power", hears(_SET, put("gradient.softGradient", 0))),
    _mutant("no-gradient", "changes its power in a step", hears(_SET, put("gradient.gradient", 0))),
)

_TRIPS = (
    _mutant(
        "never-trips",
        "has its trip limits far outside",
        *_of(_HIGH, scale(f"{_POINTS}.x", 2)),
        *_of(_LOW, scale(f"{_POINTS}.x", 0.1)),
    ),
    _mutant("trips-late", "takes ten times as long as it may", *_of((*_HIGH, *_LOW), scale(f"{_POINTS}.y", 10))),
    _mutant("trips-early", "trips without patience", *_of((*_HIGH, *_LOW), put(f"{_POINTS}.y", 0))),
    _mutant(
        "trips-inside",
        "has its trip limits too near",
        *_of(_HIGH, scale(f"{_POINTS}.x", 0.985)),
        *_of(_LOW, scale(f"{_POINTS}.x", 1.015)),
    ),
    _mutant(
        "no-cessation",
        "never ceases momentarily",
        *_of(("HVMomCess",), scale(f"{_POINTS}.x", 2)),
        *_of(("LVMomCess",), scale(f"{_POINTS}.x", 0.1)),
    ),
    _mutant(
        "cessation-trips",
        "trips where it should cease for a moment",
        hears(_SET, put("controlType", "HVMustTrip"), only=("controlType", "HVMomCess")),
        hears(_SET, put("controlType", "LVMustTrip"), only=("controlType", "LVMomCess")),
    ),
    _mutant("no-delay", "comes back at once after a trip", hears(_SET, put("enterService.delay", 0))),
    _mutant(
        "long-delay", "stays off the grid a minute longer than it should", hears(_SET, add("enterService.delay", 60))
    ),
    _mutant("no-ramp", "comes back with all its power", hears(_SET, drop("enterService.rampRate"))),
    _mutant("misses-excursions", "does not see a short excursion", Mistaken("frequency", 50.4, 50.0)),
)

_REACTIVE = (
    _mutant("no-vars", "makes no reactive power", Fixed("reactive", 0.0)),
    _mutant(
        "vars-reversed",
        "absorbs reactive power where it should inject, and the other way round",
        reversed_signal("reactive"),
    ),
    _mutant("vars-untold", "reports no reactive power where some flows", Fixed("meter_reactive", 0.0)),
    _mutant(
        "one-excitation",
        "absorbs at a fixed power factor whatever excitation says",
        hears(_SET, put("fixedPFInject.excitation", True), put("fixedPFAbsorb.excitation", True)),
    ),
)

CATALOGUE: tuple[Mutant, ...] = (*_STORE, *_ALARMS, *_ACTIVE, *_TRIPS, *_REACTIVE)
"""Their names begin with ``station-der-``."""
