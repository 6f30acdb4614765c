"""What a party still has to send: one request at a time, in order, again after failures, over outages."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.ocpp.outbox import Outbox, QueuePolicy, message_ids
from harness.ocppj.frame import Call, CallError, CallResult, Send


def outbox(online: bool = True, **policy: Any) -> Outbox:
    made = Outbox("2.1", message_ids("t"), QueuePolicy(**policy))
    if online:
        made.connected()
    return made


def sent(box: Outbox, now: float) -> Call:
    frame = box.next(now)
    assert isinstance(frame, Call)
    return frame


def event(box: Outbox, number: int, now: float = 0.0) -> None:
    assert box.put("TransactionEvent", {"seqNo": number}, now, transactional=True)


def test_one_request_at_a_time_in_order() -> None:
    box = outbox()
    box.put("Heartbeat", {}, 0.0)
    box.put("MeterValues", {"evseId": 1}, 0.0)
    first = sent(box, 0.0)
    assert first.action == "Heartbeat"
    assert box.next(0.0) is None
    settled = box.settle(CallResult(first.message_id), 1.0)
    assert settled is not None
    assert (settled.item.action, settled.again) == ("Heartbeat", False)
    assert sent(box, 1.0).action == "MeterValues"


def test_a_send_does_not_wait_and_makes_nobody_wait() -> None:
    box = outbox()
    box.put("Heartbeat", {}, 0.0)
    box.put("NotifyPeriodicEventStream", {"id": 1}, 0.0)
    heartbeat = sent(box, 0.0)
    assert isinstance(box.next(0.0), Send)
    assert box.in_flight is not None
    assert box.in_flight.message_id == heartbeat.message_id


def test_offline_only_what_is_about_transactions_is_kept() -> None:
    box = outbox(online=False)
    assert box.put("Heartbeat", {}, 0.0) is None
    event(box, 0)
    assert box.next(0.0) is None
    box.connected()
    assert sent(box, 9.0).payload == {"seqNo": 0}


def test_offline_everything_is_kept_if_so_configured() -> None:
    box = outbox(online=False, queue_all=True)
    assert box.put("Heartbeat", {}, 0.0) is not None
    box.connected()
    assert sent(box, 1.0).action == "Heartbeat"


def test_what_was_in_flight_when_the_connection_broke_goes_first_afterwards() -> None:
    box = outbox()
    event(box, 0)
    event(box, 1)
    sent(box, 0.0)
    assert box.disconnected() == ()
    box.connected()
    assert sent(box, 60.0).payload == {"seqNo": 0}


def test_a_broken_connection_loses_what_is_not_queued() -> None:
    box = outbox()
    box.put("Heartbeat", {}, 0.0)
    event(box, 0)
    sent(box, 0.0)
    assert [item.action for item in box.disconnected()] == ["Heartbeat"]
    assert len(box) == 1


def test_a_refused_transaction_event_is_tried_again_after_growing_waits_and_then_dropped() -> None:
    box = outbox(attempts=3, interval=60.0)
    event(box, 0)
    now, waits = 0.0, []
    for _attempt in range(3):
        frame = sent(box, now)
        settled = box.settle(CallError(frame.message_id, "InternalError"), now)
        assert settled is not None
        if settled.again:
            assert box.deadline is not None
            waits.append(box.deadline - now)
            assert box.next(box.deadline - 0.1) is None
            now = box.deadline
    assert waits == [60.0, 120.0]
    assert not settled.again
    assert len(box) == 0


def test_a_timeout_counts_like_a_refusal() -> None:
    box = outbox(timeout=30.0, interval=10.0)
    event(box, 0)
    sent(box, 0.0)
    assert box.deadline == 30.0
    assert box.expire(29.9) is None
    settled = box.expire(30.0)
    assert settled is not None
    assert (settled.answer, settled.again) == (None, True)
    assert box.deadline == 40.0


def test_other_messages_are_not_tried_again() -> None:
    box = outbox()
    box.put("Heartbeat", {}, 0.0)
    sent(box, 0.0)
    settled = box.expire(30.0)
    assert settled is not None
    assert not settled.again
    assert len(box) == 0


def test_no_transaction_event_overtakes_one_that_waits_for_its_retry_but_others_do() -> None:
    box = outbox(interval=60.0)
    event(box, 0)
    event(box, 1)
    box.put("Heartbeat", {}, 0.0)
    box.settle(CallError(sent(box, 0.0).message_id, "InternalError"), 0.0)
    heartbeat = sent(box, 1.0)
    assert heartbeat.action == "Heartbeat"
    box.settle(CallResult(heartbeat.message_id), 1.0)
    assert box.next(1.0) is None
    assert sent(box, 60.0).payload == {"seqNo": 0}


def test_a_retry_has_a_new_id_unless_ids_are_reused() -> None:
    for reuse in (False, True):
        box = outbox(interval=1.0, reuse_ids=reuse)
        event(box, 0)
        first = sent(box, 0.0)
        box.settle(CallError(first.message_id, "InternalError"), 0.0)
        assert (sent(box, 1.0).message_id == first.message_id) is reuse


def test_late_and_unknown_answers_settle_nothing() -> None:
    box = outbox()
    box.put("Heartbeat", {}, 0.0)
    late = sent(box, 0.0)
    box.expire(30.0)
    box.put("MeterValues", {}, 30.0)
    sent(box, 30.0)
    assert box.settle(CallResult(late.message_id), 31.0) is None
    assert box.settle(CallResult("?"), 31.0) is None
    assert box.in_flight is not None
    assert box.in_flight.action == "MeterValues"


def test_the_gate_lets_only_the_boot_through() -> None:
    box = outbox()
    event(box, 0)
    box.gate = frozenset({"BootNotification"})
    assert box.next(0.0) is None
    assert box.deadline is None
    box.put("BootNotification", {}, 0.0)
    boot = sent(box, 0.0)
    assert boot.action == "BootNotification"
    box.settle(CallResult(boot.message_id), 1.0)
    box.gate = None
    assert sent(box, 1.0).action == "TransactionEvent"


def test_a_full_outbox_takes_nothing_more() -> None:
    box = outbox(capacity=2)
    event(box, 0)
    event(box, 1)
    assert box.put("TransactionEvent", {}, 0.0, transactional=True) is None


def test_message_ids_are_short_enough_and_never_repeat() -> None:
    ids = message_ids("x" * 60)
    many = [next(ids) for _ in range(1000)]
    assert len(set(many)) == 1000
    assert max(map(len, many)) <= 36


@given(st.lists(st.sampled_from(["put", "next", "ok", "error", "wait", "cut", "join"]), max_size=60))
def test_transaction_events_arrive_in_order_whatever_happens(steps: list[str]) -> None:
    box, now, put, accepted = outbox(attempts=1000, interval=1.0), 0.0, 0, []
    for step in [*steps, "join", *["ok", "wait", "next"] * (len(steps) + 1)]:
        flying = box.in_flight
        if step == "put":
            event(box, put, now)
            put += 1
        elif step == "next":
            box.next(now)
        elif step in ("ok", "error") and flying is not None:
            ok = step == "ok"
            box.settle(CallResult(flying.message_id) if ok else CallError(flying.message_id, "InternalError"), now)
            if ok:
                accepted.append(flying.payload["seqNo"])
        elif step == "wait":
            now += 5000.0
            box.expire(now)
        elif step == "cut":
            box.disconnected()
        elif step == "join":
            box.connected()
    assert accepted == sorted(accepted)
    assert len(set(accepted)) == len(accepted)
