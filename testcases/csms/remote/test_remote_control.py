"""Transactions that a CSMS starts and stops from afar (OCPP 2.x block F)."""

from harness.ocpp.readings import came, members, outcome, status
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

_REMOTE = CSMS.REMOTE_START & (CSMS.OCPP_21 | CSMS.OCPP_201)


def start(csms: CsmsUnderTest, number: int) -> dict[str, object]:
    """A RequestStartTransaction at EVSE 1."""
    return {"remoteStartId": number, "evseId": 1, "idToken": csms.token}


@test_case(
    "TC_CSMS_RemoteControl_001",
    covers=("TC_F_01_CSMS", "OCPP:ask-as-told"),
    pics=_REMOTE,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-repeats-itself"),
    lasts=10.0,
)
async def test_a_refused_start_is_lived_with(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS asks for a remote start once, and lives with a station that rejects it.

    Given   a booted station that rejects remote starts
    when    the CSMS is made to start a transaction
    then    RequestStartTransaction names token, EVSE and remoteStartId, comes once, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["RequestStartTransaction"] = {"status": "Rejected"}
    sent = await csms.sends("RequestStartTransaction", start(csms, 71))
    check.that(sent, members("remoteStartId", "evseId", "idToken"), equals(start(csms, 71)))
    again = await station.expect("RequestStartTransaction", within=3.0)
    check.that(again, came, equals("Silence"), advice="Rejected settles it: tell the driver.")
    await still_serves(station, check, "a rejected start")


@test_case(
    "TC_CSMS_RemoteControl_002",
    covers=("TC_E_21_CSMS", "OCPP:ask-as-told"),
    pics=_REMOTE,
    needs="send_request",
    detects=("csms-stops-another", "csms-rubber-stamp", "csms-mute-events"),
    lasts=10.0,
)
async def test_a_transaction_is_stopped(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS stops a transaction from afar, and takes its end.

    Given   a transaction of a booted station
    when    the CSMS is made to stop it, and the station does so
    then    RequestStopTransaction names the transaction, and its last event, of reason RemoteStop, is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
    station.answers["RequestStopTransaction"] = {"status": "Accepted"}
    sent = await csms.sends("RequestStopTransaction", {"transactionId": name})
    check.that(sent, members("transactionId"), equals({"transactionId": name}))
    ended = await station.event("Ended", "RemoteStop", 1, name, info={"stoppedReason": "Remote"})
    check.that(ended.outcome, outcome, equals("answered"), requirement="TC_E_21_CSMS")


@test_case(
    "TC_CSMS_RemoteControl_003",
    covers=("TC_F_02_CSMS", "E01.FR.12"),
    pics=_REMOTE,
    needs="send_request",
    detects=("csms-refuses-tokens", "csms-judges-no-event-tokens", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_the_token_of_a_remote_start_is_accepted(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS accepts the token of its own remote start, where a station asks for it, and in the events.

    Given   a booted station that authorises remote starts (AuthorizeRemoteStart)
    when    the CSMS is made to start a transaction, the station asks for the token, and begins it
    then    both answers accept the token
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    sent = await csms.sends("RequestStartTransaction", start(csms, 72))
    check.that(sent, came, equals("RequestStartTransaction"), requirement="OCPP:ask-as-told")
    asked = await station.call("Authorize", {"idToken": csms.token})
    check.that(asked.outcome, status, equals("Accepted"), advice="The CSMS itself sent this token.")
    info = {"remoteStartId": 72}
    begun = await station.event(
        "Started", "RemoteStart", 0, station.new_transaction(), evse=1, idToken=csms.token, info=info
    )
    check.that(begun.outcome, status, equals("Accepted"), requirement="E01.FR.12")


@test_case(
    "TC_CSMS_RemoteControl_004",
    covers=("TC_F_04_CSMS", "OCPP:every-call-is-answered"),
    pics=_REMOTE,
    needs="send_request",
    detects=("csms-knows-few-reasons", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_nobody_plugs_in_after_a_remote_start(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the end of a remote start after which nobody plugged in.

    Given   a booted station that has begun a transaction by remote start
    when    the time to plug in is over, and the station ends it
    then    begin and end, of reason EVConnectTimeout, are answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    await csms.sends("RequestStartTransaction", start(csms, 73))
    name, info = station.new_transaction(), {"remoteStartId": 73}
    begun = await station.event("Started", "RemoteStart", 0, name, evse=1, idToken=csms.token, info=info)
    check.that(begun.outcome, outcome, equals("Accepted"))
    ended = await station.event("Ended", "EVConnectTimeout", 1, name, info={"stoppedReason": "Timeout"})
    check.that(ended.outcome, outcome, equals("answered"), requirement="TC_F_04_CSMS", advice="Take this end too.")


@test_case(
    "TC_CSMS_RemoteControl_005",
    covers=("A02.FR.25", "A02.FR.11", "TC_A_11_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.OCPP_21,
    needs="send_request",
    detects=("csms-loses-request-id", "csms-rubber-stamp", "csms-triggers-heartbeats"),
    lasts=20.0,
)
async def test_a_triggered_certificate_keeps_its_request_id(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS triggers a certificate request, and sends the certificate with the requestId of it.

    Given   a booted station
    when    the CSMS is made to trigger SignChargingStationCertificate, and the station sends its request with a requestId
    then    that is Accepted, and the CertificateSigned that follows carries the same requestId
    """
    await station.power_up(within=csms.pixit.boot_time)
    begin = len(station.trace)
    wanted = {"requestedMessage": "SignChargingStationCertificate"}
    sent = await csms.sends("TriggerMessage", wanted)
    check.that(sent, members("requestedMessage"), equals(wanted), requirement="OCPP:ask-as-told")
    told = await station.expect("CertificateSigned", within=2 * csms.pixit.reaction_time)
    asked = station.trace[begin:].sent_by("station").where(lambda seen: came(seen) == "SignCertificate").last
    number = None if asked is None else asked.message.payload.get("requestId")
    check.that(
        told, members("requestId"), equals({"requestId": number}), advice="Echo requestId: a station drops others."
    )


@test_case(
    "TC_CSMS_RemoteControl_006",
    covers=("TC_F_01_CSMS", "OCPP:ask-as-told"),
    pics=CSMS.REMOTE_START & CSMS.OCPP_201,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-judges-no-event-tokens"),
    lasts=10.0,
)
async def test_a_station_of_2_0_1_is_started(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS starts a transaction of a 2.0.1 station, with a token that it then accepts in the events.

    Given   a booted station that speaks OCPP 2.0.1, with an EV at its plug
    when    the CSMS is made to start a transaction remotely
    then    the request names token, EVSE and remoteStartId, and the event with the token is answered with Accepted
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.plug_in_ev("charge_only")
    sent = await csms.sends("RequestStartTransaction", start(csms, 74))
    check.that(sent, members("remoteStartId", "evseId", "idToken"), equals(start(csms, 74)))
    told = await station.answered("TransactionEvent", within=csms.pixit.answer_time, idToken=csms.token["idToken"])
    check.that(told, status, equals("Accepted"), requirement="E01.FR.12")
