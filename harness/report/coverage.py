"""Which requirements a run says something about, what it says, and why it says nothing about the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.evidence.conclude import findings_of
from harness.evidence.record import CaseRecord, NotRun, RuleRecord, RunRecord
from harness.verdict.verdict import Axis, Verdict

NOT_JUDGED = ("not applicable", "not tested")
STATUSES = ("failed", "error", "provisional", "inconclusive", "passed", *NOT_JUDGED)
"""From worst to what did not run; the worst of a requirement's cases and rules is its status."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One requirement: its `status`, `why` in words, and the ids of the cases and rules that cover it."""

    requirement: str
    status: str
    why: str
    sources: tuple[str, ...]


def coverage(run: RunRecord) -> tuple[Coverage, ...]:
    """Every requirement that a case or rule of the run covers, a conformance finding cites, or nothing can judge, sorted by id."""
    cases, rules = _by_requirement(run.cases), _by_requirement(run.rules)
    absent: dict[str, list[NotRun]] = defaultdict(list)
    for each in run.not_run:
        for requirement in each.covers:
            absent[requirement].append(each)
    judged = {*cases, *rules, *absent}
    found = [_covered(each, cases[each], rules[each], absent[each]) for each in judged]
    found += [_beyond_judging(each, run) for each in run.untested if each not in judged]
    return tuple(sorted(found, key=lambda each: each.requirement))


def _beyond_judging(requirement: str, run: RunRecord) -> Coverage:
    known = run.requirements.get(requirement)
    return Coverage(requirement, "not tested", "" if known is None else known.untested, ())


def _by_requirement(records: Iterable[CaseRecord | RuleRecord]) -> dict[str, list[CaseRecord | RuleRecord]]:
    sorted_in: dict[str, list[CaseRecord | RuleRecord]] = defaultdict(list)
    for record in records:
        found_in = (found for found in findings_of(record) if found.axis is Axis.CONFORMANCE)
        cited = (found.requirement for found in found_in if found.requirement)
        for requirement in dict.fromkeys((*record.covers, *cited)):
            sorted_in[requirement].append(record)
    return sorted_in


def _covered(
    requirement: str,
    cases: Sequence[CaseRecord | RuleRecord],
    rules: Sequence[CaseRecord | RuleRecord],
    absent: Sequence[NotRun],
) -> Coverage:
    judged = [(said, record.id) for record in (*cases, *rules) if (said := _said(requirement, record))]
    sources = dict.fromkeys([record.id for record in (*cases, *rules)] + [each.id for each in absent])
    if not judged:
        status, why = _not_judged(absent)
        return Coverage(requirement, status, why, tuple(sources))
    status = min((said for said, _ in judged), key=STATUSES.index)
    return Coverage(requirement, status, _why(status, judged, absent), tuple(sources))


def _said(requirement: str, record: CaseRecord | RuleRecord) -> str:
    """What one case or rule says about one requirement; nothing when it was not exercised."""
    cited = [found for found in findings_of(record) if found.requirement == requirement]
    counted = [found for found in cited if found.axis is Axis.CONFORMANCE and found.verdict > Verdict.PASS]
    if any(found.fails for found in counted):
        return "failed"
    if record.verdict is Verdict.ERROR:
        return "error"
    if any(found.provisional for found in counted):
        return "provisional"
    if counted:
        return "inconclusive"
    # a case that stopped at another requirement shows nothing about this one
    return {Verdict.PASS: "passed", Verdict.NONE: ""}.get(record.verdict, "inconclusive")


def _why(status: str, judged: Sequence[tuple[str, str]], absent: Sequence[NotRun]) -> str:
    if status == "passed":
        return f"{len(absent)} further case{'s' * (len(absent) != 1)} not run" if absent else ""
    ids = [id for said, id in judged if said == status]
    return f"in {', '.join(ids[:3])}" + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def _not_judged(absent: Sequence[NotRun]) -> tuple[str, str]:
    if not absent:
        return "not tested", "no traffic of this run exercised it"
    reasons = "; ".join(dict.fromkeys(f"{each.why}: {each.reason}" if each.reason else each.why for each in absent))
    only_claims = all(each.why == "not applicable" for each in absent)
    return ("not applicable" if only_claims else "not tested"), reasons
