"""Octets and messages that no sound EV sends: nothing of it is served, and the SECC is there for the next EV."""

from collections.abc import Iterable

from harness.messages import ac
from harness.messages.common_messages import (
    AuthorizationSetupReq,
    AuthorizationSetupRes,
    ServiceSelectionRes,
    SessionSetupReq,
    SessionSetupRes,
    SessionStopReq,
    chargingSessionType,
)
from harness.messages.dc import DC_CableCheckRes, DC_ChargeParameterDiscoveryReq
from harness.vocabulary import (
    SECC,
    Axis,
    Check,
    Evcc,
    Malformed,
    Stage,
    answer,
    beyond_enumeration,
    broken_exi,
    frame,
    in_sessions_of_their_own,
    minimal,
    next_session_works,
    no_service,
    random_bodies,
    string_table_hit,
    test_case,
)

QUIET = 0.5
"""Seconds in which an SECC that answers at all answers."""
RANDOM_FRAMES = 8
COMMON_MESSAGES, AC = 0x8002, 0x8003
ADVICE = "What cannot be decoded is nothing that could be served; end the session in an orderly way."


async def judge_frame(evcc: Evcc, check: Check, wrong: Malformed) -> None:
    """Send octets that must not be served."""
    sent = await evcc.ask_octets(wrong.octets, wrong.note, within=QUIET)
    check.that(sent.outcome, answer, no_service(f"to {wrong.note}"), advice=ADVICE)


@test_case(
    "TC_SECC_Exi_001",
    covers=("V2G20:exi-undecodable", "V2G20:ready-again"),
    detects="secc-answers-garbage",
)
async def test_broken_exi_is_not_served(evcc: Evcc, check: Check) -> None:
    """SECC does not serve EXI that cannot be decoded.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends it cut short, with a wrong EXI header, with the escape code in place of the message, and overrun
    then    none is answered as if it were sound, and the next session works each time
    """
    async for wrong in in_sessions_of_their_own(evcc, AuthorizationSetupReq, broken_exi):
        await judge_frame(evcc, check, wrong)
        await next_session_works(evcc, check, wrong.note)


@test_case(
    "TC_SECC_Exi_002",
    covers=("V2G20:exi-undecodable", "V2G20:exi-profile", "FIELD-STRING-TABLE-HIT"),
    detects="secc-answers-garbage",
)
async def test_values_outside_their_type_are_not_served(evcc: Evcc, check: Check) -> None:
    """SECC does not serve values that no type allows.

    Given   a session in which the EV may stop, and a connection on which session setup is due
    when    the EV sends SessionStopReq with the unused fourth code of ChargingSession, and SessionSetupReq with an EVCCID
            that is a hit in the empty string table
    then    neither is served, and the next session works
    """
    await evcc.reach(AuthorizationSetupReq)
    low, high = (
        evcc.encoded(evcc.request(SessionStopReq, ChargingSession=how))
        for how in (chargingSessionType.Terminate, chargingSessionType.ServiceRenegotiation)
    )
    await judge_frame(evcc, check, beyond_enumeration(low, high, "ChargingSession beyond its enumeration"))
    await next_session_works(evcc, check, "a value beyond its enumeration")

    await evcc.close()
    await evcc.reach(SessionSetupReq)
    sound = evcc.encoded(evcc.request(SessionSetupReq))
    await judge_frame(evcc, check, string_table_hit(sound, evcc.policy.evccid))
    await next_session_works(evcc, check, "a hit in an empty string table")


@test_case(
    "TC_SECC_Exi_003",
    covers=("V2G20:exi-undecodable", "V2G20:ready-again"),
    detects="secc-answers-garbage",
)
async def test_random_exi_is_not_served(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC survives random EXI.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends frames with a sound header around random octets, as the seed of the run draws them
    then    none is served, and the next session works
    """

    def drawn(_: bytes) -> Iterable[Malformed]:
        return frames

    frames = list(random_bodies(stage.random, COMMON_MESSAGES, RANDOM_FRAMES))
    async for wrong in in_sessions_of_their_own(evcc, AuthorizationSetupReq, drawn):
        await judge_frame(evcc, check, wrong)
    await next_session_works(evcc, check, "random EXI")


@test_case(
    "TC_SECC_Exi_004",
    covers="V2G20:v2gtp-length",
    detects="secc-answers-garbage",
    axis=Axis.FIELD,
)
async def test_octets_after_the_message_are_noticed(evcc: Evcc, check: Check) -> None:
    """SECC notices octets that follow the message within its frame.

    Given   a session in which AuthorizationSetupReq is due
    when    the EV sends it with four more octets in the frame than the message has
    then    the frame is not served; most codecs do not look, so this is a remark on the field axis
    """
    await evcc.reach(AuthorizationSetupReq)
    body = evcc.encoded(evcc.request(AuthorizationSetupReq))[8:]
    sent = await evcc.ask_octets(frame(COMMON_MESSAGES, body + b"\xde\xad\xbe\xef"), "trailing octets", within=QUIET)
    check.that(
        sent.outcome,
        answer,
        no_service("to a message with octets behind it"),
        axis=Axis.FIELD,
        advice="A length that does not match its message is a sign of a broken peer, or of something hidden.",
    )
    await next_session_works(evcc, check, "trailing octets")


@test_case(
    "TC_SECC_Messages_001",
    covers=("[V2G20-459]", "V2G20:ready-again"),
    detects="secc-answers-garbage",
)
async def test_responses_are_no_requests(evcc: Evcc, check: Check) -> None:
    """SECC does not serve responses that an EV sends.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends AuthorizationSetupRes, SessionSetupRes, ServiceSelectionRes and DC_CableCheckRes
    then    none is answered as a request, and the next session works
    """
    for kind in (AuthorizationSetupRes, SessionSetupRes, ServiceSelectionRes, DC_CableCheckRes):
        await evcc.close()
        await evcc.reach(AuthorizationSetupReq)
        response = minimal(kind, Header=evcc.request(AuthorizationSetupReq).Header)
        await judge_frame(evcc, check, Malformed(f"{kind.__name__} sent by the EV", evcc.encoded(response)))
    await next_session_works(evcc, check, "responses sent by an EV")


@test_case(
    "TC_SECC_Messages_002",
    covers=("V2G20:sap-selection-honoured", "[V2G20-459]", "V2G20:v2gtp-payload-type"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-takes-ac-for-dc",
)
async def test_messages_of_another_mode_are_not_served(evcc: Evcc, check: Check) -> None:
    """SECC does not serve AC messages in a DC session, nor DC messages under the payload type of AC.

    Given   DC sessions in which charge parameter discovery is due
    when    the EV sends AC_ChargeParameterDiscoveryReq, and in another session its DC request under payload type AC
    then    neither is served, and the next session works
    """
    await evcc.reach(DC_ChargeParameterDiscoveryReq)
    header = evcc.request(DC_ChargeParameterDiscoveryReq).Header
    member = minimal(ac.AC_CPDReqEnergyTransferMode)
    request = minimal(ac.AC_ChargeParameterDiscoveryReq, Header=header, AC_CPDReqEnergyTransferMode=member)
    asked = await evcc.ask(request, within=1.0)
    check.that(asked.outcome, answer, no_service("to an AC message in a DC session"), advice=ADVICE)

    await evcc.close()
    await evcc.reach(DC_ChargeParameterDiscoveryReq)
    body = evcc.encoded(evcc.request(DC_ChargeParameterDiscoveryReq))[8:]
    await judge_frame(evcc, check, Malformed("a DC message under the payload type of AC", frame(AC, body)))
    await next_session_works(evcc, check, "messages of another mode")
