"""Faults do what they say, alone, and idle on everything else."""

from __future__ import annotations

import pytest

from harness.errors import CodecError, UsageError
from harness.fault.message import (
    Answers,
    AnswersGarbage,
    Drops,
    DropsPipelined,
    Evolves,
    Hears,
    HearsOwnSessionId,
    Ignores,
    Latches,
    Omits,
    Presumes,
    Recodes,
    Repeats,
    Replies,
    Rewrites,
    RewritesSessionId,
    Scales,
    reverses,
)
from harness.fault.octets import (
    Flip,
    Floods,
    Replace,
    Splits,
    Truncate,
    WrongLength,
    WrongPayloadType,
    WrongVersion,
)
from harness.fault.settings import MisSet
from harness.fault.signal import (
    Clamped,
    Fixed,
    FollowsBlindly,
    Latched,
    Missed,
    Mistaken,
    NeverRises,
    Scaled,
    SlowRamp,
    Stuck,
    reversed_signal,
)
from harness.fault.timing import Delays
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.quantity import number, rational
from harness.v2g.secc_settings import SeccSettings
from harness.v2g.services import ControlMode, Service
from tests.v2g import dialogue as d

LOOP = (dc.DC_ChargeLoopReq,)
REQUEST = d.loop_request(Service.DC_BPT, ControlMode.DYNAMIC)
STOP, STOPPED = d.ending_exchange()
FRAME = bytes.fromhex("01fe800400000004") + b"\x01\x02\x03\x04"


def through(fault, message, direction="in"):
    (after,) = fault.on_message(message, direction)
    return after


def limit(message):
    return number(message.CLReqControlMode.EVMaximumDischargePower)


def lowered(watts):
    return d.loop_request(Service.DC_BPT, ControlMode.DYNAMIC, EVMaximumDischargePower=rational(watts))


@pytest.mark.parametrize(
    "fault",
    [
        Answers(dc.DC_ChargeLoopReq, MeterInfoRequested=True),
        Ignores(LOOP, "EVMaximumDischargePower"),
        Scales(LOOP, ("EVMaximumDischargePower",), 2.0),
        Omits(LOOP, ("DisplayParameters",)),
        Repeats(LOOP),
        Drops(LOOP),
        Rewrites(LOOP, lambda _: STOP),
        Recodes((cm.PowerDeliveryRes,), (d.Code.FAILED,), d.Code.OK),
        Delays(LOOP, 1.0),
        Fixed("setpoint_current", 1.0),
        MisSet("sdp", False),
        Truncate(LOOP, 1),
    ],
)
def test_a_fault_is_idle_on_what_it_does_not_name(fault):
    assert fault.on_message(STOP, "in") == (STOP,)
    assert fault.on_octets(FRAME, STOP) == (FRAME,)
    assert fault.delay(STOP, "out") == 0
    assert fault.on_signal("present_voltage", 4.0, 0.0) == 4.0


def test_answers_says_other_values_at_any_depth():
    assert limit(through(Answers(LOOP, EVMaximumDischargePower=rational(7)), REQUEST)) == 7


def test_hears_leaves_absent_fields_absent():
    changed = through(Hears(LOOP, DepartureTime=1, EVMaximumDischargePower=rational(1)), REQUEST)

    assert changed.CLReqControlMode.DepartureTime is None and limit(changed) == 1


def test_ignores_freezes_what_was_heard_first_in_each_device():
    fault = Ignores(LOOP, "EVMaximumDischargePower")
    one, other = fault.armed(), fault.armed()
    through(one, lowered(5000))

    assert limit(through(one, lowered(100))) == 5000
    assert limit(through(other, lowered(100))) == 100


def test_latches_keeps_the_lowest():
    fault = Latches(LOOP, ("EVMaximumDischargePower",)).armed()

    assert [limit(through(fault, lowered(watts))) for watts in (5000, 200, 9000)] == [5000, 200, 200]


def test_quantities_are_scaled_and_reversed():
    assert limit(through(Scales(LOOP, ("EVMaximumDischargePower",), 5.0), lowered(11000))) == 55000
    assert limit(through(reverses(LOOP, "EVMaximumDischargePower"), lowered(300))) == -300


def test_repeats_drops_and_later_drops():
    assert Repeats(LOOP, 3).on_message(REQUEST, "out") == (REQUEST,) * 3
    dropping = Drops(LOOP, after=2).armed()
    assert [len(dropping.on_message(REQUEST, "out")) for _ in range(4)] == [1, 1, 0, 0]


def test_recodes_only_the_named_codes():
    fault = Recodes((cm.SessionStopRes,), (d.Code.FAILED,), d.Code.OK)
    failed = d.ok(cm.SessionStopRes, d.Code.FAILED)

    assert through(fault, failed, "out").ResponseCode is d.Code.OK
    assert through(fault, STOPPED, "out") is STOPPED


def test_replies_and_evolves_see_what_came_before():
    def echo(request, response):
        return response if request is not STOP else d.ok(cm.SessionStopRes, d.Code.FAILED)

    def count(memory, message):
        memory["n"] = memory.get("n", 0) + 1
        return message if memory["n"] < 2 else STOPPED

    replying, evolving = Replies((cm.SessionStopRes,), echo).armed(), Evolves(LOOP, count).armed()
    through(replying, STOP)
    assert through(replying, STOPPED, "out").ResponseCode is d.Code.FAILED
    assert [through(evolving, REQUEST) for _ in range(2)] == [REQUEST, STOPPED]


def test_garbage_and_responses_are_taken_for_what_the_device_guesses():
    fault, garbage = AnswersGarbage(lambda header: (header, "guessed")).armed(), CodecError("no")

    assert fault.on_message(garbage, "in") == ((None, "guessed"),)
    through(fault, STOPPED, "out")
    assert fault.on_message(garbage, "in") == ((STOPPED.Header, "guessed"),)
    assert fault.on_message(STOPPED, "in") == ((STOPPED.Header, "guessed"),)
    assert fault.on_message(STOP, "in") == (STOP,)


def test_what_was_presumed_is_heard_once_and_only_where_it_was_not_said():
    impatient, patient = (Presumes((cm.SessionStopReq,), STOPPED).armed() for _ in range(2))

    assert [impatient.on_message(STOP, "in"), impatient.on_message(STOP, "in")] == [(STOPPED, STOP), (STOP,)]
    assert [patient.on_message(STOPPED, "in"), patient.on_message(STOP, "in")] == [(STOPPED,), (STOP,)]


def test_a_pipelined_request_is_lost():
    fault = DropsPipelined().armed()
    seen = [fault.on_message(STOP, way) for way in ("in", "in", "out", "in")]

    assert [len(each) for each in seen] == [1, 0, 1, 1]


def test_a_session_goes_by_its_alias_in_both_directions():
    fault = RewritesSessionId(lambda n: bytes([n] * 8)).armed()
    said = through(fault, STOPPED, "out")

    assert said.Header.SessionID == bytes([1] * 8)
    assert through(fault, d.ask(cm.SessionStopReq, Header=said.Header)).Header.SessionID == d.ID


def test_any_session_id_is_heard_as_the_own_one():
    fault = HearsOwnSessionId().armed()
    through(fault, STOPPED, "out")

    assert through(fault, d.ask(cm.SessionStopReq, Header=d.header(bytes(8)))).Header.SessionID == d.ID


def test_octets_are_bent():
    kinds = (cm.SessionStopReq,)
    bent = {
        Truncate(kinds, 2): [FRAME[:4] + b"\0\0\0\x02" + b"\x01\x02"],
        Truncate(kinds, 2, honest=False): [FRAME[:10]],
        Flip(kinds, 0): [FRAME[:8] + b"\x81\x02\x03\x04"],
        Flip(kinds, 400): [FRAME],
        Replace(kinds, b"x"): [b"x"],
        WrongVersion(kinds): [b"\x02\xfd" + FRAME[2:]],
        WrongPayloadType(kinds, 0x8001): [FRAME[:2] + b"\x80\x01" + FRAME[4:]],
        WrongLength(kinds, 9): [FRAME[:4] + b"\0\0\0\x09" + FRAME[8:]],
        Splits(kinds, 5): [FRAME[:5], FRAME[5:10], FRAME[10:]],
    }
    for fault, expected in bent.items():
        assert list(fault.on_octets(FRAME, STOP)) == expected
    assert sum(map(len, Floods(kinds, 2**20).on_octets(FRAME, STOP))) == 2**20 + 8 + len(FRAME)


def test_delays_may_depend_on_a_field():
    fault = Delays((cm.SessionStopRes,), 2.0, "ResponseCode", (d.Code.FAILED,))

    assert (fault.delay(STOPPED, "out"), fault.delay(d.ok(cm.SessionStopRes, d.Code.FAILED), "out")) == (0.0, 2.0)


def test_settings_are_replaced_at_their_path_or_refused():
    assert MisSet("tls.minimum", "1.2").on_settings(SeccSettings()).tls.minimum == "1.2"
    with pytest.raises(UsageError):
        MisSet("tls.maximum", "1.2").on_settings(SeccSettings())


def test_signals_are_bent():
    courses = {
        Fixed("x", 3.0): [3, 3, 3, 3],
        Stuck("x"): [5, 5, 5, 5],
        Latched("x"): [5, 0, 5, 5],
        Scaled("x", 2.0): [10, 0, -4, 8],
        reversed_signal("x"): [-5, 0, 2, -4],
        Clamped("x", low=0.0): [5, 0, 0, 4],
        Mistaken("x", 0.0, 9.0): [5, 9, -2, 4],
        Missed("x", 0.0): [5, 5, -2, 4],
        NeverRises("x"): [5, 0, -2, -2],
        SlowRamp("x", 1.0): [0, 0, -1, 0],
    }
    for fault, expected in courses.items():
        armed = fault.armed()
        assert [armed.on_signal("x", value, at) for at, value in enumerate([5.0, 0.0, -2.0, 4.0])] == expected


def test_what_was_asked_is_followed_blindly_where_nothing_was_commanded():
    fault = FollowsBlindly("setpoint_current", "EVTargetCurrent", "site_setpoint").armed()
    fault.on_message(d.loop_request(Service.DC, ControlMode.SCHEDULED, amperes=-7), "in")
    assert fault.on_signal("setpoint_current", 0.0, 0.0) == -7
    fault.on_signal("site_setpoint", -4000.0, 0.0)
    assert fault.on_signal("setpoint_current", 0.0, 0.0) == -10
    assert fault.on_signal("setpoint_current", 3.0, 0.0) == 3.0
