"""What a central system makes of the needs of an EV: whether they can be met, and the profile that meets them (block Q, K15-K20).

The plan says what the CSMS wants; the EV's and the station's limits bound it. Powers in W, + = charge, - = discharge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from harness.ocpp.csms import periods as words
from harness.ocpp.csms.device_model import members_of
from harness.ocpp.csms.periods import Period, V2xPlan
from harness.ocpp.csms.profiles import schedules_of
from harness.ocpp.csms.records import Needs, Transaction
from harness.ocpp.csms.station import Station

BIDIRECTIONAL = frozenset({"AC_BPT", "AC_BPT_DER", "AC_DER", "DC_BPT", "DC_ACDP_BPT"})
_VOLTS = 230.0
_DEFAULT_POWER = 11_000.0
"""What is granted to an EV that says nothing of its power."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an EV can take and give, in W; magnitudes. `may_discharge` is False while it must be charged first."""

    charge: float
    discharge: float
    phases: int
    may_discharge: bool

    def held(self, watts: float) -> float:
        """A setpoint brought within the bounds."""
        return max(-self.discharge if self.may_discharge else 0.0, min(self.charge, watts))


def acceptable(requested: str, allowed: tuple[str, ...] | None) -> bool:
    """Whether an energy transfer may be used; with no list at all only charging may (Q01)."""
    return requested in allowed if allowed is not None else requested not in BIDIRECTIONAL


def bounds_of(needs: Mapping[str, Any]) -> Bounds:
    """What NotifyEVChargingNeeds says of the EV, in whichever of its three ways."""
    mode = needs["requestedEnergyTransfer"]
    phases = 3 if "three" in mode or mode.startswith("AC_BPT") else 2 if "two" in mode else 1
    v2x = needs.get("v2xChargingParameters", {})
    if v2x:
        discharge = v2x.get("maxDischargePower", 0.0) if mode in BIDIRECTIONAL else 0.0
        below_window = v2x.get("evMinV2XEnergyRequest", 0.0) > 0
        return Bounds(v2x.get("maxChargePower", _DEFAULT_POWER), discharge, phases, not below_window)
    ac, dc = needs.get("acChargingParameters", {}), needs.get("dcChargingParameters", {})
    if ac:
        return Bounds(float(ac["evMaxCurrent"]) * _VOLTS * phases, 0.0, phases, False)
    most = dc.get("evMaxPower", float(dc["evMaxCurrent"]) * dc["evMaxVoltage"]) if dc else _DEFAULT_POWER
    return Bounds(float(most), 0.0, phases, False)


def feasible_mode(station: Station, evse_id: int, plan: V2xPlan, needs: Mapping[str, Any]) -> words.Mode:
    """The plan's mode if EV and station can do it, else plain charging (Q02.FR.01, K01.FR.115)."""
    if plan.mode in ("ChargingOnly", "Idle"):
        return plan.mode
    if needs["requestedEnergyTransfer"] not in BIDIRECTIONAL:
        return "ChargingOnly"
    known = members_of(station, "V2XChargingCtrlr", "SupportedOperationModes", evse_id=evse_id)
    return plan.mode if known is None or plan.mode in known else "ChargingOnly"


def period_for(mode: words.Mode, plan: V2xPlan, bounds: Bounds) -> Period:
    """The one period with which a plan begins."""
    ceiling = bounds.charge if plan.limit is None else min(plan.limit, bounds.charge)
    floor = -bounds.discharge if plan.discharge_limit is None else max(plan.discharge_limit, -bounds.discharge)
    match mode:
        case "CentralSetpoint":
            reactive: dict[str, Any] = {} if plan.reactive is None else {"setpointReactive": plan.reactive}
            return words.central_setpoint(bounds.held(max(floor, min(ceiling, plan.setpoint))), **reactive)
        case "CentralFrequency":
            return words.central_frequency(bounds.held(plan.setpoint))
        case "LocalFrequency":
            return words.local_frequency(plan.baseline, plan.frequency_curve, plan.signal_curve)
        case "ExternalSetpoint":
            return words.external_setpoint(limit=ceiling, dischargeLimit=floor)
        case "ExternalLimits":
            return words.external_limits()
        case "LocalLoadBalancing":
            return words.local_load_balancing()
        case "Idle":
            return words.idle(sleep=plan.sleep, precondition=plan.precondition)
        case _:
            return words.charging_only(ceiling)


def is_dynamic(mode: words.Mode, plan: V2xPlan) -> bool:
    """CentralFrequency is always dynamic (Q07.FR.02); the others as planned."""
    return mode == "CentralFrequency" or (
        plan.dynamic and mode in ("ChargingOnly", "CentralSetpoint", "ExternalSetpoint")
    )


def profile_for(
    station: Station, needs: Needs, transaction: Transaction, plan: V2xPlan, number: int, now: datetime
) -> dict[str, Any]:
    """The TxProfile that answers an EV's needs."""
    mode = feasible_mode(station, needs.evse_id, plan, needs.needs)
    period = period_for(mode, plan, bounds_of(needs.needs))
    if station.version != "2.1":
        period.pop("operationMode", None)
    dynamic = is_dynamic(mode, plan) and station.version == "2.1"
    unit = _unit(station, mode)
    if unit == "A":
        period = _in_amperes(period, bounds_of(needs.needs).phases)
    # K28.FR.13, Q07.FR.04: without a lifetime a stalled CSMS would leave the last setpoint running
    duration = (plan.valid or (60 if mode == "CentralFrequency" else None)) if dynamic else plan.lasting
    schedule = words.schedule([period], unit=unit, start=None if dynamic else now, duration=duration)
    return words.profile(
        number,
        "TxProfile",
        [schedule],
        kind="Dynamic" if dynamic else "Absolute",
        stack_level=plan.stack_level,
        transaction=transaction.transaction_id,
        dynUpdateInterval=plan.pull_every or None if dynamic else None,
        maxOfflineDuration=plan.max_offline,
        invalidAfterOfflineDuration=plan.invalid_after_offline or None,
    )


def _unit(station: Station, mode: str) -> Literal["W", "A"]:
    units = members_of(station, "SmartChargingCtrlr", "RateUnit")
    return "A" if units == frozenset({"A"}) and mode != "LocalFrequency" else "W"


def _in_amperes(period: Period, phases: int) -> Period:
    """Per phase, by the nominal voltage (K01.FR.49)."""
    powers = {"limit", "dischargeLimit", "setpoint"}
    return {name: round(value / (_VOLTS * phases), 1) if name in powers else value for name, value in period.items()}


def takes_afrr(station: Station) -> bool:
    """Whether a station has a LocalFrequency period with a curve for aFRR signals (Q08)."""
    periods = (
        period
        for each in station.profiles.values()
        for schedule in schedules_of(each.content)
        for period in schedule["chargingSchedulePeriod"]
    )
    return any("v2xSignalWattCurve" in period for period in periods)


def within_bounds(station: Station, evse_id: int, schedule: Mapping[str, Any]) -> bool:
    """Whether the schedule that an EV chose keeps within the profile it was given (K17.FR.11)."""
    running = station.transaction_at(evse_id)
    given = [each for each in station.profiles.values() if running and each.transaction_id == running.transaction_id]
    ceilings = [
        period["limit"]
        for each in given
        for offered in schedules_of(each.content)
        if offered["chargingRateUnit"] == schedule["chargingRateUnit"]
        for period in offered["chargingSchedulePeriod"]
        if "limit" in period
    ]
    chosen = [period["limit"] for period in schedule["chargingSchedulePeriod"] if "limit" in period]
    return not ceilings or not chosen or max(chosen) <= max(ceilings)
