"""Whom a station knows without asking: the cache and the local list, online and offline (OCPP 2.x C10 to C15)."""

from harness.ocpp.readings import event_type, presented_token, request
from harness.v2g.readings import metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Observation,
    StationUnderTest,
    Token,
    Trace,
    at_least,
    equals,
    test_case,
)

_CACHE = STATION.AUTHORIZATION_CACHE & STATION.REMOTE_START
_REMEMBER = "Remember the answers to Authorize for LifeTime, and use them as LocalPreAuthorize says."


async def known_token(csms: Csms, station: StationUnderTest) -> None:
    """A transaction of the token of the bench has been; the station has it in its cache."""
    await station.ready()
    await csms.prepare("AuthCacheCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.stop_transaction(await station.charging())
    await station.unplug()
    await station.watch(2.0)


async def come_again(station: StationUnderTest) -> Trace:
    """Plug in and present the token of the bench; what is seen until energy should flow."""
    await station.plug_in()
    shown = await station.authorise()
    await station.watch(station.pixit.start_time)
    return station.seen.after(shown.number)


def asked(seen: Observation) -> bool:
    """Whether it is an Authorize."""
    return request(seen, "Authorize") is not None


def begun_with(seen: Observation) -> str | None:
    """The token with which something begins or goes on."""
    return presented_token(seen) if event_type(seen) is not None else None


@test_case(
    "TC_STATION_Cache_001",
    covers=("TC_C_08_CS", "TC_C_33_CS"),
    pics=_CACHE,
    needs=("plug", "authorise", "unplug"),
    detects=("station-never-remembers",),
    lasts=90.0,
)
async def test_a_token_in_the_cache_begins_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins for a token that it has in its cache, without asking the CSMS.

    Given   LocalPreAuthorize, and a token that the CSMS accepted in an earlier transaction
    when    an EV is plugged in, and the token presented again
    then    a transaction with that token begins, and there was no Authorize
    """
    await known_token(csms, station)
    seen = await come_again(station)
    unneeded = seen.where(asked).last
    check.holds(unneeded is None, expected="no Authorize", actual="one", seen=unneeded, advice=_REMEMBER)
    begun = seen.where(lambda each: begun_with(each) is not None).last
    check.that(begun, begun_with, equals(station.token.id_token), advice="Begin with what the cache says.")


@test_case(
    "TC_STATION_Cache_002",
    covers=("TC_C_36_CS",),
    pics=_CACHE,
    needs=("plug", "authorise", "unplug"),
    detects=("station-trusts-its-memory", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_the_cache_is_not_used_where_it_is_told_not_to(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station asks the CSMS about a token in its cache where LocalPreAuthorize is off.

    Given   a token that is in the cache, and LocalPreAuthorize off
    when    an EV is plugged in, and the token presented again
    then    the station sends Authorize
    """
    await known_token(csms, station)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", False)
    seen = await come_again(station)
    check.that(seen.where(asked).last, presented_token, equals(station.token.id_token), advice=_REMEMBER)


@test_case(
    "TC_STATION_Cache_003",
    covers=("TC_C_46_CS",),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & _CACHE,
    needs=("plug", "authorise", "unplug"),
    detects=("station-remembers-for-ever", "station-rubber-stamp"),
    lasts=110.0,
)
async def test_the_cache_forgets_in_time(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets a token in its cache after AuthCacheCtrlr.LifeTime.

    Given   a token that is in the cache, and a LifeTime of 15 s
    when    20 s later an EV is plugged in, and the token presented again
    then    the station sends Authorize
    """
    await station.ready()
    await csms.prepare("AuthCacheCtrlr", "LifeTime", 15)
    await known_token(csms, station)
    await station.watch(20.0)
    seen = await come_again(station)
    check.that(seen.where(asked).last, presented_token, equals(station.token.id_token), advice=_REMEMBER)


@test_case(
    "TC_STATION_Cache_004",
    covers=("TC_C_10_CS", "TC_C_12_CS"),
    pics=STATION.AUTHORIZATION_CACHE,
    needs=("plug", "authorise"),
    detects=("station-never-forgives",),
    lasts=90.0,
)
async def test_a_refusal_in_the_cache_is_not_the_last_word(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks again about a token that the CSMS refused before, and begins when it is accepted now.

    Given   a token that the CSMS calls Blocked, presented once
    when    the CSMS accepts it from now on, and it is presented again
    then    the station sends Authorize, and a transaction with that token begins
    """
    await station.ready()
    await csms.prepare("AuthCacheCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", True)
    csms.policy = csms.policy.replace(tokens=(Token(station.token.id_token, station.token.type, "Blocked"),))
    await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    csms.policy = csms.policy.replace(tokens=(station.token,))
    shown = await station.authorise()
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(shown.number)
    advice = "Only an acceptance in the cache saves asking; a refusal may be out of date."
    check.that(seen.where(asked).last, presented_token, equals(station.token.id_token), advice=advice)
    begun = seen.where(lambda each: begun_with(each) is not None).last
    check.that(begun, begun_with, equals(station.token.id_token), requirement="TC_C_12_CS", advice=advice)


@test_case(
    "TC_STATION_Cache_005",
    covers=("TC_C_57_CS",),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.AUTHORIZATION_CACHE,
    needs=("plug", "authorise", "meter"),
    detects=("station-asks-needlessly", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_refusal_in_the_cache_is_final_if_wanted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a token in its cache that was refused before, without asking, where DisablePostAuthorize says so.

    Given   DisablePostAuthorize, and a token that the CSMS calls Blocked, presented once
    when    the token is presented again
    then    no energy flows, and there is no Authorize
    """
    await station.ready()
    await csms.prepare("AuthCacheCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.prepare("AuthCacheCtrlr", "DisablePostAuthorize", True)
    csms.policy = csms.policy.replace(tokens=(Token(station.token.id_token, station.token.type, "Blocked"),))
    await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    shown = await station.authorise()
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(shown.number)
    unneeded = seen.where(asked).last
    check.holds(unneeded is None, expected="no Authorize", actual="one", seen=unneeded, advice=_REMEMBER)
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice="The token is refused.")


@test_case(
    "TC_STATION_Cache_006",
    covers=("TC_C_32_CS",),
    pics=_CACHE,
    needs=("plug", "authorise", "unplug"),
    detects=("station-cache-lost-at-boot",),
    lasts=120.0,
)
async def test_the_cache_survives_a_reboot(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station has its cache after a reboot as before.

    Given   a token that is in the cache
    when    the station is reset, an EV is plugged in, and the token presented again
    then    a transaction begins, without an Authorize
    """
    await known_token(csms, station)
    reset = await csms.reset()
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=reset.outcome.number)
    await station.watch(3.0)
    seen = await come_again(station)
    unneeded = seen.where(asked).last
    advice = "Keep the cache in memory that survives a reboot."
    check.holds(unneeded is None, expected="no Authorize", actual="one", seen=unneeded, advice=advice)


@test_case(
    "TC_STATION_LocalAuthorisation_001",
    covers=("TC_C_27_CS",),
    pics=STATION.LOCAL_LIST,
    needs=("plug", "authorise"),
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_token_on_the_list_begins_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins for a token that is on its local list, without asking the CSMS.

    Given   LocalPreAuthorize, and a local list with a token
    when    an EV is plugged in, and the token presented
    then    a transaction with that token begins, and there was no Authorize
    """
    await station.ready()
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.send_local_list(station.token)
    seen = await come_again(station)
    unneeded = seen.where(asked).last
    advice = "Look into the list before asking."
    check.holds(unneeded is None, expected="no Authorize", actual="one", seen=unneeded, advice=advice)
    begun = seen.where(lambda each: begun_with(each) is not None).last
    check.that(begun, begun_with, equals(station.token.id_token), advice="Begin with what the list says.")


@test_case(
    "TC_STATION_LocalAuthorisation_002",
    covers=("TC_C_23_CS", "TC_C_24_CS", "TC_C_25_CS"),
    pics=STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION & _CACHE,
    needs=("plug", "authorise", "unplug", "meter"),
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_the_list_goes_before_the_cache(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses offline whom its local list refuses, although its cache would accept.

    Given   a token that the cache accepts, and that the local list calls Blocked
    when    the CSMS goes away, an EV is plugged in, and the token presented
    then    no energy flows
    """
    await known_token(csms, station)
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalAuthorizeOffline", True)
    await csms.send_local_list(Token(station.token.id_token, station.token.type, "Blocked"))
    await csms.stop()
    await station.watch(2.0)
    seen = await come_again(station)
    advice = "The list is the CSMS's word; the cache is what is remembered of an older one."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)
    await csms.start()


@test_case(
    "TC_STATION_LocalAuthorisation_003",
    covers=("TC_C_27_CS",),
    pics=STATION.LOCAL_LIST,
    needs=("plug", "present"),
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_tokens_are_the_same_in_small_letters(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes tokens that differ in the case of their letters for the same.

    Given   LocalPreAuthorize, and a local list with a token in capital letters
    when    an EV is plugged in, and the token presented in small letters
    then    the station begins without an Authorize
    """
    await station.ready()
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.send_local_list(Token("ABCDEF0123", station.token.type))
    await station.plug_in()
    shown = await station.present(Token("abcdef0123", station.token.type))
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(shown.number)
    unneeded = seen.where(asked).last
    advice = "Compare tokens without regard to case."
    check.holds(unneeded is None, expected="no Authorize", actual="one", seen=unneeded, advice=advice)
    begun = [each for each in seen if (begun_with(each) or "").casefold() == "abcdef0123"]
    check.holds(bool(begun), expected="a transaction with the token", actual="none", advice=advice)


@test_case(
    "TC_STATION_OfflineAuthorisation_001",
    covers=("TC_C_26_CS",),
    pics=STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "present", "meter"),
    detects=("station-lets-strangers-in-offline",),
    lasts=90.0,
)
async def test_a_stranger_gets_no_energy_offline(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives no energy to a token that nobody knows while the CSMS is away, where it is told not to.

    Given   OfflineTxForUnknownIdEnabled off
    when    the CSMS goes away, an EV is plugged in, and a token presented that the station has never seen
    then    no energy flows
    """
    await station.ready()
    await csms.prepare("AuthCtrlr", "OfflineTxForUnknownIdEnabled", False)
    await csms.stop()
    await station.watch(2.0)
    await station.plug_in()
    await station.present(Token("TEST-STRANGER-01", station.token.type))
    seen = await station.watch(station.pixit.start_time)
    advice = "Without the CSMS only list and cache can vouch for a token."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)
    await csms.start()


@test_case(
    "TC_STATION_OfflineAuthorisation_002",
    covers=("TC_C_26_CS", "E04.FR.01"),
    pics=STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "present", "meter"),
    detects=("station-lets-no-stranger-in-offline", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_stranger_may_charge_offline_if_wanted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets a token charge that nobody knows while the CSMS is away, where it is told to.

    Given   OfflineTxForUnknownIdEnabled
    when    the CSMS goes away, an EV is plugged in, and a token presented that the station has never seen
    then    energy flows within the start time
    """
    await station.ready()
    await csms.prepare("AuthCtrlr", "OfflineTxForUnknownIdEnabled", True)
    await csms.stop()
    await station.watch(2.0)
    await station.plug_in()
    await station.present(Token("TEST-STRANGER-01", station.token.type))
    await station.watch(station.pixit.start_time)
    seen = await station.watch(3.0)
    advice = "OfflineTxForUnknownIdEnabled lets strangers in; the CSMS judges them when it is back."
    check.every(seen, metered_power, at_least(100.0, "W"), advice=advice)
    await csms.start()
