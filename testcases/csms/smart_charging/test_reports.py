"""What a CSMS asks about profiles, clears, and hears of the limits of others (OCPP 2.x, K08 to K13)."""

from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    equals,
    satisfies,
    test_case,
)

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
FOREIGN = ("ChargingStationExternalConstraints", "LocalGeneration")


def asked_by(seen: Observation) -> list[str] | None:
    """By what GetChargingProfiles asks: "ids", "criteria", both or neither."""
    asked = reading("chargingProfile")(seen)
    if asked is None:
        return None
    criteria = {"stackLevel", "chargingLimitSource", "chargingProfilePurpose"} & asked.keys()
    return [word for word, said in (("ids", "chargingProfileId" in asked), ("criteria", bool(criteria))) if said]


def cleared_by(seen: Observation) -> list[str] | None:
    """By what ClearChargingProfile names profiles: "id", "criteria", both or neither."""
    asked = request(seen, "ClearChargingProfile")
    if asked is None:
        return None
    criteria = {"stackLevel", "evseId", "chargingProfilePurpose"} & asked.get("chargingProfileCriteria", {}).keys()
    return [word for word, said in (("id", "chargingProfileId" in asked), ("criteria", bool(criteria))) if said]


def purpose_cleared(seen: Observation) -> str | None:
    """The purpose that ClearChargingProfile names, or "none"."""
    asked = request(seen, "ClearChargingProfile")
    return None if asked is None else asked.get("chargingProfileCriteria", {}).get("chargingProfilePurpose", "none")


def reported(number: int, profile_id: int, source: str = "CSO") -> dict[str, Any]:
    """A ReportChargingProfiles with one profile."""
    external = source != "CSO"
    schedule = {
        "id": 1,
        "chargingRateUnit": "W",
        "startSchedule": "2026-01-01T00:00:00Z",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6000.0}],
    }
    profile = {
        "id": profile_id,
        "stackLevel": 0,
        "chargingProfilePurpose": FOREIGN[0] if external else "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    return {"requestId": number, "evseId": 1, "chargingLimitSource": source, "chargingProfile": [profile]}


@test_case(
    "TC_CSMS_Report_001",
    covers=("K09.FR.03", "TC_K_30_CSMS", "TC_K_32_CSMS", "TC_K_35_CSMS"),
    pics=CSMS.SMART_CHARGING & ANY_2,
    needs="send_request",
    detects=("csms-asks-by-everything", "csms-mute-profile-reports", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_profiles_are_asked_for_by_id_or_by_criteria_and_their_reports_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for profiles by ids or by criteria, never by both, and takes the reports in all their parts.

    Given   a booted station with two profiles
    when    the CSMS is made to ask for one by its id, and then for all of a purpose
    then    each request has one kind of question, and all parts of the reports are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetChargingProfiles"] = {"status": "Accepted"}
    questions = (
        (81, {"chargingProfileId": [9301]}, ["ids"]),
        (82, {"chargingProfilePurpose": "TxDefaultProfile"}, ["criteria"]),
    )
    for number, question, kind in questions:
        sent = await csms.sends("GetChargingProfiles", {"requestId": number, "evseId": 1, "chargingProfile": question})
        check.that(sent, asked_by, equals(kind), advice="Ask by ids, or by stackLevel, source and purpose.")
        asked = reading("requestId")(sent) or number
        parts = [reported(asked, 9301), reported(asked, 9302)]
        for told in await station.tell_parts("ReportChargingProfiles", parts):
            check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Report_002",
    covers=("TC_K_31_CSMS", "TC_K_52_CSMS"),
    pics=CSMS.SMART_CHARGING & CSMS.EMS_CONTROL & ANY_2,
    needs="send_request",
    detects=("csms-mute-profile-reports", "csms-stunned-by-refusals"),
    lasts=15.0,
)
async def test_reports_hold_the_limits_of_others_too(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes a report that holds the limits of a local system beside its own, and one that finds nothing.

    Given   a station on which an energy management system has set limits
    when    the CSMS is made to ask for all profiles; and then again, when there are none any more
    then    a report with sources CSO and EMS is taken, and after NoProfiles the CSMS goes on
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetChargingProfiles"] = {"status": "Accepted"}
    question = {"requestId": 83, "chargingProfile": {"stackLevel": 0}}
    sent = await csms.sends("GetChargingProfiles", question)
    asked = reading("requestId")(sent) or 83
    for told in await station.tell_parts("ReportChargingProfiles", [reported(asked, 9303), reported(asked, 3, "EMS")]):
        check.that(told.outcome, outcome, equals("answered"))
    station.answers["GetChargingProfiles"] = {"status": "NoProfiles"}
    await csms.sends("GetChargingProfiles", {**question, "requestId": 84})
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Clear_001",
    covers=("K10.FR.02", "K10.FR.06", "TC_K_05_CSMS", "TC_K_06_CSMS"),
    pics=CSMS.SMART_CHARGING & ANY_2,
    needs="send_request",
    detects=("csms-clears-nothing-named", "csms-clears-external", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_what_is_cleared_is_named(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS names the profile that it clears, by id or by criteria, and leaves the limits of others alone.

    Given   a booted station with profiles
    when    the CSMS is made to clear one by its id, and then all defaults of EVSE 1
    then    each request names what is meant, and none an external constraint or local generation
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["ClearChargingProfile"] = {"status": "Accepted"}
    named = satisfies("an id or criteria", bool)
    ours = satisfies("a purpose of its own, or none", lambda purpose: purpose not in FOREIGN)
    criteria = {"evseId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    for asked in ({"chargingProfileId": 9301}, {"chargingProfileCriteria": criteria}):
        sent = await csms.sends("ClearChargingProfile", asked)
        check.that(sent, cleared_by, named, advice="A request that names nothing clears every profile of the station.")
        check.that(sent, purpose_cleared, ours, requirement="K10.FR.06")


@test_case(
    "TC_CSMS_Clear_002",
    covers="TC_K_08_CSMS",
    pics=CSMS.SMART_CHARGING & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_profile_that_is_gone_already_does_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station does not know the profile that it should clear.

    Given   a station that answers ClearChargingProfile with Unknown
    when    the CSMS is made to clear a profile
    then    the request comes, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["ClearChargingProfile"] = {"status": "Unknown"}
    sent = await csms.sends("ClearChargingProfile", {"chargingProfileId": 9304})
    check.that(sent, cleared_by, satisfies("an id or criteria", bool), requirement="K10.FR.02")
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Composite_001",
    covers=("TC_K_43_CSMS", "TC_K_44_CSMS"),
    pics=CSMS.SMART_CHARGING & ANY_2,
    needs="send_request",
    detects=("csms-composite-of-evse-1", "csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_composite_schedule_is_asked_for_of_an_evse_and_of_the_station(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for the composite schedule of one EVSE, and of the whole station with evseId 0.

    Given   a booted station that can tell one for EVSE 1, and rejects the request for the station
    when    the CSMS is made to ask for both, over ten minutes
    then    each request names its evseId and 600 s, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetCompositeSchedule"] = {"status": "Rejected"}
    for evse in (1, 0):
        sent = await csms.sends("GetCompositeSchedule", {"evseId": evse, "duration": 600})
        check.that(sent, reading("evseId"), equals(evse))
        check.that(sent, reading("duration"), equals(600))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Limit_001",
    covers=("TC_K_48_CSMS", "TC_K_50_CSMS"),
    pics=CSMS.EMS_CONTROL & ANY_2,
    detects=("csms-deaf-to-limits", "csms-deaf-to-releases"),
    lasts=10.0,
)
async def test_limits_of_others_are_heard_of_while_nothing_charges(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS hears of a limit that a local system sets, and of its end, while no transaction runs.

    Given   a booted station
    when    it tells of a grid critical limit of an energy management system, and then that it is gone
    then    both are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    limit = {"chargingLimitSource": "EMS", "isGridCritical": True}
    told = await station.call("NotifyChargingLimit", {"evseId": 1, "chargingLimit": limit})
    check.that(told.outcome, outcome, equals("answered"))
    gone = await station.call("ClearedChargingLimit", {"evseId": 1, "chargingLimitSource": "EMS"})
    check.that(gone.outcome, outcome, equals("answered"), requirement="TC_K_50_CSMS")


@test_case(
    "TC_CSMS_Limit_002",
    covers="TC_K_51_CSMS",
    pics=CSMS.EMS_CONTROL & ANY_2,
    detects=("csms-deaf-to-limits", "csms-deaf-to-releases"),
    lasts=10.0,
)
async def test_limits_of_others_are_heard_of_during_a_transaction(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS hears of a limit with its schedule during a transaction, and takes the event of the changed rate.

    Given   a running transaction
    when    the station tells of a limit of 4 kW with its schedule, of the changed rate, and then that the limit is gone
    then    all of them are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    periods = [{"startPeriod": 0, "limit": 4000.0}]
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": periods}
    limit = {"evseId": 1, "chargingLimit": {"chargingLimitSource": "SO"}, "chargingSchedule": [schedule]}
    told = await station.call("NotifyChargingLimit", limit)
    check.that(told.outcome, outcome, equals("answered"))
    slower = await station.event("Updated", "ChargingRateChanged", 1, transaction)
    check.that(slower.outcome, outcome, equals("answered"))
    gone = await station.call("ClearedChargingLimit", {"evseId": 1, "chargingLimitSource": "SO"})
    check.that(gone.outcome, outcome, equals("answered"))
    faster = await station.event("Updated", "ChargingRateChanged", 2, transaction)
    check.that(faster.outcome, outcome, equals("answered"))
