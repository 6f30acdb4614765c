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
    covers="Q02.FR.02",
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
    covers="K01.FR.22",
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
