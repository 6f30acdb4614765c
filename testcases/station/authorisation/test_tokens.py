"""Who may charge: refused tokens, the local list, the cache (OCPP 2.x blocks C and D, E05)."""

from harness.ocpp.readings import outcome, reading, request, trigger_reason
from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, Token, differs, equals, test_case

_NO_ENERGY = "No energy before the CSMS, the local list or the cache has accepted the token."


@test_case(
    "TC_STATION_Tokens_001",
    covers=("TC_C_02_CS",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "reject_authorisation", "meter"),
    detects=("station-believes-every-token",),
    lasts=40.0,
)
async def test_a_refused_token_gets_no_energy(station: StationUnderTest, check: Check) -> None:
    """Station lets nobody charge whose token the CSMS refuses.

    Given   an EV that is plugged in
    when    a token is presented that the CSMS answers with Invalid
    then    no energy flows, and no event calls anybody authorised
    """
    await station.ready()
    await station.plug_in()
    refused = await station.reject_authorisation()
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(refused.number)
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=_NO_ENERGY)
    admitted = [each for each in seen if trigger_reason(each) == "Authorized"]
    advice = "Do not begin, or go on, as authorised with a token that Authorize refused."
    check.holds(not admitted, expected="no event of reason Authorized", actual="one", advice=advice)


@test_case(
    "TC_STATION_Tokens_002",
    covers=("E05.FR.10", "E05.FR.09", "E05.FR.02"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise", "meter"),
    detects=("station-ignores-refused-events",),
    lasts=60.0,
)
async def test_a_token_that_is_refused_later_ends_the_energy(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station stops the energy of a transaction whose token the CSMS refuses in the answer to its event.

    Given   a CSMS that accepts a token in Authorize, and calls it Blocked in answers to TransactionEvent
    when    the EV is plugged in and the token presented, with MaxEnergyOnInvalidId at 0
    then    after the start time and the ramp no energy flows
    """
    await station.ready()
    await csms.set_variable("TxCtrlr", "MaxEnergyOnInvalidId", 0)
    blocked = Token(station.token.id_token, station.token.type, status="Blocked")
    csms.policy = csms.policy.replace(tokens=(blocked,)).answering("Authorize", idTokenInfo={"status": "Accepted"})
    await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time + station.settling)
    seen = await station.watch(5.0)
    advice = "Read idTokenInfo in the answer to the event that carried the token."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)


@test_case(
    "TC_STATION_Tokens_003",
    covers=("TC_D_01_CS", "TC_D_08_CS", "TC_D_06_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.LOCAL_LIST,
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_local_list_is_kept_with_its_version(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the local list that it is sent, knows its version, and refuses an update that is not newer.

    Given   a station with a local list
    when    the CSMS sends a full list of version 7, asks for the version, and sends an update of version 7
    then    the list is accepted, the version is 7, and the update is a VersionMismatch
    """
    await station.ready()
    await csms.set_variable("LocalAuthListCtrlr", "Enabled", True)
    sent = await csms.send_local_list(station.token, number=7)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the list.")
    asked = await csms.call("GetLocalListVersion", {})
    check.that(asked.outcome, reading("versionNumber"), equals(7), requirement="TC_D_08_CS", advice="Keep the version.")
    older = await csms.send_local_list(station.token, update="Differential", number=7)
    check.that(older.outcome, outcome, equals("VersionMismatch"), requirement="TC_D_06_CS", advice="Compare versions.")


@test_case(
    "TC_STATION_Tokens_004",
    covers=("TC_C_37_CS",),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.AUTHORIZATION_CACHE & STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-ignores-clearing-the-cache", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_cleared_cache_knows_nobody(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks the CSMS again about a token once its cache is cleared.

    Given   a station that authorises from its cache, and a token that it knows from an earlier transaction
    when    the CSMS clears the cache, and the token is presented again
    then    clearing is accepted, and the station sends Authorize
    """
    await station.ready()
    await csms.set_variable("AuthCacheCtrlr", "Enabled", True)
    await csms.set_variable("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.stop_transaction(await station.charging())
    await station.unplug()
    cleared = await csms.call("ClearCache", {})
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="The station claims a cache.")
    await station.plug_in()
    presented = await station.authorise()
    asked = await csms.expect("Authorize", within=station.pixit.start_time, after=presented.number)
    check.that(asked, request, differs(None), advice="Forget every token of the cache.")
