"""The one record of a run: what every report is written from, and can be written from again a year later.

Plain data that survives a round trip through JSON. Times: wall times are ISO 8601 UTC strings, instants are seconds
on the case's clock, whose zero is the case's start. Powers in W, energies in Wh, + = import, - = export.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.verdict.check import Checked
from harness.verdict.verdict import Finding, Verdict

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case as done. `evidence` is the folder below the bundle that holds its messages, capture and samples.

    `rule_findings` are what the passive rules found in its traffic, `rules_checked` how many values each looked at;
    they count for the rule, not for the case. `error` explains a verdict ERROR.
    """

    id: str
    role: str
    purpose: str
    text: str
    covers: tuple[str, ...]
    pics: str
    detects: tuple[str, ...]
    verdict: Verdict
    started: str
    elapsed: float
    findings: tuple[Finding, ...] = ()
    checks: tuple[Checked, ...] = ()
    rule_findings: tuple[Finding, ...] = ()
    rules_checked: dict[str, int] = field(default_factory=dict)
    evidence: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """One rule over the whole run: `checked` values in `cases` cases; NONE when nothing exercised it."""

    id: str
    purpose: str
    text: str
    covers: tuple[str, ...]
    verdict: Verdict
    checked: int
    cases: int
    findings: tuple[tuple[str, Finding], ...] = ()
    """(id of the case in whose traffic it was seen, finding)"""


@dataclass(frozen=True, slots=True)
class NotRun:
    """A case that was not run.

    `why` is ``not applicable`` (PICS), ``not testable`` (bench), ``left out`` (selection), or ``not reached`` (it was
    planned, and the run ended before).
    """

    id: str
    purpose: str
    covers: tuple[str, ...]
    why: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequirementRecord:
    """What the catalogue said of a requirement when the run was made, in our own words; `untested`: why nothing judges it."""

    text: str
    source: str
    edition: str
    certainty: str
    untested: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything a report says.

    `device` is the description's section of that name, `description` the file name of the description as used;
    `complete` is False while the run goes and after one that ended early; `ended_early` says why, where that is known. `strict_field`: findings on the field axis
    count against the verdict. `requirements` holds every id that the record cites and the catalogue knows; `untested` the ids
    that the roles under test owe and that no case or rule of the harness judges.
    """

    version: int
    harness: str
    command: str
    started: str
    ended: str
    elapsed: float
    verdict: Verdict
    sentence: str
    exit_code: int
    device: dict[str, Any]
    description: str
    environment: dict[str, str]
    options: dict[str, Any]
    cases: tuple[CaseRecord, ...] = ()
    rules: tuple[RuleRecord, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    bench_errors: tuple[str, ...] = ()
    complete: bool = True
    ended_early: str = ""
    strict_field: bool = False
    untested: tuple[str, ...] = ()
    requirements: dict[str, RequirementRecord] = field(default_factory=dict)
