"""OCPP-J frames: what is one, what is none and why, and that no text of a peer harms its reader."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CodecError
from harness.ocppj import codes
from harness.ocppj.frame import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    FrameFault,
    Send,
    encode,
    named,
    parse,
)
from harness.ocppj.strictjson import DEEPEST, LARGEST, exact, write_json
from harness.ocppj.versions import SUBPROTOCOLS, Version, version_of

VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
OLDER: tuple[Version, ...] = ("1.6", "2.0.1")
COMMON: tuple[Frame, ...] = (
    Call("1", "Heartbeat", {}),
    CallResult("1", {"currentTime": "2026-03-01T12:00:00Z"}),
    CallError("1", "NotSupported", "no such thing", {"why": "ä"}),
)
ONLY_2_1: tuple[Frame, ...] = (
    CallResultError("1", "FormatViolation"),
    Send("1", "NotifyPeriodicEventStream", {"id": 4}),
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("frame", COMMON, ids=lambda frame: type(frame).__name__)
def test_every_version_reads_what_was_written(frame: Frame, version: Version) -> None:
    assert parse(encode(frame), version) == frame
    assert parse(encode(frame).encode(), version) == frame


@pytest.mark.parametrize("frame", ONLY_2_1, ids=lambda frame: type(frame).__name__)
def test_2_1_reads_its_two_further_frames(frame: Frame) -> None:
    assert parse(encode(frame), "2.1") == frame


@pytest.mark.parametrize("version", OLDER)
@pytest.mark.parametrize("frame", ONLY_2_1, ids=lambda frame: type(frame).__name__)
def test_older_versions_do_not_know_them_and_say_so(frame: Frame, version: Version) -> None:
    fault = parse(encode(frame), version)
    assert isinstance(fault, FrameFault)
    assert "since OCPP 2.1" in fault.reason
    assert fault.message_id == "1"
    assert fault.code == ("ProtocolError" if version == "1.6" else "MessageTypeNotSupported")


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (Call("1", "Reset"), "Reset.req"),
        (named(CallResult("1"), "Reset"), "Reset.conf"),
        (CallResult("1"), "CALLRESULT.conf"),
        (named(CallError("1", "InternalError"), "Reset"), "Reset.error"),
        (named(CallResultError("1", "InternalError"), "Reset"), "Reset.resulterror"),
        (Send("1", "NotifyPeriodicEventStream"), "NotifyPeriodicEventStream.send"),
    ],
)
def test_frames_have_a_name_for_ladders(frame: Frame, name: str) -> None:
    assert frame.frame_name == name


def test_the_action_of_an_answer_is_no_part_of_it() -> None:
    assert named(CallResult("1", {}), "Reset") == CallResult("1", {})


WRONG: dict[str, tuple[str | bytes, str, str | None]] = {
    "no JSON": ("hello", "no JSON", None),
    "nothing": ("", "no JSON", None),
    "no UTF-8": (b'[2,"\xff"]', "no UTF-8", None),
    "two texts": ('[2,"1","Heartbeat",{}] []', "no JSON", None),
    "an object": ("{}", "is an object", None),
    "a number": ("2", "is a number", None),
    "null": ("null", "is null", None),
    "empty list": ("[]", "an empty list", None),
    "number missing": ('["2","1","Heartbeat",{}]', 'message type is "2"', None),
    "number true": ('[true,"1","Heartbeat",{}]', "message type is true", None),
    "number 2.0": ('[2.0,"1","Heartbeat",{}]', "message type is 2.0", None),
    "number 7": ('[7,"1","Heartbeat",{}]', "no message type 7", "1"),
    "only a number": ("[2]", "1 element", None),
    "id a number": ('[2,1,"Heartbeat",{}]', "message id is 1", None),
    "id null": ('[2,null,"Heartbeat",{}]', "message id is null", None),
    "id of 37": (f'[2,"{"x" * 37}","Heartbeat",{{}}]', "37 characters", None),
    "CALL without payload": ('[2,"1","Heartbeat"]', "3 elements", "1"),
    "CALL with more": ('[2,"1","Heartbeat",{},{}]', "5 elements", "1"),
    "CALL without action": ('[2,"1",{},{}]', "action is an object", "1"),
    "CALL with empty action": ('[2,"1","",{}]', 'action is ""', "1"),
    "payload a list": ('[2,"1","Heartbeat",[]]', "payload is a list", "1"),
    "payload null": ('[2,"1","Heartbeat",null]', "payload is null", "1"),
    "result with action": ('[3,"1","Heartbeat",{}]', "4 elements", "1"),
    "result a text": ('[3,"1","{}"]', "payload is a string", "1"),
    "error without details": ('[4,"1","InternalError",""]', "4 elements", "1"),
    "error with number": ('[4,"1",500,"",{}]', "error code is 500", "1"),
    "error without words": ('[4,"1","InternalError",null,{}]', "description is null", "1"),
    "details a text": ('[4,"1","InternalError","",""]', "payload is a string", "1"),
    "same name twice": ('[2,"1","Reset",{"type":"Hard","type":"Soft"}]', "the name 'type' twice", "1"),
    "not a number": ('[2,"1","X",{"a":NaN}]', "NaN is no number", None),
    "infinity": ('[2,"1","X",{"a":-Infinity}]', "-Infinity is no number", None),
    "beyond a double": ('[2,"1","X",{"a":1e999}]', "beyond a double", "1"),
    "half a character": ('[2,"1","X",{"a":"\\ud800"}]', "half a character", None),
    "half a name": ('[2,"1","X",{"\\udc00":1}]', "half a character", None),
    "5000 digits": ('[2,"1","X",{"a":' + "9" * 5000 + "}]", "5000 digits", "1"),
    "nested": ("[" * 100_000, "levels of nesting", None),
    "nested objects": ('[2,"1","X",' + '{"a":' * DEEPEST + "1" + "}" * DEEPEST + "]", "levels of nesting", None),
    "nested lists": ('[2,"1","X",{"a":' + "[" * DEEPEST + "]" * DEEPEST + "}]", "levels of nesting", None),
    "nested with gaps": ('[2 ,"1","X",{"a" :' + "[" * 500 + "]" * 500 + "}]", "levels of nesting", None),
    "the same name twice among many": (
        '[2,"1","X",{"a":[' + '{"b":1},' * 50 + '{"b":1,"b":1}]}]',
        "the name 'b' twice",
        "1",
    ),
    "the same name twice with gaps": (
        '[2,"1","X",{"a":[' + '{"b":1},' * 50 + '{"b"\n:1,"b":1}]}]',
        "the name 'b' twice",
        "1",
    ),
    "the same name twice beside a string like a name": (
        '[2,"1","X",{"a":[' + '{"b":1},' * 50 + '{"b":"\\":","b":1}]}]',
        "the name 'b' twice",
        "1",
    ),
    "the same name twice in two spellings": (
        '[2,"1","X",{"a":[' + '{"b":1},' * 50 + '{"b":1,"\\u0062":1}]}]',
        "the name 'b' twice",
        "1",
    ),
    "infinite among many": ('[2,"1","X",{"a":[' + "[]," * 50 + "-1e999]}]", "beyond a double", "1"),
    "5000 digits among many": ('[2,"1","X",{"a":[' + "[]," * 50 + "9" * 5000 + "]}]", "5000 digits", "1"),
    "10 MB": ('[2,"1","X",{"a":"' + "x" * 10_000_000 + '"}]', f"at most {LARGEST}", None),
}


@pytest.mark.parametrize(("text", "said", "message_id"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_frame_is_said_in_words(text: str | bytes, said: str, message_id: str | None) -> None:
    fault = parse(text, "2.1")
    assert isinstance(fault, FrameFault)
    assert said in str(fault)
    assert fault.message_id == message_id
    assert fault.code in codes.CODES["2.1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_code_that_answers_a_broken_frame_is_one_of_the_version(version: Version) -> None:
    for text, _said, _id in WRONG.values():
        fault = parse(text, version)
        assert isinstance(fault, FrameFault)
        assert fault.code in codes.CODES[version]


def test_an_error_description_ends_at_255_characters_except_in_1_6() -> None:
    long, longer = (
        encode(CallError("1", "InternalError", "ä" * 255)),
        encode(CallError("1", "InternalError", "ä" * 256)),
    )
    assert not isinstance(parse(long, "2.0.1"), FrameFault)
    assert isinstance(parse(longer, "2.0.1"), FrameFault)
    assert not isinstance(parse(longer, "1.6"), FrameFault)


def test_an_id_of_36_characters_of_any_script_is_taken() -> None:
    assert parse(encode(Call("字" * 36, "Heartbeat")), "2.1") == Call("字" * 36, "Heartbeat")


def test_nesting_up_to_the_limit_is_read() -> None:
    lists = DEEPEST - 2  # the frame and its payload are two levels
    assert isinstance(parse('[2,"1","X",{"a":' + "[" * lists + "]" * lists + "}]", "2.1"), Call)


def test_strings_that_look_like_names_are_no_names() -> None:
    payload = {"a": [{"b": '"c":1'} for _ in range(50)]}
    assert parse(encode(Call("1", "X", payload)), "2.1") == Call("1", "X", payload)
    assert parse(json.dumps([2, "1", "X", payload], indent=1), "2.1") == Call("1", "X", payload)


def test_brackets_inside_strings_are_no_nesting() -> None:
    assert parse(encode(Call("1", "X", {"a": '[{\\"' * 100})), "2.1") == Call("1", "X", {"a": '[{\\"' * 100})


def test_characters_beyond_the_basic_plane_survive_as_escapes() -> None:
    assert parse(r'[2,"1","X",{"a":"\ud83d\ude00"}]', "2.1") == Call("1", "X", {"a": "😀"})


@pytest.mark.parametrize("written", ["0.1", "6.25", "21.4", "-5000.5", "1234567.123456", "1e3", "0.000001"])
def test_numbers_stand_for_what_was_written(written: str) -> None:
    frame = parse(f'[2,"1","X",{{"a":{written}}}]', "2.1")
    assert isinstance(frame, Call)
    assert exact(frame.payload["a"]) == Decimal(written)
    assert parse(encode(frame), "2.1") == frame


@pytest.mark.parametrize("written", ["99999999999999.9", "123456789012.345", "9007199254740993", "-0.000000000000001"])
def test_registers_of_any_size_that_a_meter_can_reach_lose_nothing(written: str) -> None:
    """A terawatt-hour in Wh with four decimals still has fewer digits than a double keeps."""
    frame = parse(f'[2,"1","MeterValues",{{"value":{written}}}]', "2.1")
    assert isinstance(frame, Call)
    assert exact(frame.payload["value"]) == Decimal(written)


def test_a_sum_of_tenths_is_told_as_what_it_is() -> None:
    """Payloads are not computed with: a station that adds binary fractions says so on the wire, and is read so."""
    frame = parse('[2,"1","X",{"a":0.30000000000000004}]', "2.1")
    assert isinstance(frame, Call)
    assert exact(frame.payload["a"]) == Decimal("0.30000000000000004")


def test_doubles_written_out_at_full_length_are_no_fault() -> None:
    assert parse('[2,"1","X",{"a":16.10000000000000142109}]', "2.1") == Call("1", "X", {"a": 16.1})


def test_decimals_are_written_as_numbers() -> None:
    assert write_json({"limit": Decimal("6.25")}) == '{"limit":6.25}'


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"x", object(), {1j: 2}, "\ud800", Decimal("0.1234567890123456789")]
)
def test_what_json_cannot_hold_is_our_error(value: Any) -> None:
    with pytest.raises(CodecError):
        encode(Call("1", "X", {"a": value}))


def test_wrong_frames_can_be_made_on_purpose() -> None:
    assert json.loads(encode(Call("x" * 99, "NoSuchAction", {"a": None}))) == [2, "x" * 99, "NoSuchAction", {"a": None}]
    assert json.loads(encode(CallError("1", "NoSuchCode", "x" * 999))) == [4, "1", "NoSuchCode", "x" * 999, {}]


def test_sub_protocols_stand_for_versions() -> None:
    assert [version_of(name) for name in SUBPROTOCOLS.values()] == list(SUBPROTOCOLS)
    assert version_of("ocpp2.0") is version_of("") is version_of(None) is None


def test_codes_are_spelt_as_each_version_spells_them() -> None:
    assert codes.spelt(codes.OCCURRENCE_CONSTRAINT, "1.6") == "OccurenceConstraintViolation"
    assert codes.spelt(codes.FORMAT_VIOLATION, "1.6") == "FormationViolation"
    for version in VERSIONS:
        own = codes.spelt(codes.OCCURRENCE_CONSTRAINT, version)
        assert own in codes.CODES[version]
        assert not codes.tolerated(own, version)
    assert codes.tolerated("OccurrenceConstraintViolation", "1.6")
    assert codes.tolerated("OccurenceConstraintViolation", "2.1")
    assert not codes.tolerated("MadeUp", "2.1")


_PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(st.text() | st.binary())
def test_no_text_and_no_octets_raise(text: str | bytes) -> None:
    assert isinstance(parse(text, "2.1"), (FrameFault, Call, CallResult, CallError, CallResultError, Send))


@given(st.lists(st.sampled_from([2, 3, 4, 5, 6]) | _JSON, max_size=6), st.sampled_from(VERSIONS))
def test_any_list_is_a_frame_or_a_fault_and_a_frame_survives_being_written(items: list[Any], version: Version) -> None:
    found = parse(json.dumps(items), version)
    if not isinstance(found, FrameFault):
        assert parse(encode(found), version) == found


_GAP = st.sampled_from(["", "", "", " ", "\n", "\t "])
_NAME = st.sampled_from(["a", "b", '\\":', "\\u0061", "é"])


@st.composite
def _objects(draw: st.DrawFn) -> str:
    """Text of one object, whose names may repeat, written in some way."""
    names = draw(st.lists(_NAME, max_size=3))
    return "{" + ",".join(f'"{name}"{draw(_GAP)}:{draw(_GAP)}"x"' for name in names) + "}"


@given(st.lists(_objects(), max_size=20))
def test_a_repeated_name_is_found_however_it_is_written(objects: list[str]) -> None:
    def names_once(pairs: list[tuple[str, Any]]) -> bool:
        return len(dict(pairs)) == len(pairs)

    once = all(json.loads(text, object_pairs_hook=names_once) for text in objects)
    found = parse(f'[2,"1","X",{{"all":[{",".join(objects)}]}}]', "2.1")
    assert isinstance(found, Call) is once


@given(st.text(max_size=36), st.text(min_size=1), st.dictionaries(st.text(), _JSON, max_size=5))
def test_any_payload_survives(message_id: str, action: str, payload: dict[str, Any]) -> None:
    try:
        text = encode(Call(message_id, action, payload))
    except CodecError:
        return  # half characters cannot be written
    assert parse(text, "1.6") == Call(message_id, action, payload)
