"""Faulty stations that go wrong with bidirectional power transfer and with what they say they will do (block Q, K08)."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import answers, drop, hears, put, scale

_PROFILE = "chargingProfile"
_PERIODS = "schedule.chargingSchedulePeriod.*"


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_SCHEDULES = (
    _mutant(
        "composite-uncapped",
        "reports the setpoint that was asked for, whatever caps it",
        answers("GetCompositeSchedule", scale(f"{_PERIODS}.setpoint", 2)),
    ),
    _mutant(
        "composite-frozen",
        "reports the schedule of a moment as if it held for ever",
        answers("GetCompositeSchedule", put(f"{_PERIODS}.startPeriod", 0)),
    ),
    _mutant(
        "recurs-never",
        "runs through a recurring schedule once",
        hears(
            "SetChargingProfile", put(f"{_PROFILE}.chargingProfileKind", "Absolute"), drop(f"{_PROFILE}.recurrencyKind")
        ),
    ),
)

CATALOGUE: tuple[Mutant, ...] = _SCHEDULES
