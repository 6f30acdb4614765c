"""The local list that a CSMS gives to stations (OCPP 2.x block D)."""

from harness.ocpp.readings import came, members
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

_LIST = CSMS.LOCAL_LIST & (CSMS.OCPP_21 | CSMS.OCPP_201)
_CHANGE = {"updateType": "Differential", "versionNumber": 5}
_ENTRY = {"idTokenInfo": {"status": "Accepted"}}


@test_case(
    "TC_CSMS_LocalList_001",
    covers=("TC_D_01_CSMS", "TC_D_04_CSMS", "OCPP:ask-as-told"),
    pics=_LIST,
    needs="send_request",
    detects=("csms-same-list-version", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_full_list_is_sent(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a whole local list, and an empty one, each under its own version.

    Given   a booted station without a local list
    when    the CSMS is made to send a full list of version 7, and then an empty one of version 8
    then    both come as Full, with these versions and the token in the first alone
    """
    await station.power_up(within=csms.pixit.boot_time)
    entries = [{"idToken": csms.token, **_ENTRY}]
    sent = await csms.sends(
        "SendLocalList", {"versionNumber": 7, "updateType": "Full", "localAuthorizationList": entries}
    )
    version = members("updateType", "versionNumber")
    check.that(sent, version, equals({"updateType": "Full", "versionNumber": 7}), advice="Raise the version each time.")
    check.that(sent, members("localAuthorizationList"), equals({"localAuthorizationList": entries}))
    empty = await csms.sends("SendLocalList", {"versionNumber": 8, "updateType": "Full"})
    said = {"updateType": "Full", "versionNumber": 8, "localAuthorizationList": None}
    every = members("updateType", "versionNumber", "localAuthorizationList")
    check.that(empty, every, equals(said), requirement="TC_D_04_CSMS", advice="Leave an empty list out.")


@test_case(
    "TC_CSMS_LocalList_002",
    covers=("TC_D_02_CSMS", "TC_D_03_CSMS", "OCPP:ask-as-told"),
    pics=_LIST,
    needs="send_request",
    detects=("csms-always-full-list", "csms-same-list-version", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_list_is_updated(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends changes of a local list as Differential, and takes entries off it.

    Given   a booted station with a local list of version 7
    when    the CSMS is made to add a token under version 8, and to remove it under version 9
    then    both come as Differential with their version; the removal names the token without idTokenInfo
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SendLocalList"] = {"status": "Accepted"}
    for number, entry in ((8, {"idToken": csms.token, **_ENTRY}), (9, {"idToken": csms.token})):
        asked = {"versionNumber": number, "updateType": "Differential", "localAuthorizationList": [entry]}
        sent = await csms.sends("SendLocalList", asked)
        check.that(sent, members(*asked), equals(asked), advice="A station takes a Full list in place of all it has.")


@test_case(
    "TC_CSMS_LocalList_003",
    covers=("TC_D_02_CSMS", "OCPP:ask-as-told"),
    pics=_LIST,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-repeats-itself"),
    lasts=15.0,
)
async def test_a_version_mismatch_is_lived_with(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS does not send the same update again and again to a station that refuses it for its version.

    Given   a booted station that answers Differential lists with VersionMismatch
    when    the CSMS is made to send such a list
    then    no second Differential list of that version follows; a full list it is then made to send is sent
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SendLocalList"] = lambda asked: {
        "status": "VersionMismatch" if asked["updateType"] == "Differential" else "Accepted"
    }
    entries = [{"idToken": csms.token, **_ENTRY}]
    change = {**_CHANGE, "localAuthorizationList": entries}
    sent = await csms.sends("SendLocalList", change)
    check.that(sent, came, equals("SendLocalList"))
    await station.watch(csms.pixit.reaction_time)
    later = station.trace.after(sent.number).sent_by("csms")
    again = [seen for seen in later if members(*_CHANGE)(seen) == _CHANGE]
    check.holds(
        not again,
        expected="no second update of version 5",
        actual=f"{len(again)} more",
        seen=next(iter(again), None),
        advice="After VersionMismatch send a full list.",
    )
    whole = await csms.sends("SendLocalList", {**change, "updateType": "Full", "versionNumber": 6})
    check.that(whole, members("updateType"), equals({"updateType": "Full"}))


@test_case(
    "TC_CSMS_LocalList_004",
    covers=("TC_D_08_CSMS", "TC_D_09_CSMS"),
    pics=_LIST,
    needs="send_request",
    detects=("csms-rubber-stamp",),
    lasts=5.0,
)
async def test_the_version_of_a_list_is_asked_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for the version of a local list, and takes any answer.

    Given   a booted station
    when    the CSMS is made to ask for the version, and the station has a list, and then none
    then    GetLocalListVersion is sent each time, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    for number in (17, 0):
        station.answers["GetLocalListVersion"] = {"versionNumber": number}
        asked = await csms.sends("GetLocalListVersion", {})
        check.that(asked, came, equals("GetLocalListVersion"))
    await still_serves(station, check, "the version of a list")


@test_case(
    "TC_CSMS_LocalList_005",
    covers=("OCPP:ask-as-told", "TC_C_37_CSMS", "TC_C_38_CSMS"),
    pics=CSMS.OCPP_21 | CSMS.OCPP_201,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-repeats-itself"),
    lasts=15.0,
)
async def test_a_cache_is_cleared_once(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for a cache to be cleared once, and lives with a refusal.

    Given   a booted station that accepts ClearCache, and then refuses it
    when    the CSMS is made to send ClearCache each time
    then    it comes once each time, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    for status in ("Accepted", "Rejected"):
        station.answers["ClearCache"] = {"status": status}
        asked = await csms.sends("ClearCache", {})
        check.that(asked, came, equals("ClearCache"))
        again = await station.expect("ClearCache", within=2.0)
        check.that(again, came, equals("Silence"), advice=f"{status} settles it: do not ask again by yourself.")
    await still_serves(station, check, "a refusal")


@test_case(
    "TC_CSMS_LocalList_006",
    covers=("TC_C_40_CSMS", "TC_C_43_CSMS", "OCPP:ask-as-told"),
    pics=_LIST,
    needs="send_request",
    detects=("csms-lists-no-groups", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_a_list_carries_groups_and_refusals(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends groups and refused tokens in a local list.

    Given   a booted station without a local list
    when    the CSMS is made to send a list with an accepted and a blocked token of one group
    then    each entry carries its status and its groupIdToken
    """
    await station.power_up(within=csms.pixit.boot_time)
    group = {"groupIdToken": {"idToken": "TEST-GROUP", "type": "Central"}}
    entries = [
        {"idToken": csms.token, "idTokenInfo": {"status": "Accepted", **group}},
        {"idToken": csms.invalid_token, "idTokenInfo": {"status": "Blocked", **group}},
    ]
    asked = {"versionNumber": 11, "updateType": "Full", "localAuthorizationList": entries}
    sent = await csms.sends("SendLocalList", asked)
    check.that(sent, members("localAuthorizationList"), equals({"localAuthorizationList": entries}))
