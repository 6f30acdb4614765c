"""The local authorisation list: replaced, updated, used, kept (OCPP 2.x block D)."""

from harness.ocpp.readings import event_type, outcome, reading, request
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    Observation,
    StationUnderTest,
    Token,
    differs,
    equals,
    test_case,
)

_ANY = STATION.LOCAL_LIST
_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.LOCAL_LIST
_OTHER = Token("TEST-OTHER-01")


def list_version(seen: Observation) -> int | None:
    """The version in an answer to GetLocalListVersion; 1.6 calls it otherwise."""
    found = reading("versionNumber")(seen)
    return reading("listVersion")(seen) if found is None else found


def token_told(seen: Observation) -> str | None:
    """The token that an event of a transaction tells of."""
    if event_type(seen) is None:
        return None
    return reading("idToken.idToken")(seen) or reading("idTag")(seen)


async def prepared(csms: Csms, station: StationUnderTest) -> None:
    """The list is in use before the CSMS is asked, and the cache knows nobody."""
    await station.ready()
    await csms.set_variable("LocalAuthListCtrlr", "Enabled", True)
    await csms.set_variable("AuthCtrlr", "LocalPreAuthorize", True)
    if station.claims("AUTHORIZATION_CACHE"):
        await csms.call("ClearCache", {})


async def asked_about(station: StationUnderTest) -> Observation | None:
    """Plug in and present the token of the PIXIT: the station's Authorize about it, None where it does not ask."""
    await station.plug_in()
    presented = await station.authorise()
    seen = await station.watch(station.pixit.start_time)
    if not len(seen.sent_by("station")):
        raise Inconclusive("the station said nothing about the token that was presented")
    asked = station.seen.after(presented.number).where(lambda one: request(one, "Authorize") is not None)
    return asked.last


@test_case(
    "TC_STATION_LocalList_001",
    covers=("TC_D_01_CS",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_listed_token_charges_without_asking(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station authorises a token of its local list by itself, and begins a transaction.

    Given   a list with the token of the PIXIT, and LocalPreAuthorize
    when    an EV is plugged in and the token presented
    then    the station does not send Authorize, and an event tells of the token
    """
    await prepared(csms, station)
    await csms.send_local_list(station.token)
    asked = await asked_about(station)
    check.holds(asked is None, expected="no Authorize", actual="one", seen=asked, advice="Look into the list first.")
    begun = station.seen.where(lambda one: token_told(one) == station.token.id_token).last
    check.that(begun, request, differs(None), advice="The token is accepted by the list.")


@test_case(
    "TC_STATION_LocalList_002",
    covers=("TC_D_03_CS",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-ignores-list-updates", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_token_taken_off_the_list_is_asked_about(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes a token off its list when an update says so.

    Given   a list with the token of the PIXIT
    when    an update takes the token off, and it is presented
    then    the update is accepted with its version, and the station sends Authorize
    """
    await prepared(csms, station)
    await csms.send_local_list(station.token, _OTHER, number=11)
    sent = await csms.send_local_list(update="Differential", number=12, gone=(station.token,))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="An entry without idTokenInfo is taken off.")
    version = await csms.call("GetLocalListVersion", {})
    check.that(version.outcome, list_version, equals(12), advice="Keep the version of the update.")
    asked = await asked_about(station)
    check.that(asked, request, differs(None), advice="The token is no longer on the list.")


@test_case(
    "TC_STATION_LocalList_003",
    covers=("TC_D_02_CS",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-ignores-list-updates", "station-ignores-local-lists", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_token_added_to_the_list_is_known(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds a token to its list when an update says so.

    Given   a list with another token
    when    an update adds the token of the PIXIT, and it is presented
    then    the update is accepted, and the station does not send Authorize
    """
    await prepared(csms, station)
    await csms.send_local_list(_OTHER, number=21)
    sent = await csms.send_local_list(station.token, update="Differential", number=22)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A newer version is taken.")
    asked = await asked_about(station)
    check.holds(asked is None, expected="no Authorize", actual="one", seen=asked, advice="Add what an update brings.")


@test_case(
    "TC_STATION_LocalList_004",
    covers=("TC_D_04_CS", "TC_D_05_CS"),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-keeps-old-lists", "station-ignores-local-lists", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_empty_list_knows_nobody(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station empties its list when a full one without entries comes, and counts an empty update.

    Given   a list with the token of the PIXIT
    when    an empty update comes, then an empty full list, and the token is presented
    then    both are accepted, the version is that of the full one, and the station sends Authorize
    """
    await prepared(csms, station)
    await csms.send_local_list(station.token, number=31)
    update = await csms.send_local_list(update="Differential", number=32)
    check.that(
        update.outcome, outcome, equals("Accepted"), requirement="TC_D_05_CS", advice="It brings a version alone."
    )
    sent = await csms.send_local_list(number=33)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A full list without entries empties the list.")
    version = await csms.call("GetLocalListVersion", {})
    check.that(version.outcome, list_version, equals(33), advice="Keep the version of the full list.")
    asked = await asked_about(station)
    check.that(asked, request, differs(None), advice="A full list replaces all that was there.")


@test_case(
    "TC_STATION_LocalList_005",
    covers=("TC_D_10_CS",),
    pics=_PICS,
    detects=("station-invents-list-versions", "station-ignores-variables"),
    lasts=5.0,
)
async def test_a_list_that_is_off_has_no_version(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells version 0 while its list is switched off.

    Given   a list of version 41, and LocalAuthListCtrlr.Enabled false
    when    the CSMS asks for the version
    then    it is 0
    """
    await prepared(csms, station)
    await csms.send_local_list(station.token, number=41)
    switched = await csms.set_variable("LocalAuthListCtrlr", "Enabled", False)
    if not switched.accepted:
        raise NotTestable(f"the list cannot be switched off: {switched}")
    version = await csms.call("GetLocalListVersion", {})
    check.that(version.outcome, list_version, equals(0), advice="0 says that there is no list in use.")
    await csms.set_variable("LocalAuthListCtrlr", "Enabled", True)


@test_case(
    "TC_STATION_LocalList_006",
    covers=("TC_D_07_CS",),
    pics=_ANY,
    detects=("station-ignores-local-lists", "station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_list_survives_a_reboot(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its list and its version over a reboot.

    Given   a list of version 51
    when    the CSMS resets the station, and asks for the version after the boot
    then    it is 51
    """
    await prepared(csms, station)
    await csms.send_local_list(station.token, number=51)
    await csms.reset("Immediate")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(booted, request, differs(None), advice="The station accepts a reset while it is idle.")
    await station.watch(station.pixit.reaction_time + 1.0)
    version = await csms.call("GetLocalListVersion", {})
    check.that(version.outcome, list_version, equals(51), advice="Keep the list over a reboot.")
