"""What charging profiles leave of the power, in the library's spelling of their members (snake_case).

Of each purpose the highest stack level that is valid now holds; over purposes the lowest limit; a setpoint aims, within them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

Profile = Mapping[str, Any]
KINDS = ("Absolute", "Relative", "Recurring")
_EVERY = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}
STATION_WIDE = ("ChargingStationMaxProfile", "ChargePointMaxProfile")


@dataclass(frozen=True, slots=True)
class Aim:
    """`charge` and `discharge` are limits (W, discharge negative), `setpoint` the power to aim for, None: as much as possible."""

    charge: float
    discharge: float
    setpoint: float | None = None
    mode: str = "ChargingOnly"


def moment(text: str) -> datetime:
    """A time stamp of the wire."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def aim(profiles: Iterable[Profile], now: datetime, begun: datetime | None, most: float, least: float) -> Aim:
    """What holds for a transaction that began at `begun`."""
    chosen: dict[str, tuple[tuple[bool, int], Mapping[str, Any]]] = {}
    for profile in profiles:
        period = period_at(profile, now, begun)
        purpose = profile["charging_profile_purpose"]
        own = (
            "charging_profile_id" in profile and profile["place"] > 0
        )  # in 1.6 a connector's default goes before that of 0
        rank = own, profile["stack_level"]
        if period is not None and (purpose not in chosen or rank >= chosen[purpose][0]):
            chosen[purpose] = rank, period
    if "TxProfile" in chosen:  # it replaces the default (TxDefaultProfile)
        chosen.pop("TxDefaultProfile", None)
    limits = [float(period["limit"]) for _, period in chosen.values() if period.get("limit") is not None]
    floors = [float(each["discharge_limit"]) for _, each in chosen.values() if each.get("discharge_limit") is not None]
    steering = chosen.get("TxProfile", (None, {}))[1]
    mode = steering.get("operation_mode", "ChargingOnly")
    floor = max([least, *floors]) if mode != "ChargingOnly" else 0.0
    return Aim(min([most, *limits]), floor, steering.get("setpoint"), mode)


def period_at(profile: Profile, now: datetime, begun: datetime | None) -> Mapping[str, Any] | None:
    """The period that a profile has for this instant, None outside its validity."""
    if "valid_from" in profile and now < moment(profile["valid_from"]):
        return None
    if "valid_to" in profile and now >= moment(profile["valid_to"]):
        return None
    schedules = profile["charging_schedule"]
    schedule = schedules[0] if isinstance(schedules, list) else schedules
    start = beginning(profile, schedule, now, begun) or now
    passed = (now - start).total_seconds()
    if passed < 0 or ("duration" in schedule and passed >= schedule["duration"]):
        return None
    held = [each for each in schedule["charging_schedule_period"] if each["start_period"] <= passed]
    return held[-1] if held else None


def beginning(profile: Profile, schedule: Mapping[str, Any], now: datetime, begun: datetime | None) -> datetime | None:
    """When its schedule last started to run; None: without transaction it has not."""
    if profile["charging_profile_kind"] == "Relative" or "start_schedule" not in schedule:
        return begun
    start = moment(schedule["start_schedule"])
    if profile["charging_profile_kind"] == "Recurring" and now > start:
        every = _EVERY[profile["recurrency_kind"]]
        start += (now - start) // every * every
    return start


def changes(profiles: Iterable[Profile], now: datetime, begun: datetime | None, within: float) -> list[int]:
    """Seconds from now, 0 first, at which something may change within that time."""
    found = {0}
    for profile in profiles:
        schedules = profile["charging_schedule"]
        schedule = schedules[0] if isinstance(schedules, list) else schedules
        start = beginning(profile, schedule, now, begun) or now
        offsets = [each["start_period"] for each in schedule["charging_schedule_period"]]
        offsets += [schedule["duration"]] if "duration" in schedule else []
        edges = [start + timedelta(seconds=each) for each in offsets]
        edges += [moment(profile[name]) for name in ("valid_from", "valid_to") if name in profile]
        found |= {ceil((edge - now).total_seconds()) for edge in edges}
    return sorted(each for each in found if 0 <= each < within)
