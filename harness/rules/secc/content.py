"""Rules about what responses say: negotiation, services, variants, limits, schedules."""

from __future__ import annotations

from harness.link.trace import Trace
from harness.messages import app_protocol as ap
from harness.messages import common_messages as cm
from harness.messages import dc
from harness.rules.context import RuleContext
from harness.rules.secc.judged import judge_kinds
from harness.v2g.violation import Kind
from harness.verdict.check import Check
from harness.verdict.declare import rule


@rule(
    "RULE_Negotiation_001",
    role="secc",
    link="v2g",
    covers="[V2G20-169]",
    detects=("secc-constant-schema-id", "secc-ignores-major-version"),
    exercised_by=("TC_SECC_Negotiation_001", "TC_SECC_Negotiation_004"),
)
def negotiation_is_consistent(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers the negotiation with the SchemaID of an entry it can serve, and the code for its version."""
    judge_kinds(
        trace,
        check,
        Kind.PROTOCOL,
        of=(ap.supportedAppProtocolRes,),
        advice="Echo the SchemaID of the entry that was chosen; compare major versions before choosing.",
    )


@rule(
    "RULE_Authorization_001",
    role="secc",
    link="v2g",
    covers="[V2G20-2230]",
    detects="secc-ongoing-with-warning",
    exercised_by="TC_SECC_Authorization_003",
)
def decided_authorisation_is_finished(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC says Finished, not Ongoing, when it has decided against an authorisation."""
    judge_kinds(
        trace,
        check,
        Kind.AUTHORIZATION,
        of=(cm.AuthorizationRes,),
        advice="Send EVSEProcessing Finished together with the warning; Ongoing was the way of ISO 15118-2.",
    )


@rule(
    "RULE_Service_001",
    role="secc",
    link="v2g",
    covers=("[V2G20-2656]", "[V2G20-2663]"),
    detects=("secc-offers-only-dynamic", "secc-offers-scheduled-mobility-2"),
    exercised_by="TC_SECC_Session_001",
)
def service_offer_is_consistent(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC offers energy services with parameter sets for both control modes, each id once."""
    judge_kinds(
        trace,
        check,
        Kind.SERVICE,
        of=(cm.ServiceDiscoveryRes, cm.ServiceDetailRes),
        advice="Offer at least one Scheduled and one Dynamic parameter set for each energy service.",
    )


@rule(
    "RULE_Variant_001",
    role="secc",
    link="v2g",
    covers="[V2G20-1600]",
    detects="secc-answers-non-bpt",
    exercised_by="TC_SECC_Session_001",
)
def variant_equals_that_of_the_request(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers in the service variant and control mode of the request."""
    judge_kinds(
        trace,
        check,
        Kind.VARIANT,
        of=(dc.DC_ChargeParameterDiscoveryRes, cm.ScheduleExchangeRes, dc.DC_ChargeLoopRes),
        advice="Choose the response element from the selected service and parameter set.",
    )


@rule(
    "RULE_Limits_001",
    role="secc",
    link="v2g",
    covers=("[V2G20-2654]", "[V2G20-2655]"),
    detects=("secc-raises-limits-in-loop", "secc-contradictory-limits", "secc-changes-discharge-sign"),
    exercised_by=("TC_SECC_Session_001", "TC_SECC_Dynamic_002"),
)
def limits_are_consistent(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC announces consistent limits and stays within those of charge parameter discovery in the loop."""
    judge_kinds(
        trace,
        check,
        Kind.LIMITS,
        of=(dc.DC_ChargeParameterDiscoveryRes, dc.DC_ChargeLoopRes),
        advice="Lower a maximum in the loop when less is available; never raise it above what was announced before.",
    )


@rule(
    "RULE_Schedule_001",
    role="secc",
    link="v2g",
    covers=("[V2G20-1058]", "[V2G20-1640]"),
    detects="secc-too-many-schedule-entries",
    exercised_by="TC_SECC_Schedule_001",
)
def schedules_keep_the_bounds_of_the_ev(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC offers schedules with distinct ids and no more entries than the EV supports."""
    judge_kinds(
        trace,
        check,
        Kind.SCHEDULE,
        Kind.ENERGY,
        of=(cm.ScheduleExchangeRes,),
        advice="Merge schedule entries until they fit into the EV's MaximumSupportingPoints.",
    )
