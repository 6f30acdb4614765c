"""JUnit XML, as continuous integration reads it: what is not shown to be right is never green."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from harness.evidence.conclude import counted_verdict, findings_of
from harness.evidence.record import CaseRecord, RuleRecord, RunRecord
from harness.report.words import finding_text, topic_of
from harness.verdict.verdict import Finding, Verdict

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OUTCOMES = {Verdict.FAIL: "failure", Verdict.INCONC: "error", Verdict.ERROR: "error"}


@dataclass(frozen=True, slots=True)
class _Case:
    """One ``testcase``; `outcome` is the child element's name, empty for a pass."""

    group: str
    name: str
    seconds: float = 0.0
    outcome: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""


def junit_xml(run: RunRecord, bundle: str) -> str:
    """The file's text. `bundle` is the name of the report bundle."""
    root = ElementTree.Element("testsuites", name="v2x-harness")
    properties = _properties(run, bundle)
    cases = [*(_case(case, run) for case in run.cases), *_not_run(run)]
    suites = {"run": _run_itself(run), "cases": cases, "rules": [_rule(rule, run) for rule in run.rules]}
    for name, members in suites.items():
        if members:
            root.append(_suite(f"v2x-harness {name}", members, run, properties))
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _properties(run: RunRecord, bundle: str) -> list[tuple[str, str]]:
    device = [(f"device.{name}", str(value)) for name, value in run.device.items() if value not in (None, "")]
    return [
        *device,
        ("harness", run.harness),
        ("bundle", bundle),
        ("verdict", str(run.verdict)),
        ("sentence", run.sentence),
    ]


def _suite(
    name: str, members: Sequence[_Case], run: RunRecord, properties: Iterable[tuple[str, str]]
) -> ElementTree.Element:
    counts = {kind: sum(each.outcome == kind for each in members) for kind in ("failure", "error", "skipped")}
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(members)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(each.seconds for each in members):.3f}",
        timestamp=run.started[:19],
    )
    listed = ElementTree.SubElement(suite, "properties")
    for key, value in properties:
        ElementTree.SubElement(listed, "property", name=_clean(key), value=_clean(value))
    for each in members:
        _add(suite, each)
    return suite


def _add(suite: ElementTree.Element, case: _Case) -> None:
    element = ElementTree.SubElement(
        suite, "testcase", classname=_clean(case.group), name=_clean(case.name), time=f"{case.seconds:.3f}"
    )
    if not case.outcome:
        return
    attributes = {"message": _clean(case.message)} | ({"type": case.kind} if case.kind else {})
    ElementTree.SubElement(element, case.outcome, attributes).text = _clean(case.text) or None


def _case(case: CaseRecord, run: RunRecord) -> _Case:
    group = f"{case.role}.{topic_of(case.id).replace(' ', '_')}"
    return _judged(group, case.id, case.elapsed, case, run, case.error)


def _rule(rule: RuleRecord, run: RunRecord) -> _Case:
    if counted_verdict(rule, strict_field=run.strict_field) is Verdict.NONE:
        return _Case("rules", rule.id, outcome="skipped", message="not exercised: no traffic of this run showed it")
    return _judged("rules", rule.id, 0.0, rule, run, "")


def _judged(
    group: str, name: str, seconds: float, record: CaseRecord | RuleRecord, run: RunRecord, error: str
) -> _Case:
    verdict = counted_verdict(record, strict_field=run.strict_field)
    if verdict is Verdict.PASS:
        return _Case(group, name, seconds)
    if verdict is Verdict.NONE:
        return _Case(group, name, seconds, "skipped", "", "nothing was judged")
    findings = sorted(findings_of(record), key=lambda found: found.verdict, reverse=True)
    return _Case(
        group,
        name,
        seconds,
        _OUTCOMES[verdict],
        {Verdict.INCONC: "inconclusive", Verdict.ERROR: "error", Verdict.FAIL: "nonconformity"}[verdict],
        error or _headline(findings) or str(verdict),
        "\n".join(filter(None, [error, *map(finding_text, findings)])),
    )


def _headline(findings: Sequence[Finding]) -> str:
    return str(findings[0]) if findings else ""


def _not_run(run: RunRecord) -> list[_Case]:
    return [
        _Case(
            f"{each.id.split('_')[1].lower() if '_' in each.id else 'cases'}.{topic_of(each.id).replace(' ', '_')}",
            each.id,
            outcome="skipped",
            message=f"{each.why}: {each.reason}" if each.reason else each.why,
        )
        for each in run.not_run
    ]


def _run_itself(run: RunRecord) -> list[_Case]:
    """What spoils a run as a whole must not look green either."""
    broken = [_Case("run", "bench", 0.0, "error", "bench", each, each) for each in run.bench_errors]
    if not run.complete:
        broken.append(_Case("run", "completion", 0.0, "error", "incomplete", "the run ended early"))
    if all(case.verdict is Verdict.NONE for case in run.cases):
        broken.append(_Case("run", "cases", 0.0, "error", "inconclusive", "no case was run"))
    return broken


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
