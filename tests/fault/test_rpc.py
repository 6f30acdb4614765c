"""What a party with a fault in its conversations hears and says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from harness.fault.fault import Fault
from harness.fault.rpc import (
    AcceptsOnce,
    AnswersSends,
    AsksNothing,
    ChargesRepeats,
    Chokes,
    FollowsOrder,
    GoesDeaf,
    KnowsTransactions,
    OneSided,
    Sulks,
    TiresOfWaiting,
    WaitsForEver,
)
from harness.link.virtual import VirtualTimeLoop
from harness.ocppj.frame import Call, CallError, CallResult, Send


def heard(fault: Fault, *messages: Any) -> list[str]:
    """What the faulty side hears of these: the ids that come through, and a ! where the request is another than was sent."""
    return [
        each.message_id + ("" if each == message else "!")
        for message in messages
        for each in fault.on_message(message, "in")
    ]


def said(fault: Fault, *messages: Any) -> Sequence[Any]:
    return [each for message in messages for each in fault.on_message(message, "out")]


def event(id: str, kind: str, number: int, name: str = "A") -> Call:
    info = {"transactionId": name}
    return Call(id, "TransactionEvent", {"eventType": kind, "seqNo": number, "transactionInfo": info})


def test_who_chokes_takes_the_one_thing_for_unknown() -> None:
    fault = Chokes("custom data", lambda message: "customData" in message.payload)
    assert heard(fault, Call("1", "Heartbeat"), Call("2", "Heartbeat", {"customData": {}})) == ["1", "2!"]


def test_who_goes_deaf_hears_what_made_it_so_and_nothing_after() -> None:
    fault = GoesDeaf("after a refusal", lambda message: isinstance(message, CallError)).armed()
    assert heard(fault, Call("1", "Heartbeat"), CallError("2", "InternalError"), Call("3", "Heartbeat")) == ["1", "2"]
    assert said(fault, CallResult("1")) == [CallResult("1")]


def test_who_tires_hears_nothing_after_a_long_silence() -> None:
    async def run() -> list[str]:
        fault = TiresOfWaiting(20.0).armed()
        first = heard(fault, Call("1", "Heartbeat"))
        await asyncio.sleep(19.0)
        second = heard(fault, Call("2", "Heartbeat"))
        await asyncio.sleep(21.0)
        return first + second + heard(fault, Call("3", "Heartbeat"))

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(run()) == ["1", "2"]


def test_who_sulks_asks_nothing_after_a_refusal_and_goes_on_answering() -> None:
    fault = Sulks().armed()
    heard(fault, CallError("7", "InternalError"))
    assert said(fault, Call("8", "ClearCache"), CallResult("9")) == [CallResult("9")]


def test_who_waits_for_ever_asks_again_after_an_answer_only() -> None:
    fault = WaitsForEver().armed()
    first, second = Call("1", "ClearCache"), Call("2", "ClearCache")
    assert said(fault, first, second) == [first]
    heard(fault, CallResult("1"))
    assert said(fault, second) == [second]


def test_who_is_one_sided_answers_when_its_own_request_is_answered() -> None:
    fault = OneSided().armed()
    said(fault, Call("1", "ClearCache"))
    assert said(fault, CallResult("5")) == []
    heard(fault, CallResult("1"))
    assert said(fault, CallResult("5")) == [CallResult("5")]


def test_who_asks_nothing_answers_still() -> None:
    assert said(AsksNothing(), Call("1", "Reset"), CallResult("2")) == [CallResult("2")]
    assert said(AsksNothing("Reset"), Call("1", "ClearCache")) == [Call("1", "ClearCache")]


def test_a_send_is_answered_along_with_the_next_request() -> None:
    fault = AnswersSends().armed()
    heard(fault, Send("1", "NotifyPeriodicEventStream"))
    assert [each.message_id for each in said(fault, CallResult("2"), CallResult("3"))] == ["2", "1", "3"]


def test_who_follows_order_refuses_gaps_and_repetitions_of_each_transaction() -> None:
    fault = FollowsOrder("TransactionEvent", lambda payload: payload["transactionInfo"]["transactionId"]).armed()
    told = [event("1", "Started", 0), event("2", "Updated", 2), event("3", "Updated", 1), event("4", "Updated", 1)]
    assert heard(fault, *told, event("5", "Started", 0, "B")) == ["1", "2!", "3", "4!", "5"]


def test_who_knows_transactions_refuses_those_without_a_start() -> None:
    fault = KnowsTransactions().armed()
    assert heard(fault, event("1", "Ended", 3), event("2", "Started", 0, "B"), event("3", "Ended", 1, "B")) == [
        "1!",
        "2",
        "3",
    ]


def test_repetitions_are_charged() -> None:
    fault = ChargesRepeats().armed()
    heard(fault, event("1", "Started", 0), event("2", "Started", 0), event("3", "Ended", 1))
    (told,) = said(fault, CallResult("3", {"totalCost": 3.0}, "TransactionEvent"))
    assert told.payload == {"totalCost": 6.0}


def test_the_second_boot_is_rejected() -> None:
    fault = AcceptsOnce().armed()
    boots = [CallResult(id, {"status": "Accepted"}, "BootNotification") for id in ("1", "2")]
    assert [each.payload["status"] for each in said(fault, *boots)] == ["Accepted", "Rejected"]
