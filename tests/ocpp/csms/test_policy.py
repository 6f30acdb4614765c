"""A case replaces single decisions: what is answered, how late, how often."""

from __future__ import annotations

from harness.ocpp.csms.policy import CsmsPolicy, Manner
from harness.ocpp.csms.visit import Refusal
from tests.ocpp.csms.desk import TOKEN, Desk


def test_single_members_of_an_answer_are_replaced_or_left_out() -> None:
    desk = Desk(
        policy=CsmsPolicy().answering("Authorize", idTokenInfo={"status": "Blocked"}, allowedEnergyTransfer=None)
    )
    assert desk.ask("Authorize", {"idToken": TOKEN}) == {"idTokenInfo": {"status": "Blocked"}}


def test_a_whole_payload_is_replaced_also_by_a_wrong_one() -> None:
    desk = Desk(policy=CsmsPolicy().manner("Heartbeat", payload={"time": 1}))
    assert desk.give("Heartbeat").answer.payload == {"time": 1}


def test_a_call_error_means_that_the_request_was_not_taken() -> None:
    desk = Desk(policy=CsmsPolicy().refusing("TransactionEvent", "GenericError", first=1))
    event = {"eventType": "Started", "seqNo": 0, "timestamp": "2026-03-01T12:00:00Z", "triggerReason": "Authorized"}
    event["transactionInfo"] = {"transactionId": "t1"}
    assert desk.refused("TransactionEvent", event) == Refusal("GenericError")
    assert not desk.station.transactions
    assert desk.ask("TransactionEvent", event) == {}
    assert list(desk.station.transactions) == ["t1"]


def test_answers_come_late_twice_or_never_for_as_many_requests_as_said() -> None:
    policy = CsmsPolicy().manner("Heartbeat", delay=5.0, times=2, first=1)
    desk = Desk(policy=policy)
    first, second = desk.give("Heartbeat"), desk.give("Heartbeat")
    assert (first.delay, first.times) == (5.0, 2)
    assert (second.delay, second.times) == (0.0, 1)
    desk.policy = policy.silent_on("Heartbeat")
    assert desk.give("Heartbeat").times == 0
    desk.policy = desk.policy.ordinarily("Heartbeat")
    assert desk.give("Heartbeat").times == 1


def test_a_new_manner_counts_anew() -> None:
    desk = Desk(policy=CsmsPolicy().manner("Heartbeat", Manner(delay=1.0, first=1)))
    assert [desk.give("Heartbeat").delay for _ in range(2)] == [1.0, 0.0]
    desk.policy = desk.policy.manner("Heartbeat", Manner(delay=2.0, first=1))
    assert [desk.give("Heartbeat").delay for _ in range(2)] == [2.0, 0.0]
