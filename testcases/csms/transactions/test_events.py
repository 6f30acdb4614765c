"""TransactionEvents as they come in real life: in order, late, twice, with gaps, without a beginning (OCPP 2.x block E)."""

from harness.ocpp.readings import outcome, reading, status
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, one_of, satisfies, test_case

_TWO = CSMS.OCPP_21 | CSMS.OCPP_201
TAKEN = satisfies("an answer that is no CALLERROR", lambda said: said in ("answered", "Accepted"))
REASONS = (
    "Authorized",
    "CablePluggedIn",
    "ChargingRateChanged",
    "ChargingStateChanged",
    "Deauthorized",
    "EnergyLimitReached",
    "EVCommunicationLost",
    "EVConnectTimeout",
    "MeterValueClock",
    "MeterValuePeriodic",
    "TimeLimitReached",
    "Trigger",
    "UnlockCommand",
    "StopAuthorized",
    "EVDeparted",
    "EVDetected",
    "RemoteStop",
    "RemoteStart",
    "AbnormalCondition",
    "SignedDataReceived",
    "ResetCommand",
)
"""Those of 2.0.1, which 2.1 has too."""
STOPS = (
    "EmergencyStop",
    "EnergyLimitReached",
    "EVDisconnected",
    "ImmediateReset",
    "Local",
    "MasterPass",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SOCLimitReached",
    "StoppedByEV",
    "TimeLimitReached",
    "Timeout",
)
ENDS = (
    ("ChargingStateChanged", "StoppedByEV"),
    ("EVCommunicationLost", "EVDisconnected"),
    ("StopAuthorized", "Local"),
    ("EVDeparted", "EVDisconnected"),
    ("Deauthorized", "DeAuthorized"),
    ("StopAuthorized", "MasterPass"),
)
"""Trigger reason and stoppedReason, as stations tell them with their TxStopPoints."""
STARTS = ("EVDetected", "CablePluggedIn", "Authorized", "SignedDataReceived", "ChargingStateChanged", "RemoteStart")


@test_case(
    "TC_CSMS_Events_001",
    covers=("E01.FR.12", "TC_E_03_CSMS", "TC_E_04_CSMS", "TC_E_15_CSMS"),
    pics=_TWO,
    detects=("csms-judges-no-event-tokens", "csms-tells-of-no-token", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_a_whole_transaction_is_followed(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers each event of a transaction, with a word about the token where one was shown, and only there.

    Given   a booted station
    when    a cable is plugged in, a token presented, energy flows, the token is presented again and the cable pulled
    then    every event is answered; idTokenInfo comes with Accepted for the two with the token, and with no other
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name, token = station.new_transaction(), {"idToken": csms.token}
    story = (
        ("Started", "CablePluggedIn", "EVConnected", {}),
        ("Updated", "Authorized", "EVConnected", token),
        ("Updated", "ChargingStateChanged", "Charging", {}),
        ("Updated", "StopAuthorized", "EVConnected", token),
        ("Ended", "EVDeparted", "Idle", {}),
    )
    for number, (kind, reason, state, shown) in enumerate(story):
        told = await station.event(kind, reason, number, name, evse=1, info={"chargingState": state}, **shown)
        check.that(told.outcome, outcome, TAKEN, requirement="OCPP:every-call-is-answered")
        judged = (told.response or {}).get("idTokenInfo", {}).get("status")
        wanted = "Accepted" if shown else None
        check.holds(
            judged == wanted,
            expected=f"idTokenInfo {wanted or 'left out'} in the answer to {reason}",
            actual=f"{judged or 'left out'}",
            seen=told.outcome,
            advice="Judge the token of each event that carries one, and say nothing of tokens that nobody showed.",
        )


@test_case(
    "TC_CSMS_Events_002",
    covers=("OCPP:late-events", "TC_E_01_CSMS", "TC_E_09_CSMS", "TC_E_10_CSMS", "TC_E_11_CSMS", "TC_E_12_CSMS"),
    pics=_TWO,
    detects="csms-knows-few-reasons",
    lasts=5.0,
)
async def test_a_transaction_may_begin_with_anything(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes a transaction whatever makes a station begin it, each with seqNo 0.

    Given   a booted station
    when    it begins and ends a transaction for each TxStartPoint that there is
    then    each begin and each end is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for reason in STARTS:
        name = station.new_transaction()
        begun = await station.event("Started", reason, 0, name, evse=1)
        check.that(begun.outcome, outcome, TAKEN, advice=f"A transaction may begin with {reason} (TxStartPoint).")
        ended = await station.event("Ended", "EVDeparted", 1, name)
        check.that(ended.outcome, outcome, TAKEN)


@test_case(
    "TC_CSMS_Events_003",
    covers=("OCPP:payload", "TC_E_26_CSMS", "TC_E_38_CSMS"),
    pics=_TWO,
    detects="csms-knows-few-reasons",
    lasts=5.0,
)
async def test_every_trigger_reason_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes events of every trigger reason.

    Given   a transaction of a booted station
    when    an event of each trigger reason comes
    then    each is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "CablePluggedIn", 0, name, evse=1)
    for number, reason in enumerate(REASONS, start=1):
        told = await station.event("Updated", reason, number, name, info={"chargingState": "SuspendedEV"})
        check.that(told.outcome, outcome, TAKEN, advice=f"Take events of reason {reason}.")


@test_case(
    "TC_CSMS_Events_004",
    covers=("OCPP:payload", "TC_E_14_CSMS", "TC_E_21_CSMS", "TC_E_22_CSMS", "TC_E_39_CSMS"),
    pics=_TWO,
    detects=("csms-mute-events", "csms-minds-sequence"),
    lasts=5.0,
)
async def test_a_transaction_may_end_for_any_reason(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the end of a transaction whatever ended it, also one that consists of its end alone.

    Given   a booted station
    when    transactions end for each reason that there is, each told with its last event only
    then    each end is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for reason in STOPS:
        stopped = {"stoppedReason": reason}
        told = await station.event("Ended", "AbnormalCondition", 3, station.new_transaction(), evse=1, info=stopped)
        check.that(told.outcome, outcome, TAKEN, advice=f"A transaction may end for {reason}, whatever came before.")


@test_case(
    "TC_CSMS_Events_005",
    covers="OCPP:late-events",
    pics=_TWO,
    detects=("csms-demands-starts", "csms-minds-sequence"),
    lasts=5.0,
)
async def test_events_without_a_beginning_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes events of a transaction whose beginning it never saw.

    Given   a booted station that dropped the first event of a transaction after its last attempt
    when    an Updated event, and then the end of that transaction, come
    then    both are answered, and none is refused
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    for number, (kind, reason) in enumerate((("Updated", "MeterValuePeriodic"), ("Ended", "EVDeparted")), start=4):
        told = await station.event(kind, reason, number, name, evse=1)
        check.that(
            told.outcome, outcome, TAKEN, advice="A refused event is sent again, and then lost: answer, and flag."
        )


@test_case(
    "TC_CSMS_Events_006",
    covers="OCPP:late-events",
    pics=_TWO,
    detects="csms-minds-sequence",
    lasts=5.0,
)
async def test_events_out_of_order_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes events of a transaction with gaps, out of order, and after the end.

    Given   a booted station that lost its connection during a transaction
    when    its events come with the seqNo 0, 3, 1, 5 (the end), 2 and 4
    then    each is answered, and none is refused
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    for number in (0, 3, 1, 5, 2, 4):
        kind = {0: "Started", 5: "Ended"}.get(number, "Updated")
        told = await station.event(kind, "Trigger", number, name, evse=1, timestamp=station.stamp(60.0 - number))
        check.that(told.outcome, outcome, TAKEN, advice="Sort by seqNo; what comes late is no error.")


@test_case(
    "TC_CSMS_Events_007",
    covers="OCPP:late-events",
    pics=_TWO,
    detects="csms-minds-sequence",
    lasts=5.0,
)
async def test_an_event_may_come_again(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers an event that comes a second time under a new message id.

    Given   a transaction of a booted station that did not see the answers to its events
    when    it sends each event two times
    then    both are answered, with the same word about the token
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name, token = station.new_transaction(), {"idToken": csms.token}
    story = (
        ("Started", "Authorized", token),
        ("Updated", "MeterValuePeriodic", {}),
        ("Ended", "StopAuthorized", token),
    )
    for number, (kind, reason, shown) in enumerate(story):
        when = station.stamp()
        first = await station.event(kind, reason, number, name, evse=1, timestamp=when, **shown)
        again = await station.event(kind, reason, number, name, evse=1, timestamp=when, **shown)
        said = outcome(first.outcome)
        check.that(again.outcome, outcome, equals(said), advice="Answer a retry as the first time; book it once.")
        check.that(first.outcome, outcome, TAKEN)


@test_case(
    "TC_CSMS_Events_008",
    covers=("OCPP:late-events", "E16.FR.08"),
    pics=CSMS.OCPP_21,
    detects="csms-limits-every-event",
    lasts=10.0,
)
async def test_events_of_an_outage_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the events of an outage at once, and sets no limit to what is over.

    Given   a station that is back after two hours, in which it began and ended two transactions
    when    it sends the twelve events of them, marked as offline and with their own times
    then    each is answered, and no answer carries a transactionLimit
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for begin in (7200.0, 3600.0):
        name = station.new_transaction()
        for number in range(6):
            kind = {0: "Started", 5: "Ended"}.get(number, "Updated")
            at = station.stamp(begin - 600.0 * number)
            told = await station.event(kind, "MeterValueClock", number, name, evse=1, offline=True, timestamp=at)
            check.that(told.outcome, outcome, TAKEN, advice="Take the past as it comes, and answer each event.")
            limit = (told.response or {}).get("transactionLimit")
            check.holds(
                limit is None,
                expected="no transactionLimit for an event of the past",
                actual=str(limit),
                seen=told.outcome,
                requirement="E16.FR.08",
                advice="Leave it out where offline is true.",
            )


@test_case(
    "TC_CSMS_Events_009",
    covers="E16.FR.02",
    pics=CSMS.OCPP_21,
    detects="csms-limits-every-event",
    lasts=5.0,
)
async def test_a_limit_is_told_once(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS tells a limit of a transaction once.

    Given   a transaction of a booted station
    when    several events of it come
    then    transactionLimit stands in one answer at most
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    limits = []
    for number in range(4):
        kind, shown = ("Updated", {}) if number else ("Started", {"idToken": csms.token})
        told = await station.event(kind, "Trigger", number, name, evse=1, **shown)
        check.that(told.outcome, outcome, TAKEN, requirement="OCPP:every-call-is-answered")
        limits += [told.outcome] if (told.response or {}).get("transactionLimit") is not None else []
    check.holds(
        len(limits) <= 1,
        expected="transactionLimit in one answer at most",
        actual=f"in {len(limits)} of 4",
        seen=next(iter(limits[1:]), None),
        advice="The station keeps it, and says that it did; tell it again only when it changes.",
    )


@test_case(
    "TC_CSMS_Events_010",
    covers=("TC_E_53_CSMS", "OCPP:every-call-is-answered"),
    pics=CSMS.OCPP_201,
    detects=("csms-judges-no-event-tokens", "csms-mute-events", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_transactions_of_2_0_1_are_followed(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS follows two transactions of a 2.0.1 station, one after the other, each counted from 0.

    Given   a booted station that speaks OCPP 2.0.1
    when    it begins a transaction with a token and ends it, two times
    then    the token is accepted each time, and each end is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for _ in range(2):
        name = station.new_transaction()
        begun = await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
        check.that(begun.outcome, status, equals("Accepted"), requirement="E01.FR.12")
        ended = await station.event("Ended", "EVDeparted", 1, name)
        check.that(ended.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Events_011",
    covers=("OCPP:late-events", "TC_B_22_CSMS"),
    pics=_TWO,
    detects=("csms-boots-once", "csms-mute-events"),
    lasts=16.0,
)
async def test_a_transaction_outlives_a_connection(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS follows a transaction over a lost connection and a reboot of the station.

    Given   a transaction of a booted station
    when    the connection breaks, the station boots again because of a watchdog, and tells the end with reason PowerLoss
    then    the station is accepted, and the end is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    await station.cut_connection(1.0)
    await station.back(csms.pixit.boot_time + 60.0)
    again = await station.boot("Watchdog", within=csms.pixit.boot_time)
    check.that(again.outcome, reading("status"), one_of(("Accepted",)), requirement="B01.FR.02")
    ended = await station.event("Ended", "AbnormalCondition", 1, name, info={"stoppedReason": "PowerLoss"})
    check.that(ended.outcome, outcome, TAKEN, advice="Transactions belong to the station, not to its connection.")


@test_case(
    "TC_CSMS_Events_012",
    covers=("TC_E_07_CSMS", "TC_E_08_CSMS", "TC_E_17_CSMS", "TC_E_19_CSMS", "TC_E_20_CSMS", "TC_C_47_CSMS"),
    pics=_TWO,
    detects=("csms-knows-few-reasons", "csms-mute-events"),
    lasts=5.0,
)
async def test_every_stop_point_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the end of a transaction for each TxStopPoint, and one by master pass.

    Given   transactions of a booted station in which energy flows
    when    each ends for another cause, with the charging states that lead there
    then    each event is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for reason, stopped in ENDS:
        name = station.new_transaction()
        begun = await station.event("Started", "Authorized", 0, name, evse=1, info={"chargingState": "Charging"})
        check.that(begun.outcome, outcome, TAKEN)
        state = {"chargingState": "SuspendedEV"}
        check.that(
            (await station.event("Updated", "ChargingStateChanged", 1, name, info=state)).outcome, outcome, TAKEN
        )
        last = {"chargingState": "Idle", "stoppedReason": stopped}
        ended = await station.event("Ended", reason, 2, name, info=last)
        check.that(ended.outcome, outcome, TAKEN, advice=f"Take an end by {reason}, for {stopped}.")
