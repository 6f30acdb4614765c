"""Authorisation from outside (EIM): its pace, its refusal, and what was not offered."""

from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationRes,
    CertificateInstallationReq,
    PnC_AReqAuthorizationModeType,
    authorizationType,
)
from harness.messages.common_types import processingType
from harness.v2g.readings import processing
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    at_most,
    equals,
    minimal,
    response_of,
    response_time_in,
    satisfies,
    test_case,
)

POLLED_ANSWER = 1.5
"""Seconds within which each AuthorizationReq is answered, whatever the user does."""


@test_case(
    "TC_SECC_Authorization_001",
    covers=("V2G20:timing-polled-response", "[V2G20-1500]"),
    pics=SECC.EIM,
    detects=("secc-blocks-on-authorization", "secc-never-authorises"),
)
async def test_authorization_is_polled_and_comes_to_an_end(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC answers each AuthorizationReq at once while the user is identified, and then says Finished.

    Given   a session in which authorization is due
    when    the EV polls with AuthorizationReq, and the user is authorised after the first
    then    every response comes within 1.5 s, and the last says OK and Finished within the maker's authorisation time
    """
    await evcc.reach(AuthorizationReq)
    last = await evcc.seek_authorization(within=secc.pixit.authorisation_time)

    check.that(last.outcome, answer, response_of(AuthorizationReq, "OK"), advice="The user was authorised: say OK.")
    check.that(
        last.outcome,
        processing,
        equals(processingType.Finished).because("pixit.secc.authorisation_time"),
        advice="The user is known by now; see pixit.secc.authorisation_time and bench.trigger.actions.authorise.",
    )
    check.every(
        evcc.trace.of(AuthorizationRes),
        response_time_in(evcc.trace),
        at_most(POLLED_ANSWER, "s", tolerance=secc.pixit.transmission_delay),
        requirement="V2G20:timing-polled-response",
        advice="Answer Ongoing while the back end or the user is waited for; do not hold the response back.",
    )


@test_case(
    "TC_SECC_Authorization_002",
    covers=("[V2G20-2209]", "[V2G20-2226]", "V2G20:warning-keeps-session"),
    pics=SECC.EIM & ~SECC.PNC,
    detects=("secc-accepts-unoffered-authorization", "secc-fails-unoffered-authorization"),
)
async def test_authorization_that_was_not_offered_is_declined(evcc: Evcc, check: Check) -> None:
    """SECC declines Plug and Charge where it offers only EIM, and keeps the session.

    Given   a session with an SECC that offers EIM only, in which authorization is due
    when    the EV asks for authorisation by PnC, and then by EIM
    then    the first is answered WARNING_AuthorizationSelectionInvalid, and the second is served
    """
    await evcc.reach(AuthorizationReq)
    contract = minimal(PnC_AReqAuthorizationModeType, Id="ID1", GenChallenge=bytes(16))
    chosen = {"SelectedAuthorizationService": authorizationType.PnC, "PnC_AReqAuthorizationMode": contract}
    asked = await evcc.ask(evcc.request(AuthorizationReq, EIM_AReqAuthorizationMode=None, **chosen))

    advice = "Compare SelectedAuthorizationService with what AuthorizationSetupRes offered; warn, and let the EV choose anew."
    declined = response_of(AuthorizationReq, "WARNING_AuthorizationSelectionInvalid")
    check.that(asked.outcome, answer, declined, advice=advice)
    again = await evcc.ask(evcc.request(AuthorizationReq))
    check.that(
        again.outcome, answer, response_of(AuthorizationReq), requirement="V2G20:warning-keeps-session", advice=advice
    )


@test_case(
    "TC_SECC_Authorization_003",
    covers=("[V2G20-2219]", "[V2G20-2230]", "FIELD-EIM-ENDLESS-ONGOING"),
    pics=SECC.EIM,
    needs="reject_authorisation",
    detects=("secc-ongoing-with-warning", "secc-ongoing-after-refusal"),
)
async def test_refused_user_may_try_again(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC says that the user was refused, and lets the EV ask again.

    Given   a session in which authorization is due
    when    the user is refused, and the EV polls until the SECC has decided
    then    the decision is Finished with WARNING_EIMAuthorizationFailure, and another AuthorizationReq is answered
    """
    await evcc.reach(AuthorizationReq)
    await secc.reject_authorisation()
    decided = (await evcc.try_poll(AuthorizationReq, within=secc.pixit.authorisation_time))[-1]

    advice = (
        "A decided refusal is Finished with WARNING_EIMAuthorizationFailure; Ongoing keeps the EV waiting for nothing."
    )
    check.that(decided.outcome, answer, response_of(AuthorizationReq, "WARNING_EIMAuthorizationFailure"), advice=advice)
    check.that(decided.outcome, processing, equals(processingType.Finished), advice=advice)
    again = await evcc.ask(evcc.request(AuthorizationReq))
    taken = response_of(AuthorizationReq, "OK", "WARNING_EIMAuthorizationFailure")
    check.that(again.outcome, answer, taken, requirement="[V2G20-2230]", advice="A warning does not end the session.")


@test_case(
    "TC_SECC_Authorization_004",
    covers="V2G20:certificate-installation-announced",
    pics=~SECC.CERTIFICATE_INSTALLATION,
    detects="secc-installs-unannounced",
)
async def test_certificate_installation_that_was_not_announced_is_declined(evcc: Evcc, check: Check) -> None:
    """SECC declines CertificateInstallationReq where it does not announce that service.

    Given   a session with an SECC that does not install certificates, in which authorization is due
    when    the EV sends CertificateInstallationReq
    then    the SECC answers with FAILED or a WARNING, or ends the connection; it does not say OK, and it does not hang
    """
    await evcc.reach(AuthorizationReq)
    header = evcc.request(AuthorizationReq).Header
    asked = await evcc.ask(minimal(CertificateInstallationReq, Header=header))

    check.that(
        asked.outcome,
        answer,
        satisfies(
            "CertificateInstallationRes with FAILED_SequenceError or WARNING_NoCertificateAvailable, any other failure or"
            " warning, or a close",
            lambda got: got.code.startswith(("FAILED", "WARNING")) or got.closed,
        ),
        advice="What AuthorizationSetupRes does not announce is refused, not served.",
    )
