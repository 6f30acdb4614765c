"""Messages on the display: set, listed, replaced, cleared, and gone when their time is over (OCPP 2.x block O)."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.ocpp.readings import outcome, request
from harness.vocabulary import STATION, Check, Csms, NotTestable, StationUnderTest, Trace, differs, equals, test_case

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.DISPLAY
_KEPT = "Keep the message until it is cleared, replaced, or over."
_MINE = "Answer with the messages that the request names, and no others."


def listed(seen: Trace) -> dict[int, Mapping[str, Any]]:
    """The messages that the station told of, by their ids."""
    told = [request(one, "NotifyDisplayMessages") for one in seen.sent_by("station")]
    return {message["id"]: message for part in told if part is not None for message in part.get("messageInfo", ())}


async def ask(csms: Csms, station: StationUnderTest, **wanted: Any) -> tuple[str, dict[int, Mapping[str, Any]]]:
    """GetDisplayMessages; what it was answered with, and the messages that followed."""
    mark = len(station.seen)
    number = csms.system.new_request_id()
    sent = await csms.call("GetDisplayMessages", {"requestId": number, **wanted})
    await station.watch(station.pixit.reaction_time)
    return outcome(sent.outcome), listed(station.seen.after(mark))


async def clean_up(csms: Csms, numbers: Sequence[int]) -> None:
    """The display is left as it was found."""
    for number in numbers:
        await csms.call("ClearDisplayMessage", {"id": number})


@test_case(
    "TC_STATION_Display_001",
    covers=("TC_O_01_CS", "TC_O_02_CS", "TC_O_37_CS"),
    pics=_PICS,
    detects=("station-ignores-display-messages", "station-lists-no-messages", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_message_is_kept_and_listed(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps a message for its display, and lists it.

    Given   a station with a display
    when    the CSMS sets a message, and asks for all messages
    then    it is accepted, and the list has the message with its text
    """
    await station.ready()
    sent = await csms.show(8101, "Welcome to the test bench")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Plain UTF-8 text, NormalCycle; see the statusInfo.")
    answered, messages = await ask(csms, station)
    check.holds(answered == "Accepted", expected="Accepted", actual=answered, requirement="TC_O_02_CS")
    text = messages.get(8101, {}).get("message", {}).get("content")
    wanted = "the message with its text in NotifyDisplayMessages"
    said = str(text or f"messages {sorted(messages)}")
    check.holds(text == "Welcome to the test bench", expected=wanted, actual=said, advice=_KEPT)
    await clean_up(csms, [8101])


@test_case(
    "TC_STATION_Display_002",
    covers=("TC_O_04_CS", "TC_O_33_CS"),
    pics=_PICS,
    detects=("station-ignores-clearing-messages", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_cleared_message_is_gone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets a message that is cleared.

    Given   a message that was accepted
    when    the CSMS clears it, and asks for it by its id
    then    clearing is accepted, and the station knows no such message
    """
    await station.ready()
    await csms.show(8102, "To be cleared")
    sent = await csms.call("ClearDisplayMessage", {"id": 8102})
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The message was accepted under that id.")
    answered, _ = await ask(csms, station, id=[8102])
    check.holds(answered == "Unknown", expected="Unknown", actual=answered, requirement="TC_O_33_CS", advice=_MINE)


@test_case(
    "TC_STATION_Display_003",
    covers=("TC_O_05_CS",),
    pics=_PICS,
    detects=("station-ignores-clearing-messages", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_an_unknown_message_is_not_cleared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says that it has no message of the id that it is to clear.

    Given   a station without a message of that id
    when    the CSMS clears it
    then    the answer is Unknown
    """
    await station.ready()
    sent = await csms.call("ClearDisplayMessage", {"id": 8199})
    check.that(sent.outcome, outcome, equals("Unknown"), advice="Look the id up.")


@test_case(
    "TC_STATION_Display_004",
    covers=("TC_O_12_CS",),
    pics=_PICS,
    detects=("station-ignores-display-messages", "station-lists-no-messages", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_message_is_replaced_by_its_id(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station replaces a message by another one of the same id.

    Given   a message that was accepted
    when    the CSMS sets another text under the same id, and asks for it
    then    it is accepted, and the list has the new text alone
    """
    await station.ready()
    await csms.show(8103, "Old text")
    sent = await csms.show(8103, "New text")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The same id replaces what was there.")
    _, messages = await ask(csms, station, id=[8103])
    texts = [message["message"]["content"] for message in messages.values()]
    check.holds(texts == ["New text"], expected="the new text alone", actual=str(texts), advice=_KEPT)
    await clean_up(csms, [8103])


@test_case(
    "TC_STATION_Display_005",
    covers=("TC_O_10_CS",),
    pics=_PICS,
    detects=("station-messages-for-all", "station-ignores-display-messages", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_a_message_needs_its_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a message for a transaction that it does not know.

    Given   a station without transactions
    when    the CSMS sets a message for a transaction
    then    the answer is UnknownTransaction
    """
    await station.ready()
    sent = await csms.show(8104, "For nobody", transactionId="tester-unknown-transaction")
    check.that(sent.outcome, outcome, equals("UnknownTransaction"), advice="Look the transaction up.")


@test_case(
    "TC_STATION_Display_006",
    covers=("TC_O_06_CS",),
    pics=_PICS & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-messages-for-all", "station-ignores-display-messages", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_message_ends_with_its_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets the message of a transaction when that ends.

    Given   a transaction with a message of its own, which the station lists
    when    the CSMS stops the transaction, and asks for the message
    then    the station knows no such message
    """
    await station.ready()
    running = await station.charging()
    sent = await csms.show(8105, "Thank you for charging", transactionId=running.transaction_id)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The transaction is running.")
    _, messages = await ask(csms, station, id=[8105])
    named = messages.get(8105, {}).get("transactionId")
    same = named == running.transaction_id
    check.holds(same, expected="the message with its transactionId", actual=str(named), advice="Keep transactionId.")
    await csms.stop_transaction(running)
    await station.watch(station.pixit.reaction_time)
    answered, _ = await ask(csms, station, id=[8105])
    advice = "Remove the messages of a transaction when it ends."
    check.holds(answered == "Unknown", expected="Unknown", actual=answered, advice=advice)


@test_case(
    "TC_STATION_Display_007",
    covers=("TC_O_14_CS",),
    pics=_PICS,
    detects=("station-endless-messages", "station-ignores-display-messages", "station-rubber-stamp"),
    lasts=25.0,
)
async def test_a_message_ends_at_its_time(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station removes a message at its endDateTime.

    Given   a message with an endDateTime in 15 s, which the station lists
    when    that time is over, and the CSMS asks for the message
    then    the station knows no such message
    """
    await station.ready()
    await csms.show(8106, "Soon over", lasting=15.0)
    answered, messages = await ask(csms, station, id=[8106])
    there = 8106 in messages
    check.holds(there, expected="the message before its end", actual=answered, advice="It is not over yet.")
    await station.watch(15.0 + station.pixit.reaction_time)
    answered, _ = await ask(csms, station, id=[8106])
    check.holds(answered == "Unknown", expected="Unknown", actual=answered, advice="Remove it at endDateTime.")


@test_case(
    "TC_STATION_Display_008",
    covers=("TC_O_07_CS", "TC_O_08_CS", "TC_O_35_CS"),
    pics=_PICS,
    detects=("station-lists-all-messages", "station-lists-no-messages", "station-rubber-stamp"),
    lasts=8.0,
)
async def test_messages_are_listed_by_id_and_priority(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lists the messages that a request names by id or priority, and no others.

    Given   a message of priority NormalCycle and one of priority InFront
    when    the CSMS asks for the one by its id, for the other by its priority, and for the first with a wrong priority
    then    each list has that one alone, and the last question is answered with Unknown
    """
    await station.ready()
    await csms.show(8107, "Cycling")
    await csms.show(8108, "In front", priority="InFront")
    _, by_id = await ask(csms, station, id=[8107])
    check.holds(sorted(by_id) == [8107], expected="message 8107 alone", actual=str(sorted(by_id)), advice=_MINE)
    _, in_front = await ask(csms, station, priority="InFront")
    right = 8108 in in_front and 8107 not in in_front
    check.holds(
        right, expected="8108 and not 8107", actual=str(sorted(in_front)), requirement="TC_O_08_CS", advice=_MINE
    )
    answered, _ = await ask(csms, station, id=[8107], priority="InFront")
    check.holds(answered == "Unknown", expected="Unknown", actual=answered, requirement="TC_O_35_CS", advice=_MINE)
    await clean_up(csms, [8107, 8108])


@test_case(
    "TC_STATION_Display_009",
    covers=("TC_O_20_CS",),
    pics=_PICS,
    detects=("station-ignores-display-messages", "station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_message_survives_a_reboot(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its messages over a reboot.

    Given   a message that was accepted
    when    the CSMS resets the station, and asks for the message after the boot
    then    the list has the message
    """
    await station.ready()
    await csms.show(8109, "Still here")
    await csms.reset("Immediate")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(booted, request, differs(None), advice="The station accepts a reset while it is idle.")
    await station.watch(station.pixit.reaction_time + 1.0)
    _, messages = await ask(csms, station, id=[8109])
    check.holds(
        8109 in messages,
        expected="message 8109",
        actual=str(sorted(messages)),
        advice="Keep it where a reboot leaves it.",
    )
    await clean_up(csms, [8109])


@test_case(
    "TC_STATION_Display_010",
    covers=("TC_O_19_CS",),
    pics=_PICS,
    detects=("station-shows-blindly", "station-ignores-display-messages", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_format_that_cannot_be_shown_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a message in a format that it does not list as supported.

    Given   a station that lists its formats in DisplayMessageCtrlr.SupportedFormats
    when    the CSMS sets a message in a format that is not among them
    then    the answer is NotSupportedMessageFormat
    """
    await station.ready()
    known = (await csms.get_variable("DisplayMessageCtrlr", "SupportedFormats") or "").split(",")
    foreign = next((each for each in ("URI", "HTML", "ASCII", "UTF8") if each not in known), "")
    if not foreign:
        raise NotTestable("the station shows every format, so none can be refused")
    content = {"id": 8110, "priority": "NormalCycle", "message": {"format": foreign, "content": "http://example.com"}}
    sent = await csms.call("SetDisplayMessage", {"message": content})
    check.that(sent.outcome, outcome, equals("NotSupportedMessageFormat"), advice="Compare with SupportedFormats.")
