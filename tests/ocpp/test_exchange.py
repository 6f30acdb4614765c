"""Requests and answers of both parties: what each frame means, what is wrong with it, and with whom.

Where nothing else is said each claim is made for both parties, since an exchange does not know which of them we are.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ocpp.exchange import Heard, Meaning, RpcExchange
from harness.ocpp.violation import Kind
from harness.ocppj.actions import PARTIES, Party, other
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, Frame, FrameFault, Send, parse
from harness.ocppj.versions import Version

NOON = "2026-06-21T12:00:00Z"
VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")

both = pytest.mark.parametrize("sender", PARTIES)
every_version = pytest.mark.parametrize("version", VERSIONS)


def call(message_id: str = "1", text: str = "hello") -> Call:
    """A sound request that both parties may make, in every version."""
    return Call(message_id, "DataTransfer", {"vendorId": "acme", "data": text})


def result(message_id: str = "1") -> CallResult:
    return CallResult(message_id, {"status": "Accepted"})


def kinds(heard: Heard) -> list[Kind]:
    return [violation.kind for violation in heard.violations]


def asked(sender: Party, version: Version = "2.1", message_id: str = "1") -> RpcExchange:
    exchange = RpcExchange(version)
    assert exchange.observe(call(message_id), sender, 0.0).violations == ()
    return exchange


@both
@every_version
def test_a_request_waits_for_its_answer(sender: Party, version: Version) -> None:
    exchange = RpcExchange(version, timeout=30)
    heard = exchange.observe(call(), sender, 5.0)
    assert (heard.meaning, heard.violations) == (Meaning.REQUEST, ())
    assert heard.request is not None
    assert exchange.outstanding(sender) == heard.request
    assert exchange.outstanding(other(sender)) is None
    assert exchange.deadline == 35.0
    answer = exchange.observe(result(), other(sender), 6.0)
    assert (answer.meaning, answer.request, answer.violations) == (Meaning.ANSWER, heard.request, ())
    assert exchange.outstanding(sender) is None
    assert exchange.deadline is None


@both
def test_requests_of_both_parties_may_cross_even_with_the_same_id(sender: Party) -> None:
    exchange = asked(sender)
    assert exchange.observe(call(), other(sender), 0.1).violations == ()
    assert exchange.observe(result(), sender, 0.2).violations == ()
    assert exchange.observe(result(), other(sender), 0.3).violations == ()


@both
def test_a_second_request_before_the_answer_is_a_violation(sender: Party) -> None:
    exchange = asked(sender)
    (violation,) = exchange.observe(call("2"), sender, 0.5).violations
    assert (violation.kind, violation.who, violation.tolerated) == (Kind.ONE_CALL, sender, False)
    assert exchange.observe(result("1"), other(sender), 0.6).violations == ()
    assert exchange.observe(result("2"), other(sender), 0.7).violations == ()


@both
def test_a_second_request_after_what_may_have_been_a_timeout_is_tolerated(sender: Party) -> None:
    exchange = asked(sender)
    (violation,) = exchange.observe(call("2"), sender, 4.0).violations
    assert (violation.kind, violation.tolerated) == (Kind.ONE_CALL, True)
    outstanding = exchange.outstanding(sender)
    assert outstanding is not None
    assert outstanding.call.message_id == "2"


@both
def test_a_new_request_after_the_timeout_is_right_and_the_late_answer_is_known_as_such(sender: Party) -> None:
    exchange = asked(sender)
    (late,) = exchange.expire(30.0)
    assert late.call == call()
    assert exchange.expire(31.0) == ()
    assert exchange.observe(call("2"), sender, 31.0).violations == ()
    heard = exchange.observe(result("1"), other(sender), 32.0)
    assert (heard.meaning, heard.request, heard.violations) == (Meaning.LATE, late, ())
    assert exchange.outstanding(sender) is not None


@both
def test_a_second_answer_is_a_violation(sender: Party) -> None:
    exchange = asked(sender)
    exchange.observe(result(), other(sender), 1.0)
    heard = exchange.observe(result(), other(sender), 2.0)
    assert (heard.meaning, kinds(heard)) == (Meaning.DUPLICATE, [Kind.ANSWER])
    assert heard.violations[0].who == other(sender)


@both
@pytest.mark.parametrize("answer", [result("9"), CallError("9", "InternalError")])
def test_an_answer_to_nothing_is_a_violation(sender: Party, answer: Frame) -> None:
    heard = RpcExchange("2.1").observe(answer, sender, 0.0)
    assert (heard.meaning, kinds(heard)) == (Meaning.STRAY, [Kind.ANSWER])


@both
def test_nobody_answers_its_own_request(sender: Party) -> None:
    exchange = asked(sender)
    assert exchange.observe(result(), sender, 1.0).meaning is Meaning.STRAY
    assert exchange.outstanding(sender) is not None


@both
def test_an_error_about_an_unreadable_id_is_right(sender: Party) -> None:
    assert RpcExchange("2.1").observe(CallError("-1", "RpcFrameworkError"), sender, 0.0).violations == ()


@both
def test_an_id_used_again_for_something_else_is_a_violation_on_any_connection(sender: Party) -> None:
    exchange = asked(sender)
    exchange.observe(result(), other(sender), 1.0)
    exchange.disconnected()
    heard = exchange.observe(call("1", "something else"), sender, 100.0)
    assert (heard.meaning, kinds(heard)) == (Meaning.REQUEST, [Kind.MESSAGE_ID])
    assert not heard.violations[0].tolerated


@both
@pytest.mark.parametrize(("version", "remarks"), [("1.6", 1), ("2.0.1", 1), ("2.1", 0)])
def test_a_retry_may_keep_its_id_in_2_1_and_is_tolerated_before(sender: Party, version: Version, remarks: int) -> None:
    exchange = asked(sender, version)
    exchange.expire(30.0)
    heard = exchange.observe(call(), sender, 31.0)
    assert heard.meaning is Meaning.REPEATED
    assert [violation.tolerated for violation in heard.violations] == [True] * remarks


def test_after_a_disconnection_nothing_is_open_and_a_late_answer_is_known() -> None:
    exchange = asked("station")
    assert [request.call for request in exchange.disconnected()] == [call()]
    assert exchange.observe(call("2"), "station", 1.0).violations == ()
    assert exchange.observe(result("1"), "csms", 2.0).meaning is Meaning.LATE


@pytest.mark.parametrize(
    ("version", "action", "payload", "sender"),
    [
        ("1.6", "Reset", {"type": "Soft"}, "station"),
        ("2.1", "Heartbeat", {}, "csms"),
        ("2.0.1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}, "station"),
    ],
)
def test_a_request_of_the_other_party_is_a_violation(
    version: Version, action: str, payload: dict[str, Any], sender: Party
) -> None:
    exchange = RpcExchange(version)
    (violation,) = exchange.observe(Call("1", action, payload), sender, 0.0).violations
    assert (violation.kind, violation.who, violation.code) == (Kind.ACTION, sender, "NotSupported")
    assert exchange.observe(Call("1", action, payload), other(sender), 0.0).violations == ()


@both
def test_where_sources_disagree_on_the_direction_nobody_is_blamed(sender: Party) -> None:
    heard = RpcExchange("2.1").observe(Call("1", "ClosePeriodicEventStream", {"id": 1}), sender, 0.0)
    assert all(violation.tolerated for violation in heard.violations)


@both
@every_version
def test_an_unknown_action_is_answered_with_not_implemented(sender: Party, version: Version) -> None:
    (violation,) = RpcExchange(version).observe(Call("1", "MakeCoffee", {}), sender, 0.0).violations
    assert (violation.kind, violation.code) == (Kind.PAYLOAD, "NotImplemented")


def test_payloads_of_requests_and_answers_are_checked() -> None:
    exchange = RpcExchange("1.6")
    (violation,) = exchange.observe(Call("1", "Authorize", {"idTag": 7}), "station", 0.0).violations
    assert (violation.kind, violation.code) == (Kind.PAYLOAD, "TypeConstraintViolation")
    heard = exchange.observe(CallResult("1", {"idTagInfo": {"status": "Sure"}}), "csms", 0.1)
    assert (heard.meaning, kinds(heard)) == (Meaning.ANSWER, [Kind.PAYLOAD])
    assert heard.violations[0].who == "csms"
    assert heard.violations[0].code == ""


@both
@pytest.mark.parametrize(
    ("version", "code", "remarks"),
    [
        ("1.6", "OccurenceConstraintViolation", []),
        ("1.6", "OccurrenceConstraintViolation", [True]),
        ("1.6", "RpcFrameworkError", [False]),
        ("2.0.1", "OccurenceConstraintViolation", [True]),
        ("2.1", "OccurrenceConstraintViolation", []),
        ("2.1", "FormationViolation", [True]),
        ("2.1", "Oops", [False]),
    ],
)
def test_error_codes_are_those_of_the_version(sender: Party, version: Version, code: str, remarks: list[bool]) -> None:
    exchange = asked(sender, version)
    heard = exchange.observe(CallError("1", code), other(sender), 1.0)
    assert [violation.tolerated for violation in heard.violations if violation.kind is Kind.ERROR_CODE] == remarks
    assert exchange.outstanding(sender) is None


STREAM = {"id": 1, "pending": 0, "basetime": NOON, "data": [{"t": 0, "v": "1"}]}


def test_a_send_waits_for_nothing_and_is_not_answered() -> None:
    exchange = asked("station")
    heard = exchange.observe(Send("2", "NotifyPeriodicEventStream", STREAM), "station", 0.1)
    assert (heard.meaning, heard.violations) == (Meaning.SEND, ())
    assert exchange.observe(CallResult("2"), "csms", 0.2).meaning is Meaning.STRAY
    assert exchange.outstanding("station") is not None


def test_what_is_answered_is_no_send_and_a_send_is_no_call() -> None:
    exchange = RpcExchange("2.1")
    assert kinds(exchange.observe(Send("1", "Heartbeat", {}), "station", 0.0)) == [Kind.ACTION]
    assert kinds(exchange.observe(Call("2", "NotifyPeriodicEventStream", STREAM), "station", 0.0)) == [Kind.ACTION]


@both
def test_2_1_complains_about_a_bad_answer_with_a_frame_of_its_own(sender: Party) -> None:
    exchange = asked(sender)
    exchange.observe(CallResult("1", {}), other(sender), 1.0)
    heard = exchange.observe(CallResultError("1", "OccurrenceConstraintViolation"), sender, 1.1)
    assert (heard.meaning, heard.violations) == (Meaning.COMPLAINT, ())
    assert heard.request is not None
    assert heard.request.call == call()


@both
def test_a_complaint_about_no_answer_is_a_violation(sender: Party) -> None:
    exchange = asked(sender)
    assert kinds(exchange.observe(CallResultError("1", "FormatViolation"), sender, 1.0)) == [Kind.ANSWER]
    assert kinds(exchange.observe(CallResultError("1", "FormatViolation"), other(sender), 1.0)) == [Kind.ANSWER]


@both
@every_version
def test_a_callerror_about_an_answer_is_a_violation(sender: Party, version: Version) -> None:
    exchange = asked(sender, version)
    exchange.observe(result(), other(sender), 1.0)
    heard = exchange.observe(CallError("1", "TypeConstraintViolation"), sender, 1.1)
    assert (heard.meaning, kinds(heard)) == (Meaning.COMPLAINT, [Kind.ANSWER])
    wanted = "CALLRESULTERROR" if version == "2.1" else "nothing"
    assert heard.violations[0].expected.startswith(wanted)


def broken(text: str, version: Version = "2.1") -> FrameFault:
    fault = parse(text, version)
    assert isinstance(fault, FrameFault)
    return fault


@both
def test_a_broken_request_is_a_violation_and_may_be_refused(sender: Party) -> None:
    exchange = RpcExchange("2.1")
    heard = exchange.observe(broken('[2,"1","Heartbeat"]'), sender, 0.0)
    assert (heard.meaning, kinds(heard)) == (Meaning.BROKEN, [Kind.FRAME])
    assert heard.violations[0].code == "RpcFrameworkError"
    assert exchange.observe(CallError("1", "RpcFrameworkError"), other(sender), 0.1).violations == ()


@both
def test_to_accept_a_broken_request_is_worth_a_remark(sender: Party) -> None:
    exchange = RpcExchange("2.1")
    exchange.observe(broken('[2,"1","Heartbeat",{},{}]'), sender, 0.0)
    (violation,) = exchange.observe(CallResult("1"), other(sender), 0.1).violations
    assert violation.tolerated


@both
def test_a_broken_answer_settles_its_request(sender: Party) -> None:
    exchange = asked(sender)
    heard = exchange.observe(broken('[3,"1"]'), other(sender), 0.1)
    assert (heard.meaning, kinds(heard)) == (Meaning.BROKEN, [Kind.FRAME])
    assert heard.violations[0].code == ""
    assert heard.request is not None
    assert exchange.outstanding(sender) is None
    assert exchange.observe(result(), other(sender), 0.2).meaning is Meaning.DUPLICATE


_IDS = st.sampled_from(["1", "2", "-1", ""])
_FRAMES = st.one_of(
    st.builds(Call, _IDS, st.sampled_from(["DataTransfer", "Heartbeat", "Nonsense"]), st.just({"vendorId": "a"})),
    st.builds(Send, _IDS, st.sampled_from(["NotifyPeriodicEventStream", "Heartbeat"]), st.just(STREAM)),
    st.builds(CallResult, _IDS, st.just({"status": "Accepted"})),
    st.builds(CallError, _IDS, st.sampled_from(["InternalError", "Nonsense"])),
    st.builds(CallResultError, _IDS, st.just("FormatViolation")),
    st.sampled_from([broken("no"), broken('[2,"1","Heartbeat"]'), broken('[3,"2"]'), broken('[9,"1"]')]),
)


@given(st.lists(st.tuples(st.sampled_from(PARTIES), _FRAMES, st.floats(0, 40)), max_size=30), st.sampled_from(VERSIONS))
def test_no_order_of_frames_raises_and_at_the_end_nothing_stays_open(
    frames: list[tuple[Party, Frame | FrameFault, float]], version: Version
) -> None:
    exchange, now = RpcExchange(version), 0.0
    for sender, frame, wait in frames:
        now += wait
        exchange.observe(frame, sender, now)
        deadline = exchange.deadline
        assert deadline is None or deadline > now
    exchange.expire(now + 31)
    assert exchange.deadline is None
    assert exchange.disconnected() == ()
