"""How a CSMS asks: one request at a time (OCPP-J)."""

from harness.ocpp.readings import came
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case


@test_case(
    "TC_CSMS_Messages_001",
    covers="OCPP:one-call",
    pics=CSMS.REMOTE_START & (CSMS.OCPP_21 | CSMS.OCPP_201),
    needs="send_request",
    detects=("csms-asks-twice", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_an_unanswered_request_is_waited_for(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS waits for the answer to a request before it sends the next.

    Given   a booted station that takes its time to answer RequestStartTransaction
    when    the CSMS is made to send that request
    then    the request comes once, and nothing else comes within the next second
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["RequestStartTransaction"] = None
    await csms.ask_for("RequestStartTransaction", {"remoteStartId": 7, "evseId": 1, "idToken": csms.token})
    asked = await station.expect("RequestStartTransaction", within=csms.pixit.reaction_time)
    check.that(asked, came, equals("RequestStartTransaction"))
    again = await station.expect("RequestStartTransaction", within=1.0)
    check.that(again, came, equals("Silence"), advice="Queue requests per station until the answer is there.")
