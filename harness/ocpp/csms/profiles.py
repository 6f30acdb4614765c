"""The charging profiles that a station should have: what the CSMS sent and the station accepted, changed, or dropped.

It also knows what a CSMS must not send (K01 and blocks Q and K of OCPP 2.1), so that the reference never does. What the
station then does is another matter: the book holds assumptions, and rules compare them with reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.ocpp.csms.device_model import members_of, number_of
from harness.ocpp.csms.periods import FORBIDDEN
from harness.ocpp.csms.records import ExternalLimit, Profile, purpose_of
from harness.ocpp.csms.station import Station
from harness.ocpp.times import moment
from harness.ocppj.versions import Version

FOREIGN = frozenset({"ChargingStationExternalConstraints", "LocalGeneration"})
"""Purposes of others than the CSMS: it neither sends nor clears them (K01.FR.22, K10.FR.06)."""
_PLAIN_ONLY = frozenset({"PriorityCharging", "ChargingStationMaxProfile"})
_PHASES = ("_L2", "_L3")


def profile_id(content: Mapping[str, Any]) -> int:
    """The id of a profile of any version."""
    return int(content["chargingProfileId"] if "chargingProfileId" in content else content["id"])


def schedules_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The schedules of a profile of any version."""
    schedules = content["chargingSchedule"]
    return [schedules] if isinstance(schedules, dict) else list(schedules)


def install(station: Station, evse_id: int, content: Mapping[str, Any], now: datetime) -> None:
    """Note a profile that the station accepted; what it replaces is gone (same id, or same purpose, level and place)."""
    made = Profile(profile_id(content), evse_id, dict(content), now)
    for key, known in list(station.profiles.items()):
        if known.profile_id == made.profile_id or _same_place(known, made):
            del station.profiles[key]
    station.profiles[str(made.profile_id)] = made


def _same_place(one: Profile, other: Profile) -> bool:
    def place(each: Profile) -> tuple[Any, ...]:
        content = each.content
        return each.purpose, content["stackLevel"], each.evse_id, each.transaction_id, content.get("validFrom")

    return place(one) == place(other)


def in_place(
    station: Station, evse_id: int, purpose: str, stack_level: int, transaction_id: str = ""
) -> Profile | None:
    """The profile of the CSMS at a place: of a purpose and level, on an EVSE, or for a transaction."""
    for known in station.profiles.values():
        where = (known.purpose, known.content["stackLevel"], known.evse_id, known.transaction_id)
        if known.source == "CSO" and where == (purpose, stack_level, evse_id, transaction_id):
            return known
    return None


def clear(station: Station, request: Mapping[str, Any]) -> None:
    """Note a ClearChargingProfile that was accepted. A stack level of 0 is a criterion like any other (9/17)."""
    for key, known in list(station.profiles.items()):
        if known.source == "CSO" and known.purpose not in FOREIGN and _matches(known, request):
            del station.profiles[key]


def _matches(known: Profile, request: Mapping[str, Any]) -> bool:
    wanted_id = request.get("chargingProfileId", request.get("id"))
    if wanted_id is not None:
        return bool(known.profile_id == wanted_id)
    criteria = request.get("chargingProfileCriteria", request)
    asked: dict[str, Any] = {
        "purpose": purpose_of(criteria["chargingProfilePurpose"]) if "chargingProfilePurpose" in criteria else None,
        "stack": criteria.get("stackLevel"),
        "evse": criteria.get("evseId", criteria.get("connectorId")),
    }
    is_now = {"purpose": known.purpose, "stack": known.content["stackLevel"], "evse": known.evse_id}
    return all(wanted is None or wanted == is_now[name] for name, wanted in asked.items())


def end_of_transaction(station: Station, transaction_id: str) -> None:
    """TxProfiles end with their transaction."""
    for key, known in list(station.profiles.items()):
        if known.purpose == "TxProfile" and known.transaction_id == transaction_id:
            del station.profiles[key]


def take_report(station: Station, request: Mapping[str, Any], now: datetime) -> None:
    """Note the profiles of a ReportChargingProfiles; those of others are told apart by their source."""
    for content in request["chargingProfile"]:
        key = str(content["id"])
        known = station.profiles.get(key)
        fresh = Profile(content["id"], request["evseId"], content, now, request["chargingLimitSource"])
        if known is not None:
            fresh = replace(
                fresh,
                installed_at=known.installed_at,
                update=known.update,
                updated_at=known.updated_at,
                wanted=known.wanted,
            )
        station.profiles[key] = fresh


# --- dynamic profiles -------------------------------------------------------------------------------------------------


def want(station: Station, number: int, values: Mapping[str, Any]) -> None:
    """What the station gets for a dynamic profile, when it pulls or when the CSMS pushes."""
    known = station.profiles[str(number)]
    station.profiles[str(number)] = replace(known, wanted={**known.wanted, **values})


def updated(station: Station, number: int, values: Mapping[str, Any], now: datetime) -> None:
    """Note that the station has taken new values."""
    known = station.profiles.get(str(number))
    if known is not None:
        merged = {**known.update, **values}
        station.profiles[str(number)] = replace(known, update=merged, wanted={**known.wanted, **values}, updated_at=now)


def pulled(station: Station, number: int, now: datetime) -> dict[str, Any] | None:
    """The values for PullDynamicScheduleUpdate; None when this station has no such dynamic profile (K28.FR.12)."""
    known = station.profiles.get(str(number))
    if known is None or not known.dynamic or known.source != "CSO":
        return None
    values = known.wanted or values_of(schedules_of(known.content)[0]["chargingSchedulePeriod"][0])
    updated(station, number, values, now)
    return dict(values)


def values_of(period: Mapping[str, Any]) -> dict[str, Any]:
    """The limits and setpoints of a period: what a dynamic update may carry."""
    names = [
        name + phase for name in ("limit", "dischargeLimit", "setpoint", "setpointReactive") for phase in ("", *_PHASES)
    ]
    return {name: period[name] for name in names if name in period}


# --- limits of others -------------------------------------------------------------------------------------------------


def limited(station: Station, request: Mapping[str, Any], now: datetime) -> None:
    """Note a NotifyChargingLimit."""
    said, evse = request["chargingLimit"], request.get("evseId", 0)
    station.limits[_limit_key(evse, said["chargingLimitSource"])] = ExternalLimit(
        evse_id=evse,
        source=said["chargingLimitSource"],
        grid_critical=said.get("isGridCritical", False),
        local_generation=said.get("isLocalGeneration", False),
        schedules=tuple(request.get("chargingSchedule", ())),
        at=now,
    )


def released(station: Station, request: Mapping[str, Any]) -> bool:
    """Note a ClearedChargingLimit; False when no such limit was known."""
    return station.limits.pop(_limit_key(request.get("evseId", 0), request["chargingLimitSource"]), None) is not None


def _limit_key(evse_id: int, source: str) -> str:
    return f"{evse_id}/{source}"


# --- what a CSMS must not send ----------------------------------------------------------------------------------------


def objections(station: Station, evse_id: int, content: Mapping[str, Any]) -> Iterator[str]:
    """Why a CSMS must not send this SetChargingProfile, each with the requirement; nothing when it may."""
    purpose, kind = purpose_of(content["chargingProfilePurpose"]), content["chargingProfileKind"]
    if purpose in FOREIGN:
        yield f"K01.FR.22: {purpose} is not for a CSMS to set"
    if purpose == "TxProfile" and evse_id == 0:
        yield "K01.FR.16: a TxProfile belongs to an EVSE above 0"
    if purpose == "TxProfile" and "transactionId" not in content:
        yield "K01.FR.03: a TxProfile names its transaction"
    if purpose == "ChargingStationMaxProfile" and (evse_id or kind == "Relative"):
        yield "K04.FR.03, K01.FR.38: a station maximum is for EVSE 0, and never Relative"
    known = in_place(station, evse_id, purpose, content["stackLevel"], str(content.get("transactionId", "")))
    if known is not None and known.profile_id != profile_id(content) and not _apart(known.content, content):
        yield f"K01.FR.06, K01.FR.39: profile {known.profile_id} has this purpose and stack level already"
    yield from _kind_objections(content)
    for schedule in schedules_of(content):
        yield from _schedule_objections(schedule, purpose, station.version)
    yield from _capability_objections(station, evse_id, content)


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two profiles are never valid at the same time."""

    def ends_before(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
        end, begin = moment(first.get("validTo")), moment(second.get("validFrom"))
        return end is not None and begin is not None and end <= begin

    return ends_before(one, other) or ends_before(other, one)


def _kind_objections(content: Mapping[str, Any]) -> Iterator[str]:
    kind, schedules = content["chargingProfileKind"], schedules_of(content)
    for schedule in schedules:
        if kind in ("Absolute", "Recurring") and "startSchedule" not in schedule:
            yield f"K01.FR.40: {kind} needs startSchedule"
        if kind == "Relative" and "startSchedule" in schedule:
            yield "K01.FR.41: Relative has no startSchedule"
    periods = [period for schedule in schedules for period in schedule["chargingSchedulePeriod"]]
    if kind == "Dynamic" and (len(schedules), len(periods)) != (1, 1):
        yield "K28.FR.01: Dynamic has one schedule with one period"
    if kind != "Dynamic" and ("dynUpdateInterval" in content or "dynUpdateTime" in content):
        yield "K01.FR.122: only Dynamic is updated"


def _schedule_objections(schedule: Mapping[str, Any], purpose: str, version: Version) -> Iterator[str]:
    periods = schedule["chargingSchedulePeriod"]
    starts = [period["startPeriod"] for period in periods]
    if starts[0] != 0:
        yield "K01.FR.31: the first period starts at 0"
    if starts != sorted(set(starts)):
        yield "K01.FR.35: periods rise"
    if purpose == "PriorityCharging" and "duration" in schedule:
        yield "K01.FR.73: PriorityCharging has no duration"
    for period in periods:
        yield from _period_objections(period, schedule, purpose)
        if version != "2.1" and period.get("limit", 0.0) < 0:
            yield f"OCPP {version} has no negative limits"


def _period_objections(period: Mapping[str, Any], schedule: Mapping[str, Any], purpose: str) -> Iterator[str]:
    mode = period.get("operationMode", "ChargingOnly")
    wrong = sorted(name for name in period if name.partition("_")[0] in FORBIDDEN[mode])
    if wrong:
        yield f"{mode} carries no {', '.join(wrong)} (Q02.FR.02, Q07.FR.03, Q08.FR.01, Q10.FR.01)"
    if purpose in _PLAIN_ONLY and mode != "ChargingOnly":
        yield f"K01.FR.111: {purpose} is ChargingOnly"
    if mode == "LocalFrequency" and len(period.get("v2xFreqWattCurve", ())) < 2:
        yield "Q08.FR.02: LocalFrequency needs a curve of two points"
    if mode == "LocalFrequency" and ("v2xBaseline" not in period or schedule["chargingRateUnit"] != "W"):
        yield "Q08.FR.02, Q08.FR.05: LocalFrequency needs v2xBaseline, in W"
    phased = [name for name in period if name.endswith(_PHASES)]
    if phased and purpose != "TxProfile":
        yield "K01.FR.143, V2X.09: values per phase are for TxProfiles"
    if any(name[:-3] not in period for name in phased):
        yield "K01.FR.145, V2X.07: a value of a phase comes with the plain one"
    if "phaseToUse" in period and period.get("numberPhases") != 1:
        yield "K01.FR.19: phaseToUse goes with one phase"


def _capability_objections(station: Station, evse_id: int, content: Mapping[str, Any]) -> Iterator[str]:
    """What the station said it cannot do; nothing where it never told."""
    if station.version == "1.6":
        return
    schedules = schedules_of(content)
    units = members_of(station, "SmartChargingCtrlr", "RateUnit")
    if units is not None and any(each["chargingRateUnit"] not in units for each in schedules):
        yield f"the station takes limits in {', '.join(sorted(units))} only"
    levels = number_of(station, "SmartChargingCtrlr", "ProfileStackLevel")
    if levels is not None and content["stackLevel"] > levels:
        yield f"the station knows stack levels up to {levels:g}"
    most = number_of(station, "SmartChargingCtrlr", "PeriodsPerSchedule")
    if most is not None and any(len(each["chargingSchedulePeriod"]) > most for each in schedules):
        yield f"the station keeps {most:g} periods per schedule"
    reserved = number_of(station, "SmartChargingCtrlr", "MaxExternalConstraintsId")
    if reserved is not None and content["id"] <= reserved:
        yield f"K01.FR.80: profile ids up to {reserved:g} are the station's own"
    modes = members_of(station, "V2XChargingCtrlr", "SupportedOperationModes", evse_id=evse_id)
    used = {period.get("operationMode") for each in schedules for period in each["chargingSchedulePeriod"]} - {None}
    if modes is not None and not used - {"ChargingOnly"} <= modes:
        yield f"K01.FR.115: the station knows the modes {', '.join(sorted(modes))}"
