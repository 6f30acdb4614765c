"""The messages that a CSMS has a station show (OCPP 2.x, block O)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, near, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
DAY = 86_400.0


def message(number: int, text: str, **more: Any) -> dict[str, Any]:
    """A MessageInfo in plain text."""
    return {"id": number, "priority": "NormalCycle", "message": {"format": "UTF8", "content": text}, **more}


@test_case(
    "TC_CSMS_Display_001",
    covers=("TC_O_01_CSMS", "TC_O_14_CSMS", "TC_O_25_CSMS"),
    pics=CSMS.DISPLAY & ANY_2,
    needs="send_request",
    detects=("csms-in-front", "csms-shows-for-ever", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_message_is_shown_as_it_was_meant(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a message with its text, priority, state, and the time at which it ends.

    Given   a booted station
    when    the CSMS is made to show a message in turn with others, while the station charges, until a certain time
    then    SetDisplayMessage carries text, priority, state and end
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDisplayMessage"] = {"status": "Accepted"}
    wanted = message(31, "Thank you", state="Charging", endDateTime=station.time_stamp(in_seconds=DAY))
    sent = await csms.sends("SetDisplayMessage", {"message": wanted})
    check.that(sent, reading("message.message.content"), equals("Thank you"))
    check.that(sent, reading("message.priority"), equals("NormalCycle"), advice="Other messages would never be seen.")
    check.that(sent, reading("message.state"), equals("Charging"), requirement="TC_O_25_CSMS")
    until = near(DAY, "s", tolerance=60.0)
    check.that(sent, station.error_of("message.endDateTime"), until, requirement="TC_O_14_CSMS")


@test_case(
    "TC_CSMS_Display_002",
    covers=("TC_O_02_CSMS", "TC_O_08_CSMS", "TC_O_04_CSMS"),
    pics=CSMS.DISPLAY & ANY_2,
    needs="send_request",
    detects=("csms-mute-displays", "csms-clears-other-message", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_messages_are_listed_and_cleared(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the list of messages in all its parts, and clears the one that is meant.

    Given   a station with two messages
    when    the CSMS is made to ask for those of a priority, the station tells them in two parts, and the CSMS is made to
            clear the first
    then    both parts are answered, and ClearDisplayMessage names the first
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"GetDisplayMessages": {"status": "Accepted"}, "ClearDisplayMessage": {"status": "Accepted"}}
    sent = await csms.sends("GetDisplayMessages", {"requestId": 74, "priority": "NormalCycle"})
    check.that(sent, reading("priority"), equals("NormalCycle"), requirement="TC_O_08_CSMS")
    number = reading("requestId")(sent) or 74
    parts = [{"requestId": number, "messageInfo": [message(each, f"message {each}")]} for each in (32, 33)]
    for told in await station.tell_parts("NotifyDisplayMessages", parts):
        check.that(told.outcome, outcome, equals("answered"))
    cleared = await csms.sends("ClearDisplayMessage", {"id": 32})
    check.that(cleared, reading("id"), equals(32), requirement="TC_O_04_CSMS")


@test_case(
    "TC_CSMS_Display_003",
    covers=("TC_O_05_CSMS", "TC_O_17_CSMS", "TC_O_26_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.DISPLAY & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_messages_that_the_station_cannot_show_do_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station refuses a message, or does not know the one that it should clear.

    Given   a station that answers SetDisplayMessage with Rejected, and ClearDisplayMessage with Unknown
    when    the CSMS is made to send both
    then    both requests come, and after each the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"SetDisplayMessage": {"status": "Rejected"}, "ClearDisplayMessage": {"status": "Unknown"}}
    sent = await csms.sends("SetDisplayMessage", {"message": message(34, "Hello")})
    check.that(sent, reading("message.message.content"), equals("Hello"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
    cleared = await csms.sends("ClearDisplayMessage", {"id": 34})
    check.that(cleared, reading("id"), equals(34))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Display_004",
    covers=("TC_O_06_CSMS", "TC_O_28_CSMS"),
    pics=CSMS.DISPLAY & ANY_2,
    needs="send_request",
    detects=("csms-shows-to-everybody", "csms-in-front"),
    lasts=15.0,
)
async def test_a_message_for_one_driver_names_the_transaction(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS names the transaction that a message is for.

    Given   a running transaction
    when    the CSMS is made to show a message for it
    then    SetDisplayMessage carries its transactionId
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDisplayMessage"] = {"status": "Accepted"}
    transaction = await station.begin_transaction(csms.token)
    wanted = message(35, "Your car is half full", transactionId=transaction)
    sent = await csms.sends("SetDisplayMessage", {"message": wanted})
    check.that(sent, reading("message.transactionId"), equals(transaction), advice="Others would read it too.")
    check.that(sent, reading("message.priority"), equals("NormalCycle"))
