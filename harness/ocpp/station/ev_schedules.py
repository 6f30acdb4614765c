"""The schedule that an EV in scheduled mode follows: told to the CSMS whenever profiles give it another one (K15 to K18).

The EV chooses what it is offered, as far as it can take that, and says so; in dynamic mode it chooses nothing (K19.FR.10).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.ocpp.station.evse import Evse
from harness.ocpp.station.schedule import Schedule
from harness.ocpp.station.wire import stamp

if TYPE_CHECKING:
    from harness.ocpp.station.station import Station

_AHEAD = 86_400
"""Seconds that a schedule reaches where no profile says how long it lasts."""
_JITTER = 2.0
"""Seconds by which starts may move without being another schedule: they are told in whole s from now."""
_OF_CSMS = ("TxProfile", "TxDefaultProfile")

Choice = list[tuple[float, float]]
"""Instants (station time) and the power (W) from then on."""


class EvSchedules:
    """`renew` after profiles have changed; what an EV chose is remembered as long as its transaction runs."""

    def __init__(self, station: Station, schedule: Schedule) -> None:
        self._station, self._schedule = station, schedule
        self._chosen: dict[str, Choice] = {}

    def renew(self, now: float) -> None:
        """Let the EVs choose anew, and tell what they chose where it is another schedule (K16.FR.02, .05, .13)."""
        running = self._station.transactions.of_evse
        self._chosen = {each.id: self._chosen[each.id] for each in running.values() if each.id in self._chosen}
        for number, transaction in running.items():
            evse = self._station.evses[number]
            if evse.ev is None or not evse.service or evse.ev.control_mode != "ScheduledControl":
                continue
            offered = self._offered(number)
            periods = self._choice(evse, offered, now)
            choice = [(now + each["startPeriod"], each.get("limit", each.get("setpoint", 0.0))) for each in periods]
            if not _same(choice, self._chosen.get(transaction.id)):
                self._chosen[transaction.id] = choice
                self._tell(number, offered, periods, now)

    def _offered(self, number: int) -> Mapping[str, Any]:
        """The schedule of the CSMS that the EV is offered: of its transaction, or else the default; empty without one."""
        held = sorted(self._station.profiles.held.values(), key=lambda one: (one.profile["stackLevel"], one.evse))
        for purpose in _OF_CSMS:
            for one in reversed(held):
                if one.purpose == purpose and one.evse in (0, number) and one.source == "CSO":
                    schedule: Mapping[str, Any] = one.profile["chargingSchedule"][0]
                    return schedule
        return {}

    def _choice(self, evse: Evse, offered: Mapping[str, Any], now: float) -> list[dict[str, Any]]:
        """The composite schedule, no higher than the EV can follow."""
        assert evse.ev is not None
        most = evse.ev.max_charge_power
        whole = self._schedule.report(evse.number, offered.get("duration", _AHEAD), "W", now)
        return [
            {**each, "limit": min(each["limit"], most)} if "limit" in each else each
            for each in whole["chargingSchedulePeriod"]
        ]

    def _tell(self, number: int, offered: Mapping[str, Any], periods: list[dict[str, Any]], now: float) -> None:
        schedule = {"id": offered.get("id", 1), "chargingRateUnit": "W", "chargingSchedulePeriod": periods}
        told: dict[str, Any] = {"timeBase": stamp(now), "evseId": number, "chargingSchedule": schedule}
        if offered:
            told["selectedChargingScheduleId"] = offered["id"]  # K18.FR.10, K16.FR.14
        self._station.agenda.put("NotifyEVChargingSchedule", told, about=number)


def _same(one: Choice, other: Choice | None) -> bool:
    """Whether two choices are the same power at the same instants; what has gone by since does not count."""
    if other is None:
        return False
    begun = one[0][0]
    rest = [(max(at, begun), power) for at, power in other]
    rest = [each for each, after in zip(rest, [*rest[1:], None], strict=True) if after is None or after[0] > begun]
    return len(one) == len(rest) and all(
        abs(mine[0] - theirs[0]) <= _JITTER and mine[1] == theirs[1] for mine, theirs in zip(one, rest, strict=True)
    )
