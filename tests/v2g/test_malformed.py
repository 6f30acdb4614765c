"""Malformed frames are malformed: what a sound reader makes of each, so that a case never sends something legal."""

import random

import pytest

from harness.actor.v2g_codec import HEADER_PATH, V2gCodec
from harness.errors import CodecError
from harness.messages.common_messages import AuthorizationSetupReq, SessionSetupReq, SessionStopReq, chargingSessionType
from harness.messages.common_types import MessageHeaderType
from harness.v2g.malformed import (
    Malformed,
    bad_headers,
    bad_lengths,
    beyond_enumeration,
    broken_exi,
    random_bodies,
    string_table_hit,
)

HEADER = MessageHeaderType(SessionID=bytes(range(1, 9)), TimeStamp=1_700_000_000)
SOUND = V2gCodec().encode(AuthorizationSetupReq(Header=HEADER))


def stop(how: chargingSessionType) -> bytes:
    return V2gCodec().encode(SessionStopReq(Header=HEADER, ChargingSession=how))


def setup(evccid: str) -> bytes:
    return V2gCodec().encode(SessionSetupReq(Header=HEADER, EVCCID=evccid))


OUT_OF_RANGE = beyond_enumeration(
    stop(chargingSessionType.Terminate), stop(chargingSessionType.ServiceRenegotiation), "beyond its enumeration"
)
HIT = string_table_hit(setup("WMIV1234567890ABCDEX"), "WMIV1234567890ABCDEX")


@pytest.mark.parametrize("wrong", [*broken_exi(SOUND), OUT_OF_RANGE, HIT], ids=lambda wrong: wrong.note)
def test_broken_exi_cannot_be_decoded(wrong: Malformed) -> None:
    (found,) = V2gCodec().feed(wrong.octets)
    assert isinstance(found.message, CodecError)
    assert found.message.path != HEADER_PATH


@pytest.mark.parametrize("wrong", [*bad_headers(SOUND)], ids=lambda wrong: wrong.note)
def test_bad_headers_are_faults_of_the_header(wrong: Malformed) -> None:
    (found,) = V2gCodec().feed(wrong.octets)
    assert isinstance(found.message, CodecError)
    assert found.message.path == HEADER_PATH


@pytest.mark.parametrize("wrong", [*bad_lengths(SOUND)], ids=lambda wrong: wrong.note)
def test_bad_lengths_give_no_message(wrong: Malformed) -> None:
    assert all(isinstance(found.message, CodecError) for found in V2gCodec().feed(wrong.octets))


def test_random_bodies_repeat_with_their_seed() -> None:
    one, same, other = (list(random_bodies(random.Random(seed), 0x8002, 5)) for seed in (7, 7, 8))
    assert one == same != other
    assert all(each.octets.startswith(bytes.fromhex("01fe8002")) for each in one)
