"""Power over time: reading schedules and profiles of ISO 15118-20 as steps, and comparing them.

Powers in W, + = charging, - = discharging; times in whole seconds since 1970, as messages carry them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.messages.common_messages import (
    EVPowerProfileType,
    PowerScheduleEntryType,
    PowerScheduleType,
    ScheduleTupleType,
)
from harness.quantity import maybe, number

_ROUNDING = 1.0
"""W by which two powers may differ that mean the same: messages round to five digits."""


class Stretch(NamedTuple):
    """`power` W from `start` up to, not including, `end`."""

    start: int
    end: int
    power: float


def stretches(anchor: int, entries: Iterable[PowerScheduleEntryType]) -> list[Stretch]:
    """Entries one after the other from `anchor` on; the powers of three phases are added."""
    found, start = [], anchor
    for entry in entries:
        power = number(entry.Power) + (maybe(entry.Power_L2) or 0.0) + (maybe(entry.Power_L3) or 0.0)
        found.append(Stretch(start, start + entry.Duration, power))
        start += entry.Duration
    return found


def schedule_stretches(schedule: PowerScheduleType) -> list[Stretch]:
    """The stretches of a power schedule."""
    return stretches(schedule.TimeAnchor, schedule.PowerScheduleEntries.PowerScheduleEntry)


def power_at(course: Sequence[Stretch], at: int) -> float | None:
    """The power of a course at an instant; None outside it."""
    return next((each.power for each in course if each.start <= at < each.end), None)


def profile_excess(profile: EVPowerProfileType, offered: ScheduleTupleType) -> str:
    """Where an EVPowerProfile leaves the schedule it chose, in words; empty where it keeps it.

    A time that the schedule does not cover binds nothing; discharging binds only where a DischargingSchedule was given,
    whose powers are read as magnitudes (devices differ in their sign).
    """
    charging = schedule_stretches(offered.ChargingSchedule.PowerSchedule)
    given = offered.DischargingSchedule
    discharging = schedule_stretches(given.PowerSchedule) if given else []
    wanted = stretches(profile.TimeAnchor, profile.EVPowerProfileEntries.EVPowerProfileEntry)
    edges = sorted({each.start for each in (*wanted, *charging, *discharging)})
    for at in edges:
        power = power_at(wanted, at)
        if power is None:
            continue
        limit = power_at(charging if power >= 0 else discharging, at)
        if limit is not None and abs(power) > abs(limit) + _ROUNDING:
            return f"{power:g} W where the schedule allows {abs(limit):g} W"
    return ""
