"""Rules about octets: V2GTP headers, streams, and EXI that decodes."""

from __future__ import annotations

from harness.actor.v2g_codec import stream_of
from harness.link.observation import Flooded, Observation, Undecodable
from harness.link.trace import Trace
from harness.messages import common_messages as cm
from harness.quantity import EXPONENTS
from harness.rules.context import RuleContext
from harness.rules.walk import rational_numbers
from harness.v2g.v2gtp import MAIN_STREAM, PayloadType, name_of
from harness.verdict.check import Check
from harness.verdict.declare import rule
from harness.verdict.limits import satisfies
from harness.verdict.verdict import Axis

_HEADER = "V2GTP header"
_BESIDE: dict[int, tuple[type, ...]] = {
    PayloadType.SCHEDULE_RENEGOTIATION: (cm.ScheduleExchangeRes,),
    PayloadType.METERING_CONFIRMATION: (cm.MeteringConfirmationRes,),
    PayloadType.PARKING_STATUS: (cm.VehicleCheckInRes, cm.VehicleCheckOutRes),
}
"""What may also travel in a side stream; which of the two an exchange uses is read differently."""


def _from_secc(trace: Trace) -> Trace:
    return trace.link("v2g").sent_by("secc")


@rule(
    "RULE_V2GTP_001",
    role="secc",
    link="v2g",
    covers="V2G20:v2gtp-header",
    detects=("secc-wrong-v2gtp-version", "secc-floods"),
    exercised_by="TC_SECC_Session_001",
)
def header_is_sound(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC sends V2GTP headers with version 0x01 0xFE, a payload type in use, and a sane length."""

    def header(seen: Observation) -> str | None:
        if isinstance(seen.message, Flooded):
            return str(seen.message)
        if isinstance(seen.message, Undecodable):
            return seen.message.reason if seen.message.path == _HEADER else "sound"
        return "sound" if seen.facts else None

    check.every(
        _from_secc(trace),
        header,
        satisfies("version 0x01 0xFE and a payload type in use", lambda said: said == "sound"),
        advice="Look at how the SECC writes the eight octets in front of each message.",
    )


@rule(
    "RULE_V2GTP_002",
    role="secc",
    link="v2g",
    covers="V2G20:v2gtp-payload-type",
    detects="secc-wrong-payload-type",
    exercised_by="TC_SECC_Session_001",
)
def response_is_in_its_stream(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC sends each message with the payload type of its schema."""
    for seen in _from_secc(trace).messages:
        stream = stream_of(seen.message)
        sent_in = int(seen.facts.get("payload_type", 0))
        fits = sent_in == MAIN_STREAM[stream] or isinstance(seen.message, _BESIDE.get(sent_in, ()))
        check.holds(
            fits,
            expected=f"{seen.name} with payload type {name_of(MAIN_STREAM[stream])}",
            actual=name_of(sent_in),
            seen=seen,
            advice="Take the payload type from the schema that encodes the message; EVs choose their decoder by it.",
        )


@rule(
    "RULE_EXI_001",
    role="secc",
    link="v2g",
    covers=("V2G20:exi-schema", "V2G20:exi-profile"),
    detects=("secc-truncated-exi", "secc-empty-service-list", "secc-wrong-length"),
    exercised_by="TC_SECC_Session_001",
)
def payload_decodes(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC sends EXI that decodes with the final (2022) schema set and keeps its facets."""
    for seen in _from_secc(trace):
        if isinstance(seen.message, Undecodable) and seen.message.path != _HEADER:
            place = f"{seen.message.path} @ bit {seen.message.bit}" if seen.message.path else f"bit {seen.message.bit}"
            check.holds(
                False,
                expected="a payload that decodes",
                actual=f"{seen.message.reason} at {place}",
                seen=seen,
                advice="Compare the octets bit by bit with the schema; an older draft of the schemas has other codes.",
            )
        elif seen.facts:
            check.holds(True, expected="a payload that decodes", actual="", seen=seen)


@rule(
    "RULE_EXI_002",
    role="secc",
    link="v2g",
    covers="FIELD-RATIONAL-EXPONENT",
    detects="secc-odd-exponents",
    exercised_by="TC_SECC_Session_001",
    axis=Axis.FIELD,
)
def exponents_are_usual(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC uses exponents from -3 to 3, which is all that many EVs understand."""
    for seen in _from_secc(trace).messages:
        for path, pair in rational_numbers(seen.message):
            check.holds(
                pair.Exponent in EXPONENTS,
                expected=f"{path} with an exponent from {EXPONENTS[0]} to {EXPONENTS[-1]}",
                actual=str(pair.Exponent),
                seen=seen,
                axis=Axis.FIELD,
                advice="Rewrite the value with an exponent in that range.",
            )
