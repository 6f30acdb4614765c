"""Whether a charging profile of the CSMS can be taken, and the reason code where it cannot (OCPP 2.1 K01, K28, Q03 to Q10)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import instant

Profile = Mapping[str, Any]
_VALUES = ("limit", "dischargeLimit", "setpoint", "setpointReactive")
_MODES = "ChargingOnly CentralSetpoint CentralFrequency LocalFrequency ExternalSetpoint ExternalLimits LocalLoadBalancing Idle"
_ALL = tuple(_MODES.split())
_MODES_OF_PURPOSE: Mapping[str, tuple[str, ...]] = {
    "TxProfile": _ALL,
    "TxDefaultProfile": _ALL,
    "ChargingStationMaxProfile": ("ChargingOnly",),
    "PriorityCharging": ("ChargingOnly",),
    "LocalGeneration": ("ChargingOnly", "ExternalLimits"),
}
"""Operation modes that a purpose may carry (K01.FR.111 to .113)."""
_VALUES_OF_MODE: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "ChargingOnly": (frozenset({"limit"}), frozenset({"limit"})),
    "CentralSetpoint": (frozenset({"setpoint"}), frozenset(_VALUES)),
    "CentralFrequency": (frozenset({"setpoint"}), frozenset(_VALUES)),
    "LocalFrequency": (frozenset(), frozenset()),
    "ExternalSetpoint": (frozenset(), frozenset({"limit", "dischargeLimit"})),
    "ExternalLimits": (frozenset(), frozenset()),
    "LocalLoadBalancing": (frozenset(), frozenset({"limit", "dischargeLimit"})),
    "Idle": (frozenset(), frozenset()),
}
"""Values that a period of each mode must have, and those it may have. Sources differ about limits beside the setpoint of
CentralSetpoint and CentralFrequency; the station takes them."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` is the reasonCode, `info` says where."""

    reason: str
    info: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a profile is meant to go: `evses` there are; `transaction` is the id that runs on the EVSE, "" for none.
    `starting`: it came with a request to start a transaction. `others` are the profiles held, with their EVSE."""

    evse: int
    evses: int
    transaction: str
    starting: bool
    others: Sequence[tuple[int, Profile]]


def refusal(profile: Profile, target: Target, variables: DeviceModel) -> Refusal | None:
    """The first reason to refuse a profile, None when it can be taken."""
    for found in _reasons(profile, target, variables):
        return found
    return None


def _reasons(profile: Profile, target: Target, variables: DeviceModel) -> Iterator[Refusal]:
    if target.evse > target.evses:
        yield Refusal("UnknownEvse", f"there are {target.evses} EVSEs")
    yield from _purpose(profile, target, variables)
    yield from _identity(profile, target, variables)
    yield from _kind(profile, variables)
    for schedule in profile["chargingSchedule"]:
        yield from _schedule(profile, schedule, variables)
        yield from _periods(profile, schedule, target, variables)


def _purpose(profile: Profile, target: Target, variables: DeviceModel) -> Iterator[Refusal]:
    purpose = profile["chargingProfilePurpose"]
    if purpose == "ChargingStationExternalConstraints":
        yield Refusal("InvalidProfile", "external constraints come from a system on site")
    additional = variables.members("SmartChargingCtrlr.SupportedAdditionalPurposes")
    if purpose in ("PriorityCharging", "LocalGeneration") and purpose not in additional:
        yield Refusal("UnsupportedPurpose", purpose)
    if purpose == "ChargingStationMaxProfile" and (target.evse or profile["chargingProfileKind"] == "Relative"):
        yield Refusal("InvalidValue", "it is for EVSE 0 and not Relative")
    if purpose == "TxProfile":
        yield from _transaction(profile, target)
    elif "transactionId" in profile:
        yield Refusal("InvalidProfile", f"{purpose} belongs to no transaction")


def _transaction(profile: Profile, target: Target) -> Iterator[Refusal]:
    if target.evse == 0:
        yield Refusal("InvalidValue", "a TxProfile is for one EVSE")
    if target.starting:
        return
    if "transactionId" not in profile:
        yield Refusal("MissingParam", "transactionId")
    if not target.transaction or profile["transactionId"] != target.transaction:
        yield Refusal("TxNotFound", f"EVSE {target.evse}")


def _identity(profile: Profile, target: Target, variables: DeviceModel) -> Iterator[Refusal]:
    external = variables.text("SmartChargingCtrlr.MaxExternalConstraintsId")
    if external and profile["id"] <= int(external):
        yield Refusal("InvalidProfileId", f"ids up to {external} are for external profiles")
    if profile["stackLevel"] > variables.number("SmartChargingCtrlr.ProfileStackLevel"):
        yield Refusal("InvalidStackLevel", "above ProfileStackLevel")
    same = [
        (evse, other) for evse, other in target.others if _same_slot(profile, other) and other["id"] != profile["id"]
    ]
    if profile["chargingProfilePurpose"] == "TxDefaultProfile":
        if any((evse == 0) != (target.evse == 0) and overlap(profile, other) for evse, other in same):
            yield Refusal("DuplicateProfile", "EVSE 0 and a single EVSE at one stack level")
    elif profile["chargingProfilePurpose"] == "TxProfile" and any(evse == target.evse for evse, _ in same):
        yield Refusal("InvalidStackLevel", "another TxProfile of the transaction has this stack level")


def _same_slot(one: Profile, other: Profile) -> bool:
    keys = ("chargingProfilePurpose", "stackLevel", "transactionId")
    return all(one.get(key) == other.get(key) for key in keys)


def overlap(one: Profile, other: Profile) -> bool:
    """Whether both can be valid at one time."""
    (one_from, one_to), (other_from, other_to) = _validity(one), _validity(other)
    return one_from < other_to and other_from < one_to


def _validity(profile: Profile) -> tuple[float, float]:
    begins = instant(profile["validFrom"]) if "validFrom" in profile else -math.inf
    return begins, instant(profile["validTo"]) if "validTo" in profile else math.inf


def _kind(profile: Profile, variables: DeviceModel) -> Iterator[Refusal]:
    kind, schedules = profile["chargingProfileKind"], profile["chargingSchedule"]
    if kind == "Dynamic":
        if not variables.flag("SmartChargingCtrlr.SupportsDynamicProfiles"):
            yield Refusal("UnsupportedKind", kind)
        if len(schedules) != 1 or len(schedules[0]["chargingSchedulePeriod"]) != 1:
            yield Refusal("InvalidSchedule", "a dynamic profile has one schedule with one period")
    elif "dynUpdateInterval" in profile or "dynUpdateTime" in profile:
        yield Refusal("InvalidProfile", f"dynUpdateInterval and dynUpdateTime are for kind Dynamic, not {kind}")
    if kind == "Recurring" and "recurrencyKind" not in profile:
        yield Refusal("InvalidProfile", "recurrencyKind is missing")
    if "maxOfflineDuration" in profile and not variables.flag("SmartChargingCtrlr.SupportsMaxOfflineDuration"):
        yield Refusal("InvalidProfile", "maxOfflineDuration is not supported")


def _schedule(profile: Profile, schedule: Mapping[str, Any], variables: DeviceModel) -> Iterator[Refusal]:
    kind, purpose = profile["chargingProfileKind"], profile["chargingProfilePurpose"]
    if schedule["chargingRateUnit"] not in variables.members("SmartChargingCtrlr.RateUnit"):
        yield Refusal("UnsupportedRateUnit", schedule["chargingRateUnit"])
    if kind in ("Absolute", "Recurring") and "startSchedule" not in schedule:
        yield Refusal("InvalidSchedule", f"{kind} needs startSchedule")
    if kind == "Relative" and "startSchedule" in schedule:
        yield Refusal("InvalidSchedule", "Relative has no startSchedule")
    if purpose == "PriorityCharging" and "duration" in schedule:
        yield Refusal("InvalidSchedule", "a PriorityCharging profile has no duration")
    if schedule.get("randomizedDelay", 0) > 0 and purpose not in ("TxProfile", "TxDefaultProfile"):
        yield Refusal("InvalidSchedule", f"randomizedDelay in a {purpose}")
    for field, feature in (
        ("useLocalTime", "SupportsUseLocalTime"),
        ("randomizedDelay", "SupportsRandomizedDelay"),
        ("limitAtSoC", "SupportsLimitAtSoC"),
    ):
        if schedule.get(field) and not variables.flag(f"SmartChargingCtrlr.{feature}"):
            yield Refusal("InvalidSchedule", f"{field} is not supported")
    starts = [period["startPeriod"] for period in schedule["chargingSchedulePeriod"]]
    if starts[0] != 0:
        yield Refusal("InvalidSchedule", "the first startPeriod is not 0")
    if any(later <= earlier for earlier, later in itertools.pairwise(starts)):
        yield Refusal("InvalidSchedule", "startPeriods do not rise")
    if len(starts) > variables.number("SmartChargingCtrlr.PeriodsPerSchedule"):
        yield Refusal("InvalidSchedule", "more periods than PeriodsPerSchedule")


def _periods(
    profile: Profile, schedule: Mapping[str, Any], target: Target, variables: DeviceModel
) -> Iterator[Refusal]:
    for period in schedule["chargingSchedulePeriod"]:
        where = f"schedule {schedule['id']}, startPeriod {period['startPeriod']}"
        for found in _period(profile, schedule, period, target, variables):
            yield Refusal(found.reason, f"{where}: {found.info}" if found.info else where)


def _period(
    profile: Profile, schedule: Mapping[str, Any], period: Mapping[str, Any], target: Target, variables: DeviceModel
) -> Iterator[Refusal]:
    mode = period.get("operationMode", "ChargingOnly")
    supported = variables.members("V2XChargingCtrlr.SupportedOperationModes", max(target.evse, 1))
    if mode not in _MODES_OF_PURPOSE.get(profile["chargingProfilePurpose"], _ALL):
        yield Refusal("InvalidOperationMode", f"{mode} in a {profile['chargingProfilePurpose']}")
    if mode != "ChargingOnly" and (
        mode not in supported or not variables.flag("V2XChargingCtrlr.Enabled", max(target.evse, 1))
    ):
        yield Refusal("InvalidOperationMode", f"{mode} is not supported")
    if any(name.endswith(("_L2", "_L3")) for name in period):
        yield Refusal("PhaseConflict", "values per phase, and no EV that reported phases")
    if "numberPhases" in period or "phaseToUse" in period:
        yield Refusal("NoPhaseForDC", "the EVSE supplies DC")
    yield from _local_frequency(mode, schedule, period)
    yield from _values(mode, period)
    if mode == "LocalLoadBalancing" and not thresholds(variables, max(target.evse, 1)):
        yield Refusal("MissingDevModelInfo", "the thresholds are not set, or the upper is not above the lower")
    if period.get("evseSleep") and mode != "Idle":
        yield Refusal("InvalidSchedule", f"evseSleep in mode {mode}")


def _local_frequency(mode: str, schedule: Mapping[str, Any], period: Mapping[str, Any]) -> Iterator[Refusal]:
    if mode != "LocalFrequency":
        return
    if schedule["chargingRateUnit"] != "W":
        yield Refusal("UnsupportedRateUnit", "LocalFrequency is in W")
    if len(period.get("v2xFreqWattCurve", ())) < 2 or "v2xBaseline" not in period:
        yield Refusal("NoFreqWattCurve", "v2xBaseline and at least two points")
    if len(period.get("v2xSignalWattCurve", (0, 0))) < 2:
        yield Refusal("NoSignalWattCurve", "at least two points")


def _values(mode: str, period: Mapping[str, Any]) -> Iterator[Refusal]:
    needed, allowed = _VALUES_OF_MODE[mode]
    present = {name for name in _VALUES if name in period}
    if needed - present:
        yield Refusal("InvalidSchedule", f"{mode} needs {', '.join(sorted(needed - present))}")
    if present - allowed:
        yield Refusal("InvalidSchedule", f"{mode} has no {', '.join(sorted(present - allowed))}")
    if period.get("limit", 0.0) < 0:
        yield Refusal("InvalidSchedule", "a negative limit")
    if "setpoint" in period:
        top, bottom = period.get("limit", period["setpoint"]), period.get("dischargeLimit", period["setpoint"])
        if not bottom <= period["setpoint"] <= top:
            yield Refusal("InvalidSchedule", "the setpoint lies outside its limits")


def thresholds(variables: DeviceModel, evse: int) -> dict[str, float]:
    """LocalLoadBalancing thresholds and offsets in W (+ = import of the building); empty when they cannot be used (Q09.FR.02)."""
    names = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")
    texts = {name: variables.text(f"V2XChargingCtrlr.LocalLoadBalancing[{name}]", evse) for name in names}
    if not all(texts.values()):
        return {}
    found = {name: float(text) for name, text in texts.items()}
    return found if found["UpperThreshold"] > found["LowerThreshold"] else {}
