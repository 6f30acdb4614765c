"""Rules about how the SECC is found and secured."""

from __future__ import annotations

from harness.link.observation import Connected
from harness.link.trace import Trace
from harness.messages.app_protocol import supportedAppProtocolRes
from harness.rules.context import RuleContext
from harness.v2g.sdp import DYNAMIC_PORTS, SdpFault, SdpRequest, SdpResponse, Security, TransportProtocol
from harness.v2g.sequence import failed
from harness.verdict.check import Check
from harness.verdict.declare import rule
from harness.verdict.verdict import Axis


@rule(
    "RULE_SDP_001",
    role="secc",
    link="sdp",
    covers=("V2G20:sdp-response-layout", "V2G20:sdp-port-range"),
    detects=("secc-sdp-wrong-port", "secc-sdp-malformed"),
    exercised_by="TC_SECC_Session_001",
)
def sdp_answers_are_sound(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers SDP with a sound response: a port from 49152 to 65535, and TCP."""
    for seen in trace.link("sdp").sent_by("secc"):
        if isinstance(seen.message, SdpFault):
            check.holds(
                False,
                expected="an SDP response of 28 octets",
                actual=seen.message.reason,
                seen=seen,
                advice=_SDP_ADVICE,
            )
        elif isinstance(seen.message, SdpResponse):
            check.holds(
                seen.message.port in DYNAMIC_PORTS and seen.message.transport == TransportProtocol.TCP,
                expected="TCP on a port from 49152 to 65535",
                actual=f"port {seen.message.port}, transport 0x{seen.message.transport:02X}",
                seen=seen,
                advice=_SDP_ADVICE,
            )


_SDP_ADVICE = "Listen on a dynamic port and announce exactly that one."


@rule(
    "RULE_SDP_002",
    role="secc",
    link="sdp",
    covers=("V2G20:sdp-security-byte", "FIELD-SDP-ECHO"),
    detects="secc-sdp-answers-without-tls",
    exercised_by="TC_SECC_Session_001",
    axis=Axis.FIELD,
)
def sdp_gives_the_security_asked_for(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC announces an endpoint with TLS to an EV that asked for TLS."""
    wanted: int | None = None
    for seen in trace.link("sdp"):
        if isinstance(seen.message, SdpRequest):
            wanted = seen.message.security
        elif isinstance(seen.message, SdpResponse) and wanted == Security.TLS:
            check.holds(
                seen.message.security == wanted,
                expected="security 0x00 (TLS) as asked for",
                actual=f"0x{seen.message.security:02X}",
                seen=seen,
                axis=Axis.FIELD,
                advice="EVs that need TLS give up on such an answer; listen with TLS and say so.",
            )


@rule(
    "RULE_TLS_001",
    role="secc",
    link="v2g",
    covers=("[V2G20-1805]", "[V2G20-2356]"),
    detects=("secc-accepts-tls12", "secc-serves-20-without-tls"),
    exercised_by=("TC_SECC_Session_001", "TC_SECC_Tls_001", "TC_SECC_Tls_005"),
)
def edition_20_runs_on_tls13(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC selects ISO 15118-20 only on TLS 1.3."""
    if context.description.roles.secc is None or context.description.roles.secc.tls_profile is None:
        return  # described as a bench set-up without TLS: said once by the description, not held against each session
    security = {seen.connection: seen.message.security for seen in trace.of(Connected)}
    for seen in trace.link("v2g").of(supportedAppProtocolRes):
        if not failed(seen.message):
            spoken = security.get(seen.connection, "")
            check.holds(
                spoken == "TLSv1.3",
                expected="ISO 15118-20 negotiated on TLSv1.3 only",
                actual=spoken or "plain TCP",
                seen=seen,
                advice="Answer Failed_NoNegotiation to a -20 entry on anything but TLS 1.3.",
            )
