"""Faulty stations that go wrong with charging profiles: what they take a profile for, when they use it, what they tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.ocpp import Pretends, Remembering, Withholds, add, answers, drop, hears, is_frame, put, says, scale
from harness.mutants.station import Configured

Profile = dict[str, Any]
_EXTERNAL = "ChargingStationExternalConstraints"
_LATE = "2099-01-01T00:00:00Z"
_LONG_AGO = "2020-01-01T00:00:00Z"
_FEATURES = ("UseLocalTime", "RandomizedDelay", "DynamicProfiles")
_HIGHEST = 9
"""The highest stack level of the reference station."""


@dataclass(frozen=True)
class Misreads(Fault):
    """Takes a charging profile, wherever one comes along, for another than it is."""

    turn: Callable[[Profile], Profile]

    @property
    def name(self) -> str:
        return f"Misreads({self.turn.__name__.strip('_')})"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request") or "chargingProfile" not in message.payload:
            return (message,)
        if message.action not in ("SetChargingProfile", "RequestStartTransaction"):
            return (message,)
        profile = self.turn(dict(message.payload["chargingProfile"]))
        return (replace(message, payload={**message.payload, "chargingProfile": profile}),)


@dataclass(frozen=True)
class Forgets(Remembering):
    """Clears all its profiles as soon as it is accepted after a boot."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        number, memory = getattr(message, "number", None), self.memory
        if direction == "out" and is_frame(message, "request", "BootNotification"):
            memory["boot"] = message
        elif direction == "out" and number in (3, 4) and message.message_id == memory.get("order"):
            return ()
        elif direction == "in" and number == 3 and "boot" in memory and message.message_id == memory["boot"].message_id:
            memory["order"] = f"forget-{message.message_id}"[:36]
            order = replace(memory.pop("boot"), message_id=memory["order"], action="ClearChargingProfile", payload={})
            return (message, order)
        return (message,)


@dataclass(frozen=True)
class NewIds(Remembering):
    """Stores a profile whose id is taken under another one."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", "SetChargingProfile"):
            return (message,)
        profile = message.payload["chargingProfile"]
        times = self.memory[str(profile["id"])] = self.memory.get(str(profile["id"]), 0) + 1
        if times == 1:
            return (message,)
        other = {**profile, "id": profile["id"] + 1000 * times}
        return (replace(message, payload={**message.payload, "chargingProfile": other}),)


@dataclass(frozen=True)
class KeepsFormer(Pretends):
    """Accepts a profile for a purpose and stack level that is taken, and does nothing with it."""

    actions: tuple[str, ...] = ("SetChargingProfile",)

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and is_frame(message, "request", "SetChargingProfile"):
            slot = f"slot {_slot(message.payload)}"
            if slot not in self.memory:
                self.memory[slot] = True
                return (message,)
        return super().on_message(message, direction)


@dataclass(frozen=True)
class StoresBoth(Remembering):
    """Stores a profile beside the one whose purpose and stack level it has, as if they never met."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", "SetChargingProfile"):
            return (message,)
        slot, profile = f"{_slot(message.payload)}", message.payload["chargingProfile"]
        first = self.memory.setdefault(slot, profile["id"]) == profile["id"]
        apart = {**profile, "validTo" if first else "validFrom": _LATE}
        return (replace(message, payload={**message.payload, "chargingProfile": apart}),)


def _slot(payload: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a profile of any version shares with the one that it replaces."""
    content = payload.get("chargingProfile") or payload["csChargingProfiles"]
    place = payload.get("evseId", payload.get("connectorId"))
    return place, content["chargingProfilePurpose"], content["stackLevel"]


def _schedules(profile: Profile, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Profile:
    return {**profile, "chargingSchedule": [change(dict(each)) for each in profile["chargingSchedule"]]}


def _periods(schedule: dict[str, Any], change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> dict[str, Any]:
    return {**schedule, "chargingSchedulePeriod": [change(dict(each)) for each in schedule["chargingSchedulePeriod"]]}


def _stack_upside_down(profile: Profile) -> Profile:
    return {**profile, "stackLevel": max(0, _HIGHEST - profile["stackLevel"])}


def _tx_profile_as_default(profile: Profile) -> Profile:
    if profile["chargingProfilePurpose"] != "TxProfile":
        return profile
    kept = {name: value for name, value in profile.items() if name != "transactionId"}
    return {**kept, "chargingProfilePurpose": "TxDefaultProfile"}


def _purpose(taken: str, instead: str) -> Callable[[Profile], Profile]:
    def turned(profile: Profile) -> Profile:
        found = profile["chargingProfilePurpose"]
        return {**profile, "chargingProfilePurpose": instead if found == taken else found}

    turned.__name__ = f"{taken} as {instead}"
    return turned


def _every_day(profile: Profile) -> Profile:
    return {**profile, "recurrencyKind": "Daily"} if "recurrencyKind" in profile else profile


def _once_only(profile: Profile) -> Profile:
    if profile["chargingProfileKind"] != "Recurring":
        return profile
    kept = {name: value for name, value in profile.items() if name != "recurrencyKind"}
    return {**kept, "chargingProfileKind": "Absolute"}


def _relative_since_long_ago(profile: Profile) -> Profile:
    if profile["chargingProfileKind"] != "Relative":
        return profile
    begun = _schedules(profile, lambda schedule: {**schedule, "startSchedule": _LONG_AGO})
    return {**begun, "chargingProfileKind": "Absolute"}


def _begun_long_ago(profile: Profile) -> Profile:
    if profile["chargingProfileKind"] != "Absolute":
        return profile
    return _schedules(profile, lambda schedule: {**schedule, "startSchedule": _LONG_AGO})


def _amperes_of_all_phases(profile: Profile) -> Profile:
    def tripled(schedule: dict[str, Any]) -> dict[str, Any]:
        if schedule["chargingRateUnit"] != "A":
            return schedule
        return _periods(schedule, lambda period: {**period, "limit": 3 * period["limit"]})

    return _schedules(profile, tripled)


def _in_unit(unit: str) -> Callable[[Profile], Profile]:
    def turned(profile: Profile) -> Profile:
        return _schedules(profile, lambda schedule: {**schedule, "chargingRateUnit": unit})

    turned.__name__ = f"everything in {unit}"
    return turned


def _first_period(profile: Profile) -> Profile:
    return _schedules(
        profile, lambda schedule: {**schedule, "chargingSchedulePeriod": schedule["chargingSchedulePeriod"][:1]}
    )


def _priority_at_a_tenth(profile: Profile) -> Profile:
    if profile["chargingProfilePurpose"] != "PriorityCharging":
        return profile
    return _schedules(
        profile,
        lambda schedule: _periods(schedule, lambda period: {**period, "limit": period["limit"] / 10}),
    )


def _maximum_for_each(profile: Profile) -> Profile:
    if profile["chargingProfilePurpose"] != "ChargingStationMaxProfile":
        return profile
    return _schedules(
        profile, lambda schedule: _periods(schedule, lambda period: {**period, "limit": 2 * period["limit"]})
    )


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_PROFILE = "chargingProfile"

CATALOGUE: tuple[Mutant, ...] = (
    _mutant("stack-upside-down", "lets the lowest stack level win", Misreads(_stack_upside_down)),
    _mutant("keeps-first", "stores a profile again under another id where its id is taken", NewIds()),
    _mutant("stores-both", "stores two profiles of one purpose and stack level side by side", StoresBoth()),
    _mutant("keeps-former", "accepts a profile whose place is taken, and keeps the former one", KeepsFormer()),
    _mutant(
        "connector-0-for-all",
        "takes every profile of 1.6 for one of connector 0",
        hears("SetChargingProfile", put("connectorId", 0)),
    ),
    _mutant(
        "few-periods",
        "has room for fewer periods than its maker says",
        Configured("SmartChargingCtrlr.PeriodsPerSchedule", "10"),
    ),
    _mutant(
        "boasts",
        "says yes to every question about its variables, and refuses local times, delays and dynamic profiles",
        *(Configured(f"SmartChargingCtrlr.Supports{name}", "false") for name in _FEATURES),
        answers("GetVariables", put("getVariableResult.*.attributeValue", "true")),
    ),
    _mutant(
        "starts-without-profile",
        "forgets the profile that came with a remote start",
        hears("RequestStartTransaction", drop(_PROFILE)),
    ),
    _mutant("keeps-tx-profiles", "goes on with a TxProfile after its transaction", Misreads(_tx_profile_as_default)),
    _mutant("forgets-profiles-at-boot", "forgets its profiles over a reboot", Forgets()),
    _mutant("weekly-every-day", "repeats a weekly schedule every day", Misreads(_every_day)),
    _mutant("recurs-never", "runs through a recurring schedule once", Misreads(_once_only)),
    _mutant(
        "relative-since-long-ago",
        "does not count a relative schedule from the start of charging",
        Misreads(_relative_since_long_ago),
    ),
    _mutant("hurried-start", "does not wait for startSchedule", Misreads(_begun_long_ago)),
    _mutant("first-period-only", "stays with the first period of a schedule", Misreads(_first_period)),
    _mutant("amperes-of-all-phases", "lets each phase have three times a limit in A", Misreads(_amperes_of_all_phases)),
    _mutant("amperes-as-watts", "takes a limit in A for one in W", Misreads(_in_unit("W"))),
    _mutant("watts-as-amperes", "takes a limit in W for one in A", Misreads(_in_unit("A"))),
    _mutant(
        "defaults-as-ceilings",
        "keeps the default below a TxProfile that allows more",
        Misreads(_purpose("TxDefaultProfile", "ChargingStationMaxProfile")),
    ),
    _mutant(
        "ceilings-as-defaults",
        "forgets the maximum of the station once there is a TxProfile",
        Misreads(_purpose("ChargingStationMaxProfile", "TxDefaultProfile")),
    ),
    _mutant(
        "defaults-for-all",
        "takes the default of one EVSE for one of all",
        hears("SetChargingProfile", put("evseId", 0)),
    ),
    _mutant("maximum-for-each", "lets each of two EVSEs have the maximum of the station", Misreads(_maximum_for_each)),
    _mutant(
        "drops-profiles-offline",
        "drops its profiles as soon as it is offline",
        hears("SetChargingProfile", put(f"{_PROFILE}.maxOfflineDuration", 0)),
    ),
    _mutant("starves-priority", "gives a priority transaction a tenth of its limit", Misreads(_priority_at_a_tenth)),
    _mutant(
        "ignored-local-time",
        "takes local times for UTC",
        hears("SetChargingProfile", drop(f"{_PROFILE}.chargingSchedule.*.useLocalTime")),
    ),
    _mutant(
        "soc-limit-always",
        "keeps limitAtSoC whatever the state of charge is",
        hears("SetChargingProfile", put(f"{_PROFILE}.chargingSchedule.*.limitAtSoC.soc", 0)),
    ),
    _mutant(
        "clears-all-levels",
        "clears profiles of all stack levels whichever is named",
        hears("ClearChargingProfile", drop("chargingProfileCriteria.stackLevel")),
    ),
    _mutant(
        "clears-no-level",
        "does not find profiles by their stack level",
        hears("ClearChargingProfile", put("chargingProfileCriteria.stackLevel", 99)),
    ),
    _mutant(
        "clears-all-profiles",
        "clears all profiles whatever is named",
        hears("ClearChargingProfile", drop("chargingProfileCriteria"), drop("chargingProfileId")),
    ),
    _mutant(
        "reports-all-profiles",
        "reports all profiles whichever are asked for",
        hears("GetChargingProfiles", put(_PROFILE, {}), drop("evseId")),
    ),
    _mutant("ends-reports-early", "leaves tbc out of its reports", says("ReportChargingProfiles", drop("tbc"))),
    _mutant(
        "claims-limits-of-others",
        "gives the CSMS as the source of every limit",
        says("ReportChargingProfiles", put("chargingLimitSource", "CSO")),
        says("NotifyChargingLimit", put("chargingLimit.chargingLimitSource", "CSO")),
    ),
    _mutant(
        "refuses-needless-ends",
        "refuses to switch off priority that is not on",
        answers("UsePriorityCharging", put("status", "Rejected")),
    ),
    _mutant(
        "switches-nothing-on",
        "takes every value that is set for false",
        hears("SetVariables", put("setVariableData.*.attributeValue", "false")),
    ),
    _mutant(
        "generation-as-limit",
        "tells local generation as one more limit",
        says("NotifyChargingLimit", put("chargingLimit.isLocalGeneration", False)),
        says("ReportChargingProfiles", put(f"{_PROFILE}.*.chargingProfilePurpose", _EXTERNAL)),
    ),
    _mutant(
        "site-takes-any-id",
        "gives limits of the site ids of the CSMS",
        says("ReportChargingProfiles", add(f"{_PROFILE}.*.id", 10_000)),
    ),
    _mutant(
        "undated-needs",
        "does not say when it heard the needs of an EV that it tells late",
        says("NotifyEVChargingNeeds", drop("timestamp")),
    ),
    _mutant(
        "silent-ev-schedules",
        "does not tell which schedule the EV chose",
        Withholds("NotifyEVChargingSchedule"),
    ),
    _mutant(
        "ev-schedules-too-high",
        "tells a schedule of the EV that exceeds what was offered",
        says("NotifyEVChargingSchedule", scale("chargingSchedule.chargingSchedulePeriod.*.limit", 2.0)),
    ),
    _mutant(
        "everything-dynamic",
        "tells every EV as one in dynamic mode",
        says("NotifyEVChargingNeeds", put("chargingNeeds.controlMode", "DynamicControl")),
    ),
    _mutant(
        "undated-updates",
        "leaves dynUpdateTime where it was",
        says("ReportChargingProfiles", put(f"{_PROFILE}.*.dynUpdateTime", _LONG_AGO)),
    ),
    _mutant(
        "silent-rate-changes",
        "does not tell that the charging rate changed",
        Withholds("TransactionEvent", only=("triggerReason", "ChargingRateChanged")),
    ),
    _mutant(
        "limits-without-schedules",
        "tells limits of the site without their schedules",
        says("NotifyChargingLimit", drop("chargingSchedule")),
    ),
)
