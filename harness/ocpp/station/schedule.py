"""What the profiles held come to, on one EVSE now or as a composite schedule; the arithmetic is `harness.ocpp.composite`."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harness.ocpp import composite
from harness.ocpp.composite import Circumstances, Running, Supply, Unit
from harness.ocpp.station.evse import Evse
from harness.ocpp.station.modes import InForce
from harness.ocpp.station.profiles import Installed
from harness.ocpp.station.wire import stamp

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_OF_ALL = (composite.MAXIMUM, composite.EXTERNAL, composite.GENERATION)
"""Purposes that on EVSE 0 are for the sum of all EVSEs, and not for each."""
_AHEAD = 3
"""Seconds in which the next change is looked for; the meters are read more often than that while something flows."""


class Schedule:
    """Reads the profile store with everything that the arithmetic needs to know besides."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def in_force(self, evse: Evse, now: float) -> InForce:
        """What holds on an EVSE now, in W."""
        installed = self._shared(self._installed(evse.reading.soc))
        parts = composite.composite(installed, self._circumstances(now), evse.number, _moment(now), _AHEAD, "W")
        values = parts[0].values
        until = now + parts[1].start if len(parts) > 1 else float("inf")
        return InForce(
            mode=values.get("operationMode", "ChargingOnly"),
            limit=values.get("limit"),
            discharge_limit=values.get("dischargeLimit"),
            setpoint=values.get("setpoint"),
            reactive=values.get("setpointReactive"),
            period=values,
            until=until,
        )

    def report(self, evse: int, duration: int, unit: str, now: float) -> dict[str, Any]:
        """CompositeScheduleType of an EVSE, or (0) of the station."""
        soc = self._station.evses[evse].reading.soc if evse else None
        parts = composite.composite(
            self._installed(soc), self._circumstances(now, told=True), evse, _moment(now), duration, cast(Unit, unit)
        )
        return {
            "evseId": evse,
            "duration": duration,
            "scheduleStart": stamp(now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [{"startPeriod": part.start, **_rounded(part.values)} for part in parts],
        }

    def draw(self, anew: int = 0) -> None:
        """Draw random delays where none are drawn yet, and again for the EVSE `anew` on which a transaction begins."""
        for one in self._station.profiles.held.values():
            schedule = one.profile["chargingSchedule"][0]
            most = schedule.get("randomizedDelay", 0)
            if most and (not one.delays or (anew and one.evse in (0, anew))):
                count = len(schedule["chargingSchedulePeriod"]) - 1
                one.delays = tuple(float(self._station.dice.randint(0, most)) for _ in range(count))

    # --- inside --------------------------------------------------------------------------------------------------------

    def _installed(self, soc: float | None) -> list[composite.Installed]:
        held = self._station.profiles.held.values()
        return [
            composite.Installed(_within_soc(one, soc), one.evse, _moment(one.updated_at), one.delays)
            for one in held
            if not one.void
        ]

    def _shared(self, profiles: list[composite.Installed]) -> list[composite.Installed]:
        """What is for the station as a whole in equal parts, one for each EVSE that may charge (K04.FR.05)."""
        evses = self._station.evses.values()
        running = self._station.transactions.of_evse
        sharing = sum(1 for one in evses if one.number in running and one.plugged and one.authorised)
        if sharing < 2:
            return profiles
        return [replace(one, profile=_part(one.profile, sharing)) if _of_all(one) else one for one in profiles]

    def _circumstances(self, now: float, told: bool = False) -> Circumstances:
        """`told`: a schedule for the CSMS names what the supply allows where no profile says less."""
        station = self._station
        running = station.transactions.of_evse
        return Circumstances(
            supplies={number: self._supply(number, told) for number in station.evses},
            running={number: Running(one.id, _moment(one.closed_at or now)) for number, one in running.items()},
            priority=frozenset(number for number, one in running.items() if one.priority),
            offline_since=None if station.online else _moment(station.offline_since),
            external_first=station.variables.text("SmartChargingCtrlr.SetpointPriority") != "CSMS",
            zone=self._zone(),
        )

    def _supply(self, number: int, told: bool) -> Supply:
        return Supply(limit=self._station.variables.number("EVSE.Power", number) if told else None)

    def _zone(self) -> tzinfo:
        """Local time: TimeZone where it names one, else TimeOffset, else UTC."""
        name = self._station.variables.text("ClockCtrlr.TimeZone")
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            pass
        found = re.fullmatch(r"([+-])(\d\d):(\d\d)", self._station.variables.text("ClockCtrlr.TimeOffset"))
        if found is None:
            return UTC
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)


def _of_all(one: composite.Installed) -> bool:
    return one.evse == 0 and one.profile["chargingProfilePurpose"] in _OF_ALL


def _part(profile: Mapping[str, Any], sharing: int) -> Mapping[str, Any]:
    """The profile with its powers, or currents, divided."""
    part = copy.deepcopy(dict(profile))
    for schedule in part["chargingSchedule"]:
        for period in schedule["chargingSchedulePeriod"]:
            for name in ("limit", "dischargeLimit", "setpoint", "setpointReactive"):
                if name in period:
                    period[name] /= sharing
    return part


def _within_soc(one: Installed, soc: float | None) -> Mapping[str, Any]:
    """The profile with limitAtSoC applied where the EV is that full (K01.FR.100)."""
    caps = [schedule.get("limitAtSoC") for schedule in one.profile["chargingSchedule"]]
    if soc is None or not any(cap is not None and soc >= cap["soc"] for cap in caps):
        return one.profile
    profile = copy.deepcopy(one.profile)
    for schedule, cap in zip(profile["chargingSchedule"], caps, strict=True):
        if cap is None or soc < cap["soc"]:
            continue
        for period in schedule["chargingSchedulePeriod"]:
            for name in ("limit", "setpoint"):
                if name in period:
                    period[name] = min(period[name], cap["limit"])
    return profile


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}
