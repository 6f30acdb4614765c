"""Rules about the charging profiles that a CSMS sends: what a profile must hold, and what a period of its mode may carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.ocpp.csms.periods import FORBIDDEN
from harness.ocpp.readings import request
from harness.rules.context import RuleContext
from harness.verdict.check import Check
from harness.verdict.declare import rule

_PER_PHASE = ("", "_L2", "_L3")


def _profiles(trace: Trace) -> Iterator[tuple[Observation, int, Mapping[str, Any]]]:
    """Every profile of a SetChargingProfile of 2.x, with its evseId."""
    for seen in trace.link("ocpp").sent_by("csms"):
        content = request(seen, "SetChargingProfile")
        if content is not None and seen.facts.get("version") != "1.6":
            profile = content.get("chargingProfile")
            yield seen, content.get("evseId", 0), profile if isinstance(profile, dict) else {}


def _schedules(profile: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    made = profile.get("chargingSchedule", [])
    return [each for each in (made if isinstance(made, list) else [made]) if isinstance(each, dict)]


def _periods(profile: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        period
        for schedule in _schedules(profile)
        for period in schedule.get("chargingSchedulePeriod", [])
        if isinstance(period, dict)
    ]


@rule(
    "RULE_OcppProfile_001",
    role="csms",
    link="ocpp",
    covers=("K01.FR.03", "K01.FR.16"),
    detects=("csms-profiles-without-transaction", "csms-profiles-for-station"),
    exercised_by="TC_CSMS_V2x_001",
)
def transaction_profiles_name_their_transaction(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends a TxProfile for one EVSE, with the transaction that it is for."""
    for seen, evse, profile in _profiles(trace):
        if profile.get("chargingProfilePurpose") == "TxProfile":
            check.holds(
                evse > 0 and profile.get("transactionId") not in (None, ""),
                expected="a TxProfile with transactionId and an evseId above 0",
                actual=f"evseId {evse}, transactionId {profile.get('transactionId', 'left out')}",
                seen=seen,
                advice="Send the profile when the transaction is known; use TxDefaultProfile for those to come.",
            )


@rule(
    "RULE_OcppProfile_002",
    role="csms",
    link="ocpp",
    covers=("K01.FR.31", "K01.FR.35"),
    detects="csms-first-period-late",
    exercised_by="TC_CSMS_V2x_001",
)
def schedules_begin_at_zero(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS begins every schedule with a period at 0 s, and its periods follow one another."""
    for seen, _evse, profile in _profiles(trace):
        for schedule in _schedules(profile):
            starts = [each.get("startPeriod") for each in schedule.get("chargingSchedulePeriod", [])]
            check.holds(
                starts[:1] == [0] and all(a < b for a, b in pairwise(starts)),
                expected="startPeriod 0 first, then rising",
                actual=str(starts),
                seen=seen,
                advice="Count startPeriod from the start of the schedule.",
            )


@rule(
    "RULE_OcppProfile_003",
    role="csms",
    link="ocpp",
    covers="K01.FR.40",
    detects="csms-no-start-schedule",
    exercised_by="TC_CSMS_V2x_001",
)
def absolute_schedules_say_when(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS gives Absolute and Recurring schedules their startSchedule."""
    for seen, _evse, profile in _profiles(trace):
        if profile.get("chargingProfileKind") in ("Absolute", "Recurring"):
            for schedule in _schedules(profile):
                check.holds(
                    "startSchedule" in schedule,
                    expected=f"startSchedule in a profile of kind {profile['chargingProfileKind']}",
                    actual="left out",
                    seen=seen,
                    advice="Write startSchedule, or make the profile Relative.",
                )


@rule(
    "RULE_OcppProfile_004",
    role="csms",
    link="ocpp",
    covers=("Q02.FR.02", "Q07.FR.03", "Q08.FR.01", "Q10.FR.01"),
    detects="csms-discharge-limit-in-charging",
    exercised_by="TC_CSMS_V2x_002",
)
def periods_carry_what_their_mode_has(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS leaves out of a period what its operation mode must not carry."""
    for seen, _evse, profile in _profiles(trace):
        for period in _periods(profile):
            mode = str(period.get("operationMode", "ChargingOnly"))
            forbidden = [f"{name}{phase}" for name in FORBIDDEN.get(mode, ()) for phase in _PER_PHASE]
            carried = sorted(name for name in forbidden if name in period)
            check.holds(
                not carried,
                expected=f"a period of {mode} without {', '.join(sorted(FORBIDDEN.get(mode, ())))}",
                actual=f"it carries {', '.join(carried)}",
                seen=seen,
                advice="Choose the mode that has the value; stations refuse such a profile.",
            )


@rule(
    "RULE_OcppProfile_005",
    role="csms",
    link="ocpp",
    covers=("K01.FR.22", "K02.FR.07", "K03.FR.08"),
    detects="csms-external-purpose",
    exercised_by="TC_CSMS_V2x_001",
)
def external_constraints_are_not_the_operators(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS does not send profiles that only systems on site may make."""
    for seen, _evse, profile in _profiles(trace):
        check.holds(
            profile.get("chargingProfilePurpose") != "ChargingStationExternalConstraints",
            expected="any purpose but ChargingStationExternalConstraints",
            actual="ChargingStationExternalConstraints",
            seen=seen,
            advice="Use ChargingStationMaxProfile to hold a whole station below a limit.",
        )


@rule(
    "RULE_OcppProfile_006",
    role="csms",
    link="ocpp",
    covers=("K01.FR.143", "K01.FR.145", "V2X.07", "V2X.09"),
    detects=("csms-phase-values", "csms-only-single-phases"),
    exercised_by=("TC_CSMS_V2x_001", "TC_CSMS_Bounds_004"),
)
def values_per_phase_stand_beside_the_plain_one(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends values for phases L2 and L3 in a TxProfile only, and only beside the plain value of the same name."""
    for seen, _evse, profile in _profiles(trace):
        for period in _periods(profile):
            phased = sorted(name for name in period if name.endswith(_PER_PHASE[1:]))
            lone = [name for name in phased if name[:-3] not in period]
            check.holds(
                not lone and (not phased or profile.get("chargingProfilePurpose") == "TxProfile"),
                expected="values per phase in a TxProfile, each with the plain one",
                actual=f"{', '.join(phased)} in a {profile.get('chargingProfilePurpose')}",
                seen=seen,
                advice="Give the plain value for phase L1; stations refuse such a profile (PhaseConflict).",
            )


@rule(
    "RULE_OcppProfile_007",
    role="csms",
    link="ocpp",
    covers=("K28.FR.01", "K29.FR.01"),
    detects=("csms-many-periods", "csms-two-schedules"),
    exercised_by="TC_CSMS_Dynamic_001",
)
def dynamic_profiles_have_one_period(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends Dynamic profiles with one schedule of one period."""
    for seen, _evse, profile in _profiles(trace):
        if profile.get("chargingProfileKind") == "Dynamic":
            count = (len(_schedules(profile)), len(_periods(profile)))
            check.holds(
                count == (1, 1),
                expected="one schedule with one period in a Dynamic profile",
                actual=f"{count[0]} schedules with {count[1]} periods",
                seen=seen,
                advice="Send changes by UpdateDynamicSchedule.",
            )


@rule(
    "RULE_OcppProfile_008",
    role="csms",
    link="ocpp",
    covers=("K01.FR.38", "K04.FR.03", "K01.FR.73", "K01.FR.111"),
    detects=("csms-relative-maximum", "csms-defaults-to-evse-1", "csms-timed-priority"),
    exercised_by=("TC_CSMS_Profile_002", "TC_CSMS_Profile_008"),
)
def maximum_and_priority_are_plain(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends a station's maximum to EVSE 0 and never Relative, priority without duration, both for charging alone."""
    for seen, evse, profile in _profiles(trace):
        purpose = profile.get("chargingProfilePurpose")
        if purpose in ("ChargingStationMaxProfile", "PriorityCharging"):
            wrong = sorted(_unfit(str(purpose), evse, profile))
            check.holds(
                not wrong,
                expected=f"a {purpose} that is for charging alone, and only as that purpose allows",
                actual=", ".join(wrong),
                seen=seen,
                advice="Stations refuse such a profile.",
            )


def _unfit(purpose: str, evse: int, profile: Mapping[str, Any]) -> Iterator[str]:
    modes = {str(each.get("operationMode", "ChargingOnly")) for each in _periods(profile)}
    yield from (f"a period of {mode}" for mode in modes - {"ChargingOnly"})
    if purpose == "PriorityCharging":
        yield from ("a duration" for each in _schedules(profile) if "duration" in each)
        return
    if evse:
        yield f"EVSE {evse}"
    if profile.get("chargingProfileKind") == "Relative":
        yield "kind Relative"


@rule(
    "RULE_OcppProfile_009",
    role="csms",
    link="ocpp",
    covers=("Q08.FR.02", "Q08.FR.05"),
    detects=("csms-curves-of-a-point", "csms-no-baseline", "csms-always-amperes"),
    exercised_by="TC_CSMS_Mode_004",
)
def local_frequency_has_what_it_needs(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS sends periods of LocalFrequency with a baseline and a curve of two points or more, in W."""
    for seen, _evse, profile in _profiles(trace):
        for schedule in _schedules(profile):
            for period in schedule.get("chargingSchedulePeriod", []):
                if period.get("operationMode") == "LocalFrequency":
                    points, unit = len(period.get("v2xFreqWattCurve", ())), schedule.get("chargingRateUnit")
                    baseline = period.get("v2xBaseline", "no baseline")
                    check.holds(
                        points >= 2 and baseline != "no baseline" and unit == "W",
                        expected="v2xBaseline, and a v2xFreqWattCurve of two points or more, in W",
                        actual=f"{baseline}, {points} points, in {unit}",
                        seen=seen,
                        advice="The station adds the value of the curve at the measured frequency to the baseline.",
                    )


@rule(
    "RULE_OcppProfile_010",
    role="csms",
    link="ocpp",
    covers="K01.FR.19",
    detects="csms-chooses-a-phase",
    exercised_by="TC_CSMS_V2x_001",
)
def a_phase_is_chosen_for_one_phase_only(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS says which phase to use only where one phase is to be used."""
    for seen, _evse, profile in _profiles(trace):
        for period in _periods(profile):
            check.holds(
                "phaseToUse" not in period or period.get("numberPhases") == 1,
                expected="phaseToUse with numberPhases 1 only",
                actual=f"phaseToUse with numberPhases {period.get('numberPhases', 'left out')}",
                seen=seen,
                advice="Leave phaseToUse out, or set numberPhases to 1.",
            )


@rule(
    "RULE_OcppProfile_011",
    role="csms",
    link="ocpp",
    covers="K10.FR.06",
    detects="csms-clears-external",
    exercised_by="TC_CSMS_Clear_001",
)
def limits_of_others_are_not_cleared(trace: Trace, check: Check, context: RuleContext) -> None:
    """CSMS does not ask to clear the profiles of systems on site."""
    for seen in trace.link("ocpp").sent_by("csms"):
        content = request(seen, "ClearChargingProfile")
        if content is not None and seen.facts.get("version") != "1.6":
            criteria = content.get("chargingProfileCriteria")
            purpose = criteria.get("chargingProfilePurpose") if isinstance(criteria, dict) else None
            check.holds(
                purpose not in ("ChargingStationExternalConstraints", "LocalGeneration"),
                expected="a purpose of the CSMS, or none",
                actual=str(purpose),
                seen=seen,
                advice="They end when the system on site releases them.",
            )
