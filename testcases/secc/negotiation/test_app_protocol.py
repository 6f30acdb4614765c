"""The handshake before the session: which of the EV's protocols the SECC takes, and how it says so."""

from typing import Any

from harness.messages.app_protocol import AppProtocolType, supportedAppProtocolReq, supportedAppProtocolRes
from harness.messages.common_messages import SessionSetupReq
from harness.v2g.readings import chosen_schema
from harness.vocabulary import SECC, Axis, Check, Evcc, answer, equals, no_service, response_of, test_case

DC_NAMESPACE = "urn:iso:std:iso:15118:-20:DC"
MADE_UP = "urn:v2x-harness:protocol:nobody-speaks"
NEVER_NEGOTIATED = "urn:iso:std:iso:15118:-20:CommonMessages"

SUCCESS, DEVIATION, FAILURE = (
    "OK_SuccessfulNegotiation",
    "OK_SuccessfulNegotiationWithMinorDeviation",
    "Failed_NoNegotiation",
)


def entry(namespace: str, schema_id: int, priority: int, major: int = 1, minor: int = 0) -> AppProtocolType:
    """One offer of the EV."""
    return AppProtocolType(
        ProtocolNamespace=namespace,
        VersionNumberMajor=major,
        VersionNumberMinor=minor,
        SchemaID=schema_id,
        Priority=priority,
    )


async def offered(evcc: Evcc, *entries: AppProtocolType) -> Any:
    """What the SECC answers to these offers on a new connection."""
    evcc.policy = evcc.policy.replace(protocols=entries)
    return await evcc.negotiate()


@test_case(
    "TC_SECC_Negotiation_001",
    covers=("[V2G20-169]", "V2G20:sap-schema-id"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-takes-first-protocol", "secc-constant-schema-id"),
)
async def test_priority_of_the_ev_decides(evcc: Evcc, check: Check) -> None:
    """SECC takes the entry that the EV ranks highest, whatever the order of the array.

    Given   a connection
    when    the EV offers ISO 15118-20 DC twice, first with SchemaID 7 and priority 2, then with 200 and priority 1
    then    the SECC answers OK_SuccessfulNegotiation and SchemaID 200
    """
    seen = await offered(evcc, entry(DC_NAMESPACE, 7, priority=2), entry(DC_NAMESPACE, 200, priority=1))

    advice = "Sort the supported entries by Priority (1 is the highest) and send the SchemaID of the first one back."
    check.that(seen, answer, response_of(supportedAppProtocolReq, SUCCESS), advice=advice)
    check.that(seen, chosen_schema, equals(200), advice=advice)


@test_case(
    "TC_SECC_Negotiation_002",
    covers=("[V2G20-169]", "V2G20:sap-served-only", "V2G20:sap-schema-id"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-constant-schema-id",
)
async def test_unknown_protocols_beside_a_known_one_do_no_harm(evcc: Evcc, check: Check) -> None:
    """SECC passes over protocols that it does not know, even where the EV ranks them higher.

    Given   a connection
    when    the EV offers an unknown namespace with priority 1 and -20 DC with priority 20 and SchemaID 0
    then    the SECC answers OK_SuccessfulNegotiation and SchemaID 0
    """
    seen = await offered(evcc, entry(MADE_UP, 255, priority=1), entry(DC_NAMESPACE, 0, priority=20))

    advice = "Leave entries out whose namespace is not served; SchemaID is the EV's own number and 0 is one of them."
    check.that(seen, answer, response_of(supportedAppProtocolReq, SUCCESS), advice=advice)
    check.that(seen, chosen_schema, equals(0), advice=advice)


@test_case(
    "TC_SECC_Negotiation_003",
    covers="V2G20:sap-version",
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-never-deviates", "secc-refuses-minor-versions"),
)
async def test_other_minor_version_is_a_minor_deviation(evcc: Evcc, check: Check) -> None:
    """SECC takes -20 DC with another minor version as a minor deviation, and serves the session.

    Given   a connection
    when    the EV offers -20 DC in version 1.9 alone
    then    the SECC answers OK_SuccessfulNegotiationWithMinorDeviation with its SchemaID, and sets the session up
    """
    seen = await offered(evcc, entry(DC_NAMESPACE, 42, priority=1, minor=9))

    advice = "Only the major version decides about compatibility; tell the EV that the minor one differs."
    check.that(seen, answer, response_of(supportedAppProtocolReq, DEVIATION), advice=advice)
    check.that(seen, chosen_schema, equals(42), advice=advice)
    setup = await evcc.ask(evcc.request(SessionSetupReq))
    check.that(setup.outcome, answer, response_of(SessionSetupReq), advice="A minor deviation is a success: go on.")


@test_case(
    "TC_SECC_Negotiation_004",
    covers=("V2G20:sap-version", "V2G20:sap-no-common-protocol", "V2G20:sap-schema-id"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-ignores-major-version", "secc-names-schema-on-failure"),
)
async def test_other_major_version_is_no_common_protocol(evcc: Evcc, check: Check) -> None:
    """SECC does not take -20 DC with another major version.

    Given   a connection
    when    the EV offers -20 DC in version 2.0 alone
    then    the SECC answers Failed_NoNegotiation without a SchemaID
    """
    seen = await offered(evcc, entry(DC_NAMESPACE, 1, priority=1, major=2))

    judge_refusal(check, seen, advice="Compare VersionNumberMajor as well as the namespace.")


@test_case(
    "TC_SECC_Negotiation_005",
    covers=("V2G20:sap-no-common-protocol", "V2G20:sap-schema-id", "V2G20:sap-after-failure"),
    detects=("secc-takes-unknown-protocols", "secc-names-schema-on-failure"),
)
async def test_without_a_common_protocol_there_is_no_session(evcc: Evcc, check: Check) -> None:
    """SECC refuses an EV whose protocols it does not serve, and serves nothing afterwards.

    Given   a connection
    when    the EV offers a namespace that nobody speaks, and the namespace of the common messages, which is none
    then    the SECC answers Failed_NoNegotiation without a SchemaID, and does not answer a SessionSetupReq
    """
    seen = await offered(evcc, entry(MADE_UP, 1, priority=1), entry(NEVER_NEGOTIATED, 2, priority=2))

    judge_refusal(check, seen, advice="Only namespaces of energy transfer modes can be selected, and only served ones.")
    later = await evcc.ask(evcc.request(SessionSetupReq), within=0.5)
    check.that(
        later.outcome,
        answer,
        no_service("after Failed_NoNegotiation").because("V2G20:sap-after-failure", confirmed=False),
        requirement="V2G20:sap-after-failure",
        advice="After Failed_NoNegotiation only the close of the connection is left.",
    )


@test_case(
    "TC_SECC_Negotiation_006",
    covers=("V2G20:sap-entries", "[V2G20-169]"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-reads-five-protocols", "secc-constant-schema-id"),
)
async def test_twenty_entries_are_read(evcc: Evcc, check: Check) -> None:
    """SECC reads as many entries as the schema allows.

    Given   a connection
    when    the EV offers 20 protocols, of which only the last, with priority 20, is -20 DC
    then    the SECC answers OK_SuccessfulNegotiation with its SchemaID
    """
    others = [entry(f"{MADE_UP}:{number}", number, priority=number) for number in range(1, 20)]
    seen = await offered(evcc, *others, entry(DC_NAMESPACE, 120, priority=20))

    advice = "The schema allows 20 entries; common codecs keep 5 only. Raise the limit of the generated codec."
    check.that(seen, answer, response_of(supportedAppProtocolReq, SUCCESS), advice=advice)
    check.that(seen, chosen_schema, equals(120), advice=advice)


def judge_refusal(check: Check, seen: Any, advice: str) -> None:
    """Failed_NoNegotiation, and no SchemaID with it."""
    check.that(seen, answer, response_of(supportedAppProtocolReq, FAILURE), advice=advice)
    if isinstance(seen.message, supportedAppProtocolRes) and seen.message.ResponseCode.value == FAILURE:
        check.holds(
            chosen_schema(seen) is None,
            expected="no SchemaID with Failed_NoNegotiation",
            actual=f"SchemaID {chosen_schema(seen)}",
            seen=seen,
            requirement="V2G20:sap-schema-id",
            axis=Axis.FIELD,
            advice="The schema lets it pass. Leave SchemaID out: an EV may take it for the entry that was selected.",
        )
