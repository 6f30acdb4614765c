"""What a CSMS asks of a station on behalf of its operator: as it was told, once, and whatever the answer (OCPP 2.x)."""

from harness.ocpp.readings import came, members, outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

_TWO = CSMS.OCPP_21 | CSMS.OCPP_201
ACCEPTED = {"status": "Accepted"}
HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
OFFLINE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}


@test_case(
    "TC_CSMS_Asking_001",
    covers=("TC_B_06_CSMS", "TC_B_07_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-asks-nothing", "csms-asks-for-another-variable", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_variables_are_asked_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for one variable and for several, and takes values and refusals.

    Given   a booted station
    when    the CSMS is made to ask for one variable, and for two of which the station has one
    then    GetVariables names just these, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    for asked in ([HEARTBEAT], [HEARTBEAT, {**OFFLINE, "attributeType": "Target"}]):
        sent = await csms.sends("GetVariables", {"getVariableData": asked})
        check.that(sent, reading("getVariableData"), equals(asked), advice="Ask for what was asked for, and no more.")
    await still_serves(station, check, "variables")


@test_case(
    "TC_CSMS_Asking_002",
    covers=("TC_B_09_CSMS", "TC_B_10_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-writes-another-value"),
    lasts=5.0,
)
async def test_variables_are_written(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS writes variables with the values that it was told, and lives with refusals.

    Given   a booted station that accepts one value, and rejects another
    when    the CSMS is made to write one variable, and then two
    then    SetVariables carries just these values, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    beat, away = {**HEARTBEAT, "attributeValue": "120"}, {**OFFLINE, "attributeValue": "60"}
    for written in ([beat], [beat, away]):
        results = [
            {"attributeStatus": "Rejected", **{k: each[k] for k in ("component", "variable")}} for each in written
        ]
        station.answers["SetVariables"] = {"setVariableResult": results}
        sent = await csms.sends("SetVariables", {"setVariableData": written})
        check.that(sent, reading("setVariableData"), equals(written), advice="Write what was told, as texts.")
    await still_serves(station, check, "a refused value")


@test_case(
    "TC_CSMS_Asking_003",
    covers=("TC_B_12_CSMS", "TC_B_13_CSMS", "TC_B_14_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-one-base-report", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_each_base_report_is_asked_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for each base report, and lives with a station that has nothing to report.

    Given   a booted station that answers base reports with EmptyResultSet and NotSupported
    when    the CSMS is made to ask for the three of them
    then    GetBaseReport names the one it was told, and the station is served as ever
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    kinds = {
        "ConfigurationInventory": "Accepted",
        "FullInventory": "EmptyResultSet",
        "SummaryInventory": "NotSupported",
    }
    for number, (kind, status) in enumerate(kinds.items(), start=801):
        station.answers["GetBaseReport"] = {"status": status}
        await csms.ask_for("GetBaseReport", {"requestId": number, "reportBase": kind})
        sent = await station.expect("GetBaseReport", within=csms.pixit.reaction_time, reportBase=kind)
        check.that(sent, members("reportBase"), equals({"reportBase": kind}))
    await still_serves(station, check, "reports")


@test_case(
    "TC_CSMS_Asking_004",
    covers=("TC_B_18_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-forgets-criteria"),
    lasts=5.0,
)
async def test_a_filtered_report_is_asked_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for a report by criterion and by variable, and takes the report.

    Given   a booted station
    when    the CSMS is made to ask for what is a Problem, and for one variable
    then    GetReport carries both filters; the report that follows is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers |= {"GetReport": ACCEPTED, "GetBaseReport": {"status": "EmptyResultSet"}}
    asked = {"requestId": 811, "componentCriteria": ["Problem"], "componentVariable": [HEARTBEAT]}
    sent = await csms.sends("GetReport", asked)
    filters = ("componentCriteria", "componentVariable")
    check.that(sent, members(*filters), equals({name: asked[name] for name in filters}))
    data = [{**HEARTBEAT, "variableAttribute": [{"value": "60"}]}]
    number = (getattr(sent.message, "payload", None) or {}).get("requestId", 811)
    report = {"requestId": number, "generatedAt": station.stamp(), "seqNo": 0, "reportData": data}
    told = await station.call("NotifyReport", report)
    check.that(told.outcome, outcome, equals("answered"), advice="Take the report that was asked for.")


@test_case(
    "TC_CSMS_Asking_005",
    covers=("TC_B_20_CSMS", "TC_B_21_CSMS", "TC_B_22_CSMS", "TC_B_25_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-resets-at-once", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_resets_are_asked_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS resets a station or an EVSE, when idle or at once, and lives with a reset that is put off or refused.

    Given   a booted station
    when    the CSMS is made to reset it OnIdle, Immediate, and EVSE 1 OnIdle, and the station answers Scheduled and Rejected
    then    Reset names type and EVSE as told, and a boot after it is accepted
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for asked, status in (
        ({"type": "OnIdle"}, "Scheduled"),
        ({"type": "Immediate"}, "Rejected"),
        ({"type": "OnIdle", "evseId": 1}, "Accepted"),
    ):
        station.answers["Reset"] = {"status": status}
        sent = await csms.sends("Reset", asked)
        check.that(sent, members("type", "evseId"), equals({"evseId": None, **asked}))
    booted = await station.boot("RemoteReset", within=csms.pixit.boot_time)
    check.that(booted.outcome, outcome, equals("Accepted"), requirement="B01.FR.02")


@test_case(
    "TC_CSMS_Asking_006",
    covers=(
        "TC_G_03_CSMS",
        "TC_G_04_CSMS",
        "TC_G_05_CSMS",
        "TC_G_06_CSMS",
        "TC_G_07_CSMS",
        "TC_G_08_CSMS",
        "OCPP:ask-as-told",
    ),
    pics=_TWO,
    needs="send_request",
    detects=("csms-always-operative", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_availability_is_changed(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS makes a station, an EVSE and a connector inoperative and operative again, and lives with each answer.

    Given   a booted station that answers Accepted, Scheduled and Rejected in turn
    when    the CSMS is made to change the availability of the station, of EVSE 1, and of its connector 1
    then    ChangeAvailability names place and status as told
    """
    await station.power_up(within=csms.pixit.boot_time)
    places = ({}, {"evse": {"id": 1}}, {"evse": {"id": 1, "connectorId": 1}})
    for place, answer in zip(places, ("Accepted", "Scheduled", "Rejected"), strict=True):
        station.answers["ChangeAvailability"] = {"status": answer}
        for status in ("Inoperative", "Operative"):
            sent = await csms.sends("ChangeAvailability", {"operationalStatus": status, **place})
            wanted = {"operationalStatus": status, "evse": place.get("evse")}
            check.that(sent, members("operationalStatus", "evse"), equals(wanted))


@test_case(
    "TC_CSMS_Asking_007",
    covers=("TC_F_11_CSMS", "TC_F_13_CSMS", "TC_F_20_CSMS", "TC_F_23_CSMS", "TC_F_27_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-triggers-heartbeats", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_messages_are_triggered(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS triggers messages, takes those that come, and lives with NotImplemented and Rejected.

    Given   a booted station
    when    the CSMS is made to trigger meter values, events, states and a firmware status, for EVSE 1 where that fits
    then    TriggerMessage names message and EVSE as told, and what is triggered is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    place = {"evse": {"id": 1}}
    for asked, status in (
        ({"requestedMessage": "MeterValues", **place}, "Accepted"),
        ({"requestedMessage": "TransactionEvent", **place}, "Rejected"),
        ({"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}, "Accepted"),
        ({"requestedMessage": "FirmwareStatusNotification"}, "NotImplemented"),
    ):
        station.answers["TriggerMessage"] = {"status": status}
        sent = await csms.sends("TriggerMessage", asked)
        check.that(sent, members("requestedMessage", "evse"), equals({"evse": None, **asked}))
    values = [{"timestamp": station.stamp(), "sampledValue": [{"value": 1000.0, "context": "Trigger"}]}]
    told = await station.call("MeterValues", {"evseId": 1, "meterValue": values})
    check.that(told.outcome, outcome, equals("answered"), requirement="TC_F_11_CSMS", advice="It was asked for.")


@test_case(
    "TC_CSMS_Asking_008",
    covers=("TC_F_06_CSMS", "OCPP:ask-as-told"),
    pics=_TWO & CSMS.UNLOCK,
    needs="send_request",
    detects=("csms-unlocks-another", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_connector_is_unlocked(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS unlocks a connector, and lives with each answer.

    Given   a booted station that unlocks, fails to, has a transaction, and does not know the connector, in turn
    when    the CSMS is made to unlock connector 1 of EVSE 1 each time
    then    UnlockConnector names it, once each time, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    place = {"evseId": 1, "connectorId": 1}
    for status in ("Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"):
        station.answers["UnlockConnector"] = {"status": status}
        sent = await csms.sends("UnlockConnector", place)
        check.that(sent, members("evseId", "connectorId"), equals(place))
    await still_serves(station, check, "a connector that cannot be unlocked")


@test_case(
    "TC_CSMS_Asking_009",
    covers=("TC_E_29_CSMS", "TC_E_31_CSMS", "TC_E_33_CSMS", "TC_E_34_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-asks-of-no-transaction", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_the_status_of_a_transaction_is_asked_for(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for the status of a transaction, and of the queue, and takes each answer.

    Given   a transaction of a booted station
    when    the CSMS is made to ask for its status, and for the queue as such, and messages are queued and not
    then    GetTransactionStatus names the transaction, or none, as told, and the station is served as ever
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    for asked, answer in (
        ({"transactionId": name}, {"ongoingIndicator": True, "messagesInQueue": True}),
        ({"transactionId": name}, {"ongoingIndicator": False, "messagesInQueue": False}),
        ({}, {"messagesInQueue": True}),
    ):
        station.answers["GetTransactionStatus"] = answer
        sent = await csms.sends("GetTransactionStatus", asked)
        check.that(sent, members("transactionId"), equals({"transactionId": None, **asked}))
    await still_serves(station, check, "the status of a transaction")


@test_case(
    "TC_CSMS_Asking_010",
    covers=("TC_B_42_CSMS", "TC_B_44_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-writes-slot-one"),
    lasts=10.0,
)
async def test_a_network_profile_is_written(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS writes a network profile into the slot it was told, and lives with each answer.

    Given   a booted station that answers Accepted, Rejected and Failed in turn
    when    the CSMS is made to write a profile into slot 3
    then    SetNetworkProfile names slot, address and security profile as told, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    access = {"ocppCsmsUrl": "wss://csms.example/ocpp", "securityProfile": 2, "messageTimeout": 30}
    data = {**access, "ocppTransport": "JSON", "ocppInterface": "Wired0"}
    for status in ("Accepted", "Rejected", "Failed"):
        station.answers["SetNetworkProfile"] = {"status": status}
        sent = await csms.sends("SetNetworkProfile", {"configurationSlot": 3, "connectionData": data})
        check.that(sent, members("configurationSlot"), equals({"configurationSlot": 3}))
        for name, value in access.items():
            check.that(sent, reading(f"connectionData.{name}"), equals(value))
    await still_serves(station, check, "a refused network profile")


@test_case(
    "TC_CSMS_Asking_011",
    covers=("OCPP:ask-as-told", "OCPP:one-call"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-repeats-itself", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_what_is_refused_is_not_asked_again(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks once for what it was told to ask, also where the station refuses it or answers with an error.

    Given   a booted station that rejects UnlockConnector, and then refuses it with InternalError
    when    the CSMS is made to send it each time
    then    it comes once each time within three seconds
    """
    await station.power_up(within=csms.pixit.boot_time)
    for answer in ({"status": "UnlockFailed"}, "InternalError"):
        station.answers["UnlockConnector"] = answer
        sent = await csms.sends("UnlockConnector", {"evseId": 1, "connectorId": 1})
        check.that(sent, came, equals("UnlockConnector"))
        again = await station.expect("UnlockConnector", within=3.0)
        check.that(again, came, equals("Silence"), advice="Whether to ask again is for the operator to say.")


@test_case(
    "TC_CSMS_Asking_012",
    covers=("OCPP:every-call-is-answered", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-one-sided"),
    lasts=15.0,
)
async def test_a_slow_station_is_waited_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS waits for a station that takes its time, serves it meanwhile, and asks on after the answer.

    Given   a booted station that needs four seconds for its answer to ClearCache
    when    the CSMS is made to send it, the station beats meanwhile, and the CSMS is made to ask for the list's version
    then    the heartbeat is answered before the answer, and GetLocalListVersion comes after it
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers["ClearCache"], station.lateness["ClearCache"] = ACCEPTED, 4.0
    asked = await csms.sends("ClearCache", {})
    check.that(asked, came, equals("ClearCache"))
    await still_serves(station, check, "a request that is being worked on")
    await station.watch(4.5)
    later = await csms.sends("GetLocalListVersion", {})
    check.that(later, came, equals("GetLocalListVersion"), advice="The answer frees the place for the next request.")


@test_case(
    "TC_CSMS_Asking_013",
    covers=("TC_B_26_CSMS", "TC_B_27_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-resets-at-once", "csms-mute-events", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_an_evse_is_reset_during_a_transaction(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS resets an EVSE on which a transaction runs, and takes what becomes of it.

    Given   a transaction on EVSE 1 of a booted station
    when    the CSMS is made to reset EVSE 1 OnIdle, which is put off, and Immediate, which ends the transaction
    then    Reset names type and EVSE as told, and the end, of reason ImmediateReset, is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    for kind, status in (("OnIdle", "Scheduled"), ("Immediate", "Accepted")):
        station.answers["Reset"] = {"status": status}
        sent = await csms.sends("Reset", {"type": kind, "evseId": 1})
        check.that(sent, members("type", "evseId"), equals({"type": kind, "evseId": 1}))
    ended = await station.event("Ended", "ResetCommand", 1, name, info={"stoppedReason": "ImmediateReset"})
    check.that(ended.outcome, outcome, equals("answered"), requirement="TC_B_27_CSMS")


@test_case(
    "TC_CSMS_Asking_014",
    covers=("TC_G_11_CSMS", "TC_G_14_CSMS", "TC_G_17_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-always-operative", "csms-mute-states", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_availability_is_changed_during_a_transaction(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS makes inoperative what is charging, and takes that it becomes so later.

    Given   a transaction on EVSE 1 of a booted station that puts off every change
    when    the CSMS is made to make connector, EVSE and station inoperative, and the transaction ends
    then    ChangeAvailability names place and status as told, and end and state Unavailable are answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    station.answers["ChangeAvailability"] = {"status": "Scheduled"}
    for place in ({"evse": {"id": 1, "connectorId": 1}}, {"evse": {"id": 1}}, {}):
        sent = await csms.sends("ChangeAvailability", {"operationalStatus": "Inoperative", **place})
        wanted = {"operationalStatus": "Inoperative", "evse": place.get("evse")}
        check.that(sent, members("operationalStatus", "evse"), equals(wanted))
    ended = await station.event("Ended", "EVDeparted", 1, name)
    check.that(ended.outcome, outcome, equals("answered"), requirement="OCPP:every-call-is-answered")
    state = {"timestamp": station.stamp(), "connectorStatus": "Unavailable", "evseId": 1, "connectorId": 1}
    told = await station.call("StatusNotification", state)
    check.that(told.outcome, outcome, equals("answered"), requirement="OCPP:every-call-is-answered")


@test_case(
    "TC_CSMS_Asking_015",
    covers=("TC_F_12_CSMS", "TC_F_14_CSMS", "TC_F_15_CSMS", "TC_F_18_CSMS", "OCPP:ask-as-told"),
    pics=_TWO,
    needs="send_request",
    detects=("csms-triggers-heartbeats", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_messages_of_the_whole_station_are_triggered(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS triggers messages of a station as a whole, without naming an EVSE.

    Given   a booted station that accepts every trigger
    when    the CSMS is made to trigger meter values, events, log status, firmware status and a boot
    then    TriggerMessage names the message and no EVSE, and a triggered boot is accepted
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers["TriggerMessage"] = ACCEPTED
    for wanted in (
        "MeterValues",
        "TransactionEvent",
        "LogStatusNotification",
        "FirmwareStatusNotification",
        "BootNotification",
    ):
        sent = await csms.sends("TriggerMessage", {"requestedMessage": wanted})
        check.that(sent, members("requestedMessage", "evse"), equals({"requestedMessage": wanted, "evse": None}))
    booted = await station.boot("Triggered", within=csms.pixit.boot_time)
    check.that(booted.outcome, outcome, equals("Accepted"), requirement="B01.FR.02", advice="It was asked for.")
