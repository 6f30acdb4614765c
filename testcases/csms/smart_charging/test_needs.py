"""How a CSMS meets the needs of an EV: its answer, its profile, and what it says of the EV's own schedule (OCPP 2.x, K15-K20)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading, status
from harness.ocpp.readings_csms import (
    highest_limit,
    period_count,
    periods_asked,
    rate_units,
    schedule_count,
    schedules_asked,
)
from harness.vocabulary import (
    CSMS,
    Axis,
    Check,
    CsmsUnderTest,
    Inconclusive,
    Observation,
    TesterStation,
    ac_needs,
    at_least,
    at_most,
    dc_needs,
    equals,
    near,
    one_of,
    plain_limit,
    satisfies,
    test_case,
    v2x_needs,
)

PROMISED = ("Accepted", "Processing")
TX_PROFILE: dict[str, Any] = {"chargingProfilePurpose": "TxProfile"}
IN_TIME = 60.0


def own_schedule(offered: Observation, times: float = 1.0) -> dict[str, Any]:
    """The schedule that an EV makes of an offer: its first schedule, with every limit multiplied; in the offer's unit."""
    schedules = schedules_asked(offered) or []
    periods = [each for schedule in schedules[:1] for each in schedule["chargingSchedulePeriod"] if "limit" in each]
    if not periods:
        raise Inconclusive(f"the CSMS offered no limits that an EV could make a schedule of (frame {offered.number})")
    made = [{"startPeriod": each["startPeriod"], "limit": float(each["limit"]) * times} for each in periods]
    unit = schedules[0]["chargingRateUnit"]
    return {"id": schedules[0]["id"], "chargingRateUnit": unit, "chargingSchedulePeriod": made}


MEMBERS_OF_201 = {"startPeriod", "limit", "numberPhases", "phaseToUse", "customData"}


def period_members(seen: Observation) -> list[str] | None:
    """The names of all members of the periods of a profile."""
    periods = periods_asked(seen)
    return None if periods is None else sorted({name for each in periods for name in each})


def place_and_id(seen: Observation) -> tuple[Any, Any] | None:
    """Stack level and id of a profile."""
    profile = reading("chargingProfile")(seen)
    return None if profile is None else (profile.get("stackLevel"), profile.get("id"))


@test_case(
    "TC_CSMS_Needs_001",
    covers=("K15.FR.02", "K15.FR.03", "K15.FR.05", "K15.FR.07", "K15.FR.08", "TC_K_53_CSMS"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-late-profiles", "csms-foreign-transaction", "csms-promises-profiles", "csms-rejects-needs"),
    lasts=15.0,
)
async def test_the_needs_of_an_ev_bring_a_profile_for_its_transaction(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers the needs of an EV with ISO 15118-2, and sends a profile for its transaction within a minute.

    Given   a running transaction
    when    the station tells that the EV charges on DC with up to 9 kW
    then    the needs are accepted or being processed, and within 60 s a TxProfile for that transaction comes
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    told = await station.tell_needs(dc_needs(9000))
    check.that(told.outcome, status, one_of(PROMISED))
    sent = await station.expect("SetChargingProfile", within=IN_TIME, **TX_PROFILE)
    check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K15.FR.07")
    check.that(sent, reading("evseId"), equals(1), requirement="K15.FR.07")
    check.that(sent, schedule_count, at_most(3), requirement="K15.FR.07")


@test_case(
    "TC_CSMS_Needs_002",
    covers=("K15.FR.07", "K17.FR.07", "K15.FR.18"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-many-periods", "csms-two-schedules"),
    lasts=15.0,
)
async def test_a_profile_fits_into_what_the_ev_can_hold(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends an EV no more periods than it can hold, and one schedule only.

    Given   a running transaction of an EV that can hold two schedule tuples
    when    the station tells its needs
    then    the profile that follows has one schedule, with two periods at most
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000), tuples=2)
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(sent, period_count, at_most(2), advice="maxScheduleTuples of NotifyEVChargingNeeds bounds the periods.")
    advice = "One schedule leaves the EV no choice, which is what most EVs can do with."
    check.that(sent, schedule_count, equals(1), requirement="K15.FR.18", axis=Axis.FIELD, advice=advice)


@test_case(
    "TC_CSMS_Needs_003",
    covers=("K17.FR.19", "K19.FR.02", "K19.FR.03", "K19.FR.05", "K19.FR.07", "K19.FR.08"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-two-schedules", "csms-late-profiles", "csms-rejects-needs"),
    lasts=15.0,
)
async def test_an_ev_in_dynamic_mode_gets_one_schedule(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends an EV in dynamic control mode exactly one schedule.

    Given   a running transaction of an EV with ISO 15118-20 in dynamic control mode
    when    the station tells that it asks for charging alone
    then    the needs are accepted or being processed, and within 60 s a TxProfile with one schedule comes
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    told = await station.tell_needs(v2x_needs("DC", available=("DC",)))
    check.that(told.outcome, status, one_of(PROMISED), requirement="K19.FR.02")
    sent = await station.expect("SetChargingProfile", within=IN_TIME, **TX_PROFILE)
    check.that(sent, schedule_count, equals(1))
    check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K19.FR.07")


@test_case(
    "TC_CSMS_Needs_004",
    covers=("K01.FR.39", "K16.FR.12", "K17.FR.03", "K17.FR.05", "K17.FR.08", "TC_K_57_CSMS", "TC_K_59_CSMS"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-new-profile-ids", "csms-offers-once"),
    lasts=20.0,
)
async def test_changed_needs_bring_a_profile_that_takes_the_place_of_the_first(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers changed needs with a new profile, and keeps to one id for each stack level of a transaction.

    Given   a transaction whose EV has told its needs and got a profile
    when    the EV renegotiates, and tells needs of 6 kW instead of 9 kW
    then    another TxProfile comes: with the same id, or with another stack level
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    first = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    told = await station.tell_needs(dc_needs(6000))
    check.that(told.outcome, status, one_of(PROMISED), requirement="K17.FR.03")
    second = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(second, reading("chargingProfile.transactionId"), equals(transaction), requirement="K16.FR.12")
    (one, its_id), (other, new_id) = place_and_id(first) or (None, 0), place_and_id(second) or (None, 0)
    check.holds(
        one != other or its_id == new_id,
        expected="one id for each stack level of a transaction",
        actual=f"ids {its_id} and {new_id} with stack level {one}",
        seen=second,
        advice="Send the new profile under the id of the one whose place it takes; stations reject a second one.",
    )


@test_case(
    "TC_CSMS_EvSchedule_001",
    covers=("K15.FR.11", "K17.FR.11", "K16.FR.06"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-rejects-ev-schedules", "csms-promises-profiles"),
    lasts=20.0,
)
async def test_a_schedule_within_the_offer_is_accepted(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS accepts the schedule of an EV that keeps to what was offered.

    Given   a transaction whose EV has got a profile with limits
    when    the station tells that the EV will charge with exactly those
    then    NotifyEVChargingSchedule is answered with Accepted
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    offered = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(offered, reading("evseId"), equals(1), requirement="K15.FR.07")
    chosen = {"timeBase": station.time_stamp(), "evseId": 1, "chargingSchedule": own_schedule(offered)}
    told = await station.call("NotifyEVChargingSchedule", chosen)
    check.that(told.outcome, status, equals("Accepted"))


@test_case(
    "TC_CSMS_EvSchedule_002",
    covers=("K15.FR.12", "K15.FR.13", "K17.FR.12", "K17.FR.13", "K16.FR.07", "K16.FR.08", "TC_K_55_CSMS"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-accepts-any-ev-schedule", "csms-offers-once"),
    lasts=20.0,
)
async def test_a_schedule_beyond_the_offer_is_rejected_and_renegotiated(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS rejects the schedule of an EV that takes more than was offered, and starts a renegotiation.

    Given   a transaction whose EV has got a profile with limits
    when    the station tells that the EV will charge with twice as much
    then    NotifyEVChargingSchedule is answered with Rejected, and another TxProfile comes
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    offered = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    chosen = {"timeBase": station.time_stamp(), "evseId": 1, "chargingSchedule": own_schedule(offered, 2.0)}
    told = await station.call("NotifyEVChargingSchedule", chosen)
    check.that(told.outcome, status, equals("Rejected"), advice="Hold the schedule against the profile that was sent.")
    again = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    advice = "A new profile starts the renegotiation (K16)."
    check.that(again, reading("evseId"), equals(1), requirement="K15.FR.13", advice=advice)


@test_case(
    "TC_CSMS_Needs_005",
    covers=("OCPP:limits-of-the-station", "K15.FR.07"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-always-watts", "csms-highest-stack-level", "csms-many-periods"),
    lasts=20.0,
)
async def test_a_profile_keeps_to_what_the_station_can_do(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS writes profiles in the unit and with the stack levels that the station knows.

    Given   an AC station that takes schedules in A only, of two periods at most, and stack levels up to 2, and tells so
    when    the station tells the needs of an EV that charges with up to 16 A
    then    the profile that follows is in A, with 16 A, two periods and a stack level of 2 at most
    """
    able = {
        "Connector.ConnectorType": "cType2",
        "SmartChargingCtrlr.RateUnit": "A",
        "SmartChargingCtrlr.ProfileStackLevel": "2",
        "SmartChargingCtrlr.PeriodsPerSchedule": "2",
    }
    await station.power_up(within=csms.pixit.boot_time, having=able)
    await csms.sends("GetBaseReport", {"requestId": 72, "reportBase": "FullInventory"})
    await station.reported(72, within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(ac_needs(16))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(sent, rate_units, equals(["A"]), advice="Read SmartChargingCtrlr.RateUnit.")
    check.that(sent, highest_limit, at_most(16.0, "A"), advice="Limits in A are per phase.")
    check.that(sent, period_count, at_most(2), requirement="K15.FR.07", advice="Read PeriodsPerSchedule.")
    level = reading("chargingProfile.stackLevel")
    check.that(sent, level, at_most(2), advice="Read SmartChargingCtrlr.ProfileStackLevel, the highest one it takes.")


@test_case(
    "TC_CSMS_Needs_006",
    covers="K01.FR.80",
    pics=CSMS.ISO_15118 & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-low-profile-ids", "csms-promises-profiles"),
    lasts=20.0,
)
async def test_ids_that_the_station_keeps_for_itself_are_left_to_it(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gives profiles ids above those that the station keeps for external constraints.

    Given   a station that keeps ids up to 500 for itself, which the CSMS was made to read
    when    the station tells the needs of an EV
    then    the profile that follows has an id above 500
    """
    await station.power_up(within=csms.pixit.boot_time, having={"SmartChargingCtrlr.MaxExternalConstraintsId": "500"})
    await csms.sends("GetBaseReport", {"requestId": 73, "reportBase": "FullInventory"})
    await station.reported(73, within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    advice = "Read SmartChargingCtrlr.MaxExternalConstraintsId."
    check.that(sent, reading("chargingProfile.id"), at_least(501), advice=advice)


@test_case(
    "TC_CSMS_Needs_007",
    covers=("K15.FR.02", "K17.FR.02"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-foreign-transaction", "csms-promises-profiles"),
    lasts=20.0,
)
async def test_needs_that_come_before_their_transaction_are_met_with_it(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers needs that come before the transaction begins, and sends a profile only when it knows the transaction.

    Given   a booted station whose EV tells its needs before anybody is authorised
    when    the transaction begins, a little later
    then    the needs are answered, and no TxProfile comes but one for that transaction
    """
    await station.power_up(within=csms.pixit.boot_time)
    told = await station.tell_needs(dc_needs(9000))
    check.that(told.outcome, status, one_of((*PROMISED, "Rejected")))
    early = await station.expect("SetChargingProfile", within=1.0, **TX_PROFILE)
    advice = "Wait for the TransactionEvent that begins it, or use a TxDefaultProfile."
    check.that(early, came, equals("Silence"), requirement="K01.FR.03", advice=advice)
    transaction = await station.begin_transaction(csms.token)
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    if told.status in PROMISED:
        check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K15.FR.07")


@test_case(
    "TC_CSMS_Needs_008",
    covers=("K18.FR.02", "K18.FR.03", "K18.FR.05", "K18.FR.07", "K18.FR.08", "K18.FR.18"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-two-schedules", "csms-late-profiles", "csms-foreign-transaction"),
    lasts=15.0,
)
async def test_an_ev_in_scheduled_mode_gets_a_profile_too(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends an EV with ISO 15118-20 in scheduled control mode a profile, best with one schedule.

    Given   a running transaction of a bidirectional EV in scheduled control mode
    when    the station tells its needs
    then    they are accepted or being processed, and within 60 s a TxProfile for that transaction comes
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    told = await station.tell_needs(v2x_needs("DC_BPT", control="ScheduledControl"))
    check.that(told.outcome, status, one_of(PROMISED))
    sent = await station.expect("SetChargingProfile", within=IN_TIME, **TX_PROFILE)
    check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K18.FR.07")
    advice = "One schedule leaves the EV no choice, which is what most EVs can do with."
    check.that(sent, schedule_count, equals(1), requirement="K18.FR.18", axis=Axis.FIELD, advice=advice)


@test_case(
    "TC_CSMS_Needs_009",
    covers=("K15.FR.02", "OCPP:time-stamps"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-stumbles-over-departures", "csms-mute-needs"),
    lasts=15.0,
)
async def test_a_departure_is_understood_however_it_is_written(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers needs with a departure in any form of date-time: with an offset, long past, and far ahead.

    Given   a running transaction
    when    the station tells needs with a departure in UTC, with the offset +02:00, in the past, and in ten years
    then    each is answered with a status
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    statuses = one_of((*PROMISED, "Rejected", "NoChargingProfile"))
    for departure in (
        "2031-05-01T18:00:00Z",
        "2031-05-01T20:00:00+02:00",
        "2020-01-01T00:00:00Z",
        "2036-01-01T00:00:00.000Z",
    ):
        told = await station.tell_needs({**dc_needs(9000), "departureTime": departure})
        check.that(told.outcome, outcome, statuses, advice=f"{departure} is a date-time of RFC 3339.")


@test_case(
    "TC_CSMS_EvSchedule_003",
    covers=("K18.FR.11", "K18.FR.12", "K18.FR.13"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-accepts-any-ev-schedule", "csms-rejects-ev-schedules", "csms-offers-once"),
    lasts=20.0,
)
async def test_the_schedule_of_an_ev_in_scheduled_mode_is_held_against_the_offer(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS judges the schedule of an EV with ISO 15118-20 by its offer, and renegotiates one that is beyond it.

    Given   a transaction whose EV, in scheduled control mode, asked for charging alone and got limits
    when    the station tells a schedule with exactly those limits, and then one with three times as much
    then    the first is accepted, the second rejected, and another TxProfile follows
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(v2x_needs("DC", available=("DC",), control="ScheduledControl"))
    offered = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    for times, wanted, rule in ((1.0, "Accepted", "K18.FR.11"), (3.0, "Rejected", "K18.FR.12")):
        schedule = own_schedule(offered, times)
        chosen = {"timeBase": station.time_stamp(), "evseId": 1, "chargingSchedule": schedule}
        told = await station.call("NotifyEVChargingSchedule", chosen)
        check.that(told.outcome, status, equals(wanted), requirement=rule)
    again = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(again, reading("evseId"), equals(1), requirement="K18.FR.13", advice="Send a new profile (K16).")


@test_case(
    "TC_CSMS_Needs_010",
    covers="OCPP:members-of-the-version",
    pics=CSMS.ISO_15118 & CSMS.OCPP_201,
    detects=("csms-modes-for-all", "csms-promises-profiles"),
    lasts=15.0,
)
async def test_a_station_of_2_0_1_gets_nothing_of_2_1(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a station that speaks OCPP 2.0.1 periods with the members of that version, and no negative limit.

    Given   a running transaction at a station with OCPP 2.0.1
    when    the station tells the needs of an EV
    then    the periods of the profile carry limits of 0 or more, and no operation mode, setpoint or discharge limit
    """
    await station.power_up(within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    check.that(sent, period_members, satisfies("those of 2.0.1", lambda names: set(names) <= MEMBERS_OF_201))
    check.that(sent, highest_limit, at_least(0.0, "W"), advice="Discharging has no form before 2.1.")


@test_case(
    "TC_CSMS_Needs_011",
    covers=("K20.FR.02", "K20.FR.03"),
    pics=CSMS.V2X & CSMS.ISO_15118,
    detects=("csms-offers-once", "csms-new-profile-ids"),
    lasts=20.0,
)
async def test_an_ev_that_needs_more_in_time_gets_a_new_profile(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a new profile when the needs of an EV with ISO 15118-20 change, in either control mode.

    Given   a transaction whose bidirectional EV has told its needs and got a profile
    when    it tells that it wants to leave earlier with more energy; once in dynamic, once in scheduled control mode
    then    each time another TxProfile comes, in the place of the former
    """
    await station.power_up(within=csms.pixit.boot_time)
    for control, rule in (("DynamicControl", "K20.FR.03"), ("ScheduledControl", "K20.FR.02")):
        transaction = await station.begin_transaction(csms.token)
        await station.tell_needs(v2x_needs(control=control))
        first = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
        more = v2x_needs(control=control, evTargetEnergyRequest=30_000.0)
        await station.tell_needs({**more, "departureTime": station.time_stamp(in_seconds=7200)})
        second = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
        check.that(second, reading("chargingProfile.transactionId"), equals(transaction), requirement=rule)
        place = place_and_id(first)
        check.that(second, place_and_id, equals(place), requirement="K01.FR.39", advice="Replace it under its id.")
        await station.event("Ended", "StopAuthorized", 1, transaction)


@test_case(
    "TC_CSMS_Needs_012",
    covers=("K01.FR.20", "K01.FR.19"),
    pics=CSMS.ISO_15118 & CSMS.OCPP_21,
    needs="send_request",
    detects="csms-chooses-a-phase",
    lasts=15.0,
)
async def test_no_phase_is_chosen_where_the_station_cannot(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS does not choose the phase of a station that cannot switch phases.

    Given   an AC station with ACPhaseSwitchingSupported false, which the CSMS was made to read
    when    the station tells the needs of an EV on three phases
    then    no period of the profile that follows has phaseToUse
    """
    able = {"Connector.ConnectorType": "cType2", "SmartChargingCtrlr.ACPhaseSwitchingSupported": "false"}
    await station.power_up(within=csms.pixit.boot_time, having=able)
    await csms.sends("GetBaseReport", {"requestId": 70, "reportBase": "FullInventory"})
    await station.reported(70, within=csms.pixit.boot_time)
    await station.begin_transaction(csms.token)
    await station.tell_needs(ac_needs(16))
    sent = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    none = satisfies("no phaseToUse", lambda names: "phaseToUse" not in names)
    check.that(sent, period_members, none, advice="Leave the choice to the station.")


@test_case(
    "TC_CSMS_EvSchedule_004",
    covers=("K16.FR.06", "K16.FR.07", "TC_K_58_CSMS"),
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-rejects-ev-schedules", "csms-accepts-any-ev-schedule"),
    lasts=20.0,
)
async def test_after_a_renegotiation_the_new_offer_counts(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS holds the schedule of an EV against the profile that it sent last.

    Given   a transaction whose EV has got a profile for 9 kW
    when    the CSMS is made to renegotiate with 4 kW, and the EV chooses 4 kW, and then 8 kW
    then    the first schedule is accepted, the second rejected
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    await station.tell_needs(dc_needs(9000))
    first = await station.expect("SetChargingProfile", within=csms.pixit.reaction_time, **TX_PROFILE)
    number = reading("chargingProfile.id")(first)
    offered = await csms.sends_profile([plain_limit(4000.0)], transaction=transaction, number=number)
    check.that(offered, highest_limit, near(4000.0, "W", tolerance=1.0), requirement="TC_K_58_CSMS")
    for times, wanted in ((1.0, "Accepted"), (2.0, "Rejected")):
        schedule = own_schedule(offered, times)
        chosen = {"timeBase": station.time_stamp(), "evseId": 1, "chargingSchedule": schedule}
        told = await station.call("NotifyEVChargingSchedule", chosen)
        check.that(told.outcome, status, equals(wanted).because("K16, after a bench action", confirmed=False))
