"""What a CSMS asks of a charge point of OCPP 1.6 on behalf of its operator."""

from harness.ocpp.readings import came, members, outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case


@test_case(
    "TC_CSMS_Asking16_001",
    covers="OCPP:ask-as-told",
    pics=CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-changes-another-key"),
    lasts=10.0,
)
async def test_configuration_is_read_and_written(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS reads and writes configuration keys of a 1.6 charge point, and lives with each answer.

    Given   a booted charge point that accepts a value, wants a reboot for it, rejects it, and does not know the key
    when    the CSMS is made to write a key each time, and to read one key, and all
    then    ChangeConfiguration carries key and value, and GetConfiguration the keys, as told
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    wanted = {"key": "MeterValueSampleInterval", "value": "30"}
    for status in ("Accepted", "RebootRequired", "Rejected", "NotSupported"):
        station.answers["ChangeConfiguration"] = {"status": status}
        sent = await csms.sends("ChangeConfiguration", wanted)
        check.that(sent, members("key", "value"), equals(wanted))
    station.answers["GetConfiguration"] = {"unknownKey": ["MeterValueSampleInterval"]}
    for asked in ({"key": ["MeterValueSampleInterval"]}, {}):
        sent = await csms.sends("GetConfiguration", asked)
        check.that(sent, members("key"), equals({"key": None, **asked}))
    await still_serves(station, check, "configuration keys")


@test_case(
    "TC_CSMS_Asking16_002",
    covers="OCPP:ask-as-told",
    pics=CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-resets-at-once"),
    lasts=10.0,
)
async def test_a_charge_point_is_reset_and_closed(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS resets a 1.6 charge point, makes a connector inoperative, and clears its cache, and lives with refusals.

    Given   a booted charge point that rejects everything
    when    the CSMS is made to send Reset (Soft and Hard), ChangeAvailability and ClearCache
    then    each is sent as told, and a boot after that is accepted
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for action, asked in (
        ("Reset", {"type": "Soft"}),
        ("Reset", {"type": "Hard"}),
        ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
        ("ClearCache", {}),
    ):
        station.answers[action] = {"status": "Rejected"}
        sent = await csms.sends(action, asked)
        check.that(sent, came, equals(action))
        check.that(sent, members("type", "connectorId"), equals({"type": None, "connectorId": None, **asked}))
    booted = await station.boot(within=csms.pixit.boot_time)
    check.that(booted.outcome, outcome, equals("Accepted"), requirement="B01.FR.02")


@test_case(
    "TC_CSMS_Asking16_003",
    covers=("OCPP:ask-as-told", "OCPP:every-call-is-answered"),
    pics=CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-triggers-heartbeats", "csms-mute-states", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_messages_of_1_6_are_triggered(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS triggers messages of a 1.6 charge point, and takes those that come.

    Given   a booted charge point
    when    the CSMS is made to trigger a state of connector 1, meter values and a boot, and the state is told
    then    TriggerMessage names message and connector as told, and the state is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for asked, status in (
        ({"requestedMessage": "StatusNotification", "connectorId": 1}, "Accepted"),
        ({"requestedMessage": "MeterValues", "connectorId": 1}, "Rejected"),
        ({"requestedMessage": "BootNotification"}, "NotImplemented"),
    ):
        station.answers["TriggerMessage"] = {"status": status}
        sent = await csms.sends("TriggerMessage", asked)
        check.that(sent, members("requestedMessage", "connectorId"), equals({"connectorId": None, **asked}))
    told = await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
    check.that(told.outcome, outcome, equals("answered"), requirement="OCPP:every-call-is-answered")


@test_case(
    "TC_CSMS_Asking16_004",
    covers="OCPP:ask-as-told",
    pics=CSMS.OCPP_16 & CSMS.LOCAL_LIST,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-always-full-list"),
    lasts=10.0,
)
async def test_a_list_of_1_6_is_sent(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a local list to a 1.6 charge point, whole and in part, and lives with a charge point that has none.

    Given   a booted charge point
    when    the CSMS is made to ask for the version, to send a list under version 3, and a change under version 4
    then    each is sent with version, kind and tags as told, also after NotSupported
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers |= {"GetLocalListVersion": {"listVersion": -1}, "SendLocalList": {"status": "NotSupported"}}
    asked = await csms.sends("GetLocalListVersion", {})
    check.that(asked, came, equals("GetLocalListVersion"))
    entries = [{"idTag": csms.token["idToken"], "idTagInfo": {"status": "Accepted"}}]
    for number, kind in ((3, "Full"), (4, "Differential")):
        wanted = {"listVersion": number, "updateType": kind, "localAuthorizationList": entries}
        sent = await csms.sends("SendLocalList", wanted)
        check.that(sent, members(*wanted), equals(wanted))
    await still_serves(station, check, "a list that is not supported")


@test_case(
    "TC_CSMS_Asking16_005",
    covers="OCPP:ask-as-told",
    pics=CSMS.OCPP_16 & CSMS.UNLOCK,
    needs="send_request",
    detects=("csms-unlocks-another", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_connector_of_1_6_is_unlocked(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS unlocks a connector of a 1.6 charge point, and lives with each answer.

    Given   a booted charge point that unlocks, fails to, and cannot
    when    the CSMS is made to unlock connector 1 each time
    then    UnlockConnector names it, and the charge point is served as ever
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for status in ("Unlocked", "UnlockFailed", "NotSupported"):
        station.answers["UnlockConnector"] = {"status": status}
        sent = await csms.sends("UnlockConnector", {"connectorId": 1})
        check.that(sent, members("connectorId"), equals({"connectorId": 1}))
    await still_serves(station, check, "a connector that cannot be unlocked")
