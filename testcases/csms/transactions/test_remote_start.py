"""Remote start and stop, seen from a station (OCPP 2.x block F)."""

from harness.ocpp.readings import reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case


@test_case(
    "TC_CSMS_RemoteStart_001",
    covers=("TC_F_01_CSMS",),
    pics=CSMS.REMOTE_START & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-judges-no-event-tokens", "csms-mute-events", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_remote_start_is_asked_for_and_followed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS starts a transaction with a token that it then accepts in the events.

    Given   a booted station with an EV at its plug
    when    the CSMS is made to start a transaction remotely
    then    the request names the token, and the event that begins the transaction is answered with a status for it
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.plug_in_ev()
    await csms.ask_for("RequestStartTransaction", {"remoteStartId": 7, "evseId": 1, "idToken": csms.token})
    asked = await station.expect("RequestStartTransaction", within=csms.pixit.reaction_time)
    check.that(asked, reading("idToken"), equals(csms.token))
    told = await station.answered("TransactionEvent", within=csms.pixit.answer_time, idToken=csms.token["idToken"])
    check.that(told, reading("idTokenInfo.status"), equals("Accepted"), requirement="E01.FR.12")
