"""Transactions of OCPP 1.6: StartTransaction, StopTransaction, and what is remote about them."""

from harness.ocpp.readings import came, members, outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, satisfies, still_serves, test_case

TAKEN = satisfies("an answer that is no CALLERROR", lambda said: said in ("answered", "Accepted", "Invalid"))


def start(csms: CsmsUnderTest, station: TesterStation, ago: float, connector: int = 1) -> dict[str, object]:
    """A StartTransaction of the known tag."""
    tag = csms.token["idToken"]
    return {"connectorId": connector, "idTag": tag, "meterStart": 1000, "timestamp": station.stamp(ago)}


@test_case(
    "TC_CSMS_Transactions16_001",
    covers=("OCPP:transaction-ids", "OCPP:id-tags"),
    pics=CSMS.OCPP_16,
    detects=("csms-same-transaction-id", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_every_transaction_has_its_own_id(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS gives each transaction an id of its own, and takes its end.

    Given   a booted charge point
    when    it starts and stops three transactions, one after the other
    then    each start is Accepted with another transactionId, and each stop is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    given: list[object] = []
    for ago in (900.0, 600.0, 300.0):
        begun = await station.call("StartTransaction", start(csms, station, ago))
        check.that(begun.outcome, reading("idTagInfo.status"), equals("Accepted"), requirement="OCPP:id-tags")
        number = (begun.response or {}).get("transactionId")
        fresh = satisfies(
            "an id that no other transaction has", lambda said: isinstance(said, int) and said not in given
        )
        check.that(begun.outcome, reading("transactionId"), fresh, advice="Count on, over restarts too.")
        given.append(number)
        stop = {"transactionId": number or 0, "meterStop": 3000, "timestamp": station.stamp(ago - 200.0)}
        ended = await station.call("StopTransaction", {**stop, "idTag": csms.token["idToken"], "reason": "Local"})
        check.that(ended.outcome, outcome, TAKEN, advice="Answer the stop; idTagInfo may go with it.")


@test_case(
    "TC_CSMS_Transactions16_002",
    covers="OCPP:id-tags",
    pics=CSMS.OCPP_16,
    detects=("csms-accepts-unknown-tokens", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_an_unknown_tag_starts_nothing_paid(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS says of the unknown tag of a transaction that it is Invalid, and takes the end that follows.

    Given   a booted charge point that started a transaction offline
    when    it tells the start with an unknown tag, and the stop for DeAuthorized
    then    the start is answered with a transactionId and Invalid, and the stop is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    begun = await station.call(
        "StartTransaction", {**start(csms, station, 60.0), "idTag": csms.invalid_token["idToken"]}
    )
    check.that(begun.outcome, reading("idTagInfo.status"), equals("Invalid"), advice="Judge the tag of each start.")
    number = (begun.response or {}).get("transactionId", 0)
    stop = {"transactionId": number, "meterStop": 1000, "timestamp": station.stamp(), "reason": "DeAuthorized"}
    ended = await station.call("StopTransaction", stop)
    check.that(ended.outcome, outcome, equals("answered"), advice="A stop without idTag has an empty answer.")


@test_case(
    "TC_CSMS_Transactions16_003",
    covers=("OCPP:late-events", "OCPP:every-call-is-answered"),
    pics=CSMS.OCPP_16,
    detects="csms-refuses-unknown-stops",
    lasts=5.0,
)
async def test_a_stop_without_a_start_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the end of a transaction that it does not know, with its meter values.

    Given   a booted charge point whose StartTransaction was lost
    when    it stops a transaction with an id that nobody gave, and sends the stop again
    then    both are answered, and neither is refused
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    sample = {"value": "3000", "context": "Transaction.End", "unit": "Wh"}
    data = [{"timestamp": station.stamp(), "sampledValue": [sample]}]
    stop = {"transactionId": 987_654, "meterStop": 3000, "timestamp": station.stamp(), "transactionData": data}
    for _ in range(2):
        ended = await station.call("StopTransaction", {**stop, "reason": "PowerLoss"})
        check.that(ended.outcome, outcome, TAKEN, advice="A refused stop is sent again and again: answer, and flag it.")
    await still_serves(station, check, "an unknown stop")


@test_case(
    "TC_CSMS_Transactions16_004",
    covers=("OCPP:ask-as-told", "TC_F_01_CSMS"),
    pics=CSMS.OCPP_16 & CSMS.REMOTE_START,
    needs="send_request",
    detects=("csms-rubber-stamp", "csms-starts-another-connector"),
    lasts=10.0,
)
async def test_a_charge_point_is_started_and_stopped(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS starts and stops a transaction of a 1.6 charge point.

    Given   a booted charge point
    when    the CSMS is made to start a transaction at connector 1, and to stop the one that came of it
    then    RemoteStartTransaction names tag and connector, and RemoteStopTransaction the id that the CSMS gave
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers |= {name: {"status": "Accepted"} for name in ("RemoteStartTransaction", "RemoteStopTransaction")}
    wanted = {"idTag": csms.token["idToken"], "connectorId": 1}
    asked = await csms.sends("RemoteStartTransaction", wanted)
    check.that(asked, members("idTag", "connectorId"), equals(wanted))
    begun = await station.call("StartTransaction", start(csms, station, 0.0))
    number = (begun.response or {}).get("transactionId", 0)
    stopped = await csms.sends("RemoteStopTransaction", {"transactionId": number})
    check.that(stopped, members("transactionId"), equals({"transactionId": number}))
    check.that(stopped, came, equals("RemoteStopTransaction"))
