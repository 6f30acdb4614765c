"""What a composite schedule has to say: the oracle of `harness.ocpp.composite`, fed with what the tester's CSMS has sent.

Judged is the course of limits, discharge limits, setpoints and operation modes over the window, whatever periods a station
cuts it into. Powers in W, currents in A; + = charge, - = discharge; times in s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from harness.actor.ocpp_call import CallOutcome
from harness.device.pixit import StationPixit
from harness.link.clock import Clock
from harness.link.observation import Observation
from harness.ocpp.composite import (
    EXTERNAL,
    Circumstances,
    Installed,
    Part,
    Running,
    Supply,
    Values,
    composite,
    from_1_6,
)
from harness.ocpp.csms.profiles import schedules_of
from harness.ocpp.csms.records import Profile
from harness.ocpp.csms.station import Station
from harness.ocpp.readings import payload, reading
from harness.ocpp.times import moment
from harness.verdict.limits import Limit, satisfies

_SLACK = 3
"""Seconds by which clocks and ways may shift a change."""
_PUNCTUAL = timedelta(seconds=10)
"""How far the beginning of the window may lie from the request, by two clocks."""
_SHARE = 0.005
_LEAST = {"W": 2.0, "A": 0.1}
"""Rounding that is let pass: a share of a value, and at least so much of its unit."""
_PASSIVE = ("ChargingOnly", "Idle")
"""Operation modes in which no setpoint is followed."""
_SHOWN = ("operationMode", "limit", "dischargeLimit", "setpoint")


@dataclass(frozen=True, slots=True)
class ToldSchedule:
    """A composite schedule as a station told it; `periods` in the order of their startPeriod. 1.6 may leave out when the window
    starts and how long it is: from the request on, as long as was asked for."""

    start: datetime | None
    duration: int | None
    unit: str
    evse: int
    periods: tuple[Mapping[str, Any], ...]

    def __str__(self) -> str:
        return _in_words(self.parts, self.unit)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The periods as the oracle has them."""
        return tuple(Part(each["startPeriod"], dict(each)) for each in self.periods)


def told_schedule(seen: Observation) -> ToldSchedule | None:
    """The composite schedule in an answer to GetCompositeSchedule; None where it carries none that can be read."""
    told = reading("schedule")(seen) or _of_1_6(payload(seen))
    if not isinstance(told, Mapping):
        return None
    try:
        periods = tuple(sorted(told["chargingSchedulePeriod"], key=lambda each: float(each["startPeriod"])))
        start, duration = moment(told.get("scheduleStart")), told.get("duration")
        return (
            ToldSchedule(start, duration, told["chargingRateUnit"], int(told["evseId"]), periods) if periods else None
        )
    except (KeyError, TypeError, ValueError):  # it does not fit its schema, which rules tell
        return None


def _of_1_6(answer: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The same in the form of 2.x, where the answer has that of 1.6."""
    if not answer or not isinstance(answer.get("chargingSchedule"), Mapping):
        return None
    return {
        "scheduleStart": answer.get("scheduleStart"),
        "evseId": answer.get("connectorId"),
        **answer["chargingSchedule"],
    }


def site_limit(watts: float, evse: int = 1) -> Installed:
    """What a limit of a system on site, in both directions, is to the oracle."""
    period = {"startPeriod": 0, "operationMode": "ExternalLimits", "limit": watts, "dischargeLimit": -watts}
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [period]}
    profile = {"id": -1, "stackLevel": 0, "chargingProfilePurpose": EXTERNAL, "chargingProfileKind": "Dynamic"}
    return Installed({**profile, "chargingSchedule": [schedule]}, evse)


@dataclass(frozen=True, slots=True)
class _Window:
    """What the question was about."""

    start: datetime
    duration: int


@dataclass(frozen=True, slots=True)
class ScheduleExpectation:
    """Of one station with `evses` EVSEs, by the profiles in the books of the tester's CSMS and those of `others` on site."""

    pixit: StationPixit
    record: Station
    clock: Clock
    evses: int = 1
    others: tuple[Installed, ...] = ()

    def of(self, asked: CallOutcome) -> Limit:
        """What `told_schedule` has to read from the answer to GetCompositeSchedule. A station may tell less than the profiles
        allow where it, or the EV, can do no more."""
        told = told_schedule(asked.outcome)
        if told is None or asked.request is None:
            return satisfies("a composite schedule of what the profiles come to", lambda _: False)
        window = _Window(told.start or self.clock.wall(asked.request.at), asked.request.message.payload["duration"])
        parts = self._parts(told, window)
        prompt = abs(window.start - self.clock.wall(asked.request.at)) <= _PUNCTUAL
        return satisfies(
            f"{window.duration} s from the request on, {_in_words(_in_window(parts, window), told.unit)}",
            lambda said: prompt and said.duration in (None, window.duration) and self._fits(said, parts, window),
        )

    # --- what it should be ---

    def _parts(self, told: ToldSchedule, window: _Window) -> tuple[Part, ...]:
        """From `_SLACK` before the window to `_SLACK` after it."""
        begin = window.start - timedelta(seconds=_SLACK)
        profiles = [*(_installed(each) for each in self.record.profiles.values()), *self.others]
        unit: Any = told.unit
        return composite(profiles, self._circumstances(), told.evse, begin, window.duration + 2 * _SLACK, unit)

    def _circumstances(self) -> Circumstances:
        running = {
            each.evse_id: Running(each.transaction_id, each.started_at)
            for each in self.record.running
            if each.evse_id is not None and each.started_at is not None
        }
        supply = Supply(phases=self.pixit.phases)
        priority = frozenset(each.evse_id or 0 for each in self.record.running if each.priority_charging)
        return Circumstances({number: supply for number in range(1, self.evses + 1)}, running, priority)

    # --- whether it is so ---

    def _fits(self, told: ToldSchedule, parts: Sequence[Part], window: _Window) -> bool:
        watts = 1.0 if told.unit == "W" else Supply().voltage * self.pixit.phases
        most, least = self.pixit.maximum_charge_power / watts, -self.pixit.maximum_discharge_power / watts
        return all(
            _agrees(_at(told.parts, at), _at(parts, at + _SLACK), most, least, _LEAST[told.unit])
            for at in _instants(parts, told, window)
        )


def _installed(held: Profile) -> Installed:
    """A profile of the books with the values that it had last."""
    content = from_1_6(held.content) if "chargingProfileId" in held.content else dict(held.content)
    first, *others = schedules_of(content)
    if held.update:
        period = {**first["chargingSchedulePeriod"][0], **held.update}
        first = {**first, "chargingSchedulePeriod": [period]}
    stamped = moment(content.get("dynUpdateTime"))
    content["chargingSchedule"] = [first, *others]
    return Installed(content, held.evse_id, held.updated_at or stamped or held.installed_at)


def _in_window(parts: Sequence[Part], window: _Window) -> list[Part]:
    """The parts as the window sees them, for people."""
    inside = [replace(each, start=each.start - _SLACK) for each in parts if each.start > _SLACK]
    return [Part(0, _at(parts, _SLACK)), *(each for each in inside if each.start < window.duration)]


def _instants(parts: Sequence[Part], told: ToldSchedule, window: _Window) -> Iterator[float]:
    """Where to look: on both sides of each change, told or expected, but not so near to an expected one that clocks decide."""
    expected = [float(each.start - _SLACK) for each in parts[1:]]
    for change in {0.0, float(window.duration), *expected, *(float(each.start) for each in told.parts)}:
        for beside in (change - _SLACK - 0.5, change - 0.5, change + 0.5, change + _SLACK + 0.5):
            if 0 < beside < window.duration and all(abs(beside - each) > _SLACK for each in expected):
                yield beside


def _at(parts: Sequence[Part], at: float) -> Values:
    """The values of the part that holds at a second."""
    return next((each.values for each in reversed(parts) if each.start <= at), {})


def _agrees(said: Values, meant: Values, most: float, least: float, slack: float) -> bool:
    """`most` and `least` are what station and EV can do at all."""
    mode = meant.get("operationMode", "ChargingOnly")
    if said.get("operationMode", mode) != mode or (mode in _PASSIVE and "setpoint" in said):
        return False
    bounds = {"limit": most, "dischargeLimit": least, "setpoint": most if meant.get("setpoint", 0) > 0 else least}
    silent = {"ChargingOnly": ("dischargeLimit",), "Idle": tuple(bounds)}.get(mode, ())
    judged = [name for name in bounds if name in meant and name not in silent]
    return all(_is_near(said.get(name), meant[name], bounds[name], slack) for name in judged)


def _is_near(said: Any, meant: float, bound: float, least: float) -> bool:
    """The value meant, or one nearer to zero beyond which station or EV cannot go (`bound`)."""
    if not isinstance(said, (int, float)):
        return False
    slack = max(least, abs(meant) * _SHARE)
    return abs(said - meant) <= slack or abs(bound) - slack <= abs(said) < abs(meant)


def _in_words(parts: Sequence[Part], unit: str) -> str:
    return "; ".join(f"from {each.start} s {_values_in_words(each.values, unit)}" for each in parts)


def _values_in_words(values: Values, unit: str) -> str:
    shown = [f"{name} {_figure(values[name], unit)}" for name in _SHOWN if name in values]
    return ", ".join(shown) or "no bound"


def _figure(value: Any, unit: str) -> str:
    return f"{value:g} {unit}" if isinstance(value, (int, float)) else str(value)
