"""The profiles that a CSMS sets by its own decision: their purposes, kinds and places (OCPP 2.x, K01 to K05)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading
from harness.ocpp.readings_csms import (
    durations,
    operation_modes,
    period_starts,
    rate_units,
    schedule_count,
)
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    charging_only,
    dc_needs,
    differs,
    equals,
    plain_limit,
    satisfies,
    test_case,
)

purpose, kind = reading("chargingProfile.chargingProfilePurpose"), reading("chargingProfile.chargingProfileKind")
PLAIN = satisfies("only ChargingOnly", lambda modes: set(modes) <= {"ChargingOnly"})


def profile_id(seen: Observation) -> int | None:
    """The id of the profile in a request; None where it carries none."""
    found = reading("chargingProfile.id")(seen)
    return found if isinstance(found, int) else None


def schedule_starts(seen: Observation) -> list[str | None] | None:
    """The startSchedule of every schedule."""
    schedules = reading("chargingProfile.chargingSchedule")(seen)
    return None if schedules is None else [each.get("startSchedule") for each in schedules]


def named_transaction(seen: Observation) -> str | None:
    """The transaction that a profile names, or "none"."""
    profile = reading("chargingProfile")(seen)
    return None if profile is None else str(profile.get("transactionId", "none"))


@test_case(
    "TC_CSMS_Profile_001",
    covers=("TC_K_01_CSMS", "TC_K_10_CSMS", "K02.FR.07"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-defaults-to-evse-1", "csms-external-purpose", "csms-first-period-late", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_defaults_are_set_for_an_evse_and_for_all(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sets a default for transactions on one EVSE, and on all with evseId 0.

    Given   a booted station without transactions
    when    the CSMS is made to hold EVSE 1 below 6 kW, and then all EVSEs below 7 kW
    then    each TxDefaultProfile goes to the EVSE that was meant, with a period from the start, and with no transaction
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    for evse, watts in ((1, 6000.0), (0, 7000.0)):
        sent = await csms.sends_profile([plain_limit(watts)], purpose="TxDefaultProfile", evse=evse)
        check.that(sent, reading("evseId"), equals(evse))
        check.that(sent, purpose, equals("TxDefaultProfile"))
        check.that(sent, period_starts, equals([0]), requirement="K01.FR.31")


@test_case(
    "TC_CSMS_Profile_002",
    covers=("K01.FR.38", "K04.FR.03", "K01.FR.111", "TC_K_03_CSMS"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-defaults-to-evse-1", "csms-relative-maximum", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_maximum_of_the_station_is_for_the_whole_station(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sets a ChargingStationMaxProfile on EVSE 0, never Relative, and for charging alone.

    Given   a booted station
    when    the CSMS is made to hold the whole station below 9 kW
    then    the profile goes to EVSE 0, is not Relative, and its periods are ChargingOnly
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    sent = await csms.sends_profile([plain_limit(9000.0)], purpose="ChargingStationMaxProfile", evse=0)
    check.that(sent, kind, differs("Relative"), advice="Relative has no meaning without a transaction.")
    check.that(sent, reading("evseId"), equals(0), requirement="K04.FR.03")
    check.that(sent, operation_modes, PLAIN, requirement="K01.FR.111")


@test_case(
    "TC_CSMS_Profile_003",
    covers=("K02.FR.03", "K01.FR.34", "TC_K_60_CSMS"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-foreign-transaction", "csms-two-schedules", "csms-external-purpose"),
    lasts=10.0,
)
async def test_a_running_transaction_is_limited_by_a_profile_of_its_own(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS limits one transaction with a TxProfile that names it, with exactly one schedule.

    Given   a running transaction whose EV has told no needs
    when    the CSMS is made to limit it to 5 kW
    then    a TxProfile with its transactionId comes, with one schedule
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([plain_limit(5000.0)], transaction=transaction)
    check.that(sent, purpose, equals("TxProfile"))
    check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K01.FR.03")
    check.that(sent, schedule_count, equals(1), requirement="K01.FR.34")


@test_case(
    "TC_CSMS_Profile_004",
    covers=("K01.FR.06", "TC_K_04_CSMS"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-new-profile-ids", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_default_is_replaced_under_its_id(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS replaces a default under its id, and sends no second one for the same stack level and EVSE.

    Given   a station that has taken a TxDefaultProfile for EVSE 1
    when    the CSMS is made to set another limit with the same stack level
    then    the second profile has the id of the first
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    first = await csms.sends_profile([plain_limit(6000.0)], purpose="TxDefaultProfile", number=9101)
    second = await csms.sends_profile([plain_limit(4000.0)], purpose="TxDefaultProfile", number=9101)
    advice = "A second id with overlapping validity is a duplicate, which stations reject."
    check.that(second, profile_id, equals(profile_id(first)), advice=advice)


@test_case(
    "TC_CSMS_Profile_005",
    covers=("K01.FR.40", "TC_K_19_CSMS"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-loses-recurrency", "csms-no-start-schedule", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_profile_that_recurs_says_from_when_and_how_often(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a Recurring profile with recurrencyKind and startSchedule.

    Given   a booted station
    when    the CSMS is made to set a default that recurs every day
    then    the profile is Recurring and Daily, and every schedule has its start
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    daily: dict[str, Any] = {"kind": "Recurring", "recurrencyKind": "Daily", "duration": 86_400}
    sent = await csms.sends_profile(
        [plain_limit(6000.0), plain_limit(3000.0, 43_200)], purpose="TxDefaultProfile", **daily
    )
    check.that(sent, kind, equals("Recurring"))
    check.that(sent, reading("chargingProfile.recurrencyKind"), equals("Daily"), requirement="TC_K_19_CSMS")
    check.that(sent, schedule_starts, satisfies("a start for each", all), requirement="K01.FR.40")


@test_case(
    "TC_CSMS_Profile_006",
    covers=("K01.FR.41", "K01.FR.35"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-relative-with-start", "csms-first-period-late", "csms-always-amperes", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_relative_profile_has_no_start_of_its_own(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a Relative profile without startSchedule, with rising periods.

    Given   a booted station
    when    the CSMS is made to set a default for the first half hour of each transaction, and another one after it
    then    the profile has no startSchedule, and its periods begin at 0 s and 1800 s, in W
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    periods = [plain_limit(8000.0), plain_limit(4000.0, 1800)]
    sent = await csms.sends_profile(periods, purpose="TxDefaultProfile", kind="Relative")
    check.that(sent, schedule_starts, equals([None]), advice="It begins with the transaction.")
    check.that(sent, period_starts, equals([0, 1800]), requirement="K01.FR.35")
    check.that(sent, rate_units, equals(["W"]), requirement="K01.FR.35", advice="The limits were given in W.")


@test_case(
    "TC_CSMS_Profile_007",
    covers=("K05.FR.02", "TC_K_37_CSMS"),
    pics=CSMS.SMART_CHARGING & CSMS.REMOTE_START & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-starts-with-default", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_remote_start_brings_a_profile_for_the_transaction(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a TxProfile along with a remote start.

    Given   a booted station
    when    the CSMS is made to start a transaction that is limited to 4 kW
    then    RequestStartTransaction carries a profile of purpose TxProfile, without a transaction that nobody knows yet
    """
    await station.power_up(within=csms.pixit.boot_time)
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [plain_limit(4000.0)]}
    profile = {
        "id": 9201,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    }
    start = {"remoteStartId": 21, "evseId": 1, "idToken": csms.token, "chargingProfile": profile}
    sent = await csms.sends("RequestStartTransaction", start)
    check.that(sent, purpose, equals("TxProfile"))
    check.that(sent, named_transaction, equals("none"), requirement="TC_K_37_CSMS")


@test_case(
    "TC_CSMS_Profile_008",
    covers=("K01.FR.72", "K01.FR.73", "K01.FR.111", "K03.FR.08"),
    pics=CSMS.PRIORITY_CHARGING & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-timed-priority", "csms-external-purpose", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_priority_profile_is_plain_and_without_end(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a PriorityCharging profile without duration, for charging alone.

    Given   a booted station that knows the purpose PriorityCharging
    when    the CSMS is made to prepare priority charging with 11 kW
    then    the profile has that purpose, no duration, and periods of mode ChargingOnly
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = {"status": "Accepted"}
    sent = await csms.sends_profile([charging_only(11_000.0)], purpose="PriorityCharging", evse=1)
    check.that(sent, purpose, equals("PriorityCharging"))
    check.that(
        sent, durations, equals([None]), requirement="K01.FR.73", advice="It holds until priority is taken back."
    )
    check.that(sent, operation_modes, PLAIN, requirement="K01.FR.111")


@test_case(
    "TC_CSMS_Profile_009",
    covers=("TC_K_02_CSMS", "OCPP:one-call"),
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-profiles-twice"),
    lasts=15.0,
)
async def test_a_refused_profile_is_not_sent_over_and_over(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station rejects a profile, and goes on.

    Given   a running transaction at a station that rejects profiles for it
    when    the CSMS is made to limit it
    then    the profile comes once within 5 s, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    refused = {"status": "Rejected", "statusInfo": {"reasonCode": "TxNotFound"}}
    station.answers["SetChargingProfile"] = refused
    sent = await csms.sends_profile([plain_limit(5000.0)], transaction=transaction)
    check.that(sent, purpose, equals("TxProfile"))
    again = await station.expect("SetChargingProfile", within=5.0)
    check.that(again, came, equals("Silence"), advice="A rejected profile stays rejected; tell the operator.")
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Profile_010",
    covers="K01.FR.59",
    pics=CSMS.ISO_15118 & CSMS.OCPP_21,
    detects="csms-impatient",
    lasts=30.0,
)
async def test_a_station_that_asks_for_time_gets_it(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS waits as long as a station asks for before it sends a profile again.

    Given   a station that rejects profiles with RateLimitExceeded and "20 seconds before retry"
    when    the needs of an EV bring a profile
    then    the next one does not come before 20 s have passed
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    said = {"reasonCode": "RateLimitExceeded", "additionalInfo": "20 seconds before retry"}
    station.answers["SetChargingProfile"] = {"status": "Rejected", "statusInfo": said}
    await station.tell_needs(dc_needs(9000))
    first = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time)
    check.that(first, purpose, equals("TxProfile"), requirement="K15.FR.07")
    soon = await station.expect("SetChargingProfile", within=19.0)
    check.that(soon, came, equals("Silence"), advice="Read the wait out of additionalInfo (K01.FR.57).")


@test_case(
    "TC_CSMS_Profile_011",
    covers="TC_K_15_CSMS",
    pics=CSMS.SMART_CHARGING & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-stunned-by-errors", "csms-profiles-twice", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_station_without_smart_charging_is_served_on(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station knows no smart charging, and goes on.

    Given   a station that answers SetChargingProfile with the CALLERROR NotSupported
    when    the CSMS is made to set a default
    then    it comes once within 5 s, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetChargingProfile"] = "NotSupported"
    sent = await csms.sends_profile([plain_limit(5000.0)], purpose="TxDefaultProfile")
    check.that(sent, purpose, equals("TxDefaultProfile"))
    again = await station.expect("SetChargingProfile", within=5.0)
    check.that(again, came, equals("Silence"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
