"""SDP: how the EV finds the SECC before it connects."""

from typing import Any

from harness.v2g.readings import announced_endpoint, announced_port, kind
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    SdpRequest,
    SdpResponse,
    Security,
    Stage,
    equals,
    inside,
    test_case,
)

ANSWER_TIME = 1.25
"""Seconds after which a missing SDP answer counts as none (laboratory practice)."""

MALFORMED = (
    ("payload of one octet", "01fe9000 00000001 00"),
    ("payload of three octets", "01fe9000 00000003 000000"),
    ("length above the datagram", "01fe9000 0000ffff 0000"),
    ("V2GTP version 2", "02fd9000 00000002 0000"),
    ("wrong inverse version", "01019000 00000002 0000"),
    ("reserved security 0x01", "01fe9000 00000002 0100"),
    ("reserved transport 0x20", "01fe9000 00000002 0020"),
    ("payload type of an SDP response", "01fe9001 00000002 0000"),
    ("no V2GTP header", "53445021"),
)


def requested(stage: Stage) -> SdpRequest:
    """The request an ordinary EV sends to this SECC."""
    return SdpRequest(stage.evcc.access.security)


@test_case(
    "TC_SECC_Sdp_001",
    covers=("V2G20:sdp-answer", "V2G20:sdp-port-range", "V2G20:sdp-response-layout", "FIELD-SDP-ONCE"),
    pics=SECC.SDP,
    detects=("secc-sdp-answers-once", "secc-sdp-wrong-port", "secc-sdp-malformed"),
    lasts=2.0,
)
async def test_every_sdp_request_is_answered(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC answers each SDP request, also repeated ones, with the endpoint at which it listens.

    Given   an EV that has found its SECC by SDP
    when    it sends the same well-formed request three times more
    then    each is answered with the same address and a port of 49152 to 65535, and a connection there stands
    """
    probe = await stage.sdp_probe()
    await probe.find(requested(stage))
    answers = [await probe.ask(requested(stage), within=ANSWER_TIME) for _ in range(3)]

    advice = "Answer every well-formed request by unicast: an answer may get lost, and the EV asks up to 50 times."
    check.every(answers, kind, equals("SdpResponse"), advice=advice)
    said = [seen for seen in answers if isinstance(seen.message, SdpResponse)]
    check.every(said, announced_port, inside(49152, 65535), requirement="V2G20:sdp-port-range")
    check.every(said, announced_endpoint, equals(said and announced_endpoint(said[0])), advice=advice)
    connected = await evcc.connect()
    check.that(connected, kind, equals("Connected"), advice="Announce a port only while something listens there.")


@test_case(
    "TC_SECC_Sdp_002",
    covers="V2G20:sdp-malformed",
    pics=SECC.SDP,
    detects="secc-sdp-answers-anything",
    lasts=4.0,
)
async def test_malformed_sdp_requests_are_ignored(stage: Stage, check: Check) -> None:
    """SECC ignores malformed SDP requests and answers the next good one.

    Given   an EV that has found its SECC by SDP
    when    it sends datagrams with wrong headers, lengths and reserved values, then a good request
    then    only the good request is answered
    """
    probe = await stage.sdp_probe()
    await probe.find(requested(stage))
    for note, octets in MALFORMED:
        seen = await probe.ask_octets(bytes.fromhex(octets), note, within=0.3)
        check.that(
            seen,
            named(f"after a datagram with {note}"),
            equals("Silence"),
            advice="Check header, length and values before answering, drop the rest.",
        )

    good = await probe.ask(requested(stage), within=ANSWER_TIME)
    advice = "A malformed datagram must not stop the SDP server."
    check.that(good, kind, equals("SdpResponse"), requirement="V2G20:sdp-answer", advice=advice)


@test_case(
    "TC_SECC_Sdp_003",
    covers=("V2G20:sdp-security-byte", "FIELD-SDP-ECHO"),
    pics=SECC.SDP,
    detects=("secc-sdp-echoes-security",),
    lasts=2.0,
)
async def test_sdp_says_truly_what_the_port_speaks(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC announces in SDP what its port really speaks, whatever the EV asked for.

    Given   an EV that has found its SECC by SDP
    when    it asks once for TLS and once for a connection without
    then    where an answer comes, a connection of the announced kind stands at the announced port
    """
    probe = await stage.sdp_probe()
    await probe.find(requested(stage))
    for security in Security:
        await evcc.rest()
        found = await probe.ask(SdpRequest(security), within=ANSWER_TIME)
        if not isinstance(found.message, SdpResponse):
            continue
        there = stage.access_announced_by(found)
        speaks_tls = found.message.security == Security.TLS
        seen = await evcc.connect(there) if speaks_tls else await evcc.negotiate(there)
        await evcc.close()
        check.that(
            seen,
            named(f"at the endpoint announced to an EV that asked for {security.name}"),
            equals("Connected" if speaks_tls else "supportedAppProtocolRes"),
            advice="Do not echo the request's security octet: send that of the listener behind the port.",
        )


def named(what: str) -> Any:
    """What was seen, by name, under a heading that a report can show."""

    def reading(seen: Any) -> str:
        return kind(seen)

    reading.__name__ = f"what is seen {what}"
    return reading
