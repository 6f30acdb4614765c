"""TLS: -20 is spoken over TLS 1.3 with both sides authenticated, or not at all."""

from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_messages import SessionSetupReq
from harness.vocabulary import SECC, Check, Evcc, Stage, answer, no_negotiation, response_of, test_case

FLAWS = {
    "expired": "a vehicle certificate that has expired",
    "not_yet_valid": "a vehicle certificate that is not valid yet",
    "ca_leaf": "the certificate of an authority in place of a vehicle's",
    "missing_sub_ca": "a chain that does not reach a root",
}
ONLY_BY_PROFILE = {"ca_leaf"}
"""What TLS itself lets pass, so that only the certificate profile forbids it."""


async def met_soundly(evcc: Evcc) -> Evcc:
    """The EV after a sound connection on which -20 was negotiated: only then a refusal is about what comes next."""
    await evcc.reach(SessionSetupReq)
    await evcc.close()
    return evcc


@test_case(
    "TC_SECC_Tls_001",
    covers=("[V2G20-1805]", "[V2G20-2356]", "[V2G20-1235]"),
    pics=SECC.TLS,
    detects="secc-accepts-tls12",
)
async def test_20_is_not_spoken_over_tls_12(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC does not negotiate -20 over TLS 1.2.

    Given   an SECC that has just negotiated -20 with a sound EV, and an EV that speaks TLS 1.2 at most
    when    it connects and offers -20 DC
    then    the handshake is refused, or the answer is Failed_NoNegotiation
    """
    old = evcc.access.over(stage.pki.tls12_profile(stage.tls_kind))
    seen = await (await met_soundly(evcc)).negotiate(old)

    advice = "Serve TLS 1.2 only for ISO 15118-2, and filter the -20 namespaces out on such a connection."
    check.that(seen, answer, no_negotiation("over TLS 1.2"), advice=advice)


@test_case(
    "TC_SECC_Tls_002",
    covers=("[V2G20-1264]", "[V2G20-2400]"),
    pics=SECC.TLS,
    detects="secc-asks-no-certificate",
)
async def test_ev_without_a_certificate_is_refused(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC refuses an EV that presents no certificate.

    Given   an SECC that has just negotiated with a sound EV, and one that speaks TLS 1.3 without a certificate of its own
    when    it connects and offers -20 DC
    then    the handshake is refused, or the connection ends before anything is negotiated
    """
    anonymous = evcc.access.over(stage.pki.without_certificate(stage.tls_kind))
    seen = await (await met_soundly(evcc)).negotiate(anonymous)

    advice = "Always send CertificateRequest, and end the handshake with certificate_required where nothing comes back."
    check.that(seen, answer, no_negotiation("without a client certificate"), advice=advice)


@test_case(
    "TC_SECC_Tls_003",
    covers=("[V2G20-1264]", "[V2G20-2327]"),
    pics=SECC.TLS,
    detects="secc-accepts-any-chain",
)
async def test_chain_of_a_foreign_root_is_refused(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC refuses a vehicle certificate whose root it does not hold.

    Given   an SECC that has just negotiated with a sound EV, and one whose chain ends in a root of the same name with
            another key
    when    it connects and offers -20 DC
    then    the handshake is refused, or the connection ends before anything is negotiated
    """
    foreign = stage.pki.evcc_profile(stage.tls_kind, chain="vehicle_wrong_root")
    seen = await (await met_soundly(evcc)).negotiate(evcc.access.over(foreign))

    advice = "Follow the chain by signature to a root that is installed; names prove nothing."
    check.that(seen, answer, no_negotiation("to the chain of a foreign root"), advice=advice)


@test_case(
    "TC_SECC_Tls_004",
    covers=("[V2G20-1264]", "[V2G20-2327]"),
    pics=SECC.TLS,
    detects="secc-accepts-any-chain",
)
async def test_flawed_vehicle_certificates_are_refused(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC refuses vehicle certificates that are no longer, not yet, or not at all for this use, and serves a sound one.

    Given   EVs under the right root
    when    each presents one flawed chain: expired, not yet valid, an authority's own certificate, without the sub-CA
    then    each is refused before anything is negotiated, and a sound EV is served afterwards
    """
    for flaw, what in FLAWS.items():
        chain = stage.pki.evcc_profile(stage.tls_kind, chain=f"vehicle_{flaw}")
        seen = await evcc.negotiate(evcc.access.over(chain))
        await evcc.close()
        advice = "Check the whole chain: validity, basic constraints, key usage, and every signature up to the root."
        refused = no_negotiation(f"to {what}").because("certificate profiles", confirmed=flaw not in ONLY_BY_PROFILE)
        check.that(seen, answer, refused, advice=advice)

    sound = response_of(supportedAppProtocolReq, when="for a sound EV after the flawed ones")
    check.that(await evcc.negotiate(), answer, sound, requirement="V2G20:ready-again")


@test_case(
    "TC_SECC_Tls_005",
    covers=("[V2G20-1805]", "[V2G20-2356]"),
    pics=SECC.TLS,
    detects="secc-serves-20-without-tls",
)
async def test_20_is_not_spoken_without_tls(evcc: Evcc, check: Check) -> None:
    """SECC does not negotiate -20 on a plain TCP connection.

    Given   an EV without TLS, which discovers the SECC as such where SDP is used
    when    it connects and offers -20 DC
    then    there is no connection, or it ends, or the answer is Failed_NoNegotiation; a sound EV is served afterwards
    """
    seen = await evcc.negotiate(evcc.access.over(None))

    advice = "Without TLS only older protocols may be negotiated; filter the -20 namespaces out on such a connection."
    check.that(seen, answer, no_negotiation("on plain TCP"), advice=advice)
    await evcc.close()
    await met_soundly(evcc)
