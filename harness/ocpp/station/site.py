"""Limits and setpoints from systems on site: an EMS, a grid operator's box, local generation (OCPP 2.1 K11 to K14, K27, K29, Q05, Q06)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.profiles import Installed
from harness.ocpp.station.wire import stamp

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_VALUES = {
    "limit": "limit",
    "discharge_limit": "dischargeLimit",
    "setpoint": "setpoint",
    "reactive": "setpointReactive",
}


class Site:
    """`demand` takes values, `release` takes them back. EVSE 0 is the whole station. W, + = charge."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def demand(
        self,
        evse: int,
        now: float,
        *,
        limit: float | None = None,
        discharge_limit: float | None = None,
        setpoint: float | None = None,
        source: str = "EMS",
        critical: bool = False,
        generation: bool = False,
        lasting: int | None = None,
    ) -> bool:
        """Values that hold from now on, or for `lasting` s; False when the station does not let itself be told.

        A dynamic profile of the CSMS that leaves its values to the site takes them (K29.FR.03); else they become a profile
        of their own (K29.FR.04, K27.FR.01 for `generation`).
        """
        variables = self._station.variables
        given = {"limit": limit, "discharge_limit": discharge_limit, "setpoint": setpoint}
        values = {_VALUES[name]: value for name, value in given.items() if value is not None}
        if not variables.flag("SmartChargingCtrlr.ExternalControlSignalsEnabled"):
            return False
        mode = _mode(values)
        invited = None if generation else self._invited(evse, mode)
        before = {one.number: one.control.power for one in self._station.evses.values()}
        if invited is not None:
            invited.update(values, now)
            self._station.settle_all(now)
            return True
        if variables.flag("SmartChargingCtrlr.ExternalConstraintsProfileDisallowed"):
            return False
        own = self._constrain(evse, values, mode, source, critical, generation, now)
        _end_after(own, lasting)
        self._follow(before, now)
        return True

    def plan(
        self, evse: int, now: float, periods: Sequence[tuple[int, Mapping[str, float]]], *, source: str = "EMS"
    ) -> bool:
        """A schedule of values, each with the second from now at which it begins; False when the station does not let itself
        be told. It becomes an absolute profile of its own (Q06.FR.01, .03)."""
        variables = self._station.variables
        allowed = variables.flag("SmartChargingCtrlr.ExternalControlSignalsEnabled")
        if not allowed or variables.flag("SmartChargingCtrlr.ExternalConstraintsProfileDisallowed"):
            return False
        before = {one.number: one.control.power for one in self._station.evses.values()}
        former = self._own(evse, source, False)
        own = self._made(evse, _mode(periods[0][1]), source, False, now)
        _spread(own.profile, periods, now)
        if former is not None:
            del self._station.profiles.held[former.profile["id"]]
        self._station.profiles.hold(own)
        self._notify(own, evse, source, False, False)
        self._follow(before, now)
        return True

    def release(self, evse: int, now: float, *, source: str = "EMS", generation: bool = False) -> None:
        """The site takes its values back (K13)."""
        own = self._own(evse, source, generation)
        if own is None:
            return
        before = {one.number: one.control.power for one in self._station.evses.values()}
        del self._station.profiles.held[own.profile["id"]]
        cleared: dict[str, Any] = {"chargingLimitSource": source}
        self._station.agenda.put("ClearedChargingLimit", cleared | ({"evseId": evse} if evse else {}))
        self._follow(before, now)

    # --- inside ------------------------------------------------------------------------------------------------------------

    def _invited(self, evse: int, mode: str) -> Installed | None:
        """The profile of the CSMS that waits for such values on the EVSE."""
        for one in self._station.profiles.held.values():
            period = one.profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]
            if one.dynamic and one.source == "CSO" and one.evse in (0, evse) and period.get("operationMode") == mode:
                return one
        return None

    def _constrain(
        self, evse: int, values: dict[str, float], mode: str, source: str, critical: bool, generation: bool, now: float
    ) -> Installed:
        own = self._own(evse, source, generation)
        if own is not None and not own.dynamic:
            del self._station.profiles.held[own.profile["id"]]
            own = None
        former = None if own is None else copy.deepcopy(_period(own))
        if own is None:
            own = self._made(evse, mode, source, generation, now)
            self._station.profiles.hold(own)
        period = _period(own)
        for name in _VALUES.values():
            period.pop(name, None)
        period["operationMode"] = mode
        own.update(values, now)
        if self._significant(former, period):
            self._notify(own, evse, source, critical, generation)
        return own

    def _made(self, evse: int, mode: str, source: str, generation: bool, now: float) -> Installed:
        profile = {
            "id": self._free_id(),
            "stackLevel": 0,
            "chargingProfilePurpose": "LocalGeneration" if generation else "ChargingStationExternalConstraints",
            "chargingProfileKind": "Dynamic",
            "dynUpdateTime": stamp(now),
            "chargingSchedule": [
                {
                    "id": 1,
                    "chargingRateUnit": "W",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "operationMode": mode}],
                }
            ],
        }
        return Installed(profile, evse, now, source)

    def _own(self, evse: int, source: str, generation: bool) -> Installed | None:
        purpose = "LocalGeneration" if generation else "ChargingStationExternalConstraints"
        held = self._station.profiles.held.values()
        return next((one for one in held if one.purpose == purpose and one.evse == evse and one.source == source), None)

    def _free_id(self) -> int:
        """Ids of external profiles are at most MaxExternalConstraintsId (K01.FR.82), here negative ones count on."""
        highest = int(self._station.variables.number("SmartChargingCtrlr.MaxExternalConstraintsId"))
        taken = self._station.profiles.held
        return next(
            identifier for identifier in range(highest, highest - len(taken) - 1, -1) if identifier not in taken
        )

    def _significant(self, before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
        """Whether a value moved by more than LimitChangeSignificance percent."""
        if before is None:
            return True
        share = self._station.variables.number("SmartChargingCtrlr.LimitChangeSignificance") / 100
        for name in _VALUES.values():
            old, new = before.get(name), after.get(name)
            if (old is None) != (new is None) or (
                old is not None and new is not None and abs(new - old) > share * abs(old) + 1e-9
            ):
                return True
        return False

    def _notify(self, own: Installed, evse: int, source: str, critical: bool, generation: bool) -> None:
        limit: dict[str, Any] = {"chargingLimitSource": source, "isGridCritical": critical}
        if self._station.version == "2.1":
            limit["isLocalGeneration"] = generation
        notice: dict[str, Any] = {"chargingLimit": limit} | ({"evseId": evse} if evse else {})
        if self._station.variables.flag("SmartChargingCtrlr.NotifyChargingLimitWithSchedules"):
            notice["chargingSchedule"] = copy.deepcopy(own.profile["chargingSchedule"])
        self._station.agenda.put("NotifyChargingLimit", notice)

    def _follow(self, before: dict[int, float], now: float) -> None:
        """Bring the EVSEs to the new values, and tell transactions whose rate moved (K11.FR.04, K13.FR.03)."""
        self._station.settle_all(now)
        share = self._station.variables.number("SmartChargingCtrlr.LimitChangeSignificance") / 100
        for number in list(self._station.transactions.of_evse):
            evse = self._station.evses[number]
            moved = abs(evse.control.power - before[number])
            if moved > share * max(abs(before[number]), 1.0):
                self._station.transactions.go_on(evse, now, "ChargingRateChanged")
        self._station.charging.ev_schedules.renew(now)


def _mode(values: Mapping[str, float]) -> str:
    return "ExternalSetpoint" if "setpoint" in values else "ExternalLimits"


def _end_after(own: Installed, lasting: int | None) -> None:
    """Let the values of a dynamic profile end unless new ones come in time (Q06.FR.40)."""
    schedule = own.profile["chargingSchedule"][0]
    schedule.pop("duration", None)
    if lasting is not None:
        schedule["duration"] = lasting


def _spread(profile: dict[str, Any], periods: Sequence[tuple[int, Mapping[str, float]]], now: float) -> None:
    """Make a dynamic profile an absolute one with these periods."""
    profile["chargingProfileKind"] = "Absolute"
    del profile["dynUpdateTime"]
    schedule = profile["chargingSchedule"][0]
    schedule["startSchedule"] = stamp(now)
    schedule["chargingSchedulePeriod"] = [
        {"startPeriod": start, "operationMode": _mode(values), **values} for start, values in periods
    ]


def _period(one: Installed) -> dict[str, Any]:
    period: dict[str, Any] = one.profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]
    return period
