"""Rules about meter readings in messages."""

from __future__ import annotations

from harness.link.trace import Trace
from harness.messages import dc
from harness.rules.context import RuleContext
from harness.rules.secc.judged import judge_kinds
from harness.v2g.violation import Kind
from harness.verdict.check import Check
from harness.verdict.declare import rule


@rule(
    "RULE_Metering_001",
    role="secc",
    link="v2g",
    covers=("[V2G20-902]", "[V2G20-1082]", "[V2G20-1833]"),
    detects=("secc-meter-runs-backwards", "secc-omits-meter-info"),
    exercised_by="TC_SECC_Metering_001",
)
def readings_are_there_and_monotone(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC sends MeterInfo when it has to, and its counters never fall within a session."""
    judge_kinds(
        trace,
        check,
        Kind.METERING,
        of=(dc.DC_ChargeLoopRes,),
        advice="Count import and export in two counters that only rise; send them when the EV asks.",
    )
