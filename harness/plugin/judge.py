"""From what happened in a case to its record: the outcome of its checks, and what the passive rules saw."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.actor.stage import Stage
from harness.device.description import DeviceDescription
from harness.errors import BenchError, Inconclusive, NotTestable
from harness.evidence.record import CaseRecord
from harness.rules.context import RuleContext
from harness.verdict.check import Check
from harness.verdict.declare import RuleDeclaration, rules
from harness.verdict.verdict import Finding, Verdict

_MOST = 20
"""Findings of one rule in one case that a reader can be asked to look at."""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What the rules found in one case, and how many values each of them looked at."""

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    error: str = ""


def apply_rules(stage: Stage, role: str) -> RuleOutcome:
    """Let every rule for the role look at the whole trace. A rule that breaks is an error of the harness."""
    findings: list[Finding] = []
    checked: dict[str, int] = {}
    broken: list[str] = []
    context, trace = RuleContext(stage.description, stage.clock.wall), stage.timeline.trace
    for rule in applied_rules(stage.description, role):
        check = Check(rule.id, rule.covers[0], passive=True)
        try:
            rule.judge(trace, check, context)
        except Exception:
            broken.append(f"{rule.id} broke:\n{traceback.format_exc()}")
            continue
        findings += [
            replace(found, axis=rule.axis) if rule.axis is not found.axis else found
            for found in _condensed(check.findings)
        ]
        if looked := sum(done.values for done in check.done):
            checked[rule.id] = looked
    return RuleOutcome(tuple(findings), checked, "\n".join(broken))


def applied_rules(description: DeviceDescription, role: str) -> tuple[RuleDeclaration, ...]:
    """Those for the role of the case; at a charger with both sides those for either, for both are seen in every case."""
    return (*rules("secc"), *rules("station")) if description.roles.joined else rules(role)


def _condensed(findings: Sequence[Finding]) -> list[Finding]:
    """Each finding once, with how often it was made in this case; of a flood of different ones the worst and first."""
    alike = Counter(replace(found, frame=None, at=None) for found in findings)
    first = {replace(found, frame=None, at=None): found for found in reversed(findings)}
    kept = [_counted(first[plain], more - 1) for plain, more in alike.items()]
    if len(kept) <= _MOST:
        return kept
    kept.sort(key=lambda found: found.weight, reverse=True)
    return [*kept[: _MOST - 1], _counted(kept[_MOST - 1], len(kept) - _MOST)]


def _counted(found: Finding, more: int) -> Finding:
    return replace(found, actual=f"{found.actual}, and {more} more") if more else found


def _excused(findings: Sequence[Finding], late: str) -> Iterator[Finding]:
    """What was found while the tester's own EV was too slow to hold its session shows nothing of the SUT."""
    for found in findings:
        yield replace(found, verdict=Verdict.INCONC, actual=f"{found.actual}; but {late}")


def _verdict(check: Check, broken: bool, unexercised: bool, *, late: bool) -> Verdict:
    if broken:
        return Verdict.ERROR
    if unexercised:
        return Verdict.NONE
    return Verdict.INCONC if late else check.verdict


def concluded(
    begun: CaseRecord, stage: Stage, check: Check, raised: BaseException | None, seconds: float
) -> CaseRecord:
    """The record of a case that ended: by itself, or with what it raised."""
    error = ""
    unexercised = isinstance(raised, NotTestable) and all(found.weight <= Verdict.PASS for found in check.findings)
    if unexercised:
        check.unexercised("what the case builds on", str(raised))
    elif isinstance(raised, Inconclusive):
        check.inconclusive("the purpose of the case to be reached", str(raised))
    elif isinstance(raised, BenchError):
        error = f"the bench broke: {raised}"
    elif raised is not None:
        error = "".join(traceback.format_exception(raised))
    if stage.meter is not None and stage.meter.failure is not None:
        error = error or f"the bench broke: {stage.meter.failure}"
    findings = tuple(_excused(check.findings, stage.late)) if stage.late else tuple(check.findings)
    ruled = apply_rules(stage, begun.role)
    error = error or ruled.error
    return replace(
        begun,
        verdict=_verdict(check, bool(error), unexercised, late=bool(findings and stage.late)),
        elapsed=round(seconds, 3),
        findings=findings,
        checks=tuple(check.done),
        rule_findings=ruled.findings,
        rules_checked=ruled.checked,
        error=error,
    )
