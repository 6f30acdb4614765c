"""GetChargingProfiles and its reports: what the station says that it holds (2.x K09, K01)."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    Axis,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    StationUnderTest,
    equals,
    plain_limit,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W & (STATION.OCPP_201 | STATION.OCPP_21)
_FIRST, _SECOND, _THIRD = 47110, 47111, 47112
_ABSENT = 987654


@dataclass(frozen=True)
class Reported:
    """A profile as a report has it: its EVSE, and where it comes from."""

    evse: int
    source: str
    content: Mapping[str, Any]

    @property
    def number(self) -> int:
        return int(self.content["id"])


async def reported(
    csms: Csms, station: StationUnderTest, check: Check, *, evse: int | None = None, **criteria: Any
) -> list[Reported]:
    """The profiles that the station reports to a question that it has to accept; it gets time for all its parts."""
    number = csms.system.new_request_id()
    question: dict[str, Any] = {"requestId": number, "chargingProfile": criteria}
    asked = await csms.call("GetChargingProfiles", question if evse is None else {**question, "evseId": evse})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="A profile meets the criteria: report it.")
    first = await csms.expect("ReportChargingProfiles", within=station.pixit.answer_time, requestId=number)
    advice = "What is accepted is reported, under the id of the question."
    check.that(first, reading("requestId"), equals(number), requirement="K09.FR.01", advice=advice)
    await station.watch(2.0)
    told = (request(seen, "ReportChargingProfiles") for seen in csms.trace.sent_by("station"))
    parts = [each for each in told if each is not None and each["requestId"] == number]
    said_to_go_on = [bool(each.get("tbc", False)) for each in parts]
    check.holds(
        said_to_go_on == [True] * (len(parts) - 1) + [False] if parts else True,
        expected="tbc in every part of the report but the last",
        actual=f"tbc {said_to_go_on}",
        seen=first,
        requirement="K09.FR.02",
        advice="Say in each part whether another one follows.",
    )
    return [
        Reported(each["evseId"], str(each["chargingLimitSource"]), one)
        for each in parts
        for one in each["chargingProfile"]
    ]


async def installed(csms: Csms, evse: int, watts: float, number: int, **choices: Any) -> Mapping[str, Any]:
    """A default profile that the station took, as it was sent; `Inconclusive` where it did not."""
    purpose = choices.pop("purpose", "TxDefaultProfile")
    sent = await csms.set_profile(evse, purpose, [plain_limit(watts)], number=number, **choices)
    content = None if sent.request is None else request(sent.request)
    if not sent.accepted or content is None:
        raise Inconclusive(f"the profile {number} was not taken: {sent}")
    profile: Mapping[str, Any] = content["chargingProfile"]
    return profile


def same(check: Check, sent: Mapping[str, Any], found: Sequence[Reported], requirement: str) -> None:
    """The profile is reported once, with the values that it was sent with."""
    copies = [each.content for each in found if each.number == sent["id"]]
    check.holds(
        len(copies) == 1 and essence(copies[0]) == essence(sent),
        expected=f"profile {sent['id']} once: {essence(sent)}",
        actual=f"{[essence(each) for each in copies] or 'it is not reported'}",
        requirement=requirement,
        advice="Report each profile as it was sent.",
    )


def essence(content: Mapping[str, Any]) -> tuple[Any, ...]:
    """What must come back unchanged, however times and numbers are written."""
    names = ("chargingProfilePurpose", "chargingProfileKind", "recurrencyKind", "stackLevel", "transactionId")
    schedules = [
        (
            each["chargingRateUnit"],
            each.get("duration"),
            [(period["startPeriod"], float(period.get("limit", 0.0))) for period in each["chargingSchedulePeriod"]],
        )
        for each in content["chargingSchedule"]
    ]
    return (*(content.get(name) for name in names), schedules)


@test_case(
    "TC_STATION_ReportProfiles_001",
    covers=("K09.FR.04", "K09.FR.01", "K01.FR.15", "TC_K_01_CS", "TC_K_30_CS"),
    pics=_PIC,
    detects=("station-ignores-questions-for-profiles", "station-ignored-limit", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_profile_of_an_evse_is_reported_as_it_was_sent(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports the default profile of an EVSE as it was sent.

    Given   a default for EVSE 1 with a duration
    when    the CSMS asks for the profiles of EVSE 1
    then    it is reported for EVSE 1, once, with its values
    """
    quarter = await station.ready_for_limits()
    sent = await installed(csms, 1, quarter, _FIRST, duration=3600)
    found = await reported(csms, station, check, evse=1)
    same(check, sent, found, "K09.FR.04")
    owners = {each.evse for each in found}
    check.holds(
        owners == {1},
        expected="profiles of EVSE 1 alone",
        actual=f"profiles of EVSE {sorted(owners)}",
        advice="Report the EVSE that was asked for.",
    )


@test_case(
    "TC_STATION_ReportProfiles_002",
    covers=("K09.FR.05", "K01.FR.14", "TC_K_29_CS", "TC_K_03_CS"),
    pics=_PIC,
    detects=("station-profiles-for-all", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_profiles_of_the_station_belong_to_evse_0(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports a default and a maximum that were sent for EVSE 0 as those of EVSE 0.

    Given   a default and a maximum for EVSE 0
    when    the CSMS asks for the profiles of EVSE 0, and of EVSE 1
    then    both are reported for EVSE 0, and not for EVSE 1
    """
    quarter = await station.ready_for_limits()
    default = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=_FIRST)
    most = await csms.set_profile(0, "ChargingStationMaxProfile", [plain_limit(4 * quarter)], number=_SECOND)
    for each in (default, most):
        check.that(each.outcome, outcome, equals("Accepted"), requirement="K01.FR.14", advice="EVSE 0 is the station.")
    found = await reported(csms, station, check, evse=0)
    told = {each.number: each.evse for each in found}
    check.holds(
        told.get(_FIRST) == 0 and told.get(_SECOND) == 0,
        expected=f"profiles {_FIRST} and {_SECOND} of EVSE 0",
        actual=f"profiles and their EVSEs: {told}",
        advice="Keep the EVSE that a profile was sent for; do not copy it to others.",
    )
    asked = await csms.call("GetChargingProfiles", question_for(csms, 1, _FIRST))
    check.that(asked.outcome, outcome, equals("NoProfiles"), advice="A default for EVSE 0 is not one of EVSE 1.")


def question_for(csms: Csms, evse: int, number: int) -> dict[str, Any]:
    """GetChargingProfiles for one profile of one EVSE."""
    wanted = {"chargingProfileId": [number]}
    return {"requestId": csms.system.new_request_id(), "evseId": evse, "chargingProfile": wanted}


@test_case(
    "TC_STATION_ReportProfiles_003",
    covers=("K09.FR.06", "K09.FR.02", "TC_K_31_CS"),
    pics=_PIC,
    detects=("station-ends-reports-early", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_all_profiles_are_reported_to_the_end(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the profiles of all EVSEs where none is named, and says where the report ends.

    Given   a maximum and a default for EVSE 0, and a default of another level for EVSE 1
    when    the CSMS asks for profiles without an EVSE
    then    all three are reported, and every part but the last says that another one follows
    """
    quarter = await station.ready_for_limits()
    sent = [
        await installed(csms, 0, 4 * quarter, _FIRST, purpose="ChargingStationMaxProfile"),
        await installed(csms, 0, 2 * quarter, _SECOND),
        await installed(csms, 1, quarter, _THIRD, stack_level=1),
    ]
    found = await reported(csms, station, check)
    for each in sent:
        same(check, each, found, "K09.FR.06")


@test_case(
    "TC_STATION_ReportProfiles_004",
    covers=("K09.FR.04", "TC_K_32_CS", "TC_K_33_CS", "TC_K_34_CS", "TC_K_35_CS", "TC_K_36_CS"),
    pics=_PIC,
    detects=("station-reports-all-profiles", "station-flat-stack", "station-rubber-stamp"),
    lasts=20.0,
)
async def test_criteria_are_joined(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the profiles that meet all criteria, and no others.

    Given   a maximum of level 0 and defaults of levels 0 and 1, all for EVSE 0
    when    the CSMS asks by id, by level, by purpose, by source, and by purpose and level
    then    the profiles that meet the criteria are reported, and no others
    """
    quarter = await station.ready_for_limits()
    await installed(csms, 0, 4 * quarter, _FIRST, purpose="ChargingStationMaxProfile")
    await installed(csms, 0, 2 * quarter, _SECOND)
    await installed(csms, 0, quarter, _THIRD, stack_level=1)
    default = "TxDefaultProfile"
    asked: tuple[tuple[dict[str, Any], set[int]], ...] = (
        ({"chargingProfileId": [_SECOND]}, {_SECOND}),
        ({"stackLevel": 1}, {_THIRD}),
        ({"chargingProfilePurpose": default}, {_SECOND, _THIRD}),
        ({"chargingLimitSource": ["CSO"]}, {_FIRST, _SECOND, _THIRD}),
        ({"chargingProfilePurpose": default, "stackLevel": 0}, {_SECOND}),
    )
    for criteria, expected in asked:
        found = await reported(csms, station, check, evse=0, **criteria)
        told = {each.number for each in found} & {_FIRST, _SECOND, _THIRD}
        check.holds(
            told == expected,
            expected=f"the profiles {sorted(expected)} to {criteria}",
            actual=f"the profiles {sorted(told)}",
            advice="Report what meets every criterion.",
        )


@test_case(
    "TC_STATION_ReportProfiles_005",
    covers=("K09.FR.04", "K09.FR.06"),
    pics=_PIC,
    detects=("station-ignores-questions-for-profiles", "station-reports-all-profiles", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_nothing_to_report_is_said_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says NoProfiles where nothing meets the criteria.

    Given   a default for EVSE 0
    when    the CSMS asks for the profile of an id that nobody installed
    then    the answer is NoProfiles
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    question = {"requestId": csms.system.new_request_id(), "chargingProfile": {"chargingProfileId": [_ABSENT]}}
    asked = await csms.call("GetChargingProfiles", question)
    check.that(asked.outcome, outcome, equals("NoProfiles"), advice="Accepted announces a report.")


@test_case(
    "TC_STATION_ReportProfiles_006",
    covers=("K01.FR.05", "TC_K_04_CS"),
    pics=_PIC,
    detects=(
        "station-ignores-charging-profiles",
        "station-ignores-questions-for-profiles",
        "station-keeps-first",
        "station-rubber-stamp",
    ),
    lasts=10.0,
)
async def test_a_profile_replaces_the_one_with_its_id(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets a profile take the place of the one with the same id.

    Given   a default of half the charge power on level 0
    when    one of a quarter comes under the same id, on level 1, and the CSMS asks for the defaults
    then    the second alone is reported
    """
    quarter = await station.ready_for_limits()
    await installed(csms, 0, 2 * quarter, _FIRST)
    second = await installed(csms, 0, quarter, _FIRST, stack_level=1)
    found = await reported(csms, station, check, evse=0, chargingProfilePurpose="TxDefaultProfile")
    same(check, second, found, "K01.FR.05")


@test_case(
    "TC_STATION_ReportProfiles_007",
    covers=("K01.FR.04", "K02.FR.05", "TC_K_60_CS"),
    pics=_PIC,
    needs=("plug", "authorise", "unplug"),
    detects=("station-keeps-tx-profiles", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_transaction_profile_is_there_as_long_as_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports a TxProfile with its transaction, and no longer when that has ended.

    Given   a transaction with a TxProfile
    when    the CSMS asks for TxProfiles, before and after the EV has left
    then    it is reported with its transaction first, and then the answer is NoProfiles
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    sent = await installed(csms, 1, quarter, _FIRST, purpose="TxProfile", transaction=running.transaction_id)
    found = await reported(csms, station, check, evse=1, chargingProfilePurpose="TxProfile")
    same(check, sent, found, "K01.FR.04")
    left = await station.unplug()
    await csms.expect("TransactionEvent", within=station.pixit.answer_time, after=left.number, eventType="Ended")
    asked = await csms.call("GetChargingProfiles", question_for(csms, 1, _FIRST))
    advice = "Delete TxProfiles when their transaction ends."
    check.that(asked.outcome, outcome, equals("NoProfiles"), requirement="K02.FR.05", advice=advice)


@test_case(
    "TC_STATION_ReportProfiles_008",
    covers=("K01.FR.40", "TC_K_19_CS"),
    pics=_PIC,
    detects=("station-weekly-every-day", "station-recurs-never", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_recurring_profiles_are_taken_and_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes daily and weekly profiles, and reports them as they are.

    Given   a connected station
    when    the CSMS sends a daily default of level 0 and a weekly one of level 1, and asks for them
    then    both are reported with their recurrence
    """
    quarter = await station.ready_for_limits()
    start = csms.clock.wall() - timedelta(hours=1)
    choices: dict[str, Any] = {"kind": "Recurring", "duration": 7200, "plan": {"startSchedule": start}}
    daily = await installed(csms, 0, 2 * quarter, _FIRST, recurrencyKind="Daily", **choices)
    weekly = await installed(csms, 0, quarter, _SECOND, recurrencyKind="Weekly", stack_level=1, **choices)
    found = await reported(csms, station, check, evse=0, chargingProfilePurpose="TxDefaultProfile")
    for sent in (daily, weekly):
        same(check, sent, found, "K01.FR.40")


@test_case(
    "TC_STATION_ReportProfiles_009",
    covers=("K11.FR.06", "K12.FR.05", "TC_K_52_CS"),
    pics=_PIC & STATION.EMS_CONTROL,
    needs=("limit", "release"),
    detects=("station-claims-limits-of-others", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_limit_of_the_site_is_reported_as_one(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports a limit of the site under the purpose that is kept for those, with its source.

    Given   a limit of a quarter of the charge power that a system on site holds
    when    the CSMS asks for profiles of purpose ChargingStationExternalConstraints
    then    one is reported whose source is not the CSO
    """
    quarter = await station.ready_for_limits()
    await station.hold_below(quarter)
    await station.watch(station.pixit.answer_time)
    found = await reported(csms, station, check, chargingProfilePurpose="ChargingStationExternalConstraints")
    await station.release()
    told = [each.source for each in found]
    check.holds(
        bool(told) and "CSO" not in told,
        expected="a profile of another source than the CSO",
        actual=f"sources {told}",
        requirement="K11.FR.06",
        advice="Say whose limit it is: EMS, SO, or Other.",
    )


@test_case(
    "TC_STATION_ReportProfiles_010",
    covers=("OCPP:entries", "K10.FR.03"),
    pics=_PIC,
    detects=("station-ignores-charging-profiles", "station-ignores-clearing-profiles"),
    lasts=10.0,
)
async def test_the_station_counts_its_profiles(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station counts the profiles that it holds in SmartChargingCtrlr.Entries.

    Given   a station that tells how many profiles it holds
    when    the CSMS sends two defaults, and clears one of them
    then    the number rises by two, and falls by one
    """
    quarter = await station.ready_for_limits()
    counts = [await entries(csms)]
    for number, level in ((_FIRST, 0), (_SECOND, 1)):
        sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=number, stack_level=level)
        check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    counts.append(await entries(csms))
    cleared = await csms.clear_profiles(number=_SECOND)
    check.that(cleared.outcome, outcome, equals("Accepted"), requirement="K10.FR.03", advice="It is installed.")
    counts.append(await entries(csms))
    steps = [later - earlier for earlier, later in itertools.pairwise(counts)]
    check.holds(
        steps == [2, -1],
        expected="two profiles more, then one less",
        actual=f"Entries[ChargingProfiles] went {counts}",
        seen=cleared.outcome,
        advice="Count what is held, whoever set it.",
    )


async def entries(csms: Csms) -> int:
    """SmartChargingCtrlr.Entries[ChargingProfiles]; `Inconclusive` where the station does not tell it."""
    told = await csms.get_variable("SmartChargingCtrlr", "Entries", instance="ChargingProfiles")
    if told is None or not told.isdigit():
        raise NotTestable(f"SmartChargingCtrlr.Entries[ChargingProfiles] was not told: {told}")
    return int(told)


@test_case(
    "TC_STATION_ReportProfiles_011",
    covers=("K01.FR.82",),
    pics=_PIC & STATION.EMS_CONTROL & STATION.OCPP_21,
    needs=("limit", "release"),
    detects=("station-site-takes-any-id", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_limits_of_the_site_have_ids_of_their_own(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives a limit of the site an id that is set aside for those.

    Given   a MaxExternalConstraintsId of 5000, and a limit that a system on site holds
    when    the CSMS asks for profiles of purpose ChargingStationExternalConstraints
    then    the id of each is at most 5000
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "MaxExternalConstraintsId", 5000)
    await station.hold_below(quarter)
    await station.watch(station.pixit.answer_time)
    found = await reported(csms, station, check, chargingProfilePurpose="ChargingStationExternalConstraints")
    await station.release()
    numbers = [each.number for each in found]
    check.holds(
        bool(numbers) and max(numbers) <= 5000,
        expected="ids up to 5000",
        actual=f"ids {numbers}",
        advice="Keep the ids of the site and of the CSMS apart by MaxExternalConstraintsId.",
    )


@test_case(
    "TC_STATION_ReportProfiles_012",
    covers=("K05.FR.03", "TC_K_37_CS"),
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug",),
    detects=("station-starts-without-profile", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_the_profile_of_a_remote_start_belongs_to_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station holds the profile of a remote start for the transaction that came of it.

    Given   an EV that is plugged in
    when    the CSMS starts a transaction with a TxProfile, and asks for TxProfiles
    then    the profile is reported with the id of that transaction
    """
    quarter = await station.ready_for_limits()
    await station.plug_in()
    profile = csms.profile("TxProfile", [plain_limit(quarter)], number=_FIRST)
    running = await csms.start_transaction(1, station.token, profile=profile, within=station.pixit.start_time)
    found = await reported(csms, station, check, evse=1, chargingProfilePurpose="TxProfile")
    same(check, {**profile, "transactionId": running.transaction_id}, found, "K05.FR.03")


@test_case(
    "TC_STATION_ReportProfiles_013",
    covers=("K01.FR.06", "K01.FR.39"),
    pics=_PIC,
    detects=("station-stores-both", "station-ignores-questions-for-profiles", "station-rubber-stamp"),
    lasts=10.0,
    axis=Axis.FIELD,
)
async def test_two_profiles_never_share_a_place(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station holds one default of a stack level at most, whatever it says to a second one under another id.

    Given   a default of level 0 for EVSE 0
    when    another one of level 0 comes under another id, and the CSMS asks for the defaults of that level
    then    one of them is reported, and not both
    """
    quarter = await station.ready_for_limits()
    await installed(csms, 0, quarter, _FIRST)
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(2 * quarter)], number=_SECOND)
    found = await reported(csms, station, check, evse=0, chargingProfilePurpose="TxDefaultProfile", stackLevel=0)
    numbers = sorted(each.number for each in found)
    check.holds(
        len(numbers) == 1,
        expected="one default of level 0",
        actual=f"profiles {numbers}",
        advice="Replace the former profile or refuse the new one; which of two would hold nobody knows.",
        axis=Axis.FIELD,
    )
