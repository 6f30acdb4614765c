"""Who is not let in, and who may not end what another began (OCPP 2.x C01 to C09, E05, E07; authorisation of 1.6)."""

from itertools import pairwise

from harness.ocpp.readings import event_type, outcome, plug_state, presented_token, request, stopped_reason
from harness.v2g.readings import metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    Token,
    Trace,
    equals,
    one_of,
    test_case,
)

_NO_ENERGY = "No energy before the CSMS, the local list or the cache has accepted the token."
_OTHERS = "A token ends a transaction when it began it, shares its group, or is of the master pass; no other does."


def none_flows(station: StationUnderTest, seen: Trace, check: Check, *, requirement: str = "") -> None:
    """No energy shows on the bench meter."""
    check.every(seen, metered_power, station.expects.rest()[metered_power], requirement=requirement, advice=_NO_ENERGY)


@test_case(
    "TC_STATION_Tokens_005",
    covers=("TC_C_06_CS", "TC_C_07_CS", "TC_C_56_CS", "TC_C_02_CS"),
    needs=("plug", "present", "meter"),
    detects=("station-believes-every-token",),
    lasts=90.0,
)
async def test_tokens_of_every_bad_status_get_no_energy(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives no energy to tokens that are blocked, expired or unknown to the CSMS.

    Given   an EV that is plugged in
    when    tokens are presented that the CSMS calls Blocked, Expired and Unknown, one after the other
    then    it is asked about each, and energy flows for none
    """
    await station.ready()
    await station.plug_in()
    bad = [
        Token(f"TEST-{status.upper()}-01", station.token.type, status) for status in ("Blocked", "Expired", "Unknown")
    ]
    csms.policy = csms.policy.replace(tokens=tuple(bad))
    for token in bad:
        shown = await station.present(token)
        asked = await csms.expect("Authorize", within=station.pixit.answer_time, after=shown.number)
        check.that(asked, presented_token, equals(token.id_token), advice="Ask the CSMS about tokens nobody knows.")
        seen = await station.watch(station.pixit.start_time)
        none_flows(station, seen, check)
        begun = [each for each in seen if event_type(each) is not None and presented_token(each) == token.id_token]
        advice = "Do not begin, or go on, with a token that Authorize refused."
        check.holds(
            not begun, expected="no event with the token", actual="one", seen=next(iter(begun), None), advice=advice
        )


@test_case(
    "TC_STATION_Tokens_006",
    covers=("TC_C_04_CS", "TC_C_42_CS"),
    needs=("plug", "authorise", "present"),
    detects=("station-stops-for-anybody", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_stranger_does_not_end_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes on when a token is presented that has nothing to do with the transaction.

    Given   a transaction in which energy flows
    when    a valid token of another group is presented
    then    the transaction goes on, and can be stopped by the CSMS
    """
    own = Token(station.token.id_token, station.token.type, group="FAMILY-1")
    other = Token("TEST-OTHER-01", station.token.type, group="FAMILY-2")
    await station.ready()
    csms.policy = csms.policy.replace(tokens=(own, other))
    running = await station.charging()
    shown = await station.present(other)
    await station.watch(station.pixit.answer_time)
    seen = station.seen.after(shown.number)
    ended = [each for each in seen if event_type(each) == "Ended"]
    check.holds(not ended, expected="a transaction that goes on", actual="its end", advice=_OTHERS)
    stopped = await csms.stop_transaction(running, within=station.pixit.start_time)
    check.that(stopped, event_type, equals("Ended"), advice="Only the stranger is refused, not the CSMS.")


@test_case(
    "TC_STATION_Tokens_007",
    covers=("TC_C_39_CS", "E07.FR.02"),
    needs=("plug", "authorise", "present"),
    detects=("station-stops-for-nobody-else", "station-calls-every-end-remote"),
    lasts=60.0,
)
async def test_a_member_of_the_group_ends_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction for another token of the group that began it.

    Given   a transaction that was begun by a token of a group
    when    another token of that group is presented
    then    the transaction ends, for a reason at the station
    """
    own = Token(station.token.id_token, station.token.type, group="FAMILY-1")
    other = Token("TEST-OTHER-01", station.token.type, group="FAMILY-1")
    await station.ready()
    csms.policy = csms.policy.replace(tokens=(own, other))
    running = await station.charging()
    shown = await station.present(other)
    ended = await csms.ending(running, within=station.pixit.start_time, after=shown.number)
    check.that(ended, event_type, equals("Ended"), advice="Compare the groups in the answers to Authorize.")
    check.that(ended, stopped_reason, equals("Local"), requirement="E07.FR.05", advice="Somebody stood at the station.")


@test_case(
    "TC_STATION_Tokens_008",
    covers=("E07.FR.01", "E07.FR.05", "TC_E_06_CS"),
    needs=("plug", "authorise", "unplug"),
    detects=("station-calls-every-end-remote",),
    lasts=60.0,
)
async def test_who_began_ends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction when the token that began it is presented again, and frees the connector afterwards.

    Given   a transaction in which energy flows
    when    the same token is presented again, and the EV is unplugged
    then    the transaction ends, for a reason at the station, and the connector is told as Available
    """
    await station.ready()
    running = await station.charging()
    shown = await station.authorise()
    ended = await csms.ending(running, within=station.pixit.start_time, after=shown.number)
    check.that(ended, event_type, equals("Ended"), advice="The token that began a transaction ends it, unasked.")
    check.that(ended, stopped_reason, equals("Local"), requirement="E07.FR.05", advice="Local, or no reason at all.")
    left = await station.unplug()
    await station.watch(station.pixit.answer_time)
    seen = station.seen.after(left.number)
    states = [state for each in seen if (state := plug_state(each)) is not None]
    free = states[-1:] == ["Available"]
    check.holds(free, expected="Available in the end", actual=str(states), requirement="G01.FR.04", advice="Tell it.")


@test_case(
    "TC_STATION_Tokens_009",
    covers=("TC_C_45_CS", "TC_C_49_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise", "present", "meter"),
    detects=("station-knows-no-master", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_the_master_pass_begins_nothing_and_ends_all(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not begin a transaction for the master pass, and ends any for it.

    Given   a station that knows the group of the master pass
    when    a token of that group is presented to begin, and later during a transaction of another token
    then    no energy flows for it, and the transaction ends
    """
    master = Token("TEST-MASTER-01", station.token.type, group="MASTERS")
    await station.ready()
    await csms.prepare("AuthCtrlr", "MasterPassGroupId", "MASTERS")
    csms.policy = csms.policy.replace(tokens=(station.token, master))
    await station.plug_in()
    await station.present(master)
    none_flows(station, await station.watch(station.pixit.start_time), check)
    shown = await station.authorise()
    await csms.expect("TransactionEvent", within=station.pixit.start_time, after=shown.number, chargingState="Charging")
    again = await station.present(master)
    ended = await csms.expect(
        "TransactionEvent", within=station.pixit.start_time, after=again.number, eventType="Ended"
    )
    advice = "The master pass ends transactions of everybody."
    check.that(ended, stopped_reason, one_of(("MasterPass", "Local")), requirement="TC_C_49_CS", advice=advice)


@test_case(
    "TC_STATION_Tokens_010",
    covers=("E05.FR.10", "TC_C_16_CS", "TC_E_16_CS"),
    needs=("plug", "authorise"),
    detects=("station-ignores-refused-events", "station-suspends-refused-tokens"),
    lasts=60.0,
)
async def test_a_token_that_is_used_elsewhere_ends_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station ends a transaction whose token the CSMS does not accept in the answer to its begin, if it is told to.

    Given   StopTxOnInvalidId, and a CSMS that accepts a token, and calls it ConcurrentTx once the transaction has begun
    when    an EV is plugged in and the token presented
    then    the transaction ends with reason DeAuthorized
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "StopTxOnInvalidId", True)
    csms.policy = csms.policy.answering("TransactionEvent", idTokenInfo={"status": "ConcurrentTx"})
    csms.policy = csms.policy.answering("StartTransaction", idTagInfo={"status": "ConcurrentTx"})
    running = await station.transaction()
    ended = await csms.ending(running, within=station.pixit.start_time, after=0)
    advice = "Every status but Accepted in the answer to an event is a refusal."
    check.that(ended, stopped_reason, equals("DeAuthorized"), advice=advice)


@test_case(
    "TC_STATION_Tokens_011",
    covers=("E05.FR.02", "TC_C_17_CS"),
    needs=("plug", "authorise", "meter"),
    detects=("station-ignores-refused-events", "station-stops-refused-tokens", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_refused_token_suspends_its_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes the energy away from a transaction whose token is refused, and lets it go on, if it is told to.

    Given   StopTxOnInvalidId off, and a CSMS that accepts a token, and calls it Blocked once the transaction has begun
    when    an EV is plugged in and the token presented
    then    after the start time and the ramp no energy flows, and the transaction has not ended
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "StopTxOnInvalidId", False)
    csms.policy = csms.policy.answering("TransactionEvent", idTokenInfo={"status": "Blocked"})
    csms.policy = csms.policy.answering("StartTransaction", idTagInfo={"status": "Blocked"})
    await station.transaction()
    mark = len(station.seen)
    await station.watch(station.pixit.start_time + station.settling)
    none_flows(station, await station.watch(5.0), check)
    ended = [each for each in station.seen.after(mark) if event_type(each) == "Ended"]
    advice = "StopTxOnInvalidId is off: suspend, do not end."
    check.holds(not ended, expected="a transaction that goes on", actual="Ended", advice=advice)


@test_case(
    "TC_STATION_Tokens_012",
    covers=("E05.FR.03", "TC_C_15_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise", "meter"),
    detects=("station-no-energy-on-refusal", "station-generous-on-refusal", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_refused_token_gets_its_allowance(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives a refused token the energy of MaxEnergyOnInvalidId, and no more.

    Given   MaxEnergyOnInvalidId of what the station gives in 20 s, and StopTxOnInvalidId off
    when    a token is accepted, and called Blocked once the transaction has begun
    then    energy flows at first, and none after a minute; what flowed is that allowance, and the ramp
    """
    second = station.pixit.maximum_charge_power / 3600.0
    allowance = max(1, round(20.0 * second))
    await station.ready()
    await csms.prepare("TxCtrlr", "StopTxOnInvalidId", False)
    await csms.prepare("TxCtrlr", "MaxEnergyOnInvalidId", allowance)
    csms.policy = csms.policy.answering("TransactionEvent", idTokenInfo={"status": "Blocked"})
    await station.transaction()
    begun = csms.clock.now()
    await station.watch(station.pixit.start_time + 60.0 + station.settling)
    none_flows(station, await station.watch(3.0), check)
    powers = [(each.at, power) for each in station.seen.since(begun) if (power := metered_power(each)) is not None]
    taken = sum((later[0] - earlier[0]) * earlier[1] for earlier, later in pairwise(powers))
    taken /= 3600.0
    most = 1.1 * allowance + (station.settling + station.pixit.reaction_time + 5.0) * second
    advice = "Count the energy from the refusal on, and suspend when the allowance is used up."
    check.holds(0.5 * allowance <= taken <= most, expected=f"{allowance} Wh", actual=f"{taken:.0f} Wh", advice=advice)


@test_case(
    "TC_STATION_RemoteStart_001",
    covers=("TC_F_02_CS",),
    pics=STATION.REMOTE_START,
    needs="plug",
    detects=("station-trusts-remote-starts", "station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_remote_start_is_checked_if_wanted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks the CSMS about the token of a remote start where AuthorizeRemoteStart says so.

    Given   AuthorizeRemoteStart, and an EV that is plugged in
    when    the CSMS starts a transaction remotely
    then    the station sends Authorize for the token, and begins to charge
    """
    await station.ready()
    await csms.prepare("AuthCtrlr", "AuthorizeRemoteStart", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", False)
    await station.plug_in()
    sent = await csms.start_remotely(station.token)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses to start.")
    asked = await csms.expect("Authorize", within=station.pixit.start_time)
    check.that(
        asked, presented_token, equals(station.token.id_token), advice="Check the token as if it were presented."
    )


@test_case(
    "TC_STATION_RemoteStart_002",
    covers=("TC_F_03_CS",),
    pics=STATION.REMOTE_START,
    needs="plug",
    detects=("station-doubts-remote-starts", "station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_remote_start_is_believed_if_wanted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins at once for a remote start where AuthorizeRemoteStart is off.

    Given   AuthorizeRemoteStart off, and a station at which nothing is plugged in
    when    the CSMS starts a transaction remotely, and an EV is plugged in
    then    a transaction of that token begins, without an Authorize
    """
    await station.ready()
    await csms.prepare("AuthCtrlr", "AuthorizeRemoteStart", False)
    mark = len(station.seen)
    sent = await csms.start_remotely(station.token)
    check.that(
        sent.outcome, outcome, equals("Accepted"), advice="An EV may come later: ConnectionTimeOut waits for it."
    )
    await station.plug_in()
    await station.watch(station.pixit.start_time)
    seen = csms.trace.after(mark).sent_by("station")
    asked = [each for each in seen if request(each, "Authorize") is not None]
    check.holds(not asked, expected="no Authorize", actual="one", advice="The CSMS has vouched for the token already.")
    begun = seen.where(lambda each: event_type(each) is not None and presented_token(each) is not None)
    check.that(begun.last, presented_token, equals(station.token.id_token), advice="Tell the token of the request.")


@test_case(
    "TC_STATION_RemoteStart_003",
    covers=("TC_F_01_CS",),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_what_cannot_start_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a remote start at an EVSE that is not there, and at one where a transaction runs.

    Given   a station that is idle
    when    the CSMS starts at an EVSE with a number too high, and at EVSE 1 while a transaction runs there
    then    both are Rejected
    """
    await station.ready()
    nowhere = await csms.start_remotely(station.token, station.evses + 7)
    check.that(nowhere.outcome, outcome, equals("Rejected"), advice="There is no such EVSE.")
    await station.charging()
    busy = await csms.start_remotely(Token("TEST-OTHER-01", station.token.type), 1)
    check.that(busy.outcome, outcome, equals("Rejected"), advice="The EVSE is taken by a transaction.")


@test_case(
    "TC_STATION_RemoteStart_004",
    covers=("TC_F_02_CS", "TC_C_02_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "meter"),
    detects=("station-trusts-remote-starts", "station-believes-every-token"),
    lasts=40.0,
)
async def test_a_remote_start_with_a_refused_token_gives_no_energy(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station gives no energy for a remote start whose token is refused when it is checked.

    Given   AuthorizeRemoteStart, an EV that is plugged in, and a CSMS that calls every token Blocked in Authorize
    when    the CSMS starts a transaction remotely
    then    no energy flows
    """
    await station.ready()
    await csms.prepare("AuthCtrlr", "AuthorizeRemoteStart", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", False)
    csms.policy = csms.policy.answering("Authorize", idTokenInfo={"status": "Blocked"})
    await station.plug_in()
    await csms.start_remotely(Token("TEST-REMOTE-01", station.token.type))
    none_flows(station, await station.watch(station.pixit.start_time), check)


@test_case(
    "TC_STATION_RemoteStart_005",
    covers=("TC_F_04_CS", "TC_E_05_CS", "E03.FR.05"),
    pics=STATION.REMOTE_START,
    needs=("plug", "meter"),
    detects=("station-waits-for-ever",),
    lasts=60.0,
)
async def test_a_remote_start_ends_when_nobody_plugs_in(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets a remote start when nobody plugs in in time.

    Given   EVConnectionTimeOut of 10 s
    when    the CSMS starts a transaction remotely, and an EV is plugged in 15 s later
    then    no energy flows
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "EVConnectionTimeOut", 10)
    sent = await csms.start_remotely(station.token)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="An EV may come later.")
    await station.watch(15.0)
    await station.plug_in()
    none_flows(station, await station.watch(station.pixit.start_time), check, requirement="E03.FR.05")


@test_case(
    "TC_STATION_RemoteStop_001",
    covers=("TC_F_09_CS",),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_what_does_not_run_cannot_be_stopped(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to stop a transaction that it does not have, and leaves the one that it has.

    Given   a transaction in which energy flows
    when    the CSMS stops another one, which never was
    then    it is Rejected, and no end follows
    """
    await station.ready()
    await station.charging()
    mark = len(station.seen)
    sent = await csms.stop_remotely("990099")
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Look the id up before stopping anything.")
    await station.watch(station.pixit.answer_time)
    ended = [each for each in station.seen.after(mark) if event_type(each) == "Ended"]
    check.holds(not ended, expected="a transaction that goes on", actual="Ended", advice="Stop the one that is named.")
