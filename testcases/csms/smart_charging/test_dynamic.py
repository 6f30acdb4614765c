"""Profiles whose values follow as they change, pushed or pulled (OCPP 2.1, K28), and priority for a transaction (K21, K22)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading, request, status
from harness.ocpp.readings_csms import period_count, period_starts, schedule_count
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Inconclusive,
    TesterStation,
    central_setpoint,
    charging_only,
    equals,
    near,
    one_of,
    satisfies,
    test_case,
)


@test_case(
    "TC_CSMS_Dynamic_001",
    covers=("K28.FR.01", "K28.FR.02", "K29.FR.01", "K29.FR.02"),
    pics=CSMS.DYNAMIC_PROFILES & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-many-periods", "csms-two-schedules", "csms-first-period-late"),
    lasts=10.0,
)
async def test_a_dynamic_profile_has_one_period(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a Dynamic profile with one schedule of one period that begins at once.

    Given   a running transaction
    when    the CSMS is made to limit it with a Dynamic profile
    then    the profile is Dynamic, and has one schedule with one period from 0 s on
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([charging_only(6000.0)], kind="Dynamic", transaction=transaction)
    check.that(sent, reading("chargingProfile.chargingProfileKind"), equals("Dynamic"))
    check.that(sent, schedule_count, equals(1))
    check.that(sent, period_count, equals(1))
    check.that(sent, period_starts, equals([0]), requirement="K28.FR.02")


@test_case(
    "TC_CSMS_Dynamic_002",
    covers="K28.FR.07",
    pics=CSMS.DYNAMIC_PROFILES & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-refuses-pulls", "csms-empty-pulls"),
    lasts=10.0,
)
async def test_a_station_that_pulls_gets_values(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers a station that pulls the values of a Dynamic profile with limits or setpoints.

    Given   a transaction with a Dynamic profile that the station has taken
    when    the station asks for an update of that profile
    then    the answer is Accepted, with at least one limit or setpoint
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    choices: dict[str, Any] = {"kind": "Dynamic", "dynUpdateInterval": 30}
    sent = await csms.sends_profile([charging_only(6000.0)], transaction=transaction, **choices)
    number = reading("chargingProfile.id")(sent)
    told = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number or 0})
    check.that(told.outcome, status, equals("Accepted"))
    check.that(told.outcome, reading("scheduleUpdate"), satisfies("a limit or a setpoint", bool))


@test_case(
    "TC_CSMS_Dynamic_003",
    covers="K28.FR.12",
    pics=CSMS.DYNAMIC_PROFILES & CSMS.OCPP_21,
    needs="send_request",
    detects="csms-answers-any-pull",
    lasts=10.0,
)
async def test_a_pull_for_no_dynamic_profile_is_rejected(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS has no update for a profile that it does not know, or that is not Dynamic.

    Given   a transaction with an Absolute profile
    when    the station asks for an update of a profile that nobody sent, and of that one
    then    both are rejected
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    unknown = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 7_654_321})
    check.that(unknown.outcome, status, equals("Rejected"))
    sent = await csms.sends_profile([charging_only(6000.0)], transaction=transaction)
    number = reading("chargingProfile.id")(sent)
    absolute = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number or 0})
    check.that(absolute.outcome, status, equals("Rejected"), advice="Only profiles of kind Dynamic are updated.")


@test_case(
    "TC_CSMS_Dynamic_004",
    covers="Q03.FR.01",
    pics=CSMS.DYNAMIC_PROFILES & CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects=("csms-pushes-elsewhere", "csms-reversed-pushes"),
    lasts=15.0,
)
async def test_a_pushed_setpoint_reaches_its_profile_with_its_sign(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS pushes a new setpoint for the profile that the station has, in W and with its sign; a pull then gives the same.

    Given   a transaction with a Dynamic profile of mode CentralSetpoint
    when    the CSMS is made to change the setpoint to -2500 W, and the station then asks for an update
    then    UpdateDynamicSchedule names the profile and -2500 W, and so does the answer
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    first = await csms.sends_profile([central_setpoint(1000.0)], kind="Dynamic", transaction=transaction)
    number = reading("chargingProfile.id")(first) or 0
    update = {"chargingProfileId": number, "scheduleUpdate": {"setpoint": -2500.0}}
    sent = await csms.sends("UpdateDynamicSchedule", update)
    wanted = near(-2500.0, "W", tolerance=1.0)
    check.that(sent, reading("chargingProfileId"), equals(number), requirement="K28.FR.07")
    check.that(sent, reading("scheduleUpdate.setpoint"), wanted)
    told = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number})
    advice = "What was pushed last is what a pull gets."
    check.that(told.outcome, reading("scheduleUpdate.setpoint"), wanted, requirement="K28.FR.07", advice=advice)


@test_case(
    "TC_CSMS_Dynamic_005",
    covers="OCPP:newest-value",
    pics=CSMS.DYNAMIC_PROFILES & CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects="csms-pushes-once",
    lasts=20.0,
)
async def test_the_newest_setpoint_reaches_a_slow_station(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gets the newest of several setpoints to a station that takes its time to answer, and nothing older after it.

    Given   a transaction with a Dynamic profile, at a station that answers each update after 1.5 s
    when    the CSMS is made to push -1000 W, -2000 W and -3000 W, one right after the other
    then    an update with -3000 W comes, and no other one after it
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.lateness["UpdateDynamicSchedule"] = 1.5
    transaction = await station.begin_transaction(csms.token)
    first = await csms.sends_profile([central_setpoint(0.0)], kind="Dynamic", transaction=transaction)
    number = reading("chargingProfile.id")(first) or 0
    for watts in (-1000.0, -2000.0, -3000.0):
        await csms.ask_for(
            "UpdateDynamicSchedule", {"chargingProfileId": number, "scheduleUpdate": {"setpoint": watts}}
        )
    newest = await station.expect(
        "UpdateDynamicSchedule", within=csms.pixit.reaction_time + 5.0, after=first.number, setpoint=-3000.0
    )
    wanted = near(-3000.0, "W", tolerance=1.0)
    check.that(newest, reading("scheduleUpdate.setpoint"), wanted, advice="Drop what is older, not what is newer.")
    after = await station.expect("UpdateDynamicSchedule", within=4.0, after=newest.number)
    check.that(after, came, equals("Silence"), advice="An older setpoint would undo the newest.")


@test_case(
    "TC_CSMS_Dynamic_006",
    covers="K01.FR.104",
    pics=CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects="csms-loses-offline-limits",
    lasts=10.0,
)
async def test_a_setpoint_can_be_bounded_for_an_outage(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS says how long a profile holds while the station is offline, where it is made to.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to discharge it, offline for two minutes at most, and not again after that
    then    the profile carries maxOfflineDuration and invalidAfterOfflineDuration
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    bounds: dict[str, Any] = {"maxOfflineDuration": 120, "invalidAfterOfflineDuration": True}
    sent = await csms.sends_profile([central_setpoint(-2000.0)], transaction=transaction, **bounds)
    if request(sent) is None:
        raise Inconclusive("the bench could not make the CSMS send such a profile; K01.FR.104 only permits it")
    advice = "Without it a station that is cut off goes on discharging."
    check.that(sent, reading("chargingProfile.maxOfflineDuration"), equals(120), advice=advice)
    check.that(sent, reading("chargingProfile.invalidAfterOfflineDuration"), equals(True))


@test_case(
    "TC_CSMS_Dynamic_007",
    covers="K28.FR.07",
    pics=CSMS.DYNAMIC_PROFILES & CSMS.V2X_CENTRAL_SETPOINT,
    needs=("send_request", "power_cycle"),
    detects=("csms-forgets-at-restart", "csms-refuses-pulls"),
    lasts=60.0,
)
async def test_a_dynamic_profile_outlives_a_restart(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS has values for a Dynamic profile that it sent before it was itself restarted.

    Given   a transaction with a Dynamic profile that the station follows
    when    the CSMS is switched off and on, the station comes back, and asks for an update
    then    the answer is Accepted, with a setpoint
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([central_setpoint(-1500.0)], kind="Dynamic", transaction=transaction)
    number = reading("chargingProfile.id")(sent) or 0
    await csms.power_cycle()
    await station.gone(csms.pixit.boot_time)
    await station.back(csms.pixit.boot_time + 120.0)
    await station.boot("Unknown", within=csms.pixit.boot_time)
    told = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number})
    advice = "The station goes on with the transaction while the CSMS is away."
    check.that(told.outcome, status, equals("Accepted"), advice=advice)
    check.that(told.outcome, reading("scheduleUpdate"), satisfies("a limit or a setpoint", bool), advice=advice)


@test_case(
    "TC_CSMS_Priority_001",
    covers="K21.FR.10",
    pics=CSMS.PRIORITY_CHARGING & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-prioritises-another", "csms-stunned-by-refusals"),
    lasts=15.0,
)
async def test_priority_is_given_to_the_transaction_that_was_meant(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gives priority to a transaction by its id, and goes on where the station has no profile for it.

    Given   a running transaction at a station without a PriorityCharging profile
    when    the CSMS is made to give it priority, and the station answers NoProfile
    then    UsePriorityCharging named the transaction, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    station.answers["UsePriorityCharging"] = {"status": "NoProfile"}
    sent = await csms.sends("UsePriorityCharging", {"transactionId": transaction, "activate": True})
    check.that(sent, reading("transactionId"), equals(transaction))
    check.that(sent, reading("activate"), equals(True))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Priority_002",
    covers=("K21.FR.09", "K22.FR.06"),
    pics=CSMS.PRIORITY_CHARGING & CSMS.OCPP_21,
    detects="csms-mute-priority",
    lasts=10.0,
)
async def test_priority_that_a_driver_chose_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes it that priority charging was switched on and off at the station.

    Given   a running transaction
    when    the station tells that priority charging is active, and then that it no longer is
    then    both are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    for activated in (True, False):
        change = {"transactionId": transaction, "activated": activated}
        told = await station.call("NotifyPriorityCharging", change)
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Priority_003",
    covers="K21.FR.09",
    pics=CSMS.PRIORITY_CHARGING & CSMS.OCPP_21,
    detects="csms-mute-priority",
    lasts=10.0,
)
async def test_priority_for_a_transaction_of_the_past_does_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers a station that tells of priority in a transaction that the CSMS does not know.

    Given   a booted station
    when    it tells of priority charging in a transaction that never was
    then    it is answered, with or without an error
    """
    await station.power_up(within=csms.pixit.boot_time)
    told = await station.call("NotifyPriorityCharging", {"transactionId": "never-was", "activated": True})
    answers = ("answered", "CALLERROR PropertyConstraintViolation", "CALLERROR GenericError", "CALLERROR InternalError")
    check.that(told.outcome, outcome, one_of(answers))
