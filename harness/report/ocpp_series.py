"""Powers in OCPP frames: what a station reports, and what profiles ask of it; how lists of values are read is known here.

Powers in W at the grid terminals, + = charge, - = discharge. Frames are recorded ones, as plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.evidence.reading import Frame
from harness.report.fields import as_number, find, find_all

Point = tuple[float, float]

_METERED = ("TransactionEvent.req", "MeterValues.req")
_IMPORT, _EXPORT, _SETPOINT = "Power.Active.Import", "Power.Active.Export", "Power.Active.Setpoint"
_KILO = {"kW": 1000.0}


def reported_power(frame: Frame) -> float | None:
    """Import as +, export as -, of the latest meter value in a frame; None where it holds none."""
    taken, given = _sampled(frame, _IMPORT), _sampled(frame, _EXPORT)
    return None if taken is None and given is None else (taken or 0.0) - (given or 0.0)


def reported_setpoint(frame: Frame) -> float | None:
    """The setpoint that the station says it follows."""
    return _sampled(frame, _SETPOINT)


@dataclass(frozen=True, slots=True)
class Steps:
    """Values that hold from their instants on, until the next one or until an instant in `ends`."""

    points: tuple[Point, ...] = ()
    ends: tuple[float, ...] = ()


@dataclass
class _Held:
    """A profile that a station took, and the steps that it asks for."""

    profile: Mapping[str, Any]
    place: Any
    points: list[Point]

    @property
    def number(self) -> Any:
        return self.profile.get("id", self.profile.get("chargingProfileId"))

    def meets(self, asked: Mapping[str, Any]) -> bool:
        """Whether ClearChargingProfile means it, by id or by criteria."""
        wanted = asked.get("chargingProfileId", asked.get("id"))
        if wanted is not None:
            return bool(wanted == self.number)
        criteria = asked.get("chargingProfileCriteria", asked)
        has = {**self.profile, "evseId": self.place, "connectorId": self.place}
        names = ("chargingProfilePurpose", "stackLevel", "evseId", "connectorId")
        return all(criteria[name] == has.get(name) for name in names if name in criteria)


def profile_steps(frames: Sequence[Frame], field: str) -> Steps:
    """The steps of `field` (``setpoint``, ``limit``, ``dischargeLimit``) in profiles and updates that were accepted, and where
    they end because the profiles were cleared. Values in A have no place among powers and are left out."""
    accepted, book = _accepted(frames), _Book()
    for frame in frames:
        if (frame.connection, _message_id(frame)) not in accepted:
            continue
        if frame.name == "ClearChargingProfile.req":
            book.clear(frame)
        else:
            book.take(frame, [*_of_profile(frame, field), *_of_update(frame, field)])
    return Steps(tuple(sorted(book.points)), tuple(book.ends))


class _Book:
    """The profiles that are held while the frames go by, and the steps so far."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.ends: list[float] = []
        self._held: list[_Held] = []

    def take(self, frame: Frame, made: list[Point]) -> None:
        """A profile or an update."""
        self.points += made
        profile = _profile(frame)
        if frame.name.startswith("SetChargingProfile.") and profile:
            place = next(iter(find_all(frame.message, ("evseId", "connectorId")).values()), None)
            new = _Held(profile, place, made)
            self._held = [*(one for one in self._held if one.number != new.number), new]

    def clear(self, frame: Frame) -> None:
        """What the profiles that go asked for ends; of those that stay the latest shows again."""
        payload = find(frame.message, "payload")
        asked = payload if isinstance(payload, dict) else {}
        gone = [one for one in self._held if one.meets(asked)]
        self._held = [one for one in self._held if not one.meets(asked)]
        if not any(one.points for one in gone):
            return
        staying = [point for one in self._held for point in one.points]
        past = [point for point in self.points if point[0] <= frame.at]
        self.points = past + [point for point in staying if point[0] > frame.at]
        still = [value for at, value in staying if at <= frame.at]
        if still:
            self.points.append((frame.at, still[-1]))
        else:
            self.ends.append(frame.at)


def asked_for(frame: Frame) -> list[str]:
    """What a profile or an update asks for, in words for a ladder: mode and powers of its first period."""
    periods = [period for _, period in _periods(frame)]
    update = find(frame.message, "scheduleUpdate")
    first = periods[0] if periods else update if isinstance(update, dict) else {}
    unit = _unit(frame)
    said = [str(first["operationMode"])] if "operationMode" in first else []
    for name in ("setpoint", "limit", "dischargeLimit"):
        if (value := as_number(first.get(name))) is not None:
            said.append(f"{name} {value:g} {unit}")
    return said


def _sampled(frame: Frame, measurand: str) -> float | None:
    values = find(frame.message, "meterValue") if frame.name in _METERED else None
    found: float | None = None
    for group in values if isinstance(values, list) else ():
        for sample in group.get("sampledValue", ()) if isinstance(group, dict) else ():
            if isinstance(sample, dict) and sample.get("measurand") == measurand and "phase" not in sample:
                found = _watts(sample)
    return found


def _watts(sample: Mapping[str, Any]) -> float | None:
    described = sample.get("unitOfMeasure")
    described = described if isinstance(described, dict) else {}
    try:
        value = float(sample.get("value", "")) * 10.0 ** int(described.get("multiplier", 0))
    except (TypeError, ValueError, OverflowError):
        return None
    return value * _KILO.get(str(described.get("unit", sample.get("unit"))), 1.0)


def _accepted(frames: Iterable[Frame]) -> frozenset[tuple[int, str]]:
    """(connection, message id) of the requests that were answered with Accepted."""
    return frozenset(
        (frame.connection, _message_id(frame))
        for frame in frames
        if frame.name.endswith(".conf") and find(frame.message, "status") == "Accepted"
    )


def _message_id(frame: Frame) -> str:
    return str(frame.message.get("message_id", "")) if isinstance(frame.message, dict) else ""


def _of_profile(frame: Frame, field: str) -> Iterator[Point]:
    if not frame.name.startswith("SetChargingProfile.") or _unit(frame) == "A":
        return
    for begin, period in _periods(frame):
        value, start = as_number(period.get(field)), as_number(period.get("startPeriod"))
        if value is not None and start is not None:
            yield begin + start, value


def _of_update(frame: Frame, field: str) -> Iterator[Point]:
    """Values that are pushed, or pulled and given in the answer."""
    update = find(frame.message, "scheduleUpdate")
    value = as_number(update.get(field)) if isinstance(update, dict) else None
    if value is not None:
        yield frame.at, value


def _periods(frame: Frame) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """The periods of the first schedule, with when it begins (s since the case began)."""
    for schedule in _schedules(frame)[:1]:
        begin = max(_begin(frame, schedule.get("startSchedule")), 0.0)
        periods = schedule.get("chargingSchedulePeriod")
        for period in periods if isinstance(periods, list) else ():
            if isinstance(period, dict):
                yield begin, period


def _unit(frame: Frame) -> str:
    return "A" if any(schedule.get("chargingRateUnit") == "A" for schedule in _schedules(frame)) else "W"


def _profile(frame: Frame) -> Mapping[str, Any]:
    """The profile that a frame carries, of any version; empty where it has none."""
    profile = find(frame.message, "chargingProfile") or find(frame.message, "csChargingProfiles")
    return profile if isinstance(profile, dict) else {}


def _schedules(frame: Frame) -> list[Mapping[str, Any]]:
    made = _profile(frame).get("chargingSchedule")
    return [each for each in (made if isinstance(made, list) else [made]) if isinstance(each, dict)]


def _begin(frame: Frame, start: Any) -> float:
    """A schedule that began before it was sent holds from when it was sent."""
    try:
        ahead = (datetime.fromisoformat(start) - datetime.fromisoformat(frame.wall)).total_seconds()
    except (TypeError, ValueError):
        return frame.at
    return frame.at + max(ahead, 0.0)
