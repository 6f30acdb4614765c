"""Allure results: one file for each case, rule and case that was not run, with checks as steps and evidence attached."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import attr
from allure_commons.model2 import Attachment, Label, Parameter, Status, StatusDetails, TestResult, TestStepResult

from harness.evidence.bundle import CAPTURE, MESSAGES, SAMPLES
from harness.evidence.conclude import counted_verdict, findings_of
from harness.evidence.reading import read_frames
from harness.evidence.record import CaseRecord, NotRun, RuleRecord, RunRecord
from harness.report.curve import case_curve
from harness.report.words import VERDICTS, finding_text, role_name, topic_of
from harness.verdict.check import Checked
from harness.verdict.verdict import Verdict

STATUSES = {
    Verdict.PASS: Status.PASSED,
    Verdict.FAIL: Status.FAILED,
    Verdict.INCONC: Status.UNKNOWN,
    Verdict.ERROR: Status.BROKEN,
    Verdict.NONE: Status.SKIPPED,
}
"""Inconclusive is neither the device's fault nor the bench's, and never green: Allure's word for it is *unknown*."""

_ATTACHED = {MESSAGES: ("messages", "application/x-ndjson"), CAPTURE: ("capture", "application/vnd.tcpdump.pcap"),
             SAMPLES: ("meter samples", "application/x-ndjson")}  # fmt: skip


def write_allure(run: RunRecord, folder: Path, out: Path) -> None:
    """Write the results of the bundle in `folder` to `out`, an existing empty folder."""
    for case in run.cases:
        result = case_result(case, run, folder.name)
        result.attachments = list(_attach(case, folder / case.evidence, out, result.uuid))
        _write(result, out)
    for rule in run.rules:
        _write(rule_result(rule, run, folder.name), out)
    for each in run.not_run:
        _write(skipped_result(each, run, folder.name), out)
    lines = [f"{name}={value}" for name, value in _environment(run)]
    (out / "environment.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")


def case_result(case: CaseRecord, run: RunRecord, bundle: str) -> TestResult:
    """A case without its attachments."""
    result = _result(case.id, case.purpose, case.text, case.covers, run, f"{bundle}/{case.evidence}")
    result.labels += _labels(epic=role_name(case.role), feature=f"{role_name(case.role)} / {topic_of(case.id)}")
    result.start = _milliseconds(case.started)
    result.stop = result.start + round(case.elapsed * 1000)
    result.steps = [_step(check) for check in case.checks]
    return _concluded(result, case, run, case.error)


def rule_result(rule: RuleRecord, run: RunRecord, bundle: str) -> TestResult:
    """A rule over the whole run."""
    result = _result(rule.id, rule.purpose, rule.text, rule.covers, run, bundle)
    result.labels += _labels(epic="rules", feature=f"rules / {topic_of('RULE_' + rule.id)}")
    result.parameters = [
        Parameter(name="values", value=str(rule.checked)),
        Parameter(name="cases", value=str(rule.cases)),
    ]
    return _concluded(result, rule, run, "")


def skipped_result(each: NotRun, run: RunRecord, bundle: str) -> TestResult:
    """A case that was not run."""
    result = _result(each.id, each.purpose, each.purpose, each.covers, run, bundle)
    role = role_name(each.id.split("_")[1].lower()) if "_" in each.id else "cases"
    result.labels += _labels(epic=role, feature=f"{role} / {topic_of(each.id)}")
    result.status = Status.SKIPPED
    result.statusDetails = StatusDetails(message=f"{each.why}: {each.reason}" if each.reason else each.why)
    return result


def _result(id: str, purpose: str, text: str, covers: Iterable[str], run: RunRecord, place: str) -> TestResult:
    began = _milliseconds(run.started)
    return TestResult(
        uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place}/{id}")),
        historyId=str(uuid.uuid5(uuid.NAMESPACE_URL, id)),
        testCaseId=id,
        fullName=id,
        name=f"{id}: {purpose}",
        description=text,
        stage="finished",
        start=began,
        stop=began,
        labels=[
            *_labels(suite="v2x-harness", framework="v2x-harness", language="python"),
            *(Label(name=name, value=each) for each in covers for name in ("requirement", "tag")),
        ],
    )


def _concluded(result: TestResult, record: CaseRecord | RuleRecord, run: RunRecord, error: str) -> TestResult:
    verdict = counted_verdict(record, strict_field=run.strict_field)
    result.status = STATUSES[verdict]
    findings = findings_of(record)
    if error or findings:
        first = error or str(max(findings, key=lambda found: found.verdict))
        trace = "\n\n".join(filter(None, [error, *map(finding_text, findings)]))
        result.statusDetails = StatusDetails(message=f"{VERDICTS[verdict]}: {first}", trace=trace)
    return result


def _step(check: Checked) -> TestStepResult:
    source = f" ({check.source}{'' if check.confirmed else ', not confirmed'})" if check.source else ""
    judged = Status.PASSED if check.values else Status.SKIPPED
    return TestStepResult(
        name=f"{check.what}: {check.limit}{source}",
        status=Status.FAILED if check.broken else judged,
        stage="finished",
        parameters=[
            Parameter(name="values", value=str(check.values)),
            Parameter(name="broken", value=str(check.broken)),
        ],
    )


def _labels(**values: str) -> list[Label]:
    return [Label(name=name, value=value) for name, value in values.items()]


def _attach(case: CaseRecord, evidence: Path, out: Path, key: str) -> Iterable[Attachment]:
    for name, (words, kind) in _ATTACHED.items():
        if (evidence / name).is_file():
            source = f"{key}-{words.replace(' ', '-')}-attachment{Path(name).suffix}"
            shutil.copyfile(evidence / name, out / source)
            yield Attachment(name=words, source=source, type=kind)
    curve = case_curve(case, read_frames(evidence), key="curve")
    if curve is not None:
        source = f"{key}-curve-attachment.svg"
        (out / source).write_text(curve, encoding="utf-8")
        yield Attachment(name="power curve", source=source, type="image/svg+xml")


def _environment(run: RunRecord) -> list[tuple[str, Any]]:
    plain = {
        **{f"device.{name}": value for name, value in run.device.items()},
        "harness": run.harness,
        **run.environment,
    }
    return [(name.replace(" ", "_"), str(value).replace("\n", " ")) for name, value in plain.items()]


def _milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)


def _write(result: TestResult, out: Path) -> None:
    data = attr.asdict(result, filter=lambda _, value: bool(value) or value is False)
    name = TestResult.file_pattern.format(prefix=result.uuid)
    (out / name).write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
