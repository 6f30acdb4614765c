"""Evidence as it grows: a recorder for each case, and the run record put together from what the cases left behind.

Everything is on disk before the next case begins. A case in flight has a record from its first moment, saying that it
did not end; so a crash loses at most that case, and `assemble` needs nothing but the folder.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from harness.errors import BenchError, UsageError
from harness.evidence.bundle import CAPTURE, CASE, DESCRIPTION, MESSAGES, SAMPLES, Bundle
from harness.evidence.conclude import conclude, findings_of, judge_rules
from harness.evidence.json import line_json, message_json, read_case, read_run, record_text
from harness.evidence.pcapng import pcapng
from harness.evidence.record import CaseRecord, NotRun, RequirementRecord, RuleRecord, RunRecord
from harness.evidence.redact import redact, redact_prose, redact_text, redact_yaml
from harness.link.capture import Capture
from harness.link.observation import Event, Observation, Sample
from harness.link.trace import Timeline
from harness.verdict.declare import CaseDeclaration
from harness.verdict.requirements import is_known, requirement
from harness.verdict.verdict import Finding, Verdict

IN_FLIGHT = "the run ended while this case was in flight"

NOT_REACHED = "not reached"


def case_record(declaration: CaseDeclaration, started: datetime) -> CaseRecord:
    """The record of a case that is about to begin; its outcome is filled in with `dataclasses.replace`."""
    return CaseRecord(
        id=declaration.id,
        role=declaration.role,
        purpose=declaration.purpose,
        text=declaration.text,
        covers=declaration.covers,
        pics="" if declaration.pics is None else str(declaration.pics),
        detects=declaration.detects,
        verdict=Verdict.NONE,
        started=_utc(started),
        elapsed=0.0,
    )


def not_run(declaration: CaseDeclaration, why: str, reason: str) -> NotRun:
    """A case that is not run, or (``not reached``) that is planned and has not begun yet."""
    return NotRun(declaration.id, declaration.purpose, declaration.covers, why, reason)


class CaseRecorder:
    """Writes down one case: every observation of its timeline as it is made, and at the end its outcome.

    The zero of all times in the evidence is the moment of construction.
    """

    def __init__(self, bundle: Bundle, record: CaseRecord, timeline: Timeline) -> None:
        self.folder = bundle.new_case_folder(record.id)
        self._evidence = self.folder.relative_to(bundle.folder).as_posix()
        self._clock = timeline.clock
        self._zero = self._clock.now()
        self._lines: dict[str, TextIO] = {}
        self._broken: OSError | None = None
        self._ended = False
        in_flight = replace(record, verdict=Verdict.ERROR, error=IN_FLIGHT, evidence=self._evidence)
        _write(self.folder / CASE, record_text(in_flight))
        for seen in timeline.observations:
            self._note(seen)
        timeline.listen(self._note)

    def close(self, outcome: CaseRecord, capture: Capture | None = None) -> CaseRecord:
        """Write capture and outcome; returns the record as written, with its times counted from the case's start.

        Raises `BenchError` when the evidence could not be written.
        """
        self._ended = True
        for lines in self._lines.values():
            lines.close()
        if capture is not None and capture.segments:
            octets = pcapng(capture, self._clock.wall(self._zero), self._zero, comment=outcome.id)
            _write_octets(self.folder / CAPTURE, octets)
        if self._broken is not None:
            raise _cannot_write(self.folder, self._broken)
        record = replace(
            outcome,
            evidence=self._evidence,
            error=redact_prose(outcome.error),
            findings=self._findings(outcome.findings),
            rule_findings=self._findings(outcome.rule_findings),
        )
        _write(self.folder / CASE, record_text(record))
        return record

    def _findings(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        return tuple(
            replace(
                found,
                at=None if found.at is None else self._since_start(found.at),
                expected=redact_prose(found.expected),
                actual=redact_prose(found.actual),
                advice=redact_prose(found.advice),
            )
            for found in findings
        )

    def _since_start(self, at: float) -> float:
        return round(at - self._zero, 6)

    def _note(self, seen: Observation) -> None:
        """Called by the timeline, hence raises nothing; what went wrong is said when the case closes."""
        if self._ended or self._broken is not None:
            return
        try:
            self._append(MESSAGES, self._line(seen))
            if isinstance(seen.message, Sample):
                self._append(SAMPLES, self._sample(seen, seen.message))
        except OSError as error:
            self._broken = error

    def _append(self, name: str, line: dict[str, Any]) -> None:
        if name not in self._lines:  # line by line on disk: what a crash leaves behind is whole up to the last line
            self._lines[name] = (self.folder / name).open("a", encoding="utf-8", buffering=1)
        self._lines[name].write(line_json(line) + "\n")

    def _line(self, seen: Observation) -> dict[str, Any]:
        event = isinstance(seen.message, Event)
        return {
            "number": seen.number,
            "at": self._since_start(seen.at),
            "first_at": None if seen.first_at is None else self._since_start(seen.first_at),
            "wall": _utc(self._clock.wall(seen.at)),
            "link": seen.link,
            "connection": seen.connection,
            "sender": seen.sender,
            "kind": "event" if event else "message",
            "name": seen.name,
            "says": message_json(str(seen.message)) if event else "",
            "altered_by": seen.altered_by,
            "facts": message_json(seen.facts),
            "message": message_json(seen.message),
            "octets": seen.octets.hex(),
        }

    def _sample(self, seen: Observation, sample: Sample) -> dict[str, Any]:
        stamp = {"number": seen.number, "at": self._since_start(seen.at), "wall": _utc(self._clock.wall(seen.at))}
        return {**stamp, "link": seen.link, **message_json(sample)}


def write_case(bundle: Bundle, record: CaseRecord) -> CaseRecord:
    """Write down a case that could not begin, of which there is nothing but its record; returns it as written."""
    folder = bundle.new_case_folder(record.id)
    evidence = folder.relative_to(bundle.folder).as_posix()
    written = replace(record, evidence=evidence, error=redact_prose(record.error))
    _write(folder / CASE, record_text(written))
    return written


def begin_run(bundle: Bundle, run: RunRecord, description: str) -> None:
    """Write what is known before the first case: the run record, incomplete, and the description without secrets."""
    _write(bundle.description, redact_yaml(description))
    safe = replace(
        run,
        complete=False,
        command=redact_text(run.command),
        device=redact(run.device),
        environment=redact(run.environment),
        options=redact(run.options),
        description=DESCRIPTION,
    )
    _write(bundle.run, record_text(safe))


def plan_run(bundle: Bundle, not_run: Sequence[NotRun]) -> None:
    """Add to a run that has begun which cases there are, once they are found.

    The planned ones stand as ``not reached``; `assemble` drops those that began.
    """
    _write(bundle.run, record_text(replace(read_run(bundle.run), not_run=tuple(not_run))))


def assemble(
    bundle: Bundle,
    *,
    ended: datetime | None = None,
    bench_errors: Sequence[str] | None = None,
    complete: bool = False,
    ended_early: str = "",
) -> RunRecord:
    """Put the run record together from the cases' records, conclude, write it, and return it.

    Needs only the folder, so it serves the end of a run and the morning after a crash alike. `bench_errors` replaces the
    list of what broke, where the run knows better than its beginning did; `ended_early` says why it did.
    """
    begun = read_run(bundle.run)
    cases, damaged = _read_cases(bundle)
    rules = judge_rules(begun.rules, cases)
    left = _still_not_run(begun.not_run, cases)
    complete = complete and not any(each.why == NOT_REACHED for each in left)
    broke = (*(begun.bench_errors if bench_errors is None else map(redact_prose, bench_errors)), *damaged)
    end = ended or _latest(begun, cases)
    early = redact_prose(ended_early)
    conclusion = conclude(
        cases, rules, bench_errors=broke, complete=complete, ended_early=early, strict_field=begun.strict_field
    )
    run = replace(
        begun,
        ended=_utc(end),
        elapsed=round((end - datetime.fromisoformat(begun.started)).total_seconds(), 3),
        verdict=conclusion.verdict,
        sentence=conclusion.sentence,
        exit_code=conclusion.exit_code,
        cases=cases,
        rules=rules,
        not_run=left,
        bench_errors=tuple(dict.fromkeys(broke)),
        complete=complete,
        ended_early=early,
    )
    run = replace(run, requirements=_requirements(run))
    _write(bundle.run, record_text(run))
    return run


def _read_cases(bundle: Bundle) -> tuple[tuple[CaseRecord, ...], list[str]]:
    """The records of all cases, by id, and what is wrong with those that cannot be read."""
    cases, damaged = [], []
    for path in bundle.case_records():
        try:
            cases.append(read_case(path))
        except UsageError as error:
            damaged.append(str(error).replace(f"{bundle.folder}/", ""))
    return tuple(sorted(cases, key=lambda case: (case.id, case.evidence))), damaged


def _still_not_run(listed: Sequence[NotRun], cases: Sequence[CaseRecord]) -> tuple[NotRun, ...]:
    begun = {case.id for case in cases}
    left = [each for each in listed if each.why != NOT_REACHED or each.id not in begun]
    return tuple(sorted(left, key=lambda each: each.id))


def _requirements(run: RunRecord) -> dict[str, RequirementRecord]:
    """What the record cites, as far as the catalogue knows it; the record must not need the catalogue later."""
    records: list[CaseRecord | RuleRecord] = [*run.cases, *run.rules]
    cited = {id for each in (*records, *run.not_run) for id in each.covers}
    cited |= {found.requirement for record in records for found in findings_of(record)} | {*run.untested}
    known = ((id, requirement(id)) for id in sorted(cited) if is_known(id))
    return {id: RequirementRecord(it.text, it.source, it.edition, it.certainty.value, it.untested) for id, it in known}


def _latest(begun: RunRecord, cases: Sequence[CaseRecord]) -> datetime:
    """The last moment that anything is known of."""
    ends = [datetime.fromisoformat(case.started) + timedelta(seconds=case.elapsed) for case in cases]
    return max([datetime.fromisoformat(begun.started), *ends])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _write(path: Path, text: str) -> None:
    _write_octets(path, text.encode("utf-8"))


def _write_octets(path: Path, octets: bytes) -> None:
    """Whole or not at all: a crash in the middle leaves the former file."""
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_bytes(octets)
        os.replace(draft, path)
    except OSError as error:
        raise _cannot_write(path.parent, error) from error


def _cannot_write(folder: Path, error: OSError) -> BenchError:
    return BenchError(
        f"cannot write evidence to {folder}: {error.strerror or error}; free space or choose another --out"
    )
