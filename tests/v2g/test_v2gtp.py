"""V2GTP framing: octets first, then any segmentation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.v2g.v2gtp import (
    HEADER_LENGTH,
    MAIN_STREAM,
    PayloadType,
    Reassembler,
    V2gtpFault,
    V2gtpFrame,
    frame,
    header,
    name_of,
    parse_datagram,
    schema_of,
)

SDP_REQUEST = bytes.fromhex("01fe9000000000020000")


def test_frame_writes_version_inverse_type_and_length_big_endian() -> None:
    assert frame(PayloadType.SDP_REQUEST, b"\x00\x00") == SDP_REQUEST


def test_datagram_with_a_sound_header_is_a_frame() -> None:
    assert parse_datagram(SDP_REQUEST) == V2gtpFrame(0x9000, b"\x00\x00", SDP_REQUEST)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "0 octets are no V2GTP frame"),
        (SDP_REQUEST[:7], "7 octets are no V2GTP frame"),
        (b"\x02\xfd" + SDP_REQUEST[2:], "0x02 0xFD, expected 0x01 0xFE"),
        (b"\x01\xff" + SDP_REQUEST[2:], "0x01 0xFF, expected 0x01 0xFE"),
        (SDP_REQUEST + b"\x00", "announces 2 octets of payload, the datagram has 3"),
        (SDP_REQUEST[:-1], "announces 2 octets of payload, the datagram has 1"),
    ],
)
def test_datagram_with_a_wrong_header_is_a_fault_that_says_what_was_expected(octets: bytes, said: str) -> None:
    fault = parse_datagram(octets)
    assert isinstance(fault, V2gtpFault)
    assert said in fault.reason
    assert fault.octets == octets


def test_several_frames_in_one_segment_come_out_in_order() -> None:
    stream = frame(0x8001, b"one") + frame(0x8002, b"") + frame(0x8004, b"three")
    assert [(f.payload_type, f.payload) for f in frames(Reassembler().feed(stream))] == [
        (0x8001, b"one"),
        (0x8002, b""),
        (0x8004, b"three"),
    ]


def test_incomplete_frame_is_the_rest_until_its_last_octet() -> None:
    reader = Reassembler()
    octets = frame(0x8002, b"message")
    for count in range(1, len(octets)):
        assert reader.feed(octets[count - 1 : count]) == []
        assert reader.rest == octets[:count]
    assert [f.octets for f in frames(reader.feed(octets[-1:]))] == [octets]
    assert reader.rest == b""


def test_wrong_version_is_a_fault_and_the_next_frame_is_found() -> None:
    bad = header(0x8002, 3, version=2) + b"bad"
    fault, sound = Reassembler().feed(bad + frame(0x8002, b"good"))
    assert isinstance(fault, V2gtpFault) and fault.octets == bad
    assert isinstance(sound, V2gtpFrame) and sound.payload == b"good"


def test_length_above_the_limit_is_a_fault_at_once_and_is_never_held() -> None:
    reader = Reassembler(limit=100)
    (fault,) = reader.feed(header(0x8002, 2**32 - 1))
    assert isinstance(fault, V2gtpFault)
    assert "4294967295" in fault.reason
    for _ in range(100):
        assert reader.feed(bytes(10_000)) == []
        assert reader.rest == b""


def test_frame_after_one_that_was_too_long_is_found() -> None:
    reader = Reassembler(limit=4)
    seen = reader.feed(frame(0x8002, b"12345") + frame(0x8002, b"1234"))
    assert [type(item) for item in seen] == [V2gtpFault, V2gtpFrame]
    assert frames(seen)[0].payload == b"1234"


def test_wrong_version_and_length_are_both_named() -> None:
    (fault,) = Reassembler().feed(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert isinstance(fault, V2gtpFault)
    assert "0x48 0x54" in fault.reason and "announces" in fault.reason


def test_reader_takes_exactly_its_limit() -> None:
    (seen,) = Reassembler(limit=5).feed(frame(0x8002, b"12345"))
    assert isinstance(seen, V2gtpFrame)


pieces = st.one_of(
    st.builds(frame, st.integers(0, 0xFFFF), st.binary(max_size=40)),
    st.binary(max_size=30).map(lambda payload: header(0x8002, len(payload), inverse=0xFF) + payload),
    st.binary(min_size=33, max_size=60).map(lambda payload: frame(0x8002, payload)),
    st.binary(max_size=12),
)


@given(st.lists(pieces, max_size=6).map(b"".join), st.lists(st.integers(0, 300), max_size=12))
def test_segmentation_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    whole, cut = Reassembler(limit=32), Reassembler(limit=32)
    expected = whole.feed(stream)
    edges = [0, *sorted(min(edge, len(stream)) for edge in cuts), len(stream)]
    seen = [item for start, end in pairwise(edges) for item in cut.feed(stream[start:end])]
    assert seen == expected
    assert cut.rest == whole.rest
    assert len(cut.rest) < HEADER_LENGTH + 32


def test_each_schema_has_one_type_in_the_main_stream_and_types_lead_back_to_it() -> None:
    assert {schema_of(payload_type): payload_type for payload_type in MAIN_STREAM.values()} == MAIN_STREAM


def test_side_streams_are_read_by_the_schema_of_their_messages() -> None:
    assert [schema_of(t) for t in range(0x8101, 0x8105)] == [
        "CommonMessages",
        "CommonMessages",
        "ACDP",
        "CommonMessages",
    ]


@pytest.mark.parametrize("payload_type", [0x0000, 0x8007, 0x9000, 0xA000, 0xFFFF])
def test_other_types_have_no_schema(payload_type: int) -> None:
    assert schema_of(payload_type) is None


def test_types_have_names_for_reports() -> None:
    assert name_of(0x8004) == "DC (0x8004)"
    assert name_of(0x8007) == "reserved (0x8007)"
    assert name_of(0xA000) == "manufacturer specific (0xA000)"


def frames(items: list[V2gtpFrame | V2gtpFault]) -> list[V2gtpFrame]:
    return [item for item in items if isinstance(item, V2gtpFrame)]
