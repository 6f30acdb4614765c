"""What a run concludes: rules over all cases, the verdict, the sentence an auditor reads first, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.evidence.record import CaseRecord, RuleRecord
from harness.verdict.declare import RuleDeclaration
from harness.verdict.verdict import Axis, Finding, Verdict, worst

EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONC: 2, Verdict.ERROR: 4}
"""Exit code 3, wrong arguments or description, belongs to runs that never began."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict of a run, in one word, one sentence and one number."""

    verdict: Verdict
    sentence: str
    exit_code: int


def rule_records(declarations: Iterable[RuleDeclaration]) -> tuple[RuleRecord, ...]:
    """The records of rules that have seen nothing yet, by id."""
    blank = (RuleRecord(each.id, each.purpose, each.text, each.covers, Verdict.NONE, 0, 0) for each in declarations)
    return tuple(sorted(blank, key=lambda record: record.id))


def judge_rules(rules: Iterable[RuleRecord], cases: Sequence[CaseRecord]) -> tuple[RuleRecord, ...]:
    """What each rule saw over all cases. A rule that cases know and `rules` do not is kept, with its id as purpose."""
    known = {rule.id: rule for rule in rules}
    for case in cases:
        for id in (*case.rules_checked, *(finding.source for finding in case.rule_findings)):
            known.setdefault(id, RuleRecord(id, id, "", (), Verdict.NONE, 0, 0))
    return tuple(_judge_rule(rule, cases) for _, rule in sorted(known.items()))


def _judge_rule(rule: RuleRecord, cases: Sequence[CaseRecord]) -> RuleRecord:
    findings = tuple((case.id, found) for case in cases for found in case.rule_findings if found.source == rule.id)
    counts = [case.rules_checked.get(rule.id, 0) for case in cases]
    looked = Verdict.PASS if any(counts) else Verdict.NONE
    verdict = worst([looked, *(found.weight for _, found in findings)])
    involved = {number for number, count in enumerate(counts) if count}
    involved |= {n for n, case in enumerate(cases) if any(found.source == rule.id for found in case.rule_findings)}
    return replace(rule, verdict=verdict, checked=sum(counts), cases=len(involved), findings=findings)


def findings_of(record: CaseRecord | RuleRecord) -> tuple[Finding, ...]:
    """What a case or rule found itself."""
    return record.findings if isinstance(record, CaseRecord) else tuple(found for _, found in record.findings)


def field_failures(record: CaseRecord | RuleRecord) -> tuple[Finding, ...]:
    """What is legal or tolerated, yet will hurt."""
    found = findings_of(record)
    return tuple(each for each in found if each.axis is Axis.FIELD and each.verdict is Verdict.FAIL)


def counted_verdict(record: CaseRecord | RuleRecord, *, strict_field: bool) -> Verdict:
    """The verdict of a case or rule as it counts in its run."""
    field = field_failures(record) if strict_field else ()
    return worst([record.verdict, *(Verdict.INCONC if found.provisional else Verdict.FAIL for found in field)])


def conclude(
    cases: Sequence[CaseRecord],
    rules: Sequence[RuleRecord],
    *,
    bench_errors: Sequence[str] = (),
    complete: bool = True,
    ended_early: str = "",
    strict_field: bool = False,
) -> Conclusion:
    """The worst of everything. What did not run proves nothing: an empty or unfinished run is never conformant."""
    records: list[CaseRecord | RuleRecord] = [*cases, *rules]
    field = [found for record in records for found in field_failures(record)] if strict_field else []
    parts = [counted_verdict(record, strict_field=strict_field) for record in records]
    ran = any(case.verdict is not Verdict.NONE for case in cases)
    if bench_errors:
        parts.append(Verdict.ERROR)
    if not ran or not complete:
        parts.append(Verdict.INCONC)
    verdict = worst(parts)
    sentence = _sentence(verdict, cases, rules, bench_errors, field, ran)
    if not complete:
        sentence += (
            f" The run ended early{ended_early and f', for {ended_early}'}. What it did not reach is not judged."
        )
    return Conclusion(verdict, sentence, EXIT_CODES[verdict])


def _sentence(
    verdict: Verdict,
    cases: Sequence[CaseRecord],
    rules: Sequence[RuleRecord],
    bench_errors: Sequence[str],
    field: Sequence[Finding],
    ran: bool,
) -> str:
    if not ran and not bench_errors:
        return "Inconclusive: no case was run, so nothing is shown."
    if verdict is Verdict.PASS:
        judged = sum(case.verdict is not Verdict.NONE for case in cases)
        applies = "applies" if judged == 1 else "apply"
        return f"Conformant: {_all(judged)} that {applies} passed{_rules_kept(rules)}.{_unexercised(cases)}"
    said = [
        _bench(bench_errors),
        _count(cases, rules, Verdict.ERROR, "could not be carried out"),
        _count(cases, rules, Verdict.FAIL, "failed"),
        f"{_plural(len(field), 'field finding')} counted as failure" if field else "",
        _count(cases, rules, Verdict.INCONC, "stayed inconclusive"),
    ]
    passed = sum(case.verdict is Verdict.PASS for case in cases)
    said.append(f"{_plural(passed, 'case')} of {len(cases)} passed" if cases else "")
    return f"{_opening(verdict, cases, rules)}: {'; '.join(filter(None, said))}.{_unexercised(cases)}"


def _unexercised(cases: Sequence[CaseRecord]) -> str:
    """Cases that found nothing to judge, for the device lacks something optional; their findings say what."""
    count = sum(case.verdict is Verdict.NONE for case in cases)
    return f" {_plural(count, 'case')} had nothing to judge, for want of something optional." if count else ""


def _opening(verdict: Verdict, cases: Sequence[CaseRecord], rules: Sequence[RuleRecord]) -> str:
    if verdict is Verdict.FAIL:
        return "Not conformant"
    failed = Verdict.FAIL in {case.verdict for case in cases} | {rule.verdict for rule in rules}
    if verdict is Verdict.ERROR:
        return (
            "Not conformant, and the bench or harness broke" if failed else "No verdict, for the bench or harness broke"
        )
    return "Inconclusive, though nothing failed"


def _count(cases: Sequence[CaseRecord], rules: Sequence[RuleRecord], verdict: Verdict, what: str) -> str:
    of_cases, of_rules = (sum(each.verdict is verdict for each in records) for records in (cases, rules))
    broken = "was broken" if of_rules == 1 else "were broken"
    rule_words = broken if verdict is Verdict.FAIL else what
    said = []
    if of_cases:
        said.append(f"{_plural(of_cases, 'case')} {what}")
    if of_rules:
        said.append(f"{_plural(of_rules, 'rule')} {rule_words}")
    return " and ".join(said)


def _bench(bench_errors: Sequence[str]) -> str:
    more = f" (and {len(bench_errors) - 1} more)" if len(bench_errors) > 1 else ""
    return bench_errors[0].rstrip(". ") + more if bench_errors else ""


def _rules_kept(rules: Sequence[RuleRecord]) -> str:
    kept = sum(rule.verdict is Verdict.PASS for rule in rules)
    return f" and {_all(kept, 'rule')} that saw traffic {'was' if kept == 1 else 'were'} kept" if kept else ""


def _all(number: int, what: str = "case") -> str:
    return f"the one {what}" if number == 1 else f"all {number} {what}s"


def _plural(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
