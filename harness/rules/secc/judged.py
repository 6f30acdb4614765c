"""How rules that rest on the session's own findings turn them into theirs."""

from __future__ import annotations

from harness.link.trace import Trace
from harness.rules.replay import secc_violations, steps
from harness.v2g.sequence import is_response
from harness.v2g.timers import TRANSMISSION_MARGIN
from harness.v2g.violation import Kind
from harness.verdict.check import Check
from harness.verdict.verdict import Axis


def judge_kinds(
    trace: Trace,
    check: Check,
    *kinds: Kind,
    of: tuple[type, ...] = (),
    advice: str,
    axis: Axis = Axis.CONFORMANCE,
    margin: float = TRANSMISSION_MARGIN,
) -> None:
    """One claim for each response (of the types `of`, by default all): nothing of these kinds is wrong with it."""
    wrong = list(secc_violations(trace, *kinds, margin=margin))
    broken = {seen.number for seen, _ in wrong}
    for step in steps(trace, margin):
        relevant = is_response(step.seen.message) and (not of or isinstance(step.seen.message, of))
        if relevant and step.seen.number not in broken:
            check.holds(True, expected="", actual="")
    for seen, violation in wrong:
        check.holds(
            False,
            expected=violation.expected,
            actual=violation.actual,
            seen=seen,
            requirement=violation.requirement,
            advice=advice,
            axis=axis,
            confirmed=violation.confirmed,
        )
